"""Groups from opening to their end, and who leads them."""

from datetime import date
from uuid import UUID

from chassis import outbox
from chassis.ids import new_id
from chassis.web import Person
from contracts.enrollment import LeadsAs
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain import leading
from enrollment.domain.centres import Centre, CentreNotFound
from enrollment.domain.groups import Group, GroupNotFound
from enrollment.domain.programmes import Programme, ProgrammeNotFound
from enrollment.tables import application as applications
from enrollment.tables import refused_assignment
from enrollment.use_cases.supervisors import members_of, the_supervisor
from enrollment.use_cases.waiting import offer_where_they_wait


async def the_group(db: AsyncSession, group_id: UUID, *, by: Person | None = None) -> Group:
    """The group, its row locked before all that belongs to it. Raises GroupNotFound, also for another coordinator's."""
    group = await db.get(Group, group_id, with_for_update={"key_share": True})
    if group is None or (by is not None and not by.holds("coordinator", programme=group.programme_id)):
        raise GroupNotFound
    return group


async def open_group(db: AsyncSession, group: Group, programme: Programme) -> None:
    """Open a group for applications. Raises what Group.opened raises, and CentreNotFound."""
    if group.centre_id is not None and await db.get(Centre, group.centre_id) is None:
        raise CentreNotFound
    events = group.opened(programme)
    db.add(group)
    await outbox.add(db, events, of=group)


async def form_group(db: AsyncSession, group_id: UUID, *, formed_on: date, starts_on: date, by: Person) -> None:
    """Form a group, by command (rule 8). Raises what Group.form raises, and GroupNotFound."""
    group = await the_group(db, group_id, by=by)
    programme = await db.get(Programme, group.programme_id)
    if programme is None:
        raise ProgrammeNotFound
    members = (await members_of(db, group_id))[group_id]
    await outbox.add(db, group.form(programme, members, formed_on=formed_on, starts_on=starts_on), of=group)


async def dissolve_group(db: AsyncSession, group_id: UUID, *, on: date, by: Person) -> None:
    """End a group before its time. Raises GroupNotFound, GroupEnded."""
    group = await the_group(db, group_id, by=by)
    await outbox.add(db, group.dissolve(on=on), of=group)
    await _free_its_people(db, group)


async def complete_group(db: AsyncSession, group_id: UUID, *, on: date) -> None:
    """Close a group whose cycle is complete. A cycle that is no group of ours closes nothing."""
    group = await db.get(Group, group_id, with_for_update={"key_share": True})
    if group is None or group.ended:
        return
    await outbox.add(db, group.complete(on=on), of=group)
    await _free_its_people(db, group)


async def close_group(db: AsyncSession, group_id: UUID, *, on: date, by: Person) -> None:
    """Complete a training group. Raises what Group.close raises, GroupNotFound."""
    group = await the_group(db, group_id, by=by)
    await outbox.add(db, group.close(on=on), of=group)
    await _free_its_people(db, group)


async def _free_its_people(db: AsyncSession, group: Group) -> None:
    """A seat in a group that has ended no longer keeps anybody from another one (rule 9: active seats)."""
    freed = await db.execute(
        update(applications)
        .where(applications.c.group_id == group.id, applications.c.active)
        .values(active=False)
        .returning(applications.c.person_id)
    )
    await offer_where_they_wait(db, [row.person_id for row in freed], group.programme_id, group.track)


async def assign_leader(
    db: AsyncSession, group_id: UUID, supervisor_id: UUID, leads_as: LeadsAs, *, since: date, by: Person
) -> str | None:
    """Let somebody lead a group; the ground if a gate refused, which is recorded.

    The supervisor is locked before the group: a tie that is recorded meanwhile waits, and finds the group afterwards.
    Raises what leading.assign raises, GroupNotFound, SupervisorNotFound.
    """
    supervisor = await the_supervisor(db, supervisor_id, share=True)
    group = await the_group(db, group_id, by=by)
    members = (await members_of(db, group_id))[group_id]
    ground, events = leading.assign(group, supervisor, leads_as, members, since=since)
    await outbox.add(db, events, of=group)
    await _keep_refusal(db, group, supervisor_id, ground, since=since)
    return ground


async def replace_leader(
    db: AsyncSession, group_id: UUID, previous_id: UUID, supervisor_id: UUID, *, since: date, by: Person
) -> str | None:
    """Let somebody lead in another's place; the ground if a gate refused. Raises as assign_leader, LeaderNotFound."""
    supervisor = await the_supervisor(db, supervisor_id, share=True)
    group = await the_group(db, group_id, by=by)
    members = (await members_of(db, group_id))[group_id]
    ground, events = leading.replace(group, previous_id, supervisor, members, since=since)
    await outbox.add(db, events, of=group)
    await _keep_refusal(db, group, supervisor_id, ground, since=since)
    return ground


async def _keep_refusal(
    db: AsyncSession, group: Group, supervisor_id: UUID, ground: str | None, *, since: date
) -> None:
    if ground:
        await db.execute(
            insert(refused_assignment).values(
                id=new_id(),
                group_id=group.id,
                programme_id=group.programme_id,
                supervisor_id=supervisor_id,
                ground=ground,
                since=since,
            )
        )
