"""A figure: what is ours over what it is compared with, round by round, against a goal."""

from collections.abc import Sequence
from statistics import median
from typing import Literal, NamedTuple

import msgspec

Unit = Literal["ms", "s", "/s", "cores", "MB", "rows", "bytes"]


class Unsound(Exception):
    """A run lost, doubled or reordered events, or answered wrongly: what it measured is no figure."""


class Goal(NamedTuple):
    """What a ratio must be, and what we are after. `least`: the more the better; None of both: printed only."""

    name: str
    unit: Unit
    goal: float | None = None
    aim: float | None = None
    least: bool = False


class Pair(NamedTuple):
    """What one round measured, side by side."""

    ours: float
    reference: float


class Figure(msgspec.Struct):
    """Medians of the rounds; `ratio` is the median of the rounds' ratios, `low` and `high` the extremes among them.

    `fault` says why there is no figure. `holds` is None where there is no goal.
    """

    name: str
    unit: str
    least: bool
    goal: float | None
    aim: float | None
    ours: float | None = None
    reference: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    holds: bool | None = None
    rounds: list[tuple[float, float]] = []
    fault: str | None = None


def figure(goal: Goal, rounds: Sequence[Pair]) -> Figure:
    """Judge what was measured against its goal."""
    ratios = [ours / reference for ours, reference in rounds]
    ratio = median(ratios)
    holds = None
    if goal.goal is not None:
        holds = ratio >= goal.goal if goal.least else ratio <= goal.goal
    return Figure(
        name=goal.name,
        unit=goal.unit,
        least=goal.least,
        goal=goal.goal,
        aim=goal.aim,
        ours=median(pair.ours for pair in rounds),
        reference=median(pair.reference for pair in rounds),
        ratio=ratio,
        low=min(ratios),
        high=max(ratios),
        holds=holds,
        rounds=[(pair.ours, pair.reference) for pair in rounds],
    )


def no_figure(goal: Goal, fault: str) -> Figure:
    """What could not be measured holds no goal."""
    return Figure(
        name=goal.name, unit=goal.unit, least=goal.least, goal=goal.goal, aim=goal.aim, holds=False, fault=fault
    )
