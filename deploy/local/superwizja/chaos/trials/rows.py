"""The rows of the table, by name."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from superwizja.chaos.rig import Rig, besieged
from superwizja.chaos.trials import broker, database_away, kafka_away, memory, rebuild, recovery
from superwizja.chaos.trials.trial import Told, Trial


@dataclass(frozen=True)
class Asked:
    """How the trials shall be made; None: as the goals say."""

    rng: random.Random
    told: Told
    trials: int | None = None
    seconds: float | None = None
    rate: float | None = None
    events: int = rebuild.EVENTS

    def given(self, **defaults: Any) -> dict[str, Any]:
        """These parameters, each as it was asked for, or else its default."""
        return {
            name: default if getattr(self, name) is None else getattr(self, name) for name, default in defaults.items()
        }


async def _recovery(rig: Rig, asked: Asked) -> Trial:
    return await recovery.single_faults(rig, rng=asked.rng, told=asked.told, **asked.given(trials=15))


async def _broker(rig: Rig, asked: Asked) -> Trial:
    return await broker.broker_killed(rig, told=asked.told, **asked.given(trials=50, rate=broker.RATE))


async def _kafka(rig: Rig, asked: Asked) -> Trial:
    away = asked.given(seconds=kafka_away.AWAY, rate=kafka_away.RATE)
    return await kafka_away.kafka_away(rig, rng=asked.rng, told=asked.told, **away)


async def _database(rig: Rig, asked: Asked) -> Trial:
    away = asked.given(seconds=database_away.AWAY, rate=database_away.RATE)
    return await database_away.database_away(rig, rng=asked.rng, told=asked.told, **away)


async def _rebuild(rig: Rig, asked: Asked) -> Trial:
    return await rebuild.rebuild(rig, rng=asked.rng, told=asked.told, events=asked.events)


async def _memory(rig: Rig, asked: Asked) -> Trial:
    lasting = asked.given(seconds=memory.SECONDS, rate=memory.RATE)
    return await memory.memory(rig, rng=asked.rng, told=asked.told, **lasting)


ROWS: dict[str, Callable[[Rig, Asked], Awaitable[Trial]]] = {
    "recovery": _recovery,
    "broker": _broker,
    "kafka": _kafka,
    "database": _database,
    "rebuild": _rebuild,
    "memory": _memory,
}


async def on_a_rig(profile: str, name: str, asked: Asked) -> Trial:
    """One row on a fresh platform."""
    async with besieged(profile, small_disk=False) as rig:
        return await ROWS[name](rig, asked)


def unfinished(name: str, error: str) -> Trial:
    """A row that ended with an error holds nothing."""
    trial = Trial(name, detail={"error": error})
    trial.at_most("unfinished", 1, 0)
    return trial
