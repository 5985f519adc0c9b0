"""Ours against what others have built: each of them as it comes, or in the configuration in which it is at its best."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from superwizja.bench import draining as backlogs
from superwizja.bench import latency as delays
from superwizja.bench import saturation as commits
from superwizja.bench.contender import Contender
from superwizja.bench.figure import Figure, Goal, Pair, figure, no_figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.ours import ours

Peer = Literal["Debezium tuned", "Debezium with its defaults", "faststream-outbox"]
Tuned = Literal["latency", "throughput"]

RATE = 1000

MORE: Mapping[Peer, int] = {"Debezium tuned": 2}
"""Further rounds of latency, where its slowest hundredth counts: a few bursts, in which something had both cores."""

LATENCY: dict[Peer, list[Goal]] = {
    "Debezium tuned": [
        Goal("commit to consumer at 1,000/s, p50: Debezium tuned", "ms", 1 / 3, 1 / 6),
        Goal("commit to consumer at 1,000/s, p99: Debezium tuned", "ms", 1 / 2, 1 / 2.5),
    ],
    "Debezium with its defaults": [
        Goal("commit to consumer at 1,000/s, p50: Debezium with its defaults", "ms", 1 / 100, 1 / 400)
    ],
    "faststream-outbox": [Goal("commit to consumer at 1,000/s, p50: faststream-outbox", "ms", 1 / 8, 1 / 12)],
}
DRAINING: dict[Peer, list[Goal]] = {
    "Debezium tuned": [Goal("a backlog of 200,000: Debezium tuned", "/s", 2.0, 3.0, least=True)],
    "faststream-outbox": [Goal("a backlog of 200,000: faststream-outbox", "/s", 15.0, 18.0, least=True)],
}
SATURATION: dict[Peer, list[Goal]] = {
    "Debezium tuned": [Goal("commits at saturation with the relay: with Debezium tuned", "/s", 1.25, 1.5, least=True)],
}


async def latency(ground: Ground, order: Order) -> list[Figure]:
    """From the commit to the consumer: ours and theirs in turn."""

    async def of(contender: Contender) -> Sequence[float]:
        run = delays.of_contender(ground, contender, RATE, delays.RATES[RATE])
        return run.p50, run.p99

    return await _in_turn(ground, order, "latency", LATENCY, of, tuned="latency", more=MORE)


async def draining(ground: Ground, order: Order) -> list[Figure]:
    """A backlog that waits: ours and theirs in turn."""

    async def of(contender: Contender) -> Sequence[float]:
        return [await backlogs.of_contender(ground, contender)]

    return await _in_turn(ground, order, "a backlog", DRAINING, of, tuned="throughput")


async def saturation(ground: Ground, order: Order) -> list[Figure]:
    """Commits as fast as they go: with our relay and with theirs in turn."""

    async def of(contender: Contender) -> Sequence[float]:
        return [await commits.of_contender(ground, contender)]

    return await _in_turn(ground, order, "commits at saturation", SATURATION, of, tuned="throughput")


async def _in_turn(
    ground: Ground,
    order: Order,
    what: str,
    goals: Mapping[Peer, Sequence[Goal]],
    of: Callable[[Contender], Awaitable[Sequence[float]]],
    *,
    tuned: Tuned,
    more: Mapping[Peer, int] = MappingProxyType({}),
) -> list[Figure]:
    """A figure for each goal; a peer that lost, doubled or reordered events, or broke off, has none. Raises Unsound.

    `more`: rounds beyond the ordered ones, for some of the peers.
    """
    rounds: dict[Goal, list[Pair]] = {goal: [] for theirs in goals.values() for goal in theirs}
    faults: dict[Goal, str] = {}
    await delays.warm(ground, order)
    rounds_of = {peer: order.rounds + more.get(peer, 0) for peer in goals}
    most = max(rounds_of.values())
    for turn in range(most):
        order.told(f"{what}: ours, {turn + 1}/{most}")
        mine = await of(await ours(ground))
        for peer, theirs in goals.items():
            if turn >= rounds_of[peer]:
                continue
            order.told(f"{what}: {peer}, {turn + 1}/{rounds_of[peer]}")
            try:
                references = await of(await fresh(ground, peer, tuned))
            except Exception as error:
                faults |= dict.fromkeys(theirs, f"{peer}: {type(error).__name__}: {error}")
                continue
            for goal, measured, reference in zip(theirs, mine, references, strict=False):
                rounds[goal].append(Pair(measured, reference))
    return [no_figure(goal, faults[goal]) if goal in faults else figure(goal, rounds[goal]) for goal in rounds]


async def fresh(ground: Ground, peer: Peer, tuned: Tuned) -> Contender:
    """One that has published nothing yet."""
    # Imported here: whoever measures only ours does without their packages.
    from superwizja.bench.peers.debezium import debezium
    from superwizja.bench.peers.faststream_outbox import faststream_outbox

    if peer == "faststream-outbox":
        return await faststream_outbox(ground)
    return await debezium(ground, tuned if peer == "Debezium tuned" else "defaults")
