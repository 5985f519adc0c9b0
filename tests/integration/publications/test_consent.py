"""Consent, whatever the order: no published article cites a conclusion whose consent was withdrawn before the lock."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest
from chassis.testing import Harness
from contracts.event import Event
from contracts.publications import ArticleDropped, IssueFreezeRequested, IssueFrozen, SubmissionReceived
from contracts.sessions import ConclusionConsentRevoked, ConclusionLocked, ConclusionReleased

from .steps import (
    CONSENT,
    DAY,
    a_conclusion,
    a_text,
    all_of,
    an_article,
    an_issue,
    articles_of,
    asked_to_lock,
    citing,
    command,
    freeze,
    lock_refused,
    locked,
    revoked,
    the_status,
)

STEPS = ("submit", "accept", "freeze", "answer")


def interleavings(done: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every order in which the article is submitted and accepted, its issue freezes, and consent is withdrawn.

    submit, accept, freeze: commands here. answer: sessions takes the request to lock. withdraw: a person asks sessions.
    hear: the next event of the conclusion's cycle arrives here; hear_other: the answer about a conclusion of another
    cycle, which nobody withdraws.
    """
    enabled = list(STEPS[sum(one in STEPS for one in done) :][:1])
    if "withdraw" not in done:
        enabled.append("withdraw")
    if done.count("hear") < sum(one in ("answer", "withdraw") for one in done):
        enabled.append("hear")
    if "answer" in done and "hear_other" not in done:
        enabled.append("hear_other")
    if not enabled:
        yield done
    for step in enabled:
        yield from interleavings((*done, step))


class Sessions:
    """What sessions promises about one conclusion, and no more: its consent, its lock, its events in order."""

    def __init__(self, conclusion: ConclusionReleased) -> None:
        self.conclusion = conclusion
        self.stands, self.is_locked = True, False
        self.told: list[Event] = []

    def withdraw(self) -> None:
        """Binding before the lock, refused with a conflict after it."""
        if not self.is_locked:
            self.stands = False
            self.told.append(revoked(self.conclusion))

    def answer(self, issue_id: UUID) -> None:
        """Lock what stands."""
        self.is_locked = self.stands
        self.told.append((locked if self.stands else lock_refused)(self.conclusion, issue_id))


class Story:
    """One order of events, played against the real service."""

    def __init__(self, h: Harness) -> None:
        self.h = h

    async def begin(self) -> None:
        self.conclusion, self.other = a_conclusion(), a_conclusion()
        await self.h.deliver(self.conclusion, self.other)
        self.sessions = Sessions(self.conclusion)
        self.issue = await an_issue(self.h)
        self.free = await an_article(self.h, self.issue)
        self.steady = await an_article(self.h, self.issue, citing(self.other))
        self.article: UUID | None = None
        self.heard = 0

    async def play(self, step: str) -> None:
        match step:
            case "submit":
                async with self.h.client("author") as author:
                    answer = await author.post(f"/v1/issues/{self.issue}/submissions", json=citing(self.conclusion))
                self.article = UUID(answer.json()["id"]) if answer.status_code == 201 else None
            case "accept" if self.article is not None:
                async with self.h.client("editor") as editor:
                    await editor.post(f"/v1/articles/{self.article}/acceptance", json={"accepted_on": DAY})
            case "freeze":
                await freeze(self.h, self.issue)
            case "withdraw":
                self.sessions.withdraw()
            case "answer":
                asked = await asked_to_lock(self.h, self.issue)
                assert self.other.conclusion_id in asked
                if self.conclusion.conclusion_id in asked:
                    self.sessions.answer(self.issue)
            case "hear" if self.heard < len(self.sessions.told):
                await self.h.deliver(self.sessions.told[self.heard], twice=True)
                self.heard += 1
            case "hear_other":
                await self.h.deliver(locked(self.other, self.issue), twice=True)


async def test_no_interleaving_prints_a_conclusion_whose_consent_was_withdrawn(publications: Harness) -> None:
    stories = list(interleavings())
    assert len(stories) == 40
    printed = 0
    for steps in stories:
        story = Story(publications)
        await story.begin()
        for step in steps:
            await story.play(step)
        assert await the_status(publications, story.issue) == "frozen", steps
        [frozen] = await all_of(publications, IssueFrozen, of=story.issue)
        assert {story.free, story.steady} <= set(frozen.articles), steps
        told = [type(event) for event in story.sessions.told]
        if ConclusionLocked in told:
            after = told[told.index(ConclusionLocked) + 1 :]
            assert ConclusionConsentRevoked not in after, "after the lock a withdrawal is a conflict, told to nobody"
        in_print = story.article in frozen.articles
        assert story.sessions.is_locked or not in_print, steps
        if ConclusionConsentRevoked not in told:
            assert in_print, steps
        printed += in_print
    assert printed
    assert await publications.count("parked") == 0


async def test_a_withdrawal_after_the_lock_would_be_parked_for_people_to_see(publications: Harness) -> None:
    conclusion = a_conclusion()
    await publications.deliver(conclusion)
    issue = await an_issue(publications)
    article = await an_article(publications, issue, citing(conclusion))
    await freeze(publications, issue)
    await publications.deliver(locked(conclusion, issue))
    await publications.deliver(revoked(conclusion))
    [parked] = await publications.sql("SELECT cause FROM parked")
    assert "LockBroken" in parked["cause"]
    assert await articles_of(publications, issue) == {article: ("accepted", None)}


async def test_a_withdrawal_drops_what_cites_the_conclusion_while_the_issue_is_open(publications: Harness) -> None:
    conclusion = a_conclusion()
    await publications.deliver(conclusion)
    issue = await an_issue(publications)
    accepted = await an_article(publications, issue, citing(conclusion))
    submitted = await an_article(publications, issue, citing(conclusion), accept=False)
    free = await an_article(publications, issue)
    await publications.deliver(revoked(conclusion), twice=True)
    assert await articles_of(publications, issue) == {
        accepted: ("dropped", CONSENT),
        submitted: ("dropped", CONSENT),
        free: ("accepted", None),
    }
    assert await all_of(publications, ArticleDropped) == [
        ArticleDropped(article_id=one, issue_id=issue, ground=CONSENT) for one in (accepted, submitted)
    ]


async def test_consent_that_is_given_again_lets_a_new_submission_cite(publications: Harness) -> None:
    conclusion = a_conclusion()
    await publications.deliver(conclusion, revoked(conclusion), conclusion)
    issue = await an_issue(publications)
    await an_article(publications, issue, citing(conclusion))


async def test_an_issue_freezes_when_every_conclusion_was_answered(publications: Harness) -> None:
    kept, lost, third = a_conclusion(), a_conclusion(), a_conclusion()
    await publications.deliver(kept, lost, third)
    issue = await an_issue(publications)
    articles = [await an_article(publications, issue, citing(one)) for one in (kept, lost, third, kept)]
    await freeze(publications, issue)
    assert sorted(await asked_to_lock(publications, issue)) == sorted(one.conclusion_id for one in (kept, lost, third))
    await publications.deliver(locked(kept, issue), locked(kept, issue), twice=True)
    await publications.deliver(lock_refused(lost, issue), twice=True)
    assert await the_status(publications, issue) == "freezing"
    await publications.deliver(locked(third, issue), twice=True)
    assert await the_status(publications, issue) == "frozen"
    told = await all_of(publications, ArticleDropped, IssueFrozen)
    assert told == [
        ArticleDropped(article_id=articles[1], issue_id=issue, ground=CONSENT),
        IssueFrozen(issue_id=issue, articles=(articles[0], articles[2], articles[3]), dropped=1),
    ]
    await publications.deliver(lock_refused(kept, issue))
    assert await all_of(publications, ArticleDropped, IssueFrozen) == told


async def test_answers_about_issues_that_nobody_here_knows_change_nothing(publications: Harness) -> None:
    conclusion = a_conclusion()
    await publications.deliver(locked(conclusion, conclusion.cycle_id), lock_refused(conclusion, conclusion.cycle_id))
    await publications.deliver(revoked(a_conclusion()))
    assert await publications.published() == []
    assert await publications.count("parked") == 0


@pytest.mark.parametrize("_round", range(3))
async def test_an_acceptance_that_races_with_the_freeze_is_in_the_issue_or_refused(
    publications: Harness, _round: int
) -> None:
    issue = await an_issue(publications)
    certain = await an_article(publications, issue)
    racing = [await an_article(publications, issue, a_text(), accept=False) for _ in range(6)]
    async with publications.client("editor") as editor:
        calls = [editor.post(f"/v1/articles/{one}/acceptance", json={"accepted_on": DAY}) for one in racing]
        calls.insert(3, editor.post(f"/v1/issues/{issue}/freeze", json={}))
        answers = await asyncio.gather(*calls)
    frozen_answer = answers.pop(3)
    assert frozen_answer.status_code == 202
    assert {answer.status_code for answer in answers} <= {200, 409}
    accepted = {one for one, answer in zip(racing, answers, strict=True) if answer.status_code == 200}
    [frozen] = await all_of(publications, IssueFrozen)
    assert set(frozen.articles) == accepted | {certain}


@pytest.mark.parametrize("_round", range(3))
async def test_a_submission_that_races_with_the_freeze_comes_before_it_or_is_refused(
    publications: Harness, _round: int
) -> None:
    issue = await an_issue(publications)
    await an_article(publications, issue)
    async with publications.client("author") as author, publications.client("editor") as editor:
        calls = [author.post(f"/v1/issues/{issue}/submissions", json=a_text()) for _ in range(6)]
        calls.insert(3, editor.post(f"/v1/issues/{issue}/freeze", json={}))
        answers = await asyncio.gather(*calls)
    assert answers.pop(3).status_code == 202
    assert {answer.status_code for answer in answers} <= {201, 409}
    told = await publications.published()
    received = [at for at, event in enumerate(told) if isinstance(event, SubmissionReceived)]
    frozen = next(at for at, event in enumerate(told) if isinstance(event, IssueFrozen))
    assert len(received) == 1 + sum(answer.status_code == 201 for answer in answers)
    assert max(received) < frozen


@pytest.mark.parametrize("_round", range(3))
async def test_a_withdrawal_that_races_with_the_request_to_freeze_wins_before_the_lock(
    publications: Harness, _round: int
) -> None:
    conclusion = a_conclusion()
    await publications.deliver(conclusion)
    issue = await an_issue(publications)
    free = await an_article(publications, issue)
    article = await an_article(publications, issue, citing(conclusion))
    status, _ = await asyncio.gather(command(publications, issue, "freeze"), publications.deliver(revoked(conclusion)))
    assert status == 202
    if await all_of(publications, IssueFreezeRequested):
        assert await the_status(publications, issue) == "freezing"
        await publications.deliver(lock_refused(conclusion, issue), twice=True)
    [frozen] = await all_of(publications, IssueFrozen)
    assert frozen == IssueFrozen(issue_id=issue, articles=(free,), dropped=1)
    assert (await articles_of(publications, issue))[article] == ("dropped", CONSENT)
    assert len(await all_of(publications, ArticleDropped)) == 1


@pytest.mark.parametrize("_round", range(3))
async def test_a_submission_that_races_with_a_withdrawal_is_refused_or_dropped(
    publications: Harness, _round: int
) -> None:
    conclusion = a_conclusion()
    await publications.deliver(conclusion)
    issue = await an_issue(publications)
    async with publications.client("author") as author:
        submissions = [author.post(f"/v1/issues/{issue}/submissions", json=citing(conclusion)) for _ in range(4)]
        answers, _ = await asyncio.gather(asyncio.gather(*submissions), publications.deliver(revoked(conclusion)))
    received = {UUID(answer.json()["id"]) for answer in answers if answer.status_code == 201}
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert await articles_of(publications, issue) == dict.fromkeys(received, ("dropped", CONSENT))
