"""Who belongs to a group and who leads it, as of a date: frozen values, replaced and never changed."""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar
from uuid import UUID

import msgspec
from contracts.enrollment import LeadsAs


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One person's time in the group: from `since`, and until they withdrew on `until`."""

    person_id: UUID
    since: date
    until: date | None = None

    def may_attend(self, on: date) -> bool:
        """Whether they may be on a roster of that day; the day on which somebody withdraws is still theirs."""
        return self.since <= on and (self.until is None or on <= self.until)

    def must_sign(self, on: date) -> bool:
        """Whether the contract needs their signature on that day; nobody waits for one who withdraws on it."""
        return self.since <= on and (self.until is None or on < self.until)


class Leader(msgspec.Struct, frozen=True, kw_only=True):
    """One person's time as a leader of the group; `until` is the first day of whoever came after them."""

    person_id: UUID
    leads_as: LeadsAs
    since: date
    until: date | None = None

    def may_lead(self, on: date) -> bool:
        """Whether they lead the group on that day."""
        return self.since <= on and (self.until is None or on < self.until)


class LeaderConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A tie because of which a leader may not lead: from `since` until the day before `until`."""

    person_id: UUID
    ground: str
    since: date
    until: date | None = None

    def stands(self, on: date) -> bool:
        """Whether the conflict stands on that day."""
        return self.since <= on and (self.until is None or on < self.until)

    def cleared(self, on: date) -> "LeaderConflict":
        """The same conflict, over on that day at the latest."""
        return msgspec.structs.replace(self, until=min(filter(None, (self.until, max(on, self.since)))))


Belonging = TypeVar("Belonging", Member, Leader)


def ended(people: Iterable[Belonging], person_id: UUID, on: date) -> tuple[Belonging, ...]:
    """The same people, one of whom belongs until that day."""
    return tuple(
        msgspec.structs.replace(person, until=on) if (person.person_id, person.until) == (person_id, None) else person
        for person in people
    )


def present(people: Iterable[Belonging], person_id: UUID) -> bool:
    """Whether one of them is this person, and still belongs."""
    return any((person.person_id, person.until) == (person_id, None) for person in people)
