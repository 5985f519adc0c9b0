"""How far the consumer groups have come, and when everything has."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from superwizja.chaos.flow import AWAY
from superwizja.chaos.rig import until
from superwizja.chaos.trials.outboxes import SERVICES as PUBLISHING
from superwizja.chaos.trials.outboxes import UNPUBLISHED, number
from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.quiet import CONSUMES
from superwizja.verify.sources import PARTITIONS

LOOK_EVERY = 0.1

Ends = Mapping[TopicPartition, int]


async def ends_of(runtime: Runtime) -> dict[TopicPartition, int]:
    """The end of each partition now; asks until Kafka answers."""
    while True:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=runtime.bootstrap_servers, enable_auto_commit=False, group_id=None
        )
        try:
            await consumer.start()
            async with asyncio.timeout(5):
                ends: dict[TopicPartition, int] = await consumer.end_offsets(PARTITIONS)
                return ends
        except (*AWAY, TimeoutError):
            await asyncio.sleep(LOOK_EVERY)
        finally:
            await consumer.stop()


@asynccontextmanager
async def _admin(runtime: Runtime) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=runtime.bootstrap_servers, request_timeout_ms=5000)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def waiting(runtime: Runtime, ends: Ends) -> dict[str, int]:
    """Records that each group has not committed of those up to these ends; asks until Kafka answers."""
    while True:
        try:
            async with _admin(runtime) as admin:
                return {service: await _waiting(admin, service, ends) for service in SERVICES}
        except (*AWAY, TimeoutError):
            await asyncio.sleep(LOOK_EVERY)


async def past(runtime: Runtime, ends: Ends, since: float, within: float) -> dict[str, float | None]:
    """For each group the seconds since then (time.monotonic) until it was past these ends; None if not in time."""
    found: dict[str, float | None] = dict.fromkeys(SERVICES)
    while None in found.values() and time.monotonic() - since < within:
        try:
            async with _admin(runtime) as admin:
                while time.monotonic() - since < within:
                    for service in SERVICES:
                        if found[service] is None and not await _waiting(admin, service, ends):
                            found[service] = time.monotonic() - since
                    if None not in found.values():
                        return found
                    await asyncio.sleep(LOOK_EVERY)
        except (*AWAY, TimeoutError):
            await asyncio.sleep(LOOK_EVERY)
    return found


async def drained(runtime: Runtime, within: float = 180.0) -> float:
    """Wait until outboxes are empty and groups at the end; the seconds that it took. Raises NotReady."""
    began = time.monotonic()

    async def done() -> bool:
        if any([await number(runtime, service, UNPUBLISHED) for service in PUBLISHING]):
            return False
        return not any((await waiting(runtime, await ends_of(runtime))).values())

    await until(done, "outboxes empty and groups at the end", within)
    return time.monotonic() - began


async def _waiting(admin: AIOKafkaAdminClient, service: str, ends: Ends) -> int:
    committed = await admin.list_consumer_group_offsets(service)
    return sum(
        max(0, end - (max(committed[part].offset, 0) if part in committed else 0))
        for part, end in ends.items()
        if part.topic in CONSUMES[service]
    )
