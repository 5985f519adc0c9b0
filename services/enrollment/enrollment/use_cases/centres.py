"""Centres and their workers."""

from collections.abc import Sequence
from uuid import UUID

from chassis import outbox
from chassis.web import Person as Caller
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain.centres import Centre, CentreNotFound, Person, Worker


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
