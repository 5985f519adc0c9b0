"""Strikes the blows of a schedule one after the other, and watches what each broke come back."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from superwizja.chaos import flow
from superwizja.chaos.faults import FAULTS, Blow, Broken
from superwizja.chaos.heard import At
from superwizja.chaos.rig import NotReady, Rig
from superwizja.chaos.struck import Struck

BACK_WITHIN = 180.0
"""Seconds after which what has not come back is not waited for any more: the oracle then says what is missing."""

Told = Callable[[str], None]


@dataclass
class Siege:
    """What was struck so far, and which records are ours. `rng` decides details that a schedule does not state."""

    rig: Rig
    rng: random.Random
    struck: list[Struck] = field(default_factory=list)
    poisoned: set[At] = field(default_factory=set)
    doubled: set[At] = field(default_factory=set)
    under_way: int = 0
    lately: float = 0.0

    async def strike_all(self, blows: Sequence[Blow], told: Told) -> None:
        """Every blow at its time, or as soon after it as the one before is over; returns when all have come back."""
        began = time.monotonic()
        watching = set()
        for blow in blows:
            await asyncio.sleep(max(0.0, began + blow.at - time.monotonic()))
            told(f"{blow.fault} {blow.target}")
            started = time.time()
            alone = self.under_way == 0
            self.lately = started
            broken, why = await self._strike(blow)
            watching.add(asyncio.create_task(self._watch(blow, broken, started, time.time(), alone, why)))
        if watching:
            await asyncio.wait(watching)

    async def strike(self, blow: Blow) -> Struck:
        """One blow by itself, until what it broke has come back."""
        started = time.time()
        broken, why = await self._strike(blow)
        return await self._watch(blow, broken, started, time.time(), True, why)

    async def _strike(self, blow: Blow) -> tuple[Broken, str | None]:
        self.under_way += 1
        try:
            broken = await FAULTS[blow.fault].strike(self.rig, blow, self.rng)
        except Exception as error:
            # A blow that could not be struck to its end is a fault that nothing came back from: the run goes on.
            return Broken(), str(error) if isinstance(error, NotReady) else repr(error)
        self.poisoned |= broken.poisoned
        self.doubled |= broken.doubled
        return broken, None

    async def _watch(
        self, blow: Blow, broken: Broken, started: float, ended: float, alone: bool, why: str | None
    ) -> Struck:
        try:
            marked = await flow.mark(self.rig.runtime)
            back = await self.rig.ready(*broken.names, within=BACK_WITHIN)
            through = await flow.arrived(self.rig.runtime, marked, BACK_WITHIN)
            recovered = max(back, through) if through else None
        except Exception as error:
            # What cannot be seen to come back has not: the run goes on, and its table says so.
            recovered, why = None, str(error) if isinstance(error, NotReady) else repr(error)
        finally:
            self.under_way -= 1
        detail = {"kills": int(broken.kills), "part": broken.part, "seconds": blow.seconds, **broken.detail}
        detail["single"] = alone and self.lately <= started
        if why:
            detail["why"] = why
        struck = Struck(blow.fault, blow.target, started, ended, recovered if not why else None, detail)
        self.struck.append(struck)
        return struck
