"""What the consumers made of the records: counters before and after, processes, offsets, inboxes."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from superwizja.chaos.badinputs.record import Sound
from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.quiet import CONSUMES
from superwizja.verify.sources import databases

LOOKED_AT = 20
"""Parked aggregates of each service that an operator looks at."""

Outcomes = dict[str, Counter[str]]
Lives = dict[str, tuple[int | None, int]]

APPLIED = "SELECT topic, aggregate FROM inbox WHERE consumer = '{}' AND version >= 1 AND parked_from IS NULL"


def lives(runtime: Runtime) -> Lives:
    """The pid and the number of restarts of every process of the services."""
    found = Runtime.read(runtime.profile).processes
    return {each.name: (each.pid, each.restarts) for each in found if each.name.split(".")[0] in SERVICES}


async def outcomes(runtime: Runtime, http: aiohttp.ClientSession) -> Outcomes:
    """What each consumer's processes say became of the records that they took, since they started."""
    found: Outcomes = {service: Counter() for service in SERVICES}
    for each in Runtime.read(runtime.profile).processes:
        service, _, kind = each.name.partition(".")
        if service in SERVICES and kind.startswith("worker"):
            try:
                async with http.get(f"http://127.0.0.1:{each.port}/metrics/") as answer:
                    measured = await answer.text()
            except aiohttp.ClientError:
                # It has died, which is seen by its pid; what it took is accounted for by nobody, which is seen too.
                continue
            for family in text_string_to_metric_families(measured):
                for sample in family.samples:
                    if sample.name == "consumer_events_total" and sample.labels["consumer"] == service:
                        found[service][sample.labels["outcome"]] += int(sample.value)
    return found


async def lost(runtime: Runtime, sound: Sequence[Sound]) -> list[str]:
    """Sound events that did not take effect in a consumer that reads their topic."""
    missing: list[str] = []
    for service, database in databases(runtime).items():
        async with database:
            rows = await database.rows(APPLIED.format(service))
        applied = {(row["topic"], row["aggregate"]) for row in rows}
        missing += [
            f"{service}: {each.event.type} {each.key}"
            for each in sound
            if each.event.topic in CONSUMES[service] and (each.event.topic, each.key) not in applied
        ]
    return missing


async def unknown_programmes(
    runtime: Runtime, http: aiohttp.ClientSession, authorization: str, ids: list[str]
) -> list[str]:
    """Those of these programmes that insights knows nothing of."""
    turns = asyncio.Semaphore(8)

    async def known(programme: str) -> bool:
        at = f"{runtime.api('insights')}/v1/figures/{programme}"
        async with turns, http.get(at, headers={"Authorization": authorization}) as answer:
            return answer.status == 200

    found = await asyncio.gather(*(known(each) for each in ids))
    return [each for each, there in zip(ids, found, strict=True) if not there]


async def refused_to_operators(runtime: Runtime, http: aiohttp.ClientSession, authorization: str) -> list[str]:
    """What operators cannot see or take up again of what is parked, and whether the newest events can be shown."""
    wrong: list[str] = []

    async def ask(method: str, path: str, expected: int) -> Any:
        headers = {"Authorization": authorization, "Idempotency-Key": str(uuid4())}
        async with http.request(method, path, headers=headers) as answer:
            if answer.status != expected:
                wrong.append(f"{method} {path} is answered {answer.status}")
                return {}
            return await answer.json()

    for service in SERVICES:
        listed = await ask("GET", f"{runtime.api(service)}/v1/parked", 200)
        for each in listed.get("items", ())[:LOOKED_AT]:
            at = f"{runtime.api(service)}/v1/parked/{each['consumer']}/{each['aggregate']}"
            await ask("GET", at, 200)
            await ask("POST", f"{at}/redrive", 202)
    await ask("GET", f"{runtime.api('insights')}/v1/latest", 200)
    return wrong
