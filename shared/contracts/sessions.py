"""Published by the sessions service: what happened in supervision, in numbers and codes, never in words."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from contracts.event import Event
from contracts.fields import Code, Ground, Internal, Name, PersonId, Public

TOPIC = "sessions.events"


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """One person at one session. `minutes` is 0 for who was absent or excused."""

    person_id: PersonId
    status: Public[Literal["attended", "partly_attended", "excused", "absent"]]
    minutes: Public[int]


class MinutesAttended(msgspec.Struct, frozen=True, kw_only=True):
    """All that one person attended of a cycle, in minutes."""

    person_id: PersonId
    minutes: Public[int]


class SessionsFact(Event, frozen=True, kw_only=True):
    """An event of one cycle: its id is the group's."""

    topic: ClassVar[str] = TOPIC
    aggregate: ClassVar[str] = "cycle"


class SessionScheduled(SessionsFact, frozen=True, kw_only=True):
    """A meeting of the cycle has a date."""

    cycle_id: Public[UUID]
    session_id: Public[UUID]
    ordinal: Public[int]
    planned_on: Public[date]
    minutes: Public[int]


class SessionRescheduled(SessionsFact, frozen=True, kw_only=True):
    """A planned session has another date."""

    cycle_id: Public[UUID]
    session_id: Public[UUID]
    ordinal: Public[int]
    planned_on: Public[date]
    previously_on: Public[date]


class SessionPostponed(SessionsFact, frozen=True, kw_only=True):
    """A session did not take place on its date and keeps its ordinal."""

    cycle_id: Public[UUID]
    session_id: Public[UUID]
    ordinal: Public[int]
    planned_on: Public[date]


class SessionCancelled(SessionsFact, frozen=True, kw_only=True):
    """A session that had begun or was confirmed was called off; its ordinal is free again."""

    cycle_id: Public[UUID]
    session_id: Public[UUID]
    ordinal: Public[int]
    planned_on: Public[date]


class SessionInquorate(SessionsFact, frozen=True, kw_only=True):
    """Too few people came: the session does not count and its ordinal is free again."""

    cycle_id: Public[UUID]
    session_id: Public[UUID]
    ordinal: Public[int]
    held_on: Public[date]
    present: Public[int]
    quorum: Public[int]


class SessionCompleted(SessionsFact, frozen=True, kw_only=True):
    """A session took place with a quorum; its roster is final, and corrections come as AttendanceCorrected."""

    cycle_id: Public[UUID]
    session_id: Public[UUID]
    ordinal: Public[int]
    held_on: Public[date]
    minutes: Public[int]
    leaders: Internal[tuple[PersonId, ...]]
    attendance: Internal[tuple[Attendance, ...]]
    themes: Public[tuple[Code, ...]] = ()
    methods: Public[tuple[Code, ...]] = ()
    case_rounds: Public[int] = 0


class AttendanceCorrected(SessionsFact, frozen=True, kw_only=True):
    """One person's attendance at a completed session was put right."""

    cycle_id: Public[UUID]
    session_id: Public[UUID]
    person_id: PersonId
    held_on: Public[date]
    corrected_on: Public[date]
    status: Public[Literal["attended", "partly_attended", "excused", "absent"]]
    minutes: Public[int]
    previous_minutes: Public[int]


class CycleCompleted(SessionsFact, frozen=True, kw_only=True):
    """All sessions of the programme's shape took place. `threshold_percent` of `minutes` earns a certificate."""

    cycle_id: Public[UUID]
    completed_on: Public[date]
    sessions: Public[int]
    minutes: Public[int]
    threshold_percent: Public[int]
    attendance: Internal[tuple[MinutesAttended, ...]]


class ContractSigned(SessionsFact, frozen=True, kw_only=True):
    """A member or a leader signed the group's contract; `unsigned` people have yet to."""

    cycle_id: Public[UUID]
    person_id: PersonId
    contract_version: Public[int]
    signed_on: Public[date]
    form: Public[Literal["paper", "electronic"]]
    unsigned: Public[int]


class ContractRevised(SessionsFact, frozen=True, kw_only=True):
    """The contract has a new version, which everyone signs anew."""

    cycle_id: Public[UUID]
    contract_version: Public[int]
    revised_on: Public[date]


class ConclusionRecorded(SessionsFact, frozen=True, kw_only=True):
    """A conclusion was drawn and awaits everybody's consent; `session_id` is None for the whole course."""

    cycle_id: Public[UUID]
    conclusion_id: Public[UUID]
    session_id: Public[UUID | None] = None
    recorded_on: Public[date]
    practice_before: Public[tuple[Code, ...]] = ()
    practice_recommended: Public[tuple[Code, ...]] = ()
    awaiting: Public[int]


class ConclusionReleased(SessionsFact, frozen=True, kw_only=True):
    """Everyone who took part consents: the conclusion may leave the group."""

    cycle_id: Public[UUID]
    conclusion_id: Public[UUID]
    session_id: Public[UUID | None] = None
    released_on: Public[date]
    practice_before: Public[tuple[Code, ...]] = ()
    practice_recommended: Public[tuple[Code, ...]] = ()


class ConclusionWithheld(SessionsFact, frozen=True, kw_only=True):
    """Somebody who took part refused consent: the conclusion stays in the group."""

    cycle_id: Public[UUID]
    conclusion_id: Public[UUID]
    withheld_on: Public[date]
    ground: Ground


class ConclusionConsentRevoked(SessionsFact, frozen=True, kw_only=True):
    """Somebody took a consent back: the conclusion may no longer be cited."""

    cycle_id: Public[UUID]
    conclusion_id: Public[UUID]
    person_id: PersonId
    revoked_on: Public[date]


class ConclusionLocked(SessionsFact, frozen=True, kw_only=True):
    """Answer to IssueFreezeRequested: consent stands and can no longer be withdrawn for this issue."""

    cycle_id: Public[UUID]
    conclusion_id: Public[UUID]
    issue_id: Public[UUID]
    issue: Name


class ConclusionLockRefused(SessionsFact, frozen=True, kw_only=True):
    """Answer to IssueFreezeRequested: consent does not stand (or there is no such conclusion)."""

    cycle_id: Public[UUID]
    conclusion_id: Public[UUID]
    issue_id: Public[UUID]
    ground: Ground
