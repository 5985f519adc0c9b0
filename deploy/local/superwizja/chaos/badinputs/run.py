"""A run against a running platform: requests first, then records, then what became of both."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable

import aiohttp
from contracts.topics import PARTITIONS
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from superwizja.chaos.badinputs import consumers
from superwizja.chaos.badinputs.answers import kind_of, wrong_with
from superwizja.chaos.badinputs.bearers import NOBODY, Bearers
from superwizja.chaos.badinputs.flood import Flood
from superwizja.chaos.badinputs.known import known
from superwizja.chaos.badinputs.operations import operations
from superwizja.chaos.badinputs.records import Records
from superwizja.chaos.badinputs.requests import Requests
from superwizja.chaos.badinputs.result import Result
from superwizja.chaos.badinputs.wire import Wire
from superwizja.chaos.badinputs.words import say
from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.quiet import CONSUMES, NotQuiet, wait_until_quiet

AT_ONCE = 32
QUIET_WITHIN = 3600.0
AWAY = 503
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds after which a request is sent again that met a server which was away."""
LOOK_EVERY = 2.0
Step = Callable[[int], None]


def run(runtime: Runtime, count: int, seed: int, console: Console, lang: str) -> Result:
    """Send `count` bad inputs, half of them requests, half records, to a platform on which a programme was played."""
    return asyncio.run(bad_inputs(runtime, count // 2, count - count // 2, seed, console, lang))


async def bad_inputs(runtime: Runtime, requests: int, records: int, seed: int, console: Console, lang: str) -> Result:
    """The same, with the two numbers apart."""
    result = Result(seed)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    async with aiohttp.ClientSession(trust_env=False, timeout=aiohttp.ClientTimeout(total=30)) as http:
        with Progress(*columns, console=console, disable=not console.is_terminal) as bars:

            def stage(name: str, total: int) -> Step:
                task = bars.add_task(say(lang, f"stage_{name}"), total=total)
                return lambda number: bars.advance(task, number)

            alive = consumers.lives(runtime)
            if requests:
                await _requests(runtime, http, requests, result, stage("requests", requests))
            if records:
                reads = sum(len(topics) for topics in CONSUMES.values()) * records // len(PARTITIONS)
                await _records(runtime, http, records, result, stage("records", records), stage("drained", reads))
        _see_who_lives(runtime, alive, result)
    return result


async def _requests(runtime: Runtime, http: aiohttp.ClientSession, number: int, result: Result, step: Step) -> None:
    rng = random.Random(f"requests {result.seed}")
    described = await operations(runtime, http)
    bearers = Bearers(runtime, rng)
    there = await known(runtime, http, bearers.of(str(NOBODY)), described)
    port = runtime.ports["gateway"]
    made = Requests(rng, there, described, bearers, f"127.0.0.1:{port}")
    began = time.monotonic()

    async def lane() -> None:
        wire = Wire(port)
        try:
            while result.requests < number:
                result.requests += 1
                request = made.next()
                answer = await wire.ask(request)
                for pause in PAUSES:
                    if answer.status != AWAY:
                        break
                    # A machine that is too busy for its database says so to anybody: what the request does, it repeats.
                    result.away += 1
                    await asyncio.sleep(pause)
                    answer = await wire.ask(request)
                result.answers.setdefault(request.kind, Counter())[kind_of(answer)] += 1
                result.server_errors += answer.status >= 500
                if wrong := wrong_with(request, answer):
                    shown = request.told() | {"answer": answer.body[:2000].decode(errors="replace")}
                    result.add(wrong, f"{request.kind}: {request.operation.name}", shown)
                step(1)
        finally:
            await wire.close()

    async with asyncio.TaskGroup() as lanes:
        for _ in range(AT_ONCE):
            lanes.create_task(lane())
    result.requests_seconds = time.monotonic() - began


async def _records(
    runtime: Runtime, http: aiohttp.ClientSession, number: int, result: Result, step: Step, taken: Step
) -> None:
    # What the requests caused must be out of the way, for the counts to be of the records alone.
    await wait_until_quiet(runtime, within=QUIET_WITHIN)
    before = await consumers.outcomes(runtime, http)
    made = Records(random.Random(f"records {result.seed}"))
    began = time.monotonic()
    watching = asyncio.create_task(_watch(runtime, http, taken))
    async with Flood(runtime.bootstrap_servers) as flood, asyncio.TaskGroup() as sending:
        under_way: set[asyncio.Task[None]] = set()
        while result.records < number:
            records = made.next()
            result.records += len(records)
            result.records_by_kind.update(record.kind for record in records)
            task = sending.create_task(flood.send(records, step))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            if len(under_way) > AT_ONCE * 16:
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    result.records_seconds = time.monotonic() - began
    result.sound, result.refused_by_broker = len(made.sound), flood.too_large
    try:
        await wait_until_quiet(runtime, within=QUIET_WITHIN)
    except NotQuiet as busy:
        result.not_alive.append(f"still under way: {busy}")
    finally:
        watching.cancel()
    result.drained_seconds = time.monotonic() - began - result.records_seconds
    after = await consumers.outcomes(runtime, http)
    result.outcomes = {service: after[service] - before[service] for service in SERVICES}
    result.lost = await consumers.lost(runtime, made.sound)
    for service in SERVICES:
        put = sum(flood.put[topic] for topic in CONSUMES[service])
        if (told := result.outcomes[service].total()) < put:
            result.lost.append(f"{service}: {put} records were put on its topics, {told} are accounted for")
    opened = [str(each.key) for each in made.sound if each.event.__name__ == "ProgrammeOpened"]
    operator = Bearers(runtime, random.Random(0)).of(str(NOBODY), "operator")
    unknown = await consumers.unknown_programmes(runtime, http, operator, opened)
    result.lost += [f"insights: nothing is known of programme {each}" for each in unknown]
    for wrong in await consumers.refused_to_operators(runtime, http, operator):
        result.add(wrong, "operator", {})
    await wait_until_quiet(runtime, within=QUIET_WITHIN)


async def _watch(runtime: Runtime, http: aiohttp.ClientSession, taken: Step) -> None:
    """Show how much the consumers have taken, until cancelled."""
    before = sum(counted.total() for counted in (await consumers.outcomes(runtime, http)).values())
    while True:
        await asyncio.sleep(LOOK_EVERY)
        now = sum(counted.total() for counted in (await consumers.outcomes(runtime, http)).values())
        taken(now - before)
        before = now


def _see_who_lives(runtime: Runtime, before: consumers.Lives, result: Result) -> None:
    after = consumers.lives(runtime)
    result.not_alive += [
        f"{name}: pid {pid} became {after.get(name, (None, 0))[0]}"
        for name, (pid, _) in before.items()
        if after.get(name, (None, 0))[0] != pid
    ]
