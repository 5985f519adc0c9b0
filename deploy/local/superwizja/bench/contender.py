"""What is measured against each other between a committed row and Kafka: ours, and what others have built."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import psutil

from superwizja.bench.load import Sent


class Contender(Protocol):
    """A relay with an outbox table of its own, in a database of its own, that publishes to a topic of its own.

    `columns` of `table` are what a writer inserts, one row for an event, `returning` what else its statement does;
    `ours`: whoever commits rings the bell.
    """

    name: str
    url: str
    topic: str
    table: str
    columns: tuple[str, ...]
    returning: str
    ours: bool

    def row(self, sent: Sent) -> tuple[Any, ...]:
        """The values of `columns`, as asyncpg takes them."""

    def running(self) -> AbstractContextManager[Sequence[psutil.Process]]:
        """Its processes, from the moment it is ready until the block ends. Whatever waits is published at once."""


def insert(contender: Contender) -> str:
    """One event as one statement."""
    places = ", ".join(f"${number}" for number in range(1, len(contender.columns) + 1))
    into = f"{contender.table} ({', '.join(contender.columns)})"
    return f"INSERT INTO {into} VALUES ({places}) {contender.returning}"  # noqa: S608  # our names
