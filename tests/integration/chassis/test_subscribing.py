"""From the topic to the effect on real Kafka: nothing lost, nothing twice, whatever else lies on the topic."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from chassis.consuming import Consumer, Record
from chassis.database import Sessions
from chassis.inbox import Inbox
from chassis.settings import ServiceSettings
from chassis.subscribing import REST, Subscription
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope
from contracts.sessions import TOPIC, ContractRevised
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from superwizja.leash import free_port

from .conftest import effects
from .test_inbox import a_consumer, parked_versions, record_of

pytestmark = pytest.mark.usefixtures("topics")


@asynccontextmanager
async def consuming(settings: ServiceSettings, sessions: Sessions, group: str) -> AsyncIterator[Subscription]:
    subscription = Subscription(settings, Inbox(a_consumer(), sessions), group=group)
    await subscription.start()
    try:
        yield subscription
    finally:
        await subscription.stop()


@pytest.fixture
async def producer(topics: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=topics)
    await producer.start()
    yield producer
    await producer.stop()


async def send(producer: AIOKafkaProducer, sessions: Sessions, cycle: UUID, version: int, contract: int = 1) -> None:
    revised = ContractRevised(cycle_id=cycle, contract_version=contract, revised_on=date(2022, 10, 1))
    record = record_of(Inbox(a_consumer(), sessions), revised, cycle, version)
    await producer.send_and_wait(TOPIC, record.body, key=str(cycle).encode(), headers=record.headers)


async def until(sessions: Sessions, cycle: UUID, versions: list[int], *, within: float = 40.0) -> None:
    try:
        async with asyncio.timeout(within):
            while await effects(sessions, cycle) != versions:
                await asyncio.sleep(0.05)
    except TimeoutError:
        assert await effects(sessions, cycle) == versions


async def test_what_comes_one_by_one_is_applied_in_batches(
    settings: ServiceSettings, sessions: Sessions, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch is a transaction and an offset, however many events it has."""
    cycle, batches = uuid4(), list[int]()
    async with consuming(settings, sessions, f"test-{uuid4()}") as subscription:
        inbox, take = subscription.inbox, subscription.inbox.take

        async def counted(records: Sequence[Record]) -> None:
            if any(record.envelope.key == cycle for record in records):  # other tests have left theirs on the topic
                batches.append(len(records))
            await take(records)

        monkeypatch.setattr(inbox, "take", counted)
        await send(producer, sessions, cycle, 1)
        await until(sessions, cycle, [1])
        began = time.monotonic()
        for version in range(2, 41):
            await send(producer, sessions, cycle, version)
            await asyncio.sleep(0.01)
        await until(sessions, cycle, list(range(1, 41)))
        seconds = time.monotonic() - began
    assert len(batches) <= seconds / REST + 2


async def test_events_take_effect_in_order_and_offsets_survive_a_restart(
    settings: ServiceSettings, sessions: Sessions, producer: AIOKafkaProducer
) -> None:
    cycle, group = uuid4(), f"test-{uuid4()}"
    for version in (1, 2, 3):
        await send(producer, sessions, cycle, version)
    async with consuming(settings, sessions, group):
        await until(sessions, cycle, [1, 2, 3])
    await send(producer, sessions, cycle, 4)
    async with consuming(settings, sessions, group) as subscription:
        await until(sessions, cycle, [1, 2, 3, 4])
        async with asyncio.timeout(10):
            while (await subscription.lag())[TOPIC]:
                await asyncio.sleep(0.05)


async def test_a_second_group_takes_everything_from_the_first_record_and_repeats_no_effect(
    settings: ServiceSettings, sessions: Sessions, producer: AIOKafkaProducer
) -> None:
    cycle, last = uuid4(), uuid4()
    for version in (1, 2):
        await send(producer, sessions, cycle, version)
    async with consuming(settings, sessions, f"test-{uuid4()}"):
        await until(sessions, cycle, [1, 2])
    await send(producer, sessions, last, 1)
    async with consuming(settings, sessions, f"test-{uuid4()}"):
        await until(sessions, last, [1])
    assert await effects(sessions, cycle) == [1, 2]


async def test_foreign_records_unknown_types_and_poison_do_not_hold_the_neighbours(
    settings: ServiceSettings, sessions: Sessions, producer: AIOKafkaProducer
) -> None:
    ill, well = uuid4(), uuid4()
    await send(producer, sessions, well, 1)
    await producer.send_and_wait(TOPIC, b"\x00\xff", key=b"foreign", headers=[("uuid", b"\xff\xfe\x00")])
    await producer.send_and_wait(TOPIC, None, key=b"no value")
    await producer.send_and_wait(TOPIC, b"{}", headers=[("ce_type", b"\xff"), ("ce_id", b"x")])
    unknown = Envelope(
        id=uuid4(),
        type="pl.superwizja.sessions.never-heard-of.v9",
        time=datetime.now(UTC),
        key=well,
        version=2,
        programme_id=None,
        correlation_id=uuid4(),
        actor=Actor(role="service"),
    )
    await producer.send_and_wait(
        TOPIC, b"?", key=str(well).encode(), headers=headers_of(unknown, source="sessions", schema="urn:x")
    )
    await send(producer, sessions, ill, 1, contract=13)
    await send(producer, sessions, ill, 2)
    await send(producer, sessions, well, 3)
    async with consuming(settings, sessions, f"test-{uuid4()}"):
        await until(sessions, well, [1, 3])
        async with asyncio.timeout(20):
            while await parked_versions(sessions) != [1, 2]:
                await asyncio.sleep(0.05)
    assert await effects(sessions, ill) == []


async def test_two_workers_share_the_topic_and_a_third_takes_over(
    settings: ServiceSettings, sessions: Sessions, producer: AIOKafkaProducer
) -> None:
    group, cycles = f"test-{uuid4()}", [uuid4() for _ in range(20)]
    async with consuming(settings, sessions, group):
        async with consuming(settings, sessions, group):
            for version in (1, 2):
                for cycle in cycles:
                    await send(producer, sessions, cycle, version)
            for cycle in cycles:
                await until(sessions, cycle, [1, 2])
        for cycle in cycles:
            await send(producer, sessions, cycle, 3)
        for cycle in cycles:
            await until(sessions, cycle, [1, 2, 3])


async def test_a_batch_waits_for_a_database_that_is_away(
    settings: ServiceSettings, sessions: Sessions, producer: AIOKafkaProducer
) -> None:
    cycle, consumer, away = uuid4(), Consumer("waiting", topics=[TOPIC]), [True] * 3

    @consumer.on(ContractRevised)
    async def on_contract_revised(db: AsyncSession, event: ContractRevised, envelope: Envelope) -> None:
        if envelope.key == cycle and away:
            away.pop()
            raise ConnectionRefusedError("the database is away")
        await db.execute(
            text("INSERT INTO effect (aggregate, version) VALUES (:a, :v)"), {"a": envelope.key, "v": envelope.version}
        )

    subscription = Subscription(settings, Inbox(consumer, sessions), group=f"test-{uuid4()}")
    await send(producer, sessions, cycle, 1)
    await subscription.start()
    try:
        await until(sessions, cycle, [1])
    finally:
        await subscription.stop()
    assert await parked_versions(sessions) == []


async def test_whoever_waits_for_kafka_leaves_nothing_open_behind(
    sessions: Sessions, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch, left: list[str]
) -> None:
    """Each attempt makes clients of its own: what an attempt that failed leaves open is never closed by anybody."""
    away = settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{free_port()}"})
    subscription = Subscription(away, Inbox(a_consumer(), sessions))
    attempts: list[object] = []
    monkeypatch.setattr(subscription, "_outage", attempts.append)
    starting = asyncio.create_task(subscription.start())
    async with asyncio.timeout(30):
        while len(attempts) < 3:
            await asyncio.sleep(0.05)
    starting.cancel()
    await asyncio.wait([starting])
    del subscription


async def test_a_cluster_is_found_by_any_of_its_addresses(
    settings: ServiceSettings, sessions: Sessions, producer: AIOKafkaProducer
) -> None:
    cycle = uuid4()
    several = f"127.0.0.1:{free_port()},{settings.kafka_bootstrap_servers}"
    await send(producer, sessions, cycle, 1)
    async with consuming(settings.model_copy(update={"kafka_bootstrap_servers": several}), sessions, f"test-{uuid4()}"):
        await until(sessions, cycle, [1])
