"""The newest events and every consumer's lag, straight from Kafka: topics are tailed without a group."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata
from chassis.kafka import AGAIN_MS, begun, connection
from chassis.outages import is_outage
from chassis.settings import KafkaSettings
from chassis.subscribing import REST, WAIT_MS
from contracts.cloudevents import NotAnEnvelope, envelope_of
from contracts.event import Event, published_by
from contracts.topics import TOPICS
from pydantic import BaseModel
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

log = structlog.get_logger()

KEPT = 50
"""How many events of a programme are remembered."""

PER_PARTITION = 4
"""How many of a partition's last events are read at the start, so that the list is not empty."""

LOOK_EVERY = 2.0
"""Seconds between two looks at what consumers have committed."""

PARTITIONS = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
GROUPS = [*(topic.owner for topic in TOPICS), "insights"]
TYPES = {name: kind for topic in TOPICS for name, kind in published_by(topic.name).items()}


class Latest(BaseModel):
    """An event as anyone may see it: `kind` is its class, `told` its public fields."""

    id: UUID
    kind: str
    time: datetime
    programme_id: UUID | None
    told: dict[str, Any]

    def groups(self) -> list[UUID]:
        """The group that the event is about, by which it can be named."""
        return [UUID(self.told[name]) for name in ("group_id", "cycle_id") if self.told.get(name)]


def public_fields(kind: type[Event]) -> list[str]:
    """The fields of an event that are classed public."""
    return [field.name for field in msgspec.inspect.type_info(kind).fields if _class_of(field.type) == "public"]  # type: ignore[attr-defined]  # an Event is a struct


def _class_of(declared: msgspec.inspect.Type) -> str | None:
    told = declared.extra_json_schema if isinstance(declared, msgspec.inspect.Metadata) else None
    if isinstance(declared, msgspec.inspect.Metadata) and not (told and "x-class" in told):
        return _class_of(declared.type)
    return told["x-class"] if told else None


PUBLIC = {name: public_fields(kind) for name, kind in TYPES.items()}


def latest_of(record: "ConsumerRecord[bytes, bytes]") -> Latest | None:
    """What may be shown of a record; None for one that is no event, or of a type that is not known here."""
    try:
        envelope = envelope_of(record.headers)
        kind = TYPES[envelope.type]
        event = msgspec.json.decode(record.value or b"", type=kind)
    except (NotAnEnvelope, KeyError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    told = msgspec.to_builtins({name: getattr(event, name) for name in PUBLIC[envelope.type]})
    return Latest(id=envelope.id, kind=kind.__name__, time=envelope.time, programme_id=envelope.programme_id, told=told)


class Ticker:
    """What Kafka tells: `seen` counts events, `lag` is what each group has yet to take (None where unknown)."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings
        self.events: dict[UUID | None, deque[Latest]] = defaultdict(lambda: deque(maxlen=KEPT))
        self.seen = 0
        self.moved = asyncio.Event()
        self.lag: dict[str, int | None] = dict.fromkeys(GROUPS)

    def latest(self, *programmes: UUID | None) -> list[Latest]:
        """The newest events of these programmes (None: those that belong to none), the newest first."""
        mine = [each for programme in programmes for each in self.events.get(programme, ())]
        return sorted(mine, key=lambda each: each.time, reverse=True)[:KEPT]

    async def run(self) -> None:
        """Tail the topics and look at the groups, for ever; an outage is waited out, and nothing is known meanwhile."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_outage), wait=wait_random_exponential(0.2, max=2.0), before_sleep=self._outage
        ):
            with attempt:
                consumer = AIOKafkaConsumer(
                    **connection(self.settings),
                    retry_backoff_ms=AGAIN_MS,
                    enable_auto_commit=False,
                    fetch_max_wait_ms=WAIT_MS,
                )
                admin = AIOKafkaAdminClient(**connection(self.settings), retry_backoff_ms=AGAIN_MS)
                try:
                    await begun(consumer.start())
                    await begun(admin.start())
                    await self._begin(consumer)
                    async with asyncio.TaskGroup() as both:
                        both.create_task(self._tail(consumer))
                        both.create_task(self._look(consumer, admin))
                except* Exception as several:
                    raise several.exceptions[0] from None
                finally:
                    self.lag = dict.fromkeys(GROUPS)
                    await consumer.stop()
                    await admin.close()

    def _outage(self, state: RetryCallState) -> None:
        log.warning("the ticker waits for Kafka", cause=repr(state.outcome and state.outcome.exception()))

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        consumer.assign(PARTITIONS)
        first, end = await consumer.beginning_offsets(PARTITIONS), await consumer.end_offsets(PARTITIONS)
        for partition in PARTITIONS:
            consumer.seek(partition, max(first[partition], end[partition] - PER_PARTITION))
        waiting = sum(min(PER_PARTITION, end[each] - first[each]) for each in PARTITIONS)
        found: list[Latest] = []
        while waiting > 0 and (batch := await consumer.getmany(timeout_ms=2000)):
            waiting -= sum(map(len, batch.values()))
            found += self._read(batch.values())
        known = {each.id for kept in self.events.values() for each in kept}
        self._add(each for each in found if each.id not in known)

    async def _tail(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            self._add(self._read((await consumer.getmany(timeout_ms=WAIT_MS)).values()))
            await asyncio.sleep(REST)

    def _read(self, batches: Iterable[list["ConsumerRecord[bytes, bytes]"]]) -> list[Latest]:
        read = [latest_of(record) for records in batches for record in records]
        return [each for each in read if each is not None]

    def _add(self, found: Iterable[Latest]) -> None:
        new = sorted(found, key=lambda each: each.time)
        for each in new:
            self.events[each.programme_id].append(each)
        self.seen += len(new)
        if new:
            self.moved.set()

    async def _look(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        while True:
            end = await consumer.end_offsets(PARTITIONS)
            for group in GROUPS:
                self.lag[group] = lag_of(await admin.list_consumer_group_offsets(group), end)
            await asyncio.sleep(LOOK_EVERY)


def lag_of(committed: Mapping[TopicPartition, OffsetAndMetadata], end: dict[TopicPartition, int]) -> int | None:
    """Events that a group has yet to take of the topics that it takes from; None while it has never taken any."""
    done: dict[TopicPartition, int] = {
        partition: kept.offset for partition, kept in committed.items() if kept.offset >= 0
    }
    topics = {partition.topic for partition in done}
    if not topics:
        return None
    return sum(last - done.get(partition, 0) for partition, last in end.items() if partition.topic in topics)
