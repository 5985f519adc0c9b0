"""An issue every quarter: pieces of both tracks and free ones, frozen, published, and everybody told."""

import asyncio
from datetime import date
from typing import Any

from superwizja.demo.calendar import days_before, quarter_end
from superwizja.demo.client import NotRefused, Persona, Refusal
from superwizja.demo.play import Play
from superwizja.demo.pools import Conclusion, Source

JOURNAL = "SPS Superwizja Pracy Socjalnej"
CITED, TAUGHT = 3, 2
BODY = (
    "Tekst przykładowy, przygotowany na potrzeby pokazu: ani osoby, ani zdarzenia nie są prawdziwe.\n\n"
    "Autorka opisuje doświadczenie pracy w grupie i praktykę, która się sprawdziła.\n\n"
    "Wnioski przytoczono za zgodą wszystkich osób, które brały udział."
)


async def publish_issues(play: Play) -> None:
    """Every quarter's issue, the sources taken in the order of the quarters, the rest side by side."""
    journal = (await play.publications(play.editor, "journals", name=JOURNAL))["id"]
    async with asyncio.TaskGroup() as group:
        for number in range(play.plan.size.quarters):
            by = days_before(quarter_end(number), 3)
            conclusions = await play.conclusions.take(CITED + (number < 2), by=by)
            runs = await play.runs.take(TAUGHT, by=by)
            group.create_task(_issue(play, journal, number, conclusions, runs))


async def _issue(play: Play, journal: str, number: int, conclusions: list[Conclusion], runs: list[Source]) -> None:
    end = quarter_end(number)
    quarter = (end.month + 2) // 3
    name = f"{JOURNAL}. Wydanie specjalne {end.year}/{quarter} (dane przykładowe)"
    opened: dict[str, Any] = {
        "programme_id": play.programme,
        "journal_id": journal,
        "name": name,
        "year": end.year,
        "quarter": quarter,
        "edition": "special",
    }
    made = await play.platform.command(play.editor, "publications", "issues", opened, wait_out=("programme-not-found",))
    issue = made["id"]
    if number == 0:
        await play.platform.refused(play.editor, "publications", "issues", opened, status=409, code="issue-exists")
        play.scene("second_issue")
        await _unreleased(play, issue, end)
    extra = conclusions.pop() if number < 2 else None
    for conclusion in conclusions:
        await _accepted(play, issue, end, "conclusion", conclusion)
    for run in runs:
        await _accepted(play, issue, end, "run", run)
    await _accepted(play, issue, end, "free", Source("", end, play.author))
    rejected = await _submit(play, issue, end, "free", Source("", end, play.author))
    await play.publications(play.editor, f"articles/{rejected}/rejection", rejected_on=days_before(end, 1).isoformat())
    if number == 0 and extra:
        await _dropped(play, issue, end, extra)
    if number == 1 and extra:
        await _race(play, issue, end, extra)
    else:
        await play.publications(play.editor, f"issues/{issue}/freeze")
    await _until(play, issue, "frozen")
    if number == 0:
        await _locked(play, end, conclusions[0], name)
    await _publish(play, issue, end, shown=number == 0)
    play.stages.advance("issues")


async def _submit(play: Play, issue: str, end: date, source: str, of: Source) -> str:
    kinds = {"conclusion": "good_practice", "run": "experience", "free": "account"}
    titles = {"conclusion": "Dobra praktyka z superwizji", "run": "Doświadczenie ze szkolenia", "free": "Relacja"}
    body: dict[str, Any] = {
        "kind": kinds[source],
        "source": source,
        "title": f"{titles[source]} (tekst przykładowy)",
        "byline": "Autorka zmyślona",
        "body": BODY,
        "submitted_on": days_before(end, 2).isoformat(),
    }
    if of.id:
        body["source_id"] = of.id
    made = await play.platform.command(
        of.author,
        "publications",
        f"issues/{issue}/submissions",
        body,
        wait_out=("conclusion-not-released", "run-not-completed"),
    )
    article: str = made["id"]
    return article


async def _accepted(play: Play, issue: str, end: date, source: str, of: Source) -> str:
    article = await _submit(play, issue, end, source, of)
    on = days_before(end, 1).isoformat()
    await play.publications(play.editor, f"articles/{article}/acceptance", accepted_on=on)
    return article


async def _until(play: Play, issue: str, *statuses: str) -> None:
    """Wait until the issue has come so far."""
    await play.platform.until(
        play.editor, "publications", f"issues/{issue}", lambda answer: answer["status"] in statuses, within=90
    )


async def _status_of(play: Play, issue: str, article: str) -> str:
    articles = await play.platform.read_all(play.editor, "publications", "articles", issue_id=issue)
    status: str = next(item["status"] for item in articles if item["id"] == article)
    return status


async def _unreleased(play: Play, issue: str, end: date) -> None:
    """A conclusion that one member refused to let out cannot be cited."""
    found = await play.withheld.take(1, by=date.max)
    body = {
        "kind": "good_practice",
        "source": "conclusion",
        "source_id": found[0].id,
        "title": "Tekst, którego nie będzie (tekst przykładowy)",
        "body": BODY,
        "submitted_on": end.isoformat(),
    }
    author, path = found[0].author, f"issues/{issue}/submissions"
    await play.platform.refused(author, "publications", path, body, status=409, code="conclusion-not-released")
    play.scene("unreleased")


async def _revoke(play: Play, conclusion: Conclusion, on: date) -> None:
    path = f"cycles/{conclusion.cycle_id}/conclusions/{conclusion.id}/consents/revocation"
    await play.sessions(conclusion.consenting, path, revoked_on=on.isoformat())


async def _dropped(play: Play, issue: str, end: date, conclusion: Conclusion) -> None:
    """A consent is withdrawn before the freeze: the accepted article leaves the issue."""
    article = await _accepted(play, issue, end, "conclusion", conclusion)
    await _revoke(play, conclusion, end)

    def dropped(answer: dict[str, Any]) -> bool:
        return any(item["id"] == article and item["status"] == "dropped" for item in answer["items"])

    await play.platform.until(play.editor, "publications", f"articles?issue_id={issue}&limit=200", dropped)
    play.scene("dropped")


async def _race(play: Play, issue: str, end: date, conclusion: Conclusion) -> None:
    """A withdrawal and the freeze at the same moment: either the article is dropped, or the withdrawal is refused."""
    article = await _accepted(play, issue, end, "conclusion", conclusion)

    async def withdrawn() -> bool:
        try:
            await _revoke(play, conclusion, end)
        except Refusal as refusal:
            if refusal.code != "conclusion-is-locked":
                raise
            return False
        return True

    _, gone = await asyncio.gather(play.publications(play.editor, f"issues/{issue}/freeze"), withdrawn())
    await _until(play, issue, "frozen")
    status = await _status_of(play, issue, article)
    if status != ("dropped" if gone else "accepted"):
        raise NotRefused(f"the withdrawal {'came first' if gone else 'was refused'}, and the article is {status}")
    play.scene("race")


async def _locked(play: Play, end: date, conclusion: Conclusion, name: str) -> None:
    """After the freeze a consent can no longer be withdrawn, and the answer names the issue."""
    path = f"cycles/{conclusion.cycle_id}/conclusions/{conclusion.id}/consents/revocation"
    body = {"revoked_on": end.isoformat()}
    who: Persona = conclusion.consenting
    refusal = await play.platform.refused(who, "sessions", path, body, status=409, code="conclusion-is-locked")
    if name not in refusal.detail:
        raise NotRefused(f"the answer does not name the issue: {refusal.detail}")
    play.scene("locked")


async def _publish(play: Play, issue: str, end: date, *, shown: bool) -> None:
    """Schedule it, publish it, and wait until everybody is told; nobody can read it before."""
    page = f"/issues/{issue}"
    await play.publications(play.editor, f"issues/{issue}/schedule", publish_on=end.isoformat())
    before = await play.platform.page_status(page)
    await play.publications(play.editor, f"issues/{issue}/publication", published_on=end.isoformat())
    await _until(play, issue, "published", "distributed")
    after = await play.platform.page_status(page)
    if (before, after) != (404, 200):
        raise NotRefused(f"the page of the issue answered {before} before its publication and {after} after it")
    if shown:
        play.scene("barrier")
    await _until(play, issue, "distributed")
