"""Conclusions: everyone who took part is asked at once, and all consent, or one does not, or one takes it back."""

from datetime import timedelta
from typing import Any

from superwizja.chaos.stories.groups import participant
from superwizja.chaos.stories.meetings import Course
from superwizja.chaos.stories.story import BrokenOff, Released, Story, Told, at_once

LOCKED = ("conclusion-is-locked", "nothing-to-revoke")


async def conclude(story: Story, course: Course, ordinal: int | None) -> None:
    """What a meeting, or the whole course, led to; released, it may be cited from now on."""
    on = course.on(4) if ordinal is None else course.on(ordinal) + timedelta(days=4)
    body: dict[str, Any] = {
        "recorded_on": on.isoformat(),
        "practice_before": ["individual_work"],
        "practice_recommended": ["alliances", "family_meetings"],
    }
    if ordinal is not None:
        body["ordinal"] = ordinal
    conclusions = f"{course.path}/conclusions"
    made = await story.do(course.leader, "sessions", conclusions, **body)
    path = f"{conclusions}/{made['id']}"
    listed = await story.read(course.leader, "sessions", f"{conclusions}?limit=200")
    people: list[str] = next(each["attendees"] for each in listed["items"] if each["id"] == made["id"])
    drawn = story.rng.random()
    refuses = story.rng.choice(people) if drawn < 0.15 else None
    if drawn > 0.8:
        asked = [
            story.insist(
                course.leader,
                "sessions",
                f"{path}/consents",
                given=True,
                given_on=on.isoformat(),
                form="paper",
                text_version="2022-10",
                people=people,
            )
        ]
    else:
        asked = [_consent(story, path, person, on.isoformat(), given=person != refuses) for person in people]
    told = await at_once(*asked)
    released = any(each.done and each.answer["outcome"] == "released" for each in told)
    # Who turns out to have taken part is asked too, and is not among those who consent here.
    sure = all(each.done for each in told) and not course.uncorrected
    story.claim(not (refuses and released), "one refusal withholds", conclusion=path)
    story.claim(not sure or bool(refuses) or released, "all consents release", conclusion=path)
    if not released:
        return
    ready = Released(made["id"], course.group.id, tuple(people), on)
    story.world.released.append(ready)
    del story.world.released[:-12]
    if drawn < 0.3:
        await revoke(story, ready, story.rng.choice(people))


async def _consent(story: Story, path: str, person: str, on: str, *, given: bool) -> Told:
    body: dict[str, Any] = {"given": given, "given_on": on, "form": "electronic", "text_version": "2022-10"}
    try:
        return await story.insist(participant(person), "sessions", f"{path}/consents", **body)
    except BrokenOff:
        return Told("unknown")


async def revoke(story: Story, conclusion: Released, person: str) -> Told:
    """Somebody takes consent back, unless an issue was there first, or they did before; then nobody else cites it."""
    path = f"cycles/{conclusion.cycle_id}/conclusions/{conclusion.id}/consents/revocation"
    on = (conclusion.on + timedelta(days=5)).isoformat()
    told = await story.say(participant(person), "sessions", path, revoked_on=on, expected=LOCKED)
    if told.done and conclusion in story.world.released:
        story.world.released.remove(conclusion)
    return told
