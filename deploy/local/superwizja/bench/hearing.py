"""Whoever consumes, in a process of its own: when each event came, and whether all came once and in order."""

import asyncio
import time
from array import array
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from superwizja.bench.load import BEGINNING, PARTITIONS, Arrivals

HEARD_WITHIN = 30.0
"""Seconds after which an event that has not come is lost."""


class Heard(NamedTuple):
    """Nanoseconds (monotonic) by serial number: 0 where nothing came."""

    times: "array[int]"
    arrivals: Arrivals


def hear(bootstrap_servers: str, topic: str, count: int) -> Heard:
    """Read a topic from its first record on, until `count` events came or nothing came for long."""
    return asyncio.run(_hear(bootstrap_servers, topic, count))


async def _hear(bootstrap_servers: str, topic: str, count: int) -> Heard:
    times = array("q", bytes(8 * count))
    arrivals = Arrivals()
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        last = time.monotonic()
        while arrivals.count < count and time.monotonic() - last < HEARD_WITHIN:
            batches = await consumer.getmany(timeout_ms=200)
            now = time.monotonic_ns()
            for records in batches.values():
                arrivals.hear(record.value for record in records)
                for record in records:
                    times[BEGINNING.unpack_from(record.value)[0]] = now
            if batches:
                last = time.monotonic()
        # What is sent twice comes after what was sent.
        for records in (await consumer.getmany(timeout_ms=500)).values():
            arrivals.hear(record.value for record in records)
    finally:
        await consumer.stop()
    return Heard(times, arrivals)


async def total(consumer: AIOKafkaConsumer, topic: str, partitions: int = PARTITIONS) -> int:
    """How many records a topic holds."""
    parts = [TopicPartition(topic, number) for number in range(partitions)]
    return sum((await consumer.end_offsets(parts)).values())
