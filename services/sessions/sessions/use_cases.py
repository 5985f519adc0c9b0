"""What the service can be asked to do, and what it does when it is told: load, decide, record.

The caller owns the transaction. A cycle's row is locked before anything of it is read; each use case loads what it
needs. Who neither leads a cycle nor belongs to it is told that there is none.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chassis import outbox
from chassis.web import Person
from contracts.enrollment import GroupFormed
from contracts.event import Event
from contracts.publications import IssueFreezeRequested
from contracts.sessions import Attendance
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from sessions.domain.conclusion import Conclusion
from sessions.domain.contract import Form
from sessions.domain.cycle import Cycle
from sessions.domain.people import Leader, LeaderConflict
from sessions.domain.refusals import CycleNotFound, OnlyForYourself
from sessions.domain.session import Held
from sessions.tables import cycle as cycle_table
from sessions.tables import just_the_cycle, with_both, with_conclusions, with_sessions


async def _locked(db: AsyncSession, cycle_id: UUID, row: Select[Cycle]) -> Cycle | None:
    return (await db.execute(row, {"cycle_id": cycle_id})).scalar_one_or_none()


async def _the_cycle(
    db: AsyncSession,
    cycle_id: UUID,
    row: Select[Cycle] = just_the_cycle,
    *,
    led_by: Person | None = None,
    of: Person | None = None,
) -> Cycle:
    """The cycle, locked, if the person leads it, or belongs to it. Raises CycleNotFound."""
    cycle = await _locked(db, cycle_id, row)
    if (
        cycle is None
        or cycle.status == "awaited"
        or (led_by is not None and not cycle.is_led_by(led_by.id))
        or (of is not None and not cycle.knows(of.id))
    ):
        raise CycleNotFound
    return cycle


# The contract


async def sign_contract(
    db: AsyncSession, cycle_id: UUID, people: Sequence[UUID] | None, *, on: date, form: Form, by: Person
) -> int:
    """Sign for oneself, or record as a leader what `people` signed; answers how many signatures are missing.

    Raises CycleNotFound, OnlyForYourself and what Cycle.sign raises.
    """
    cycle = await _the_cycle(db, cycle_id, of=by)
    signing = _on_behalf_of(people, by, cycle)
    await outbox.add(db, cycle.sign(signing, on=on, form=form, recorded_by=by.id), of=cycle)
    return len(cycle.unsigned())


async def revise_contract(db: AsyncSession, cycle_id: UUID, *, on: date, by: Person) -> int:
    """A new version of the contract; answers how many signatures it lacks. Raises what Cycle.revise_contract does."""
    cycle = await _the_cycle(db, cycle_id, led_by=by)
    await outbox.add(db, cycle.revise_contract(on), of=cycle)
    return len(cycle.unsigned())


def _on_behalf_of(people: Sequence[UUID] | None, by: Person, cycle: Cycle) -> Sequence[UUID]:
    if people is None or set(people) == {by.id}:
        return [by.id]
    if not cycle.is_led_by(by.id):
        raise OnlyForYourself
    return people


# Sessions


async def start_session(
    db: AsyncSession,
    cycle_id: UUID,
    ordinal: int,
    *,
    on: date,
    leaders: Sequence[UUID] | None,
    venue: str | None,
    by: Person,
) -> None:
    """Open a session, led by who opens it unless `leaders` says otherwise. Raises what Cycle.start raises."""
    cycle = await _the_cycle(db, cycle_id, with_sessions, led_by=by)
    cycle.start(ordinal, on=on, leaders=leaders or [by.id], venue=venue)


async def complete_session(db: AsyncSession, cycle_id: UUID, ordinal: int, held: Held, *, by: Person) -> list[Event]:
    """Record that a session took place; answers what came of it. Raises what Cycle.complete raises."""
    cycle = await _the_cycle(db, cycle_id, with_sessions, led_by=by)
    events = cycle.complete(ordinal, held)
    await outbox.add(db, events, of=cycle)
    return events


async def reschedule_session(db: AsyncSession, cycle_id: UUID, ordinal: int, *, to: date, by: Person) -> None:
    """Plan a session for another date. Raises what Cycle.reschedule raises."""
    cycle = await _the_cycle(db, cycle_id, with_sessions, led_by=by)
    await outbox.add(db, cycle.reschedule(ordinal, to), of=cycle)


async def postpone_session(db: AsyncSession, cycle_id: UUID, ordinal: int, *, to: date | None, by: Person) -> None:
    """A session did not take place on its date. Raises what Cycle.postpone raises."""
    cycle = await _the_cycle(db, cycle_id, with_sessions, led_by=by)
    await outbox.add(db, cycle.postpone(ordinal, to), of=cycle)


async def cancel_session(db: AsyncSession, cycle_id: UUID, ordinal: int, *, by: Person) -> None:
    """Call a session off. Raises what Cycle.cancel raises."""
    cycle = await _the_cycle(db, cycle_id, with_sessions, led_by=by)
    await outbox.add(db, cycle.cancel(ordinal), of=cycle)


async def correct_attendance(
    db: AsyncSession, cycle_id: UUID, ordinal: int, entry: Attendance, *, on: date, by: Person
) -> None:
    """Put one person's attendance right. Raises what Cycle.correct raises."""
    cycle = await _the_cycle(db, cycle_id, with_both, led_by=by)
    await outbox.add(db, cycle.correct(ordinal, entry, on=on), of=cycle)


# Conclusions and consents


async def record_conclusion(
    db: AsyncSession,
    cycle_id: UUID,
    ordinal: int | None,
    *,
    on: date,
    practice_before: Sequence[str],
    practice_recommended: Sequence[str],
    by: Person,
) -> UUID:
    """Record a conclusion of a session, or of the course; answers its id. Raises what Cycle.conclude raises."""
    cycle = await _the_cycle(db, cycle_id, with_both, led_by=by)
    conclusion, events = cycle.conclude(
        ordinal, on=on, practice_before=practice_before, practice_recommended=practice_recommended
    )
    await outbox.add(db, events, of=cycle)
    return conclusion.id


async def consent(
    db: AsyncSession,
    cycle_id: UUID,
    conclusion_id: UUID,
    people: Sequence[UUID] | None,
    *,
    given: bool,
    on: date,
    form: Form,
    text_version: str,
    by: Person,
) -> Conclusion:
    """Consent or refuse for oneself, or record as a leader what `people` signed; answers the conclusion as it is now.

    Raises CycleNotFound, OnlyForYourself and what Cycle.consent raises.
    """
    cycle = await _the_cycle(db, cycle_id, with_conclusions, of=by)
    events = cycle.consent(
        conclusion_id,
        _on_behalf_of(people, by, cycle),
        given=given,
        on=on,
        form=form,
        text_version=text_version,
        recorded_by=by.id,
    )
    await outbox.add(db, events, of=cycle)
    return cycle.conclusion(conclusion_id)


async def revoke_consent(db: AsyncSession, cycle_id: UUID, conclusion_id: UUID, *, on: date, by: Person) -> Conclusion:
    """Take one's own consent back. Raises CycleNotFound and what Cycle.revoke_consent raises."""
    cycle = await _the_cycle(db, cycle_id, with_conclusions, of=by)
    await outbox.add(db, cycle.revoke_consent(conclusion_id, by.id, on=on, recorded_by=by.id), of=cycle)
    return cycle.conclusion(conclusion_id)


# What other services tell


async def _awaited(
    db: AsyncSession, cycle_id: UUID, programme_id: UUID | None, found: Select[Cycle] = just_the_cycle
) -> Cycle:
    """The cycle, locked, made here and now if it is not known: topics are in no order, and facts must not be lost.

    The row that is made is the cycle's own, so that its events are numbered without a gap whatever comes first.
    """
    blank = Cycle(id=cycle_id, programme_id=programme_id)
    row = insert(cycle_table).values({column.name: getattr(blank, column.name) for column in cycle_table.c})
    await db.execute(row.on_conflict_do_nothing())
    cycle = await _locked(db, cycle_id, found)
    assert cycle is not None
    return cycle


async def _planned(db: AsyncSession, group_id: UUID) -> Cycle | None:
    """The cycle of a group that has formed; None before, and for groups of other tracks."""
    cycle = await _locked(db, group_id, just_the_cycle)
    return None if cycle is None or cycle.status == "awaited" else cycle


async def plan_cycle(db: AsyncSession, group: GroupFormed, programme_id: UUID | None) -> None:
    """As many sessions as the programme asks for, for a supervision group that has formed."""
    if group.track == "supervision":
        cycle = await _awaited(db, group.group_id, programme_id, with_sessions)
        await outbox.add(db, cycle.plan(group, programme_id), of=cycle)


async def add_member(db: AsyncSession, group_id: UUID, person_id: UUID, *, since: date) -> None:
    """A late joiner; who enrolled before the group formed came with its forming."""
    if cycle := await _planned(db, group_id):
        cycle.join(person_id, since)


async def remove_member(db: AsyncSession, group_id: UUID, person_id: UUID, *, on: date) -> None:
    """Somebody gave up a seat in the group."""
    if cycle := await _planned(db, group_id):
        cycle.withdraw(person_id, on)


async def add_leader(db: AsyncSession, group_id: UUID, leader: Leader) -> None:
    """Somebody leads a group that has formed already."""
    if cycle := await _planned(db, group_id):
        cycle.assign(leader)


async def replace_leader(db: AsyncSession, group_id: UUID, previous_id: UUID, leader: Leader) -> None:
    """A group that has formed has another leader."""
    if cycle := await _planned(db, group_id):
        cycle.replace_leader(previous_id, leader)


async def record_conflict(
    db: AsyncSession, group_id: UUID, conflict: LeaderConflict, programme_id: UUID | None
) -> None:
    """A leader may not lead a group; it stands from then on also if the group has yet to form."""
    cycle = await _awaited(db, group_id, programme_id)
    cycle.conflict_arose(conflict)


async def clear_conflict(db: AsyncSession, group_id: UUID, person_id: UUID, ground: str, *, since: date) -> None:
    """A conflict no longer stands."""
    if cycle := await _locked(db, group_id, just_the_cycle):
        cycle.conflict_cleared(person_id, ground, since)


async def dissolve(db: AsyncSession, group_id: UUID, *, on: date) -> None:
    """A group has no sessions after a date."""
    if cycle := await _planned(db, group_id):
        cycle.dissolve(on)


async def lock_conclusions(db: AsyncSession, asked: IssueFreezeRequested, programme_id: UUID | None) -> None:
    """Answer an issue that freezes, for each conclusion that it cites: locked or refused, under its cycle's lock."""
    for cycle_id in sorted({cited.cycle_id for cited in asked.conclusions}):
        cycle = await _awaited(db, cycle_id, programme_id, with_conclusions)
        cited = sorted({each.conclusion_id for each in asked.conclusions if each.cycle_id == cycle_id})
        answers = [
            answer
            for conclusion_id in cited
            for answer in cycle.lock(conclusion_id, issue_id=asked.issue_id, issue=asked.issue)
        ]
        await outbox.add(db, answers, of=cycle)
