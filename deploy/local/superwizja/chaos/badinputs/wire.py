"""Sends bytes that may be no HTTP and reads what is answered; aiohttp would not let them out."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import httptools

from superwizja.chaos.badinputs.request import Request

WITHIN = 30.0
"""Seconds in which an answer must be there."""


@dataclass
class Answer:
    """What came back: status 0 where the connection ended without an answer, -1 where none came in time."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class _Parsed:
    """Collects one answer for httptools."""

    def __init__(self, head_only: bool) -> None:
        self.answer = Answer()
        self.head_only = head_only
        self.parser = httptools.HttpResponseParser(self)
        self.done = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self.answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The status is known; an answer to HEAD ends here."""
        self.answer.status = self.parser.get_status_code()
        self.done = self.head_only and self.answer.status >= 200

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self.answer.body += body

    def on_message_complete(self) -> None:
        """An interim answer is followed by the real one."""
        self.done = self.done or self.answer.status >= 200


class Wire:
    """One connection at a time to the gateway, opened again when it was closed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def close(self) -> None:
        """Close the connection."""
        if self.writer is not None:
            self.writer.close()
            with suppress(OSError):
                await self.writer.wait_closed()
        self.reader = self.writer = None

    async def ask(self, request: Request) -> Answer:
        """Send a request and read its answer. A connection that was closed while idle is opened again, once."""
        fresh = self.writer is None
        answer = await self._once(request)
        if answer.status == 0 and not fresh:
            await self.close()
            answer = await self._once(request)
        if answer.status <= 0 or request.odd or answer.headers.get("connection", "").lower() == "close":
            await self.close()
        return answer

    async def _once(self, request: Request) -> Answer:
        parsed = _Parsed(request.method in ("HEAD", "CONNECT"))
        try:
            async with asyncio.timeout(WITHIN):
                if self.writer is None or self.reader is None:
                    self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
                # The server may answer and close before all is sent.
                with suppress(OSError):
                    self.writer.write(request.head + request.body)
                    await self.writer.drain()
                    if request.cut:
                        self.writer.write_eof()
                while not parsed.done and (data := await self.reader.read(65536)):
                    parsed.parser.feed_data(data)
        except TimeoutError:
            parsed.answer.status = -1
        except OSError:
            if not parsed.done:
                await self.close()
        except httptools.HttpParserUpgrade:
            await self.close()
        return parsed.answer
