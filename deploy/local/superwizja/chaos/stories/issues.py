"""An issue: pieces of both tracks, and consents that are taken back in the very moment in which it freezes."""

from datetime import date
from typing import Any

import aiohttp

from superwizja.chaos.caller import LEFT
from superwizja.chaos.stories.conclusions import revoke
from superwizja.chaos.stories.story import BrokenOff, Released, Story, Told, at_once
from superwizja.chaos.stories.world import found_journal
from superwizja.demo.client import Persona

ISSUES_PER_JOURNAL = 1200
SUBMITTED, DECIDED, PUBLISHED = date(2024, 6, 10), date(2024, 6, 12), date(2024, 6, 30)
BODY = "Tekst przykładowy: ani osoby, ani zdarzenia nie są prawdziwe."
GONE = ("conclusion-not-released",)


async def play_issue(story: Story) -> None:
    """From its opening to its distribution."""
    issue = await _open(story)
    world = story.world
    cited = story.rng.sample(world.released, min(len(world.released), story.rng.randint(1, 4)))
    taught = story.rng.sample(world.runs, min(len(world.runs), 1))
    work = [_submit(story, issue, "conclusion", each.id, each) for each in cited]
    work += [_submit(story, issue, "run", run, None) for run, _ in taught]
    work += [_submit(story, issue, "free", None, None) for _ in range(story.rng.randint(1, 2))]
    received = [each for each in await at_once(*work) if each]
    if not received:
        raise BrokenOff("nothing was submitted for sure")
    decisions = [_accept(story, article) for article, _ in received]
    accepted = {article for article, told in zip(received, await at_once(*decisions), strict=True) if told.done}
    if not accepted:
        raise BrokenOff("nothing was accepted for sure")
    if story.chance(0.3):
        await _reject_one(story, issue)
    gone = await _freeze(story, issue, [conclusion for _, conclusion in accepted if conclusion])
    frozen = ("frozen", "scheduled", "publishing", "published", "distributed")
    await _until(story, issue, *frozen)
    articles = await _articles(story, issue)
    for article, conclusion in accepted:
        if conclusion in gone:
            status = articles[article]
            story.claim(status == "dropped", "no frozen issue cites what is withdrawn", article=article, status=status)
    await _publish(story, issue)


async def _open(story: Story) -> str:
    """The next quarter's issue of the programme's journal; of two at once, one is opened."""
    world, twice = story.world, story.chance(0.1)
    number, world.issues = world.issues, world.issues + 1
    if number and number % ISSUES_PER_JOURNAL == 0:
        world.journal = await found_journal(story)
    quarter = number % ISSUES_PER_JOURNAL
    body: dict[str, Any] = {
        "programme_id": world.programme,
        "journal_id": world.journal,
        "name": f"Numer {number + 1:05d} (dane przykładowe)",
        "year": 1900 + quarter // 4,
        "quarter": 1 + quarter % 4,
        "edition": "special",
    }
    told = await at_once(
        *(
            story.say(
                world.editor,
                "publications",
                "issues",
                wait_out=("programme-not-found",),
                expected=("issue-exists",) if twice else (),
                left=LEFT,
                **body,
            )
            for _ in range(1 + twice)
        )
    )
    opened = [each.answer["id"] for each in told if each.done]
    story.claim(len(opened) < 2, "one issue a quarter", issues=opened)
    if not opened:
        raise BrokenOff("no issue is known to be open")
    issue: str = opened[0]
    return issue


async def _submit(
    story: Story, issue: str, source: str, source_id: str | None, conclusion: Released | None
) -> tuple[str, Released | None] | None:
    """A piece; None where it is not known to have come in, or its conclusion is not released (any more)."""
    kinds = {"conclusion": "good_practice", "run": "experience", "free": "account"}
    body: dict[str, Any] = {
        "kind": kinds[source],
        "source": source,
        "title": "Tekst przykładowy",
        "byline": "Autorka zmyślona",
        "body": BODY,
        "submitted_on": SUBMITTED.isoformat(),
    }
    if source_id:
        body["source_id"] = source_id
    told = await story.say(
        story.world.author,
        "publications",
        f"issues/{issue}/submissions",
        expected=GONE,
        wait_out=("run-not-completed",),
        **body,
    )
    return (told.answer["id"], conclusion) if told.done else None


async def _accept(story: Story, article: str) -> Told:
    path, on = f"articles/{article}/acceptance", DECIDED.isoformat()
    # A consent that was taken back drops what was submitted: then it is decided.
    return await story.say(
        story.world.editor, "publications", path, accepted_on=on, expected=(*GONE, "article-decided")
    )


async def _reject_one(story: Story, issue: str) -> None:
    piece = await _submit(story, issue, "free", None, None)
    if piece:
        path = f"articles/{piece[0]}/rejection"
        await story.say(story.world.editor, "publications", path, rejected_on=DECIDED.isoformat())


async def _freeze(story: Story, issue: str, cited: list[Released]) -> list[Released]:
    """The issue freezes while consents are taken back and another piece comes; whose consents were, for sure."""
    taken_back = [each for each in cited if story.chance(0.7)]
    freezing = _frozen(story, issue, "nothing-accepted" if cited else "")
    withdrawing = [_taken_back(story, each) for each in taken_back]
    if story.chance(0.2):
        withdrawing.append(_too_late(story, issue))
    told = await at_once(freezing, *withdrawing)
    return [each for each, done in zip(taken_back, told[1:], strict=False) if done]


async def _frozen(story: Story, issue: str, dropped: str) -> bool:
    """Withdrawals that overtake it may leave nothing to freeze."""
    editor, path = story.world.editor, f"issues/{issue}/freeze"
    nothing = (dropped,) if dropped else ()
    told = await story.say(editor, "publications", path, expected=nothing)
    if told.unknown:
        told = await story.say(editor, "publications", path, expected=(*nothing, "issue-not-open"))
    if told.unknown or told.code == "nothing-accepted":
        raise BrokenOff("the issue does not freeze")
    return True


async def _taken_back(story: Story, conclusion: Released) -> bool:
    """By one person, or by two at once."""
    people = story.rng.sample(conclusion.people, min(len(conclusion.people), story.rng.randint(1, 2)))
    told = await at_once(*(revoke(story, conclusion, person) for person in people))
    return any(each.done for each in told)


async def _too_late(story: Story, issue: str) -> bool:
    """A piece that comes while the issue freezes: taken or not, nothing else."""
    body: dict[str, Any] = {
        "kind": "account",
        "source": "free",
        "title": "Tekst przykładowy",
        "body": BODY,
        "submitted_on": SUBMITTED.isoformat(),
    }
    path = f"issues/{issue}/submissions"
    return (await story.say(story.world.author, "publications", path, expected=("issue-not-open",), **body)).done


async def _articles(story: Story, issue: str) -> dict[str, str]:
    page = await story.read(story.world.editor, "publications", f"articles?issue_id={issue}&limit=200")
    return {each["id"]: each["status"] for each in page["items"]}


async def _until(story: Story, issue: str, *statuses: str) -> None:
    editor: Persona = story.world.editor
    await story.until(editor, "publications", f"issues/{issue}", lambda found: found["status"] in statuses)


async def _publish(story: Story, issue: str) -> None:
    """It gets a date and comes out; nobody can read it before, everybody can afterwards."""
    editor, path, on = story.world.editor, f"issues/{issue}", PUBLISHED.isoformat()
    await story.insist(editor, "publications", f"{path}/schedule", publish_on=on, done_if=("issue-not-frozen",))
    before = await _page(story, issue)
    story.claim(before in (404, None), "nobody reads an issue before it is published", issue=issue, status=before)
    await story.insist(editor, "publications", f"{path}/publication", published_on=on, done_if=("issue-not-scheduled",))
    await _until(story, issue, "published", "distributed")
    after = await _page(story, issue)
    story.claim(after in (200, None), "readers are told of what can be read", issue=issue, status=after)
    await _until(story, issue, "distributed")


async def _page(story: Story, issue: str) -> int | None:
    """What the issue's page answers; None where it does not."""
    try:
        status = await story.caller.page_status(f"/issues/{issue}")
    except (aiohttp.ClientError, TimeoutError):
        return None
    return status if status < 500 else None
