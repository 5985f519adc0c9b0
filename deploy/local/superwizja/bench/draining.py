"""How fast a backlog leaves: from the first event on its topic to the last one."""

import asyncio
import time
from contextlib import ExitStack

from aiokafka import AIOKafkaConsumer

from superwizja.bench.contender import Contender
from superwizja.bench.figure import Figure, Goal, Pair, Unsound, figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.hearing import hear, total
from superwizja.bench.latency import warm
from superwizja.bench.load import AGGREGATES, PARTITIONS
from superwizja.bench.ours import Ours, ours
from superwizja.bench.writing import fill, produce

EVENTS = 200_000
DRAINED_WITHIN = 300.0
SHARED = 2.5
"""Seconds after which relays have shared the work among them: they look once a second."""

LOOK = 0.02
"""Seconds between two looks at the topic's end."""

SEND_LOOP = Goal("a backlog of 200,000: bare aiokafka's send", "/s", 1.1, 1.4, least=True)


async def of_contender(ground: Ground, contender: Contender, events: int = EVENTS) -> float:
    """Events per second of a relay that finds a backlog. Raises Unsound."""
    await fill(contender, events)
    return await of_filled(ground, contender, events)


async def of_filled(ground: Ground, contender: Contender, events: int = EVENTS) -> float:
    """Events per second of a relay whose backlog waits already. Raises Unsound."""
    consumer = AIOKafkaConsumer(bootstrap_servers=ground.bootstrap_servers)
    await consumer.start()
    try:
        watching = asyncio.create_task(_drained(consumer, contender.topic, events))
        # A relay is ready some time after it began: the watch has to be there before.
        running = await asyncio.to_thread(_entered, contender)
        with running:
            rate = await watching
    finally:
        await consumer.stop()
    await must_be_whole(ground, contender.topic, events)
    return rate


async def of_relays(ground: Ground, ours: Ours, events: int, aggregates: int = AGGREGATES) -> float:
    """Events per second of relays that have shared the work, are held up, and then find a backlog. Raises Unsound."""
    consumer = AIOKafkaConsumer(bootstrap_servers=ground.bootstrap_servers)
    await consumer.start()
    try:
        with ours.running() as processes:
            await asyncio.sleep(SHARED)
            for process in processes:
                process.suspend()
            try:
                await fill(ours, events, aggregates)
                watching = asyncio.create_task(_drained(consumer, ours.topic, events, ours.partitions))
            finally:
                for process in processes:
                    process.resume()
            rate = await watching
    finally:
        await consumer.stop()
    await must_be_whole(ground, ours.topic, events)
    return rate


def _entered(contender: Contender) -> ExitStack:
    with ExitStack() as stack:
        stack.enter_context(contender.running())
        return stack.pop_all()


async def _drained(consumer: AIOKafkaConsumer, topic: str, events: int, partitions: int = PARTITIONS) -> float:
    deadline = time.monotonic() + DRAINED_WITHIN
    first, began = 0, 0.0
    while True:
        number, now = await total(consumer, topic, partitions), time.monotonic()
        if number and not first:
            first, began = number, now
        if number >= events:
            return (number - first) / (now - began)
        if now > deadline:
            raise Unsound(f"{number} of {events} came within {DRAINED_WITHIN:.0f} s")
        await asyncio.sleep(LOOK)


async def must_be_whole(ground: Ground, topic: str, events: int) -> None:
    """Raises Unsound unless every event is there once, in order."""
    loop = asyncio.get_running_loop()
    heard = await loop.run_in_executor(ground.apart, hear, ground.bootstrap_servers, topic, events)
    heard.arrivals.must_be(events)


async def of_floor(ground: Ground, topic: str, events: int = EVENTS) -> float:
    """Events per second of bare aiokafka, one `send` after the other; the caller sees whether all are there."""
    loop = asyncio.get_running_loop()
    return (await loop.run_in_executor(ground.apart, produce, ground.bootstrap_servers, topic, events, None)).rate


async def measure(ground: Ground, order: Order) -> list[Figure]:
    """Ours and the floor in turn."""
    rounds = []
    await warm(ground, order)
    for turn in range(order.rounds):
        order.told(f"a backlog of {EVENTS:,}, {turn + 1}/{order.rounds}")
        topic, contender = await ground.new_topic(), await ours(ground)
        floor = await of_floor(ground, topic)
        await asyncio.gather(must_be_whole(ground, topic, EVENTS), fill(contender, EVENTS))
        rounds.append(Pair(await of_filled(ground, contender), floor))
    return [figure(SEND_LOOP, rounds)]
