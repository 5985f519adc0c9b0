"""Proves the oracle: each planted bug, under load and the faults that bring it out, has to break a named invariant.

build/chaos-plants.json: {seed, caught, of, plants: [{name, breaks, caught, seconds, rounds, findings {name: first
difference}, others {name: first difference}, schedule [rounds of blows]}]}. Seconds run from the first command on.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from superwizja.chaos import planting
from superwizja.chaos.faults import FAULTS, Blow, Broken
from superwizja.chaos.heard import Planted
from superwizja.chaos.load import Load
from superwizja.chaos.oracle import Verdict, judged
from superwizja.chaos.planting import Plant
from superwizja.chaos.rig import NotReady, Rig, besieged
from superwizja.chaos.run import heard_by
from superwizja.chaos.words import number, say
from superwizja.demo.ledger import file_of

FILE = Path("build/chaos-plants.json")

LIMIT = 300.0
"""Seconds within which a bug has to be caught."""

ROUND = 36.0
"""Seconds under load and faults, after which all comes to rest and is judged; then the next round begins."""

JITTER = 2.0
QUIET_WITHIN = 75.0


class Aim(NamedTuple):
    """Strike about so many seconds after a round begins; `{service}` in the target is the round's."""

    at: float
    fault: str
    target: str
    seconds: float = 0.0


WORKERS = ("{service}.worker.1", "{service}.worker.2")

FOCUS: dict[str, tuple[tuple[str, ...], tuple[Aim, ...]]] = {
    # Both workers hold a batch whose effects cannot be written, and die.
    "ack-before-effect": (
        ("insights", "trainings", "publications"),
        (Aim(8, "silent_database", "{service}", 14), *(Aim(15, "kill_worker", worker) for worker in WORKERS)),
    ),
    # Each event twice in a batch, and a batch a second time to a process that was not there the first time.
    "forgetful-inbox": (
        ("sessions",),
        (
            Aim(4, "doubled", "publications.events", 24),
            *(Aim(8, "crash_between_effect_and_commit", worker) for worker in WORKERS),
        ),
    ),
    # Transactions take long, so that positions are committed in another order than they were given.
    "cursor-relay": (
        ("enrollment", "sessions"),
        (Aim(6, "slow_database", "{service}", 10), Aim(20, "slow_database", "{service}", 10)),
    ),
    # Both relays hold events of partitions that nobody leads, and die. What a silent way has taken would still arrive.
    "mark-before-publish": (
        ("enrollment", "sessions"),
        (Aim(8, "kill_broker", "kafka.1", 6), *(Aim(10.5, "kill_worker", worker) for worker in WORKERS)),
    ),
    # The database goes away again and again in the middle of what takes it long.
    "double-counting": (
        ("insights",),
        (
            Aim(4, "slow_database", "{service}", 28),
            *(Aim(at, "kill_database", "{service}", 0.5) for at in (9, 16, 23)),
        ),
    ),
    # A withdrawal and an issue that freezes take so long that they meet.
    "late-consent-gate": (
        ("sessions",),
        (Aim(8, "slow_database", "{service}", 11), Aim(22, "slow_database", "{service}", 11)),
    ),
    # Nothing has to go wrong for it.
    "skipped-erasure": (("enrollment",), (Aim(8, "kill_worker", WORKERS[0]),)),
}
"""For each plant the services of which one is struck in a round, and what strikes it."""

CROWD = {"late-consent-gate": 3}
"""Times as many lanes as usual: behind a slow database they mostly wait, and few withdrawals meet an issue."""


@dataclass
class Proof:
    """Whether a plant was caught: `findings` are those that name it, `others` broke as well, each with one difference.

    `seconds` are those of load, faults, quiet and judging until then.
    """

    plant: Plant
    seconds: float = 0.0
    findings: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    schedule: list[list[Blow]] = field(default_factory=list)

    @property
    def caught(self) -> bool:
        """Whether it was named, and in time."""
        return bool(self.findings) and self.seconds <= LIMIT

    def hear(self, verdict: Verdict) -> None:
        """Keep what broke. While consumers lag behind, only a plant that keeps them from coming to rest is named."""
        differences = {each.name: each.differences[0] for each in verdict.findings if not each.holds}
        naming = self.plant.findings
        lagging = verdict.testimony.quiet is not None or "consumers" in differences
        if lagging and "consumers" not in naming:
            naming = ()
        self.findings = {name: text for name, text in differences.items() if name in naming}
        self.others = {name: text for name, text in differences.items() if name not in naming}


async def plants_caught(
    plants: Iterable[Plant], *, seed: int, lanes: int, profile: str, told: Callable[[str], None]
) -> list[Proof]:
    """Run a rig on the copy of each plant until it is caught or its time is over. Raises DoesNotApply.

    A rig that is not ready in time proves nothing of its plant, and the next one is tried. FILE is written after each.
    """
    proofs = []
    for plant in plants:
        proof = Proof(plant)
        with planting.planted(plant.name) as copy:
            try:
                async with besieged(profile, code=copy, small_disk=False) as rig:
                    await prove(rig, proof, random.Random(seed), lanes, told)
            except* NotReady as late:
                proof.others["rig"] = str(late.exceptions[0])
                told(f"{plant.name}: {proof.others['rig']}")
        proofs.append(proof)
        write(proofs, seed)
    return proofs


async def prove(rig: Rig, proof: Proof, rng: random.Random, lanes: int, told: Callable[[str], None]) -> None:
    """Rounds of load, faults, quiet and judging, until an invariant names the plant or there is no time for another.

    Raises NotReady.
    """
    plant = proof.plant
    lanes *= CROWD.get(plant.name, 1)
    load = Load(rig.runtime, file_of(rig.runtime.folder), random.Random(rng.random()), lanes)
    planted = Planted()
    began = time.monotonic()
    while not proof.findings and time.monotonic() - began + ROUND < LIMIT:
        blows = drawn(plant, rng)
        proof.schedule.append(blows)
        told(f"{plant.name}: {', '.join(f'{blow.fault} {blow.target}' for blow in blows)}")
        for broken in await _besieged_for(ROUND, rig, load, blows, rng):
            planted.doubled |= broken.doubled
        proof.hear(
            await judged(rig.runtime, heard_by(load, time.monotonic() - began), (), planted, within=QUIET_WITHIN)
        )
        proof.seconds = time.monotonic() - began
        named = ", ".join(proof.findings) or "-"
        told(f"{plant.name}: {proof.seconds:.0f} s, {named} ({', '.join(proof.others)})")


def drawn(plant: Plant, rng: random.Random) -> list[Blow]:
    """The blows of a round, in the order of their times."""
    services, aims = FOCUS[plant.name]
    service = rng.choice(services)
    return sorted(
        Blow(round(aim.at + rng.uniform(0, JITTER), 1), aim.fault, aim.target.format(service=service), aim.seconds)
        for aim in aims
    )


async def _besieged_for(
    seconds: float, rig: Rig, load: Load, blows: Sequence[Blow], rng: random.Random
) -> list[Broken]:
    """Play the load while the blows fall, some at the same time; returns when every process is well again."""
    stopping = asyncio.Event()

    async def struck(blow: Blow) -> Broken:
        await asyncio.sleep(blow.at)
        return await FAULTS[blow.fault].strike(rig, blow, rng)

    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(stopping))
        falling = [group.create_task(struck(blow)) for blow in blows]
        await asyncio.sleep(seconds)
        await asyncio.wait(falling)
        stopping.set()
    await rig.all_ready()
    return [task.result() for task in falling]


def write(proofs: Sequence[Proof], seed: int, file: Path = FILE) -> None:
    """Write everything as JSON, for machines."""
    told: dict[str, Any] = {"seed": seed, "caught": sum(each.caught for each in proofs), "of": len(proofs)}
    told["plants"] = [
        {
            "name": each.plant.name,
            "breaks": each.plant.breaks,
            "caught": each.caught,
            "seconds": round(each.seconds, 1),
            "rounds": len(each.schedule),
            "findings": each.findings,
            "others": each.others,
            "schedule": [[blow._asdict() for blow in blows] for blows in each.schedule],
        }
        for each in proofs
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")


def show(console: Console, lang: str, proofs: Sequence[Proof]) -> None:
    """A row for each plant; below it what was found."""
    table = Table(title=say(lang, "plants"), title_justify="left")
    for column in ("plant", "breaks", "named_by", "after", "verdict"):
        table.add_column(say(lang, column), justify="right" if column == "after" else "left")
    for each in proofs:
        verdict, style = ("caught", "green") if each.caught else ("not_caught", "red")
        after = say(lang, "seconds", number=number(lang, round(each.seconds)))
        names = ", ".join(each.findings)
        table.add_row(each.plant.name, say(lang, each.plant.name), names, after, f"[{style}]{say(lang, verdict)}[/]")
    console.print(table)
    for each in proofs:
        for name, difference in each.findings.items():
            console.print(f"{each.plant.name}: {name}: {difference}", markup=False, highlight=False, soft_wrap=True)
