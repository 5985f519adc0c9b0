"""What a relay costs those who write as fast as they can: commits per second with it, and without any."""

import asyncio
from contextlib import nullcontext

from superwizja.bench.contender import Contender
from superwizja.bench.draining import must_be_whole
from superwizja.bench.figure import Figure, Goal, Pair, figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.latency import warm
from superwizja.bench.ours import ours
from superwizja.bench.writing import write

WARM_UP, COMMITS = 5_000, 30_000
"""Of each round, before it is timed and while it is."""

ALONE = Goal("commits at saturation with the relay: without it", "/s", 0.75, 0.9, least=True)


async def of_contender(ground: Ground, contender: Contender, *, relayed: bool = True) -> float:
    """Commits per second, one event each, while a relay publishes them or while none does. Raises Unsound."""
    loop = asyncio.get_running_loop()
    with contender.running() if relayed else nullcontext():
        await loop.run_in_executor(ground.apart, write, contender, WARM_UP, None, 0)
        written = await loop.run_in_executor(ground.apart, write, contender, COMMITS, None, WARM_UP)
        if relayed:
            await must_be_whole(ground, contender.topic, WARM_UP + COMMITS)
    return written.rate


async def measure(ground: Ground, order: Order) -> list[Figure]:
    """With our relay and without it in turn."""
    rounds = []
    await warm(ground, order)
    for turn in range(order.rounds):
        order.told(f"commits at saturation, {turn + 1}/{order.rounds}")
        alone = await of_contender(ground, await ours(ground), relayed=False)
        rounds.append(Pair(await of_contender(ground, await ours(ground)), alone))
    return [figure(ALONE, rounds)]
