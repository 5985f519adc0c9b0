"""Supervisors, their certificates and ties, and what these mean for the groups that they lead."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from chassis import outbox
from chassis.database import among
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain.applications import Application
from enrollment.domain.centres import Centre, CentreNotFound, Person, PersonNotFound
from enrollment.domain.groups import Group
from enrollment.domain.leading import reconsider
from enrollment.domain.supervisors import Certificate, Member, Supervisor, SupervisorNotFound, Tie
from enrollment.tables import application as applications
from enrollment.tables import group as groups


async def register_supervisor(db: AsyncSession, person: Person, supervisor: Supervisor) -> None:
    """Make a supervisor known to the platform."""
    db.add(person)
    await db.flush()
    db.add(supervisor)
    await db.flush()


async def the_supervisor(db: AsyncSession, supervisor_id: UUID, *, share: bool = False) -> Supervisor:
    """A supervisor, locked for a change, or against one where `share`. Raises SupervisorNotFound."""
    locked = {"read": True} if share else {"key_share": True}
    supervisor = await db.get(Supervisor, supervisor_id, with_for_update=locked)
    if supervisor is None:
        raise SupervisorNotFound
    return supervisor


async def certify(db: AsyncSession, supervisor_id: UUID, certificate: Certificate) -> None:
    """Record a certificate; conflicts that it ends are cleared. Raises SupervisorNotFound."""
    supervisor = await the_supervisor(db, supervisor_id)
    await outbox.add(db, supervisor.certify(certificate), of=supervisor)
    await _reconsider_groups(db, supervisor)


async def tie(db: AsyncSession, supervisor_id: UUID, tie: Tie) -> None:
    """Record a tie; conflicts that it makes arise. Raises SupervisorNotFound, CentreNotFound, PersonNotFound."""
    supervisor = await the_supervisor(db, supervisor_id)
    if tie.centre_id is not None and await db.get(Centre, tie.centre_id) is None:
        raise CentreNotFound
    if tie.person_id is not None and await db.get(Person, tie.person_id) is None:
        raise PersonNotFound
    supervisor.tie(tie)
    await _reconsider_groups(db, supervisor)


async def end_tie(db: AsyncSession, supervisor_id: UUID, tie_id: UUID, *, on: date) -> None:
    """End a tie; conflicts that it made are cleared. Raises SupervisorNotFound, TieNotFound, TieEnded."""
    supervisor = await the_supervisor(db, supervisor_id)
    supervisor.end_tie(tie_id, on=on)
    await _reconsider_groups(db, supervisor)


async def members_of(db: AsyncSession, *group_ids: UUID) -> dict[UUID, list[Member]]:
    """Who has a seat in each of the groups."""
    members: defaultdict[UUID, list[Member]] = defaultdict(list)
    for application in await db.scalars(
        select(Application).where(among(applications.c.group_id, group_ids), applications.c.status.in_(HAS_SEAT))
    ):
        members[application.group_id].append(application.as_member())
    return members


HAS_SEAT = ("seated", "accepted")


async def _reconsider_groups(db: AsyncSession, supervisor: Supervisor) -> None:
    """Ask the gates again in every group that the supervisor leads; the supervisor is locked before the groups."""
    await db.flush()
    led = list(
        await db.scalars(
            select(Group)
            .where(
                groups.c.leaders.contains([{"supervisor_id": supervisor.id}]),
                groups.c.status.in_(("forming", "formed", "active")),
            )
            .order_by(groups.c.id)
            .with_for_update(key_share=True)
        )
    )
    if led:
        members = await members_of(db, *(group.id for group in led))
        await outbox.add_all(db, [(group, reconsider(group, supervisor, members[group.id])) for group in led])
