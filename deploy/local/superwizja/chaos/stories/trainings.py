"""The training track: a title and its needs, a group, runs of it, and what is called off or superseded."""

from typing import Any

from superwizja.chaos.stories import groups
from superwizja.chaos.stories.erasure import forget
from superwizja.chaos.stories.story import BrokenOff, Story, at_once
from superwizja.chaos.stories.world import MINIMUM
from superwizja.demo.client import Persona

MINUTES = 240


async def play_training(story: Story) -> None:
    """A title taught to one group."""
    title = await _title(story)
    people = await groups.hire(story, ["has"] * 6)
    group = await groups.open_group(story, "training", 5)
    await at_once(*(groups.apply(story, group, person) for person in people))
    if len(group.seated) < MINIMUM:
        raise BrokenOff("too few are known to have a seat")
    trainer = story.rng.choice(story.world.supervisors)
    path = f"groups/{group.id}/leaders"
    body: dict[str, Any] = {"supervisor_id": trainer, "leads_as": "trainer"}
    await story.insist(
        story.world.coordinator, "enrollment", path, since=story.day(-7), done_if=("already-leads",), **body
    )
    await groups.form(story, group)
    if story.chance(0.2):
        called_off = await _schedule(story, title, group.id, trainer)
        told = await story.insist(
            story.world.coordinator, "trainings", f"runs/{called_off}/cancellation", done_if=("run-out-of-turn",)
        )
        if told.code:
            story.claim(told.code == "run-out-of-turn", "called off", run=called_off)
    run = await _schedule(story, title, group.id, trainer)
    await _teach(story, run, group.seated, trainer)
    if story.chance(0.3):
        await _complete(story, group)
    if story.chance(0.3):
        await _give_way(story, title)


async def _title(story: Story) -> str:
    """A developed and published title with its two needs."""
    coordinator = story.world.coordinator
    body: dict[str, Any] = {
        "programme_id": story.world.programme,
        "name": f"Szkolenie {story.number:05d} (nazwa przykładowa)",
    }
    title: str = (await story.do(coordinator, "trainings", "titles", audience="workers", **body))["id"]
    path = f"titles/{title}"
    early: dict[str, Any] = {"published_on": story.day(-60)}
    if story.chance(0.2):
        told = await story.say(
            coordinator,
            "trainings",
            f"{path}/publication",
            expected=("title-out-of-turn", "title-needs-missing"),
            **early,
        )
        story.claim(not told.done, "no title is published without needs", title=title)
    needs = (("worker_need", "work_with_trauma", "predicted"), ("family_problem", "war_trauma", "diagnosed"))
    await at_once(
        *(
            story.insist(coordinator, "trainings", f"{path}/needs", kind=kind, code=code, basis=basis)
            for kind, code, basis in needs
        )
    )
    again = ("title-out-of-turn",)
    await story.insist(coordinator, "trainings", f"{path}/development", developed_on=story.day(-60), done_if=again)
    await story.insist(coordinator, "trainings", f"{path}/publication", published_on=story.day(-50), done_if=again)
    return title


async def _schedule(story: Story, title: str, group: str, trainer: str) -> str:
    """A run is planned, once trainings has heard of the group; of two at once, one is."""
    body: dict[str, Any] = {
        "title_id": title,
        "group_id": group,
        "planned_on": story.day(5),
        "minutes": MINUTES,
        "trainers": [trainer],
    }
    unheard = ("group-not-formed",)
    twice = story.chance(0.2)
    told = await at_once(
        *(
            story.say(
                story.world.coordinator,
                "trainings",
                "runs",
                wait_out=unheard,
                expected=("run-exists",) if twice else (),
                left=0.02,
                **body,
            )
            for _ in range(1 + twice)
        )
    )
    made = [each.answer["id"] for each in told if each.done]
    story.claim(len(made) < 2, "one run a group and title", runs=made)
    if not made:
        raise BrokenOff("no run is known to be planned")
    run: str = made[0]
    return run


async def _teach(story: Story, run: str, people: list[str], trainer: str) -> None:
    """It takes place: most stay to the end."""
    me, path = Persona("trainer", trainer), f"runs/{run}"
    out = ("run-out-of-turn",)
    await story.insist(me, "trainings", f"{path}/start", held_on=story.day(5), done_if=out)
    roster = [
        {"person_id": person, "minutes": MINUTES if place == 0 else story.rng.choice((MINUTES, MINUTES, 60, 0))}
        for place, person in enumerate(people)
    ]
    body: dict[str, Any] = {"minutes": MINUTES, "attendance": roster}
    await story.insist(me, "trainings", f"{path}/completion", done_if=out, **body)

    def certified(page: Any) -> bool:
        return any(each["of_id"] == run for each in page["items"])

    page = await story.read(Persona("participant", people[0]), "trainings", "certificates")
    story.claim(certified(page), "who stayed to the end has a certificate at once", run=run, person=people[0])
    story.world.runs.append((run, story.begins))
    del story.world.runs[:-12]


async def _complete(story: Story, group: groups.Group) -> None:
    """Nothing more is taught to the group, and somebody of it asks to be forgotten."""
    path = f"groups/{group.id}/completion"
    ended = ("group-ended",)
    await story.insist(story.world.coordinator, "enrollment", path, completed_on=story.day(6), done_if=ended)
    await forget(story, story.rng.choice(group.seated))


async def _give_way(story: Story, title: str) -> None:
    """Another title takes its place."""
    other = await _title(story)
    path = f"titles/{title}/supersession"
    await story.say(story.world.coordinator, "trainings", path, by_title_id=other)
