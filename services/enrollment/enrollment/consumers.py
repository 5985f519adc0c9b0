"""What enrollment listens to: hours, the ends of cycles, and what is to be told to whom."""

from collections.abc import Sequence

from chassis.consuming import Consumer
from contracts import publications, sessions, trainings
from contracts.event import Envelope
from contracts.publications import DeliveryRequested
from contracts.sessions import AttendanceCorrected, CycleCompleted, SessionCompleted
from contracts.trainings import RunCompleted
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.use_cases import groups, hours, mailings

events = Consumer("enrollment", topics=[sessions.TOPIC, trainings.TOPIC, publications.TOPIC])


@events.on_batch(SessionCompleted)
async def on_session_completed(db: AsyncSession, batch: Sequence[tuple[SessionCompleted, Envelope]]) -> None:
    """Hours for everybody who was there; a group's first session makes it active."""
    await hours.record_hours(
        db,
        [
            fact
            for event, envelope in batch
            for fact in hours.hours_of(
                "session",
                event.session_id,
                [(one.person_id, one.minutes) for one in event.attendance if one.minutes],
                group_id=event.cycle_id,
                programme_id=envelope.programme_id,
                held_on=event.held_on,
            )
        ],
    )
    await hours.activate_groups(db, [event.cycle_id for event, _ in batch])


@events.on_batch(AttendanceCorrected)
async def on_attendance_corrected(db: AsyncSession, batch: Sequence[tuple[AttendanceCorrected, Envelope]]) -> None:
    """The minutes that are right take the place of those that were not."""
    await hours.record_hours(
        db,
        [
            fact
            for event, envelope in batch
            for fact in hours.hours_of(
                "session",
                event.session_id,
                [(event.person_id, event.minutes)],
                group_id=event.cycle_id,
                programme_id=envelope.programme_id,
                held_on=event.held_on,
            )
        ],
    )


@events.on_batch(RunCompleted)
async def on_run_completed(db: AsyncSession, batch: Sequence[tuple[RunCompleted, Envelope]]) -> None:
    """Hours for everybody who was taught."""
    await hours.record_hours(
        db,
        [
            fact
            for event, envelope in batch
            for fact in hours.hours_of(
                "run",
                event.run_id,
                [(one.person_id, one.minutes) for one in event.attendance if one.minutes],
                group_id=event.group_id,
                programme_id=envelope.programme_id,
                held_on=event.held_on,
            )
        ],
    )


@events.on(CycleCompleted)
async def on_cycle_completed(db: AsyncSession, event: CycleCompleted, envelope: Envelope) -> None:
    """The group of the cycle is closed."""
    await groups.complete_group(db, event.cycle_id, on=event.completed_on)


@events.on(DeliveryRequested, acts=True)
async def on_delivery_requested(db: AsyncSession, event: DeliveryRequested, envelope: Envelope) -> None:
    """Mail is counted and answered for: addresses are known here alone."""
    await mailings.count_delivery(
        db,
        event.issue_id,
        event.delivery_id,
        programme_id=envelope.programme_id,
        people=event.people,
        in_centres=event.centres,
    )
