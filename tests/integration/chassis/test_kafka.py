"""A client of Kafka that is cancelled while it connects leaves no connection open."""

import asyncio
import gc
import warnings
from typing import Any

from aiokafka import AIOKafkaConsumer
from chassis.kafka import begun


async def test_a_client_that_is_cancelled_in_the_middle_of_connecting_leaves_nothing_open(
    topics: str, monkeypatch: Any
) -> None:
    """At whatever moment it is: aiokafka itself drops a connection on which it has asked for the cluster's metadata."""
    left: list[object] = []
    monkeypatch.setattr(asyncio.get_running_loop(), "call_exception_handler", left.append)
    cancelled = 0
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for moment in range(60):
            consumer = AIOKafkaConsumer(bootstrap_servers=topics)
            starting = asyncio.create_task(begun(consumer.start()))
            await asyncio.sleep(moment / 2000)
            starting.cancel()
            await asyncio.wait([starting])
            cancelled += starting.cancelled()
            await consumer.stop()
            del consumer, starting
            gc.collect()
    assert cancelled > 5
    assert [str(warning.message) for warning in warned] == []
    assert left == []
