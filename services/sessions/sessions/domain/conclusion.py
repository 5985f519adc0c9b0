"""A conclusion and the consents without which it does not leave the group (rule 3, reg-2016.3.3)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from contracts.event import Event
from contracts.sessions import ConclusionConsentRevoked, ConclusionReleased, ConclusionWithheld

from sessions.domain.contract import Form
from sessions.domain.refusals import ConclusionIsLocked, DateTooEarly, DidNotTakePart, NothingToRevoke

CONSENT = "reg-2016.3.3"
"""The ground: written consent of every supervisee who took part."""

UNKNOWN = "conclusion.unknown"
"""The ground: the conclusion that an issue cites is none of this cycle."""

Status = Literal["awaiting", "released", "withheld", "revoked"]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What one person said of a conclusion: evidence, kept as it was given. The last of a person's statements counts.

    `form` and `text_version` are None for a withdrawal, which needs neither.
    """

    person_id: UUID
    said: Literal["given", "refused", "revoked"]
    on: date
    recorded_by: UUID
    form: Form | None = None
    text_version: str | None = None


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """An issue whose frozen content cites the conclusion."""

    issue_id: UUID
    issue: str


@dataclass(eq=False)
class Conclusion:
    """What a session or the whole course led to, in codes; `session_id` is None for the course.

    `attendees` are the supervisees who took part in it: a roster is final, and only a correction changes who they are.

    Awaiting, then released by everyone's consent or withheld for good by one refusal; revoked for good by one
    withdrawal, unless an issue has locked it. Whoever wants to tell it after all records a new one.
    """

    id: UUID
    cycle_id: UUID
    session_id: UUID | None
    recorded_on: date
    attendees: tuple[UUID, ...]
    practice_before: tuple[str, ...] = ()
    practice_recommended: tuple[str, ...] = ()
    status: Status = "awaiting"
    statements: tuple[Statement, ...] = ()
    locks: tuple[Lock, ...] = ()
    released_on: date | None = None
    revocations: int = 0

    def consents(self) -> dict[UUID, Statement]:
        """The consents that stand, by person."""
        last = {statement.person_id: statement for statement in self.statements}
        return {person: statement for person, statement in last.items() if statement.said == "given"}

    def must_have_asked(self, people: Collection[UUID]) -> None:
        """Raises DidNotTakePart."""
        if strangers := set(people) - set(self.attendees):
            raise DidNotTakePart(strangers=len(strangers))

    def consent(
        self, person_id: UUID, *, given: bool, on: date, form: Form, text_version: str, recorded_by: UUID
    ) -> list[Event]:
        """Put on record that somebody consents or refuses; who consented before and refuses now withdraws.

        Said again it changes nothing. Raises DateTooEarly and ConclusionIsLocked.
        """
        if on < self.recorded_on:
            raise DateTooEarly(date=on, earliest=self.recorded_on)
        consented = person_id in self.consents()
        if consented and given:
            return []
        if consented:
            return self.revoke(person_id, on=on, recorded_by=recorded_by)
        if not given:
            self._must_not_be_locked()
        self.statements += (
            Statement(
                person_id=person_id,
                said="given" if given else "refused",
                on=on,
                recorded_by=recorded_by,
                form=form,
                text_version=text_version,
            ),
        )
        if given or self.status != "awaiting":
            return []
        self.status = "withheld"
        return [ConclusionWithheld(cycle_id=self.cycle_id, conclusion_id=self.id, withheld_on=on, ground=CONSENT)]

    def revoke(self, person_id: UUID, *, on: date, recorded_by: UUID) -> list[Event]:
        """Take a consent back. Raises NothingToRevoke, DateTooEarly and ConclusionIsLocked."""
        consent = self.consents().get(person_id)
        if consent is None:
            raise NothingToRevoke
        if on < consent.on:
            raise DateTooEarly(date=on, earliest=consent.on)
        self._must_not_be_locked()
        self.statements += (Statement(person_id=person_id, said="revoked", on=on, recorded_by=recorded_by),)
        if self.status != "withheld":
            self.status = "revoked"
        return [self._revoked(person_id, on)]

    def settle(self) -> list[Event]:
        """Release what everyone who took part consents to, as of the last consent."""
        consents = self.consents()
        if self.status != "awaiting" or not self.attendees or not consents.keys() >= set(self.attendees):
            return []
        released_on = max(consents[person].on for person in self.attendees)
        self.status, self.released_on = "released", released_on
        return [
            ConclusionReleased(
                cycle_id=self.cycle_id,
                conclusion_id=self.id,
                session_id=self.session_id,
                released_on=released_on,
                practice_before=self.practice_before,
                practice_recommended=self.practice_recommended,
            )
        ]

    def attendees_corrected(self, attendees: Collection[UUID], *, on: date) -> list[Event]:
        """After a correction: who turns out to have taken part is asked too, and until then nothing may be cited.

        What an issue has locked stays as it was when the issue froze.
        """
        found = set(attendees) - set(self.attendees)
        self.attendees = tuple(sorted(attendees))
        unasked = sorted(found - self.consents().keys())
        if self.status == "released" and unasked and not self.locks:
            self.status = "awaiting"
            return [self._revoked(person, on) for person in unasked]
        return self.settle()

    def _must_not_be_locked(self) -> None:
        if self.locks:
            raise ConclusionIsLocked(issue=self.locks[-1].issue)

    def _revoked(self, person_id: UUID, on: date) -> Event:
        self.revocations += 1
        return ConclusionConsentRevoked(
            cycle_id=self.cycle_id, conclusion_id=self.id, person_id=person_id, revoked_on=on
        )
