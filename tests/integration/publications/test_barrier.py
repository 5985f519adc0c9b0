"""The barrier: readers are told of an issue only once its address has answered with it."""

import asyncio
from uuid import UUID

import pytest
from chassis.testing import Harness
from contracts.publications import IssueDistributed, IssuePublished
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .door import DEADLINE, Door
from .steps import (
    DAY,
    a_conclusion,
    all_of,
    an_article,
    an_issue,
    ask_for_publication,
    citing,
    command,
    freeze,
    lock_refused,
    the_status,
)


async def a_scheduled_and_asked_for(h: Harness) -> UUID:
    issue = await an_issue(h)
    await an_article(h, issue)
    await freeze(h, issue)
    await ask_for_publication(h, issue)
    return issue


async def announced(h: Harness, issue: UUID) -> None:
    """Wait until the issue is announced, doing what is due."""
    async with asyncio.timeout(DEADLINE):
        while not await all_of(h, IssuePublished, of=issue):
            await h.due()
            await asyncio.sleep(0.05)


class Witness:
    """Passes requests on, and notes of each answer how many announcements were in the outbox when it had been sent."""

    def __init__(self, h: Harness) -> None:
        self.h = h
        self.seen: list[tuple[str, int, int]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self.h.app(scope, receive, noted)
        self.seen.append((scope["path"], status, len(await all_of(self.h, IssuePublished))))


async def test_an_issue_is_announced_after_its_address_answered_and_not_before(
    publications: Harness, door: Door
) -> None:
    issue = await a_scheduled_and_asked_for(publications)
    witness = Witness(publications)
    async with door.opened(witness):
        await publications.due()
    assert witness.seen == [(f"/issues/{issue}", 200, 0)]
    [published] = await all_of(publications, IssuePublished)
    assert published.url == f"{door.address}/issues/{issue}"
    assert (published.articles, published.published_on.isoformat()) == (1, DAY)
    assert await the_status(publications, issue) == "distributed"


async def test_an_issue_at_an_unreachable_address_is_not_announced_and_it_resumes_later(
    publications: Harness, door: Door
) -> None:
    issue = await a_scheduled_and_asked_for(publications)
    await publications.due()
    assert await all_of(publications, IssuePublished) == []
    assert await the_status(publications, issue) == "publishing"
    [waiting] = await publications.sql("SELECT attempts, cause, parked_at FROM due")
    assert (waiting["attempts"], waiting["parked_at"]) == (1, None)
    assert "NotReadable" in waiting["cause"]
    async with door.opened(publications.app):
        await announced(publications, issue)
    assert len(await all_of(publications, IssuePublished)) == 1
    assert await publications.count("due") == 0


def the_same(answer: Response) -> ASGIApp:
    async def always(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)

    return always


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("Witamy", 200),
        PlainTextResponse("", 204),
        PlainTextResponse("", 404),
        PlainTextResponse("", 503),
        RedirectResponse("/login"),
    ],
    ids=lambda answer: str(answer.status_code),
)
async def test_an_answer_that_is_not_the_issue_opens_no_barrier(
    publications: Harness, door: Door, answer: Response
) -> None:
    issue = await a_scheduled_and_asked_for(publications)
    async with door.opened(the_same(answer)):
        await publications.due()
    assert await all_of(publications, IssuePublished) == []
    assert await the_status(publications, issue) == "publishing"


async def test_asking_again_tries_at_once(publications: Harness, door: Door) -> None:
    issue = await a_scheduled_and_asked_for(publications)
    await publications.due()
    await publications.sql("UPDATE due SET at = now() + interval '1 day', attempts = 20, parked_at = now()")
    async with door.opened(publications.app):
        await publications.due()
        assert await all_of(publications, IssuePublished) == []
        assert await command(publications, issue, "publication", published_on=DAY) == 202
        await publications.due()
    assert len(await all_of(publications, IssuePublished)) == 1
    assert await command(publications, issue, "publication", published_on=DAY) == 409


async def test_asking_again_while_the_address_is_being_read_is_answered_at_once(
    publications: Harness, door: Door
) -> None:
    """The reading holds the piece of due work for seconds: longer than a request may wait for it."""
    issue = await a_scheduled_and_asked_for(publications)
    read, answered = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        read.set()
        await answered.wait()
        await publications.app(scope, receive, send)

    async with door.opened(slow):
        announcing = asyncio.create_task(publications.due())
        await asyncio.wait_for(read.wait(), DEADLINE)
        asking = asyncio.create_task(command(publications, issue, "publication", published_on=DAY))
        done, _ = await asyncio.wait([asking], timeout=DEADLINE / 4)
        answered.set()
        await asyncio.wait_for(announcing, DEADLINE)
        assert await asking == 202
        assert done, "the command waited for the reader"
        await announced(publications, issue)
    assert len(await all_of(publications, IssuePublished)) == 1


async def test_two_workers_announce_an_issue_once(publications: Harness, door: Door) -> None:
    issues = [await a_scheduled_and_asked_for(publications) for _ in range(3)]
    async with door.opened(publications.app):
        await asyncio.gather(*(publications.due() for _ in range(4)))
    assert sorted(event.issue_id for event in await all_of(publications, IssuePublished)) == sorted(issues)


async def test_an_issue_that_lost_all_its_articles_can_still_close_its_quarter(
    publications: Harness, door: Door
) -> None:
    conclusion = a_conclusion()
    await publications.deliver(conclusion)
    issue = await an_issue(publications)
    await an_article(publications, issue, citing(conclusion))
    await freeze(publications, issue)
    await publications.deliver(lock_refused(conclusion, issue))
    await ask_for_publication(publications, issue)
    async with door.opened(publications.app):
        await publications.due()
    [published] = await all_of(publications, IssuePublished)
    assert published.articles == 0
    assert await all_of(publications, IssueDistributed) == [IssueDistributed(issue_id=issue, recipients=0, reachable=0)]
