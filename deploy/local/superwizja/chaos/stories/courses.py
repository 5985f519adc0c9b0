"""A course of supervision: a group from its opening to its certificates."""

from datetime import date
from typing import Any

from superwizja.chaos.stories import groups, meetings
from superwizja.chaos.stories.conclusions import conclude
from superwizja.chaos.stories.erasure import forget_a_member
from superwizja.chaos.stories.groups import Group
from superwizja.chaos.stories.story import BrokenOff, Story, at_once
from superwizja.chaos.stories.world import MAXIMUM, MEETINGS, MINIMUM
from superwizja.demo.client import Persona


async def play_course(story: Story) -> None:
    """One group, with whatever befalls it."""
    maximum = story.rng.randint(MINIMUM + 1, MAXIMUM)
    people = await groups.hire(story, ["has", "may_have"] * ((maximum + story.rng.randint(2, 5)) // 2) + ["none"])
    group = await groups.open_group(story, "supervision", maximum)
    if story.chance(0.1):
        await _form_too_early(story, group)
    await groups.fill(story, group, people[:-1], people[-1] if story.chance(0.3) else None)
    if story.chance(0.5) and group.seated:
        leaving = story.rng.sample(group.seated, min(len(group.seated), story.rng.randint(1, 2)))
        await at_once(*(groups.leave(story, group, person, story.day(-12)) for person in leaving))
        await groups.fill_up(story, group, story.day(-11))
    await groups.lead(story, group)
    await groups.form(story, group)
    course = await meetings.begin(story, group)
    falls_apart = story.chance(0.15)
    for ordinal in range(1, MEETINGS + 1):
        if ordinal == 2:
            await meetings.gate_of_signatures(story, course)
        elif ordinal == 3 and falls_apart:
            await _fall_apart(story, course)
            return
        await meetings.hold(story, course, ordinal)
        if story.chance(0.6):
            await conclude(story, course, ordinal)
        if ordinal == 2 and story.chance(0.3):
            await _change_places(story, course)
    if story.chance(0.3):
        await conclude(story, course, None)
    await _certificates(story, course)
    if group.seated and story.chance(0.3):
        await forget_a_member(story, group)


async def _form_too_early(story: Story, group: Group) -> None:
    path = f"groups/{group.id}/formation"
    body: dict[str, Any] = {"formed_on": story.day(-20), "starts_on": story.day(-19)}
    told = await story.say(story.world.coordinator, "enrollment", path, expected=("group-too-small",), **body)
    story.claim(not told.done, "no group forms below its minimum", group=group.id)


async def _change_places(story: Story, course: meetings.Course) -> None:
    """In the course of it somebody leaves, and who waited comes in: both sides have to hear of it."""
    group = course.group
    if len(group.seated) <= MINIMUM:
        return
    leaves = story.rng.choice(group.seated)
    await groups.leave(story, group, leaves, story.day(8))
    joined = await groups.fill_up(story, group, story.day(9))
    if leaves not in group.unsure:

        def heard(cycle: Any) -> bool:
            present = {each["person_id"] for each in cycle["members"] if each["until"] is None}
            return leaves not in present and present >= set(joined)

        await story.until(course.leader, "sessions", course.path, heard)
    for person in joined:
        await meetings.sign(story, course, person, story.day(10))


async def _fall_apart(story: Story, course: meetings.Course) -> None:
    """All but one leave, and the coordinator ends the group; what it came to may still be told."""
    group = course.group
    for person in group.seated[1:]:
        await groups.leave(story, group, person, story.day(11))
    path = f"groups/{group.id}/dissolution"
    told = await story.insist(
        story.world.coordinator, "enrollment", path, dissolved_on=story.day(12), done_if=("group-ended",)
    )
    if not told.done and told.code != "group-ended":
        raise BrokenOff("not dissolved")
    await story.until(course.leader, "sessions", course.path, lambda cycle: cycle["dissolved_on"] is not None)
    path = f"{course.path}/sessions/3/start"
    body: dict[str, Any] = {"held_on": story.day(14)}
    late = await story.say(course.leader, "sessions", path, expected=("group-has-dissolved",), **body)
    story.claim(not late.done, "a dissolved group does not meet", cycle=course.group.id)
    await conclude(story, course, None)


async def _certificates(story: Story, course: meetings.Course) -> None:
    """Whoever came to all has a certificate; some are declared invalid."""
    always = [person for person in course.group.seated if len(course.present[person]) == MEETINGS]
    if not always:
        return

    def issued(page: Any) -> list[dict[str, Any]]:
        return [each for each in page["items"] if each["of_id"] == course.group.id]

    me = Persona("participant", always[0])
    page = await story.until(me, "trainings", "certificates", lambda page: bool(issued(page)))
    if story.chance(0.3):
        path = f"certificates/{issued(page)[0]['id']}/revocation"
        body: dict[str, Any] = {
            "reason": "issued_in_error",
            "revoked_on": max(date(2024, 6, 3), course.on(MEETINGS)).isoformat(),
        }
        told = await at_once(
            *(
                story.say(
                    story.world.coordinator,
                    "trainings",
                    path,
                    expected=("certificate-revoked-already",),
                    **body,
                )
                for _ in range(story.rng.randint(1, 2))
            )
        )
        story.claim(sum(each.done for each in told) < 2, "a certificate is revoked once", certificate=path)
