"""Whether what was there at a moment has arrived everywhere: published by every relay, taken by every consumer."""

import asyncio
import time
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.quiet import CONSUMES
from superwizja.verify.sources import PARTITIONS, Database

LAST = "SELECT coalesce(max(position), 0) FROM outbox"
UNPUBLISHED = "SELECT count(*) FROM unpublished WHERE position <= {}"
LOOK_EVERY = 0.2

AWAY = (
    OSError,
    KafkaError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a server that is not back yet may raise: the fault is over only when it answers again."""


@dataclass(frozen=True)
class Mark:
    """The end of every outbox and of every topic at one moment."""

    positions: dict[str, int]
    ends: dict[TopicPartition, int]


async def mark(runtime: Runtime) -> Mark:
    """Where everything ends now; asks until every server answers."""
    while True:
        try:
            positions = {
                service: await _number(runtime, service, LAST) for service in SERVICES if service != "insights"
            }
            consumer = AIOKafkaConsumer(
                bootstrap_servers=runtime.bootstrap_servers, enable_auto_commit=False, group_id=None
            )
            try:
                await consumer.start()
                return Mark(positions, await consumer.end_offsets(PARTITIONS))
            finally:
                await consumer.stop()
        except (*AWAY, TimeoutError):
            await asyncio.sleep(LOOK_EVERY)


async def arrived(runtime: Runtime, marked: Mark, within: float) -> float | None:
    """When (seconds since 1970) everything up to the mark had arrived everywhere; None if it had not in time."""
    deadline = time.monotonic() + within
    missing = set(SERVICES)
    while missing:
        try:
            missing = {service for service in missing if not await _has(runtime, service, marked)}
        except (*AWAY, TimeoutError):
            # Whoever does not answer has not taken it.
            pass
        if missing and time.monotonic() > deadline:
            return None
        await asyncio.sleep(LOOK_EVERY)
    return time.time()


async def _has(runtime: Runtime, service: str, marked: Mark) -> bool:
    """Whether a service has published what its outbox held and taken what its topics held."""
    if service in marked.positions:
        statement = UNPUBLISHED.format(marked.positions[service])
        if await _number(runtime, service, statement):
            return False
    admin = AIOKafkaAdminClient(bootstrap_servers=runtime.bootstrap_servers)
    try:
        await admin.start()
        committed = await admin.list_consumer_group_offsets(service)
    finally:
        await admin.close()
    return all(
        part in committed and committed[part].offset >= end
        for part, end in marked.ends.items()
        if end and part.topic in CONSUMES[service]
    )


async def _number(runtime: Runtime, service: str, statement: str) -> int:
    async with asyncio.timeout(5), Database(runtime.database_url(service)) as database:
        return await database.number(statement)
