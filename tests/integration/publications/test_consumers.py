"""What other services tell: facts, once each, in whatever order their topics come."""

import random
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from chassis.testing import Harness
from contracts.event import Envelope, Event
from contracts.publications import DeliveryRequested, IssueDistributed, IssuePublished

from .door import Door
from .steps import (
    OTHER_PROGRAMME,
    PROGRAMME,
    a_centre,
    a_conclusion,
    a_programme,
    a_run,
    a_session,
    all_of,
    an_article,
    an_enrolment,
    an_issue,
    ask_for_publication,
    citing,
    counted,
    erased,
    freeze,
    revoked,
    the_status,
    withdrawn,
)

TABLES = ("programme", "conclusion", "lead", "subscriber", "forgotten")


async def contents(h: Harness) -> dict[str, list[str]]:
    """Every fact that was stored, whatever the order of the rows."""
    return {table: sorted(str(dict(row)) for row in await h.sql(f'SELECT * FROM "{table}"')) for table in TABLES}


async def test_each_event_takes_effect_once(publications: Harness) -> None:
    person, conclusion = uuid4(), a_conclusion()
    await publications.deliver(
        a_programme(OTHER_PROGRAMME),
        a_centre(),
        an_enrolment(person),
        an_enrolment(person),
        an_enrolment(),
        erased(person),
        a_session(),
        a_session(),
        a_run(),
        conclusion,
        a_conclusion(),
        revoked(conclusion),
        twice=True,
    )
    counts = {table: await publications.count(table) for table in TABLES}
    assert counts == {"programme": 2, "conclusion": 2, "lead": 3, "subscriber": 4, "forgotten": 1}
    consents = await publications.sql("SELECT id, consent FROM conclusion")
    assert {row["id"]: row["consent"] for row in consents}[conclusion.conclusion_id] == "withdrawn"
    assert await publications.published() == []
    assert await publications.count("parked") == 0


@pytest.mark.parametrize("seed", range(3))
async def test_topics_may_interleave_at_random(publications: Harness, seed: int) -> None:
    conclusion, person = a_conclusion(), uuid4()
    events: list[Event] = [a_centre(), an_enrolment(person), an_enrolment(person), a_session(), a_run(), conclusion]
    events += [revoked(conclusion), conclusion, a_run(), an_enrolment(), erased(person)]
    in_order = [(event, publications.an_envelope(event)) for event in events]
    await publications.deliver(*shuffled(in_order, random.Random(seed)))
    first = await contents(publications)
    for table in TABLES[1:]:
        await publications.sql(f'DELETE FROM "{table}"')
    await publications.sql("DELETE FROM inbox")
    await publications.deliver(*in_order)
    assert await contents(publications) == first


def shuffled(pairs: Sequence[tuple[Event, Envelope]], dice: random.Random) -> list[tuple[Event, Envelope]]:
    """Another order, in which each aggregate's events keep theirs."""
    keys = [(event.topic, envelope.key) for event, envelope in pairs]
    dice.shuffle(keys)
    waiting = list(pairs)
    found = []
    for topic, key in keys:
        pair = next(one for one in waiting if (one[0].topic, one[1].key) == (topic, key))
        waiting.remove(pair)
        found.append(pair)
    return found


async def test_leads_are_listed_for_editors(publications: Harness) -> None:
    session, run = a_session(), a_run()
    await publications.deliver(session, run)
    async with publications.client("editor", programme=PROGRAMME) as editor:
        items = (await editor.get("/v1/leads", params={"programme_id": str(PROGRAMME)})).json()["items"]
        assert (await editor.get("/v1/leads", params={"programme_id": str(uuid4())})).status_code == 404
    assert {(item["source"], UUID(item["id"])) for item in items} == {
        ("session", session.session_id),
        ("run", run.run_id),
    }


async def test_who_left_a_group_is_told_through_another_or_not_at_all(publications: Harness, door: Door) -> None:
    gone, moved, stays = an_enrolment(), an_enrolment(), an_enrolment()
    await publications.deliver(gone, moved, stays, an_enrolment(moved.person_id))
    await publications.deliver(withdrawn(gone), withdrawn(moved), twice=True)
    issue = await an_issue(publications)
    await an_article(publications, issue)
    await freeze(publications, issue)
    await ask_for_publication(publications, issue)
    async with door.opened(publications.app):
        await publications.due()
    requests = [event for event in await publications.published() if isinstance(event, DeliveryRequested)]
    assert sorted(requests[0].people) == sorted([moved.person_id, stays.person_id])


async def test_who_was_erased_is_told_nothing_also_where_their_enrolment_is_heard_of_later(
    publications: Harness, door: Door
) -> None:
    before, after, stays = an_enrolment(), an_enrolment(), an_enrolment()
    await publications.deliver(before, erased(before.person_id), erased(after.person_id), after, stays, twice=True)
    issue = await an_issue(publications)
    await an_article(publications, issue)
    await freeze(publications, issue)
    await ask_for_publication(publications, issue)
    async with door.opened(publications.app):
        await publications.due()
    requests = [event for event in await publications.published() if isinstance(event, DeliveryRequested)]
    assert [request.people for request in requests] == [(stays.person_id,)]


async def test_no_article_bears_the_name_of_an_erased_author(publications: Harness) -> None:
    issue = await an_issue(publications)
    await an_article(publications, issue)
    (article,) = await publications.sql("SELECT submitted_by, byline FROM article")
    await publications.deliver(erased(uuid4()))
    assert await publications.sql("SELECT submitted_by, byline FROM article") == [article]
    assert article["byline"]
    await publications.deliver(erased(article["submitted_by"]), twice=True)
    (article,) = await publications.sql("SELECT byline FROM article")
    assert article["byline"] is None


async def test_subscribers_are_told_in_parts_and_counts_are_summed(publications: Harness, door: Door) -> None:
    people, centres = [an_enrolment() for _ in range(1003)], [a_centre() for _ in range(7)]
    await publications.deliver(*people, *centres)
    await publications.deliver(an_enrolment(), programme_id=OTHER_PROGRAMME)
    issue = await an_issue(publications)
    await an_article(publications, issue)
    await freeze(publications, issue)
    await ask_for_publication(publications, issue)
    async with door.opened(publications.app):
        await publications.due()
    requests = [event for event in await publications.published() if isinstance(event, DeliveryRequested)]
    assert [len(request.people) + len(request.centres) for request in requests] == [500, 500, 10]
    told = [one for request in requests for one in (*request.people, *request.centres)]
    assert sorted(told) == sorted([*(one.person_id for one in people), *(one.centre_id for one in centres)])
    assert await publications.count("recipient") == 1010
    assert await the_status(publications, issue) == "published"

    await publications.deliver(counted(requests[0]), counted(requests[0]), twice=True)
    await publications.deliver(counted(requests[2], unreachable=4), twice=True)
    assert await all_of(publications, IssueDistributed) == []
    await publications.deliver(counted(requests[1]), twice=True)
    assert await all_of(publications, IssueDistributed) == [
        IssueDistributed(issue_id=issue, recipients=1010, reachable=1006)
    ]
    assert await the_status(publications, issue) == "distributed"
    rows = await publications.sql("SELECT version FROM outbox WHERE aggregate = :issue ORDER BY position", issue=issue)
    assert [row["version"] for row in rows] == list(range(1, len(rows) + 1))


async def test_a_count_for_an_issue_that_nobody_here_knows_changes_nothing(publications: Harness) -> None:
    await publications.deliver(counted(DeliveryRequested(issue_id=uuid4(), delivery_id=uuid4(), issue="N", url="u")))
    assert await publications.published() == []
    assert await publications.count("parked") == 0


async def test_figures_add_up_what_was_printed(publications: Harness, door: Door) -> None:
    conclusion, enrolment = a_conclusion(), an_enrolment()
    await publications.deliver(conclusion, enrolment)
    out, still_open = await an_issue(publications), await an_issue(publications)
    await an_article(publications, out)
    await an_article(publications, out, accept=False)
    await an_article(publications, still_open)
    await an_article(publications, out, citing(conclusion))
    await publications.deliver(revoked(conclusion))
    await freeze(publications, out)
    await ask_for_publication(publications, out)
    async with door.opened(publications.app):
        await publications.due()
    [request] = await all_of(publications, DeliveryRequested)
    await publications.deliver(counted(request))
    async with publications.client("coordinator") as coordinator:
        figures = (await coordinator.get(f"/v1/figures/{PROGRAMME}")).json()
    async with publications.client("coordinator", programme=OTHER_PROGRAMME) as stranger:
        assert (await stranger.get(f"/v1/figures/{PROGRAMME}")).status_code == 404
    assert figures == {
        "figures": {
            "issues_published": 1,
            "articles_published": 1,
            "submissions": 4,
            "articles_dropped": 1,
            "deliveries": 1,
        },
        "months": {"2023-01": {"issues_published": 1}},
        "refusals": {"reg-2016.3.3": 1},
    }
    assert len(await all_of(publications, IssuePublished)) == 1


async def test_more_of_everything_takes_no_other_statements(publications: Harness) -> None:
    """Every connection keeps each statement that differs: a process would grow with the numbers of people."""
    sent = []
    for number in (1, 7):
        with publications.statements() as seen:
            for make in (a_session, a_run, a_centre, an_enrolment):
                await publications.deliver(*(make() for _ in range(number)))
        sent.append(seen)
    assert sent[0] == sent[1]
