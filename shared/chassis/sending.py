"""What of an outbox is on its way to Kafka: handed over in order, and acknowledged, or refused."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
import structlog
from confluent_kafka import KafkaError, KafkaException, Producer

from chassis.kafka import a_producer
from chassis.settings import KafkaSettings
from chassis.streaming import Row

log = structlog.get_logger()

FULL = 1000
"""Events of one shard on their way, above which it has no room for what is heard."""

REFUSED = 5.0
"""Seconds for which a shard of which the broker refused something for good is left alone: others go on."""

TOGETHER = 100
"""Events of one shard that land together, at most."""

GATHERED, GATHERS = 800, 10.0
"""Events of one shard that are sent as one batch once they are there, and milliseconds for which fewer wait for more.

A producer that sends at once sends the first few by themselves; while they are on their way, and others wait behind
them, its thread asks without a pause whether it may go on (`rd_kafka_broker_producer_serve` of librdkafka 2.16).
"""

KNOWN = 6 * 3600.0
"""Seconds since what landed last of a shard happened, for which its broker surely knows this producer.

It forgets one whose last event is a day old by its own time (`producer.id.expiration.ms`), and takes any request of one
that it does not know for the first, also where it refused the one before (`ProducerAppendInfo` in Apache Kafka).
"""

decode_headers: Callable[[bytes], list[Any]] = msgspec.msgpack.Decoder(list[tuple[str, bytes]]).decode


@dataclass(slots=True)
class Flight:
    """What of one shard is on its way, and since when nothing of it has landed (monotonic seconds).

    `behind`: those of them that wait until what is before them has landed; `gathers`: which producer has the others.
    """

    since: float
    gathers: bool = False
    positions: set[int] = field(default_factory=set)
    behind: list[Row] = field(default_factory=list)


class Sender:
    """Hands events to librdkafka, those of a shard in the order in which it is given them.

    It has two producers, by whether they gather: what comes seldom is sent at once, what comes as a batch as one. Of
    a shard only one of them has something on its way, so that nothing overtakes.

    `flying`: what is on its way, by shard; `landed`: the shard of each position that was acknowledged, until it is
    taken to be marked; `refused`: until when a shard is left alone (monotonic seconds); `known`: when that happened
    which landed last of a producer and a shard (seconds of the clock). Once something has failed nothing more is
    handed over until the next start, for nothing may overtake it; `awake` is set.
    """

    def __init__(self, topic: str, awake: asyncio.Event) -> None:
        self.topic = topic
        self.awake = awake
        self.flying: dict[int, Flight] = {}
        self.landed: dict[int, int] = {}
        self.refused: dict[int, float] = {}
        self.known: dict[tuple[bool, int], float] = {}
        self.acknowledged = 0
        self.failure: KafkaException | None = None
        self.polled_at = self.landed_at = self.careful_until = 0.0
        self.settings: KafkaSettings
        self.producers: dict[bool, Producer] = {}

    def start(self, settings: KafkaSettings) -> None:
        """Begin with new producers: what was on its way before is of no concern any more.

        After one that ended each event of a shard goes alone for a while, so that what the broker refuses is found.
        """
        if self.failure:
            self.careful_until = time.monotonic() + REFUSED
        for of_before in (self.flying, self.landed, self.known):
            of_before.clear()
        self.failure = None
        self.settings = settings
        self.producers = {False: a_producer(settings)}

    async def end(self) -> None:
        """What is on its way now is not sent again by these producers: whoever sends next repeats it."""
        self._fail(KafkaException(KafkaError(KafkaError._DESTROY)))
        for producer in self.producers.values():
            producer.purge()
            # A producer that was purged may have an error of its own to tell, which would hide why it ends.
            with suppress(KafkaException):
                await asyncio.to_thread(producer.close)

    def has_room(self, shard: int) -> bool:
        """Whether more of a shard may be sent as it is heard."""
        flight = self.flying.get(shard)
        return flight is None or len(flight.positions) < FULL

    def send(self, shard: int, rows: Sequence[Row]) -> None:
        """Hand events of a shard over, or have them wait until what is before them has landed."""
        if self.failure:
            return
        flight = self.flying.get(shard)
        if flight is None:
            flight = self.flying[shard] = Flight(time.monotonic())
        flight.positions.update(row.position for row in rows)
        flight.behind += rows
        self._go_on(shard, flight)

    def waits(self) -> bool:
        """Whether something waits until what is before it has landed."""
        return any(flight.behind for flight in self.flying.values())

    def _go_on(self, shard: int, flight: Flight) -> None:
        """Hand over what waits: all of it, or one where the broker may not know us and nothing is on its way.

        Many gather, unless they are so old that each goes alone; what comes behind them waits until they have landed.
        """
        alone, bold = len(flight.behind) == len(flight.positions), time.monotonic() > self.careful_until
        if alone:
            flight.gathers = bold and len(flight.behind) > TOGETHER and _recent(flight.behind[0].time / 1000)
        elif flight.gathers:
            return
        if bold and _recent(self.known.get((flight.gathers, shard), -math.inf)):
            number = len(flight.behind)
        else:
            number = 1 if alone else 0
        rows, flight.behind = flight.behind[:number], flight.behind[number:]
        for first in range(0, len(rows), TOGETHER):
            self._produce(shard, flight.gathers, rows[first : first + TOGETHER])

    def _produce(self, shard: int, gathers: bool, rows: Sequence[Row]) -> None:
        """Events land together when the last one does: a broker that knows us takes nothing that overtakes."""
        if self.failure:
            return
        if gathers not in self.producers:
            self.producers[gathers] = a_producer(self.settings, linger_ms=GATHERS, at_a_time=GATHERED)
        produce = self.producers[gathers].produce
        landed = partial(self._landed, shard, [row.position for row in rows], rows[-1].time)
        try:
            for row in rows:
                produce(
                    self.topic,
                    row.body,
                    row.key,
                    shard,
                    landed if row is rows[-1] else None,
                    timestamp=row.time,
                    headers=decode_headers(row.headers),
                )
        except KafkaException as error:
            landed(error.args[0], None)
        except BufferError:
            self._fail(KafkaException(KafkaError(KafkaError._QUEUE_FULL)))

    def poll(self) -> int:
        """Hear what the broker has acknowledged since the last time, and how much that is. Raises KafkaException."""
        before, self.polled_at = self.acknowledged, time.monotonic()
        try:
            for producer in list(self.producers.values()):
                producer.poll(0)
        except KafkaException as error:
            # The producer has come to its end: of what it had to tell this is the first.
            self._fail(error)
        if self.failure:
            raise self.failure
        return self.acknowledged - before

    def silence(self) -> float:
        """Seconds at the last poll for which nothing of a shard has landed, at most; -inf: nothing flies."""
        return self.polled_at - min((flight.since for flight in self.flying.values()), default=math.inf)

    def take_landed(self) -> dict[int, int]:
        """Hand over what has landed: the caller marks it, or starts anew."""
        landed, self.landed = self.landed, {}
        return landed

    def positions(self) -> set[int]:
        """What is on its way, or has landed."""
        return set(self.landed).union(*(flight.positions for flight in self.flying.values()))

    def shards(self) -> set[int]:
        """Shards of which something is on its way, or has landed."""
        return {*self.flying, *self.landed.values()}

    def left_alone(self) -> set[int]:
        """Shards of which something was refused a moment ago."""
        now = time.monotonic()
        self.refused = {shard: until for shard, until in self.refused.items() if until > now}
        return set(self.refused)

    def _landed(self, shard: int, positions: Sequence[int], happened: int, error: KafkaError | None, _: object) -> None:
        """Take note of what was acknowledged, or that it was not; `happened`: milliseconds, of the last of them."""
        if error is not None:
            if error.code() > 0 and shard not in self.refused:
                # What it or the broker is, not one of the way there or of the producer that came to its end.
                self.refused[shard] = time.monotonic() + REFUSED
                what = {"topic": self.topic, "shard": shard, "first": positions[0], "last": positions[-1]}
                log.error("Kafka refuses an event", **what, cause=error.str())
            self._fail(KafkaException(error))
            return
        flight = self.flying[shard]
        flight.positions.difference_update(positions)
        flight.since = self.landed_at = self.polled_at
        self.known[flight.gathers, shard] = min(happened / 1000, time.time())
        if flight.behind:
            self._go_on(shard, flight)
        if not flight.positions:
            del self.flying[shard]
        self.landed.update(dict.fromkeys(positions, shard))
        self.acknowledged += len(positions)

    def _fail(self, error: KafkaException) -> None:
        self.failure = self.failure or error
        self.awake.set()


def _recent(happened: float) -> bool:
    """Whether a broker surely knows a producer whose last event happened then (seconds of the clock)."""
    return time.time() - happened < KNOWN
