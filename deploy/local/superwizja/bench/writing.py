"""Whoever writes, in a process of its own: commits of one row each, at a rate or as fast as they go."""

import asyncio
import time
from array import array
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

import asyncpg
import uvloop
from aiokafka import AIOKafkaProducer

from superwizja.bench.contender import Contender, insert
from superwizja.bench.load import AGGREGATES, Sent, events

CONNECTIONS = 8
"""Writers at once: in-flight commits, of different aggregates each."""


class Written(NamedTuple):
    """When each commit was answered (monotonic nanoseconds, by serial number), and how many in a second."""

    times: "array[int]"
    rate: float


def driver_url(url: str) -> str:
    """The address as asyncpg takes it."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


def write(
    contender: Contender,
    count: int,
    rate: float | None,
    first: int = 0,
    aggregates: int = AGGREGATES,
) -> Written:
    """Commit `count` events one by one, evenly at `rate` a second, or one after the other on each connection."""
    rows = [contender.row(sent) for sent in events(count, first=first, aggregates=aggregates)]
    return uvloop.run(_write(contender, rows, rate))


async def _write(contender: Contender, rows: Sequence[tuple[Any, ...]], rate: float | None) -> Written:
    count = len(rows)
    times = array("q", bytes(8 * count))
    serials = iter(range(count))
    connections = [await asyncpg.connect(driver_url(contender.url)) for _ in range(CONNECTIONS)]
    prepared = [await connection.prepare(insert(contender)) for connection in connections]
    began = time.monotonic() + (0.05 if rate else 0.0)

    async def lane(statement: Any) -> None:
        for serial in serials:
            if rate:
                await asyncio.sleep(max(0.0, began + serial / rate - time.monotonic()))
            await statement.fetch(*rows[serial])
            times[serial] = time.monotonic_ns()

    await asyncio.gather(*(lane(statement) for statement in prepared))
    seconds = time.monotonic() - began
    for connection in connections:
        await connection.close()
    return Written(times, count / seconds)


async def fill(contender: Contender, count: int, aggregates: int = AGGREGATES) -> None:
    """Have so many events wait in the outbox."""
    connection = await asyncpg.connect(driver_url(contender.url))
    try:
        waiting = (contender.row(sent) for sent in events(count, aggregates=aggregates))
        while batch := list(islice(waiting, 10_000)):
            await connection.copy_records_to_table(contender.table, columns=contender.columns, records=batch)
        await connection.execute(f"VACUUM ANALYZE {contender.table}")
    finally:
        await connection.close()


def produce(bootstrap_servers: str, topic: str, count: int, rate: float | None) -> Written:
    """The floor: bare aiokafka, `send` after `send`; times are those of the calls."""
    return uvloop.run(_produce(bootstrap_servers, topic, list(events(count)), rate))


async def _produce(bootstrap_servers: str, topic: str, sent: list[Sent], rate: float | None) -> Written:
    times = array("q", bytes(8 * len(sent)))
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers, acks="all", enable_idempotence=True, max_batch_size=512 * 1024
    )
    await producer.start()
    try:
        began = time.monotonic() + (0.05 if rate else 0.0)
        for event in sent:
            if rate:
                await asyncio.sleep(max(0.0, began + event.serial / rate - time.monotonic()))
            times[event.serial] = time.monotonic_ns()
            await producer.send(topic, event.body, key=str(event.aggregate).encode(), headers=event.headers)
        await producer.flush()
        seconds = time.monotonic() - began
    finally:
        await producer.stop()
    return Written(times, len(sent) / seconds)
