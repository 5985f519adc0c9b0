"""Events put into outboxes as the services do it, by SQL: more than the APIs could cause on two cores.

This is no judge: it imports the chassis, to write rows that are exactly the chassis's.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
from chassis.ids import new_id
from chassis.outbox import shard_of
from contracts.cloudevents import Headers, headers_of
from contracts.enrollment import GroupBelowMinimum
from contracts.event import Actor, Envelope, Event
from contracts.sessions import SessionCancelled

from superwizja.runtime import Runtime

SERVICES = ("enrollment", "sessions", "trainings", "publications")
"""Those that publish."""

UNPUBLISHED = "SELECT count(*) FROM unpublished"
INSERT = """
    INSERT INTO outbox (event_id, shard, aggregate, version, type, time, headers, body)
    SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::int[], $5::text[], $6::timestamptz[],
                         $7::bytea[], $8::bytea[])
"""
ACTOR = Actor(role="service", service="chaos")
NO_DATE = datetime(2022, 10, 3, tzinfo=UTC).date()

Row = tuple[UUID, int, UUID, int, str, datetime, bytes, bytes]


def enveloped(event: Event, key: UUID, version: int, programme: UUID) -> Envelope:
    """An event's envelope, made now."""
    return Envelope(
        id=new_id(),
        type=event.type,
        time=datetime.now(UTC),
        key=key,
        version=version,
        programme_id=programme,
        correlation_id=uuid4(),
        actor=ACTOR,
    )


def headers(event: Event, envelope: Envelope) -> Headers:
    """As they are on the topic."""
    return headers_of(envelope, source=event.topic.removesuffix(".events"), schema=event.schema())


def row(event: Event, key: UUID, version: int, programme: UUID) -> Row:
    """An event as a row of its owner's outbox."""
    envelope = enveloped(event, key, version, programme)
    packed, body = msgspec.msgpack.encode(headers(event, envelope)), msgspec.json.encode(event)
    return envelope.id, shard_of(key, event.topic), key, version, event.type, envelope.time, packed, body


async def put(db: "asyncpg.Connection[Any]", rows: Iterable[Row]) -> None:
    """Write rows in one transaction."""
    await db.execute(INSERT, *zip(*rows, strict=True))


async def opened(runtime: Runtime, service: str) -> "asyncpg.Connection[Any]":
    """A connection to a service's database, with no link between."""
    return await asyncpg.connect(runtime.database_url(service).replace("postgresql+asyncpg://", "postgresql://"))


async def number(runtime: Runtime, service: str, statement: str) -> int:
    """The one number that a statement answers in a service's database."""
    db = await opened(runtime, service)
    try:
        found: int = await db.fetchval(statement)
        return found
    finally:
        await db.close()


@dataclass
class Stream:
    """Writes events of many aggregates at a rate (events a second), their versions ascending, into several outboxes.

    Every group reads one of the two topics at least. Their kinds are remembered in each inbox, and change nothing.
    """

    runtime: Runtime
    rate: float
    aggregates: int = 1000
    together: int = 20
    services: Sequence[str] = ("enrollment", "sessions")
    written: int = 0
    seconds: float = 0.0
    late: float = 0.0
    keys: list[UUID] = field(default_factory=list)
    versions: dict[UUID, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose the aggregates, once for all the time."""
        self.keys = [uuid4() for _ in range(self.aggregates)]
        self.versions = dict.fromkeys(self.keys, 0)
        self.programme = uuid4()

    async def run(self, stopping: asyncio.Event) -> None:
        """Write until told to stop. `late` is by how many seconds it was behind at the worst."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number, service in enumerate(self.services):
                keys = self.keys[number :: len(self.services)]
                group.create_task(self._fill(service, keys, stopping))
        self.seconds += time.monotonic() - began

    async def _fill(self, service: str, keys: list[UUID], stopping: asyncio.Event) -> None:
        pause = self.together * len(self.services) / self.rate
        db = await opened(self.runtime, service)
        try:
            due, place = time.monotonic(), 0
            while not stopping.is_set():
                chosen = [keys[(place + each) % len(keys)] for each in range(self.together)]
                place += self.together
                await put(db, [self._next(service, key) for key in chosen])
                self.written += self.together
                due += pause
                wait = due - time.monotonic()
                self.late = max(self.late, -wait)
                await asyncio.sleep(max(0.0, wait))
        finally:
            await db.close()

    def _next(self, service: str, key: UUID) -> Row:
        self.versions[key] += 1
        event: Event
        if service == "enrollment":
            event = GroupBelowMinimum(group_id=key, seats_taken=2, minimum=3)
        else:
            event = SessionCancelled(cycle_id=key, session_id=key, ordinal=1, planned_on=NO_DATE)
        return row(event, key, self.versions[key], self.programme)
