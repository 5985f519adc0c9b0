"""Whoever consumes, in a process of its own: when each event came, and whether all came once and in order."""

import time
from array import array
from typing import NamedTuple

import aiokafka
from aiokafka import AIOKafkaConsumer
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from superwizja.bench.load import BEGINNING, PARTITIONS, Arrivals

HEARD_WITHIN = 30.0
"""Seconds after which an event that has not come is lost."""

AT_ONCE = 1000
"""Records that are taken without waiting."""


class Heard(NamedTuple):
    """Nanoseconds (monotonic) by serial number: 0 where nothing came."""

    times: "array[int]"
    arrivals: Arrivals


def hear(bootstrap_servers: str, topic: str, count: int) -> Heard:
    """Read a topic from its first record on, until `count` events came or nothing came for long."""
    times = array("q", bytes(8 * count))
    arrivals = Arrivals()
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": topic, "enable.auto.commit": False})
    try:
        partitions = consumer.list_topics(topic).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        last = time.monotonic()
        while arrivals.count < count and time.monotonic() - last < HEARD_WITHIN:
            if bodies := _next(consumer, 0.2):
                now = time.monotonic_ns()
                arrivals.hear(bodies)
                for body in bodies:
                    times[BEGINNING.unpack_from(body)[0]] = now
                last = time.monotonic()
        # What is sent twice comes after what was sent.
        arrivals.hear(_next(consumer, 0.5))
    finally:
        consumer.close()
    return Heard(times, arrivals)


def _next(consumer: Consumer, within: float) -> list[bytes]:
    """What is there, or comes first. Raises KafkaException."""
    first = consumer.poll(within)
    if first is None:
        return []
    bodies = []
    for message in (first, *consumer.consume(AT_ONCE, 0)):
        if error := message.error():
            raise KafkaException(error)
        bodies.append(message.value() or b"")
    return bodies


async def total(consumer: AIOKafkaConsumer, topic: str, partitions: int = PARTITIONS) -> int:
    """How many records a topic holds."""
    parts = [aiokafka.TopicPartition(topic, number) for number in range(partitions)]
    return sum((await consumer.end_offsets(parts)).values())
