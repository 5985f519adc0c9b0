"""The figures that a run under faults is held to, and how it did."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from superwizja.chaos.struck import Struck

RECOVERY = {"service": 15.0, "database": 10.0, "broker": 30.0}
"""Seconds within which 95 of 100 single faults are over, after they end."""

KILLS = 100
HOUR = 60.0


class Goal(NamedTuple):
    """A figure against its goal. `holds` None: not judged, since the run was too short or had no such fault.

    `figure` is a key of words.py or a text; `value` and `goal` are numbers in `unit` ("", "s", "%").
    """

    figure: str
    value: float | None
    goal: str
    holds: bool | None
    unit: str = ""


def goals(figures: dict[str, int], struck: Sequence[Struck], *, minutes: float) -> list[Goal]:
    """What the run is held to."""
    long = minutes >= HOUR
    found = [
        Goal("goal_lost", figures["lost"], "0", figures["lost"] == 0),
        Goal("goal_doubled", figures["doubled"], "0", figures["doubled"] == 0),
        Goal(
            "goal_redeliveries",
            figures["redeliveries"],
            "> 0",
            figures["redeliveries"] > 0 or (None if not long else False),
        ),
        Goal("goal_inversions", figures["inversions"], "0", figures["inversions"] == 0),
        Goal("goal_empty", figures["empty"], "0", figures["empty"] == 0 if long else None),
        Goal("goal_kills", figures["kills"], f">= {KILLS}", figures["kills"] >= KILLS if long else None),
    ]
    never = sum(each.recovered is None for each in struck)
    found.append(Goal("goal_recovered", never, "0", never == 0 if struck else None))
    for part, most in RECOVERY.items():
        single = [each for each in struck if each.detail.get("single") and part_of(each) == part]
        seen = recoveries(single)
        value = percentile(seen, 95) if seen else None
        all_seen = len(seen) == len(single)
        holds = None if value is None and all_seen else value is not None and value <= most and all_seen
        found.append(Goal(f"goal_recovery_{part}", value, f"<= {most:.0f}", holds, "s"))
    return found


def part_of(fault: Struck) -> str:
    """Whose recovery a fault is about: a service, a database, a broker, or nobody's ("")."""
    told = fault.detail.get("part")
    if isinstance(told, str):
        return told
    if "postgres" in fault.target or "database" in fault.target:
        return "database"
    return "broker" if "broker" in fault.target or "kafka" in fault.target else "service"


def recoveries(struck: Iterable[Struck]) -> list[float]:
    """How long those took that were seen to recover, in seconds, sorted."""
    return sorted(each.recovery for each in struck if each.recovery is not None)


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The smallest value below or at which so many of 100 lie. Raises IndexError where there is none."""
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


def by_kind(struck: Sequence[Struck]) -> dict[str, list[Struck]]:
    """The faults of each kind, by its name."""
    found: dict[str, list[Struck]] = defaultdict(list)
    for each in struck:
        found[each.kind].append(each)
    return dict(sorted(found.items()))
