"""Who leads a group: the gates of rules 4 and 5 at assignment, and the conflicts that arise and clear afterwards."""

import dataclasses
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from chassis.errors import Conflict, NotFound, says
from contracts.enrollment import LeaderReplaced, LeadsAs, SupervisorAssigned, SupervisorAssignmentRefused
from contracts.event import Event

from enrollment.domain.groups import Group, Leader
from enrollment.domain.supervisors import LeaderConflict, Member, Supervisor, standing, united, what_changed


class LeaderNotFound(NotFound):
    """This person does not lead the group."""

    says = says(pl="Ta osoba nie prowadzi tej grupy.", en="This person does not lead the group.")


class AlreadyLeads(Conflict):
    """A person leads a group once, and a supervision group has one leader beside its co-leaders."""

    says = says(
        pl="Ta osoba już prowadzi tę grupę albo grupa ma już osobę prowadzącą.",
        en="This person leads the group already, or the group has its leader.",
    )


class WrongLeading(Conflict):
    """Supervision groups have a leader and co-leaders, training groups have trainers."""

    says = says(
        pl="Grupa tego rodzaju ({track}) nie może być prowadzona w tej roli ({leads_as}).",
        en="A group of this track ({track}) is not led in this role ({leads_as}).",
    )


def assign(
    group: Group, supervisor: Supervisor, leads_as: LeadsAs, members: Iterable[Member], *, since: date
) -> tuple[str | None, list[Event]]:
    """Let somebody lead a group from a day on; the ground is None unless a gate refused.

    Raises GroupEnded, AlreadyLeads, WrongLeading.
    """
    group.must_go_on()
    if (leads_as == "trainer") != (group.track == "training"):
        raise WrongLeading(track=group.track, leads_as=leads_as)
    has_leader = any(one.leads_as == "leader" for one in group.now_leading())
    if group.leading(supervisor.id) or (leads_as == "leader" and has_leader):
        raise AlreadyLeads
    ground, conflicts = _asked(group, supervisor, members, since=since)
    if ground:
        return ground, [_refused(group, supervisor, ground)]
    group.leaders += (Leader(supervisor.id, leads_as, since),)
    assigned = SupervisorAssigned(group_id=group.id, supervisor_id=supervisor.id, leads_as=leads_as, since=since)
    return None, [assigned, *_conflicts_become(group, group.conflicts | conflicts)]


def replace(
    group: Group, previous_id: UUID, supervisor: Supervisor, members: Iterable[Member], *, since: date
) -> tuple[str | None, list[Event]]:
    """Let somebody lead in another's place from a day on; the ground is None unless a gate refused.

    Raises GroupEnded, LeaderNotFound, AlreadyLeads.
    """
    group.must_go_on()
    previous = group.leading(previous_id)
    if previous is None:
        raise LeaderNotFound
    if group.leading(supervisor.id):
        raise AlreadyLeads
    ground, conflicts = _asked(group, supervisor, members, since=since)
    if ground:
        return ground, [_refused(group, supervisor, ground)]
    left = dataclasses.replace(previous, until=since)
    group.leaders = (
        *(left if one is previous else one for one in group.leaders),
        Leader(supervisor.id, previous.leads_as, since),
    )
    replaced = LeaderReplaced(
        group_id=group.id,
        previous_id=previous_id,
        supervisor_id=supervisor.id,
        leads_as=previous.leads_as,
        since=since,
    )
    others = {one for one in group.conflicts if one.supervisor_id != previous_id}
    return None, [replaced, *_conflicts_become(group, others | conflicts)]


def reconsider(group: Group, supervisor: Supervisor, members: Iterable[Member]) -> list[Event]:
    """Ask the gates about a leader again, for their ties, their certificates or the members have changed."""
    leader = group.leading(supervisor.id)
    if leader is None or group.ended:
        return []
    others = {one for one in group.conflicts if one.supervisor_id != supervisor.id}
    return _conflicts_become(group, others | _conflicts_of(group, supervisor, members, since=leader.since))


def joined_by(group: Group, member: Member, leaders: Iterable[Supervisor]) -> list[Event]:
    """The conflicts that a new member brings to those who lead (rules 4 and 5); the older ones stay."""
    since = {one.supervisor_id: one.since for one in group.now_leading()}
    brought = [_conflicts_of(group, leader, [member], since=since[leader.id]) for leader in leaders]
    return _conflicts_become(group, group.conflicts.union(*brought))


def _asked(
    group: Group, supervisor: Supervisor, members: Iterable[Member], *, since: date
) -> tuple[str | None, frozenset[LeaderConflict]]:
    # Whoever is a member by now counts from the first day on: an assignment may be recorded later than its date.
    present = [dataclasses.replace(member, since=date.min) for member in members]
    conflicts = _conflicts_of(group, supervisor, present, since=since)
    return standing(conflicts, since), conflicts


def _conflicts_of(
    group: Group, supervisor: Supervisor, members: Iterable[Member], *, since: date
) -> frozenset[LeaderConflict]:
    # Rules 4 and 5 are about supervision: who teaches a training group needs no certificate and may be a colleague.
    if group.track == "training":
        return frozenset()
    return supervisor.conflicts_with(members, centre_id=group.centre_id, since=since)


def _refused(group: Group, supervisor: Supervisor, ground: str) -> Event:
    return SupervisorAssignmentRefused(group_id=group.id, supervisor_id=supervisor.id, ground=ground)


def _conflicts_become(group: Group, conflicts: Iterable[LeaderConflict]) -> list[Event]:
    old, group.conflicts = group.conflicts, united(conflicts)
    return what_changed(group.id, old, group.conflicts)
