"""A broker killed for some seconds under a stream of events, again and again: nothing lost, nothing out of order.

When the relays were acknowledged is seen meanwhile: what waits in each shard begins with another event than before.
"""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from superwizja.chaos.faults import BROKERS
from superwizja.chaos.goals import percentile
from superwizja.chaos.rig import Rig
from superwizja.chaos.trials.groups import drained, ends_of, past, waiting
from superwizja.chaos.trials.outboxes import Stream, number, opened
from superwizja.chaos.trials.topics import Reading
from superwizja.chaos.trials.trial import ENOUGH, Told, Trial, greatest

RATE, AWAY = 1000.0, 5.0
ACKNOWLEDGED_WITHIN, CONSUMED_WITHIN = 1.0, 5.0
STEADY_AFTER, STEADY_WITHIN = 4.0, 60.0
BACK_WITHIN = 120.0

FIRST = "SELECT shard, min(position) AS position FROM unpublished GROUP BY shard"
LOOK_EVERY = 0.02
WRITTEN = "SELECT event_id FROM outbox WHERE position > $1 AND aggregate = ANY($2::uuid[])"
LAST = "SELECT coalesce(max(position), 0) FROM outbox"


@dataclass
class Blackout:
    """One trial. `silent`: seconds without any acknowledgement, the longest of the services'; `shard`: of one shard."""

    broker: str
    silent: float
    shard: float
    groups: dict[str, float | None]
    rate: float
    steady: bool
    lost: int


@dataclass
class Marks:
    """When (seconds since 1970) what waits in each shard of an outbox was seen to begin later, or nothing to wait."""

    instants: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    first: dict[int, int] = field(default_factory=dict)

    async def watch(self, rig: Rig, service: str, stopping: asyncio.Event) -> None:
        """Look until told to stop."""
        db = await opened(rig.runtime, service)
        try:
            while not stopping.is_set():
                self.see({row["shard"]: row["position"] for row in await db.fetch(FIRST)}, time.time())
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await db.close()

    def see(self, first: dict[int, int], at: float) -> None:
        """Take note of the first position that waits in each shard."""
        for shard in {*self.first, *self.instants}:
            if first.get(shard) != self.first.get(shard) or shard not in first:
                self.instants[shard].append(at)
        self.first = first

    def gaps(self, killed: float) -> tuple[float, float]:
        """The longest time without an acknowledgement that ended after the kill: of all shards, and of any one."""
        together = sorted({at for instants in self.instants.values() for at in instants})
        each = (longest_gap(instants, killed) for instants in self.instants.values())
        return longest_gap(together, killed), max(each, default=0.0)


async def broker_killed(rig: Rig, *, trials: int, told: Told, rate: float = RATE, seconds: float = AWAY) -> Trial:
    """Kill a broker for so many seconds, each in turn, so many times, under `rate` events a second."""
    stream = Stream(rig.runtime, rate)
    reading = Reading(rig.runtime, keys=frozenset(stream.keys))
    await reading.go_on()
    seen: list[Blackout] = []
    for turn in range(trials):
        one = await _blackout(rig, stream, reading, BROKERS[turn % len(BROKERS)], seconds)
        seen.append(one)
        told(
            f"{turn + 1}/{trials} {one.broker}: {one.silent:.2f} s without acknowledgements (one shard: "
            f"{one.shard:.2f} s), groups {_slowest(one)}, {one.rate:.0f}/s, lost {one.lost}"
            f"{'' if one.steady else ', was behind before'}"
        )
    trial = Trial("broker")
    trial.at_most("broker_lost", sum(one.lost for one in seen), 0)
    trial.at_most("broker_inversions", reading.inversions, 0)
    silent, groups = sorted(one.silent for one in seen), [greatest([*one.groups.values()]) for one in seen]
    trial.tell("broker_silent_p50", percentile(silent, 50), "s")
    trial.at_most("broker_silent", silent[-1], ACKNOWLEDGED_WITHIN, "s")
    trial.tell("broker_silent_shard", max(one.shard for one in seen), "s")
    known = sorted(each for each in groups if each is not None)
    trial.tell("broker_groups_p50", percentile(known, 50) if known else None, "s")
    trial.at_most("broker_groups", greatest(groups), CONSUMED_WITHIN, "s")
    trial.at_least("broker_rate", min(one.rate for one in seen), ENOUGH * rate, "/s")
    trial.tell("broker_repeated", reading.repeated)
    trial.detail = {
        "trials": trials,
        "seconds": seconds,
        "asked_rate": rate,
        "events": stream.written,
        "records": reading.records,
        "writer_late": round(stream.late, 3),
        "each": [
            {
                "broker": one.broker,
                "silent": one.silent,
                "shard": one.shard,
                "groups": one.groups,
                "rate": one.rate,
                "steady": one.steady,
                "lost": one.lost,
            }
            for one in seen
        ],
    }
    return trial


async def _blackout(rig: Rig, stream: Stream, reading: Reading, broker: str, seconds: float) -> Blackout:
    before = {service: await number(rig.runtime, service, LAST) for service in stream.services}
    stopping, written, spent = asyncio.Event(), stream.written, stream.seconds
    marks = {service: Marks() for service in stream.services}
    async with asyncio.TaskGroup() as group:
        group.create_task(stream.run(stopping))
        for service, seen in marks.items():
            group.create_task(seen.watch(rig, service, stopping))
        try:
            await asyncio.sleep(STEADY_AFTER)
            steady = await _steady(rig, stream)
            killed = time.time()
            await rig.away(broker, seconds)
            await rig.ready(broker, within=BACK_WITHIN)
            back = time.monotonic()
            groups = await past(rig.runtime, await ends_of(rig.runtime), back, BACK_WITHIN)
        finally:
            stopping.set()
    rate = (stream.written - written) / (stream.seconds - spent)
    await drained(rig.runtime)
    silent, shard, lost = 0.0, 0.0, 0
    await reading.go_on()
    for service in stream.services:
        of_all, of_one = marks[service].gaps(killed)
        silent, shard = max(silent, of_all), max(shard, of_one)
        lost += len(await _ids(rig, service, before[service], stream.keys) - reading.ids)
    # What was found is remembered no longer: a trial has some ten thousand ids, fifty have a million.
    reading.ids.clear()
    return Blackout(broker, silent, shard, groups, rate, steady, lost)


async def _steady(rig: Rig, stream: Stream) -> bool:
    """Whether the groups keep up, before anything is broken."""
    deadline = time.monotonic() + STEADY_WITHIN
    while sum((await waiting(rig.runtime, await ends_of(rig.runtime))).values()) > 5 * stream.rate:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(1)
    return True


def longest_gap(instants: list[float], since: float) -> float:
    """The longest time between two instants that follow one another, of those gaps that end after `since`."""
    return max((after - before for before, after in pairwise(instants) if after > since), default=0.0)


async def _ids(rig: Rig, service: str, position: int, keys: list[UUID]) -> set[UUID]:
    db = await opened(rig.runtime, service)
    try:
        # asyncpg's own UUIDs are slow to compare with others.
        return {UUID(int=found["event_id"].int) for found in await db.fetch(WRITTEN, position, keys)}
    finally:
        await db.close()


def _slowest(one: Blackout) -> str:
    slowest = greatest([*one.groups.values()])
    missing = [service for service, each in one.groups.items() if each is None]
    return f"{slowest:.1f} s" if slowest is not None else f"not back: {', '.join(missing)}"
