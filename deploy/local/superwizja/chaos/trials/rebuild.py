"""Figures built anew from a long history while commands go on: the old ones serve meanwhile, the new ones are equal."""

import asyncio
import random
import re
import sys
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec

from superwizja.chaos.load import Load
from superwizja.chaos.rig import Rig
from superwizja.chaos.trials.groups import drained, ends_of, waiting
from superwizja.chaos.trials.history import chapter, opening, rows
from superwizja.chaos.trials.outboxes import SERVICES, Row, opened, put
from superwizja.chaos.trials.trial import Told, Trial
from superwizja.demo.ledger import file_of
from superwizja.runtime import Runtime
from superwizja.verify.evidence import Evidence, tables_of
from superwizja.verify.indicators import rebuilt
from superwizja.verify.sources import Apis, databases, topics

EVENTS, PROGRAMMES = 200_000, 3
LANES, RATE = 3, 10.0
AT_ONCE = 500
SETTLES = 15.0
TAKEN_WITHIN = 3600.0
READ_EVERY = 0.2

GROWING = (
    "applications",
    "applications_waitlisted",
    "groups_formed",
    "offers_made",
    "withdrawals",
    "signatures",
    "sessions_completed",
    "supervision_minutes",
    "conclusions_recorded",
    "submissions",
)
"""Figures that no event makes smaller."""

UNEQUAL = re.compile(r"programme ([0-9a-f-]{36}): \w+ was .* is .*")
OWN = re.compile(r"programme |swapped|not rebuilt|\d+ of \d+ events")
HELD = re.compile(r"the worker was held for ([0-9.]+) s")


async def rebuild(rig: Rig, *, rng: random.Random, told: Told, events: int = EVENTS) -> Trial:
    """Fill the topics to so many events, then rebuild insights under load while somebody reads the figures."""
    programmes = await filled(rig, rng, events, told)
    load = Load(rig.runtime, file_of(rig.runtime.folder), random.Random(rng.random()), LANES, RATE)
    stopping, read_to = asyncio.Event(), asyncio.Event()
    reader = Reader(rig.runtime, programmes, load)
    async with asyncio.TaskGroup() as group:
        loading = group.create_task(load.run(stopping))
        try:
            await asyncio.sleep(SETTLES)
            group.create_task(reader.until(read_to))
            total, began = sum((await ends_of(rig.runtime)).values()), time.monotonic()
            said, code = await _rebuilt(rig, told)
            seconds = time.monotonic() - began
            await asyncio.sleep(SETTLES)
        finally:
            stopping.set()
            await asyncio.wait([loading])
            read_to.set()
    await load.finish()
    await drained(rig.runtime, within=600.0)
    differences = await _differences(rig)
    unequal = [line for line in said if (found := UNEQUAL.match(line)) and UUID(found.group(1)) in programmes]
    trial = Trial("rebuild")
    trial.at_most("rebuild_failed", code, 0)
    trial.at_most("rebuild_differences", len(differences), 0)
    trial.at_most("rebuild_unequal", len(unequal), 0)
    trial.at_most("rebuild_unanswered", len(reader.unanswered), 0)
    trial.at_most("rebuild_decreased", len(reader.decreased), 0)
    trial.tell("rebuild_events", total)
    trial.tell("rebuild_reads", reader.reads)
    trial.tell("rebuild_seconds", seconds, "s")
    held = [float(found.group(1)) for line in said if (found := HELD.search(line))]
    trial.tell("rebuild_held", held[-1] if held else None, "s")
    trial.tell("rebuild_commands", load.counts.commands)
    trial.detail = {
        "said": said[-40:],
        "differences": differences[:20],
        "unanswered": reader.unanswered[:20],
        "decreased": reader.decreased[:20],
        "unexpected": [str(each) for each in load.unexpected][:20],
    }
    return trial


async def filled(rig: Rig, rng: random.Random, events: int, told: Told) -> list[UUID]:
    """Write a history into the outboxes until there are so many events, and wait until all have been taken."""
    programmes = [uuid4() for _ in range(PROGRAMMES)]
    connections = {service: await opened(rig.runtime, service) for service in SERVICES}
    waits: dict[str, list[Row]] = defaultdict(list)
    written = 0
    try:
        for number, programme in enumerate(programmes, start=1):
            for service, one in rows(opening(programme, number), programme):
                waits[service].append(one)
        while written < events:
            for service, one in rows(chapter(rng), rng.choice(programmes)):
                waits[service].append(one)
                written += 1
            for service, some in waits.items():
                if len(some) >= AT_ONCE or written >= events:
                    await put(connections[service], some)
                    some.clear()
            await asyncio.sleep(0)
    finally:
        for connection in connections.values():
            await connection.close()
    told(f"{written} events are written")
    await _taken(rig, written, told)
    return programmes


async def _taken(rig: Rig, written: int, told: Told) -> None:
    """Wait until every group has taken the history, telling how far they are. Raises NotReady."""
    telling = asyncio.create_task(_progress(rig, written, told))
    try:
        seconds = await drained(rig.runtime, within=TAKEN_WITHIN)
    finally:
        telling.cancel()
    told(f"every group has taken them, {seconds:.0f} s later")


async def _progress(rig: Rig, written: int, told: Told) -> None:
    while True:
        await asyncio.sleep(20)
        ends = await ends_of(rig.runtime)
        behind = await waiting(rig.runtime, ends)
        told(f"{sum(ends.values())} of {written} published; waiting: {behind}")


async def _rebuilt(rig: Rig, told: Told) -> tuple[list[str], int]:
    """Have insights built anew; what the command said, and how it ended."""
    env = rig.runtime.environment("insights", port=0, operated=[])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "insights.main",
        "rebuild",
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said: list[str] = []
    logged: deque[str] = deque(maxlen=20)
    try:
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            if OWN.match(text):
                said.append(text)
                told(text)
            else:
                logged.append(text)
    finally:
        if process.returncode is None and process.stdout.at_eof():
            await process.wait()
        elif process.returncode is None:
            process.kill()
            await process.wait()
    code = process.returncode or 0
    return said + ([*logged] if code else []), code


@dataclass
class Reader:
    """Reads figures all the time: of the history, which stand still, and of what the load does, which grow."""

    runtime: Runtime
    still: list[UUID]
    load: Load
    reads: int = 0
    unanswered: list[str] = field(default_factory=list)
    decreased: list[str] = field(default_factory=list)
    last: dict[UUID, dict[str, int]] = field(default_factory=dict)

    async def until(self, stopping: asyncio.Event) -> None:
        """Read until told to stop."""
        headers, timeout = Apis(self.runtime).headers, aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(headers=headers, timeout=timeout, trust_env=False) as http:
            while not stopping.is_set():
                for programme in (*self.still, *(UUID(each.programme) for each in self.load.worlds.values())):
                    await self._read(http, programme)
                await asyncio.sleep(READ_EVERY)

    async def _read(self, http: aiohttp.ClientSession, programme: UUID) -> None:
        self.reads += 1
        try:
            async with http.get(f"{self.runtime.api('insights')}/v1/figures/{programme}") as answer:
                received = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.unanswered.append(f"{time.time():.2f} {programme}: {error!r}")
            return
        before = self.last.get(programme)
        if answer.status == 404 and before is None and programme not in self.still:
            # Insights has not heard of it yet.
            return
        if answer.status != 200:
            self.unanswered.append(f"{time.time():.2f} {programme}: {answer.status} {received[:200]!r}")
            return
        figures: dict[str, int] = msgspec.json.decode(received)["figures"]
        for code, was in (before or {}).items():
            changed = figures[code] != was if programme in self.still else code in GROWING and figures[code] < was
            if changed:
                self.decreased.append(f"{time.time():.2f} {programme}: {code} was {was}, is {figures[code]}")
        self.last[programme] = figures


async def _differences(rig: Rig) -> list[str]:
    """Where insights' figures are not those of verify's own fold of all that the topics hold."""
    runtime = rig.runtime
    evidence = Evidence(records=await topics(runtime.bootstrap_servers))
    tables: dict[str, Any] = await tables_of("insights", databases(runtime)["insights"])
    evidence.tables = {("insights", table): found for table, found in tables.items()}
    apis = Apis(runtime)
    evidence.told = await apis.figures(evidence.programmes)
    evidence.indicators = await apis.indicators(evidence.programmes)
    return list(rebuilt(evidence).differences)
