"""Programmes, their targets, and the invitations of centres."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chassis import outbox
from chassis.errors import Forbidden, says
from chassis.web import Person
from contracts.enrollment import Target
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain.centres import Centre, CentreNotFound
from enrollment.domain.programmes import (
    AlreadyInvited,
    Answer,
    Invitation,
    InvitationNotFound,
    Programme,
    ProgrammeCodeTaken,
    ProgrammeNotFound,
)
from enrollment.use_cases.constraints import told_as


class OfOneProgramme(Forbidden):
    """A coordinator of one programme opens no others."""

    says = says(
        pl="Nowy projekt otwiera koordynatorka lub koordynator wszystkich projektów.",
        en="A coordinator of one programme may not open another.",
    )


async def the_programme(db: AsyncSession, programme_id: UUID, *, by: Person | None, lock: bool = False) -> Programme:
    """The programme, locked for a change if asked. Raises ProgrammeNotFound, also for another coordinator's."""
    locked = {"key_share": True} if lock else None
    programme = await db.get(Programme, programme_id, with_for_update=locked)
    if programme is None or (by is not None and not by.holds("coordinator", programme=programme_id)):
        raise ProgrammeNotFound
    return programme


async def open_programme(db: AsyncSession, programme: Programme, *, by: Person) -> None:
    """Open a programme. Raises OfOneProgramme, ProgrammeCodeTaken, ProgrammeNotFound (parent), CentreNotFound."""
    if not by.holds("coordinator"):
        raise OfOneProgramme
    if programme.parent_id is not None:
        await the_programme(db, programme.parent_id, by=by)
    if programme.commissioner_id is not None and await db.get(Centre, programme.commissioner_id) is None:
        raise CentreNotFound
    db.add(programme)
    with told_as({"programme_code_key": ProgrammeCodeTaken(code=programme.code)}):
        await outbox.add(db, programme.opened(), of=programme)


async def change_targets(db: AsyncSession, programme_id: UUID, targets: Sequence[Target], *, by: Person) -> None:
    """Replace a programme's targets. Raises ProgrammeNotFound."""
    programme = await the_programme(db, programme_id, by=by, lock=True)
    await outbox.add(db, programme.change_targets(targets), of=programme)


async def invite(db: AsyncSession, programme_id: UUID, centre_id: UUID, *, by: Person) -> None:
    """Invite a centre. Raises ProgrammeNotFound, CentreNotFound, AlreadyInvited."""
    programme = await the_programme(db, programme_id, by=by, lock=True)
    centre = await db.get(Centre, centre_id)
    if centre is None:
        raise CentreNotFound
    if await db.get(Invitation, (programme_id, centre_id)) is not None:
        raise AlreadyInvited
    invitation, events = programme.invite(centre)
    db.add(invitation)
    await outbox.add(db, events, of=programme)


async def answer_invitation(
    db: AsyncSession, programme_id: UUID, centre_id: UUID, answer: Answer, *, on: date, by: Person
) -> None:
    """Record a centre's answer, by its own manager. Raises InvitationNotFound, AlreadyAnswered."""
    if not by.holds("centre_manager", centre=centre_id):
        raise InvitationNotFound
    programme = await db.get(Programme, programme_id, with_for_update={"key_share": True})
    invitation = await db.get(Invitation, (programme_id, centre_id))
    centre = await db.get(Centre, centre_id)
    if programme is None or invitation is None or centre is None:
        raise InvitationNotFound
    await outbox.add(db, programme.answered(invitation, centre, answer, on=on), of=programme)
