"""Hours of participants: facts about sessions and runs that took place, corrections applied."""

from collections.abc import Iterable
from datetime import date
from typing import Literal
from uuid import UUID

from chassis.database import among
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.tables import attended
from enrollment.tables import group as groups

Source = Literal["session", "run"]
Minutes = dict[str, object]


def hours_of(
    source: Source,
    source_id: UUID,
    people: Iterable[tuple[UUID, int]],
    *,
    group_id: UUID,
    programme_id: UUID | None,
    held_on: date,
) -> list[Minutes]:
    """The facts about one session or run: who was there for how many minutes."""
    return [
        {
            "source": source,
            "source_id": source_id,
            "person_id": person_id,
            "minutes": minutes,
            "group_id": group_id,
            "programme_id": programme_id,
            "held_on": held_on,
        }
        for person_id, minutes in people
    ]


async def record_hours(db: AsyncSession, facts: Iterable[Minutes]) -> None:
    """Keep facts; a later one about the same person at the same session or run takes its place."""
    latest = {(fact["source_id"], fact["person_id"]): fact for fact in facts}
    if not latest:
        return
    rows = insert(attended)
    await db.execute(
        rows.on_conflict_do_update(
            index_elements=[attended.c.source_id, attended.c.person_id], set_={"minutes": rows.excluded.minutes}
        ),
        list(latest.values()),
    )


async def activate_groups(db: AsyncSession, group_ids: Iterable[UUID]) -> None:
    """A formed group is active from its first session on."""
    formed = list(
        await db.scalars(
            select(groups.c.id)
            .where(among(groups.c.id, set(group_ids)), groups.c.status == "formed")
            .order_by(groups.c.id)
            .with_for_update(key_share=True)
        )
    )
    if formed:
        await db.execute(update(groups).where(among(groups.c.id, formed)).values(status="active"))
