"""A programme's figures, counted from enrollment's own tables."""

from uuid import UUID

from chassis.web import View
from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.tables import application, attended, delivery, group, invitation, mailing, refused_assignment


class FiguresView(View):
    """Figures by code, some of them by month (`2022-10`) too, and recorded refusals by ground."""

    figures: dict[str, int]
    months: dict[str, dict[str, int]]
    refusals: dict[str, int]


async def figures(db: AsyncSession, programme_id: UUID) -> FiguresView:
    """All that enrollment counts of a programme."""
    counted: dict[str, int] = {}
    for statement in (
        _invitations(programme_id),
        _groups(programme_id),
        _applications(programme_id),
        _hours(programme_id),
        _mail(programme_id),
    ):
        counted |= _as_figures((await db.execute(statement)).one())
    return FiguresView(
        figures=counted, months=await _months(db, programme_id), refusals=await _refusals(db, programme_id)
    )


def _as_figures(row: Row[*tuple[int, ...]]) -> dict[str, int]:
    return {code: int(value or 0) for code, value in row._mapping.items()}


def _invitations(programme_id: UUID) -> Select[*tuple[int, ...]]:
    return select(
        func.count().label("centres_invited"),
        func.count().filter(invitation.c.status == "joined").label("centres_joined"),
    ).where(invitation.c.programme_id == programme_id)


def _groups(programme_id: UUID) -> Select[*tuple[int, ...]]:
    formed = group.c.formed_on.is_not(None)
    training = and_(formed, group.c.track == "training")
    return select(
        func.count().filter(formed, group.c.track == "supervision").label("groups_formed"),
        func.count().filter(training, group.c.audience == "workers").label("training_groups_formed"),
        func.count().filter(training, group.c.audience == "supervisors").label("supervisor_training_groups_formed"),
        func.count().filter(group.c.status == "completed").label("groups_completed"),
    ).where(group.c.programme_id == programme_id)


def _applications(programme_id: UUID) -> Select[*tuple[int, ...]]:
    status, supervision = application.c.status, application.c.track == "supervision"
    enrolled = and_(supervision, application.c.enrolled_on.is_not(None))
    seated = and_(supervision, status.in_(("seated", "accepted")), group.c.status != "dissolved")
    return (
        select(
            func.count().label("applications"),
            func.count().filter(application.c.waited).label("applications_waitlisted"),
            func.count().filter(status == "ineligible").label("applications_ineligible"),
            func.count(application.c.person_id.distinct()).filter(seated).label("seats_taken"),
            func.count(application.c.person_id.distinct()).filter(enrolled).label("people_enrolled"),
            func.count().filter(application.c.offer_expires_at.is_not(None)).label("offers_made"),
            func.count().filter(status == "expired").label("offers_expired"),
            func.count().filter(status == "withdrawn").label("withdrawals"),
        )
        .join(group, group.c.id == application.c.group_id)
        .where(application.c.programme_id == programme_id)
    )


def _hours(programme_id: UUID) -> Select[*tuple[int, ...]]:
    return select(func.sum(attended.c.minutes).label("hours_minutes")).where(attended.c.programme_id == programme_id)


def _mail(programme_id: UUID) -> Select[*tuple[int, ...]]:
    return (
        select(func.sum(delivery.c.recipients).label("mail_recipients"))
        .join(mailing, mailing.c.id == delivery.c.issue_id)
        .where(mailing.c.programme_id == programme_id)
    )


async def _months(db: AsyncSession, programme_id: UUID) -> dict[str, dict[str, int]]:
    month = func.to_char(group.c.formed_on, "YYYY-MM").label("month")
    formed = (
        select(month, func.count())
        .where(group.c.programme_id == programme_id, group.c.track == "supervision", group.c.formed_on.is_not(None))
        .group_by(month)
        .order_by(month)
    )
    return {name: {"groups_formed": number} for name, number in await db.execute(formed)}


async def _refusals(db: AsyncSession, programme_id: UUID) -> dict[str, int]:
    refusals: dict[str, int] = {}
    for table, condition in (
        (application, application.c.status == "ineligible"),
        (refused_assignment, refused_assignment.c.ground.is_not(None)),
    ):
        by_ground = (
            select(table.c.ground, func.count())
            .where(table.c.programme_id == programme_id, condition)
            .group_by(table.c.ground)
        )
        for ground, number in await db.execute(by_ground):
            refusals[ground] = refusals.get(ground, 0) + number
    return refusals
