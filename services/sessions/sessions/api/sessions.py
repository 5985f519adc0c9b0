"""Sessions over HTTP: who leads a group starts, completes, moves and corrects them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from chassis.web import Body, Db, RecordedDate, View, problems, router_for
from contracts.sessions import Attendance, CycleCompleted, SessionCompleted
from pydantic import Field

from sessions import use_cases
from sessions.api.fields import Method, Minutes, Ordinal, People, Place, Supervisor, Theme
from sessions.domain.session import Held

router = router_for("sessions")
PATH = "/v1/cycles/{cycle_id}/sessions/{ordinal}"


class Started(Body):
    """A session began. `leaders` are who lead it, the caller unless it says otherwise; `venue` is a code of TERC."""

    held_on: RecordedDate
    venue: Place | None = None
    leaders: People | None = None


class Attended(Body):
    """One row of the roster."""

    person_id: UUID
    status: Literal["attended", "partly_attended", "excused", "absent"]
    minutes: Minutes

    def parsed(self) -> Attendance:
        """The row as the domain knows it."""
        return Attendance(person_id=self.person_id, status=self.status, minutes=self.minutes)


class Completed(Body):
    """A session is over: its length in minutes, its roster, and what may be told of it in codes."""

    minutes: Annotated[Minutes, Field(ge=1)]
    attendance: Annotated[tuple[Attended, ...], Field(max_length=100)]
    leaders: People | None = None
    themes: Annotated[tuple[Theme, ...], Field(max_length=50)] = ()
    methods: Annotated[tuple[Method, ...], Field(max_length=10)] = ()
    case_rounds: Annotated[int, Field(ge=0, le=50)] = 0

    def parsed(self) -> Held:
        """What is told of the session, as the domain knows it."""
        return Held(
            minutes=self.minutes,
            attendance=tuple(entry.parsed() for entry in self.attendance),
            leaders=None if self.leaders is None else tuple(self.leaders),
            themes=self.themes,
            methods=self.methods,
            case_rounds=self.case_rounds,
        )


class Outcome(View):
    """Whether the session counts, and whether it was the last one of its cycle."""

    outcome: Literal["completed", "inquorate"]
    cycle_completed: bool


class Rescheduled(Body):
    """Another date for a session."""

    planned_on: date


class Postponed(Body):
    """Another date, if one is known already."""

    planned_on: date | None = None


class Nothing(Body):
    """A body that has nothing to tell."""


class Corrected(Attended):
    """What one row of a roster should have been, and when that was found."""

    corrected_on: RecordedDate


class Accepted(View):
    """The command took effect."""

    ordinal: int


@router.post(f"{PATH}/start", responses=problems(403, 404, 409))
async def start_session(cycle_id: UUID, ordinal: Ordinal, body: Started, db: Db, who: Supervisor) -> Accepted:
    """Open a session: by then everyone has signed the contract, but for the group's first meeting."""
    await use_cases.start_session(
        db, cycle_id, ordinal, on=body.held_on, leaders=body.leaders, venue=body.venue, by=who
    )
    return Accepted(ordinal=ordinal)


@router.post(f"{PATH}/completion", responses=problems(403, 404, 409))
async def complete_session(cycle_id: UUID, ordinal: Ordinal, body: Completed, db: Db, who: Supervisor) -> Outcome:
    """Close a session with its roster, which is final; too few people give the ordinal back."""
    events = await use_cases.complete_session(db, cycle_id, ordinal, body.parsed(), by=who)
    kinds = {type(event) for event in events}
    return Outcome(
        outcome="completed" if SessionCompleted in kinds else "inquorate", cycle_completed=CycleCompleted in kinds
    )


@router.post(f"{PATH}/rescheduling", responses=problems(403, 404, 409))
async def reschedule_session(cycle_id: UUID, ordinal: Ordinal, body: Rescheduled, db: Db, who: Supervisor) -> Accepted:
    """Plan a session for another date."""
    await use_cases.reschedule_session(db, cycle_id, ordinal, to=body.planned_on, by=who)
    return Accepted(ordinal=ordinal)


@router.post(f"{PATH}/postponement", responses=problems(403, 404, 409))
async def postpone_session(cycle_id: UUID, ordinal: Ordinal, body: Postponed, db: Db, who: Supervisor) -> Accepted:
    """Tell that a session did not take place on its date; it keeps its ordinal."""
    await use_cases.postpone_session(db, cycle_id, ordinal, to=body.planned_on, by=who)
    return Accepted(ordinal=ordinal)


@router.post(f"{PATH}/cancellation", responses=problems(403, 404, 409))
async def cancel_session(cycle_id: UUID, ordinal: Ordinal, body: Nothing, db: Db, who: Supervisor) -> Accepted:
    """Call a session off; its ordinal is free again."""
    await use_cases.cancel_session(db, cycle_id, ordinal, by=who)
    return Accepted(ordinal=ordinal)


@router.post(f"{PATH}/corrections", responses=problems(403, 404, 409))
async def correct_attendance(cycle_id: UUID, ordinal: Ordinal, body: Corrected, db: Db, who: Supervisor) -> Accepted:
    """Put one person's attendance at a completed session right."""
    await use_cases.correct_attendance(db, cycle_id, ordinal, body.parsed(), on=body.corrected_on, by=who)
    return Accepted(ordinal=ordinal)
