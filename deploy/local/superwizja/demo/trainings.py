"""The training track: titles developed and published in parallel with their needs, groups, runs."""

import asyncio
from datetime import date
from typing import Any

from superwizja.demo.calendar import days_after, days_before, month
from superwizja.demo.plan import TrainingGroup
from superwizja.demo.play import Play
from superwizja.demo.pools import Source

RUN_MINUTES = 360
NEEDS = (
    ("work_with_trauma", "war_trauma"),
    ("intercultural_communication", "cultural_differences"),
    ("crisis_intervention", "violence"),
    ("legal_knowledge", "legal_status"),
    ("work_with_interpreters", "language_barrier"),
    ("support_of_children", "children_adapting"),
    ("own_resources", "loss_and_grief"),
    ("cooperation_of_institutions", "housing"),
    ("support_of_families", "family_separation"),
    ("activation", "work_and_income"),
)


async def develop(play: Play, number: int, *, audience: str, on: date) -> str:
    """A title from its opening to its publication; what it answers is predicted or diagnosed."""
    kind = "dla osób pracujących" if audience == "workers" else "dla osób superwizujących"
    name = f"Szkolenie {number + 1:02d} {kind} (nazwa przykładowa)"
    made = await play.trainings(play.coordinator, "titles", programme_id=play.programme, name=name, audience=audience)
    path = f"titles/{made['id']}"
    await answer_needs(play, made["id"], number)
    await play.trainings(play.coordinator, f"{path}/development", developed_on=on.isoformat())
    published_on = days_after(on, 7).isoformat()
    await play.trainings(play.coordinator, f"{path}/publication", published_on=published_on)
    play.stages.advance("trainings")
    title_id: str = made["id"]
    return title_id


async def answer_needs(play: Play, title_id: str, number: int) -> None:
    """Tie a title to a worker's need and at once to a problem of families."""
    need, problem = NEEDS[number % len(NEEDS)]
    basis = "diagnosed" if number % 3 == 0 else "predicted"
    path = f"titles/{title_id}/needs"
    await play.trainings(play.coordinator, path, kind="worker_need", code=need, basis=basis)
    await play.trainings(play.coordinator, path, kind="family_problem", code=problem, basis=basis)


def day_of(group: TrainingGroup, later: int) -> date:
    """The day on which the group is taught: a month between two trainings."""
    return month(group.begins, later)


async def form(play: Play, group: TrainingGroup) -> list[str]:
    """A training group with its trainer; the ids of those who have a seat."""
    audience = "supervisors" if group.supervisors else "workers"
    noun = "osób superwizujących" if group.supervisors else "osób pracujących"
    made = await play.enrollment(
        play.coordinator,
        "groups",
        programme_id=play.programme,
        name=f"Grupa szkoleniowa {noun} {group.number + 1:02d} – {group.place.name} (dane przykładowe)",
        track="training",
        audience=audience,
        maximum=group.maximum,
        terc=group.place.code,
        cohort=f"szkolenia_{group.begins:%Y_%m}",
    )
    group.id = made["id"]
    if group.applicants:
        await asyncio.gather(*(area.wait() for area in play.areas.values()))
    formed_on = days_before(group.begins, 3).isoformat()
    submitted_on = days_before(group.begins, 10).isoformat()
    seated: list[str] = []
    for one in [*(worker.me for worker in group.applicants), *(each.me for each in group.supervisors)]:
        answer = await play.enrollment(one, f"groups/{group.id}/applications", submitted_on=submitted_on)
        if answer["outcome"] == "seated":
            seated.append(one.id)
        play.stages.advance("seats")
    leader = {"supervisor_id": group.trainer.id, "leads_as": "trainer", "since": formed_on}
    await play.enrollment(play.coordinator, f"groups/{group.id}/leaders", **leader)
    path = f"groups/{group.id}/formation"
    await play.enrollment(play.coordinator, path, formed_on=formed_on, starts_on=group.begins.isoformat())
    return seated


async def run(play: Play, group: TrainingGroup, title_id: str, people: list[str], on: date) -> None:
    """One title taught to the group: most stay to the end, some leave early, some do not come."""
    planned: dict[str, Any] = {
        "title_id": title_id,
        "group_id": group.id,
        "planned_on": on.isoformat(),
        "minutes": RUN_MINUTES,
        "trainers": [group.trainer.id],
    }
    made = await play.platform.command(play.coordinator, "trainings", "runs", planned, wait_out=("group-not-formed",))
    path = f"runs/{made['id']}"
    await play.trainings(group.trainer.as_trainer, f"{path}/start", held_on=on.isoformat())
    drawn = [group.rng.random() for _ in people]
    roster = [
        {"person_id": person, "minutes": RUN_MINUTES if chance > 0.12 else 180 if chance > 0.06 else 0}
        for person, chance in zip(people, drawn, strict=True)
    ]
    await play.trainings(group.trainer.as_trainer, f"{path}/completion", minutes=RUN_MINUTES, attendance=roster)
    play.stages.advance("trainings")
    if not group.supervisors:
        await play.runs.put(Source(made["id"], on, group.trainer.as_trainer))
