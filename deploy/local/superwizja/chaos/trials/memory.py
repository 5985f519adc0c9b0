"""An hour under load without faults: no process is greater in its last quarter than in its second.

Under faults it cannot be told: no process lives for long, and what one has depends on what it had to catch up with.
"""

import asyncio
import random
import time
from itertools import pairwise

from superwizja.chaos.load import Load
from superwizja.chaos.memory import AT_MOST, growth
from superwizja.chaos.rig import Rig
from superwizja.chaos.trials.groups import drained
from superwizja.chaos.trials.trial import Told, Trial
from superwizja.chaos.watch import Watch
from superwizja.demo.ledger import file_of

SECONDS, RATE, LANES = 3600.0, 30.0, 9
"""Commands a second, of stories in so many lanes: what two cores carry beside three brokers and twenty processes."""

TELL_EVERY = 300.0


async def memory(rig: Rig, *, rng: random.Random, told: Told, seconds: float = SECONDS, rate: float = RATE) -> Trial:
    """Play stories at `rate` commands a second, and look at every process."""
    load = Load(rig.runtime, file_of(rig.runtime.folder), random.Random(rng.random()), LANES, rate)
    watch, stopping, resting = Watch(rig), asyncio.Event(), asyncio.Event()
    pids = {name: rig.pid(name) for name in rig.names()}
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(watch.until(resting))
        playing = group.create_task(load.run(stopping))
        try:
            while (left := began + seconds - time.monotonic()) > 0:
                await asyncio.sleep(min(left, TELL_EVERY))
                told(f"{(time.monotonic() - began) / 60:.0f} min, {load.counts.commands} commands")
        finally:
            stopping.set()
            await asyncio.wait([playing])
            resting.set()
    lasted = time.monotonic() - began
    await load.finish()
    await drained(rig.runtime)
    grown = growth(watch.samples, long_enough=0.0, of=str)
    trial = Trial("memory")
    trial.at_most("memory_growth", 100 * max(each.share for each in grown), 100 * AT_MOST, "%")
    trial.at_most("memory_restarts", sum(rig.pid(name) != pid for name, pid in pids.items()), 0)
    trial.at_most("memory_unexpected", len(load.unexpected), 0)
    trial.tell("memory_rate", load.counts.commands / lasted, "/s")
    trial.detail = {
        "grown": [each._asdict() | {"share": each.share} for each in sorted(grown, key=lambda each: -each.share)],
        "tenths": _tenths(watch),
        "unexpected": [str(each) for each in load.unexpected][:20],
    }
    return trial


def _tenths(watch: Watch) -> dict[str, list[int]]:
    """Megabytes of each process at the end of every tenth of the time."""
    first, last = watch.samples[0].at, watch.samples[-1].at
    edges = [first + (last - first) * tenth / 10 for tenth in range(11)]
    found: dict[str, list[int]] = {}
    for begin, end in pairwise(edges):
        latest = {each.process: each.rss for each in watch.samples if begin <= each.at <= end}
        for process, rss in latest.items():
            found.setdefault(process, []).append(rss // 1_000_000)
    return found
