"""How cost grows: ours with more of everything, beside ours as usual. Nothing here has a goal."""

from collections.abc import Sequence
from typing import NamedTuple

from superwizja.bench import consuming, draining, latency
from superwizja.bench.figure import Figure, Goal, Pair, figure, no_figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.load import AGGREGATES, PARTITIONS
from superwizja.bench.ours import ours

RATE, SECONDS = 1000, 7.0


class Size(NamedTuple):
    """How much there is of everything; None: that is not measured with it."""

    relays: int = 1
    partitions: int = PARTITIONS
    aggregates: int = AGGREGATES
    late: bool = False
    waiting: int | None = None
    behind: int | None = None


USUAL = Size(late=True, waiting=draining.EVENTS, behind=consuming.EVENTS)

MORE: dict[str, Size] = {
    "2 relays": Size(relays=2, late=True, waiting=draining.EVENTS),
    "4 relays": Size(relays=4, late=True, waiting=draining.EVENTS),
    "64 partitions": Size(partitions=64, late=True, waiting=draining.EVENTS, behind=consuming.EVENTS),
    "100,000 aggregates": Size(aggregates=100_000, late=True, waiting=draining.EVENTS, behind=consuming.EVENTS),
    "1,000,000 waiting": Size(waiting=1_000_000),
    "10,000,000 behind": Size(behind=10_000_000),
}

P50: dict[str, Goal] = {
    "2 relays": Goal("commit to consumer at 1,000/s, p50, 2 relays: one", "ms"),
    "4 relays": Goal("commit to consumer at 1,000/s, p50, 4 relays: one", "ms"),
    "64 partitions": Goal("commit to consumer at 1,000/s, p50, 64 partitions: 16", "ms"),
    "100,000 aggregates": Goal("commit to consumer at 1,000/s, p50, 100,000 aggregates: 1,000", "ms"),
}
P99: dict[str, Goal] = {
    "2 relays": Goal("commit to consumer at 1,000/s, p99, 2 relays: one", "ms"),
    "4 relays": Goal("commit to consumer at 1,000/s, p99, 4 relays: one", "ms"),
    "64 partitions": Goal("commit to consumer at 1,000/s, p99, 64 partitions: 16", "ms"),
    "100,000 aggregates": Goal("commit to consumer at 1,000/s, p99, 100,000 aggregates: 1,000", "ms"),
}
BACKLOG: dict[str, Goal] = {
    "2 relays": Goal("a backlog, 2 relays: one", "/s", least=True),
    "4 relays": Goal("a backlog, 4 relays: one", "/s", least=True),
    "64 partitions": Goal("a backlog, 64 partitions: 16", "/s", least=True),
    "100,000 aggregates": Goal("a backlog of 100,000 aggregates: 1,000", "/s", least=True),
    "1,000,000 waiting": Goal("a backlog of 1,000,000: 200,000", "/s", least=True),
}
CONSUMED: dict[str, Goal] = {
    "64 partitions": Goal("Kafka to inbox and effect, 64 partitions: 16", "/s", least=True),
    "100,000 aggregates": Goal("Kafka to inbox and effect, 100,000 aggregates: 1,000", "/s", least=True),
    "10,000,000 behind": Goal("Kafka to inbox and effect, 10,000,000 behind: 200,000", "/s", least=True),
}
BY_NAME = (P50, P99, BACKLOG, CONSUMED)
GOALS: Sequence[Goal] = [goal for goals in BY_NAME for goal in goals.values()]


class Measured(NamedTuple):
    """Milliseconds, and events a second; None where it was not measured."""

    late: latency.Run | None
    drained: float | None
    consumed: float | None


async def of_size(ground: Ground, size: Size) -> Measured:
    """What is measured with so much. Raises Unsound."""
    late = drained = consumed = None
    if size.late:
        contender = await ours(ground, relays=size.relays, partitions=size.partitions)
        late = latency.of_contender(ground, contender, RATE, SECONDS, size.aggregates)
    if size.waiting:
        contender = await ours(ground, relays=size.relays, partitions=size.partitions)
        drained = await draining.of_relays(ground, contender, size.waiting, size.aggregates)
    if size.behind:
        behind = await consuming.loaded(ground, size.behind, aggregates=size.aggregates, partitions=size.partitions)
        consumed = await consuming.ours(ground, behind)
    return Measured(late, drained, consumed)


async def measure(ground: Ground, order: Order) -> list[Figure]:
    """Each size after the usual one; one that breaks off has no figures, and the others go on."""
    figures: list[Figure] = []
    await latency.warm(ground, order)
    for name, size in MORE.items():
        try:
            figures += _figures(name, await _rounds(ground, order, name, size))
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
            order.told(f"{name}: {fault}")
            figures += [no_figure(goals[name], fault) for goals in BY_NAME if name in goals]
    return figures


async def _rounds(ground: Ground, order: Order, name: str, size: Size) -> list[tuple[Measured, Measured]]:
    usual = USUAL._replace(
        late=size.late,
        waiting=USUAL.waiting if size.waiting else None,
        behind=USUAL.behind if size.behind else None,
    )
    rounds = []
    for turn in range(order.rounds):
        order.told(f"{name}, {turn + 1}")
        before = await of_size(ground, usual)
        rounds.append((await of_size(ground, size), before))
        order.told(f"{name}: {rounds[-1]}")
    return rounds


def _figures(name: str, rounds: Sequence[tuple[Measured, Measured]]) -> list[Figure]:
    found = []
    late = [(more.late, usual.late) for more, usual in rounds if more.late and usual.late]
    drained = [Pair(more.drained, usual.drained) for more, usual in rounds if more.drained and usual.drained]
    consumed = [Pair(more.consumed, usual.consumed) for more, usual in rounds if more.consumed and usual.consumed]
    if late:
        found.append(figure(P50[name], [Pair(more.p50, usual.p50) for more, usual in late]))
        found.append(figure(P99[name], [Pair(more.p99, usual.p99) for more, usual in late]))
    if drained:
        found.append(figure(BACKLOG[name], drained))
    if consumed:
        found.append(figure(CONSUMED[name], consumed))
    return found
