"""A group's cycle: the aggregate. Its row is locked first, and its version numbers its events."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import msgspec
from chassis.ids import new_id
from contracts.event import Event
from contracts.sessions import Attendance, ConclusionLocked, ConclusionLockRefused, ConclusionRecorded

from sessions.domain.conclusion import CONSENT, UNKNOWN, Conclusion, Lock
from sessions.domain.contract import Form
from sessions.domain.meetings import Meetings
from sessions.domain.refusals import ConclusionNotFound, CourseNotOver, DateTooEarly


class RefusedLock(msgspec.Struct, frozen=True, kw_only=True):
    """An issue asked for a conclusion that it may not cite."""

    issue_id: UUID
    conclusion_id: UUID
    ground: str


@dataclass(eq=False)
class Cycle(Meetings):
    """A group's sessions with its contract, and the conclusions that may leave it (rule 3, reg-2016.3.3).

    The id is the group's. An `awaited` cycle is one whose group is not known as formed here, though another fact about
    it came first; nobody sees it. `sessions` and `conclusions` are loaded by the commands that need them.
    """

    conclusions: list[Conclusion] = field(default_factory=list)
    refused_locks: tuple[RefusedLock, ...] = ()

    def conclusion(self, conclusion_id: UUID) -> Conclusion:
        """The conclusion of this id. Raises ConclusionNotFound."""
        found = self._conclusion(conclusion_id)
        if found is None:
            raise ConclusionNotFound
        return found

    def conclude(
        self, ordinal: int | None, *, on: date, practice_before: Sequence[str], practice_recommended: Sequence[str]
    ) -> tuple[Conclusion, list[Event]]:
        """Record what a session, or the course once it is over, led to; from now on everyone's consent is awaited.

        Raises SessionNotFound, NotCompleted, CourseNotOver and DateTooEarly.
        """
        session_id: UUID | None = None
        if ordinal is not None:
            session = self.session(ordinal)
            session_id, earliest = session.id, session.completed()
        elif self.is_over():
            earliest = max((session.completed() for session in self.sessions if session.held_on), default=on)
        else:
            raise CourseNotOver
        if on < earliest:
            raise DateTooEarly(date=on, earliest=earliest)
        conclusion = Conclusion(
            id=new_id(),
            cycle_id=self.id,
            session_id=session_id,
            recorded_on=on,
            attendees=self.attended_by(session_id),
            practice_before=tuple(dict.fromkeys(practice_before)),
            practice_recommended=tuple(dict.fromkeys(practice_recommended)),
        )
        self.conclusions.append(conclusion)
        return conclusion, [
            ConclusionRecorded(
                cycle_id=self.id,
                conclusion_id=conclusion.id,
                session_id=session_id,
                recorded_on=on,
                practice_before=conclusion.practice_before,
                practice_recommended=conclusion.practice_recommended,
                awaiting=len(conclusion.attendees),
            )
        ]

    def consent(
        self,
        conclusion_id: UUID,
        people: Sequence[UUID],
        *,
        given: bool,
        on: date,
        form: Form,
        text_version: str,
        recorded_by: UUID,
    ) -> list[Event]:
        """Put consents or refusals on record; with the last consent of those who took part, release the conclusion.

        Raises ConclusionNotFound, DidNotTakePart, DateTooEarly and ConclusionIsLocked.
        """
        conclusion = self.conclusion(conclusion_id)
        conclusion.must_have_asked(people)
        events: list[Event] = []
        for person in dict.fromkeys(people):
            events += conclusion.consent(
                person, given=given, on=on, form=form, text_version=text_version, recorded_by=recorded_by
            )
        return events + conclusion.settle()

    def revoke_consent(self, conclusion_id: UUID, person_id: UUID, *, on: date, recorded_by: UUID) -> list[Event]:
        """Take a consent back. Raises ConclusionNotFound, NothingToRevoke, DateTooEarly and ConclusionIsLocked."""
        return self.conclusion(conclusion_id).revoke(person_id, on=on, recorded_by=recorded_by)

    def correct(self, ordinal: int, entry: Attendance, *, on: date) -> list[Event]:
        """Put an attendance right; whoever turns out to have taken part is asked for consent, nobody else is.

        Raises what Meetings.correct raises.
        """
        events = super().correct(ordinal, entry, on=on)
        for conclusion in self.conclusions:
            events += conclusion.attendees_corrected(self.attended_by(conclusion.session_id), on=on)
        return events

    def lock(self, conclusion_id: UUID, *, issue_id: UUID, issue: str) -> list[Event]:
        """Answer an issue that freezes: locked where consent stands, else refused, and each answer is kept.

        A withdrawal that comes before the lock is binding, one that comes after it names the issue.
        """
        conclusion = self._conclusion(conclusion_id)
        if conclusion is not None and conclusion.status == "released":
            lock = Lock(issue_id=issue_id, issue=issue)
            if lock not in conclusion.locks:
                conclusion.locks += (lock,)
            return [ConclusionLocked(cycle_id=self.id, conclusion_id=conclusion_id, issue_id=issue_id, issue=issue)]
        refused = RefusedLock(issue_id=issue_id, conclusion_id=conclusion_id, ground=CONSENT if conclusion else UNKNOWN)
        self.refused_locks += (refused,)
        return [
            ConclusionLockRefused(
                cycle_id=self.id, conclusion_id=conclusion_id, issue_id=issue_id, ground=refused.ground
            )
        ]

    def _conclusion(self, conclusion_id: UUID) -> Conclusion | None:
        return next((each for each in self.conclusions if each.id == conclusion_id), None)
