"""What the live page is compared with: sse-starlette, pushing the same messages to the same listeners.

`python -m superwizja.bench.plain_stream FILE LISTENERS PORT`: FILE holds a JSON list of what the messages say. They are
pushed in turn and for ever, without a pause: the next one when each of the listeners has taken the one before.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from itertools import cycle
from pathlib import Path

import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class Board:
    """What everybody is to see."""

    def __init__(self, messages: list[str], listeners: int) -> None:
        self.messages = cycle(messages)
        self.message = next(self.messages)
        self.listeners = listeners
        self.taken = 0
        self.turned = asyncio.Event()

    async def stream(self) -> AsyncIterator[dict[str, str]]:
        """One listener's messages."""
        while True:
            turned = self.turned
            yield {"event": "regions", "data": self.message}
            self._take()
            await turned.wait()

    def _take(self) -> None:
        self.taken += 1
        if self.taken == self.listeners:
            self.taken, self.message = 0, next(self.messages)
            self.turned.set()
            self.turned = asyncio.Event()


def application(board: Board) -> Starlette:
    """Its one address; without the comments that keep a quiet stream open."""

    async def regions(_: Request) -> Response:
        stream: Response = EventSourceResponse(board.stream(), ping=0, sep="\n")
        return stream

    return Starlette(routes=[Route("/live/regions", regions)])


def main(file: str, listeners: str, port: str) -> None:
    """Serve until SIGTERM, as uvicorn does where its own extras are installed."""
    board = Board(json.loads(Path(file).read_bytes()), int(listeners))
    uvicorn.run(
        application(board),
        port=int(port),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
