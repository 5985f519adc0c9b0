"""Mailings: who of those whom publications names can be reached. Mail is counted, not yet sent."""

from collections.abc import Sequence
from uuid import UUID

from chassis import outbox
from chassis.database import among
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain.mailings import Delivery, Mailing
from enrollment.tables import centre as centres
from enrollment.tables import person as persons


async def count_delivery(
    db: AsyncSession,
    issue_id: UUID,
    delivery_id: UUID,
    *,
    programme_id: UUID | None,
    people: Sequence[UUID],
    in_centres: Sequence[UUID],
) -> None:
    """Answer a request with the number of its recipients, and of those whose address is known here; once."""
    mailing = await db.get(Mailing, issue_id, with_for_update={"key_share": True})
    if mailing is None:
        mailing = Mailing(issue_id, programme_id)
        db.add(mailing)
        await db.flush()
    if await db.get(Delivery, delivery_id) is not None:
        return
    to_people = await db.scalar(select(func.count()).select_from(persons).where(among(persons.c.id, people)))
    to_centres = await db.scalar(
        select(func.count()).select_from(centres).where(among(centres.c.id, in_centres), centres.c.email.is_not(None))
    )
    delivery = Delivery(
        delivery_id,
        issue_id,
        recipients=len(set(people)) + len(set(in_centres)),
        reachable=(to_people or 0) + (to_centres or 0),
    )
    db.add(delivery)
    await outbox.add(db, mailing.counted(delivery), of=mailing)
