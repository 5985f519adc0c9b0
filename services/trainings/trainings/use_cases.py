"""What the service can be asked to do, and what it does when it is told: load, decide, record.

The caller owns the transaction. Who may not see a thing is told that there is none.
"""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from chassis import outbox
from chassis.database import among
from chassis.errors import NotFound, says
from chassis.ids import new_id
from chassis.web import Person
from contracts.enrollment import Audience, GroupFormed
from contracts.sessions import AttendanceCorrected, CycleCompleted, MinutesAttended, SessionCompleted
from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from trainings.domain.certificates import Certificate, CertificateNotFound, Course, earned
from trainings.domain.runs import Attended, GroupNotFormed, Run, RunExists, RunNotFound, TrainingGroup
from trainings.domain.titles import NeedBasis, NeedKind, Title, TitleNotFound
from trainings.tables import (
    certificate,
    ended_cycle,
    member,
    run,
    session_attended,
    session_theme,
    title,
    training_group,
)


class ProgrammeNotFound(NotFound):
    """The programme is not the caller's."""

    says = says(pl="Nie ma takiego projektu.", en="There is no such programme.")


async def open_title(db: AsyncSession, programme_id: UUID, name: str, audience: Audience, *, by: Person) -> UUID:
    """A title whose development begins. Raises ProgrammeNotFound."""
    if not by.holds("coordinator", programme=programme_id):
        raise ProgrammeNotFound
    opened = Title(id=new_id(), programme_id=programme_id, name=name, audience=audience)
    db.add(opened)
    return opened.id


async def tie_title(
    db: AsyncSession, title_id: UUID, kind: NeedKind, code: str, basis: NeedBasis, *, by: Person
) -> None:
    """Name a need that a title answers. Raises TitleNotFound and what Title.tie raises."""
    (await _the_title(db, title_id, by=by)).tie(kind, code, basis)


async def develop_title(db: AsyncSession, title_id: UUID, *, on: date, by: Person) -> None:
    """A title's syllabus is there. Raises TitleNotFound and what Title.develop raises."""
    developed = await _the_title(db, title_id, by=by)
    await outbox.add(db, developed.develop(on), of=developed)


async def publish_title(db: AsyncSession, title_id: UUID, *, on: date, by: Person) -> None:
    """Announce a title. Raises TitleNotFound and what Title.publish raises."""
    published = await _the_title(db, title_id, by=by)
    await outbox.add(db, published.publish(on), of=published)


async def supersede_title(db: AsyncSession, title_id: UUID, by_title_id: UUID, *, by: Person) -> None:
    """Another title takes a title's place. Raises TitleNotFound and what Title.give_way raises."""
    pair = select(Title).where(title.c.id.in_({title_id, by_title_id})).order_by(title.c.id).with_for_update()
    theirs = {each.id: each for each in await db.scalars(pair) if by.holds("coordinator", programme=each.programme_id)}
    if title_id not in theirs or by_title_id not in theirs:
        raise TitleNotFound
    old = theirs[title_id]
    await outbox.add(db, old.give_way(theirs[by_title_id]), of=old)


async def schedule_run(
    db: AsyncSession,
    title_id: UUID,
    group_id: UUID,
    *,
    on: date,
    minutes: int,
    trainers: Collection[UUID],
    by: Person,
) -> UUID:
    """Plan a title for a group: one run of each, which the group's row, locked, sees to.

    Raises TitleNotFound, GroupNotFormed, RunExists and what Run.scheduled raises.
    """
    taught = await db.scalar(select(Title).where(title.c.id == title_id).with_for_update(read=True))
    if taught is None or not by.holds("coordinator", programme=taught.programme_id):
        raise TitleNotFound
    ours = (training_group.c.group_id == group_id) & (training_group.c.programme_id == taught.programme_id)
    group = await db.scalar(select(TrainingGroup).where(ours).with_for_update())
    if group is None:
        raise GroupNotFormed
    same = (run.c.group_id == group_id) & (run.c.title_id == title_id) & (run.c.status != "cancelled")
    if await db.scalar(select(exists().where(same))):
        raise RunExists
    planned, events = Run.scheduled(new_id(), taught, group, on=on, minutes=minutes, trainers=trainers)
    db.add(planned)
    await outbox.add(db, events, of=planned)
    return planned.id


async def start_run(db: AsyncSession, run_id: UUID, *, on: date, by: Person) -> None:
    """A trainer begins. Raises RunNotFound unless the run is theirs, and what Run.start raises."""
    begun = await _the_run(db, run_id, led_by=by)
    begun.start(await db.get_one(Title, begun.title_id), on=on)


async def complete_run(db: AsyncSession, run_id: UUID, roster: Sequence[Attended], *, minutes: int, by: Person) -> None:
    """A trainer closes a run with its roster, and whoever was there long enough has a certificate of it.

    Raises RunNotFound unless the run is theirs, and what Run.complete raises.
    """
    held = await _the_run(db, run_id, led_by=by)
    completed = held.complete(roster, minutes=minutes, members=await _members(db, held.group_id, on=held.held_on))
    await outbox.add(db, [completed], of=held)
    course = Course("run", held.id, held.group_id, held.programme_id, completed.minutes, completed.threshold_percent)
    await _certify(db, course, completed.attendance, on=completed.held_on)


async def cancel_run(db: AsyncSession, run_id: UUID, *, by: Person) -> None:
    """A coordinator calls a run off. Raises RunNotFound and what Run.cancel raises."""
    cancelled = await db.scalar(select(Run).where(run.c.id == run_id).with_for_update(of=run))
    if cancelled is None or not by.holds("coordinator", programme=cancelled.programme_id):
        raise RunNotFound
    await outbox.add(db, cancelled.cancel(), of=cancelled)


async def revoke_certificate(db: AsyncSession, certificate_id: UUID, reason: str, *, on: date, by: Person) -> None:
    """A coordinator declares a certificate invalid. Raises CertificateNotFound and what Certificate.revoke raises."""
    revoked = await _certificate(db, certificate_id)
    if revoked is None or not by.holds("coordinator", programme=revoked.programme_id):
        raise CertificateNotFound
    await outbox.add(db, revoked.revoke(reason, on=on), of=revoked)


async def certify_cycle(db: AsyncSession, cycle: CycleCompleted, programme_id: UUID) -> None:
    """A cycle is complete: a certificate for each who attended enough of it, once however often this is told."""
    row = {
        "cycle_id": cycle.cycle_id,
        "programme_id": programme_id,
        "completed_on": cycle.completed_on,
        "minutes": cycle.minutes,
        "threshold_percent": cycle.threshold_percent,
    }
    await db.execute(insert(ended_cycle).values(row).on_conflict_do_nothing())
    course = Course("cycle", cycle.cycle_id, cycle.cycle_id, programme_id, cycle.minutes, cycle.threshold_percent)
    await _certify(db, course, cycle.attendance, on=cycle.completed_on)


async def correct_attendance(db: AsyncSession, corrected: AttendanceCorrected) -> None:
    """Put a person's minutes at a session right; if the cycle has ended, issue or revoke what follows from it.

    Dated as the correction, but not before the cycle's end. Of a cycle that ended before this consumer began to act
    (ACT_FROM) it has certified nothing, and does not now.
    """
    row = insert(session_attended).values(
        cycle_id=corrected.cycle_id,
        person_id=corrected.person_id,
        session_id=corrected.session_id,
        minutes=corrected.minutes,
    )
    key = [session_attended.c.cycle_id, session_attended.c.person_id, session_attended.c.session_id]
    await db.execute(row.on_conflict_do_update(index_elements=key, set_={"minutes": row.excluded.minutes}))
    ended = (await db.execute(select(ended_cycle).where(ended_cycle.c.cycle_id == corrected.cycle_id))).first()
    if ended is None:
        return
    on = max(corrected.corrected_on, ended.completed_on)
    theirs = (session_attended.c.cycle_id == corrected.cycle_id) & (session_attended.c.person_id == corrected.person_id)
    minutes = (await db.execute(select(func.sum(session_attended.c.minutes)).where(theirs))).scalar_one()
    course = Course("cycle", ended.cycle_id, ended.cycle_id, ended.programme_id, ended.minutes, ended.threshold_percent)
    certified = await _certificate(db, course.certificate_id(corrected.person_id))
    if certified is None:
        await _certify(db, course, [MinutesAttended(person_id=corrected.person_id, minutes=minutes)], on=on)
    else:
        await outbox.add(db, certified.recompute(course, minutes, on=on), of=certified)


async def know_group(db: AsyncSession, formed: GroupFormed, programme_id: UUID) -> None:
    """A training group has formed: runs may be scheduled for it. Supervision groups have none."""
    if formed.track != "training":
        return
    row = insert(training_group).values(
        group_id=formed.group_id,
        programme_id=programme_id,
        audience=formed.audience,
        threshold_percent=formed.shape.threshold_percent,
        formed_on=formed.formed_on,
    )
    await db.execute(row.on_conflict_do_nothing())
    await seat(db, formed.group_id, formed.members, since=formed.formed_on)


async def seat(db: AsyncSession, group_id: UUID, people: Collection[UUID], *, since: date) -> None:
    """These people belong to a training group, since that date at the latest."""
    rows = [{"group_id": group_id, "person_id": person_id, "since": since} for person_id in sorted(set(people))]
    if rows:
        belong = insert(member)
        earliest = func.least(member.c.since, belong.excluded.since)
        key = [member.c.group_id, member.c.person_id]
        kept = belong.on_conflict_do_update(index_elements=key, set_={"since": earliest, "until": None})
        await db.execute(kept, rows)


async def unseat(db: AsyncSession, group_id: UUID, person_id: UUID, *, until: date) -> None:
    """A person left a group; of supervision groups nothing is known here."""
    theirs = (member.c.group_id == group_id) & (member.c.person_id == person_id) & member.c.until.is_(None)
    await db.execute(update(member).where(theirs).values(until=until))


async def dissolve_group(db: AsyncSession, group_id: UUID, *, on: date) -> None:
    """A group ended before its time: it gets no further runs, and a coordinator calls off those that were planned."""
    group = training_group.c.group_id == group_id
    await db.execute(update(training_group).where(group).values(dissolved_on=on))


async def note_sessions(db: AsyncSession, held: Sequence[tuple[SessionCompleted, UUID]]) -> None:
    """Keep who was at each session for how long, and its themes; each with the programme it belongs to."""
    attendance = [
        {
            "cycle_id": session.cycle_id,
            "person_id": entry.person_id,
            "session_id": session.session_id,
            "minutes": entry.minutes,
        }
        for session, _ in held
        for entry in session.attendance
    ]
    themes = [
        {
            "session_id": session.session_id,
            "code": code,
            "programme_id": programme_id,
            "cycle_id": session.cycle_id,
            "held_on": session.held_on,
        }
        for session, programme_id in held
        for code in session.themes
    ]
    if attendance:
        await db.execute(insert(session_attended).on_conflict_do_nothing(), attendance)
    if themes:
        await db.execute(insert(session_theme).on_conflict_do_nothing(), themes)


async def _the_title(db: AsyncSession, title_id: UUID, *, by: Person) -> Title:
    found = await db.scalar(select(Title).where(title.c.id == title_id).with_for_update())
    if found is None or not by.holds("coordinator", programme=found.programme_id):
        raise TitleNotFound
    return found


async def _the_run(db: AsyncSession, run_id: UUID, *, led_by: Person) -> Run:
    found = await db.scalar(select(Run).where(run.c.id == run_id).with_for_update())
    if found is None or led_by.id not in found.trainers:
        raise RunNotFound
    return found


async def _certificate(db: AsyncSession, certificate_id: UUID) -> Certificate | None:
    return await db.scalar(select(Certificate).where(certificate.c.id == certificate_id).with_for_update())


async def _members(db: AsyncSession, group_id: UUID, *, on: date | None) -> set[UUID]:
    if on is None:
        return set()
    still = or_(member.c.until.is_(None), member.c.until >= on)
    theirs = select(member.c.person_id).where(member.c.group_id == group_id, member.c.since <= on, still)
    return set(await db.scalars(theirs))


async def _certify(db: AsyncSession, course: Course, attendance: Sequence[MinutesAttended], *, on: date) -> None:
    """Issue what a course's attendance earned and nobody has yet: one statement a table, however many people."""
    ids = [course.certificate_id(who.person_id) for who in attendance]
    already = await db.scalars(select(certificate.c.id).where(among(certificate.c.id, ids)))
    issued = earned(course, attendance, on=on, already=already)
    db.add_all([each for each, _ in issued])
    await outbox.add_all(db, issued)
