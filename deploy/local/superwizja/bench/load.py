"""The events of a bench: 1.1 KB each, of a thousand aggregates in turn, numbered; and the proof that all arrived."""

import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID, uuid5

from aiokafka.partitioner import murmur2
from chassis.ids import new_id
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope

from superwizja.bench.figure import Unsound

PARTITIONS = 16
AGGREGATES = 1000
SIZE = 1100
"""Bytes of an event, its envelope included."""

NAMESPACE = UUID("6f0a1c52-1f0f-5f3a-9c57-2a5f3f6f4d10")
ACTOR = Actor(role="service", service="bench")

BEGINNING = struct.Struct(">QII")
"""A body begins with the event's serial number, its aggregate's number and its version; then come letters."""


class Sent(NamedTuple):
    """One event, as every contender gets it."""

    serial: int
    aggregate: UUID
    version: int
    headers: list[tuple[str, bytes]]
    body: bytes

    def partition(self, partitions: int = PARTITIONS) -> int:
        """Where Kafka's own partitioner puts its key."""
        return partition_of(str(self.aggregate), partitions)


@lru_cache(maxsize=1 << 17)
def partition_of(key: str, partitions: int) -> int:
    """Where Kafka's own partitioner puts a key; remembered, since aiokafka's takes as long as sending the event."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def key_of(number: int) -> UUID:
    """The id of an aggregate."""
    return uuid5(NAMESPACE, str(number))


KEYS = [key_of(number) for number in range(AGGREGATES)]


def events(count: int, *, first: int = 0, aggregates: int = AGGREGATES) -> Iterator[Sent]:
    """So many events from the serial number `first` on; an aggregate's versions follow each other without a gap."""
    keys = KEYS if aggregates == AGGREGATES else [key_of(number) for number in range(aggregates)]
    now = datetime.now(UTC)
    for serial in range(first, first + count):
        version, number = divmod(serial, aggregates)
        envelope = Envelope(
            id=new_id(),
            type="Bench",
            time=now,
            key=keys[number],
            version=version + 1,
            programme_id=KEYS[0],
            correlation_id=KEYS[1],
            causation_id=None,
            traceparent=None,
            actor=ACTOR,
        )
        headers = headers_of(envelope, source="sessions", schema="bench")
        taken = sum(len(name) + len(value) for name, value in headers)
        begins = BEGINNING.pack(serial, number, version + 1)
        yield Sent(serial, keys[number], version + 1, headers, begins.ljust(SIZE - taken, b"x"))


class Arrivals:
    """What came, in the order in which it came within a partition: nothing may be missing, twice, or overtaken."""

    def __init__(self) -> None:
        self.versions: dict[int, int] = {}
        self.count = 0
        self.doubled = 0
        self.inverted = 0
        self.gaps = 0

    def hear(self, bodies: Iterable[bytes]) -> None:
        """Take note of events as they came."""
        for body in bodies:
            _, number, version = BEGINNING.unpack_from(body)
            last = self.versions.get(number, 0)
            if version == last + 1:
                self.versions[number] = version
            elif version <= last:
                self.doubled += 1
                continue
            else:
                self.gaps += 1
                self.versions[number] = version
            self.count += 1

    def must_be(self, count: int) -> None:
        """Raises Unsound, saying what went wrong. A version that comes before an earlier one is a gap and a double."""
        if self.count != count or self.gaps or self.doubled:
            raise Unsound(
                f"{count - self.count} of {count} lost, {self.doubled} doubled or late, {self.gaps} out of order"
            )
