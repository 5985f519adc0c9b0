"""Applies events exactly once: the last version of each aggregate is kept with the effects, in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog
from contracts.event import Actor
from sqlalchemy import Table, TextClause, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from tenacity import (
    AsyncRetrying,
    RetryError,
    stop_after_attempt,
    wait_random_exponential,
)
from tenacity.asyncio import retry_if_exception

from chassis.consuming import Aggregate, Consumer, Record, Undecodable, runs
from chassis.database import Sessions, backend_of
from chassis.errors import told
from chassis.outages import is_away, is_late, is_outage
from chassis.outbox import Cause
from chassis.progress import Progress
from chassis.tables import inbox, parked
from chassis.telemetry import CONSUMED, CONSUMER_OUTAGES, GAPS

log = structlog.get_logger()

LOCK = text("""
    SELECT topic, aggregate, version, parked_from
    FROM inbox JOIN unnest(CAST(:topics AS text[]), CAST(:keys AS uuid[])) AS batch (topic, aggregate)
    USING (topic, aggregate)
    WHERE consumer = :consumer
    ORDER BY topic, aggregate
    FOR UPDATE OF inbox
""")
MAKE = text("""
    INSERT INTO inbox (consumer, topic, aggregate, version)
    SELECT :consumer, topic, aggregate, 0
    FROM unnest(CAST(:topics AS text[]), CAST(:keys AS uuid[])) AS batch (topic, aggregate)
    ON CONFLICT DO NOTHING
    RETURNING topic, aggregate, version, parked_from
""")
REMEMBER = text("""
    UPDATE inbox SET version = batch.version, parked_from = batch.parked_from
    FROM unnest(CAST(:topics AS text[]), CAST(:keys AS uuid[]), CAST(:versions AS int[]), CAST(:parked AS int[]))
        AS batch (topic, aggregate, version, parked_from)
    WHERE inbox.consumer = :consumer AND inbox.topic = batch.topic AND inbox.aggregate = batch.aggregate
      AND (inbox.version < batch.version OR inbox.parked_from IS DISTINCT FROM batch.parked_from)
""")
"""One statement each for a whole batch; arrays, so that every size of a batch is one prepared statement."""

ATTEMPTS = 4
"""How often an event is tried before it is parked."""

HANDLED_WITHIN = 60.0
"""Seconds that an attempt may take in all: a handler may wait for something else than the database, too."""


class Seen(msgspec.Struct):
    """What a consumer has applied of one aggregate, and from which version on its events are parked."""

    version: int = 0
    parked_from: int | None = None


class Inbox:
    """One consumer's way of applying batches: all at once, or in ever smaller parts when something in it fails."""

    def __init__(self, consumer: Consumer, sessions: Sessions, *, act_from: datetime | None = None) -> None:
        self.progress = Progress()
        self.consumer = consumer
        self.sessions = sessions
        self.act_from = act_from
        self.actor = Actor(role="service", service=consumer.name)

    async def take(self, records: Sequence[Record]) -> None:
        """Apply a batch. Outages are waited out; what cannot be applied is parked, and its neighbours go on."""
        with self.progress.doing("inbox"):
            await self._take(records)

    async def _take(self, records: Sequence[Record]) -> None:
        """All at once, or half by half down to what fails; what takes too long would do so in each half: one by one."""
        try:
            await self.through_outages(lambda: self.apply(records))
        except Exception as error:
            size = 1 if is_late(error) else max(1, len(records) // 2)
            log.warning("batch is taken in parts", consumer=self.consumer.name, size=size, cause=told(error))
            for begin in range(0, len(records), size):
                part = records[begin : begin + size]
                await (self._take_one(part[0]) if size == 1 else self._take(part))

    async def _take_one(self, record: Record) -> None:
        try:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(ATTEMPTS), wait=wait_random_exponential(0.05, max=1.0)
            ):
                with attempt:
                    await self.through_outages(lambda: self.apply([record]))
        except RetryError as failed:
            error = failed.last_attempt.exception()
            assert error is not None
            cause = f"it takes too long, while the database answers: {told(error)}" if is_late(error) else told(error)
            self._tell(record, cause)
            await self.through_outages(lambda: self.park(record, cause), waits_out=_outage)

    def _tell(self, record: Record, cause: str) -> None:
        log.error("event is parked", consumer=self.consumer.name, type=record.envelope.type, cause=cause)

    async def through_outages(
        self, work: Callable[[], Awaitable[Any]], *, waits_out: Callable[[BaseException], Awaitable[bool]] | None = None
    ) -> None:
        """Do the work, as often as it takes for the servers to be there. Raises what is not an outage.

        What takes too long while the database answers others is no outage, unless `waits_out` says so.
        """
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(waits_out or self._is_away), wait=wait_random_exponential(0.1, max=1.0)
        ):
            if attempt.retry_state.attempt_number > 1:
                CONSUMER_OUTAGES.labels(self.consumer.name).inc()
            with attempt:
                async with asyncio.timeout(HANDLED_WITHIN):
                    await work()
                self.progress.outage = None

    async def _is_away(self, error: BaseException) -> bool:
        away = await is_away(error, self.sessions)
        self.progress.outage = error if away else None
        return away

    async def apply(self, records: Sequence[Record]) -> None:
        """Apply what is new of a batch, in one transaction; what does not decode is parked in it.

        Raises whatever a handler raises.
        """
        counted: dict[str, int] = {}
        gaps = 0
        async with self.sessions.begin() as db:
            self.progress.backend = await backend_of(db)
            seen = await self._lock(db, {record.aggregate for record in records})
            fresh: list[Record] = []
            behind: list[Record] = []
            broken: list[Record] = []
            for record in records:
                envelope, state = record.envelope, seen[record.aggregate]
                if envelope.version <= state.version:
                    outcome = "redelivered"
                elif state.parked_from is not None:
                    outcome = "parked"
                    behind.append(record)
                elif record.broken and self._outcome(record) == "applied":
                    # Known before anything was tried: to fail the whole batch for it would cost its neighbours.
                    outcome = "parked"
                    state.parked_from = envelope.version
                    broken.append(record)
                else:
                    gaps += envelope.version > state.version + 1
                    state.version = envelope.version
                    outcome = self._outcome(record)
                    if outcome == "applied":
                        fresh.append(record)
                counted[outcome] = counted.get(outcome, 0) + 1
            await self._handle(db, fresh)
            for record in broken:
                await self._park(db, [record], cause=_undecodable(record), attempts=1)
            await self._park(db, behind, cause="behind a parked event", attempts=0)
            await self._remember(db, seen)
        for outcome, number in counted.items():
            CONSUMED.labels(self.consumer.name, outcome).inc(number)
        self.progress.done(len(records))
        for record in broken:
            self._tell(record, _undecodable(record))
        if gaps:
            GAPS.labels(self.consumer.name).inc(gaps)
            log.error("versions are missing before an event", consumer=self.consumer.name, gaps=gaps)

    def _outcome(self, record: Record) -> str:
        if record.handler is None:
            return "ignored"
        return "applied" if self.consumer.acts_on(record, self.act_from) else "before_act_from"

    async def _handle(self, db: AsyncSession, fresh: Sequence[Record]) -> None:
        for run in runs(fresh):
            handler = run[0].handler
            assert handler is not None
            for record in run:
                if record.broken:
                    raise Undecodable(f"{record.envelope.type}: {record.broken}")
            self._because_of(db, run[0])
            self.progress.at(f"{handler.call.__module__}.{handler.call.__qualname__}")
            if handler.whole:
                await handler.call(db, [(record.event, record.envelope) for record in run])
            else:
                await handler.call(db, run[0].event, run[0].envelope)
        self.progress.at("inbox")
        await db.flush()

    def _because_of(self, db: AsyncSession, record: Record) -> None:
        db.info["cause"] = Cause(
            actor=self.actor,
            correlation_id=record.envelope.correlation_id,
            causation_id=record.envelope.id,
            traceparent=record.envelope.traceparent,
        )

    async def _lock(self, db: AsyncSession, aggregates: set[Aggregate]) -> dict[Aggregate, Seen]:
        """The aggregates' rows, locked in their order, in which new ones are made: nobody deadlocks."""
        found = await self._rows(db, LOCK, aggregates)
        if missing := aggregates - found.keys():
            found |= await self._rows(db, MAKE, sorted(missing))
        if aggregates - found.keys():
            # Somebody else made them meanwhile.
            found = await self._rows(db, LOCK, aggregates)
        return found

    async def _rows(
        self, db: AsyncSession, statement: TextClause, aggregates: Collection[Aggregate]
    ) -> dict[Aggregate, Seen]:
        rows = await db.execute(statement, self._columns(aggregates))
        return {(topic, key): Seen(version, since) for topic, key, version, since in rows}

    async def _remember(self, db: AsyncSession, seen: dict[Aggregate, Seen]) -> None:
        states = seen.values()
        columns = {"versions": [each.version for each in states], "parked": [each.parked_from for each in states]}
        await db.execute(REMEMBER, self._columns(seen) | columns)

    def _columns(self, aggregates: Collection[Aggregate]) -> dict[str, Any]:
        return {
            "consumer": self.consumer.name,
            "topics": [topic for topic, _ in aggregates],
            "keys": [key for _, key in aggregates],
        }

    async def park(self, record: Record, cause: str) -> None:
        """Set an event aside with its cause; from now on its aggregate's later events wait behind it."""
        async with self.sessions.begin() as db:
            await self._lock(db, {record.aggregate})
            await self._park(db, [record], cause=cause, attempts=ATTEMPTS)
            await db.execute(
                update(inbox)
                .where(*self._of(inbox, record.aggregate))
                .where(inbox.c.parked_from.is_(None))
                .values(parked_from=record.envelope.version)
            )
        CONSUMED.labels(self.consumer.name, "parked").inc()
        self.progress.done()

    async def _park(self, db: AsyncSession, records: Sequence[Record], *, cause: str, attempts: int) -> None:
        if not records:
            return
        rows = [
            {
                "consumer": self.consumer.name,
                "aggregate": record.envelope.key,
                "version": record.envelope.version,
                "topic": record.topic,
                "type": record.envelope.type,
                "headers": msgspec.msgpack.encode([(name, value or b"") for name, value in record.headers]),
                "body": record.body,
                "cause": cause[:2000],
                "attempts": attempts,
            }
            for record in records
        ]
        await db.execute(insert(parked).on_conflict_do_nothing(), rows)

    async def redrive(self, aggregate: UUID) -> None:
        """Apply an aggregate's parked events in version order, as far as it goes; what fails stays, with its cause."""
        waiting = select(parked.c.topic).where(parked.c.consumer == self.consumer.name, parked.c.aggregate == aggregate)
        async with self.sessions() as db:
            topics = sorted(set(await db.scalars(waiting)))
        for topic in topics:
            await self._redrive((topic, aggregate))

    async def _redrive(self, aggregate: Aggregate) -> None:
        while (record := await self._next_parked(aggregate)) is not None:
            try:
                await self.through_outages(lambda record=record: self._apply_parked(record))  # type: ignore[misc]  # a default binds the loop's record
            except Exception as error:
                async with self.sessions.begin() as db:
                    await db.execute(
                        update(parked)
                        .where(*self._that(record))
                        .values(cause=told(error), attempts=parked.c.attempts + 1)
                    )
                return

    def _that(self, record: Record) -> tuple[Any, ...]:
        return (*self._of(parked, record.aggregate), parked.c.version == record.envelope.version)

    def _of(self, table: Table, aggregate: Aggregate) -> tuple[Any, ...]:
        topic, key = aggregate
        return (table.c.consumer == self.consumer.name, table.c.topic == topic, table.c.aggregate == key)

    async def _next_parked(self, aggregate: Aggregate) -> Record | None:
        async with self.sessions.begin() as db:
            row = (
                await db.execute(
                    select(parked.c.topic, parked.c.headers, parked.c.body)
                    .where(*self._of(parked, aggregate))
                    .order_by(parked.c.version)
                    .limit(1)
                )
            ).first()
        if row is None:
            return None
        headers = msgspec.msgpack.decode(row.headers, type=list[tuple[str, bytes]])
        return self.consumer.read(row.topic, headers, row.body)

    async def _apply_parked(self, record: Record) -> None:
        """Apply the first parked event of an aggregate; with the last one, the aggregate is parked no more."""
        async with self.sessions.begin() as db:
            await self._lock(db, {record.aggregate})
            gone = (await db.execute(delete(parked).where(*self._that(record)).returning(parked.c.version))).all()
            if not gone:
                return
            if self._outcome(record) == "applied":
                await self._handle(db, [record])
            following = (
                select(parked.c.version)
                .where(*self._of(parked, record.aggregate))
                .order_by(parked.c.version)
                .limit(1)
                .scalar_subquery()
            )
            await db.execute(
                update(inbox)
                .where(*self._of(inbox, record.aggregate))
                .values(version=record.envelope.version, parked_from=following)
            )


def _undecodable(record: Record) -> str:
    return f"Undecodable: {record.envelope.type}: {record.broken}"


async def _outage(error: BaseException) -> bool:
    return is_outage(error)
