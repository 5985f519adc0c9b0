"""A programme of small groups, its centres, whoever may lead in it, and a journal."""

import random
from typing import Any
from uuid import uuid4

from superwizja.chaos.caller import Caller
from superwizja.chaos.stories.story import Story, World, at_once
from superwizja.demo.client import Persona

MINUTES, MEETINGS, MINIMUM, MAXIMUM = 120, 3, 3, 5
WARSAW, LODZ = "1465108", "1061039"
OFFER_VALIDITY = 3
"""Seconds: offers expire while the load goes on."""

SHAPE: dict[str, Any] = {
    "minimum": MINIMUM,
    "maximum": MAXIMUM,
    "meetings": MEETINGS,
    "minutes": MINUTES,
    "quorum": 2,
    "threshold_percent": 60,
    "rhythm": "weekly",
}
SINCE = "2020-01-01"


def programme_body(code: str) -> dict[str, Any]:
    """The programme as a coordinator opens it; all of it is made up."""
    return {
        "code": code,
        "name": "Projekt pod obciążeniem (dane przykładowe)",
        "audience": ["has", "may_have"],
        "supervision": SHAPE,
        "training": SHAPE | {"meetings": 1},
        "targets": [{"indicator": "groups_formed", "value": 100}],
        "areas": [{"name": "Warszawa", "city": "1465011", "surroundings": [], "reason": "migration_from_ukraine"}],
        "offer_validity_seconds": OFFER_VALIDITY,
    }


async def open_world(caller: Caller, rng: random.Random, waits: float) -> World:
    """Everything that stories share. Raises BrokenOff: then another one is opened."""
    world = World(programme="", centre="", supervisors=[], tied="")
    story = Story(caller, rng, world, 0, waits)
    office = world.office
    body = programme_body(f"obciazenie_{uuid4().hex[:12]}")
    world.programme = (await story.do(office, "enrollment", "programmes", **body))["id"]
    changed = [{"indicator": "groups_formed", "value": 180}, {"indicator": "sessions_completed", "value": 540}]
    await story.do(world.coordinator, "enrollment", f"programmes/{world.programme}/targets", targets=changed)
    world.centre = await _centre(story, "joined")
    await _centre(story, "declined")
    world.supervisors = list(await at_once(*(supervisor(story) for _ in range(3))))
    world.tied = await supervisor(story)
    ties = f"supervisors/{world.tied}/ties"
    await story.do(office, "enrollment", ties, kind="employment", centre_id=world.centre, since=SINCE)
    world.journal = await found_journal(story)
    return world


async def _centre(story: Story, answer: str) -> str:
    world = story.world
    body: dict[str, Any] = {"name": "Ośrodek Pomocy Społecznej (dane przykładowe)", "kind": "OPS", "terc": WARSAW}
    centre: str = (await story.do(world.office, "enrollment", "centres", **body))["id"]
    invitations = f"programmes/{world.programme}/invitations"
    await story.do(world.coordinator, "enrollment", invitations, centre_id=centre)
    manager = Persona("centre_manager", centre, centre=centre)
    path = f"{invitations}/{centre}/answer"
    await story.do(manager, "enrollment", path, answer=answer, answered_on="2022-09-12")
    return centre


async def supervisor(story: Story) -> str:
    """Somebody with a certificate, who may lead any group until a tie says otherwise."""
    number = story.rng.randrange(10_000)
    body: dict[str, Any] = {
        "name": f"Superwizorka {number:04d} (osoba zmyślona)",
        "email": f"superwizja{number:04d}@example.org",
        "relation": "cooperating",
    }
    office = story.world.office
    found: str = (await story.do(office, "enrollment", "supervisors", **body))["id"]
    certificates = f"supervisors/{found}/certificates"
    await story.do(office, "enrollment", certificates, certificate="social_work", valid_from=SINCE)
    return found


async def found_journal(story: Story) -> str:
    """A journal: each has one issue a quarter and edition."""
    body: dict[str, Any] = {"name": "Pismo pod obciążeniem (dane przykładowe)"}
    journal: str = (await story.do(story.world.editor, "publications", "journals", **body))["id"]
    return journal
