"""Single faults, one after the other, under a light load: how long until what each broke works again."""

import asyncio
import random

from superwizja.chaos.faults import APIS, BROKERS, WORKERS, Blow
from superwizja.chaos.goals import RECOVERY, percentile, recoveries
from superwizja.chaos.load import Load
from superwizja.chaos.rig import Rig
from superwizja.chaos.siege import Siege
from superwizja.chaos.struck import Struck
from superwizja.chaos.trials.trial import Told, Trial
from superwizja.demo.ledger import file_of
from superwizja.runtime import SERVICES

LANES, RATE = 3, 5.0
SETTLES = 10.0
"""Seconds of load before the first fault."""


def faults_of(part: str, trials: int) -> list[Blow]:
    """So many single faults of a part of the platform, its members in turn."""
    if part == "database":
        return [Blow(0.0, "kill_database", SERVICES[number % len(SERVICES)], 0.0) for number in range(trials)]
    if part == "broker":
        return [Blow(0.0, "kill_broker", BROKERS[number % len(BROKERS)], 0.0) for number in range(trials)]
    # The first process of each service, then the second one of each.
    workers, apis = (each[::2] + each[1::2] for each in (WORKERS, APIS))
    kinds = (("kill_service", list(SERVICES)), ("kill_worker", workers), ("kill_api", apis))
    blows = []
    for number in range(trials):
        fault, targets = kinds[number % len(kinds)]
        blows.append(Blow(0.0, fault, targets[number // len(kinds) % len(targets)], 0.0))
    return blows


async def single_faults(rig: Rig, *, trials: int, rng: random.Random, told: Told) -> Trial:
    """So many faults of each part; the next one is struck when the one before is over."""
    load = Load(rig.runtime, file_of(rig.runtime.folder), random.Random(rng.random()), LANES, RATE)
    siege, stopping = Siege(rig, rng), asyncio.Event()
    struck: dict[str, list[Struck]] = {}
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(stopping))
        try:
            await asyncio.sleep(SETTLES)
            for part in RECOVERY:
                struck[part] = []
                for blow in faults_of(part, trials):
                    one = await siege.strike(blow)
                    struck[part].append(one)
                    told(f"{blow.fault} {blow.target}: {_seconds(one.recovery)}")
        finally:
            stopping.set()
    trial = Trial("recovery")
    for part, most in RECOVERY.items():
        seen = recoveries(struck[part])
        for percent, name in ((50, "p50"), (100, "max")):
            trial.tell(f"recovery_{part}_{name}", percentile(seen, percent) if seen else None, "s")
        whole = len(seen) == len(struck[part])
        trial.at_most(f"recovery_{part}_p95", percentile(seen, 95) if seen and whole else None, most, "s")
    trial.detail = {
        "trials": trials,
        "faults": [
            {"fault": each.kind, "target": each.target, "recovery": each.recovery, "why": each.detail.get("why")}
            for part in struck.values()
            for each in part
        ],
        "commands": load.counts.commands,
        "unexpected": [str(each) for each in load.unexpected][:20],
    }
    return trial


def _seconds(value: float | None) -> str:
    return "did not recover" if value is None else f"{value:.1f} s"
