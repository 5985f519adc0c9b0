"""faststream-outbox as a contender, in a process of its own, with the settings in which it was fastest.

`python -m superwizja.bench.peers.faststream_outbox URL KAFKA TOPIC TOLD` is its relay.
"""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from faststream import FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.response import KafkaResponse
from faststream_outbox import OutboxBroker, make_outbox_table, outbox_autovacuum_ddl
from faststream_outbox.message import OutboxMessage
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from superwizja import leash
from superwizja.bench.ground import Ground
from superwizja.bench.load import Sent

QUEUE = "bench"
METADATA = MetaData()
OUTBOX = make_outbox_table(METADATA)

WORKERS = 16
FETCHED = 1000
FLUSHED = 200
"""Rows that it claims, and that it deletes, with one statement."""

POLLED = 0.001
"""Seconds until it looks again where it found nothing."""


@dataclass
class FaststreamOutbox:
    """Its own table, from which 16 workers publish and delete."""

    url: str
    topic: str
    bootstrap_servers: str
    folder: Path
    name: str = "faststream-outbox"
    table: str = "outbox"
    columns: tuple[str, ...] = ("queue", "payload", "headers")
    returning: str = "RETURNING id, pg_notify('outbox_outbox', queue)"
    ours: bool = False

    def row(self, sent: Sent) -> tuple[Any, ...]:
        """As its own `publish` writes it, whose statement also calls whoever listens."""
        return QUEUE, sent.body, json.dumps({name: value.decode() for name, value in sent.headers})

    @contextmanager
    def running(self) -> Iterator[Sequence[psutil.Process]]:
        """Its relay, once it has started."""
        told = self.folder / f"{self.topic}.told"
        module = "superwizja.bench.peers.faststream_outbox"
        command = [sys.executable, "-m", module, self.url, self.bootstrap_servers, self.topic, str(told)]
        with leash.child(leash.leashed(command), told.with_suffix(".log"), ready=lambda _: told.exists()) as process:
            yield [psutil.Process(process.pid)]


async def faststream_outbox(ground: Ground) -> FaststreamOutbox:
    """A fresh one, its table vacuumed as it advises."""
    topic = await ground.new_topic()
    url = ground.empty_database()
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
            await connection.execute(text(outbox_autovacuum_ddl(OUTBOX.name)))
    finally:
        await engine.dispose()
    return FaststreamOutbox(url, topic, ground.bootstrap_servers, ground.folder)


async def whole(message: OutboxMessage) -> OutboxMessage:
    """Nothing is decoded: what came is what goes out."""
    return message


async def relay(url: str, bootstrap_servers: str, topic: str, told: Path) -> None:
    """Publish until SIGTERM; `told` is written once it has started."""
    engine = create_async_engine(url, pool_size=WORKERS + 4)
    kafka = KafkaBroker(
        bootstrap_servers,
        acks="all",
        enable_idempotence=True,
        max_batch_size=262144,
        apply_types=False,
        logger=None,
    )
    outbox = OutboxBroker(engine, outbox_table=OUTBOX, decoder=whole, apply_types=False, logger=None)

    async def publish(message: OutboxMessage) -> KafkaResponse:
        key = message.headers["ce_partitionkey"].encode()
        return KafkaResponse(message.body, headers=message.headers, key=key)

    waiting = outbox.subscriber(
        QUEUE,
        max_workers=WORKERS,
        fetch_batch_size=FETCHED,
        terminal_flush_batch_size=FLUSHED,
        min_fetch_interval=POLLED,
        max_fetch_interval=POLLED,
    )
    kafka.publisher(topic)(waiting(publish))

    async def begin() -> None:
        await kafka.connect()

    def tell() -> None:
        told.touch()

    async def end() -> None:
        await kafka.stop()
        await engine.dispose()

    app = FastStream(outbox, logger=None, on_startup=[begin], after_startup=[tell], after_shutdown=[end])
    await app.run()


def main(url: str, bootstrap_servers: str, topic: str, told: str) -> None:
    """One relay."""
    asyncio.run(relay(url, bootstrap_servers, topic, Path(told)))


if __name__ == "__main__":
    main(*sys.argv[1:])
