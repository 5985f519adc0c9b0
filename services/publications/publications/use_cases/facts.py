"""What other services told, kept as facts and as answers to what was asked of them. Repeats change nothing."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from chassis import outbox
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from publications.domain.article import Article
from publications.domain.issue import Issue
from publications.tables import article as article_table
from publications.tables import conclusion, forgotten, lead, programme, subscriber
from publications.tables import issue as issue_table
from publications.use_cases.loading import all_articles, an_issue


class Lead(NamedTuple):
    """Something that took place and may be worth writing about."""

    source: Literal["session", "run"]
    source_id: UUID
    programme_id: UUID
    group_id: UUID
    held_on: date


class Subscriber(NamedTuple):
    """A person who is told of a programme's issues `through` a group, or a centre, through the programme itself."""

    programme_id: UUID
    id: UUID
    through: UUID
    kind: Literal["person", "centre"]


async def know_programme(db: AsyncSession, programme_id: UUID, name: str) -> None:
    """A programme exists: issues may be opened for it."""
    await db.execute(insert(programme).values(id=programme_id, name=name).on_conflict_do_nothing())


async def open_leads(db: AsyncSession, leads: Sequence[Lead]) -> None:
    """One lead for each session or run."""
    await db.execute(insert(lead).on_conflict_do_nothing(), [found._asdict() for found in leads])


async def subscribe(db: AsyncSession, subscribers: Sequence[Subscriber]) -> None:
    """Tell these of the programme's issues from now on, each once however many groups they belong to."""
    rows = [found._asdict() for found in sorted(set(subscribers))]
    await db.execute(insert(subscriber).on_conflict_do_nothing(), rows)


async def unsubscribe(db: AsyncSession, programme_id: UUID, person_id: UUID, *, through: UUID) -> None:
    """A person left a group, and is told no more unless through another."""
    mine = (subscriber.c.programme_id == programme_id) & (subscriber.c.id == person_id)
    await db.execute(delete(subscriber).where(mine, subscriber.c.through == through))


async def forget(db: AsyncSession, person_id: UUID) -> None:
    """A person was erased: no issue is sent to them from now on, and what they submitted bears no name.

    Open issues are locked, so that a submission is either seen here or made after the erasure.
    """
    await db.execute(insert(forgotten).values(person_id=person_id).on_conflict_do_nothing())
    still_open = select(issue_table.c.id).where(issue_table.c.status == "open").order_by(issue_table.c.id)
    await db.execute(still_open.with_for_update())
    theirs = (article_table.c.submitted_by == person_id) & article_table.c.byline.is_not(None)
    await db.execute(update(article_table).where(theirs).values(byline=None))


async def release_conclusion(db: AsyncSession, conclusion_id: UUID, *, programme_id: UUID, cycle_id: UUID) -> None:
    """Everyone consents: articles may cite the conclusion."""
    await _consent(db, conclusion_id, programme_id, cycle_id, "released")


async def withdraw_conclusion(db: AsyncSession, conclusion_id: UUID, *, programme_id: UUID, cycle_id: UUID) -> None:
    """A consent was taken back: whatever cites the conclusion is dropped, in issues not yet frozen. Raises LockBroken.

    All the programme's issues are locked first, so that a submission, an acceptance or a freeze is either seen here
    or sees the withdrawal.
    """
    mine = select(Issue).where(issue_table.c.programme_id == programme_id)
    issues = (await db.scalars(mine.order_by(issue_table.c.id).with_for_update())).all()
    await _consent(db, conclusion_id, programme_id, cycle_id, "withdrawn")
    citing = select(Article).where(article_table.c.conclusion_id == conclusion_id)
    articles = (await db.scalars(citing.order_by(article_table.c.id).with_for_update())).all()
    for issue in issues:
        theirs = [article for article in articles if article.issue_id == issue.id]
        await outbox.add_all(db, issue.take_withdrawal(conclusion_id, theirs))


async def _consent(db: AsyncSession, conclusion_id: UUID, programme_id: UUID, cycle_id: UUID, consent: str) -> None:
    told = insert(conclusion).values(id=conclusion_id, programme_id=programme_id, cycle_id=cycle_id, consent=consent)
    newest = told.on_conflict_do_update(index_elements=[conclusion.c.id], set_={"consent": consent})
    await db.execute(newest)


async def take_lock(db: AsyncSession, issue_id: UUID, conclusion_id: UUID, *, refused: str | None) -> None:
    """Sessions' answer about one conclusion of a freezing issue; `refused` is the ground, None where it is locked."""
    issue = await an_issue(db, issue_id)
    if issue is not None:
        articles = await all_articles(db, issue)
        await outbox.add_all(db, issue.take_lock(conclusion_id, articles, refused=refused))


async def take_count(db: AsyncSession, issue_id: UUID, delivery_id: UUID, *, recipients: int, reachable: int) -> None:
    """Enrollment's answer to one delivery of an issue."""
    issue = await an_issue(db, issue_id)
    if issue is not None:
        events = issue.take_count(delivery_id, recipients=recipients, reachable=reachable)
        await outbox.add(db, events, of=issue)
