"""A group until it forms: more people ask at once than there are seats, some leave, others are offered what is free."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from superwizja.chaos.marks import somebody
from superwizja.chaos.stories.story import BrokenOff, Story, Told, at_once
from superwizja.chaos.stories.world import LODZ, MAXIMUM, MINIMUM, WARSAW, supervisor
from superwizja.demo.client import Persona

HELD = ("already-applied", "seat-already-held")
OVER = ("nothing-offered", "offer-expired")


@dataclass(eq=False)
class Group:
    """What the story knows for sure of a group; of the people in `unsure` it knows nothing."""

    id: str
    maximum: int
    applications: dict[str, str] = field(default_factory=dict)
    seated: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    leader: str = ""
    co_leader: str = ""


def participant(person: str) -> Persona:
    """A worker in their own name."""
    return Persona("participant", person)


async def hire(story: Story, contacts: Sequence[str]) -> list[str]:
    """New workers of the programme's centre; their ids."""
    workers = [
        {
            **somebody(number),
            "profession": "social_worker",
            "social_worker": number % 2 == 0,
            "contact": contact,
        }
        for number, contact in enumerate(contacts, start=story.number * 20)
    ]
    path = f"centres/{story.world.centre}/workers"
    return list((await story.do(story.world.manager, "enrollment", path, workers=workers))["ids"])


async def open_group(story: Story, track: str, maximum: int) -> Group:
    """A group that takes applications."""
    body: dict[str, Any] = {
        "programme_id": story.world.programme,
        "name": f"Grupa {story.number:05d} (dane przykładowe)",
        "track": track,
        "maximum": maximum,
        "terc": story.rng.choice((WARSAW, LODZ)),
        "cohort": f"cykl_{story.begins:%Y_%m}",
    }
    return Group((await story.do(story.world.coordinator, "enrollment", "groups", **body))["id"], maximum)


async def apply(story: Story, group: Group, person: str, *, expected: Sequence[str] = ()) -> Told:
    """One person asks for a seat."""
    path = f"groups/{group.id}/applications"
    on = story.day(story.rng.randrange(5) - 30)
    told = await story.say(participant(person), "enrollment", path, submitted_on=on, expected=expected)
    if told.unknown:
        group.unsure.add(person)
    elif told.done:
        group.applications[person] = told.answer["id"]
        of = {"seated": group.seated, "waitlisted": group.waiting}
        of.get(told.answer["outcome"], []).append(person)
    return told


async def fill(story: Story, group: Group, people: list[str], nobodys: str | None = None) -> None:
    """All ask at once; `nobodys` is not whom the programme is for. One may ask twice; a rival group draws some."""
    twice = people[0] if story.chance(0.2) else None
    rival = await open_group(story, "supervision", MAXIMUM) if story.chance(0.2) else None
    both = people[1:3] if rival else []
    work = [apply(story, group, each, expected=HELD if each in both or each == twice else ()) for each in people]
    work += [apply(story, group, twice, expected=HELD)] if twice else []
    work += [apply(story, rival, each, expected=HELD) for each in both] if rival else []
    work += [apply(story, group, nobodys)] if nobodys else []
    told = await at_once(*work)
    if nobodys:
        last = told[-1]
        story.claim(not last.done or last.answer["outcome"] == "ineligible", "ineligible", answer=last.answer)
    seats = len(group.seated)
    story.claim(seats <= group.maximum, "never more than the maximum", group=group.id, seated=group.seated)
    story.claim(len(set(group.seated)) == seats, "one seat a person", group=group.id, seated=group.seated)
    if not group.unsure and rival is None:
        enough = seats == min(group.maximum, len(people))
        story.claim(enough, "every seat is given while people ask", group=group.id, seated=group.seated)
    if rival:
        two = set(rival.seated) & set(group.seated)
        story.claim(not two, "one seat a person and track", groups=[group.id, rival.id], people=sorted(two))
        path = f"groups/{rival.id}/dissolution"
        await story.insist(
            story.world.coordinator, "enrollment", path, dissolved_on=story.day(-20), done_if=("group-ended",)
        )


async def leave(story: Story, group: Group, person: str, on: str) -> None:
    """Somebody gives up a seat; whether they did is not always known."""
    path = f"groups/{group.id}/applications/{group.applications[person]}/withdrawal"
    group.seated.remove(person)
    told = await story.say(participant(person), "enrollment", path, withdrawn_on=on)
    if told.unknown:
        group.unsure.add(person)


async def fill_up(story: Story, group: Group, on: str) -> list[str]:
    """Who waits is offered what is free: some take it, some do not, some say nothing. Who joined, for sure."""
    joined = []
    for _ in range(2):
        offered = await _offered(story, group)
        if offered is None:
            break
        group.waiting.remove(offered)
        if await _answered(story, group, offered, on):
            joined.append(offered)
            group.seated.append(offered)
    return joined


async def _offered(story: Story, group: Group) -> str | None:
    """Somebody who waits and is offered a seat now; None where nobody will be."""
    by_id = {group.applications[person]: person for person in group.waiting}
    path = f"groups/{group.id}/applications?limit=200"

    def someone(page: Any) -> list[str]:
        return [by_id[each["id"]] for each in page["items"] if each["id"] in by_id and each["status"] == "offered"]

    def nobody_will(page: Any) -> bool:
        waiting = [each for each in page["items"] if each["id"] in by_id and each["status"] == "waitlisted"]
        taken = [each for each in page["items"] if each["status"] in ("seated", "accepted", "offered")]
        return not waiting or len(taken) >= group.maximum

    page = await story.until(
        story.world.coordinator, "enrollment", path, lambda page: bool(someone(page)) or nobody_will(page)
    )
    return next(iter(someone(page)), None)


async def _answered(story: Story, group: Group, person: str, on: str) -> bool:
    """Whether they took the seat for sure."""
    path, me = f"groups/{group.id}/applications/{group.applications[person]}", participant(person)
    drawn = story.rng.random()
    if drawn < 0.15:
        return False
    if drawn < 0.3:
        await story.say(me, "enrollment", f"{path}/decline", declined_on=on, expected=OVER)
        return False
    taking = story.say(me, "enrollment", f"{path}/acceptance", accepted_on=on, expected=OVER)
    if drawn > 0.4:
        taken = await taking
    else:
        letting_go = story.say(me, "enrollment", f"{path}/decline", declined_on=on, expected=OVER)
        taken, let_go = await at_once(taking, letting_go)
        story.claim(not (taken.done and let_go.done), "an offer is answered once", application=path)
    if taken.unknown:
        group.unsure.add(person)
    return taken.done


async def lead(story: Story, group: Group) -> None:
    """Somebody leads the group, through the gates: one who may not is refused, of two at once one is let in."""
    since = story.day(-7)
    if story.chance(0.25):
        told = await _assign(story, group, story.world.tied, "leader", since)
        refused = not told.done or told.answer["outcome"] == "refused"
        story.claim(refused, "nobody leads those whom their centre employs", group=group.id, answer=told.answer)
    if story.chance(0.2):
        first, second = story.rng.sample(story.world.supervisors, 2)
        told, other = await at_once(
            *(_assign(story, group, one, "leader", since, expected=("already-leads",)) for one in (first, second))
        )
        story.claim(not (told.done and other.done), "a group has one leader", group=group.id)
        if told.unknown or other.unknown:
            raise BrokenOff("who leads is not known")
        group.leader = first if told.done else second
    else:
        group.leader = story.rng.choice(story.world.supervisors)
        path = f"groups/{group.id}/leaders"
        body: dict[str, Any] = {"supervisor_id": group.leader, "leads_as": "leader", "since": since}
        await story.insist(story.world.coordinator, "enrollment", path, done_if=("already-leads",), **body)
    if story.chance(0.3):
        await _co_lead(story, group, since)


async def _assign(
    story: Story, group: Group, person: str, leads_as: str, since: str, expected: Sequence[str] = ()
) -> Told:
    body: dict[str, Any] = {"supervisor_id": person, "leads_as": leads_as, "since": since}
    path = f"groups/{group.id}/leaders"
    return await story.say(story.world.coordinator, "enrollment", path, expected=expected, **body)


async def _co_lead(story: Story, group: Group, since: str) -> None:
    """A second one leads too; a tie that is found afterwards makes way for another, or ends."""
    office, second = story.world.office, await supervisor(story)
    told = await _assign(story, group, second, "co_leader", since)
    if not told.done:
        raise BrokenOff("who leads too is not known")
    group.co_leader = second
    if story.chance(0.5):
        return
    body: dict[str, Any] = {"kind": "employment", "centre_id": story.world.centre, "since": story.day(-100)}
    tie = (await story.do(office, "enrollment", f"supervisors/{second}/ties", **body))["id"]
    if story.chance(0.5):
        other = await supervisor(story)
        path = f"groups/{group.id}/leaders/{second}/replacement"
        await story.do(story.world.coordinator, "enrollment", path, supervisor_id=other, since=since)
        group.co_leader = other
    else:
        path = f"supervisors/{second}/ties/{tie}/end"
        await story.insist(office, "enrollment", path, ended_on=story.day(-50), done_if=("tie-ended",))


async def form(story: Story, group: Group) -> None:
    """The group forms, unless too many have left."""
    path = f"groups/{group.id}/formation"
    body: dict[str, Any] = {"formed_on": story.day(-4), "starts_on": story.day(0)}
    too_few = ("group-too-small",) if len(group.seated) < MINIMUM else ()
    told = await story.say(story.world.coordinator, "enrollment", path, expected=too_few, **body)
    if told.unknown:
        told = await story.say(story.world.coordinator, "enrollment", path, expected=(*too_few, "not-forming"), **body)
    if told.unknown or told.code == "group-too-small":
        raise BrokenOff("the group does not form")
