"""What can be read: SQL straight into answers. Whose a cycle is, the query decides."""

from typing import Any
from uuid import UUID

from chassis.web import Page, Person, Slice, page
from contracts.event import Role
from sqlalchemy import ColumnElement, Row, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sessions.domain.conclusion import CONSENT
from sessions.domain.group import Group
from sessions.domain.refusals import CycleNotFound, ProgrammeNotFound
from sessions.tables import cycle, session
from sessions.views import (
    Conclusions,
    ConclusionView,
    ContractView,
    CycleSummary,
    CycleView,
    Figures,
    Month,
    SessionView,
    SignatureView,
)

FIGURE_READERS: tuple[Role, ...] = ("coordinator", "operator", "partner")


def _seen_by(who: Person) -> ColumnElement[bool]:
    """Cycles of the programmes that they coordinate, those that they lead, and those of their groups."""
    known = cycle.c.status != "awaited"
    programmes = [grant.programme for grant in who.grants if grant.role == "coordinator"]
    if None in programmes:
        return known
    leads = cycle.c.leaders.contains([{"person_id": who.id, "until": None}])
    belongs = cycle.c.members.contains([{"person_id": who.id}])
    return known & or_(cycle.c.programme_id.in_(programmes), leads, belongs)


async def cycles(db: AsyncSession, who: Person, *, programme_id: UUID | None, paging: Slice) -> Page[CycleSummary]:
    """Cycles that the person may see, with how far they are."""
    done = session.c.status == "completed"
    rows = (
        select(
            *(cycle.c[name] for name in ("id", "programme_id", "name", "status", "formed_on")),
            func.count().label("sessions"),
            func.count().filter(done).label("completed"),
            func.min(session.c.planned_on).filter(session.c.status == "planned").label("next_planned_on"),
        )
        .join(session, session.c.cycle_id == cycle.c.id)
        .where(_seen_by(who))
        .group_by(cycle.c.id)
        .order_by(cycle.c.id)
        .limit(paging.limit + 1)
    )
    if programme_id is not None:
        rows = rows.where(cycle.c.programme_id == programme_id)
    if paging.after is not None:
        rows = rows.where(cycle.c.id > paging.after)
    found = [CycleSummary.model_validate(row) for row in await db.execute(rows)]
    return page(found, paging)


async def the_cycle(db: AsyncSession, cycle_id: UUID, who: Person) -> CycleView:
    """A cycle as the person may see it: a member sees of signatures and rosters the own ones. Raises CycleNotFound."""
    row = await _visible(db, cycle_id, who)
    group = _group(row)
    only = _only(group, who)
    sessions = await db.execute(select(session).where(session.c.cycle_id == cycle_id).order_by(session.c.ordinal))
    told = row._asdict() | {
        "conflicts": row.conflicts if only is None else [],
        "contract": ContractView(
            version=group.contract.version,
            revised_on=list(group.contract.revised_on),
            signatures=[
                SignatureView.model_validate(signature)
                for signature in group.contract.signatures
                if only in (None, signature.person_id)
            ],
            unsigned=sorted(person for person in group.unsigned() if only in (None, person)),
        ),
        "sessions": [SessionView.of(each, only=only) for each in sessions],
    }
    return CycleView.model_validate(told)


def _group(row: Row[Any]) -> Group:
    return Group(row.id, row.programme_id, members=row.members, leaders=row.leaders, contract=row.contract)


def _only(group: Group, who: Person) -> UUID | None:
    """Whose rows alone the caller may see: everyone's for the coordinator and who leads the group."""
    return None if who.holds("coordinator", programme=group.programme_id) or group.is_led_by(who.id) else who.id


async def _visible(db: AsyncSession, cycle_id: UUID, who: Person) -> Row[Any]:
    row = (await db.execute(select(cycle).where(cycle.c.id == cycle_id, _seen_by(who)))).one_or_none()
    if row is None:
        raise CycleNotFound
    return row


CONCLUSIONS = text("""
    SELECT c.*, s.ordinal
    FROM conclusion c LEFT JOIN session s ON s.id = c.session_id
    WHERE c.cycle_id = :cycle_id
    ORDER BY c.id
""")


async def conclusions(db: AsyncSession, cycle_id: UUID, who: Person) -> Conclusions:
    """A cycle's conclusions with who is asked; of the consents a member sees the own ones. Raises CycleNotFound."""
    only = _only(_group(await _visible(db, cycle_id, who)), who)
    rows = await db.execute(CONCLUSIONS, {"cycle_id": cycle_id})
    return Conclusions(
        items=[
            ConclusionView.model_validate(
                row._asdict()
                | {"statements": [said for said in row.statements if only is None or UUID(said["person_id"]) == only]}
            )
            for row in rows
        ]
    )


ATTENDED = text("""
    WITH completed AS (
        SELECT s.id, s.held_on, s.minutes, s.roster
        FROM session s JOIN cycle c ON c.id = s.cycle_id
        WHERE c.programme_id = :programme_id AND s.status = 'completed'
    ), attended AS (
        SELECT to_char(s.held_on, 'YYYY-MM') AS month, r.person_id
        FROM completed s, jsonb_to_recordset(s.roster) AS r(person_id uuid, minutes int) WHERE r.minutes > 0
    ), held AS (
        SELECT to_char(held_on, 'YYYY-MM') AS month, count(*) AS sessions_completed, sum(minutes) AS supervision_minutes
        FROM completed GROUP BY ROLLUP (1)
    ), people AS (
        SELECT month, count(*) AS attendances, count(DISTINCT person_id) AS people_reached
        FROM attended GROUP BY ROLLUP (1)
    )
    SELECT held.month, held.sessions_completed, coalesce(held.supervision_minutes, 0)::bigint AS supervision_minutes,
           coalesce(attendances, 0) AS attendances, coalesce(people_reached, 0) AS people_reached
    FROM held LEFT JOIN people ON people.month IS NOT DISTINCT FROM held.month
""")

COUNTED = text("""
    SELECT (SELECT count(*) FROM cycle WHERE programme_id = :programme_id AND status = 'completed') AS cycles_completed,
           (SELECT coalesce(sum(jsonb_array_length(contract -> 'signatures')), 0)::bigint
            FROM cycle WHERE programme_id = :programme_id) AS signatures,
           count(c.id) AS conclusions_recorded,
           count(c.released_on) AS conclusions_released,
           count(*) FILTER (WHERE c.status = 'withheld') AS conclusions_withheld,
           coalesce(sum(c.revocations), 0)::bigint AS consents_revoked
    FROM conclusion c JOIN cycle ON cycle.id = c.cycle_id
    WHERE cycle.programme_id = :programme_id
""")

REFUSED = text("""
    SELECT ground, count(*) AS number
    FROM (SELECT :consent AS ground
          FROM conclusion c JOIN cycle ON cycle.id = c.cycle_id
          WHERE cycle.programme_id = :programme_id AND c.status = 'withheld'
          UNION ALL
          SELECT r.ground FROM cycle, jsonb_to_recordset(cycle.refused_locks) AS r(ground text)
          WHERE cycle.programme_id = :programme_id) AS refusals
    GROUP BY ground ORDER BY ground
""")


async def figures(db: AsyncSession, programme_id: UUID, who: Person) -> Figures:
    """A programme in numbers: people reached are unique, in all and in each month. Raises ProgrammeNotFound."""
    if not any(who.holds(role, programme=programme_id) for role in FIGURE_READERS):
        raise ProgrammeNotFound
    of = {"programme_id": programme_id}
    attended = {row.month: row._asdict() for row in await db.execute(ATTENDED, of)}
    counted = (await db.execute(COUNTED, of)).one()._asdict()
    refused = await db.execute(REFUSED, of | {"consent": CONSENT})
    total = attended.pop(None)
    del total["month"]
    return Figures(
        figures=total | counted,
        months={month: Month.model_validate(row) for month, row in sorted(attended.items())},
        refusals={row.ground: row.number for row in refused},
    )
