"""Whether processes grow under load: the last quarter of a run against its second."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from superwizja.chaos.heard import Sample

LONG_ENOUGH = 600.0
"""Seconds; in a shorter run what a process has for good and what it grows by cannot be told apart."""

AT_MOST = 0.05


class Growth(NamedTuple):
    """Median resident bytes of a kind of process in the second quarter and in the last."""

    kind: str
    second: int
    last: int

    @property
    def share(self) -> float:
        """By how much of the second quarter's the last one's is above it; negative when it is below."""
        return self.last / self.second - 1 if self.second else 0.0

    @property
    def holds(self) -> bool:
        """Whether it is within the goal."""
        return self.share <= AT_MOST


def growth(
    samples: Sequence[Sample], *, long_enough: float = LONG_ENOUGH, of: Callable[[str], str] | None = None
) -> list[Growth]:
    """The growth of each kind of process ("sessions.worker"); nothing where the run was too short to tell.

    `of` says of which kind a process is.
    """
    kind = of or kind_of
    if not samples:
        return []
    first, last = min(each.at for each in samples), max(each.at for each in samples)
    length = last - first
    if length < long_enough:
        return []
    second: dict[str, list[int]] = defaultdict(list)
    fourth: dict[str, list[int]] = defaultdict(list)
    for each in samples:
        place = (each.at - first) / length
        if 0.25 <= place < 0.5:
            second[kind(each.process)].append(each.rss)
        elif place >= 0.75:
            fourth[kind(each.process)].append(each.rss)
    both = sorted(second.keys() & fourth.keys())
    return [Growth(name, int(statistics.median(second[name])), int(statistics.median(fourth[name]))) for name in both]


def kind_of(process: str) -> str:
    """A process's name without its number."""
    head, _, tail = process.rpartition(".")
    return head if head and tail.isdigit() else process
