"""The parts of the bench, in the order in which they are measured."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from superwizja import folders
from superwizja.bench import (
    commands,
    consuming,
    draining,
    growing,
    idling,
    lasting,
    latency,
    listening,
    peers,
    rebuilding,
    saturation,
)
from superwizja.bench.figure import Figure, Goal, no_figure
from superwizja.bench.ground import Ground, Order, Told, ground

Measure = Callable[[Ground, Order], Coroutine[Any, Any, list[Figure]]]


class Part(NamedTuple):
    """What measures, and the goals for which it has a figure each."""

    measure: Measure
    goals: Sequence[Goal]


PARTS = {
    "latency": Part(latency.measure, [*latency.GOALS.values(), latency.BUSY, latency.AT_REST]),
    "saturation": Part(saturation.measure, [saturation.ALONE]),
    "draining": Part(draining.measure, [draining.SEND_LOOP]),
    "consuming": Part(rebuilding.measure, [*consuming.GOALS.values(), *rebuilding.GOALS.values()]),
    "commands": Part(commands.measure, [*commands.GOALS.values()]),
    "listening": Part(listening.measure, [*listening.GOALS.values()]),
    "idling": Part(idling.measure, [*idling.GOALS.values()]),
}
GROWTH = {
    "growing": Part(growing.measure, growing.GOALS),
    "lasting": Part(lasting.measure, lasting.GOALS),
}
"""How cost grows: measured only where it is asked for, since one of them lasts half an hour by design."""

PEERS = {
    "latency": Part(peers.latency, [*chain(*peers.LATENCY.values())]),
    "saturation": Part(peers.saturation, [*chain(*peers.SATURATION.values())]),
    "draining": Part(peers.draining, [*chain(*peers.DRAINING.values())]),
}
"""What others have built, for the parts in which they are compared."""

TOGETHER = {*PEERS, "consuming"}
"""Relays have topics of their own, and the history is the first that comes to those of the services."""


def measured(wanted: Sequence[str], *, rounds: int, with_peers: bool, begins: Told, told: Told) -> list[Figure]:
    """The figures of these parts; `begins` hears of each part, `told` of each round.

    A part that loses, doubles or reorders events, or breaks off, has no figures, and says why: the others go on.
    """
    figures: list[Figure] = []
    order = Order(rounds, with_peers, told)
    folders.cache().mkdir(parents=True, exist_ok=True)
    for names in _together(wanted):
        with TemporaryDirectory(prefix="bench-", dir=folders.cache()) as folder, ground(Path(folder)) as servers:
            for name in names:
                begins(name)
                for part in [(PARTS | GROWTH)[name], *([PEERS[name]] if with_peers and name in PEERS else [])]:
                    try:
                        figures += asyncio.run(part.measure(servers, order))
                    except Exception as error:
                        fault = f"{type(error).__name__}: {error}"
                        told(fault)
                        figures += [no_figure(goal, fault) for goal in part.goals]
    return figures


def _together(wanted: Sequence[str]) -> list[list[str]]:
    """Parts that have the same servers, which are warm by then; the others need topics of services that are empty."""
    together = [name for name in wanted if name in TOGETHER]
    others = [[name] for name in wanted if name not in TOGETHER]
    return [together, *others] if together else others
