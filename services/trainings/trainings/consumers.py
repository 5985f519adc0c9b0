"""What the service listens to, each event handed to one use case.

Nothing here looks across topics: a group may be known before or after anything else. Only a cycle's end acts on the
world; what it adds up to (sessions, corrections) is state, kept from the first event on.
"""

from collections.abc import Sequence
from uuid import UUID

from chassis.consuming import Consumer
from contracts import enrollment, sessions
from contracts.enrollment import GroupDissolved, GroupFormed, ParticipantEnrolled, ParticipantWithdrawn
from contracts.event import Envelope
from contracts.sessions import AttendanceCorrected, CycleCompleted, SessionCompleted
from sqlalchemy.ext.asyncio import AsyncSession

from trainings import use_cases

events = Consumer("trainings", topics=[enrollment.TOPIC, sessions.TOPIC])


def _programme(envelope: Envelope) -> UUID:
    """The programme of an event that must have one. Raises ValueError, and the event is parked."""
    if envelope.programme_id is None:
        raise ValueError(f"{envelope.type} of no programme")
    return envelope.programme_id


@events.on(GroupFormed)
async def on_group_formed(db: AsyncSession, event: GroupFormed, envelope: Envelope) -> None:
    """A training group may be taught from now on."""
    await use_cases.know_group(db, event, _programme(envelope))


@events.on(ParticipantEnrolled)
async def on_participant_enrolled(db: AsyncSession, event: ParticipantEnrolled, envelope: Envelope) -> None:
    """A person belongs to a training group."""
    if event.track == "training":
        await use_cases.seat(db, event.group_id, [event.person_id], since=event.enrolled_on)


@events.on(ParticipantWithdrawn)
async def on_participant_withdrawn(db: AsyncSession, event: ParticipantWithdrawn, envelope: Envelope) -> None:
    """A person gave a seat up."""
    if event.had_seat:
        await use_cases.unseat(db, event.group_id, event.person_id, until=event.withdrawn_on)


@events.on(GroupDissolved)
async def on_group_dissolved(db: AsyncSession, event: GroupDissolved, envelope: Envelope) -> None:
    """A group is taught no more."""
    await use_cases.dissolve_group(db, event.group_id, on=event.dissolved_on)


@events.on_batch(SessionCompleted)
async def on_sessions_completed(db: AsyncSession, held: Sequence[tuple[SessionCompleted, Envelope]]) -> None:
    """Attendance towards certificates, and themes that are needs."""
    await use_cases.note_sessions(db, [(event, _programme(envelope)) for event, envelope in held])


@events.on(AttendanceCorrected)
async def on_attendance_corrected(db: AsyncSession, event: AttendanceCorrected, envelope: Envelope) -> None:
    """A person's minutes changed, and after the cycle's end perhaps a certificate with them."""
    await use_cases.correct_attendance(db, event)


@events.on(CycleCompleted, acts=True)
async def on_cycle_completed(db: AsyncSession, event: CycleCompleted, envelope: Envelope) -> None:
    """Certificates for those who attended enough."""
    await use_cases.certify_cycle(db, event, _programme(envelope))
