"""The rules of an issue: what may enter, how it freezes, when it is announced, how it is delivered."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from contracts.event import Event
from contracts.publications import (
    ArticleDropped,
    DeliveryRequested,
    IssueDistributed,
    IssueFreezeRequested,
    IssueFrozen,
    IssueOpened,
    IssuePublished,
    IssueScheduled,
    SubmissionReceived,
)
from publications.domain.article import Article, CitesConclusion, Free, Source, TellsOfRun, Text
from publications.domain.issue import Issue, Journal, Recipients
from publications.domain.refusals import (
    ArticleDecided,
    DateTooEarly,
    IssueNotFrozen,
    IssueNotOpen,
    IssueNotScheduled,
    LockBroken,
    NothingAccepted,
)

TODAY = date(2023, 1, 10)
URL = "https://example.org/issues/1"


def an_issue() -> Issue:
    journal = Journal(id=uuid4(), name="Wymyślone Zeszyty", issn=None)
    issue, events = Issue.opened(journal, programme_id=uuid4(), name="Zima", year=2022, quarter=4, edition="special")
    assert [type(event) for event in events] == [IssueOpened]
    return issue


def a_submission(issue: Issue, source: Source | None = None) -> Article:
    text = Text(title="Tytuł", byline=None, body="Treść")
    article, events = issue.receive(text, source or Free(), kind="experience", on=TODAY, by=uuid4())
    assert [type(event) for event in events] == [SubmissionReceived]
    return article


def an_accepted(issue: Issue, source: Source | None = None) -> Article:
    article = a_submission(issue, source)
    issue.accept(article, on=TODAY)
    return article


def a_citation() -> CitesConclusion:
    return CitesConclusion(cycle_id=uuid4(), conclusion_id=uuid4())


def a_frozen_issue() -> Issue:
    issue = an_issue()
    issue.freeze([an_accepted(issue)])
    return issue


def a_readable_issue() -> Issue:
    issue = a_frozen_issue()
    issue.schedule(on=TODAY)
    issue.open_to_readers([], published_on=TODAY)
    return issue


def types(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


def test_a_submission_tells_its_source_and_none_of_its_words() -> None:
    issue = an_issue()
    source = a_citation()
    text = Text(title="Tytuł", byline="A. Autorka", body="Treść")
    article, [event] = issue.receive(text, source, kind="good_practice", on=TODAY, by=uuid4())
    assert event == SubmissionReceived(
        article_id=article.id,
        issue_id=issue.id,
        kind="good_practice",
        source="conclusion",
        source_id=source.conclusion_id,
        submitted_on=TODAY,
    )


def test_a_submission_may_rest_on_a_run() -> None:
    run = uuid4()
    article = a_submission(an_issue(), TellsOfRun(run_id=run))
    assert (article.run_id, article.conclusion_id) == (run, None)


def test_an_issue_that_freezes_takes_nothing_more() -> None:
    issue = an_issue()
    undecided = a_submission(issue)
    issue.freeze([an_accepted(issue, a_citation()), undecided])
    with pytest.raises(IssueNotOpen):
        a_submission(issue)
    with pytest.raises(IssueNotOpen):
        issue.accept(undecided, on=TODAY)
    with pytest.raises(IssueNotOpen):
        issue.freeze([])


def test_an_article_is_decided_once() -> None:
    issue = an_issue()
    rejected = a_submission(issue)
    rejected.reject(on=TODAY)
    with pytest.raises(ArticleDecided):
        issue.accept(rejected, on=TODAY)
    with pytest.raises(ArticleDecided):
        an_accepted(issue).reject(on=TODAY)


def test_dates_follow_one_another() -> None:
    issue = an_issue()
    article = a_submission(issue)
    for decide in (lambda on: issue.accept(article, on=on), lambda on: article.reject(on=on)):
        with pytest.raises(DateTooEarly):
            decide(TODAY - timedelta(days=1))
    issue.accept(article, on=TODAY)
    issue.freeze([article])
    issue.schedule(on=TODAY)
    with pytest.raises(DateTooEarly):
        issue.open_to_readers([article], published_on=TODAY - timedelta(days=1))
    assert issue.status == "scheduled"


def test_an_issue_with_nothing_accepted_cannot_freeze() -> None:
    issue = an_issue()
    with pytest.raises(NothingAccepted):
        issue.freeze([a_submission(issue)])
    assert issue.status == "open"


def test_an_issue_that_cites_nothing_freezes_at_once() -> None:
    issue = an_issue()
    article, undecided = an_accepted(issue), a_submission(issue)
    assert issue.freeze([article, undecided]) == [IssueFrozen(issue_id=issue.id, articles=(article.id,), dropped=0)]
    assert issue.status == "frozen"


def test_each_cited_conclusion_of_an_accepted_article_is_asked_for_once() -> None:
    issue = an_issue()
    shared, undecided = a_citation(), a_citation()
    articles = [an_accepted(issue, shared), an_accepted(issue, shared), a_submission(issue, undecided)]
    [event] = issue.freeze(articles)
    assert isinstance(event, IssueFreezeRequested)
    assert [asked.conclusion_id for asked in event.conclusions] == [shared.conclusion_id]
    assert issue.status == "freezing"


def test_the_last_answer_freezes_the_issue_and_refused_ones_leave_it() -> None:
    issue = an_issue()
    locked, refused = a_citation(), a_citation()
    kept, lost, also_lost = (an_accepted(issue, source) for source in (locked, refused, refused))
    articles = [kept, lost, also_lost]
    issue.freeze(articles)

    recorded = issue.take_lock(refused.conclusion_id, articles, refused="reg-2016.3.3")
    dropped = [event for _, events in recorded for event in events]
    assert dropped == [
        ArticleDropped(article_id=one.id, issue_id=issue.id, ground="reg-2016.3.3") for one in (lost, also_lost)
    ]
    assert issue.status == "freezing"

    [(aggregate, events)] = issue.take_lock(locked.conclusion_id, articles, refused=None)
    assert aggregate is issue
    assert events == [IssueFrozen(issue_id=issue.id, articles=(kept.id,), dropped=2)]


def test_the_first_answer_counts_and_answers_that_were_not_asked_for_do_not() -> None:
    issue = an_issue()
    source, other = a_citation(), a_citation()
    articles = [an_accepted(issue, source), an_accepted(issue, other)]
    issue.freeze(articles)
    assert issue.take_lock(source.conclusion_id, articles, refused=None) == []
    assert issue.take_lock(source.conclusion_id, articles, refused="reg-2016.3.3") == []
    assert issue.take_lock(uuid4(), articles, refused="reg-2016.3.3") == []
    assert articles[0].accepted
    assert issue.status == "freezing"


def test_a_withdrawal_drops_what_cites_the_conclusion() -> None:
    issue = an_issue()
    source = a_citation()
    accepted, submitted = an_accepted(issue, source), a_submission(issue, source)
    rejected, free = a_submission(issue, source), an_accepted(issue)
    rejected.reject(on=TODAY)
    articles = [accepted, submitted, rejected, free]
    recorded = issue.take_withdrawal(source.conclusion_id, articles)
    assert [one.id for one, events in recorded if events] == [accepted.id, submitted.id]
    assert [one.status for one in articles] == ["dropped", "dropped", "rejected", "accepted"]


def test_a_withdrawal_that_overtakes_the_refusal_drops_once() -> None:
    issue = an_issue()
    source = a_citation()
    articles = [an_accepted(issue, source)]
    issue.freeze(articles)
    [(_, dropped)] = issue.take_withdrawal(source.conclusion_id, articles)
    assert types(dropped) == [ArticleDropped]
    recorded = issue.take_lock(source.conclusion_id, articles, refused="reg-2016.3.3")
    assert [event for _, events in recorded for event in events] == [
        IssueFrozen(issue_id=issue.id, articles=(), dropped=1)
    ]


def test_consent_that_is_given_again_before_the_lock_does_not_bring_a_dropped_article_back() -> None:
    issue = an_issue()
    source = a_citation()
    articles = [an_accepted(issue, source), an_accepted(issue)]
    issue.freeze(articles)
    issue.take_withdrawal(source.conclusion_id, articles)
    [(_, [frozen])] = issue.take_lock(source.conclusion_id, articles, refused=None)
    assert frozen == IssueFrozen(issue_id=issue.id, articles=(articles[1].id,), dropped=1)


def test_a_withdrawal_after_the_lock_is_a_broken_promise_and_not_an_answer() -> None:
    issue = an_issue()
    source = a_citation()
    articles = [an_accepted(issue, source)]
    issue.freeze(articles)
    issue.take_lock(source.conclusion_id, articles, refused=None)
    with pytest.raises(LockBroken):
        issue.take_withdrawal(source.conclusion_id, articles)
    assert articles[0].accepted


def test_only_a_frozen_issue_is_scheduled_and_it_may_be_moved() -> None:
    issue = an_issue()
    with pytest.raises(IssueNotFrozen):
        issue.schedule(on=TODAY)
    issue = a_frozen_issue()
    assert types(issue.schedule(on=TODAY)) == [IssueScheduled]
    assert types(issue.schedule(on=date(2023, 2, 1))) == [IssueScheduled]
    assert issue.publish_on == date(2023, 2, 1)


def test_only_a_scheduled_issue_is_opened_to_readers() -> None:
    issue = a_frozen_issue()
    with pytest.raises(IssueNotScheduled):
        issue.open_to_readers([], published_on=TODAY)
    issue.schedule(on=TODAY)
    issue.open_to_readers([], published_on=TODAY)
    with pytest.raises(IssueNotFrozen):
        issue.schedule(on=TODAY)


def test_an_issue_is_announced_once_and_only_after_it_was_opened_to_readers() -> None:
    assert a_frozen_issue().announce(URL, 1, Recipients()) == []
    issue = a_readable_issue()
    published, *_ = issue.announce(URL, 1, Recipients(people=[uuid4()]))
    assert isinstance(published, IssuePublished)
    assert (published.url, published.articles, published.published_on) == (URL, 1, TODAY)
    assert issue.announce(URL, 1, Recipients(people=[uuid4()])) == []


def test_an_issue_without_subscribers_is_distributed_at_once() -> None:
    issue = a_readable_issue()
    assert types(issue.announce(URL, 1, Recipients())) == [IssuePublished, IssueDistributed]


@pytest.mark.parametrize(
    ("people", "centres", "sizes"),
    [
        (1, 0, [(1, 0)]),
        (500, 0, [(500, 0)]),
        (501, 3, [(500, 0), (1, 3)]),
        (700, 900, [(500, 0), (200, 300), (0, 500), (0, 100)]),
        (0, 501, [(0, 500), (0, 1)]),
    ],
)
def test_everyone_is_told_once_in_parts_of_at_most_500(people: int, centres: int, sizes: list[tuple[int, int]]) -> None:
    issue = a_readable_issue()
    to = Recipients(people=[uuid4() for _ in range(people)], centres=[uuid4() for _ in range(centres)])
    requests = [event for event in issue.announce(URL, 1, to) if isinstance(event, DeliveryRequested)]
    assert [(len(request.people), len(request.centres)) for request in requests] == sizes
    told: list[UUID] = [one for request in requests for one in (*request.people, *request.centres)]
    assert sorted(told) == sorted([*to.people, *to.centres])


def test_an_issue_is_distributed_when_every_delivery_was_counted_and_repeats_add_nothing() -> None:
    issue = a_readable_issue()
    issue.announce(URL, 1, Recipients(people=[uuid4() for _ in range(501)]))
    first, second = issue.deliveries
    assert issue.take_count(first.id, recipients=500, reachable=499) == []
    assert issue.take_count(first.id, recipients=500, reachable=499) == []
    assert issue.take_count(uuid4(), recipients=7, reachable=7) == []
    assert issue.take_count(second.id, recipients=1, reachable=0) == [
        IssueDistributed(issue_id=issue.id, recipients=501, reachable=499)
    ]
    assert issue.status == "distributed"
    assert issue.take_count(second.id, recipients=1, reachable=0) == []
