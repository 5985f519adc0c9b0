"""Programmes and their invitations, as clients read them."""

from datetime import date
from typing import Literal
from uuid import UUID

from chassis.web import Page, Slice, View, page
from contracts.enrollment import PriorityArea, Shape, Target
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain.programmes import Contact, Programme, ProgrammeNotFound
from enrollment.tables import centre, invitation, programme


class ShapeView(View):
    """How groups of one track meet; `minutes` is the length of one meeting."""

    minimum: int
    maximum: int
    meetings: int
    minutes: int
    quorum: int
    threshold_percent: int
    rhythm: str


class TargetView(View):
    """An indicator's code and the value that the programme set out to reach."""

    indicator: str
    value: int


class AreaView(View):
    """A priority city with its surroundings, by their TERC codes."""

    name: str
    city: str
    surroundings: list[str]
    reason: str


class ProgrammeView(View):
    """A programme in its shape."""

    id: UUID
    code: str
    name: str
    parent_id: UUID | None
    commissioner_id: UUID | None
    funder: str | None
    provider: str | None
    starts_on: date | None
    ends_on: date | None
    audience: list[Contact]
    supervision: ShapeView | None
    training: ShapeView | None
    targets: list[TargetView]
    areas: list[AreaView]
    offer_validity_seconds: int


class InvitationView(View):
    """A centre's invitation; `id` is the centre's."""

    id: UUID
    name: str
    status: Literal["invited", "joined", "declined"]
    answered_on: date | None


def view(one: Programme) -> ProgrammeView:
    """A programme as clients read it."""
    return ProgrammeView(
        id=one.id,
        code=one.code,
        name=one.name,
        parent_id=one.parent_id,
        commissioner_id=one.commissioner_id,
        funder=one.funder,
        provider=one.provider,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        audience=list(one.audience),
        supervision=_shape(one.supervision),
        training=_shape(one.training),
        targets=[_target(target) for target in one.targets],
        areas=[_area(area) for area in one.areas],
        offer_validity_seconds=one.offer_validity_seconds,
    )


async def the_programme(db: AsyncSession, programme_id: UUID) -> ProgrammeView:
    """One programme. Raises ProgrammeNotFound."""
    found = await db.get(Programme, programme_id)
    if found is None:
        raise ProgrammeNotFound
    return view(found)


async def programmes(db: AsyncSession, paging: Slice) -> Page[ProgrammeView]:
    """All programmes, by id."""
    query = select(Programme).order_by(programme.c.id).limit(paging.limit + 1)
    if paging.after:
        query = query.where(programme.c.id > paging.after)
    return page([view(one) for one in await db.scalars(query)], paging)


async def invitations(db: AsyncSession, programme_id: UUID, paging: Slice) -> Page[InvitationView]:
    """The invitations of a programme, by centre."""
    query = (
        select(centre.c.id, centre.c.name, invitation.c.status, invitation.c.answered_on)
        .join(centre, centre.c.id == invitation.c.centre_id)
        .where(invitation.c.programme_id == programme_id)
        .order_by(centre.c.id)
        .limit(paging.limit + 1)
    )
    if paging.after:
        query = query.where(centre.c.id > paging.after)
    return page([InvitationView.model_validate(row) for row in await db.execute(query)], paging)


def _shape(shape: Shape | None) -> ShapeView | None:
    return None if shape is None else ShapeView.model_validate(shape)


def _target(target: Target) -> TargetView:
    return TargetView.model_validate(target)


def _area(area: PriorityArea) -> AreaView:
    return AreaView(name=area.name, city=area.city, surroundings=list(area.surroundings), reason=area.reason)
