"""A cycle: its contract, its meetings with their rosters, and what is put right afterwards."""

from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from superwizja.chaos.stories.groups import Group
from superwizja.chaos.stories.story import BrokenOff, Story, Told, at_once
from superwizja.chaos.stories.world import MEETINGS, MINUTES
from superwizja.demo.client import Persona

UNHEARD = ("cycle-not-found", "not-of-the-group")
"""Refusals of a late joiner until sessions has heard of them."""

THEMES = ("war_trauma", "housing", "violence", "workload", "loss_and_grief", "language_barrier")
METHODS = ("social_contract", "balint_elements", "other")


@dataclass(eq=False)
class Course:
    """A group that has formed. `present`: at which meetings each person was; `apart`: who is to sign last.

    `limbo`: an earlier command about a meeting, of unknown outcome, may yet give that meeting another state.
    `uncorrected`: a correction of unknown outcome may yet change who took part.
    """

    group: Group
    begins: date
    apart: str = ""
    limbo: bool = False
    uncorrected: bool = False
    present: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    @property
    def path(self) -> str:
        """Its cycle's."""
        return f"cycles/{self.group.id}"

    @property
    def leader(self) -> Persona:
        """Who leads it."""
        return Persona("supervisor", self.group.leader)

    def on(self, ordinal: int) -> date:
        """The day of a meeting."""
        return self.begins + timedelta(weeks=ordinal - 1)


async def begin(story: Story, group: Group) -> Course:
    """Wait for the cycle, and have all but one sign, at once: for themselves or on paper."""
    course = Course(group, story.begins)
    cycle = await story.until(course.leader, "sessions", course.path, lambda cycle: len(cycle["sessions"]) == MEETINGS)
    members = [each["person_id"] for each in cycle["members"]]
    sure = set(group.seated) <= set(members) <= set(group.seated) | group.unsure
    story.claim(sure, "who has a seat is a member", group=group.id, seated=group.seated, members=members)
    if not group.seated:
        raise BrokenOff("nobody is known to have a seat")
    course.apart = story.rng.choice(group.seated)
    leading = [group.leader, *([group.co_leader] if group.co_leader else [])]
    others = [person for person in members if person != course.apart]
    path = f"{course.path}/contract/signatures"
    on_paper = others[: story.rng.randrange(len(others))]
    for themselves in [each for each in others if each not in on_paper]:
        course.present[themselves] = set()
    work = [sign(story, course, person, story.day(0)) for person in others if person not in on_paper]
    work += [sign(story, course, person, story.day(0), role="supervisor") for person in leading]
    if on_paper:
        work.append(_on_paper(story, course, path, on_paper))
    await at_once(*work)
    return course


async def _on_paper(story: Story, course: Course, path: str, people: list[str]) -> None:
    await story.insist(course.leader, "sessions", path, signed_on=story.day(0), form="paper", people=people)


async def sign(story: Story, course: Course, person: str, on: str, *, role: str = "participant") -> None:
    """Somebody signs the contract for themselves; said again it changes nothing."""
    path = f"{course.path}/contract/signatures"
    me = Persona(role, person)
    await story.insist(me, "sessions", path, wait_out=UNHEARD, signed_on=on, form="electronic")


async def gate_of_signatures(story: Story, course: Course) -> None:
    """Before the second meeting: tried while a signature is missing, then signed, sometimes by all anew."""
    start = f"{course.path}/sessions/2/start"
    body: dict[str, Any] = {"held_on": course.on(2).isoformat()}
    told = await story.say(course.leader, "sessions", start, expected=("contract-unsigned",), **body)
    # On a slow way it may arrive when all have signed.
    course.limbo |= told.unknown
    story.claim(not told.done, "no second meeting before all have signed", cycle=course.group.id, unsigned=course.apart)
    revised = story.chance(0.2)
    if revised:
        path = f"{course.path}/contract/revision"
        revised_on = (course.on(2) - timedelta(days=3)).isoformat()
        await story.do(course.leader, "sessions", path, revised_on=revised_on)
    await sign(story, course, course.apart, (course.on(2) - timedelta(days=2)).isoformat())
    if revised or course.group.unsure:
        await _settle_signatures(story, course, course.on(2) - timedelta(days=1))


async def _settle_signatures(story: Story, course: Course, on: date) -> None:
    """The leader records what everyone who is missing signed on paper."""
    cycle = await story.read(course.leader, "sessions", course.path)
    unsigned = cycle["contract"]["unsigned"]
    if unsigned:
        path = f"{course.path}/contract/signatures"
        body: dict[str, Any] = {"form": "paper", "people": unsigned}
        told = await story.say(
            course.leader, "sessions", path, signed_on=on.isoformat(), expected=("not-of-the-group",), **body
        )
        if not told.done:
            raise BrokenOff("signatures are missing")


async def hold(story: Story, course: Course, ordinal: int) -> None:
    """One meeting, with what may come before it, and with what is put right after it."""
    path, on = f"{course.path}/sessions/{ordinal}", course.on(ordinal)
    if ordinal == MEETINGS:
        await _settle_signatures(story, course, on)
    drawn = story.rng.random()
    if drawn < 0.08:
        on += timedelta(days=1)
        await _change(story, course, f"{path}/rescheduling", planned_on=on.isoformat())
    elif drawn < 0.16:
        on += timedelta(days=2)
        await _change(story, course, f"{path}/postponement", planned_on=on.isoformat())
    elif drawn < 0.24:
        await _start(story, course, ordinal, on)
        await _change(story, course, f"{path}/cancellation")
        await _in_state(story, course, ordinal, "planned")
    elif drawn < 0.32:
        await _start(story, course, ordinal, on)
        await _complete(story, course, ordinal, on, too_few=True)
    await _start(story, course, ordinal, on)
    roster = await _complete(story, course, ordinal, on)
    for entry in roster:
        if entry["minutes"] == MINUTES:
            course.present[entry["person_id"]].add(ordinal)
    if story.chance(0.3):
        await _correct(story, course, ordinal, on, roster)


async def _change(story: Story, course: Course, path: str, **body: Any) -> None:
    """A meeting is moved or called off. Raises BrokenOff where an earlier command gave it another state meanwhile."""
    otherwise = ("not-planned", "not-under-way") if course.limbo else ()
    told = await story.say(course.leader, "sessions", path, expected=otherwise, **body)
    if told.code:
        raise BrokenOff(f"{path}: {told.code}")
    course.limbo |= told.unknown


async def _in_state(story: Story, course: Course, ordinal: int, wanted: str) -> None:
    """Raises BrokenOff unless the meeting is in this state."""
    cycle = await story.read(course.leader, "sessions", course.path)
    status = next(each["status"] for each in cycle["sessions"] if each["ordinal"] == ordinal)
    if status != wanted:
        raise BrokenOff(f"the meeting is not {wanted}")


async def _start(story: Story, course: Course, ordinal: int, on: date) -> None:
    """A meeting begins; who joins late may have come between."""
    path = f"{course.path}/sessions/{ordinal}/start"
    unsigned = ("contract-unsigned",) if course.group.unsure else ()
    twice = story.chance(0.1)
    begun = ("not-planned",) if twice or course.limbo else ()

    def starting(*expected: str) -> Coroutine[Any, Any, Told]:
        allowed = (*unsigned, *begun, *expected)
        return story.say(course.leader, "sessions", path, expected=allowed, left=0.02, held_on=on.isoformat())

    told = await at_once(*(starting() for _ in range(1 + twice)))
    once = course.limbo or sum(each.done for each in told) < 2
    story.claim(once, "a meeting begins once", cycle=course.group.id, ordinal=ordinal)
    course.limbo |= any(each.unknown for each in told)
    if not any(each.done for each in told):
        again = await starting("not-planned")
        if not again.done and again.code != "not-planned":
            raise BrokenOff("the meeting did not begin")


async def _complete(
    story: Story, course: Course, ordinal: int, on: date, *, too_few: bool = False
) -> list[dict[str, Any]]:
    """A meeting ends with its roster: of those who are members, as its leader sees it. The roster."""
    cycle = await story.read(course.leader, "sessions", course.path)
    present = [
        each["person_id"]
        for each in cycle["members"]
        if each["since"] <= on.isoformat() and (each["until"] is None or on.isoformat() <= each["until"])
    ]
    roster = [_row(story, person, place, too_few=too_few) for place, person in enumerate(present)]
    body: dict[str, Any] = {
        "minutes": MINUTES,
        "attendance": roster,
        "themes": sorted(story.rng.sample(THEMES, 2)),
        "methods": [story.rng.choice(METHODS)],
        "case_rounds": story.rng.randint(1, 3),
    }
    path, twice = f"{course.path}/sessions/{ordinal}/completion", story.chance(0.1)
    ended = ("not-under-way",) if twice or course.limbo else ()
    # Who is not known to have come or gone may do so between the reading and the roster.
    strangers = ("contract-unsigned", "not-of-the-group") if course.group.unsure else ()

    def completing(*expected: str) -> Coroutine[Any, Any, Told]:
        return story.say(course.leader, "sessions", path, expected=(*ended, *strangers, *expected), left=0.02, **body)

    told = await at_once(*(completing() for _ in range(1 + twice)))
    once = course.limbo or sum(each.done for each in told) < 2
    story.claim(once, "a meeting ends once", cycle=course.group.id, ordinal=ordinal)
    course.limbo |= any(each.unknown for each in told)
    if not any(each.done for each in told):
        # Inquorate or not, a meeting that has ended is no longer under way.
        again = await completing("not-under-way")
        if again.unknown or again.code in strangers:
            raise BrokenOff("the meeting is not known to have ended")
        told.append(again)
    if course.limbo:
        await _in_state(story, course, ordinal, "planned" if too_few else "completed")
    outcomes = {each.answer["outcome"] for each in told if each.done}
    story.claim(outcomes <= {"inquorate" if too_few else "completed"}, "a quorum", cycle=path, outcomes=list(outcomes))
    return roster


def _row(story: Story, person: str, place: int, *, too_few: bool) -> dict[str, Any]:
    """Two always come, others mostly; too few is one."""
    drawn = story.rng.random()
    status, minutes = "attended", MINUTES
    if too_few and place > 0:
        status, minutes = "excused", 0
    elif place > 1 and drawn < 0.1:
        status, minutes = "absent", 0
    elif place > 1 and drawn < 0.2:
        status, minutes = "partly_attended", MINUTES // 2
    return {"person_id": person, "status": status, "minutes": minutes}


async def _correct(story: Story, course: Course, ordinal: int, on: date, roster: list[dict[str, Any]]) -> None:
    """The roster was wrong about two people, and it is put right at once."""
    path = f"{course.path}/sessions/{ordinal}/corrections"
    strangers = ("not-of-the-group",) if course.group.unsure else ()
    corrected_on = (on + timedelta(days=3)).isoformat()
    wrong = story.rng.sample(roster, 2)
    changed: list[dict[str, Any]] = [
        {"status": "partly_attended", "minutes": MINUTES - 20}
        if entry["minutes"] == MINUTES
        else {"status": "attended", "minutes": MINUTES}
        for entry in wrong
    ]
    for entry in wrong:
        course.present[entry["person_id"]].discard(ordinal)
    told = await at_once(
        *(
            story.say(
                course.leader,
                "sessions",
                path,
                person_id=entry["person_id"],
                corrected_on=corrected_on,
                expected=strangers,
                **right,
            )
            for entry, right in zip(wrong, changed, strict=True)
        )
    )
    course.uncorrected |= any(each.unknown for each in told)
    for entry, right, answer in zip(wrong, changed, told, strict=True):
        if answer.code not in strangers:
            entry |= right
