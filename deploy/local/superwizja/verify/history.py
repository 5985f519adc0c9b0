"""The topics as one history per aggregate: what was seen first counts, repeats and poison do not."""

from collections.abc import Collection, Iterator
from uuid import UUID

from contracts.event import Envelope, Event

from superwizja.verify.sources import Read

Aggregate = tuple[str, UUID]
"""A key of one topic."""


def first_tellings(records: list[Read], *, without: Collection[tuple[str, UUID, int]] = ()) -> Iterator[Read]:
    """Each event of each aggregate once, in the order of its versions.

    `without`: aggregates as `(topic, key, version)` that count no more from that version on.
    """
    seen: dict[Aggregate, int] = {}
    ends = {(topic, key): version for topic, key, version in without}
    for read in records:
        if read.envelope is None:
            continue
        aggregate = read.topic, read.envelope.key
        version = read.envelope.version
        if version <= seen.get(aggregate, 0) or version >= ends.get(aggregate, version + 1):
            continue
        seen[aggregate] = version
        yield read


def told(records: list[Read], *, without: Collection[tuple[str, UUID, int]] = ()) -> Iterator[tuple[Event, Envelope]]:
    """The events of known types among them."""
    for read in first_tellings(records, without=without):
        if read.event is not None and read.envelope is not None:
            yield read.event, read.envelope


def last_versions(records: list[Read]) -> dict[Aggregate, int]:
    """The highest version on a topic of each of its aggregates."""
    last: dict[Aggregate, int] = {}
    for read in records:
        if read.envelope is not None:
            aggregate = read.topic, read.envelope.key
            last[aggregate] = max(last.get(aggregate, 0), read.envelope.version)
    return last
