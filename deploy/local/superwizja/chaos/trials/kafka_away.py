"""All brokers gone for a long time while commands go on: none is refused for it, and all is delivered afterwards."""

import asyncio
import random
import time

from superwizja.chaos import flow
from superwizja.chaos.faults import BROKERS, CONTROLLERS
from superwizja.chaos.goals import percentile
from superwizja.chaos.rig import Rig
from superwizja.chaos.trials.groups import drained
from superwizja.chaos.trials.outboxes import SERVICES, UNPUBLISHED, number, opened
from superwizja.chaos.trials.steady import Answer, Steady, prepared, refusals
from superwizja.chaos.trials.topics import Reading
from superwizja.chaos.trials.trial import ENOUGH, Told, Trial

KAFKA = [*BROKERS, *CONTROLLERS]
RATE, AWAY = 100.0, 600.0
DRAINED_WITHIN, GIVES_UP = 60.0, 600.0
SETTLES = 30.0
"""Seconds of load before the brokers go: processes that have just started are slow at first, and refuse some."""

IDS = "SELECT event_id::text AS id FROM outbox"


async def kafka_away(rig: Rig, *, rng: random.Random, told: Told, seconds: float = AWAY, rate: float = RATE) -> Trial:
    """Kill every broker, keep all away for so many seconds under `rate` commands a second, and let them back."""
    steady, stopping = Steady(await prepared(rig.runtime, rng), SERVICES, rate), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(steady.run(stopping))
        try:
            await asyncio.sleep(SETTLES)
            gone = time.time()
            await asyncio.gather(*(rig.away(each, seconds) for each in KAFKA))
            over = time.time()
            await rig.ready(*KAFKA, within=GIVES_UP)
            back = time.time()
            backlog = sum([await number(rig.runtime, service, UNPUBLISHED) for service in SERVICES])
            told(f"Kafka is back after {back - gone:.0f} s; {backlog} events wait")
            # Commands go on meanwhile: what is waited for is all that was there when Kafka was back.
            through = await flow.arrived(rig.runtime, await flow.mark(rig.runtime), GIVES_UP)
            told(f"all of them arrived after {through - back:.1f} s" if through else "they do not arrive")
        finally:
            stopping.set()
    await drained(rig.runtime)
    meanwhile = [each for each in steady.answers if gone <= each.sent <= back]
    trial = Trial("kafka")
    refused = [each for each in steady.answers if not each.done]
    trial.at_most("kafka_refused", sum(gone <= each.sent for each in refused), 0)
    trial.tell("kafka_refused_before", sum(each.sent < gone for each in refused))
    trial.at_most("kafka_drained", through - back if through else None, DRAINED_WITHIN, "s")
    trial.at_most("kafka_lost", await _lost(rig), 0)
    trial.at_least("kafka_rate", len(meanwhile) / (back - gone), ENOUGH * rate, "/s")
    trial.tell("kafka_p95", _p95(meanwhile), "s")
    trial.tell("kafka_backlog", backlog)
    trial.tell("kafka_start", back - over, "s")
    trial.detail = {
        "seconds": seconds,
        "asked_rate": rate,
        "commands": len(steady.answers),
        "p95_before": _p95([each for each in steady.answers if each.sent < gone]),
        "refusals": refusals(steady.answers).most_common(20),
        "refused_at": [round(each.sent - gone, 1) for each in refused],
    }
    return trial


async def _lost(rig: Rig) -> int:
    """Events of outboxes that are on no topic."""
    reading, lost = Reading(rig.runtime), 0
    await reading.go_on()
    found = {str(each) for each in reading.ids}
    for service in SERVICES:
        db = await opened(rig.runtime, service)
        try:
            lost += sum(row["id"] not in found for row in await db.fetch(IDS))
        finally:
            await db.close()
    return lost


def _p95(answers: list[Answer]) -> float | None:
    return percentile(sorted(each.seconds for each in answers), 95) if answers else None
