"""Whether the servers that a part needs do for it what it needs, asked on connections of the question's own."""

import asyncio
from collections.abc import Collection, Iterable
from typing import Any, Literal, NamedTuple

from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.protocol.admin import DescribeConfigsRequest
from aiokafka.protocol.metadata import MetadataRequest

from chassis.database import a_connection
from chassis.kafka import connection
from chassis.outages import is_outage
from chassis.settings import KafkaSettings, ServiceSettings

PATIENCE = 2.0
"""Seconds in which a server that is there has answered."""

OFFSETS = "__consumer_offsets"
"""Kafka's own topic of groups and offsets: without its leader no group can be joined."""

TOPIC_RESOURCE = 2
"""Kafka's number for a topic among the resources that have a configuration."""

WAITS_FOR = """
    SELECT waiting.state, waiting.wait_event_type, waiting.wait_event,
           (SELECT coalesce(max(relation::regclass::text), max(locktype)) FROM pg_locks
            WHERE pid = waiting.pid AND (NOT granted OR locktype = 'tuple')) AS locked,
           holder.pid AS holder, holder.usename AS role, holder.application_name AS application
    FROM pg_stat_activity AS waiting
    LEFT JOIN pg_stat_activity AS holder ON holder.pid = (pg_blocking_pids(waiting.pid))[1]
    WHERE waiting.pid = $1
"""
"""Who waits for a row has locked its tuple first, which names the table."""


class Lack(NamedTuple):
    """What a server does not do, and where: it is `silent`, `leaderless`, or has too few `copies` in sync."""

    server: str
    cause: Literal["silent", "leaderless", "copies"]
    detail: str = ""


class Statement(NamedTuple):
    """What a database session of ours is at: waiting for a `lock`, or running a `statement`; and which."""

    cause: Literal["lock", "statement"]
    detail: str


async def database_lacks(settings: ServiceSettings) -> Lack | None:
    """What is wrong with the database: None when a fresh connection is answered."""
    try:
        db = await a_connection(settings, timeout=PATIENCE)
        try:
            await db.fetchval("SELECT 1", timeout=PATIENCE)
        finally:
            db.terminate()
    except Exception as error:
        if is_outage(error):
            return Lack("database", "silent")
        raise
    return None


async def statement_of(settings: ServiceSettings, backend: int) -> Statement | None:
    """What the server process of one of our connections is at; None when it has nothing to do, or is gone."""
    try:
        db = await a_connection(settings, timeout=PATIENCE)
        try:
            found = await db.fetchrow(WAITS_FOR, backend, timeout=PATIENCE)
        finally:
            db.terminate()
    except Exception as error:
        if is_outage(error):
            return None
        raise
    if found is None or found["state"] != "active":
        return None
    if found["holder"] is None:
        return Statement("statement", f"{found['wait_event_type']} {found['wait_event']}".replace("None None", "CPU"))
    who = found["application"] or found["role"]
    return Statement("lock", f"{found['locked']}: pid {found['holder']} ({who})")


async def kafka_lacks(
    settings: KafkaSettings, *, reads: Collection[str] = (), writes: Collection[str] = ()
) -> Lack | None:
    """What is wrong with Kafka for these topics: None when leaders are known, they answer, and copies suffice to write.

    Nothing here is left open when it is cancelled: each connection is closed by whoever opened it.
    """
    topics = {*reads, *writes, *([OFFSETS] if reads else [])}
    try:
        async with asyncio.timeout(PATIENCE):
            metadata, needed = await _first(
                _described(settings, f"{host}:{port}", topics, writes)
                for host, port, _ in collect_hosts(settings.kafka_bootstrap_servers)
            )
    except Exception as error:
        if is_outage(error):
            return Lack("kafka", "silent", settings.kafka_bootstrap_servers)
        raise
    leaders: set[int] = set()
    for _, topic, _, partitions in metadata.topics:
        for _, number, leader, copies, in_sync, *_ in partitions:
            if leader < 0:
                return Lack("kafka", "leaderless", f"{topic}/{number}")
            # Kafka does not ask for more copies than a partition has.
            least = min(needed.get(topic, 0), len(copies))
            if len(in_sync) < least:
                return Lack("kafka", "copies", f"{topic}/{number}: {len(in_sync)} < {least}")
            leaders.add(leader)
    return await _silent_one({node: f"{host}:{port}" for node, host, port, *_ in metadata.brokers}, leaders, settings)


async def _silent_one(addresses: dict[int, str], leaders: set[int], settings: KafkaSettings) -> Lack | None:
    async def answers(node: int) -> None:
        async with asyncio.timeout(PATIENCE):
            (await _connected(settings, addresses[node])).close()

    asked = sorted(leaders & addresses.keys())
    outcomes = await asyncio.gather(*(answers(node) for node in asked), return_exceptions=True)
    for node, outcome in zip(asked, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            if not is_outage(outcome):
                raise outcome
            return Lack("kafka", "silent", addresses[node])
    return None


async def _connected(settings: KafkaSettings, address: str) -> AIOKafkaConnection:
    """A connection on which the broker has answered (its versions, and the credentials where there are some)."""
    host, port = address.rsplit(":", 1)
    told = connection(settings)
    del told["bootstrap_servers"]
    return await create_conn(host, int(port), request_timeout_ms=int(PATIENCE * 1000), **told)


async def _described(
    settings: KafkaSettings, address: str, topics: Collection[str], writes: Collection[str]
) -> tuple[Any, dict[str, int]]:
    """The cluster's metadata for these topics, and how many copies in sync each that is written needs."""
    broker = await _connected(settings, address)
    try:
        metadata = await broker.send(MetadataRequest(sorted(topics), allow_auto_topic_creation=False))
        asked = [(TOPIC_RESOURCE, topic, ["min.insync.replicas"]) for topic in writes]
        told = (await broker.send(DescribeConfigsRequest(asked))).resources if asked else []
    finally:
        broker.close()
    # Where we may not read a topic's configuration there is no entry, and we do not know better.
    return metadata, {topic: int(entries[0][1]) for _, _, _, topic, entries in told if entries}


async def _first(asked: Iterable[Any]) -> Any:
    """The first answer of several that are asked at once; where none answers, the last one's error."""
    tasks = [asyncio.ensure_future(each) for each in asked]
    try:
        for number, answer in enumerate(asyncio.as_completed(tasks), 1):
            try:
                return await answer
            except Exception as error:
                if number == len(tasks) or not is_outage(error):
                    raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
