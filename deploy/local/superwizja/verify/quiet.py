"""Waits until nothing is under way: outboxes empty, nothing due, every consumer at the end of its topics."""

import asyncio
import time
from collections import defaultdict

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from contracts.topics import TOPICS

from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.sources import PARTITIONS, Database, databases

CONSUMES: dict[str, tuple[str, ...]] = {
    "enrollment": ("sessions.events", "trainings.events", "publications.events"),
    "sessions": ("enrollment.events", "publications.events"),
    "trainings": ("enrollment.events", "sessions.events"),
    "publications": ("enrollment.events", "sessions.events", "trainings.events"),
    "insights": tuple(topic.name for topic in TOPICS),
}
"""Which topics each consumer reads; its group has its name."""

LOOK_EVERY = 0.3
UNPUBLISHED = "SELECT count(*) FROM unpublished"
IN_A_MOMENT = "SELECT count(*) FROM due WHERE at <= now() + interval '15 seconds' AND parked_at IS NULL"
"""Due now, or while all is being read: an offer that expires then is out in one table and over in another."""


class NotQuiet(Exception):
    """Something was still under way when the time was over; the message says what."""


async def wait_until_quiet(runtime: Runtime, *, within: float) -> None:
    """Return once two looks in a row found nothing under way. Raises NotQuiet."""
    deadline = time.monotonic() + within
    open_databases = databases(runtime)
    consumer = AIOKafkaConsumer(bootstrap_servers=runtime.bootstrap_servers, enable_auto_commit=False, group_id=None)
    admin = AIOKafkaAdminClient(bootstrap_servers=runtime.bootstrap_servers)
    await consumer.start()
    await admin.start()
    try:
        for database in open_databases.values():
            await database.__aenter__()
        before: dict[TopicPartition, int] = {}
        while True:
            try:
                ends = await consumer.end_offsets(PARTITIONS)
                waiting = await _waiting(open_databases, admin, ends)
            except KafkaError as error:
                # A broker that has just come back, or gone: its partitions and groups find another, or it returns.
                ends, waiting = {}, [f"kafka {error!r}"]
            if not waiting and ends == before:
                return
            if time.monotonic() > deadline:
                raise NotQuiet(", ".join(waiting) or "events keep coming")
            before = ends
            await asyncio.sleep(LOOK_EVERY)
    finally:
        for database in open_databases.values():
            await database.__aexit__()
        await admin.close()
        await consumer.stop()


async def _waiting(
    open_databases: dict[str, Database], admin: AIOKafkaAdminClient, ends: dict[TopicPartition, int]
) -> list[str]:
    waiting = []
    for service, database in open_databases.items():
        for what, statement in (("outbox", UNPUBLISHED), ("due", IN_A_MOMENT)):
            if number := await database.number(statement):
                waiting.append(f"{service} {what} {number}")
    for service in SERVICES:
        for topic, lag in (await _lag(admin, service, ends)).items():
            waiting.append(f"{service} {topic} {lag}")
    return waiting


async def _lag(admin: AIOKafkaAdminClient, service: str, ends: dict[TopicPartition, int]) -> dict[str, int]:
    """Records that a consumer has not committed, by topic."""
    committed = await admin.list_consumer_group_offsets(service)
    lag: dict[str, int] = defaultdict(int)
    for part, end in ends.items():
        if part.topic in CONSUMES[service]:
            done = committed[part].offset if part in committed else 0
            lag[part.topic] += max(0, end - max(done, 0))
    return {topic: number for topic, number in lag.items() if number}
