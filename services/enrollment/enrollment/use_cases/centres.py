"""Centres and their workers, until they are erased."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chassis import outbox
from chassis.errors import Forbidden, says
from chassis.web import Person as Caller
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain.applications import LIVE
from enrollment.domain.centres import Centre, CentreNotFound, Person, PersonNotFound, Worker
from enrollment.domain.groups import ENDED
from enrollment.tables import application as applications
from enrollment.tables import group as groups


class OnlyTheOffice(Forbidden):
    """Whoever is erased is erased everywhere: a coordinator of one programme, or a centre, does not decide that."""

    says = says(
        pl="Dane osoby usuwa koordynatorka lub koordynator wszystkich projektów.",
        en="Only a coordinator of all programmes may erase somebody.",
    )


async def register_centre(db: AsyncSession, centre: Centre) -> None:
    """Make a centre known to the platform."""
    db.add(centre)
    await outbox.add(db, centre.registered(), of=centre)


async def the_centre(db: AsyncSession, centre_id: UUID, *, by: Caller) -> Centre:
    """A centre, for its manager or a coordinator. Raises CentreNotFound, also for another manager's."""
    centre = await db.get(Centre, centre_id)
    if centre is None or not (by.holds("centre_manager", centre=centre_id) or by.role == "coordinator"):
        raise CentreNotFound
    return centre


async def enrol_workers(
    db: AsyncSession, centre_id: UUID, workers: Sequence[tuple[Person, Worker]], *, by: Caller
) -> None:
    """Record workers of a centre, by its manager. They are told of to nobody: no event. Raises CentreNotFound."""
    await the_centre(db, centre_id, by=by)
    db.add_all([person for person, _ in workers])
    await db.flush()
    db.add_all([worker for _, worker in workers])
    await db.flush()


async def erase_worker(db: AsyncSession, worker_id: UUID, *, on: date, by: Caller) -> None:
    """Destroy who a worker is: name and contacts are deleted, and whoever was told of the id is told of it.

    The person's row is locked first, as whoever applies holds it. Raises OnlyTheOffice, PersonNotFound, also for who
    is erased already, and StillTakesPart.
    """
    if not by.holds("coordinator"):
        raise OnlyTheOffice
    person = await db.get(Person, worker_id, with_for_update=True)
    worker = await db.get(Worker, worker_id, with_for_update=True)
    if person is None or worker is None:
        raise PersonNotFound
    going_on = (
        select(applications.c.group_id)
        .join(groups, groups.c.id == applications.c.group_id)
        .where(applications.c.person_id == worker_id, applications.c.status.in_(LIVE), groups.c.status.not_in(ENDED))
        .order_by(applications.c.group_id)
        .limit(1)
    )
    events = worker.erased(on=on, takes_part_in=await db.scalar(going_on))
    await db.delete(person)
    await outbox.add(db, events, of=worker)
