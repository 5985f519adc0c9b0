"""What the service listens to, each event handed to one use case. Handlers of different topics commute."""

from collections.abc import Sequence
from uuid import UUID

from chassis.consuming import Consumer
from contracts import enrollment, sessions, trainings
from contracts.enrollment import (
    CentreJoined,
    MailingCounted,
    ParticipantEnrolled,
    ParticipantErased,
    ParticipantWithdrawn,
    ProgrammeOpened,
)
from contracts.event import Envelope
from contracts.sessions import (
    ConclusionConsentRevoked,
    ConclusionLocked,
    ConclusionLockRefused,
    ConclusionReleased,
    SessionCompleted,
)
from contracts.trainings import RunCompleted
from sqlalchemy.ext.asyncio import AsyncSession

from publications.use_cases import facts
from publications.use_cases.facts import Lead, Subscriber

events = Consumer("publications", topics=[enrollment.TOPIC, sessions.TOPIC, trainings.TOPIC])


@events.on(ProgrammeOpened)
async def on_programme_opened(db: AsyncSession, event: ProgrammeOpened, envelope: Envelope) -> None:
    """Issues may be opened for it."""
    await facts.know_programme(db, event.programme_id, event.name)


@events.on_batch(CentreJoined)
async def on_centre_joined(db: AsyncSession, batch: Sequence[tuple[CentreJoined, Envelope]]) -> None:
    """The centre is told of the programme's issues."""
    await facts.subscribe(
        db, [Subscriber(event.programme_id, event.centre_id, event.programme_id, "centre") for event, _ in batch]
    )


@events.on_batch(ParticipantEnrolled)
async def on_participant_enrolled(db: AsyncSession, batch: Sequence[tuple[ParticipantEnrolled, Envelope]]) -> None:
    """The person is told of the programme's issues."""
    await facts.subscribe(
        db, [Subscriber(_programme(envelope), event.person_id, event.group_id, "person") for event, envelope in batch]
    )


@events.on(ParticipantWithdrawn)
async def on_participant_withdrawn(db: AsyncSession, event: ParticipantWithdrawn, envelope: Envelope) -> None:
    """The person is told no more through this group."""
    await facts.unsubscribe(db, _programme(envelope), event.person_id, through=event.group_id)


@events.on(ParticipantErased)
async def on_participant_erased(db: AsyncSession, event: ParticipantErased, envelope: Envelope) -> None:
    """The person is told no more, and named no more as an author."""
    await facts.forget(db, event.worker_id)


@events.on_batch(SessionCompleted)
async def on_session_completed(db: AsyncSession, batch: Sequence[tuple[SessionCompleted, Envelope]]) -> None:
    """A lead."""
    await facts.open_leads(
        db,
        [
            Lead("session", event.session_id, _programme(envelope), event.cycle_id, event.held_on)
            for event, envelope in batch
        ],
    )


@events.on_batch(RunCompleted)
async def on_run_completed(db: AsyncSession, batch: Sequence[tuple[RunCompleted, Envelope]]) -> None:
    """A lead, and from now on articles may rest on the run."""
    await facts.open_leads(
        db,
        [Lead("run", event.run_id, _programme(envelope), event.group_id, event.held_on) for event, envelope in batch],
    )


@events.on(ConclusionReleased)
async def on_conclusion_released(db: AsyncSession, event: ConclusionReleased, envelope: Envelope) -> None:
    """Articles may cite it."""
    await facts.release_conclusion(db, event.conclusion_id, programme_id=_programme(envelope), cycle_id=event.cycle_id)


@events.on(ConclusionConsentRevoked)
async def on_conclusion_consent_revoked(db: AsyncSession, event: ConclusionConsentRevoked, envelope: Envelope) -> None:
    """Articles that cite it are dropped."""
    await facts.withdraw_conclusion(db, event.conclusion_id, programme_id=_programme(envelope), cycle_id=event.cycle_id)


@events.on(ConclusionLocked)
async def on_conclusion_locked(db: AsyncSession, event: ConclusionLocked, envelope: Envelope) -> None:
    """One answer to a freeze."""
    await facts.take_lock(db, event.issue_id, event.conclusion_id, refused=None)


@events.on(ConclusionLockRefused)
async def on_conclusion_lock_refused(db: AsyncSession, event: ConclusionLockRefused, envelope: Envelope) -> None:
    """One answer to a freeze, and the end of the articles that cite the conclusion."""
    await facts.take_lock(db, event.issue_id, event.conclusion_id, refused=event.ground)


@events.on(MailingCounted)
async def on_mailing_counted(db: AsyncSession, event: MailingCounted, envelope: Envelope) -> None:
    """One answer to the deliveries of an issue."""
    await facts.take_count(
        db, event.issue_id, event.delivery_id, recipients=event.recipients, reachable=event.reachable
    )


def _programme(envelope: Envelope) -> UUID:
    if envelope.programme_id is None:
        raise ValueError(f"{envelope.type} belongs to no programme")
    return envelope.programme_id
