"""Journals, issues and submissions over HTTP, and what is refused."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from chassis.testing import Harness
from chassis.web import today
from contracts.publications import (
    ArticleAccepted,
    ArticleRejected,
    IssueFrozen,
    IssueOpened,
    IssueScheduled,
    SubmissionReceived,
)

from .steps import (
    CONSENT,
    DAY,
    OTHER_PROGRAMME,
    a_conclusion,
    a_journal,
    a_programme,
    a_run,
    a_text,
    all_of,
    an_article,
    an_issue,
    an_issue_body,
    articles_of,
    citing,
    command,
    freeze,
    the_status,
)


async def test_an_issue_goes_from_open_to_scheduled(publications: Harness) -> None:
    issue = await an_issue(publications)
    kept = await an_article(publications, issue)
    rejected = await an_article(publications, issue, accept=False)
    async with publications.client("editor") as editor:
        answer = await editor.post(f"/v1/articles/{rejected}/rejection", json={"rejected_on": DAY})
        assert answer.json() == {"id": str(rejected), "status": "rejected"}
    await freeze(publications, issue)
    assert await command(publications, issue, "schedule", publish_on="2030-01-01") == 200
    told = await publications.published()
    assert [type(event) for event in told] == [
        IssueOpened,
        SubmissionReceived,
        ArticleAccepted,
        SubmissionReceived,
        ArticleRejected,
        IssueFrozen,
        IssueScheduled,
    ]
    assert told[5] == IssueFrozen(issue_id=issue, articles=(kept,), dropped=0)


async def test_the_words_of_an_article_are_in_no_event(publications: Harness) -> None:
    issue = await an_issue(publications)
    await an_article(publications, issue, a_text(title="Tajny tytuł", byline="Tajna autorka", body="Tajna treść"))
    await freeze(publications, issue)
    rows = await publications.sql("SELECT convert_from(body, 'UTF8') AS body, headers FROM outbox")
    assert rows
    assert not [row for row in rows if "Tajn" in row["body"] or b"Tajn" in row["headers"]]


async def test_a_journal_has_one_issue_of_a_quarter_and_edition(publications: Harness) -> None:
    journal = await a_journal(publications)
    async with publications.client("editor") as editor:
        assert (await editor.post("/v1/issues", json=an_issue_body(journal))).status_code == 201
        again = await editor.post("/v1/issues", json=an_issue_body(journal, name="Inna nazwa"))
        assert again.status_code == 409
        problem = again.json()
        assert problem["type"] == "urn:superwizja:problem:issue-exists"
        assert problem["ground"] == "journal.one-per-quarter"
        assert "2022/4" in problem["detail"]
        for other in ({"edition": "regular"}, {"quarter": 3}, {"year": 2023}):
            assert (await editor.post("/v1/issues", json=an_issue_body(journal, **other))).status_code == 201
    assert await publications.count("issue") == 4


async def test_of_editors_who_open_the_same_quarter_at_once_one_is_first(publications: Harness) -> None:
    journal = await a_journal(publications)
    async with publications.client("editor") as editor:
        answers = await asyncio.gather(
            *(editor.post("/v1/issues", json=an_issue_body(journal)) for _ in range(8)),
        )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(await all_of(publications, IssueOpened)) == 1


async def test_an_issn_names_one_journal(publications: Harness) -> None:
    async with publications.client("editor", language="en") as editor:
        answers = [
            (await editor.post("/v1/journals", json={"name": name, "issn": "1234-567X"})).status_code
            for name in ("Pierwsza (przykład)", "Druga (przykład)")
        ]
    assert answers == [201, 409]


async def test_a_conclusion_is_cited_only_once_it_was_released_here(publications: Harness) -> None:
    issue = await an_issue(publications)
    conclusion = a_conclusion()
    async with publications.client("supervisor") as supervisor:
        refused = await supervisor.post(f"/v1/issues/{issue}/submissions", json=citing(conclusion))
        assert refused.status_code == 409
        assert refused.json()["type"] == "urn:superwizja:problem:conclusion-not-released"
        assert refused.json()["ground"] == CONSENT
        await publications.deliver(conclusion, twice=True)
        accepted = await supervisor.post(f"/v1/issues/{issue}/submissions", json=citing(conclusion))
        assert accepted.status_code == 201
    [received] = await all_of(publications, SubmissionReceived)
    assert (received.source, received.source_id) == ("conclusion", conclusion.conclusion_id)


async def test_an_issue_cites_conclusions_and_runs_of_its_own_programme(publications: Harness) -> None:
    issue = await an_issue(publications)
    conclusion, run = a_conclusion(), a_run()
    await publications.deliver(conclusion, run, programme_id=OTHER_PROGRAMME)
    async with publications.client("author") as author:
        for text in (citing(conclusion), a_text(source="run", source_id=str(run.run_id))):
            assert (await author.post(f"/v1/issues/{issue}/submissions", json=text)).status_code == 409
    assert await publications.count("article") == 0


async def test_a_run_is_written_about_once_it_was_completed(publications: Harness) -> None:
    issue = await an_issue(publications)
    run = a_run()
    text = a_text(source="run", source_id=str(run.run_id))
    async with publications.client("trainer") as trainer:
        assert (await trainer.post(f"/v1/issues/{issue}/submissions", json=text)).status_code == 409
        await publications.deliver(run)
        assert (await trainer.post(f"/v1/issues/{issue}/submissions", json=text)).status_code == 201


async def test_commands_in_the_wrong_state_are_conflicts(publications: Harness) -> None:
    issue = await an_issue(publications)
    assert await command(publications, issue, "freeze") == 409
    assert await command(publications, issue, "schedule", publish_on=DAY) == 409
    assert await command(publications, issue, "publication", published_on=DAY) == 409
    decided = await an_article(publications, issue)
    undecided = await an_article(publications, issue, accept=False)
    await freeze(publications, issue)
    async with publications.client("editor") as editor:
        late = await editor.post(f"/v1/issues/{issue}/submissions", json=a_text())
        assert (late.status_code, late.json()["type"]) == (409, "urn:superwizja:problem:issue-not-open")
        for article, decision in ((decided, "rejection"), (decided, "acceptance"), (undecided, "acceptance")):
            field = {"rejection": "rejected_on", "acceptance": "accepted_on"}[decision]
            answer = await editor.post(f"/v1/articles/{article}/{decision}", json={field: DAY})
            assert answer.status_code == 409, answer.text
    assert await command(publications, issue, "freeze") == 409
    assert await command(publications, issue, "publication", published_on=DAY) == 409
    assert await the_status(publications, issue) == "frozen"


async def test_unknown_ids_are_not_found(publications: Harness) -> None:
    nowhere = uuid4()
    journal = await a_journal(publications)
    async with publications.client("editor") as editor:
        posts = {
            "/v1/issues": an_issue_body(nowhere),
            f"/v1/issues/{nowhere}/submissions": a_text(),
            f"/v1/issues/{nowhere}/freeze": {},
            f"/v1/issues/{nowhere}/schedule": {"publish_on": DAY},
            f"/v1/issues/{nowhere}/publication": {"published_on": DAY},
            f"/v1/articles/{nowhere}/acceptance": {"accepted_on": DAY},
            f"/v1/articles/{nowhere}/rejection": {"rejected_on": DAY},
        }
        answers = [await editor.post(path, json=body) for path, body in posts.items()]
        answers.append(await editor.post("/v1/issues", json=an_issue_body(journal, programme_id=str(nowhere))))
        answers += [await editor.get(path) for path in (f"/v1/issues/{nowhere}", f"/v1/articles/{nowhere}")]
        answers.append(await editor.get("/v1/articles", params={"issue_id": str(nowhere)}))
    async with publications.client("coordinator") as coordinator:
        answers.append(await coordinator.get(f"/v1/figures/{nowhere}"))
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert (await publications.sql("SELECT count(*) AS number FROM due"))[0]["number"] == 0


async def test_only_editors_edit(publications: Harness) -> None:
    journal, issue = await a_journal(publications), await an_issue(publications)
    article = await an_article(publications, issue, accept=False)
    posts = {
        "/v1/journals": {"name": "Nowa (przykład)"},
        "/v1/issues": an_issue_body(journal),
        f"/v1/articles/{article}/acceptance": {"accepted_on": DAY},
        f"/v1/articles/{article}/rejection": {"rejected_on": DAY},
        f"/v1/issues/{issue}/freeze": {},
        f"/v1/issues/{issue}/schedule": {"publish_on": DAY},
        f"/v1/issues/{issue}/publication": {"published_on": DAY},
    }
    async with publications.client("author") as author:
        for path, body in posts.items():
            assert (await author.post(path, json=body)).status_code == 403, path
        assert (await author.get("/v1/articles", params={"issue_id": str(issue)})).status_code == 403
        assert (await author.get(f"/v1/figures/{uuid4()}")).status_code == 403
    async with publications.client("partner") as partner:
        assert (await partner.post(f"/v1/issues/{issue}/submissions", json=a_text())).status_code == 403


async def test_an_editor_of_another_programme_finds_nothing(publications: Harness) -> None:
    await publications.deliver(a_programme(OTHER_PROGRAMME))
    journal, issue = await a_journal(publications), await an_issue(publications)
    article = await an_article(publications, issue, accept=False)
    async with publications.client("editor", programme=OTHER_PROGRAMME) as stranger:
        answers = [
            await stranger.post("/v1/issues", json=an_issue_body(journal)),
            await stranger.post(f"/v1/articles/{article}/acceptance", json={"accepted_on": DAY}),
            await stranger.post(f"/v1/issues/{issue}/freeze", json={}),
            await stranger.get(f"/v1/articles/{article}"),
            await stranger.get("/v1/articles", params={"issue_id": str(issue)}),
        ]
    assert [answer.status_code for answer in answers] == [404] * 5


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"submitted_on": (today() + timedelta(days=1)).isoformat()}, "submitted_on"),
        ({"submitted_on": "wczoraj"}, "submitted_on"),
        ({"kind": "gossip"}, "kind"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"byline": "a\nb"}, "byline"),
        ({"body": "x" * 100_001}, "body"),
        ({"body": "a\x00b"}, "body"),
        ({"body": 7}, "body"),
        ({"source": "conclusion"}, "body"),
        ({"source": "free", "source_id": str(uuid4())}, "body"),
        ({"source": "run", "source_id": "x"}, "source_id"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_submission_that_does_not_fit_names_the_field(
    publications: Harness, change: dict[str, object], field: str
) -> None:
    async with publications.client("author") as author:
        answer = await author.post(f"/v1/issues/{uuid4()}/submissions", json=a_text(**change))
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_half_a_character_is_bad_input(publications: Harness) -> None:
    issue = await an_issue(publications)
    raw = json.dumps(a_text(title="@")).replace('"@"', '"\\ud800"')
    async with publications.client("author") as author:
        answer = await author.post(
            f"/v1/issues/{issue}/submissions", content=raw, headers={"Content-Type": "application/json"}
        )
    assert 400 <= answer.status_code < 500, answer.text


async def test_impossible_dates_and_oversize_bodies_are_refused(publications: Harness) -> None:
    issue = await an_issue(publications)
    article = await an_article(publications, issue, accept=False)
    tomorrow = (today() + timedelta(days=1)).isoformat()
    async with publications.client("editor") as editor:
        for path, body in {
            f"/v1/articles/{article}/acceptance": {"accepted_on": tomorrow},
            f"/v1/articles/{article}/rejection": {"rejected_on": tomorrow},
            f"/v1/issues/{issue}/publication": {"published_on": tomorrow},
        }.items():
            assert (await editor.post(path, json=body)).status_code == 422
        early = await editor.post(f"/v1/articles/{article}/acceptance", json={"accepted_on": "2023-01-09"})
        assert (early.status_code, early.json()["type"]) == (409, "urn:superwizja:problem:date-too-early")
        assert "2023-01-10" in early.json()["detail"]
        huge = await editor.post(f"/v1/issues/{issue}/submissions", json=a_text(body="x" * 1_100_000))
        assert huge.status_code == 413
        broken = await editor.post(
            f"/v1/issues/{issue}/submissions", content=b"{", headers={"Content-Type": "application/json"}
        )
        assert broken.status_code == 400


async def test_a_command_sent_again_under_its_key_has_one_effect(publications: Harness) -> None:
    issue = await an_issue(publications)
    async with publications.client("author") as author:
        first, again = [
            await author.post(f"/v1/issues/{issue}/submissions", json=a_text(), headers={"Idempotency-Key": "raz"})
            for _ in range(2)
        ]
    assert first.json() == again.json()
    assert await publications.count("article") == 1


async def test_lists_go_page_by_page(publications: Harness) -> None:
    issue = await an_issue(publications)
    submitted = [await an_article(publications, issue, accept=False) for _ in range(5)]
    found: list[UUID] = []
    after: str | None = None
    async with publications.client("editor") as editor:
        for _ in range(3):
            wanted = {"issue_id": str(issue), "limit": "2"} | ({"after": after} if after else {})
            part = (await editor.get("/v1/articles", params=wanted)).json()
            found += [UUID(item["id"]) for item in part["items"]]
            after = part["next"]
        whole = (await editor.get(f"/v1/articles/{submitted[0]}")).json()
        listed = (await editor.get("/v1/issues", params={"programme_id": str(uuid4())})).json()
        journals = (await editor.get("/v1/journals")).json()
    assert (found, after) == (submitted, None)
    assert whole["body"] == a_text()["body"]
    assert listed == {"items": [], "next": None}
    assert len(journals["items"]) == 1
    assert set((await articles_of(publications, issue)).values()) == {("submitted", None)}
