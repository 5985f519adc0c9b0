"""Reads: SQL straight to what is answered."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID

from chassis.web import Page, Slice, View, page
from contracts.publications import Edition
from pydantic import BaseModel
from sqlalchemy import ColumnElement, FromClause, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from publications.domain.article import ArticleStatus, Kind
from publications.domain.issue import OUT, READABLE, IssueStatus
from publications.domain.refusals import ArticleNotFound, IssueNotFound, ProgrammeNotFound
from publications.tables import article, conclusion_lock, delivery, issue, journal, lead, programme


class JournalView(View):
    """A journal."""

    id: UUID
    name: str
    issn: str | None


class IssueView(View):
    """An issue and how far it has come: accepted `articles`, and conclusions whose lock sessions has yet to answer."""

    id: UUID
    programme_id: UUID
    journal_id: UUID
    name: str
    year: int
    quarter: int
    edition: Edition
    status: IssueStatus
    publish_on: date | None
    published_on: date | None
    articles: int
    locks_awaited: int


class ArticleView(View):
    """A submission as lists show it; its body is read one by one."""

    id: UUID
    issue_id: UUID
    programme_id: UUID
    kind: Kind
    title: str
    byline: str | None
    run_id: UUID | None
    conclusion_id: UUID | None
    submitted_on: date
    status: ArticleStatus
    decided_on: date | None
    ground: str | None


class ArticleOutcome(View):
    """What was decided about a submission."""

    id: UUID
    status: ArticleStatus


class WholeArticleView(ArticleView):
    """A submission with its text."""

    body: str


class LeadView(View):
    """Something that took place and may be worth writing about; `id` is the session's or the run's."""

    id: UUID
    source: Literal["session", "run"]
    group_id: UUID
    held_on: date


class FiguresView(View):
    """A programme's figures from this service's own tables; `refusals` are recorded outcomes by ground."""

    figures: Mapping[str, int]
    months: Mapping[str, Mapping[str, int]]
    refusals: Mapping[str, int]


class Piece(View):
    """An article as it is printed."""

    kind: Kind
    title: str
    byline: str | None
    body: str


class Print(View):
    """An issue as it is printed."""

    id: UUID
    journal: str
    issn: str | None
    name: str
    year: int
    quarter: int
    edition: Edition
    published_on: date
    pieces: list[Piece]


async def journals(db: AsyncSession, paging: Slice) -> Page[JournalView]:
    """All journals."""
    found = await db.execute(_slice(select(*_columns(JournalView, journal)), journal.c.id, paging))
    return page([JournalView.model_validate(row) for row in found], paging)


async def issues(db: AsyncSession, paging: Slice, *, programme_id: UUID | None) -> Page[IssueView]:
    """Issues, of one programme or of all."""
    chosen = _issues()
    if programme_id is not None:
        chosen = chosen.where(issue.c.programme_id == programme_id)
    found = await db.execute(_slice(chosen, issue.c.id, paging))
    return page([IssueView.model_validate(row) for row in found], paging)


async def one_issue(db: AsyncSession, issue_id: UUID) -> IssueView:
    """One issue. Raises IssueNotFound."""
    row = (await db.execute(_issues().where(issue.c.id == issue_id))).first()
    if row is None:
        raise IssueNotFound
    return IssueView.model_validate(row)


async def articles(db: AsyncSession, paging: Slice, *, issue_id: UUID) -> Page[ArticleView]:
    """The submissions to an issue."""
    mine = select(*_columns(ArticleView, article)).where(article.c.issue_id == issue_id)
    found = await db.execute(_slice(mine, article.c.id, paging))
    return page([ArticleView.model_validate(row) for row in found], paging)


async def one_article(db: AsyncSession, article_id: UUID) -> WholeArticleView:
    """One submission with its text. Raises ArticleNotFound."""
    one = select(*_columns(WholeArticleView, article)).where(article.c.id == article_id)
    row = (await db.execute(one)).first()
    if row is None:
        raise ArticleNotFound
    return WholeArticleView.model_validate(row)


async def leads(db: AsyncSession, paging: Slice, *, programme_id: UUID) -> Page[LeadView]:
    """What took place in a programme and may be worth writing about."""
    mine = select(lead.c.source_id.label("id"), lead.c.source, lead.c.group_id, lead.c.held_on)
    found = await db.execute(_slice(mine.where(lead.c.programme_id == programme_id), lead.c.source_id, paging))
    return page([LeadView.model_validate(row) for row in found], paging)


async def figures(db: AsyncSession, programme_id: UUID) -> FiguresView:
    """What a programme has printed. Raises ProgrammeNotFound."""
    if await db.scalar(select(programme.c.id).where(programme.c.id == programme_id)) is None:
        raise ProgrammeNotFound
    out = and_(issue.c.programme_id == programme_id, issue.c.status.in_(OUT))
    submitted = article.c.programme_id == programme_id
    dropped = and_(submitted, article.c.status == "dropped")
    distributed = and_(issue.c.programme_id == programme_id, issue.c.status == "distributed")
    counted = {
        "issues_published": select(func.count()).select_from(issue).where(out),
        "articles_published": (
            select(func.count()).select_from(article.join(issue)).where(out, article.c.status == "accepted")
        ),
        "submissions": select(func.count()).select_from(article).where(submitted),
        "articles_dropped": select(func.count()).select_from(article).where(dropped),
        "deliveries": (
            select(func.coalesce(func.sum(delivery.c.recipients), 0))
            .select_from(delivery.join(issue))
            .where(distributed)
        ),
    }
    numbers = select(*(one.scalar_subquery().label(code) for code, one in counted.items()))
    month = func.to_char(issue.c.published_on, "YYYY-MM")
    months = await db.execute(select(month, func.count()).where(out).group_by(month).order_by(month))
    ground = article.c.ground
    grounds = await db.execute(select(ground, func.count()).where(dropped).group_by(ground).order_by(ground))
    return FiguresView(
        figures=dict((await db.execute(numbers)).one()._mapping),
        months={name: {"issues_published": number} for name, number in months},
        refusals=dict(grounds.all()),
    )


async def printed(db: AsyncSession, issue_id: UUID) -> Print | None:
    """An issue with the articles that are in it, in the order of submission; None while nobody may read it."""
    one = (
        select(issue, journal.c.name.label("journal"), journal.c.issn)
        .join_from(issue, journal)
        .where(issue.c.id == issue_id, issue.c.status.in_(READABLE))
    )
    row = (await db.execute(one)).first()
    if row is None:
        return None
    mine = select(*_columns(Piece, article)).where(article.c.issue_id == issue_id, article.c.status == "accepted")
    pieces = [Piece.model_validate(piece) for piece in await db.execute(mine.order_by(article.c.id))]
    return Print.model_validate({**row._mapping, "pieces": pieces})


def _columns(view: type[BaseModel], table: FromClause) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in view.model_fields]


def _issues() -> Select[Any]:
    accepted = select(func.count()).where(article.c.issue_id == issue.c.id, article.c.status == "accepted")
    awaited = select(func.count()).where(conclusion_lock.c.issue_id == issue.c.id, conclusion_lock.c.answer.is_(None))
    counts = {"articles": accepted, "locks_awaited": awaited}
    return select(issue, *(one.scalar_subquery().label(name) for name, one in counts.items()))


def _slice(chosen: Select[Any], key: ColumnElement[UUID], paging: Slice) -> Select[Any]:
    """The rows after the cursor, and one more than was asked for."""
    if paging.after is not None:
        chosen = chosen.where(key > paging.after)
    return chosen.order_by(key).limit(paging.limit + 1)
