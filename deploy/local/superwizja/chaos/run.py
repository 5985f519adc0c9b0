"""One run: the rig, the load, the schedule's blows, quiet, and the oracle."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from superwizja.chaos.faults import FAULTS, Blow
from superwizja.chaos.goals import Goal
from superwizja.chaos.heard import Heard, Planted
from superwizja.chaos.load import Load
from superwizja.chaos.oracle import judged
from superwizja.chaos.report import Outcome
from superwizja.chaos.rig import NotReady, Rig, besieged
from superwizja.chaos.schedule import drawn
from superwizja.chaos.siege import Siege
from superwizja.chaos.watch import Watch
from superwizja.counts import Counts
from superwizja.demo.ledger import file_of

LONG = 300.0
"""Seconds from which on a run is long enough that redeliveries must have been seen."""

FLOOD, SMALL_FLOOD = 200_000, 20_000
"""Records that a consumer is behind, in a run of an hour and in a shorter one; others have to skip them, too."""


@dataclass(frozen=True)
class Order:
    """What to run: how many seconds, from which seed, with how many lanes of load, which faults (none named: all)."""

    seconds: float
    seed: int
    lanes: int = 9
    rate: float | None = None
    faults: Sequence[str] = ()
    profile: str = "chaos"
    counts: Counts | None = None
    code: Path | None = None
    small_disk: bool = True
    quiet_within: float = 180.0


async def besiege(order: Order, told: Callable[[str], None]) -> Outcome:
    """Run it. `told` hears what happens as it happens. Raises what hinders the rig itself."""
    async with besieged(order.profile, counts=order.counts, code=order.code, small_disk=order.small_disk) as rig:
        rig.flood = FLOOD if order.seconds >= 3600 else SMALL_FLOOD
        blows = drawn(order.seed, order.seconds, asked_faults(order))
        try:
            return await under_load(rig, order, [blow for blow in blows if FAULTS[blow.fault].possible(rig)], told)
        except Exception as error:
            error.add_note(f"seed {order.seed}, schedule:\n" + "\n".join(f"  {blow}" for blow in blows))
            raise


def asked_faults(order: Order) -> list[str]:
    """The names of the faults that were asked for: a seed's schedule is the same on every machine."""
    return [name for name in FAULTS if not order.faults or name in order.faults]


async def under_load(rig: Rig, order: Order, blows: Sequence[Blow], told: Callable[[str], None]) -> Outcome:
    """Play the load while the blows fall; then let everything come to rest, and have it judged."""
    load = Load(rig.runtime, file_of(rig.runtime.folder), random.Random(order.seed), order.lanes, order.rate)
    siege, watch = Siege(rig, random.Random(order.seed)), Watch(rig)
    stopping, resting = asyncio.Event(), asyncio.Event()
    began = time.time()
    async with asyncio.TaskGroup() as group:
        group.create_task(watch.until(resting))
        playing = group.create_task(load.run(stopping))
        await siege.strike_all(blows, lambda what: told(f"{what}  [{load.speed():.0f}/s]"))
        await asyncio.sleep(max(0.0, began + order.seconds - time.time()))
        seconds = time.time() - began
        stopping.set()
        await playing
        told("")
        late = await _at_rest(rig, load)
        resting.set()
    heard = heard_by(load, seconds)
    planted = Planted(
        poison=frozenset(siege.poisoned),
        doubled=frozenset(siege.doubled),
        skipped=watch.skipped,
        gaps=watch.gaps,
        long=order.seconds >= LONG,
    )
    verdict = await judged(rig.runtime, heard, siege.struck, planted, within=order.quiet_within)
    return Outcome(
        seed=order.seed,
        minutes=seconds / 60,
        began=began,
        ended=time.time(),
        struck=siege.struck,
        heard=heard,
        verdict=verdict,
        schedule=[blow._asdict() for blow in blows],
        samples=watch.samples,
        left_out=[name for name in asked_faults(order) if not FAULTS[name].possible(rig)],
        more=[Goal(late, None, "", False)] if late else [],
    )


async def _at_rest(rig: Rig, load: Load) -> str | None:
    """End the load once every process is well; who was not in time is judged all the same, and what it was is told."""
    try:
        await rig.all_ready()
    except NotReady as late:
        return str(late)
    await load.finish()
    return None


def heard_by(load: Load, seconds: float) -> Heard:
    """What a load was told in so many seconds."""
    counts = load.counts
    return Heard(
        acknowledged=counts.acknowledged,
        refused=counts.refused,
        unknown=counts.unknown,
        retried=counts.retried,
        replayed=counts.replayed,
        seconds=seconds,
        mismatches=[str(each) for each in load.mismatches],
        unexpected=[str(each) for each in load.unexpected],
        refusals=load.caller.refusals,
    )
