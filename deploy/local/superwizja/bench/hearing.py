"""Whoever consumes, in a process of its own: when each event came, and whether all came once and in order."""

import time
from array import array
from typing import Any, NamedTuple

import aiokafka
from aiokafka import AIOKafkaConsumer
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition
from contracts.cloudevents import envelope_of

from superwizja.bench.figure import Unsound
from superwizja.bench.load import AGGREGATES, BEGINNING, PARTITIONS, Arrivals

HEARD_WITHIN = 30.0
"""Seconds after which an event that has not come is lost."""

AT_ONCE = 1000
"""Records that are taken without waiting."""


class Heard(NamedTuple):
    """Nanoseconds (monotonic) by serial number: 0 where nothing came."""

    times: "array[int]"
    arrivals: Arrivals


def hear(bootstrap_servers: str, topic: str, count: int) -> Heard:
    """Read a topic from its first record on, until `count` events came or nothing came for long.

    Raises Unsound where what came is not what consumers of the platform read, whoever published it.
    """
    times = array("q", bytes(8 * count))
    arrivals = Arrivals()
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": topic, "enable.auto.commit": False})
    try:
        partitions = consumer.list_topics(topic).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        last = time.monotonic()
        while arrivals.count < count and time.monotonic() - last < HEARD_WITHIN:
            if messages := _next(consumer, 0.2):
                now = time.monotonic_ns()
                bodies = [message.value() or b"" for message in messages]
                arrivals.hear(bodies)
                for message, body in zip(messages, bodies, strict=True):
                    serial = BEGINNING.unpack_from(body)[0]
                    times[serial] = now
                    if serial < AGGREGATES:
                        must_be_the_event(message.key(), message.headers(), body)
                last = time.monotonic()
        # What is sent twice comes after what was sent.
        arrivals.hear(message.value() or b"" for message in _next(consumer, 0.5))
    finally:
        consumer.close()
    return Heard(times, arrivals)


def _next(consumer: Consumer, within: float) -> list[Message]:
    """What is there, or comes first. Raises KafkaException."""
    first = consumer.poll(within)
    if first is None:
        return []
    messages = [first, *consumer.consume(AT_ONCE, 0)]
    for message in messages:
        if error := message.error():
            raise KafkaException(error)
    return messages


def must_be_the_event(key: bytes | str | None, headers: Any, body: bytes) -> None:
    """Raises Unsound, and NotAnEnvelope: each attribute of an event is a header of its own."""
    _, _, version = BEGINNING.unpack_from(body)
    envelope = envelope_of(headers or [])
    told = (key, envelope.type, envelope.version)
    if told != (str(envelope.key).encode(), "Bench", version):
        raise Unsound(f"version {version} of an aggregate came as {told}")


async def total(consumer: AIOKafkaConsumer, topic: str, partitions: int = PARTITIONS) -> int:
    """How many records a topic holds."""
    parts = [aiokafka.TopicPartition(topic, number) for number in range(partitions)]
    return sum((await consumer.end_offsets(parts)).values())
