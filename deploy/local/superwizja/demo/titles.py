"""Titles of the programme, and what is refused: a run before the title is developed, a title without needs."""

import asyncio

from superwizja.demo import trainings
from superwizja.demo.calendar import days_after
from superwizja.demo.plan import TrainingGroup
from superwizja.demo.play import Play, all_of

GROUPS_AT_ONCE = 8


async def play_trainings(play: Play) -> None:
    """The whole training track of the workers: titles, then groups, the last title by its scene."""
    size, developed = play.plan.size, play.plan.developed
    loop = asyncio.get_running_loop()
    titles = {number: loop.create_future() for number in range(size.titles)}
    play.titles = titles
    formed: asyncio.Future[tuple[TrainingGroup, list[str]]] = loop.create_future()

    async def developed_in_turn() -> None:
        async def one(number: int) -> None:
            titles[number].set_result(await trainings.develop(play, number, audience="workers", on=developed[number]))

        await all_of((one(number) for number in range(size.titles - 1)), at_once=6)

    async def group_of(group: TrainingGroup) -> None:
        people = await trainings.form(play, group)
        if group.number == 0:
            formed.set_result((group, people))
        for later, number in enumerate(group.titles):
            on = trainings.day_of(group, later)
            await trainings.run(play, group, await titles[number], people, on)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(developed_in_turn())
        tasks.create_task(_last_title(play, formed))
        tasks.create_task(all_of((group_of(group) for group in play.plan.training_groups), at_once=GROUPS_AT_ONCE))
    await play.runs.close()


async def _last_title(play: Play, formed: "asyncio.Future[tuple[TrainingGroup, list[str]]]") -> None:
    """The last title is wanted too early: neither a run nor its publication is let through."""
    number = play.plan.size.titles - 1
    on = play.plan.developed[number]
    group, _ = await formed
    name = f"Szkolenie {number + 1:02d} dla osób pracujących (nazwa przykładowa)"
    made = await play.trainings(play.coordinator, "titles", programme_id=play.programme, name=name, audience="workers")
    run = {
        "title_id": made["id"],
        "group_id": group.id,
        "planned_on": on.isoformat(),
        "minutes": trainings.RUN_MINUTES,
        "trainers": [group.trainer.id],
    }
    coordinator, platform = play.coordinator, play.platform
    wait_out = ("group-not-formed",)
    await platform.refused(
        coordinator, "trainings", "runs", run, status=409, code="title-undeveloped", wait_out=wait_out
    )
    play.scene("undeveloped")
    path = f"titles/{made['id']}"
    await play.trainings(play.coordinator, f"{path}/development", developed_on=on.isoformat())
    published = {"published_on": days_after(on, 7).isoformat()}
    await platform.refused(
        coordinator, "trainings", f"{path}/publication", published, status=409, code="title-needs-missing"
    )
    play.scene("needs_missing")
    await trainings.answer_needs(play, made["id"], number)
    await play.trainings(play.coordinator, f"{path}/publication", **published)
    play.stages.advance("trainings")
    play.titles[number].set_result(made["id"])


async def play_supervisors_trainings(play: Play) -> None:
    """Trainings for the cooperating supervisors, counted apart."""
    titles = [
        await trainings.develop(play, number, audience="supervisors", on=play.plan.developed[0])
        for number in range(play.plan.size.supervisor_titles)
    ]
    for group in play.plan.supervisor_groups:
        people = await trainings.form(play, group)
        for later, number in enumerate(group.titles):
            await trainings.run(play, group, titles[number], people, trainings.day_of(group, later))
