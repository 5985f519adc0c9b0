"""From the commit to the consumer: how long an event takes, and what the relay's processor does meanwhile."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from statistics import quantiles
from typing import NamedTuple

import psutil

from superwizja.bench.contender import Contender
from superwizja.bench.figure import Figure, Goal, Pair, Unsound, figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.hearing import Heard, hear
from superwizja.bench.load import AGGREGATES
from superwizja.bench.ours import ours
from superwizja.bench.writing import Written, produce, write

RATES = {1000: 20.0, 200: 6.0}
"""Commits a second, and for how many seconds by each contender.

The seconds are shared by the rounds; one more before each round is for connections and caches.
"""

WARMING = 12.0
"""Seconds of each contender before all rounds, of which nothing is measured."""

IDLE = 3.0
"""Seconds over which an idle relay is looked at, in each round."""

GOALS = {
    (1000, "p50"): Goal("commit to consumer at 1,000/s, p50: bare aiokafka", "ms", 3.0, 1.6),
    (1000, "p99"): Goal("commit to consumer at 1,000/s, p99: bare aiokafka", "ms", 4.0, 3.0),
    (200, "p50"): Goal("commit to consumer at 200/s, p50: bare aiokafka", "ms", 3.0, 1.6),
    (200, "p99"): Goal("commit to consumer at 200/s, p99: bare aiokafka", "ms", 4.0, 3.0),
}
BUSY = Goal("the relay's processor at 1,000/s: one core", "cores", 0.2, 0.1)
AT_REST = Goal("the relay's processor, idle: one core", "cores", 0.02, 0.005)
BUSY_AT, CORE = 1000, 1.0


class Run(NamedTuple):
    """Milliseconds at the median and of the slowest hundredth; cores of the relay's processes."""

    p50: float
    p99: float
    cores: float = 0.0


def spent(processes: Sequence[psutil.Process]) -> float:
    """Processor seconds of these processes so far."""
    return float(sum(sum(each.cpu_times()[:2]) for each in processes))


def of_contender(ground: Ground, contender: Contender, rate: int, seconds: float, aggregates: int = AGGREGATES) -> Run:
    """A round of a relay: commits at a rate, one event each. Raises Unsound.

    What its processes spend while nothing is written yet, or any more, counts for the time of writing.
    """
    count = int(rate * (1 + seconds))
    with contender.running() as processes:
        before = spent(processes)
        writer = partial(write, aggregates=aggregates)
        run = _run(ground, contender.topic, rate, count, writer, contender)
        return run._replace(cores=(spent(processes) - before) / (count / rate))


def of_floor(ground: Ground, topic: str, rate: int, seconds: float) -> Run:
    """A round of bare aiokafka. Raises Unsound."""
    return _run(ground, topic, rate, int(rate * (1 + seconds)), produce, ground.bootstrap_servers, topic)


def _run(ground: Ground, topic: str, rate: int, count: int, writer: Callable[..., Written], *arguments: object) -> Run:
    hearing: Future[Heard] = ground.apart.submit(hear, ground.bootstrap_servers, topic, count)
    written = ground.apart.submit(writer, *arguments, count, rate).result()
    heard = hearing.result()
    heard.arrivals.must_be(count)
    if written.rate < 0.9 * rate:
        raise Unsound(f"the writers came to {written.rate:.0f} commits a second, not {rate}")
    took = [(heard.times[serial] - written.times[serial]) / 1e6 for serial in range(rate, count)]
    hundredths = quantiles(took, n=100)
    return Run(hundredths[49], hundredths[98])


async def warm(ground: Ground, order: Order) -> None:
    """Run the servers, once, until Java has compiled what a broker does often: meanwhile events stand still."""
    if ground.warm:
        return
    order.told("the servers warm up")
    of_floor(ground, await ground.new_topic(), BUSY_AT, WARMING)
    of_contender(ground, await ours(ground), BUSY_AT, WARMING)
    ground.warm = True


async def measure(ground: Ground, order: Order) -> list[Figure]:
    """Ours and the floor in turn, at each rate, on servers that are warm."""
    figures: list[Figure] = []
    await warm(ground, order)
    for rate, seconds in RATES.items():
        pairs: dict[str, list[Pair]] = {"p50": [], "p99": []}
        busy: list[Pair] = []
        for turn in range(order.rounds):
            order.told(f"latency at {rate:,}/s, {turn + 1}/{order.rounds}")
            floor = of_floor(ground, await ground.new_topic(), rate, seconds / order.rounds)
            run = of_contender(ground, await ours(ground), rate, seconds / order.rounds)
            pairs["p50"].append(Pair(run.p50, floor.p50))
            pairs["p99"].append(Pair(run.p99, floor.p99))
            busy.append(Pair(run.cores, CORE))
        figures += [figure(GOALS[rate, of], rounds) for of, rounds in pairs.items()]
        if rate == BUSY_AT:
            figures.append(figure(BUSY, busy))
    order.told("an idle relay")
    at_rest = []
    contender = await ours(ground)
    with contender.running() as processes:
        await asyncio.sleep(1.0)
        for _ in range(order.rounds):
            before = spent(processes)
            await asyncio.sleep(IDLE)
            at_rest.append(Pair((spent(processes) - before) / IDLE, CORE))
    return [*figures, figure(AT_REST, at_rest)]
