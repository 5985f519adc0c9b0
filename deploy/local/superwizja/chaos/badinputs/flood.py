"""Puts records on the topics of a running platform, as fast as the broker takes them."""

import asyncio
from collections.abc import Callable
from zlib import crc32

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from contracts.topics import PARTITIONS

from superwizja.chaos.badinputs.batches import compressed, respelt
from superwizja.chaos.badinputs.record import Record

UNDER_WAY = 500
"""Records that the broker has not acknowledged yet, at most."""


class Flood:
    """A producer that writes anything, also what a producer of ours never would."""

    def __init__(self, bootstrap_servers: str) -> None:
        self.producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap_servers, linger_ms=5, max_batch_size=131_072, max_request_size=2_000_000
        )
        # Whole batches would wait behind single records for ever, and each for the one before.
        self.apart = AIOKafkaProducer(bootstrap_servers=bootstrap_servers)
        self.one = asyncio.Lock()
        self.turns = asyncio.Semaphore(UNDER_WAY)
        self.put: dict[str, int] = dict.fromkeys(PARTITIONS, 0)
        self.too_large = 0

    async def __aenter__(self) -> "Flood":
        """Connect."""
        await self.producer.start()
        await self.apart.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Have everything acknowledged, and disconnect."""
        await self.producer.stop()
        await self.apart.stop()

    async def send(self, records: list[Record], done: Callable[[int], None]) -> None:
        """Put records on their topics, in order; `done` is called for each that the broker has taken or refused."""
        for record in records:
            async with self.turns:
                try:
                    if record.codec or record.respelt:
                        await self._send_alone(record)
                    else:
                        await self.producer.send_and_wait(
                            record.topic, record.value, record.key, headers=record.headers
                        )
                    self.put[record.topic] += 1
                except MessageSizeTooLargeError:
                    self.too_large += 1
            done(1)

    async def _send_alone(self, record: Record) -> None:
        batch = self.apart.create_batch()
        batch.append(key=record.key, value=record.value, timestamp=None, headers=record.headers)
        batch.close()
        batch = respelt(batch) if record.respelt else batch
        batch = compressed(batch, record.codec) if record.codec else batch
        partition = crc32(record.key or b"") % PARTITIONS[record.topic]
        async with self.one:
            await (await self.apart.send_batch(batch, record.topic, partition=partition))
