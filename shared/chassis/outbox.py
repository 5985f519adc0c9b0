"""The only way to publish: an event is a row in the transaction of the change that it tells of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import msgspec
from aiokafka.partitioner import murmur2
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope, Event
from contracts.topics import PARTITIONS
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ids import new_id

ADD = text("""
    INSERT INTO outbox (event_id, shard, aggregate, version, type, time, headers, body)
    SELECT event_id, shard, aggregate, version, type, :time, headers, body
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:shards AS smallint[]), CAST(:aggregates AS uuid[]), CAST(:versions AS int[]),
        CAST(:types AS text[]), CAST(:headers AS bytea[]), CAST(:bodies AS bytea[])
    ) WITH ORDINALITY AS recorded (event_id, shard, aggregate, version, type, headers, body, place)
    ORDER BY place
""")
"""One statement for any number of events, which get their positions in the order in which they happened."""


class Aggregate(Protocol):
    """One row to lock, one order of events; `version` is the number of its last event."""

    id: UUID
    version: int

    @property
    def programme_id(self) -> UUID | None:
        """Read only here, so that an aggregate that always has one may say so."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why a transaction runs: set by the edge as `db.info["cause"]`, carried into every event of the transaction."""

    actor: Actor
    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None


def shard_of(key: UUID, topic: str) -> int:
    """The partition that Kafka's own partitioner gives the key: a shard of the outbox is a partition of the topic."""
    return int(murmur2(str(key).encode()) & 0x7FFFFFFF) % PARTITIONS[topic]


async def add(db: AsyncSession, events: Sequence[Event], *, of: Aggregate) -> None:
    """Record an aggregate's events, numbered on from its version. The caller holds the aggregate's row locked."""
    await add_all(db, [(of, events)])


async def add_all(db: AsyncSession, recorded: Sequence[tuple[Aggregate, Sequence[Event]]]) -> None:
    """Record the events of several aggregates, each numbered on from its version, all rows locked by the caller."""
    cause: Cause = db.info["cause"]
    now = datetime.now(UTC)
    rows = []
    for of, events in recorded:
        for event in events:
            of.version += 1
            rows.append(_row(event, of, cause, now))
    await db.flush()
    if rows:
        ids, shards, aggregates, versions, types, headers, bodies = map(list, zip(*rows, strict=True))
        columns = {"ids": ids, "shards": shards, "aggregates": aggregates, "versions": versions, "types": types}
        await db.execute(ADD, columns | {"headers": headers, "bodies": bodies, "time": now})


def _row(event: Event, of: Aggregate, cause: Cause, now: datetime) -> tuple[object, ...]:
    envelope = Envelope(
        id=new_id(),
        type=event.type,
        time=now,
        key=of.id,
        version=of.version,
        programme_id=of.programme_id,
        correlation_id=cause.correlation_id,
        causation_id=cause.causation_id,
        traceparent=cause.traceparent,
        actor=cause.actor,
    )
    headers = headers_of(envelope, source=event.topic.removesuffix(".events"), schema=event.schema())
    return (
        envelope.id,
        shard_of(of.id, event.topic),
        of.id,
        of.version,
        event.type,
        msgspec.msgpack.encode(headers),
        msgspec.json.encode(event),
    )
