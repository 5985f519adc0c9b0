"""Published by the enrollment service: who takes part, where, in which group, led by whom."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from contracts.event import Event
from contracts.fields import Code, Ground, Internal, Moment, Name, PersonId, Public, Terc

TOPIC = "enrollment.events"

Track = Literal["supervision", "training"]
Audience = Literal["workers", "supervisors"]
CentreKind = Literal["OPS", "MOPS", "GOPS", "PCPR", "CUS"]
Zone = Literal["city", "surroundings", "elsewhere"]
LeadsAs = Literal["leader", "co_leader", "trainer"]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How the groups of one track meet, as the programme lays it down. `minutes` is the length of one meeting."""

    minimum: Public[int]
    maximum: Public[int]
    meetings: Public[int]
    minutes: Public[int]
    quorum: Public[int]
    threshold_percent: Public[int]
    rhythm: Public[Literal["monthly", "fortnightly", "weekly", "free"]] = "monthly"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What a programme set out to reach: an indicator's code and its value."""

    indicator: Code
    value: Public[int]


class PriorityArea(msgspec.Struct, frozen=True, kw_only=True):
    """A city and its surroundings that come first on waiting lists, and why."""

    name: Name
    city: Terc
    surroundings: Public[tuple[Terc, ...]] = ()
    reason: Code


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a group meets: a commune, and its zone of a priority area if it lies in one."""

    terc: Terc
    zone: Public[Zone]
    area: Public[Terc | None] = None


class EnrollmentFact(Event, frozen=True, kw_only=True):
    """An event of enrollment."""

    topic: ClassVar[str] = TOPIC


class ProgrammeOpened(EnrollmentFact, frozen=True, kw_only=True):
    """A programme exists, in the shape that it has from now on; what it does not set is None or empty."""

    aggregate: ClassVar[str] = "programme"

    programme_id: Public[UUID]
    code: Code
    name: Name
    parent_id: Public[UUID | None] = None
    commissioner_id: Public[UUID | None] = None
    funder: Public[Name | None] = None
    provider: Public[Name | None] = None
    starts_on: Public[date | None] = None
    ends_on: Public[date | None] = None
    supervision: Public[Shape | None] = None
    training: Public[Shape | None] = None
    targets: Public[tuple[Target, ...]] = ()
    areas: Public[tuple[PriorityArea, ...]] = ()


class TargetsChanged(EnrollmentFact, frozen=True, kw_only=True):
    """A programme's targets were replaced by these."""

    aggregate: ClassVar[str] = "programme"

    programme_id: Public[UUID]
    targets: Public[tuple[Target, ...]]


class CentreInvited(EnrollmentFact, frozen=True, kw_only=True):
    """A centre was invited to a programme."""

    aggregate: ClassVar[str] = "programme"

    programme_id: Public[UUID]
    centre_id: Public[UUID]


class CentreJoined(EnrollmentFact, frozen=True, kw_only=True):
    """An invited centre takes part."""

    aggregate: ClassVar[str] = "programme"

    programme_id: Public[UUID]
    centre_id: Public[UUID]
    terc: Terc


class CentreDeclined(EnrollmentFact, frozen=True, kw_only=True):
    """An invited centre does not take part."""

    aggregate: ClassVar[str] = "programme"

    programme_id: Public[UUID]
    centre_id: Public[UUID]


class CentreRegistered(EnrollmentFact, frozen=True, kw_only=True):
    """A centre is known to the platform."""

    aggregate: ClassVar[str] = "centre"

    centre_id: Public[UUID]
    name: Name
    kind: Public[CentreKind]
    terc: Terc


class SupervisorCertified(EnrollmentFact, frozen=True, kw_only=True):
    """A supervisor's certificate was recorded."""

    aggregate: ClassVar[str] = "supervisor"

    supervisor_id: PersonId
    certificate: Public[Literal["social_work", "domestic_violence", "psychotherapy"]]
    valid_from: Public[date]
    valid_to: Public[date | None] = None


class GroupOpened(EnrollmentFact, frozen=True, kw_only=True):
    """A group takes applications."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    name: Name
    track: Public[Track]
    audience: Public[Audience]
    centre_id: Public[UUID | None] = None
    minimum: Public[int]
    maximum: Public[int]
    place: Public[Place]
    cohort: Code


class ApplicationSubmitted(EnrollmentFact, frozen=True, kw_only=True):
    """A person asked for a seat in a group."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    application_id: Internal[UUID]
    person_id: PersonId
    submitted_on: Public[date]


class ApplicationDecided(EnrollmentFact, frozen=True, kw_only=True):
    """Whether the person belongs to the programme's audience; `ground` says why not."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    application_id: Internal[UUID]
    person_id: PersonId
    outcome: Public[Literal["eligible", "ineligible"]]
    ground: Public[Ground | None] = None


class ParticipantEnrolled(EnrollmentFact, frozen=True, kw_only=True):
    """A person has a seat in a group."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    application_id: Internal[UUID]
    person_id: PersonId
    centre_id: Public[UUID | None] = None
    track: Public[Track]
    enrolled_on: Public[date]
    must_sign: Public[bool] = True


class ParticipantWaitlisted(EnrollmentFact, frozen=True, kw_only=True):
    """No seat was free; the person waits."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    application_id: Internal[UUID]
    person_id: PersonId
    zone: Public[Zone]


class SeatOffered(EnrollmentFact, frozen=True, kw_only=True):
    """A freed seat is held for the next in rank until the offer expires."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    application_id: Internal[UUID]
    person_id: PersonId
    expires_at: Moment


class SeatAccepted(EnrollmentFact, frozen=True, kw_only=True):
    """An offered seat was taken."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    application_id: Internal[UUID]
    person_id: PersonId


class SeatDeclined(EnrollmentFact, frozen=True, kw_only=True):
    """An offered seat was declined."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    application_id: Internal[UUID]
    person_id: PersonId


class SeatOfferExpired(EnrollmentFact, frozen=True, kw_only=True):
    """Nobody answered an offer in time."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    application_id: Internal[UUID]
    person_id: PersonId


class ParticipantWithdrawn(EnrollmentFact, frozen=True, kw_only=True):
    """A person gave up an application; `had_seat` tells whether a seat became free."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    application_id: Internal[UUID]
    person_id: PersonId
    had_seat: Public[bool]
    withdrawn_on: Public[date]


class ParticipantErased(EnrollmentFact, frozen=True, kw_only=True):
    """Who a person is was destroyed: the id stays in what happened, and leads to nobody any more."""

    aggregate: ClassVar[str] = "worker"

    worker_id: PersonId
    erased_on: Public[date]


class SupervisorAssigned(EnrollmentFact, frozen=True, kw_only=True):
    """A person leads a group: through every gate of rules 4 and 5 on that date."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    supervisor_id: PersonId
    leads_as: Public[LeadsAs]
    since: Public[date]


class SupervisorAssignmentRefused(EnrollmentFact, frozen=True, kw_only=True):
    """A person may not lead a group, and on which ground."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    supervisor_id: PersonId
    ground: Ground


class LeaderReplaced(EnrollmentFact, frozen=True, kw_only=True):
    """Somebody leads a group in another's place, in the same role, from a date on."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    previous_id: PersonId
    supervisor_id: PersonId
    leads_as: Public[LeadsAs]
    since: Public[date]


class LeaderConflictArose(EnrollmentFact, frozen=True, kw_only=True):
    """A leader may not lead the group from `since` on: no session starts while this stands on its date."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    supervisor_id: PersonId
    ground: Ground
    since: Public[date]
    until: Public[date | None] = None


class LeaderConflictCleared(EnrollmentFact, frozen=True, kw_only=True):
    """A conflict that stood no longer does, from `since` on."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    supervisor_id: PersonId
    ground: Ground
    since: Public[date]


class GroupFormed(EnrollmentFact, frozen=True, kw_only=True):
    """A group has its members and leaders, and everything that planning its meetings needs.

    `co_leaders` are those of the `leaders` who lead some sessions beside a leader.
    """

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    name: Name
    track: Public[Track]
    audience: Public[Audience]
    centre_id: Public[UUID | None] = None
    place: Public[Place]
    cohort: Code
    formed_on: Public[date]
    starts_on: Public[date]
    shape: Public[Shape]
    members: Internal[tuple[PersonId, ...]]
    leaders: Internal[tuple[PersonId, ...]]
    co_leaders: Internal[tuple[PersonId, ...]] = ()


class GroupBelowMinimum(EnrollmentFact, frozen=True, kw_only=True):
    """A formed group has fewer people than its minimum: a task for the coordinator, nothing closes by itself."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    seats_taken: Public[int]
    minimum: Public[int]


class GroupDissolved(EnrollmentFact, frozen=True, kw_only=True):
    """A group ended before its time by a coordinator's decision."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    dissolved_on: Public[date]


class GroupCompleted(EnrollmentFact, frozen=True, kw_only=True):
    """A group's cycle is complete and the group is closed."""

    aggregate: ClassVar[str] = "group"

    group_id: Public[UUID]
    completed_on: Public[date]


class MailingCounted(EnrollmentFact, frozen=True, kw_only=True):
    """Enrollment's answer to one DeliveryRequested: how many of the recipients it knows an address of."""

    aggregate: ClassVar[str] = "mailing"

    issue_id: Public[UUID]
    delivery_id: Public[UUID]
    recipients: Public[int]
    reachable: Public[int]
