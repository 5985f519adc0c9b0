"""Aggregates as use cases get them: their rows locked, and only those that the caller's grant reaches."""

from collections.abc import Sequence
from uuid import UUID

from chassis.web import Person
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import raiseload

from publications.domain.article import Article
from publications.domain.issue import Issue
from publications.domain.refusals import ArticleNotFound, IssueNotFound
from publications.tables import article as article_table
from publications.tables import issue as issue_table

ISSUE = select(Issue).where(issue_table.c.id == bindparam("issue_id"))
WHOLE = ISSUE.with_for_update()
JUST = ISSUE.options(raiseload("*")).with_for_update()


async def the_issue(db: AsyncSession, issue_id: UUID, *, by: Person | None = None) -> Issue:
    """The issue, locked. `by`: an editor whose grant must reach its programme. Raises IssueNotFound."""
    return _reached(await an_issue(db, issue_id), by)


async def just_the_issue(db: AsyncSession, issue_id: UUID, *, by: Person | None = None) -> Issue:
    """The issue's own row, locked, and nothing else of it. Raises IssueNotFound."""
    return _reached((await db.scalars(JUST, {"issue_id": issue_id})).one_or_none(), by)


def _reached(issue: Issue | None, by: Person | None) -> Issue:
    if issue is None or (by is not None and not by.holds("editor", programme=issue.programme_id)):
        raise IssueNotFound
    return issue


async def an_issue(db: AsyncSession, issue_id: UUID) -> Issue | None:
    """The issue, locked, if there is one."""
    return (await db.scalars(WHOLE, {"issue_id": issue_id})).one_or_none()


async def all_articles(db: AsyncSession, issue: Issue) -> Sequence[Article]:
    """Every article of an issue, in the order of submission, locked. The issue is locked by the caller."""
    mine = select(Article).where(article_table.c.issue_id == issue.id)
    return (await db.scalars(mine.order_by(article_table.c.id).with_for_update())).all()


async def an_article(db: AsyncSession, article_id: UUID, *, by: Person) -> tuple[Issue, Article]:
    """An article behind its issue, both locked, for an editor of its programme. Raises ArticleNotFound."""
    issue_id = await db.scalar(select(article_table.c.issue_id).where(article_table.c.id == article_id))
    if issue_id is None:
        raise ArticleNotFound
    try:
        issue = await just_the_issue(db, issue_id, by=by)
    except IssueNotFound:
        raise ArticleNotFound from None
    one = select(Article).where(article_table.c.id == article_id).with_for_update()
    return issue, (await db.scalars(one)).one()
