"""Whether a process lives, is ready, or is stuck: no progress while there is work and the servers answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from aiokafka.client import AIOKafkaClient
from sqlalchemy import func, select, text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.database import Sessions, a_connection
from chassis.kafka import connection
from chassis.outages import is_outage
from chassis.settings import ServiceSettings
from chassis.tables import due, outbox, parked
from chassis.telemetry import DUE_PARKED, DUE_WAITING, OUTBOX_AGE, OUTBOX_DEPTH, PARKED, STUCK

log = structlog.get_logger()

MEASURE_EVERY = 3.0
"""Seconds between two measurements of what waits."""

PROBE_TIMEOUT = 2.0


_unpublished = outbox.c.published_at.is_(None)
_now_due = (due.c.at <= func.now()) & due.c.parked_at.is_(None)
WAITING = select(
    select(func.count()).select_from(outbox).where(_unpublished).scalar_subquery(),
    select(func.extract("epoch", func.now() - func.min(outbox.c.time))).where(_unpublished).scalar_subquery(),
    select(func.count()).select_from(due).where(_now_due).scalar_subquery(),
    select(func.count()).select_from(due).where(due.c.parked_at.is_not(None)).scalar_subquery(),
)


class Part(msgspec.Struct):
    """A part of a worker that should make progress while it has work: both are counted since the start."""

    name: str
    progress: Callable[[], int]
    work: Callable[[], Awaitable[int]]
    seen: int = -1
    idle_since: float = 0.0
    waits_for: str | None = None


class Stuck(RuntimeError):
    """A part made no progress although it has work and its servers answer: the process must be restarted."""


async def database_answers(settings: ServiceSettings) -> bool:
    """Whether a fresh connection reaches the database."""
    try:
        db = await a_connection(settings, timeout=PROBE_TIMEOUT)
        try:
            await db.fetchval("SELECT 1")
        finally:
            db.terminate()
    except Exception as error:
        if is_outage(error):
            return False
        raise
    return True


async def broker_answers(settings: ServiceSettings) -> bool:
    """Whether a fresh client gets the cluster's metadata."""
    client = AIOKafkaClient(**connection(settings), request_timeout_ms=int(PROBE_TIMEOUT * 1000))
    try:
        await asyncio.wait_for(client.bootstrap(), PROBE_TIMEOUT)
    except Exception as error:
        if is_outage(error):
            return False
        raise
    finally:
        await client.close()
    return True


class Vitals:
    """Measures what waits, watches that it moves, and answers for liveness and readiness.

    `/health/live` fails only when a part is stuck; `/health/ready` says which server does not answer. An outage is
    waited out: it makes a process not ready, never dead.
    """

    def __init__(self, settings: ServiceSettings, sessions: Sessions, *, kafka: bool) -> None:
        self.settings = settings
        self.sessions = sessions
        self.kafka = kafka
        self.parts: list[Part] = []
        self.stuck: str | None = None
        self.outbox_depth = 0
        self.overdue = 0

    async def measure(self) -> None:
        """Count what waits in the database, for the metrics and for the watch."""
        async with self.sessions.begin() as db:
            self.outbox_depth, oldest, self.overdue, due_parked = (await db.execute(WAITING)).one()
            DUE_PARKED.set(due_parked)
            PARKED.clear()
            for consumer, number in await db.execute(
                select(parked.c.consumer, func.count()).group_by(parked.c.consumer)
            ):
                PARKED.labels(consumer).set(number)
        OUTBOX_DEPTH.set(self.outbox_depth)
        OUTBOX_AGE.set(float(oldest or 0))
        DUE_WAITING.set(self.overdue)

    async def watch(self) -> None:
        """Measure and watch for ever. Raises Stuck."""
        clock = asyncio.get_running_loop().time
        while True:
            try:
                await self.measure()
                for part in self.parts:
                    await self._look_at(part, clock())
            except Exception as error:
                if not is_outage(error):
                    raise
                for part in self.parts:
                    part.idle_since, part.waits_for = clock(), "database"
            await asyncio.sleep(MEASURE_EVERY)

    async def _look_at(self, part: Part, now: float) -> None:
        progress = part.progress()
        if progress != part.seen or await part.work() == 0:
            part.seen, part.idle_since, part.waits_for = progress, now, None
        elif now - part.idle_since > MEASURE_EVERY:
            part.waits_for = await self._what_is_away()
            if part.waits_for is not None:
                part.idle_since = now
        STUCK.labels(part.name).set(part.waits_for is None and now - part.idle_since > 2 * MEASURE_EVERY)
        if part.waits_for is None and now - part.idle_since > self.settings.stuck_after:
            self.stuck = part.name
            log.error("stuck: there is work, the servers answer, and nothing moves", part=part.name)
            raise Stuck(part.name)

    async def _what_is_away(self) -> str | None:
        if not await database_answers(self.settings):
            return "database"
        if self.kafka and not await broker_answers(self.settings):
            return "kafka"
        return None

    async def live(self, _: Request) -> Response:
        """200 while the process can be left alone, 503 when it should be restarted."""
        return self._says(self.stuck is None, {"stuck": self.stuck})

    async def ready(self, _: Request) -> Response:
        """200 when the process can do its work, 503 with the server that it waits for."""
        try:
            async with asyncio.timeout(PROBE_TIMEOUT), self.sessions() as db:
                await db.execute(text("SELECT 1"))
        except Exception as error:
            if not is_outage(error):
                raise
            return self._says(False, {"waits_for": "database"})
        waits_for = {part.name: part.waits_for for part in self.parts if part.waits_for}
        return self._says(not waits_for, {"waits_for": waits_for} if waits_for else {})

    def _says(self, well: bool, more: dict[str, Any]) -> Response:
        return JSONResponse({"ok": well, "build": self.settings.build_id, **more}, 200 if well else 503)

    def routes(self) -> list[Route]:
        """The two probes."""
        return [Route("/health/live", self.live), Route("/health/ready", self.ready)]
