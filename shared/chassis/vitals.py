"""Whether a process lives, is ready, or is stuck: no progress while there is work and the servers answer."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.database import BY_INDEX, a_connection
from chassis.errors import told
from chassis.outages import is_late, is_outage
from chassis.progress import Progress
from chassis.servers import PATIENCE, Lack, database_lacks, kafka_lacks, statement_of
from chassis.settings import ServiceSettings
from chassis.telemetry import DUE_PARKED, DUE_WAITING, OUTAGE, OUTBOX_AGE, OUTBOX_DEPTH, PARKED, STUCK

log = structlog.get_logger()

MEASURE_EVERY = 2.0
"""Seconds between two measurements of what waits."""

SHOWN_AFTER = 4.0
"""Seconds without progress after which it is asked why: with the measuring and the asking within 10 s."""

DEAF_AFTER = 3.0
"""Seconds without an answer from Kafka after which a consumer hears nothing: it answers twice a second."""

COUNTED_WITHIN = 1.0
"""Seconds in which what waits has been counted, else it is not known: a table may be locked."""

Cause = Literal[
    # of being stuck
    "lock",
    "statement",
    "step",
    "deaf",
    "loop",
    "unknown",
    # of an outage
    "silent",
    "leaderless",
    "copies",
    "error",
]

UNPUBLISHED = """
    SELECT waiting.shard, number, extract(epoch FROM now() - time)::float8
    FROM (SELECT shard, count(*) AS number, min(position) AS position FROM unpublished GROUP BY shard) AS waiting
    JOIN outbox USING (position)
"""
DUE = """
    SELECT (SELECT count(*) FROM due WHERE at <= now() AND parked_at IS NULL),
           (SELECT count(*) FROM due WHERE parked_at IS NOT NULL)
"""
PARKED_EVENTS = "SELECT consumer, count(*) FROM parked GROUP BY consumer"


@dataclass(frozen=True)
class Wait:
    """Why a part does not move: an outage of a `server`, or stuck (`server` is None); where, as far as it is known.

    Causes of being stuck: `lock` (somebody holds it), `statement` (the database is at it), `step` (what is in hand),
    `deaf` (Kafka answers, but not this consumer), `loop` (something computes and lets nobody else run), `unknown`.
    Causes of an outage are those of Lack, and `error`: what the server said when it was last tried.
    """

    cause: Cause
    detail: str
    server: str | None = None


@dataclass
class Part:
    """A part of a worker that should make progress while it has work.

    `reads` and `writes` are its topics. What it has in hand ends by itself when it is `bounded`; `where` tells what
    holds up the loop that the part runs on. It last moved at `since`; until `excused` it moved, or waited for what a
    restart does not bring about.
    """

    name: str
    progress: Progress
    waiting: Callable[[], int | None]
    reads: Sequence[str] = ()
    writes: Sequence[str] = ()
    bounded: bool = False
    where: Callable[[], str] | None = None
    seen: int = -1
    since: float = 0.0
    excused: float = 0.0
    wait: Wait | None = None

    def deaf(self, now: float) -> bool:
        """Whether it hears nothing from Kafka, be it that it has nothing to listen to."""
        heard = self.progress.heard
        return bool(self.reads) and (heard is None or now - heard > DEAF_AFTER)

    def must_be_restarted(self) -> bool:
        """Whether what it waits for does not end by itself: a lock, a statement and a bounded step do."""
        if self.wait is None or self.wait.server is not None:
            return False
        return self.wait.cause in ("loop", "deaf", "unknown") or (self.wait.cause == "step" and not self.bounded)


class Stuck(RuntimeError):
    """A part made no progress although it has work and its servers answer: the process must be restarted."""


class Vitals:
    """Measures what waits, watches that it moves, and answers for liveness and readiness.

    `/health/live` fails only when a part is stuck and only a restart helps; `/health/ready` says what each part that
    does not move waits for. An outage is waited out: it makes a process not ready, never dead.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self.parts: list[Part] = []
        self.stuck: str | None = None
        self.unpublished: dict[int, int] | None = {}
        self.db: asyncpg.Connection[Any] | None = None

    async def watch(self) -> None:
        """Measure and watch for ever. Raises Stuck."""
        try:
            while True:
                lack = await self.measure()
                for part in self.parts:
                    await self._look_at(part, lack, time.monotonic())
                self._tell()
                await asyncio.sleep(MEASURE_EVERY)
        finally:
            self._leave()

    def _leave(self) -> None:
        if self.db is not None:
            self.db.terminate()
            self.db = None

    async def measure(self) -> Lack | None:
        """Count what waits in the database, for the metrics and for the watch; what is wrong with it, if anything."""
        try:
            if self.db is None or self.db.is_closed():
                self.db = await a_connection(self.settings, timeout=PATIENCE)
                await self.db.execute(BY_INDEX)
            return await self._measure(self.db)
        except Exception as error:
            if not is_outage(error):
                raise
            self._leave()
            self.unpublished = None
            return await database_lacks(self.settings)

    async def _measure(self, db: "asyncpg.Connection[Any]") -> Lack | None:
        unpublished = await _counted(db, UNPUBLISHED)
        due = await _counted(db, DUE)
        parked = await _counted(db, PARKED_EVENTS)
        self.unpublished = None if unpublished is None else {shard: number for shard, number, _ in unpublished}
        if unpublished is not None:
            OUTBOX_DEPTH.set(sum(number for _, number, _ in unpublished))
            OUTBOX_AGE.set(max((age for _, _, age in unpublished), default=0.0))
        if due is not None:
            DUE_WAITING.set(due[0][0])
            DUE_PARKED.set(due[0][1])
        if parked is not None:
            PARKED.clear()
            for consumer, number in parked:
                PARKED.labels(consumer).set(number)
        known = unpublished is not None and due is not None and parked is not None
        return None if known else await database_lacks(self.settings)

    async def _look_at(self, part: Part, lack: Lack | None, now: float) -> None:
        before, progress, deaf = part.wait, part.progress, part.deaf(now)
        moved, part.seen = progress.moved != part.seen, progress.moved
        if moved or (part.waiting() == 0 and progress.outage is None and not deaf and lack is None):
            part.since, part.excused, part.wait = now, now, None
        elif (lack is not None and part.where is None) or now - part.since >= SHOWN_AFTER:
            part.wait = await self._why(part, lack, deaf=deaf)
            # To ask a silent server takes seconds.
            asked = time.monotonic()
            if part.wait is None:
                part.since = asked
            if not part.must_be_restarted():
                part.excused = asked
        if part.wait != before:
            self._log(part, now)
        if part.must_be_restarted() and now - part.excused > self.settings.stuck_after:
            self.stuck = part.name
            log.error("stuck: there is work, the servers answer, and nothing moves", part=part.name)
            raise Stuck(part.name)

    async def _why(self, part: Part, lack: Lack | None, *, deaf: bool) -> Wait | None:
        """What a part that does not move waits for; None when it has nothing to do after all."""
        if part.where is not None:
            return Wait("loop", part.where())
        lack = lack or await database_lacks(self.settings)
        if lack is None and (part.reads or part.writes):
            lack = await kafka_lacks(self.settings, reads=part.reads, writes=part.writes)
        if lack is not None:
            return Wait(lack.cause, lack.detail, lack.server)
        progress, waiting = part.progress, part.waiting()
        step, backend, outage = progress.step, progress.backend, progress.outage
        if outage is not None and not is_late(outage):
            of_kafka = isinstance(outage, KafkaError | KafkaException)
            return Wait("error", told(outage), "kafka" if of_kafka else "database")
        at = await statement_of(self.settings, backend) if backend is not None else None
        if at is not None:
            return Wait(at.cause, f"{at.detail} ({step})" if step else at.detail)
        if deaf and step is None:
            return Wait("deaf", ", ".join(part.reads)) if progress.heard is not None else None
        if waiting is None or (waiting == 0 and not outage):
            return None
        return Wait("step", step) if step else Wait("unknown", "")

    def _log(self, part: Part, now: float) -> None:
        wait, seconds = part.wait, round(now - part.since, 1)
        if wait is None:
            log.warning("part moves again", part=part.name)
        elif wait.server is not None:
            log.warning("part waits for a server", part=part.name, seconds=seconds, **asdict(wait))
        else:
            log.error("part is stuck", part=part.name, seconds=seconds, cause=wait.cause, detail=wait.detail)

    def _tell(self) -> None:
        STUCK.clear()
        OUTAGE.clear()
        for part in self.parts:
            if part.wait is not None:
                seconds = time.monotonic() - part.since
                if part.wait.server is None:
                    STUCK.labels(part.name, part.wait.cause).set(seconds)
                else:
                    OUTAGE.labels(part.name, part.wait.server).set(seconds)

    async def live(self, _: Request) -> Response:
        """200 while the process can be left alone, 503 when it should be restarted."""
        return self._says(self.stuck is None, {"stuck": self.stuck})

    async def ready(self, _: Request) -> Response:
        """200 when the process can do its work, 503 with what does not move and what it waits for."""
        waits = [
            {"part": part.name, "seconds": round(time.monotonic() - part.since, 1), **asdict(part.wait)}
            for part in self.parts
            if part.wait is not None
        ]
        if not waits and (lack := await database_lacks(self.settings)):
            waits = [{"part": "process", "seconds": 0.0, **lack._asdict()}]
        return self._says(not waits, {"waits": waits} if waits else {})

    def _says(self, well: bool, more: dict[str, Any]) -> Response:
        return JSONResponse({"ok": well, "build": self.settings.build_id, **more}, 200 if well else 503)

    def routes(self) -> list[Route]:
        """The two probes."""
        return [Route("/health/live", self.live), Route("/health/ready", self.ready)]


async def _counted(db: "asyncpg.Connection[Any]", query: str) -> "list[asyncpg.Record] | None":
    """The rows, or None where a lock or a long table keeps them back."""
    try:
        return list(await db.fetch(query, timeout=COUNTED_WITHIN))
    except TimeoutError:
        return None
