"""Journals, issues, submissions and what editors decide about them."""

from datetime import date
from typing import Literal
from uuid import UUID

from chassis import outbox
from chassis.ids import new_id
from chassis.web import Person
from contracts.publications import Edition
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from publications.domain.article import CitesConclusion, Free, Kind, Source, TellsOfRun, Text
from publications.domain.issue import Issue, Journal
from publications.domain.refusals import (
    ConclusionNotReleased,
    IssnTaken,
    IssueExists,
    JournalNotFound,
    ProgrammeNotFound,
    RunNotCompleted,
)
from publications.tables import conclusion, lead, programme
from publications.tables import issue as issue_table
from publications.tables import journal as journal_table
from publications.use_cases.loading import all_articles, an_article, just_the_issue, the_issue


async def found_journal(db: AsyncSession, *, name: str, issn: str | None) -> UUID:
    """A journal that issues can be opened in. Raises IssnTaken."""
    founded = insert(journal_table).values(id=new_id(), name=name, issn=issn)
    journal_id: UUID | None = await db.scalar(founded.on_conflict_do_nothing().returning(journal_table.c.id))
    if journal_id is None:
        raise IssnTaken
    return journal_id


async def open_issue(
    db: AsyncSession,
    *,
    programme_id: UUID,
    journal_id: UUID,
    name: str,
    year: int,
    quarter: int,
    edition: Edition,
    by: Person,
) -> UUID:
    """An issue that takes submissions. Raises ProgrammeNotFound, JournalNotFound, IssueExists.

    The journal's row is locked, so that of two who open the same quarter at once the second is told so.
    """
    known = await db.scalar(select(programme.c.id).where(programme.c.id == programme_id))
    if known is None or not by.holds("editor", programme=programme_id):
        raise ProgrammeNotFound
    of_that_id = select(Journal).where(journal_table.c.id == journal_id)
    journal = (await db.scalars(of_that_id.with_for_update())).one_or_none()
    if journal is None:
        raise JournalNotFound
    same = select(issue_table.c.id).where(
        issue_table.c.journal_id == journal_id,
        issue_table.c.year == year,
        issue_table.c.quarter == quarter,
        issue_table.c.edition == edition,
    )
    if await db.scalar(same) is not None:
        raise IssueExists(year=year, quarter=quarter, edition=edition)
    issue, events = Issue.opened(
        journal, programme_id=programme_id, name=name, year=year, quarter=quarter, edition=edition
    )
    db.add(issue)
    await outbox.add(db, events, of=issue)
    return issue.id


async def submit(
    db: AsyncSession,
    issue_id: UUID,
    text: Text,
    *,
    kind: Kind,
    source: Literal["conclusion", "run", "free"],
    source_id: UUID | None,
    on: date,
    by: Person,
) -> UUID:
    """A piece for an open issue. `source_id`: the conclusion or the run that it rests on.

    Raises IssueNotFound, IssueNotOpen, ConclusionNotReleased, RunNotCompleted.
    """
    issue = await just_the_issue(db, issue_id)
    rests_on: Source = Free()
    if source == "conclusion":
        rests_on = await _released(db, issue, source_id)
    elif source == "run":
        rests_on = await _completed(db, issue, source_id)
    article, events = issue.receive(text, rests_on, kind=kind, on=on, by=by.id)
    db.add(article)
    await outbox.add(db, events, of=article)
    return article.id


async def accept(db: AsyncSession, article_id: UUID, *, on: date, by: Person) -> None:
    """Take a submission into its issue. Raises ArticleNotFound and what Issue.accept raises.

    Raises ConclusionNotReleased where consent was withdrawn meanwhile.
    """
    issue, article = await an_article(db, article_id, by=by)
    events = issue.accept(article, on=on)
    if article.conclusion_id is not None:
        await _released(db, issue, article.conclusion_id)
    await outbox.add(db, events, of=article)


async def reject(db: AsyncSession, article_id: UUID, *, on: date, by: Person) -> None:
    """Leave a submission out for good. Raises ArticleNotFound, ArticleDecided, DateTooEarly."""
    _, article = await an_article(db, article_id, by=by)
    await outbox.add(db, article.reject(on=on), of=article)


async def freeze(db: AsyncSession, issue_id: UUID, *, by: Person) -> None:
    """Settle an issue's content, at once or after sessions' answers.

    Raises IssueNotFound, IssueNotOpen, NothingAccepted.
    """
    issue = await the_issue(db, issue_id, by=by)
    await outbox.add(db, issue.freeze(await all_articles(db, issue)), of=issue)


async def _released(db: AsyncSession, issue: Issue, conclusion_id: UUID | None) -> CitesConclusion:
    """The conclusion, of the issue's own programme and with everyone's standing consent."""
    standing = select(conclusion.c.cycle_id).where(
        conclusion.c.id == conclusion_id,
        conclusion.c.programme_id == issue.programme_id,
        conclusion.c.consent == "released",
    )
    cycle_id = await db.scalar(standing)
    if conclusion_id is None or cycle_id is None:
        raise ConclusionNotReleased
    return CitesConclusion(cycle_id=cycle_id, conclusion_id=conclusion_id)


async def _completed(db: AsyncSession, issue: Issue, run_id: UUID | None) -> TellsOfRun:
    """The run, of the issue's own programme."""
    of_it = (lead.c.source == "run", lead.c.source_id == run_id, lead.c.programme_id == issue.programme_id)
    if run_id is None or await db.scalar(select(lead.c.source_id).where(*of_it)) is None:
        raise RunNotCompleted
    return TellsOfRun(run_id=run_id)
