"""Brings records to an inbox: a FastStream batch subscriber on raw records, offsets committed after the effects."""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, NamedTuple

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka import TopicPartition as Part
from faststream.kafka.message import KafkaAckableMessage
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from chassis.consuming import NotAnEnvelope, Record
from chassis.inbox import Inbox
from chassis.kafka import AGAIN_MS, begun, security
from chassis.outages import is_outage
from chassis.settings import KafkaSettings
from chassis.telemetry import CONSUMED, CONSUMER_LAG

log = structlog.get_logger()

BATCH, WHOLE_BATCH = 500, 4000
"""Records of a batch, at most, and of a consumer that takes all of a batch at once: each is applied within seconds."""

LOOK_MS = 1000
"""Milliseconds that a look at empty topics takes; it ends with the first record that comes."""

LOOKED_WITHIN = 1.0
"""Seconds in which the lag is known, unless Kafka is silent."""

SESSION_MS = 6_000
"""Milliseconds without a heartbeat after which a consumer's partitions go to another: whoever takes them over waits."""

WAIT_MS = 500
"""Milliseconds after which a broker answers a fetch that found nothing; one that found something it answers at once."""

REST = 0.08
"""Seconds in which a batch gathers, when all before it is done: a batch costs as fifty events do.

Without it each event alone would be a transaction and an offset, in every consumer. What aiokafka has in hand for 0.1 s
it leaves, and asks that broker for its other partitions: for this one only when that is answered, WAIT_MS later.
"""

FETCH_BYTES = 4 * 1024 * 1024
"""What a broker sends at a time, at most: a consumer that is far behind holds that much of each, not 50 MiB."""

METADATA_MS = 3_000
"""Milliseconds after which the partitions' leaders are asked for anew.

A leader that changes while aiokafka asks it for a partition's first offset is asked again and again, and with it all
other partitions of its broker wait, until then: five minutes by default.
"""


PARTITION = attrgetter("topic", "partition")
"""Where a record was."""


class Polled(NamedTuple):
    """When a partition's last fetch was answered, as aiokafka notes it, and when (monotonic) we first saw that."""

    at: int | None
    seen: float


class Subscription:
    """One consumer group's share of its topics, from the first record on.

    `partitions`: exactly these, so that nobody waits for the group to agree; otherwise what the group agrees on.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        inbox: Inbox,
        *,
        group: str | None = None,
        partitions: Sequence[TopicPartition] = (),
    ) -> None:
        self.inbox = inbox
        self.group = group or inbox.consumer.name
        self.batch = WHOLE_BATCH if inbox.consumer.whole else BATCH
        self.taken = 0
        self.rests_until = 0.0
        self.next_offsets: dict[TopicPartition, int] = {}
        self.polled: dict[TopicPartition, Polled] = {}
        self.broker = KafkaBroker(
            settings.kafka_bootstrap_servers.split(","),
            security=security(settings),
            apply_types=False,
            allow_auto_create_topics=False,
            consumer_only=True,
            logger=logging.getLogger("faststream"),
            log_level=logging.DEBUG,
            graceful_timeout=10.0,
            metadata_max_age_ms=METADATA_MS,
            retry_backoff_ms=AGAIN_MS,
        )
        self.subscriber = self.broker.subscriber(
            *(() if partitions else inbox.consumer.topics),
            partitions=[Part(part.topic, part.partition) for part in partitions],
            batch=True,
            group_id=self.group,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            max_records=self.batch,
            fetch_max_wait_ms=WAIT_MS,
            fetch_max_bytes=FETCH_BYTES,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 3,
            parser=self._parse,
            decoder=self._decode,
        )
        self.subscriber(self.take)
        # FastStream's own way to the next batch sleeps after each look in vain, whatever comes meanwhile.
        self.subscriber.get_msg = self._next  # type: ignore[method-assign]

    async def start(self) -> None:
        """Join the group; a broker that is away is waited for."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_outage), wait=wait_random_exponential(0.2, max=2.0), before_sleep=self._outage
        ):
            with attempt:
                try:
                    await begun(self.broker.start())
                except BaseException:
                    # A consumer that did not start is still there, and the next attempt would make another beside it.
                    await self.subscriber.stop()
                    raise
                self.inbox.progress.outage = None

    async def stop(self) -> None:
        """Finish the batch in hand, commit and leave the group."""
        await self.broker.stop()

    def _outage(self, state: RetryCallState) -> None:
        self.inbox.progress.outage = state.outcome.exception() if state.outcome else None
        log.warning("consumer waits for Kafka", group=self.group, cause=repr(self.inbox.progress.outage))

    async def _next(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord[Any, Any], ...]:
        """The next batch, after a rest where the one before was all that there was; nothing when there is none."""
        await asyncio.sleep(max(0.0, self.rests_until - time.monotonic()))
        batches = await consumer.getmany(timeout_ms=LOOK_MS, max_records=self.batch)
        if all(records[-1].offset + 1 >= (consumer.highwater(part) or 0) for part, records in batches.items()):
            self.rests_until = time.monotonic() + REST
        return tuple(chain.from_iterable(batches.values()))

    async def _parse(self, records: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaAckableMessage:
        """Wrap a batch as it came: FastStream's own parser fails on headers that are not text, for ever."""
        assert self.subscriber.consumer is not None
        return KafkaAckableMessage(body=b"", raw_message=records, consumer=self.subscriber.consumer)

    async def _decode(self, message: KafkaAckableMessage) -> Any:
        return message.raw_message

    async def take(self, raw: tuple[ConsumerRecord[Any, Any], ...]) -> None:
        """Apply a batch of records; what is no event of ours is counted and left where it is, on the topic."""
        parts = [(TopicPartition(*where), list(found)) for where, found in groupby(raw, PARTITION)]
        for part, found in parts:
            # From its first record on a batch waits until it has been applied, although the position is past it.
            self.next_offsets.setdefault(part, found[0].offset)
        if records := list(self._events(raw)):
            await self.inbox.take(records)
        for part, found in parts:
            self.next_offsets[part] = found[-1].offset + 1
        self.taken += len(raw)
        self.inbox.progress.done(len(raw))

    def _events(self, raw: Iterable[ConsumerRecord[Any, Any]]) -> Iterator[Record]:
        for record in raw:
            try:
                yield self.inbox.consumer.read(record.topic, record.headers, record.value or b"")
            except NotAnEnvelope as error:
                CONSUMED.labels(self.inbox.consumer.name, "foreign").inc()
                log.error(
                    "record is no event",
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.offset,
                    cause=str(error),
                )

    async def lag(self) -> dict[str, int]:
        """Records that wait in this process's partitions, by topic, as of the last fetch."""
        waiting = dict.fromkeys(self.inbox.consumer.topics, 0)
        consumer = self.subscriber.consumer
        assigned = consumer.assignment() if consumer else frozenset()
        self.next_offsets = {part: offset for part, offset in self.next_offsets.items() if part in assigned}
        for partition in assigned:
            assert consumer is not None
            if partition not in consumer.assignment():
                # Given to another while we asked for the position of one before it.
                continue
            end = consumer.highwater(partition)
            if end is None:
                continue
            done = self.next_offsets.get(partition)
            if done is None:
                done = await consumer.position(partition)
            waiting[partition.topic] += max(0, end - done)
        for topic, number in waiting.items():
            CONSUMER_LAG.labels(self.inbox.consumer.name, topic).set(number)
        return waiting

    async def look(self) -> None:
        """Note for the watch what waits, and since when all partitions are answered: at each pulse."""
        progress, consumer = self.inbox.progress, self.subscriber.consumer
        now, before = time.monotonic(), self.polled
        self.polled = {}
        for part in consumer.assignment() if consumer else frozenset():
            assert consumer is not None
            at = consumer.last_poll_timestamp(part)
            known = before.get(part)
            self.polled[part] = known if known is not None and known.at == at else Polled(at, now)
        progress.heard = min((polled.seen for polled in self.polled.values()), default=None)
        try:
            async with asyncio.timeout(LOOKED_WITHIN):
                progress.waiting = sum((await self.lag()).values())
        except Exception as error:
            # The first offset of a partition is asked of Kafka, which is silent, or has just given it to another.
            if not is_outage(error):
                raise
            progress.waiting = None

    async def run_until(self, stopping: asyncio.Event) -> None:
        """Consume until told to stop."""
        await self.start()
        try:
            await stopping.wait()
        finally:
            await self.stop()
