"""The parts of the bench, in the order in which they are measured, each on servers of its own."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from superwizja.bench import commands, consuming, draining, idling, latency, listening, peers, rebuilding, saturation
from superwizja.bench.figure import Figure
from superwizja.bench.ground import Ground, Order, Told, ground

Measure = Callable[[Ground, Order], Coroutine[Any, Any, list[Figure]]]

PARTS: dict[str, Measure] = {
    "latency": latency.measure,
    "draining": draining.measure,
    "saturation": saturation.measure,
    "consuming": consuming.measure,
    "rebuilding": rebuilding.measure,
    "commands": commands.measure,
    "listening": listening.measure,
    "idling": idling.measure,
}
PEERS: dict[str, Measure] = {"latency": peers.latency, "draining": peers.draining, "saturation": peers.saturation}
"""What others have built, for the parts in which they are compared."""


def measured(wanted: Sequence[str], *, rounds: int, with_peers: bool, begins: Told, told: Told) -> list[Figure]:
    """The figures of these parts; `begins` hears of each part, `told` of each round."""
    figures: list[Figure] = []
    order = Order(rounds, with_peers, told)
    for name in wanted:
        begins(name)
        for measure in [PARTS[name], *([PEERS[name]] if with_peers and name in PEERS else [])]:
            with TemporaryDirectory(prefix="superwizja-bench-") as folder, ground(Path(folder)) as fresh:
                figures += asyncio.run(measure(fresh, order))
    return figures
