"""The live page's process does not go on half alive."""

import asyncio
import signal

import pytest
from fastapi import FastAPI
from insights.pages import kept_live


class Part:
    """A part of the live page: it breaks, or goes on until it is closed."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.breaks = breaks
        self.closed = asyncio.Event()

    async def run(self) -> None:
        if self.breaks:
            raise RuntimeError("made up")
        await self.closed.wait()

    def close(self) -> None:
        self.closed.set()


@pytest.mark.parametrize("broken", ["live", "ticker", None])
async def test_a_part_that_breaks_ends_the_process(broken: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    app = FastAPI()
    app.state.live, app.state.ticker = Part(breaks=broken == "live"), Part(breaks=broken == "ticker")
    app.state.stopping = asyncio.Event()
    async with kept_live(app):
        for _ in range(3):
            await asyncio.sleep(0)
    assert raised == ([signal.SIGTERM] if broken else [])
