"""One session of a cycle: planned, under way, completed with a roster that is final."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from contracts.sessions import Attendance

from sessions.domain.refusals import (
    AlreadyCompleted,
    MinutesDisagree,
    NotCompleted,
    NothingToCorrect,
    NotPlanned,
    NotUnderWay,
    TwiceOnTheRoster,
)

Status = Literal["planned", "in_progress", "completed"]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a session when it is over; `leaders` None are those of the start."""

    minutes: int
    attendance: tuple[Attendance, ...]
    leaders: tuple[UUID, ...] | None = None
    themes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    case_rounds: int = 0


@dataclass(eq=False)
class Session:
    """A slot of the cycle: postponed, cancelled and inquorate attempts return it to planned, with its ordinal."""

    id: UUID
    ordinal: int
    planned_on: date
    status: Status = "planned"
    held_on: date | None = None
    venue: str | None = None
    leaders: tuple[UUID, ...] = ()
    minutes: int = 0
    roster: tuple[Attendance, ...] = ()
    themes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    case_rounds: int = 0

    def must_be_planned(self) -> None:
        """Raises NotPlanned."""
        if self.status != "planned":
            raise NotPlanned(ordinal=self.ordinal, status=self.status)

    def held(self) -> date:
        """The day of a session that is under way. Raises NotUnderWay."""
        if self.status != "in_progress" or self.held_on is None:
            raise NotUnderWay(ordinal=self.ordinal, status=self.status)
        return self.held_on

    def completed(self) -> date:
        """The day of a session that took place. Raises NotCompleted."""
        if self.status != "completed" or self.held_on is None:
            raise NotCompleted(ordinal=self.ordinal, status=self.status)
        return self.held_on

    def start(self, on: date, leaders: Sequence[UUID], venue: str | None) -> None:
        """The session is under way."""
        self.status, self.held_on, self.leaders, self.venue = "in_progress", on, tuple(leaders), venue

    def give_back(self) -> None:
        """The attempt came to nothing: the ordinal is free again. Raises AlreadyCompleted."""
        if self.status == "completed":
            raise AlreadyCompleted(ordinal=self.ordinal)
        self.status, self.held_on, self.leaders, self.venue = "planned", None, (), None

    def complete(self, held: Held, leaders: tuple[UUID, ...]) -> None:
        """Freeze the roster and what is told of the session."""
        self.status, self.minutes, self.leaders, self.roster = "completed", held.minutes, leaders, held.attendance
        self.themes, self.methods = tuple(dict.fromkeys(held.themes)), tuple(dict.fromkeys(held.methods))
        self.case_rounds = held.case_rounds

    def attended_by(self) -> set[UUID]:
        """Who was there, for any time at all."""
        return {entry.person_id for entry in self.roster if entry.minutes > 0}

    def correct(self, entry: Attendance) -> int:
        """Put one row of the roster right; answers the minutes that it held before. Raises NothingToCorrect."""
        rows = {row.person_id: row for row in self.roster}
        before = rows.get(entry.person_id)
        if before == entry:
            raise NothingToCorrect
        self.roster = tuple({**rows, entry.person_id: entry}.values())
        return before.minutes if before else 0


def check_roster(roster: Sequence[Attendance], length: int) -> None:
    """One row a person, minutes within the session's length and as the status says.

    Raises TwiceOnTheRoster and MinutesDisagree.
    """
    if roster and Counter(entry.person_id for entry in roster).most_common(1)[0][1] > 1:
        raise TwiceOnTheRoster
    for entry in roster:
        check_minutes(entry, length)


def check_minutes(entry: Attendance, length: int) -> None:
    """All the time for who attended, a part for who partly did, none for everyone else. Raises MinutesDisagree."""
    agrees = {
        "attended": entry.minutes == length,
        "partly_attended": 0 < entry.minutes < length,
        "excused": entry.minutes == 0,
        "absent": entry.minutes == 0,
    }[entry.status]
    if not agrees:
        raise MinutesDisagree(minutes=entry.minutes, status=entry.status, length=length)
