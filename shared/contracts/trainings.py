"""Published by the trainings service: what was developed, what was taught, who earned a certificate."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.enrollment import Audience
from contracts.event import Event
from contracts.fields import Code, Internal, Name, PersonId, Public
from contracts.sessions import MinutesAttended

TOPIC = "trainings.events"


class TrainingsFact(Event, frozen=True, kw_only=True):
    """An event of trainings."""

    topic: ClassVar[str] = TOPIC


class TitleDeveloped(TrainingsFact, frozen=True, kw_only=True):
    """A training exists as a syllabus and may be run. Trainings for supervisors are counted apart."""

    aggregate: ClassVar[str] = "title"

    title_id: Public[UUID]
    name: Name
    audience: Public[Audience]
    developed_on: Public[date]


class TitlePublished(TrainingsFact, frozen=True, kw_only=True):
    """A title is announced: it answers at least one worker's need and one family problem."""

    aggregate: ClassVar[str] = "title"

    title_id: Public[UUID]
    name: Name
    audience: Public[Audience]
    published_on: Public[date]
    worker_needs: Public[tuple[Code, ...]]
    family_problems: Public[tuple[Code, ...]]


class TitleSuperseded(TrainingsFact, frozen=True, kw_only=True):
    """A title gave way to another and is run no more."""

    aggregate: ClassVar[str] = "title"

    title_id: Public[UUID]
    by_title_id: Public[UUID]


class RunScheduled(TrainingsFact, frozen=True, kw_only=True):
    """A title will be taught to a group on a date."""

    aggregate: ClassVar[str] = "run"

    run_id: Public[UUID]
    title_id: Public[UUID]
    group_id: Public[UUID]
    audience: Public[Audience]
    planned_on: Public[date]
    minutes: Public[int]
    trainers: Internal[tuple[PersonId, ...]]


class RunCancelled(TrainingsFact, frozen=True, kw_only=True):
    """A scheduled run will not take place."""

    aggregate: ClassVar[str] = "run"

    run_id: Public[UUID]
    title_id: Public[UUID]
    group_id: Public[UUID]


class RunCompleted(TrainingsFact, frozen=True, kw_only=True):
    """A title was taught to a group. `threshold_percent` of `minutes` earns a certificate."""

    aggregate: ClassVar[str] = "run"

    run_id: Public[UUID]
    title_id: Public[UUID]
    group_id: Public[UUID]
    audience: Public[Audience]
    held_on: Public[date]
    minutes: Public[int]
    threshold_percent: Public[int]
    trainers: Internal[tuple[PersonId, ...]]
    attendance: Internal[tuple[MinutesAttended, ...]]


class CertificateIssued(TrainingsFact, frozen=True, kw_only=True):
    """A person attended enough of a cycle or a run: a certificate of attendance, never a supervisor's."""

    aggregate: ClassVar[str] = "certificate"

    certificate_id: Internal[UUID]
    person_id: PersonId
    of: Public[Literal["cycle", "run"]]
    of_id: Public[UUID]
    group_id: Public[UUID]
    minutes: Public[int]
    issued_on: Public[date]


class CertificateRevoked(TrainingsFact, frozen=True, kw_only=True):
    """A certificate no longer holds."""

    aggregate: ClassVar[str] = "certificate"

    certificate_id: Internal[UUID]
    person_id: PersonId
    of: Public[Literal["cycle", "run"]]
    of_id: Public[UUID]
    reason: Code
    revoked_on: Public[date]
