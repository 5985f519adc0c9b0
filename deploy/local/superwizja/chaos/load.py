"""The load under which faults strike: several lanes that play stories for ever, through the public APIs alone."""

import asyncio
import random
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from superwizja.chaos.caller import Caller, Counts, Known, Mismatch, Stopped, Unexpected
from superwizja.chaos.stories.courses import play_course
from superwizja.chaos.stories.erasure import play_erasure
from superwizja.chaos.stories.issues import play_issue
from superwizja.chaos.stories.story import BrokenOff, Story, World
from superwizja.chaos.stories.trainings import play_training
from superwizja.chaos.stories.world import open_world
from superwizja.demo.ledger import Ledger
from superwizja.runtime import Runtime

STORIES: dict[Callable[[Story], Awaitable[None]], int] = {
    play_course: 5,
    play_training: 2,
    play_issue: 3,
    play_erasure: 1,
}
LANES_PER_PROGRAMME = 3
STORIES_PER_PROGRAMME = 60
"""Every issue is sent to everyone in its programme: in a programme that grew for ever it would be sent to thousands."""

SETTLED_SHARE = 0.5
AT_ONCE = 8


class Load:
    """Lanes that play stories, and what came of their commands.

    `rate`: commands per second, None for as many as go. `waits`: seconds for what another service's event brings, after
    which a story is broken off and another one begun. `patience`: seconds in which a service that is away must be back.
    """

    def __init__(
        self,
        runtime: Runtime,
        ledger_file: Path,
        rng: random.Random,
        lanes: int,
        rate: float | None = None,
        *,
        waits: float = 15.0,
        patience: float = 90.0,
    ) -> None:
        ledger_file.parent.mkdir(parents=True, exist_ok=True)
        ledger = Ledger(ledger_file, at_once=True)
        caller_rng = random.Random(rng.random())
        self.caller = Caller(runtime, ledger, caller_rng, rate=rate, patience=patience)
        self.rngs = [random.Random(rng.random()) for _ in range(lanes)]
        self.waits = waits
        self.worlds: dict[int, World] = {}
        self.opening = asyncio.Lock()
        self.told = 0

    @property
    def counts(self) -> Counts:
        """What became of the commands, up to now."""
        return self.caller.counts

    @property
    def mismatches(self) -> list[Mismatch]:
        """Commands that were answered otherwise when they were sent again."""
        return self.caller.mismatches

    @property
    def unexpected(self) -> list[Unexpected]:
        """What no fault explains."""
        return self.caller.unexpected

    @property
    def by_second(self) -> Counter[int]:
        """Commands whose outcome was learnt, by second since 1970."""
        return self.caller.by_second

    def speed(self, over: int = 10) -> float:
        """Commands a second over the last seconds, the current one apart."""
        now = int(time.time())
        return sum(self.by_second[second] for second in range(now - over, now)) / over

    async def run(self, stopping: asyncio.Event) -> None:
        """Play until told to stop; the commands in hand are ended first."""
        self.caller.stopping = stopping
        async with self.caller, asyncio.TaskGroup() as lanes:
            lanes.create_task(self.caller.replay_until(stopping))
            for number, rng in enumerate(self.rngs):
                lanes.create_task(self._lane(number // LANES_PER_PROGRAMME, rng))

    async def finish(self) -> None:
        """With the faults over: send half of the unknown commands again, and those that were to be replayed yet.

        A command that was sent in the last seconds stays unknown: a first attempt may still be under way.
        """
        before = (time.time() - self.caller.timeout) * 1000
        old = [known for known in self.caller.unknown if known.entry.answered_at < before]
        chosen = self.caller.rng.sample(old, round(len(old) * SETTLED_SHARE))
        replays = [known for _, known in self.caller.replays]
        self.caller.replays.clear()
        turns = asyncio.Semaphore(AT_ONCE)

        async def in_turn(work: Callable[[Known], Awaitable[None]], known: Known) -> None:
            async with turns:
                await work(known)

        async with self.caller, asyncio.TaskGroup() as group:
            for known in chosen:
                group.create_task(in_turn(self.caller.settle, known))
            for known in replays:
                group.create_task(in_turn(self.caller.replay, known))

    async def _lane(self, programme: int, rng: random.Random) -> None:
        while not self.caller.stopping.is_set():
            try:
                await self._tell(programme, rng)
                self.counts.stories += 1
            except Stopped:
                return
            except BrokenOff:
                self.counts.broken_off += 1
                await asyncio.sleep(0.1)
            except Exception as error:
                # Whatever it is, the load goes on, and the oracle is told.
                trace = "".join(traceback.format_exception(error))
                self.caller.note("", "story", type(error).__name__, trace)
                await asyncio.sleep(1)

    async def _tell(self, programme: int, rng: random.Random) -> None:
        async with self.opening:
            world = self.worlds.get(programme)
            if world is None or world.stories == STORIES_PER_PROGRAMME:
                world = self.worlds[programme] = await open_world(self.caller, rng, self.waits)
            world.stories += 1
        self.told += 1
        story = Story(self.caller, rng, world, self.told, self.waits)
        (play,) = rng.choices(list(STORIES), weights=list(STORIES.values()))
        await play(story)
