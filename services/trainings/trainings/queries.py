"""Reads: rows straight to answers. Figures are counted from this service's own tables."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from chassis.web import Page, Slice, View, page
from contracts.enrollment import Audience
from sqlalchemy import ColumnElement, Select, Uuid, bindparam, case, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from trainings.domain.certificates import Of
from trainings.domain.runs import Run, RunNotFound, RunStatus
from trainings.domain.titles import NeedBasis, NeedKind, Title, TitleStatus
from trainings.tables import certificate, run, title


class NeedView(View):
    """What a title answers."""

    kind: NeedKind
    code: str
    basis: NeedBasis


class TitleView(View):
    """A training as a syllabus."""

    id: UUID
    programme_id: UUID
    name: str
    audience: Audience
    status: TitleStatus
    developed_on: date | None
    published_on: date | None
    superseded_by: UUID | None
    needs: list[NeedView]


class RunView(View):
    """A title for a group; `minutes` is its length, as planned until it is completed."""

    id: UUID
    programme_id: UUID
    title_id: UUID
    group_id: UUID
    audience: Audience
    planned_on: date
    minutes: int
    threshold_percent: int
    trainers: list[UUID]
    status: RunStatus
    held_on: date | None


class AttendedView(View):
    """How long one person was there, in minutes."""

    person_id: UUID
    minutes: int


class RunDetails(RunView):
    """A run with its roster."""

    attendance: list[AttendedView]


class CertificateView(View):
    """A certificate of attendance (zaświadczenie o uczestnictwie) of a cycle or a run; no supervisor's certificate."""

    id: UUID
    programme_id: UUID
    person_id: UUID
    of: Of
    of_id: UUID
    group_id: UUID
    minutes: int
    status: Literal["issued", "revoked"]
    issued_on: date
    revoked_on: date | None
    reason: str | None


class NeedCount(View):
    """How often a code is named: by titles as either kind of need, and as a theme of sessions and of their groups."""

    code: str
    worker_need_titles: int
    family_problem_titles: int
    sessions: int
    groups: int


class Figures(View):
    """What was achieved in a programme, by code, and by month; no recorded outcome of this service is a refusal."""

    figures: dict[str, int]
    months: dict[str, dict[str, int]]
    refusals: dict[str, int]


async def the_title(db: AsyncSession, title_id: UUID) -> TitleView:
    """One title, as it is in this transaction."""
    return TitleView.model_validate(await db.get_one(Title, title_id))


async def titles(db: AsyncSession, programme_id: UUID, paging: Slice) -> Page[TitleView]:
    """A programme's titles."""
    rows = await db.scalars(_slice(select(Title).where(title.c.programme_id == programme_id), title.c.id, paging))
    return page([TitleView.model_validate(row) for row in rows], paging)


async def the_run_with_roster(db: AsyncSession, run_id: UUID) -> RunDetails:
    """One run with its roster. Raises RunNotFound."""
    found = await db.get(Run, run_id)
    if found is None:
        raise RunNotFound
    return RunDetails.model_validate(found)


async def the_run(db: AsyncSession, run_id: UUID) -> RunView:
    """One run without its roster, as it is in this transaction."""
    return RunView.model_validate(await db.get_one(Run, run_id))


async def runs(db: AsyncSession, programme_id: UUID, paging: Slice, *, led_by: UUID | None) -> Page[RunView]:
    """A programme's runs; `led_by`: those of one trainer only."""
    wanted = select(run).where(run.c.programme_id == programme_id)
    if led_by is not None:
        wanted = wanted.where(run.c.trainers.contains([led_by]))
    rows = await db.execute(_slice(wanted, run.c.id, paging))
    return page([RunView.model_validate(row) for row in rows], paging)


async def the_certificate(db: AsyncSession, certificate_id: UUID) -> CertificateView:
    """One certificate, as it is in this transaction."""
    wanted = _CERTIFICATES.where(certificate.c.id == certificate_id)
    return CertificateView.model_validate((await db.execute(wanted)).one())


async def certificates(
    db: AsyncSession, paging: Slice, *, person_id: UUID | None = None, programme_id: UUID | None = None
) -> Page[CertificateView]:
    """Certificates of a person, of a programme, or of both."""
    wanted = _CERTIFICATES
    if person_id is not None:
        wanted = wanted.where(certificate.c.person_id == person_id)
    if programme_id is not None:
        wanted = wanted.where(certificate.c.programme_id == programme_id)
    rows = await db.execute(_slice(wanted, certificate.c.id, paging))
    return page([CertificateView.model_validate(row) for row in rows], paging)


async def needs(db: AsyncSession, programme_id: UUID) -> Page[NeedCount]:
    """Every code that the programme's titles name or its sessions had as a theme, the most frequent theme first."""
    rows = await db.execute(NEEDS, {"programme": programme_id})
    return Page[NeedCount](items=[NeedCount.model_validate(row) for row in rows])


async def figures(db: AsyncSession, programme_id: UUID) -> Figures:
    """What a programme's trainings add up to. A run counts once, a person once however many runs they attend."""
    counted = (await db.execute(FIGURES, {"programme": programme_id})).mappings().one()
    months = await db.execute(MONTHS, {"programme": programme_id})
    return Figures(
        figures=dict(counted), months={month: {"runs_completed": number} for month, number in months}, refusals={}
    )


def _slice(wanted: Select[Any], identity: ColumnElement[UUID], paging: Slice) -> Select[Any]:
    if paging.after is not None:
        wanted = wanted.where(identity > paging.after)
    return wanted.order_by(identity).limit(paging.limit + 1)


_CERTIFICATES = select(
    certificate, case((certificate.c.revoked_on.is_(None), "issued"), else_="revoked").label("status")
)

_PROGRAMME = bindparam("programme", type_=Uuid)

NEEDS = text(
    """
    with named as (
      select need.code,
             count(*) filter (where kind = 'worker_need') as worker_need_titles,
             count(*) filter (where kind = 'family_problem') as family_problem_titles
        from need join title on title.id = need.title_id
       where programme_id = :programme group by need.code
    ), themes as (
      select code, count(*) as sessions, count(distinct cycle_id) as groups
        from session_theme where programme_id = :programme group by code
    )
    select code, coalesce(worker_need_titles, 0) as worker_need_titles,
           coalesce(family_problem_titles, 0) as family_problem_titles,
           coalesce(sessions, 0) as sessions, coalesce(groups, 0) as groups
      from named full join themes using (code)
     order by sessions desc, code
    """
).bindparams(_PROGRAMME)

FIGURES = text(
    """
    select * from
      (select count(developed_on) filter (where audience = 'workers') as titles_developed,
              count(published_on) filter (where audience = 'workers') as titles_published,
              count(published_on) filter (where audience = 'supervisors') as supervisor_titles_published
         from title where programme_id = :programme) titles,
      (select count(*) filter (where audience = 'workers') as runs_completed,
              count(distinct group_id) filter (where audience = 'workers') as training_groups_trained,
              count(*) filter (where audience = 'supervisors') as supervisor_runs_completed
         from run where programme_id = :programme and status = 'completed') runs,
      (select count(*) filter (where audience = 'workers') as training_attendances,
              count(distinct person_id) filter (where audience = 'workers') as people_trained,
              count(distinct person_id) filter (where audience = 'supervisors') as supervisors_trained
         from run join attended on attended.run_id = run.id
        where programme_id = :programme and attended.minutes > 0) rosters,
      (select count(*) filter (where revoked_on is null) as certificates_issued,
              count(revoked_on) as certificates_revoked
         from certificate where programme_id = :programme) certificates
    """
).bindparams(_PROGRAMME)

MONTHS = text(
    """
    select to_char(held_on, 'YYYY-MM') as month, count(*) from run
     where programme_id = :programme and audience = 'workers' and status = 'completed' group by month order by month
    """
).bindparams(_PROGRAMME)
