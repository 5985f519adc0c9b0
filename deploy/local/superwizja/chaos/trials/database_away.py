"""A database gone for a minute under load of its own service: everybody is told so at once, and nothing restarts."""

import asyncio
import random
import time
from typing import Any

from superwizja.chaos.rig import Rig
from superwizja.chaos.trials.steady import Answer, Ground, Steady, prepared, refusals
from superwizja.chaos.trials.trial import Told, Trial, greatest
from superwizja.runtime import SERVICES

RATE, AWAY = 20.0, 60.0
ANSWERED_WITHIN, BACK_WITHIN = 2.0, 10.0
SETTLES, GIVES_UP = 5.0, 90.0

BLINK = 0.1
"""Seconds after the kill and before the return in which a request may meet either state."""


async def database_away(
    rig: Rig, *, rng: random.Random, told: Told, seconds: float = AWAY, rate: float = RATE
) -> Trial:
    """Kill each service's database in turn and keep it away, under `rate` requests a second to that service."""
    ground = await prepared(rig.runtime, rng)
    each: dict[str, dict[str, Any]] = {}
    for service in SERVICES:
        each[service] = found = await _away(rig, ground, service, seconds, rate)
        told(f"{service}: {found}")
    trial = Trial("database")
    trial.at_most("database_hung", sum(one["hung"] for one in each.values()), 0)
    trial.at_most("database_other", sum(one["other"] for one in each.values()), 0)
    trial.at_most("database_slowest", max(one["slowest"] for one in each.values()), ANSWERED_WITHIN, "s")
    trial.at_most("database_back", greatest([one["back"] for one in each.values()]), BACK_WITHIN, "s")
    trial.at_most("database_restarts", sum(len(one["restarted"]) for one in each.values()), 0)
    trial.tell("database_requests", sum(one["requests"] for one in each.values()))
    trial.detail = {"seconds": seconds, "asked_rate": rate, "services": each}
    return trial


async def _away(rig: Rig, ground: Ground, service: str, seconds: float, rate: float) -> dict[str, Any]:
    steady, stopping = Steady(ground, [service], rate), asyncio.Event()
    before = {name: rig.pid(name) for name in rig.names()}
    async with asyncio.TaskGroup() as group:
        group.create_task(steady.run(stopping))
        try:
            await asyncio.sleep(SETTLES)
            gone = time.time()
            await rig.away(f"postgres.{service}", seconds)
            over = time.time()
            back = await _success(steady, over)
        finally:
            stopping.set()
    await rig.ready(*rig.names(service), within=GIVES_UP)
    meanwhile = [one for one in steady.answers if gone + BLINK <= one.sent <= over - BLINK]
    return {
        "requests": len(meanwhile),
        "hung": sum(one.status == 0 for one in meanwhile),
        "other": sum(not _told_so(one) for one in meanwhile if one.status),
        "slowest": round(max((one.seconds for one in meanwhile), default=0.0), 3),
        "back": None if back is None else round(back - over, 3),
        "restarted": [name for name in rig.names() if rig.pid(name) != before[name]],
        "before": sum(not one.done for one in steady.answers if one.sent + one.seconds < gone),
        "others": refusals([one for one in meanwhile if not _told_so(one)]).most_common(5),
    }


async def _success(steady: Steady, over: float) -> float | None:
    """When the first request that was sent since then was answered with success; None if none was in time."""
    while time.time() - over < GIVES_UP:
        done = [one.sent + one.seconds for one in steady.answers if one.sent >= over and one.done]
        if done:
            return min(done)
        await asyncio.sleep(0.05)
    return None


def _told_so(one: Answer) -> bool:
    """Whether a request was answered that the service is away, as a problem document."""
    return one.status == 503 and one.problem
