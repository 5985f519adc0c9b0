"""The meetings of a group: planned, held in any order, and complete when all have taken place (rules 12 to 14)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from chassis.ids import new_id
from contracts.enrollment import GroupFormed
from contracts.event import Event
from contracts.sessions import (
    Attendance,
    AttendanceCorrected,
    CycleCompleted,
    MinutesAttended,
    SessionCancelled,
    SessionCompleted,
    SessionInquorate,
    SessionPostponed,
    SessionRescheduled,
    SessionScheduled,
)

from sessions.domain.calendar import meeting_dates
from sessions.domain.contract import Contract
from sessions.domain.group import Group
from sessions.domain.people import Leader, Member
from sessions.domain.refusals import (
    ContractUnsigned,
    DateTooEarly,
    PlannedForThatDay,
    SessionNotFound,
    SessionTooShort,
)
from sessions.domain.session import Held, Session, check_minutes, check_roster

Status = Literal["awaited", "active", "completed", "dissolved"]


@dataclass(eq=False)
class Meetings(Group):
    """A group's sessions, as many as its programme asks for, each of its length."""

    status: Status = "awaited"
    minutes: int = 0
    quorum: int = 0
    threshold_percent: int = 0
    sessions: list[Session] = field(default_factory=list)

    def plan(self, group: GroupFormed, programme_id: UUID | None) -> list[Event]:
        """As many sessions as the programme's shape asks for, from the group's first date on, in its rhythm.

        A cycle that is planned already stays as it is.
        """
        if self.status != "awaited":
            return []
        shape = group.shape
        self.programme_id, self.status, self.name, self.formed_on = programme_id, "active", group.name, group.formed_on
        self.minutes, self.quorum, self.threshold_percent = shape.minutes, shape.quorum, shape.threshold_percent
        self.members = tuple(Member(person_id=person, since=group.formed_on) for person in group.members)
        self.leaders = tuple(
            Leader(person_id=p, leads_as="co_leader" if p in group.co_leaders else "leader", since=group.formed_on)
            for p in group.leaders
        )
        self.contract = Contract(revised_on=(group.formed_on,))
        dates = meeting_dates(group.starts_on, shape.meetings, shape.rhythm)
        self.sessions = [Session(id=new_id(), ordinal=n, planned_on=on) for n, on in enumerate(dates, start=1)]
        return [
            SessionScheduled(
                cycle_id=self.id,
                session_id=session.id,
                ordinal=session.ordinal,
                planned_on=session.planned_on,
                minutes=self.minutes,
            )
            for session in self.sessions
        ]

    def dissolve(self, on: date) -> None:
        """No more sessions; one that is under way may be completed."""
        self.dissolved_on = on
        if self.status == "active":
            self.status = "dissolved"

    def session(self, ordinal: int) -> Session:
        """The session of this ordinal. Raises SessionNotFound."""
        for session in self.sessions:
            if session.ordinal == ordinal:
                return session
        raise SessionNotFound(ordinal=ordinal)

    def start(self, ordinal: int, *, on: date, leaders: Sequence[UUID], venue: str | None = None) -> None:
        """Open a session, held on a day that may be past.

        Raises SessionNotFound, NotPlanned, DateTooEarly, GroupHasDissolved, DoesNotLead, LeaderInConflict and, for any
        but the group's first meeting, ContractUnsigned.
        """
        session = self.session(ordinal)
        session.must_be_planned()
        self.check_date(on)
        self.check_leaders(leaders, on)
        self._contract_is_signed(session, on, leaders)
        session.start(on, leaders, venue)

    def complete(self, ordinal: int, held: Held) -> list[Event]:
        """Freeze a session's roster; the last one completes the cycle.

        Too few people is an outcome: the ordinal is free again, and SessionInquorate tells so. Raises SessionNotFound,
        NotUnderWay, SessionTooShort, TwiceOnTheRoster, MinutesDisagree, NotOfTheGroup, what a start raises about
        leaders that it did not name and, for any but the group's first meeting, ContractUnsigned: who was heard of only
        after the start signs too, if they were there.
        """
        session = self.session(ordinal)
        on = session.held()
        if held.minutes < self.minutes:
            raise SessionTooShort(minutes=held.minutes, required=self.minutes)
        check_roster(held.attendance, held.minutes)
        self.check_members([entry.person_id for entry in held.attendance], on)
        leaders = session.leaders if held.leaders is None else held.leaders
        if came_later := [leader for leader in leaders if leader not in session.leaders]:
            self.check_leaders(came_later, on)
            self._contract_is_signed(session, on, leaders)
        came = {entry.person_id for entry in held.attendance if entry.minutes > 0}
        if unsigned := self._unsigned(session, on) & came:
            raise ContractUnsigned(unsigned=len(unsigned))
        if len(came) < self.quorum:
            session.give_back()
            return [
                SessionInquorate(
                    cycle_id=self.id,
                    session_id=session.id,
                    ordinal=ordinal,
                    held_on=on,
                    present=len(came),
                    quorum=self.quorum,
                )
            ]
        session.complete(held, leaders)
        events: list[Event] = [
            SessionCompleted(
                cycle_id=self.id,
                session_id=session.id,
                ordinal=ordinal,
                held_on=on,
                minutes=session.minutes,
                leaders=session.leaders,
                attendance=session.roster,
                themes=session.themes,
                methods=session.methods,
                case_rounds=session.case_rounds,
            )
        ]
        return events + self._completed()

    def reschedule(self, ordinal: int, to: date) -> list[Event]:
        """Plan a session for another date.

        Raises SessionNotFound, NotPlanned, DateTooEarly, GroupHasDissolved and PlannedForThatDay.
        """
        session = self.session(ordinal)
        session.must_be_planned()
        self.check_date(to)
        if to == session.planned_on:
            raise PlannedForThatDay(ordinal=ordinal, date=to)
        before, session.planned_on = session.planned_on, to
        return [
            SessionRescheduled(
                cycle_id=self.id, session_id=session.id, ordinal=ordinal, planned_on=to, previously_on=before
            )
        ]

    def postpone(self, ordinal: int, to: date | None) -> list[Event]:
        """A session did not take place on its date; it keeps its ordinal, and gets another date where one is known.

        Raises SessionNotFound, AlreadyCompleted and, with another date, what Meetings.reschedule raises.
        """
        session = self.session(ordinal)
        session.give_back()
        postponed = SessionPostponed(
            cycle_id=self.id, session_id=session.id, ordinal=ordinal, planned_on=session.planned_on
        )
        return [postponed, *([] if to is None else self.reschedule(ordinal, to))]

    def cancel(self, ordinal: int) -> list[Event]:
        """A session was called off, before it began or in its course; its ordinal is free again."""
        session = self.session(ordinal)
        session.give_back()
        return [
            SessionCancelled(cycle_id=self.id, session_id=session.id, ordinal=ordinal, planned_on=session.planned_on)
        ]

    def correct(self, ordinal: int, entry: Attendance, *, on: date) -> list[Event]:
        """Put one person's attendance at a completed session right, also after the cycle has ended.

        Raises SessionNotFound, NotCompleted, DateTooEarly, NotOfTheGroup, MinutesDisagree and NothingToCorrect.
        """
        session = self.session(ordinal)
        held_on = session.completed()
        if on < held_on:
            raise DateTooEarly(date=on, earliest=held_on)
        self.check_members([entry.person_id], held_on)
        check_minutes(entry, session.minutes)
        before = session.correct(entry)
        return [
            AttendanceCorrected(
                cycle_id=self.id,
                session_id=session.id,
                person_id=entry.person_id,
                held_on=held_on,
                corrected_on=on,
                status=entry.status,
                minutes=entry.minutes,
                previous_minutes=before,
            )
        ]

    def is_over(self) -> bool:
        """Whether no session takes place any more, and none is under way."""
        return self.status in ("completed", "dissolved") and all(s.status != "in_progress" for s in self.sessions)

    def attended_by(self, session_id: UUID | None) -> tuple[UUID, ...]:
        """Who took part in a session; None asks for the whole course."""
        took_part = (session.attended_by() for session in self.sessions if session_id in (None, session.id))
        return tuple(sorted(set().union(*took_part)))

    def _completed(self) -> list[Event]:
        if any(session.status != "completed" for session in self.sessions):
            return []
        self.status = "completed"
        minutes: dict[UUID, int] = {}
        for session in self.sessions:
            for entry in session.roster:
                minutes[entry.person_id] = minutes.get(entry.person_id, 0) + entry.minutes
        return [
            CycleCompleted(
                cycle_id=self.id,
                completed_on=max(session.completed() for session in self.sessions),
                sessions=len(self.sessions),
                minutes=sum(session.minutes for session in self.sessions),
                threshold_percent=self.threshold_percent,
                attendance=tuple(MinutesAttended(person_id=p, minutes=total) for p, total in sorted(minutes.items())),
            )
        ]

    def _contract_is_signed(self, session: Session, on: date, leaders: Iterable[UUID]) -> None:
        if unsigned := self._unsigned(session, on, leaders):
            raise ContractUnsigned(unsigned=len(unsigned))

    def _unsigned(self, session: Session, on: date, leaders: Iterable[UUID] = ()) -> set[UUID]:
        """By date, not by ordinal: whichever meeting comes second needs the signatures as of its day."""
        others = [other.held_on for other in self.sessions if other is not session and other.held_on]
        return self.unsigned(max(on, min(others)), leaders) if others else set()
