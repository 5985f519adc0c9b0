"""What a trial came to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from superwizja.chaos.goals import Goal

Told = Callable[[str], None]

ENOUGH = 0.98
"""The share of the asked rate that counts as having reached it."""


@dataclass
class Trial:
    """One row: its figures against their goals, and what else is worth keeping, of JSON (times are seconds).

    A figure whose `holds` is None is told and not judged.
    """

    name: str
    figures: list[Goal] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether no goal is missed."""
        return all(each.holds is not False for each in self.figures)

    def tell(self, figure: str, value: float | None, unit: str = "") -> None:
        """A figure that has no goal."""
        self.figures.append(Goal(f"trial_{figure}", _rounded(value), "", None, unit))

    def at_most(self, figure: str, value: float | None, most: float, unit: str = "") -> None:
        """A figure that must not be greater; None, since it was never reached, misses the goal."""
        holds = value is not None and value <= most
        goal = f"<= {most:g}" if most else "0"
        self.figures.append(Goal(f"trial_{figure}", _rounded(value), goal, holds, unit))

    def at_least(self, figure: str, value: float, least: float, unit: str = "") -> None:
        """A figure that must not be smaller."""
        self.figures.append(Goal(f"trial_{figure}", _rounded(value), f">= {least:g}", value >= least, unit))


def greatest(values: Sequence[float | None]) -> float | None:
    """The greatest; None where there is none, or one is missing."""
    known = [each for each in values if each is not None]
    return max(known) if known and len(known) == len(values) else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
