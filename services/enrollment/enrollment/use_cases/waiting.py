"""The waiting list: a freed seat is offered to the next in rank, and offers that nobody answers expire."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from chassis import outbox
from chassis.database import among
from chassis.due import DueWork
from chassis.web import today
from contracts.enrollment import Track
from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain import seats
from enrollment.domain.applications import Application
from enrollment.domain.groups import Group
from enrollment.tables import ONE_SEAT
from enrollment.tables import application as applications
from enrollment.tables import group as groups

due = DueWork()


async def offer_free_seats(db: AsyncSession, group: Group) -> None:
    """Offer each free seat of a locked group to the next in rank (rule 11), as far as there is one.

    Whoever has a seat in another group by now keeps waiting. Two groups may offer to one person at once: the unique
    index lets one of them, and the other asks its next.
    """
    while not group.ended and group.free > 0 and group.waiting > 0:
        application = await _next_in_rank(db, group)
        if application is None:
            return
        try:
            async with db.begin_nested():
                await outbox.add(db, seats.offer(group, application, now=datetime.now(UTC)), of=group)
        except IntegrityError as violation:
            if getattr(violation.driver_exception, "constraint_name", None) != ONE_SEAT:
                raise
            await db.refresh(group)
            continue
        expires_at = application.offer_expires_at
        if expires_at is not None:
            await due.schedule(db, "offer_expires", subject=application.id, at=expires_at)


async def _next_in_rank(db: AsyncSession, group: Group) -> Application | None:
    seat = applications.alias("seat")
    has_seat = exists().where(
        seat.c.person_id == applications.c.person_id,
        seat.c.programme_id == applications.c.programme_id,
        seat.c.track == applications.c.track,
        seat.c.active,
    )
    return await db.scalar(
        select(Application)
        .where(applications.c.group_id == group.id, applications.c.status == "waitlisted", ~has_seat)
        .order_by(applications.c.zone_rank, applications.c.submitted_on, applications.c.id)
        .limit(1)
    )


async def offer_where_they_wait(db: AsyncSession, people: Sequence[UUID], programme_id: UUID, track: Track) -> None:
    """Who has lost a seat can be offered one where they wait: soon, in transactions of those groups' own."""
    waited_for = await db.scalars(
        select(groups.c.id)
        .where(
            groups.c.programme_id == programme_id,
            groups.c.track == track,
            groups.c.seats_taken + groups.c.offers_out < groups.c.maximum,
            exists().where(
                applications.c.group_id == groups.c.id,
                applications.c.status == "waitlisted",
                among(applications.c.person_id, people),
            ),
        )
        .order_by(groups.c.id)
    )
    for group_id in waited_for:
        await due.schedule(db, "seats_offered", subject=group_id)


@due.on("seats_offered")
async def offer_seats(db: AsyncSession, group_id: UUID) -> None:
    """Offer what is free in a group."""
    await offer_free_seats(db, await _locked(db, group_id))


@due.on("offer_expires")
async def expire_offer(db: AsyncSession, application_id: UUID) -> None:
    """End an offer that nobody answered in time, and offer the seat to the next.

    The time is the database's, by which this work was due: by a clock that is behind it the offer would never end.

    An answer leaves this work where it is: to take it back, it would wait for a worker that waits for the group.
    """
    group_id = await db.scalar(select(applications.c.group_id).where(applications.c.id == application_id))
    if group_id is None:
        return
    group = await _locked(db, group_id)
    application = await db.get_one(Application, application_id)
    now = (await db.execute(select(func.now()))).scalar_one()
    events = seats.expire(group, application, on=today(), now=now)
    if not events:
        return
    await outbox.add(db, events, of=group)
    await offer_free_seats(db, group)
    await offer_where_they_wait(db, [application.person_id], group.programme_id, group.track)


async def _locked(db: AsyncSession, group_id: UUID) -> Group:
    return await db.get_one(Group, group_id, with_for_update={"key_share": True})
