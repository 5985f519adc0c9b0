"""The order of the whole script: stages overlap wherever the domain does not ask for an order."""

import asyncio

from rich.console import Console

from superwizja.demo import scenes, supervision, zgierz
from superwizja.demo.client import Platform
from superwizja.demo.opening import invite_centres, open_programme
from superwizja.demo.plan import ERASURE, GATES, OFFERS, Plan, SupervisionGroup
from superwizja.demo.play import Play, all_of
from superwizja.demo.progress import Stages
from superwizja.demo.publishing import publish_issues
from superwizja.demo.sizes import MEETINGS
from superwizja.demo.titles import play_supervisors_trainings, play_trainings

GROUPS_AT_ONCE = 24
SCENES = 24


def totals_of(plan: Plan) -> dict[str, int]:
    """How much there is to do in each stage."""
    every = plan.size.conclusions_every
    concluding = sum(group.number % every == 0 for group in plan.groups)
    trained = [*plan.training_groups, *plan.supervisor_groups]
    runs = sum(len(group.titles) for group in trained)
    return {
        "centres": len(plan.centres),
        "workers": len(plan.workers) + len(plan.supervisors),
        "seats": sum(len(group.applicants) + (group.ineligible is not None) for group in plan.groups)
        + sum(len(group.applicants) + len(group.supervisors) for group in trained),
        "sessions": len(plan.groups) * MEETINGS + zgierz.MEETINGS,
        "conclusions": concluding * 3 + 1,
        "trainings": runs + plan.size.titles + plan.size.supervisor_titles,
        "issues": plan.size.quarters,
        "scenes": SCENES,
    }


async def play_script(platform: Platform, plan: Plan, console: Console, lang: str, *, suffix: str = "") -> Play:
    """Play everything; the first thing that does not go as it should ends it."""
    with Stages(console, lang, totals_of(plan)) as stages:
        play = Play(platform, plan, stages, suffix)
        await open_programme(play)
        await all_of((supervision.open_group(play, group) for group in plan.groups), at_once=GROUPS_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(invite_centres(play))
            tasks.create_task(_supervision(play))
            tasks.create_task(play_trainings(play))
            tasks.create_task(play_supervisors_trainings(play))
            tasks.create_task(zgierz.play_zgierz(play))
            tasks.create_task(publish_issues(play))
        return play


async def _supervision(play: Play) -> None:
    await all_of((_group(play, group) for group in play.plan.groups), at_once=GROUPS_AT_ONCE)
    await play.conclusions.close()
    await play.withheld.close()


async def _group(play: Play, group: SupervisionGroup) -> None:
    """A supervision group, with the scenes that it has, once those who apply are enrolled."""
    await play.areas[group.place.area].wait()
    if group.number == 0:
        await scenes.the_last_seat(play, group)
    elif group.number == GATES:
        await scenes.the_gates(play, group)
    elif group.number == OFFERS:
        await scenes.a_freed_seat(play, group)
    elif group.number == ERASURE:
        await scenes.somebody_is_forgotten(play, group)
    else:
        await supervision.play_group(play, group)
