"""What the load was told while faults struck, and what was measured beside it: numbers that the oracle cannot read."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

At = tuple[str, int, int]
"""A record's place: topic, partition, offset."""


@dataclass(kw_only=True)
class Heard:
    """What the load counted. `seconds`: how long it ran.

    mismatches  repeated keys that were answered differently; each text names the key
    unexpected  answers that the story cannot explain: any 5xx but 502, 503 and 504, refusals that nothing accounts for
    refusals    by status, code and ground
    """

    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    retried: int = 0
    replayed: int = 0
    seconds: float = 0.0
    mismatches: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    refusals: Counter[tuple[int, str, str]] = field(default_factory=Counter)


@dataclass(kw_only=True)
class Planted:
    """What the rig itself put on the topics, and what it saw of the processes while they lived.

    poison   places of records that no service sent
    doubled  places of records that repeat an event under its id
    skipped  redeliveries that consumers skipped: the sum of what each process counted before it ended
    gaps     versions that consumers missed before an event: the alarm that each process counted (consumer_gaps)
    long     whether the run was long enough that redeliveries must have been seen
    """

    poison: frozenset[At] = frozenset()
    doubled: frozenset[At] = frozenset()
    skipped: int = 0
    gaps: int = 0
    long: bool = False


class Sample(NamedTuple):
    """A process's resident memory in bytes at a time (seconds since 1970); `process` such as "sessions.worker.2"."""

    at: float
    process: str
    rss: int
