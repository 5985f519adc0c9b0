"""The barrier: readers are told of an issue only once it can be read (rule 17)."""

import asyncio
from datetime import date
from uuid import UUID

import httpx
from chassis import outbox
from chassis.due import DueWork
from chassis.web import Person
from contracts.publications import DeliveryRequested
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from publications.domain.issue import Issue, Recipients
from publications.domain.refusals import NotReadable
from publications.settings import Settings
from publications.tables import forgotten, recipient, subscriber
from publications.use_cases.loading import all_articles, an_issue, the_issue

due = DueWork()

ANNOUNCEMENT = "announcement"

PATIENCE = 5.0
"""Seconds that an issue's address has for its answer, all in all."""


def mark_of(issue_id: UUID) -> str:
    """What the page of an issue holds and no other page does, so that a stand-in's 200 opens no barrier."""
    return f"urn:uuid:{issue_id}"


async def schedule_issue(db: AsyncSession, issue_id: UUID, *, publish_on: date, by: Person) -> None:
    """Give a frozen issue a date of publication. Raises IssueNotFound, IssueNotFrozen."""
    issue = await the_issue(db, issue_id, by=by)
    await outbox.add(db, issue.schedule(on=publish_on), of=issue)


async def ask_for_publication(db: AsyncSession, issue_id: UUID, *, published_on: date, by: Person) -> None:
    """Open an issue to its readers, and have it announced as soon as its address answers.

    The piece of due work is locked before the issue, as the worker does. While a worker has it in hand, and so reads
    the address, it is not waited for: that takes longer than a request may, and is what was asked for.
    Raises IssueNotFound, IssueNotScheduled, DateTooEarly.
    """
    if not await due.in_hand(db, ANNOUNCEMENT, subject=issue_id):
        await due.schedule(db, ANNOUNCEMENT, subject=issue_id)
    issue = await the_issue(db, issue_id, by=by)
    issue.open_to_readers(await all_articles(db, issue), published_on=published_on)


@due.on(ANNOUNCEMENT)
async def announce(db: AsyncSession, issue_id: UUID) -> None:
    """Tell the subscribers of an issue, after its address has answered. Raises NotReadable, to be tried again."""
    settings: Settings = db.info["settings"]
    url = settings.address_of(issue_id)
    await _see(url, mark_of(issue_id))
    issue = await an_issue(db, issue_id)
    if issue is None:
        return
    accepted = sum(article.accepted for article in await all_articles(db, issue))
    events = issue.announce(url, accepted, await _subscribers(db, issue))
    await outbox.add(db, events, of=issue)
    told = [
        {"issue_id": issue.id, "delivery_id": event.delivery_id, "subscriber_id": one}
        for event in events
        if isinstance(event, DeliveryRequested)
        for one in (*event.people, *event.centres)
    ]
    if told:
        await db.execute(insert(recipient), told)


async def _see(url: str, mark: str) -> None:
    """Read the page as any reader would. Raises NotReadable unless the answer is 200 and the issue's own."""
    try:
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as reader:
            answer = await reader.get(url, headers={"Cache-Control": "no-cache"})
    except (httpx.HTTPError, TimeoutError) as error:
        # Cut off from its cause: that the address is away is no outage of the database that due work waits for.
        raise NotReadable(f"{url}: {error!r}") from None
    if answer.status_code != httpx.codes.OK or mark not in answer.text:
        raise NotReadable(f"{url} answered {answer.status_code}, and not with the issue")


async def _subscribers(db: AsyncSession, issue: Issue) -> Recipients:
    mine = select(subscriber.c.id, subscriber.c.kind).where(
        subscriber.c.programme_id == issue.programme_id, subscriber.c.id.not_in(select(forgotten.c.person_id))
    )
    found = (await db.execute(mine.distinct().order_by(subscriber.c.id))).all()
    return Recipients(
        people=[row.id for row in found if row.kind == "person"],
        centres=[row.id for row in found if row.kind == "centre"],
    )
