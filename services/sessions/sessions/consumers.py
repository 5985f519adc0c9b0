"""What the service listens to, each event handed to one use case."""

from chassis.consuming import Consumer
from contracts import enrollment, publications
from contracts.enrollment import (
    GroupDissolved,
    GroupFormed,
    LeaderConflictArose,
    LeaderConflictCleared,
    LeaderReplaced,
    ParticipantEnrolled,
    ParticipantWithdrawn,
    SupervisorAssigned,
)
from contracts.event import Envelope
from contracts.publications import IssueFreezeRequested
from sqlalchemy.ext.asyncio import AsyncSession

from sessions import use_cases
from sessions.domain.people import Leader, LeaderConflict

events = Consumer("sessions", topics=[enrollment.TOPIC, publications.TOPIC])


@events.on(GroupFormed)
async def on_group_formed(db: AsyncSession, event: GroupFormed, envelope: Envelope) -> None:
    """Plan its cycle."""
    await use_cases.plan_cycle(db, event, envelope.programme_id)


@events.on(ParticipantEnrolled)
async def on_participant_enrolled(db: AsyncSession, event: ParticipantEnrolled, envelope: Envelope) -> None:
    """Add a late joiner, who has yet to sign."""
    await use_cases.add_member(db, event.group_id, event.person_id, since=event.enrolled_on)


@events.on(ParticipantWithdrawn)
async def on_participant_withdrawn(db: AsyncSession, event: ParticipantWithdrawn, envelope: Envelope) -> None:
    """Wait for their signature no longer."""
    if event.had_seat:
        await use_cases.remove_member(db, event.group_id, event.person_id, on=event.withdrawn_on)


@events.on(SupervisorAssigned)
async def on_supervisor_assigned(db: AsyncSession, event: SupervisorAssigned, envelope: Envelope) -> None:
    """Let them lead sessions from then on."""
    leader = Leader(person_id=event.supervisor_id, leads_as=event.leads_as, since=event.since)
    await use_cases.add_leader(db, event.group_id, leader)


@events.on(LeaderReplaced)
async def on_leader_replaced(db: AsyncSession, event: LeaderReplaced, envelope: Envelope) -> None:
    """Let the next lead sessions in place of the one before."""
    leader = Leader(person_id=event.supervisor_id, leads_as=event.leads_as, since=event.since)
    await use_cases.replace_leader(db, event.group_id, event.previous_id, leader)


@events.on(LeaderConflictArose)
async def on_leader_conflict_arose(db: AsyncSession, event: LeaderConflictArose, envelope: Envelope) -> None:
    """Start no session with them while it stands."""
    conflict = LeaderConflict(person_id=event.supervisor_id, ground=event.ground, since=event.since, until=event.until)
    await use_cases.record_conflict(db, event.group_id, conflict, envelope.programme_id)


@events.on(LeaderConflictCleared)
async def on_leader_conflict_cleared(db: AsyncSession, event: LeaderConflictCleared, envelope: Envelope) -> None:
    """Let them lead again."""
    await use_cases.clear_conflict(db, event.group_id, event.supervisor_id, event.ground, since=event.since)


@events.on(GroupDissolved)
async def on_group_dissolved(db: AsyncSession, event: GroupDissolved, envelope: Envelope) -> None:
    """Hold no more sessions."""
    await use_cases.dissolve(db, event.group_id, on=event.dissolved_on)


@events.on(IssueFreezeRequested)
async def on_issue_freeze_requested(db: AsyncSession, event: IssueFreezeRequested, envelope: Envelope) -> None:
    """Answer for every conclusion that the issue cites."""
    await use_cases.lock_conclusions(db, event, envelope.programme_id)
