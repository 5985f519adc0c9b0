"""Aggregates as use cases get them: their rows locked, and only those that the caller's grant reaches."""

from collections.abc import Sequence
from uuid import UUID

from chassis.web import Person
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from publications.domain.article import Article
from publications.domain.issue import Issue
from publications.domain.refusals import ArticleNotFound, IssueNotFound
from publications.tables import article as article_table
from publications.tables import issue as issue_table


async def the_issue(db: AsyncSession, issue_id: UUID, *, by: Person | None = None) -> Issue:
    """The issue, locked. `by`: an editor whose grant must reach its programme. Raises IssueNotFound."""
    issue = await an_issue(db, issue_id)
    if issue is None or (by is not None and not by.holds("editor", programme=issue.programme_id)):
        raise IssueNotFound
    return issue


async def the_issue_held(db: AsyncSession, issue_id: UUID) -> Issue:
    """The issue, kept as it is until the commit: any number hold it together. Raises IssueNotFound."""
    held = select(Issue).where(issue_table.c.id == issue_id).with_for_update(read=True)
    issue = (await db.scalars(held)).one_or_none()
    if issue is None:
        raise IssueNotFound
    return issue


async def an_issue(db: AsyncSession, issue_id: UUID) -> Issue | None:
    """The issue, locked, if there is one."""
    return (await db.scalars(select(Issue).where(issue_table.c.id == issue_id).with_for_update())).one_or_none()


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
        issue = await the_issue(db, issue_id, by=by)
    except IssueNotFound:
        raise ArticleNotFound from None
    one = select(Article).where(article_table.c.id == article_id).with_for_update()
    return issue, (await db.scalars(one)).one()
