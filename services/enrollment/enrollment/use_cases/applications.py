"""Applications: submitted, accepted, declined and withdrawn by their own people; the group's row is locked first."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from chassis import outbox
from chassis.database import among
from chassis.ids import new_id
from chassis.web import Person
from contracts.event import Event
from sqlalchemy import Select, Uuid, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain import leading, seats
from enrollment.domain.applications import (
    LIVE,
    AlreadyApplied,
    Applicant,
    Application,
    ApplicationNotFound,
    SeatAlreadyHeld,
)
from enrollment.domain.centres import PersonNotFound
from enrollment.domain.groups import Group
from enrollment.domain.places import place_of
from enrollment.domain.programmes import Programme
from enrollment.domain.supervisors import Supervisor
from enrollment.tables import ONE_APPLICATION, ONE_SEAT
from enrollment.tables import application as applications
from enrollment.tables import centre as centres
from enrollment.tables import person as persons
from enrollment.tables import programme as programmes
from enrollment.tables import supervisor as supervisors
from enrollment.tables import worker as workers
from enrollment.use_cases.constraints import told_as
from enrollment.use_cases.groups import the_group
from enrollment.use_cases.supervisors import members_of
from enrollment.use_cases.waiting import offer_free_seats, offer_where_they_wait


async def apply(db: AsyncSession, group_id: UUID, *, on: date, by: Person) -> Application:
    """Ask for a seat; the answer's status is seated, waitlisted or ineligible (with its ground).

    The last seat is decided under the group's lock; one seat per person, programme and track by a unique index, for
    another group's lock may be held at the same time. Raises what seats.receive raises, GroupNotFound, PersonNotFound.
    """
    group = await the_group(db, group_id)
    leaders = await _leaders(db, group) if group.free > 0 else []
    applicant, programme = await _who_applies(db, group, by.id)
    application, events = seats.receive(group, new_id(), applicant, programme, on=on)
    if application.has_seat:
        events += leading.joined_by(group, application.as_member(), leaders)
    db.add(application)
    with told_as({ONE_SEAT: SeatAlreadyHeld(), ONE_APPLICATION: AlreadyApplied()}):
        await outbox.add(db, events, of=group)
    await offer_free_seats(db, group)
    return application


async def accept(db: AsyncSession, group_id: UUID, application_id: UUID, *, on: date, by: Person) -> None:
    """Take an offered seat. Raises what seats.accept raises, GroupNotFound, ApplicationNotFound."""
    group, application = await _theirs(db, group_id, application_id, by)
    leaders = await _leaders(db, group)
    events = seats.accept(group, application, on=on, now=datetime.now(UTC))
    events += leading.joined_by(group, application.as_member(), leaders)
    await outbox.add(db, events, of=group)


async def decline(db: AsyncSession, group_id: UUID, application_id: UUID, *, on: date, by: Person) -> None:
    """Let an offered seat go to the next. Raises NothingOffered, TooEarly, GroupNotFound, ApplicationNotFound."""
    group, application = await _theirs(db, group_id, application_id, by)
    await outbox.add(db, seats.decline(group, application, on=on), of=group)
    await offer_free_seats(db, group)
    await offer_where_they_wait(db, [by.id], group.programme_id, group.track)


async def withdraw(db: AsyncSession, group_id: UUID, application_id: UUID, *, on: date, by: Person) -> None:
    """Give up an application; a seat that it held is offered to the next.

    Raises NothingToWithdraw, TooEarly, GroupEnded, GroupNotFound, ApplicationNotFound.
    """
    group, application = await _theirs(db, group_id, application_id, by)
    was = application.status
    events = seats.withdraw(group, application, on=on)
    if group.conflicts and was in ("seated", "accepted"):
        await db.flush()
        events += await _without(db, group)
    await outbox.add(db, events, of=group)
    if was != "waitlisted":
        await offer_free_seats(db, group)
        await offer_where_they_wait(db, [by.id], group.programme_id, group.track)


async def _theirs(db: AsyncSession, group_id: UUID, application_id: UUID, who: Person) -> tuple[Group, Application]:
    group = await the_group(db, group_id)
    application = await db.get(Application, application_id)
    if application is None or application.group_id != group_id or application.person_id != who.id:
        raise ApplicationNotFound
    return group, application


def _statement() -> Select[*tuple[Any, ...]]:
    person, programme = bindparam("person", type_=Uuid), bindparam("programme", type_=Uuid)
    mine = exists().where(applications.c.person_id == person)
    return (
        select(
            Programme,
            workers.c.centre_id,
            workers.c.contact,
            workers.c.social_worker,
            centres.c.terc,
            supervisors.c.id.label("supervisor_id"),
            mine.where(
                applications.c.group_id == bindparam("group", type_=Uuid),
                applications.c.status.in_(LIVE),
            ).label("pending"),
            mine.where(
                applications.c.programme_id == programme,
                applications.c.track == bindparam("track"),
                applications.c.active,
            ).label("has_seat"),
        )
        .select_from(programmes)
        .join(persons, persons.c.id == person)
        .outerjoin(workers, workers.c.id == person)
        .outerjoin(centres, centres.c.id == workers.c.centre_id)
        .outerjoin(supervisors, supervisors.c.id == person)
        .where(programmes.c.id == programme)
        .with_for_update(read=True, key_share=True, of=persons)
    )


WHO_APPLIES = _statement()
"""Everything that a decision needs to know of a person, who is not erased meanwhile; put together once."""


async def _who_applies(db: AsyncSession, group: Group, person_id: UUID) -> tuple[Applicant, Programme]:
    known = {"person": person_id, "programme": group.programme_id, "group": group.id, "track": group.track}
    row = (await db.execute(WHO_APPLIES, known)).one_or_none()
    if row is None:
        raise PersonNotFound
    programme: Programme = row.Programme
    applicant = Applicant(
        person_id=person_id,
        audience="workers" if row.centre_id else "supervisors",
        zone=place_of(row.terc, programme.areas).zone if row.terc else "elsewhere",
        centre_id=row.centre_id,
        contact=row.contact,
        social_worker=bool(row.social_worker),
        pending=row.pending,
        has_seat=row.has_seat,
    )
    return applicant, programme


async def _without(db: AsyncSession, group: Group) -> list[Event]:
    """The conflicts that a member took along."""
    members = (await members_of(db, group.id))[group.id]
    return [event for leader in await _leaders(db, group) for event in leading.reconsider(group, leader, members)]


async def _leaders(db: AsyncSession, group: Group) -> list[Supervisor]:
    ids = [one.supervisor_id for one in group.now_leading()]
    if not ids or group.track == "training":
        return []
    return list(await db.scalars(select(Supervisor).where(among(supervisors.c.id, ids)).order_by(supervisors.c.id)))
