"""How far a part of a worker has come, and what it has in hand: written by the part, read by the watch over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Progress:
    """`moved` counts what was brought to an end; the rest says what is under way.

    `waiting` is what is left to do (None: not known), `step` what is in hand (None: nothing), `backend` the server
    process of the database session in which it happens, `outage` why the part waits to try again, `heard` when a
    consumer last had an answer from Kafka about each of its partitions (monotonic seconds; None while it has none).
    """

    moved: int = 0
    waiting: int | None = 0
    step: str | None = None
    backend: int | None = None
    outage: BaseException | None = None
    heard: float | None = None

    @contextmanager
    def doing(self, step: str, backend: int | None = None) -> Iterator[None]:
        """Say what is in hand for the length of the block."""
        before = self.step, self.backend
        self.step, self.backend = step, backend
        try:
            yield
        finally:
            self.step, self.backend = before

    def at(self, step: str) -> None:
        """What is in hand has come so far; where nothing is, nothing is said: an operator's redrive is no batch."""
        if self.step is not None:
            self.step = step

    def done(self, number: int = 1) -> None:
        """So much was brought to an end: no server is waited for any more."""
        self.moved += number
        self.outage = None
