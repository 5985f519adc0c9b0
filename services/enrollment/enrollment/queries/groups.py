"""Groups and applications, as clients read them: ids, never names of people."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from chassis.web import Page, Person, Slice, View, page
from contracts.enrollment import Audience, LeadsAs, Track, Zone
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain.applications import Application, Status
from enrollment.domain.days import day_after
from enrollment.domain.groups import Group, GroupNotFound
from enrollment.tables import application, group

GroupStatus = Literal["forming", "formed", "active", "completed", "dissolved"]


class LeaderView(View):
    """Who leads a group; `until` is the first day on which they no longer do."""

    supervisor_id: UUID
    leads_as: LeadsAs
    since: date
    until: date | None


class ConflictView(View):
    """When a leader may not lead, and the rule that says so; `until` is the first day on which they may again."""

    supervisor_id: UUID
    ground: str
    since: date
    until: date | None


class GroupView(View):
    """A group with its counts; `below_minimum` is a task for the coordinator."""

    id: UUID
    programme_id: UUID
    name: str
    track: Track
    audience: Audience
    centre_id: UUID | None
    minimum: int
    maximum: int
    terc: str
    zone: Zone
    area: str | None
    cohort: str
    status: GroupStatus
    seats_taken: int
    offers_out: int
    waiting: int
    below_minimum: bool
    formed_on: date | None
    starts_on: date | None
    ended_on: date | None
    leaders: list[LeaderView]


class GroupInFull(GroupView):
    """A group with the conflicts of its leaders: for its coordinator."""

    conflicts: list[ConflictView]


class ApplicationView(View):
    """An application and where it stands."""

    id: UUID
    group_id: UUID
    programme_id: UUID
    track: Track
    person_id: UUID
    zone: Zone
    status: Status
    ground: str | None
    submitted_on: date
    offer_expires_at: datetime | None
    enrolled_on: date | None
    ended_on: date | None


async def the_group(db: AsyncSession, group_id: UUID, *, by: Person, own: bool = False) -> GroupView:
    """One group, for its coordinator in full. Raises GroupNotFound, where `own` also for another coordinator's."""
    found = await db.get(Group, group_id)
    coordinates = found is not None and by.holds("coordinator", programme=found.programme_id)
    if found is None or (own and not coordinates):
        raise GroupNotFound
    if not coordinates:
        return GroupView.model_validate(found)
    conflicts = sorted(found.conflicts, key=lambda one: (one.period.since, one.ground))
    return GroupInFull(
        **GroupView.model_validate(found).model_dump(),
        conflicts=[
            ConflictView(
                supervisor_id=one.supervisor_id,
                ground=one.ground,
                since=one.period.since,
                until=one.period.until and day_after(one.period.until),
            )
            for one in conflicts
        ],
    )


async def groups(
    db: AsyncSession,
    paging: Slice,
    *,
    programme_id: UUID | None = None,
    track: Track | None = None,
    status: GroupStatus | None = None,
) -> Page[GroupView]:
    """Groups of a programme, track and status, or of all, by id."""
    query = select(Group).order_by(group.c.id).limit(paging.limit + 1)
    for column, value in (
        (group.c.programme_id, programme_id),
        (group.c.track, track),
        (group.c.status, status),
    ):
        if value is not None:
            query = query.where(column == value)
    if paging.after:
        query = query.where(group.c.id > paging.after)
    return page([GroupView.model_validate(one) for one in await db.scalars(query)], paging)


async def applications(
    db: AsyncSession, paging: Slice, *, group_id: UUID | None = None, person_id: UUID | None = None
) -> Page[ApplicationView]:
    """Applications to a group, or of a person, by id: first come, first listed."""
    query = select(Application).order_by(application.c.id).limit(paging.limit + 1)
    if group_id is not None:
        query = query.where(application.c.group_id == group_id)
    if person_id is not None:
        query = query.where(application.c.person_id == person_id)
    if paging.after:
        query = query.where(application.c.id > paging.after)
    return page([ApplicationView.model_validate(one) for one in await db.scalars(query)], paging)
