"""Insights on a database of its own, and topics to tell a history on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from chassis.testing import Harness, running
from chassis.topics import Settings, declare
from contracts.cloudevents import headers_of
from insights.main import service

from .history import Told

Publish = Callable[[Iterable[Told]], Awaitable[None]]


@pytest.fixture
async def insights(fresh_database: str) -> AsyncIterator[Harness]:
    """The service without Kafka: events are delivered by hand."""
    async with running(service, fresh_database) as harness:
        yield harness


@pytest.fixture(scope="session")
def topics(kafka_bootstrap: str) -> str:
    """A broker that has the platform's topics."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, declare(Settings(kafka_bootstrap_servers=kafka_bootstrap))).result()
    return kafka_bootstrap


@pytest.fixture
async def insights_on_kafka(fresh_database: str, topics: str) -> AsyncIterator[Harness]:
    """The service on the topics; what consumes is the test's to start."""
    async with running(service, fresh_database, kafka_bootstrap_servers=topics) as harness:
        yield harness


@pytest.fixture
async def publish(topics: str) -> AsyncIterator[Publish]:
    """Sends events to their topics, as the relays of their services would."""
    producer = AIOKafkaProducer(bootstrap_servers=topics)
    await producer.start()

    async def send(told: Iterable[Told]) -> None:
        for event, envelope in told:
            headers = headers_of(envelope, source=event.topic.removesuffix(".events"), schema=event.schema())
            key = str(envelope.key).encode()
            await producer.send(event.topic, msgspec.json.encode(event), key=key, headers=headers)
        await producer.flush()

    yield send
    await producer.stop()
