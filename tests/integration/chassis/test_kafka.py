"""A client of Kafka that is cancelled while it connects leaves no connection open."""

import asyncio
import gc
import time
from uuid import uuid4

from aiokafka import AIOKafkaConsumer
from chassis.database import Sessions
from chassis.inbox import Inbox
from chassis.kafka import begun
from chassis.settings import ServiceSettings
from chassis.subscribing import Subscription

from .test_inbox import a_consumer


async def test_a_client_that_is_cancelled_in_the_middle_of_connecting_leaves_nothing_open(
    topics: str, left: list[str]
) -> None:
    """At whatever moment it is: aiokafka itself drops a connection on which it has asked for the cluster's metadata."""
    cancelled, whole = 0, 0.0
    for moment in range(60):
        consumer = AIOKafkaConsumer(bootstrap_servers=topics)
        began = time.perf_counter()
        starting = asyncio.create_task(begun(consumer.start()))
        if moment < 2:  # the first one of a broker may wait for it to make what it has never been asked for
            await starting
            whole = time.perf_counter() - began
        await asyncio.sleep(whole * moment / 60)
        starting.cancel()
        await asyncio.wait([starting])
        cancelled += starting.cancelled()
        await consumer.stop()
        del consumer, starting
        gc.collect()
    assert cancelled > 5


async def test_a_subscription_that_is_cancelled_in_the_middle_of_connecting_leaves_nothing_open(
    topics: str, settings: ServiceSettings, sessions: Sessions, left: list[str]
) -> None:
    cancelled, whole = 0, 0.0
    for moment in range(30):
        subscription = Subscription(settings, Inbox(a_consumer(), sessions), group=f"test-{uuid4()}")
        began = time.perf_counter()
        starting = asyncio.create_task(subscription.start())
        if moment < 2:  # the first one of a broker may wait for it to make what it has never been asked for
            await starting
            whole = time.perf_counter() - began
        await asyncio.sleep(whole * moment / 30)
        starting.cancel()
        await asyncio.wait([starting])
        cancelled += starting.cancelled()
        await subscription.stop()
        del subscription, starting
        gc.collect()
    assert cancelled > 5
