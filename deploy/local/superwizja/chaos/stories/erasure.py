"""Whoever asks to be forgotten: not while something of theirs goes on, then for good, and not by halves."""

from superwizja.chaos.stories import groups
from superwizja.chaos.stories.groups import Group
from superwizja.chaos.stories.story import BrokenOff, Story, Told, at_once
from superwizja.chaos.stories.world import MAXIMUM
from superwizja.demo.client import Lost, Refusal

GOES_ON, GONE = "still-takes-part", "person-not-found"


async def play_erasure(story: Story) -> None:
    """One leaves a group and is forgotten; another one applies and is forgotten at the same moment."""
    leaves, hurried = await groups.hire(story, ["has", "may_have"])
    group = await groups.open_group(story, "supervision", MAXIMUM)
    await _leave_and_be_forgotten(story, group, leaves)
    applied, erased = await at_once(
        groups.apply(story, group, hurried, expected=(GONE,)), _erase(story, hurried, expected=(GOES_ON,))
    )
    story.claim(not (applied.done and erased.done), "erased or an applicant, never both", person=hurried)


async def _leave_and_be_forgotten(story: Story, group: Group, person: str) -> None:
    """As far as it is known what became of each step: what nobody waited for may still take effect later."""
    if not (await groups.apply(story, group, person)).done:
        return
    early = await _erase(story, person, expected=(GOES_ON,))
    story.claim(not early.done, "nobody is erased who takes part", person=person)
    await groups.leave(story, group, person, story.day(-9))
    if early.unknown or person in group.unsure:
        return
    await forget(story, person)
    told = await groups.apply(story, group, person, expected=(GONE,))
    story.claim(not told.done, "nobody who was erased applies", person=person)


async def forget_a_member(story: Story, group: Group) -> None:
    """The course is over, and somebody who came to it asks to be forgotten: what it came to stays as it was."""
    path = f"groups/{group.id}"
    await story.until(story.world.coordinator, "enrollment", path, lambda told: told["status"] == "completed")
    await forget(story, story.rng.choice(group.seated))


async def forget(story: Story, person: str) -> None:
    """Somebody is erased, and nobody can read their name any more. An earlier try may have done it late."""
    for _ in range(2):
        told = await _erase(story, person, expected=(GONE,))
        if not told.unknown:
            break
    else:
        raise BrokenOff("whether somebody is erased is not known")
    try:
        known = await story.caller.read(story.world.office, "enrollment", f"people/{person}")
    except Refusal as refusal:
        story.claim(refusal.code == GONE, "nobody's name is read who was erased", person=person, code=refusal.code)
    except Lost as lost:
        raise BrokenOff(str(lost)) from lost
    else:
        story.claim(False, "nobody's name is read who was erased", person=person, read=known)


async def _erase(story: Story, person: str, *, expected: tuple[str, ...]) -> Told:
    path = f"workers/{person}/erasure"
    return await story.say(story.world.office, "enrollment", path, erased_on=story.day(200), expected=expected)
