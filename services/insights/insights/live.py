"""The live page's changes: one reader of the database a process, however many listen, at most four times a second."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
import structlog
from chassis.database import Sessions
from chassis.outages import is_outage

from insights import queries
from insights.render import Board, regions
from insights.ticker import Ticker
from insights.words import Language

log = structlog.get_logger()

EVERY = 0.25
"""Seconds between two updates, at least."""

SHARE = 3
"""A round of t seconds is followed by a pause of SHARE * t: reading takes a quarter of the time."""

AT_LEAST_EVERY = 1.0
"""Seconds of that pause at most, so that the page moves on a busy machine too."""

IDLE = 2.0
"""Seconds after which figures are read again although no event came: that also shows that the page is alive."""


class Channel(NamedTuple):
    """What a listener looks at."""

    programme: UUID | None
    language: Language


@dataclass
class Frame:
    """A channel's regions as they are now, each with the number of the update that changed it last."""

    number: int = 0
    regions: dict[str, tuple[int, str]] = field(default_factory=dict)
    messages: dict[int, bytes] = field(default_factory=dict)

    def update(self, rendered: dict[str, str]) -> None:
        """Take over what changed."""
        changed = {name: html for name, html in rendered.items() if self.regions.get(name, (0, None))[1] != html}
        if changed:
            self.number += 1
            self.regions |= {name: (self.number, html) for name, html in changed.items()}
            self.messages.clear()

    def since(self, number: int) -> bytes:
        """The server-sent event that brings a listener from an update to the newest; made once for all of them."""
        if number not in self.messages:
            changed = {name: html for name, (at, html) in self.regions.items() if at > number}
            self.messages[number] = b"event: regions\ndata: " + msgspec.json.encode(changed) + b"\n\n"
        return self.messages[number]


class Live:
    """Keeps the channels that somebody listens to up to date."""

    def __init__(self, sessions: Sessions, ticker: Ticker) -> None:
        self.sessions = sessions
        self.ticker = ticker
        self.listeners: Counter[Channel] = Counter()
        self.frames: dict[Channel, Frame] = {}
        self.boards: dict[UUID | None, Board] = {}
        self.rounds = 0
        self.closed = False
        self.wanted = asyncio.Event()
        self.pulse = asyncio.Event()

    async def board(self, programme: UUID | None) -> Board:
        """What the page shows, read from the database now. A programme that is gone or was never there shows none."""
        async with self.sessions() as db:
            known = await queries.programmes(db)
            indicators = await queries.indicators(db, programme) if programme in {each.id for each in known} else None
            latest = self.ticker.latest(programme, None)
            groups = await queries.group_names(db, {group for each in latest for group in each.groups()})
        now = datetime.now(UTC)
        return Board(known, indicators, latest, groups, dict(self.ticker.lag), indicators.as_of if indicators else now)

    async def run(self) -> None:
        """Update what is listened to until closed. An outage of the database is shown, and waited out."""
        while not self.closed:
            self.wanted.clear()
            if not self.listeners:
                await self.wanted.wait()
                continue
            started = time.monotonic()
            await self._round()
            self._beat()
            await asyncio.sleep(min(max(EVERY, SHARE * (time.monotonic() - started)), AT_LEAST_EVERY))
            await self._something_new()

    async def _round(self) -> None:
        for programme in {channel.programme for channel in self.listeners}:
            try:
                self.boards[programme] = await self.board(programme)
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("figures cannot be read", cause=repr(error))
                self.boards[programme] = self._stale(programme)
        for channel in list(self.listeners):
            self.frames.setdefault(channel, Frame()).update(regions(self.boards[channel.programme], channel.language))
        self.rounds += 1

    def _stale(self, programme: UUID | None) -> Board:
        before = self.boards.get(programme, Board([]))
        return replace(before, stale_since=before.stale_since or before.as_of or datetime.now(UTC))

    async def _something_new(self) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (self.wanted, self.ticker.moved)]
        try:
            await asyncio.wait(waits, timeout=IDLE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            self.ticker.moved.clear()

    def _beat(self) -> None:
        self.pulse.set()
        self.pulse = asyncio.Event()

    def close(self) -> None:
        """End every stream, so that the process can stop; browsers come back to another."""
        self.closed = True
        self.wanted.set()
        self._beat()

    async def stream(self, channel: Channel) -> AsyncIterator[bytes]:
        """The changes of a channel from now on, beginning with all of it. Who is slow skips what was overtaken."""
        self.listeners[channel] += 1
        self.wanted.set()
        number = 0
        try:
            while not self.closed:
                pulse = self.pulse
                frame = self.frames.get(channel)
                if frame is not None and frame.number > number:
                    message, number = frame.since(number), frame.number
                    yield message
                else:
                    await pulse.wait()
        finally:
            self.listeners[channel] -= 1
            if not self.listeners[channel]:
                del self.listeners[channel]
                self.frames.pop(channel, None)
