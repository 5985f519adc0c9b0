"""A thousand listeners of a live page, in a process of their own: what comes to them, and which events it counts."""

import asyncio
import os
import resource
import signal
import time
from typing import NamedTuple, cast

import uvloop

LISTENERS = 1000
AT_ONCE = 40
"""Listeners that come at the same time."""

THERE_WITHIN = 60.0
"""Seconds in which every listener has a page."""

WARM_UP, SECONDS = 1.0, 3.0
"""Of each measurement."""

FILES = 4 * LISTENERS
"""Files that may be open: a connection is one at either end."""

FIGURE = rb"id=\"line-signatures\"><strong>"
"""What stands in a message, JSON, before the figure that counts the events."""


class Seats(NamedTuple):
    """Where listeners go: with `pid`, to a process that goes on from memory when it is sent SIGUSR1."""

    port: int
    path: str
    cookie: str = ""
    pid: int | None = None


class Window(NamedTuple):
    """What came between two moments: messages, their bytes, and what they said to one of the listeners.

    `left`: when a count last gave way to a greater one, on anybody's page; `least`: the least one on a page at the end;
    `backwards`: how often one gave way to a smaller one.
    """

    deliveries: int
    size: int
    messages: list[str]
    left: dict[int, float]
    least: int
    backwards: int
    ended: float


class Heard(NamedTuple):
    """`windows` in turn, and how many listeners were cut off."""

    windows: list[Window]
    lost: int


class Audience:
    """Everybody who listens."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self.lost = 0
        self.leaving = False
        self.open()

    def open(self) -> None:
        """Count from now on."""
        self.deliveries = self.size = self.backwards = 0
        self.messages: list[str] = []
        self.left: dict[int, float] = {}

    def close(self) -> Window:
        """What was counted; then count anew."""
        least, now = min(each.shown for each in self.listeners), time.monotonic()
        window = Window(self.deliveries, self.size, self.messages, self.left, least, self.backwards, now)
        self.open()
        return window

    def leave(self) -> None:
        """Hang up, all of them."""
        self.leaving = True
        for each in self.listeners:
            each.transport.abort()


class Listener(asyncio.Protocol):
    """One who listens: as much of HTTP and of server-sent events as it takes to tell messages apart."""

    transport: asyncio.WriteTransport

    def __init__(self, audience: Audience, request: bytes) -> None:
        self.audience, self.request = audience, request
        self.rest = b""
        self.shown = 0
        self.answered = False
        self.there: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the page."""
        self.transport = cast(asyncio.WriteTransport, transport)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Take the messages that are whole."""
        if not self.answered and not data.startswith(b"HTTP/1.1 200 "):
            self.there.set_exception(ConnectionError(f"a listener was answered {data[:200]!r}"))
        self.answered = True
        *messages, self.rest = (self.rest + data).split(b"\n\n")
        for message in messages:
            self._hear(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """Be missed, unless everybody leaves."""
        self.audience.lost += not self.audience.leaving
        if not self.there.done():
            self.there.set_exception(ConnectionError("a listener was cut off before there was a page"))

    def _hear(self, message: bytes) -> None:
        audience, before = self.audience, self.shown
        audience.deliveries += 1
        audience.size += len(message)
        at = message.find(FIGURE)
        if at >= 0:
            at += len(FIGURE)
            number = message[at : message.index(b"<", at)].decode()
            self.shown = int("".join(filter(str.isdigit, number)))
        if not self.there.done():
            self.there.set_result(None)
        elif self.shown > before:
            audience.left[before] = time.monotonic()
        elif self.shown < before:
            audience.backwards += 1
        if self is audience.listeners[0]:
            audience.messages.append(message.partition(b"\ndata: ")[2].decode())


def make_room() -> None:
    """Let this process, and those that it starts, have so many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < FILES:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (FILES if hard == resource.RLIM_INFINITY else min(FILES, hard), hard)
        )


def listen(seats: Seats) -> Heard:
    """Be all listeners for the length of a measurement; of two, where a process goes on from memory in the second.

    Raises ConnectionError when a listener is turned away.
    """
    return uvloop.run(_listen(seats))


async def _listen(seats: Seats) -> Heard:
    audience, turns = Audience(), asyncio.Semaphore(AT_ONCE)
    request = f"GET {seats.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {seats.cookie}\r\n\r\n".encode()
    audience.listeners = [Listener(audience, request) for _ in range(LISTENERS)]

    async def come(listener: Listener) -> None:
        async with turns:
            await asyncio.get_running_loop().create_connection(lambda: listener, "127.0.0.1", seats.port)
            await listener.there

    async with asyncio.timeout(THERE_WITHIN):
        await asyncio.gather(*(come(each) for each in audience.listeners))
    windows = [await _window(audience)]
    if seats.pid is not None:
        os.kill(seats.pid, signal.SIGUSR1)
        windows.append(await _window(audience))
    audience.leave()
    return Heard(windows, audience.lost)


async def _window(audience: Audience) -> Window:
    await asyncio.sleep(WARM_UP)
    audience.open()
    await asyncio.sleep(SECONDS)
    return audience.close()
