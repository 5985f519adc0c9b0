"""When which fault strikes whom: drawn from a seed, so that the same seed gives the same schedule."""

import random
from collections.abc import Sequence

from superwizja.chaos.faults import FAULTS, Blow

FIRST_AFTER, LAST_BEFORE = 5.0, 10.0
"""Seconds without a fault at the beginning and at the end."""

GAP = (3.0, 9.0)
"""Seconds between the end of one fault and the next: whether the first one has recovered by then is left open."""


def drawn(seed: int, seconds: float, possible: Sequence[str]) -> list[Blow]:
    """Blows for so many seconds: every possible kind once, in any order, then as their weights say."""
    rng = random.Random(seed)
    once = sorted(possible)
    rng.shuffle(once)
    weights = [FAULTS[name].weight for name in possible]
    blows: list[Blow] = []
    at = FIRST_AFTER
    while True:
        name = once.pop() if once else rng.choices(possible, weights)[0]
        fault = FAULTS[name]
        blow = Blow(round(at, 1), name, rng.choice(fault.targets), round(rng.uniform(*fault.seconds), 1))
        if blow.at + blow.seconds > seconds - LAST_BEFORE:
            return blows
        blows.append(blow)
        at = blow.at + blow.seconds + rng.uniform(*GAP)
