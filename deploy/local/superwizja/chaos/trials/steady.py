"""Commands of four services at a steady rate, none of which needs to hear of another service meanwhile.

Whatever is answered otherwise than with success is therefore the fault's doing.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

import aiohttp
import msgspec

from superwizja.chaos.caller import Caller
from superwizja.chaos.stories import groups
from superwizja.chaos.stories.story import BrokenOff, Story, World
from superwizja.chaos.stories.world import MINIMUM, WARSAW, open_world
from superwizja.demo.client import Persona
from superwizja.demo.ledger import Ledger, file_of
from superwizja.runtime import Runtime

PATIENCE = 10.0
"""Seconds after which a request counts as one that hangs."""

ISSUES, CYCLES = 48, 180
"""Aggregates that the commands are spread over: those of one wait for each other. A programme has 180 groups."""

SIDE_BY_SIDE = 6
"""Cycles that are prepared at a time."""

PROBLEM = "application/problem+json"

T = TypeVar("T")


class Answer(NamedTuple):
    """What a request was answered, when it was sent (time.time), after how many seconds; status 0: not at all."""

    service: str
    sent: float
    seconds: float
    status: int
    problem: bool
    text: str

    @property
    def done(self) -> bool:
        """Whether the command took effect."""
        return 200 <= self.status < 300


class Asked(NamedTuple):
    """One request."""

    service: str
    who: Persona
    path: str
    body: dict[str, Any] | None


@dataclass
class Ground:
    """What the commands rest on: a programme, some cycles with their leaders, and issues that are open."""

    caller: Caller
    world: World
    issues: list[str] = field(default_factory=list)
    cycles: list[tuple[str, str]] = field(default_factory=list)


async def prepared(runtime: Runtime, rng: random.Random) -> Ground:
    """Open what the commands rest on. Raises BrokenOff, in a group where it is a cycle."""
    file = file_of(runtime.folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    caller = Caller(runtime, Ledger(file, at_once=True), rng, rate=None, patience=60.0, mishandling=False)
    async with caller:
        return await _prepared(caller, rng)


async def _prepared(caller: Caller, rng: random.Random) -> Ground:
    world = await open_world(caller, rng, 60.0)
    story = Story(caller, rng, world, 1, 60.0)
    ground = Ground(caller, world)
    for number in range(ISSUES):
        opened = await story.do(
            world.editor,
            "publications",
            "issues",
            wait_out=("programme-not-found",),
            programme_id=world.programme,
            journal_id=world.journal,
            name=f"Numer próby {number + 1} (dane przykładowe)",
            year=2024 + number // 4,
            quarter=1 + number % 4,
            edition="special",
        )
        ground.issues.append(opened["id"])
    stories = [Story(caller, random.Random(rng.random()), world, number + 1, 60.0) for number in range(CYCLES)]
    turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def in_turn(story: Story) -> tuple[str, str]:
        async with turns:
            return await _cycle(story)

    async with asyncio.TaskGroup() as group:
        cycles = [group.create_task(in_turn(story)) for story in stories]
    ground.cycles += [each.result() for each in cycles]
    return ground


async def _cycle(story: Story) -> tuple[str, str]:
    """A group that has formed and is known to sessions, and who leads it."""
    coordinator, leader = story.world.coordinator, story.rng.choice(story.world.supervisors)
    people = await groups.hire(story, ["has"] * MINIMUM)
    group = await groups.open_group(story, "supervision", MINIMUM)
    for person in people:
        if not (await groups.apply(story, group, person)).done:
            raise BrokenOff("who has a seat is not known")
    await story.do(
        coordinator,
        "enrollment",
        f"groups/{group.id}/leaders",
        supervisor_id=leader,
        leads_as="leader",
        since=story.day(-7),
    )
    formed = {"formed_on": story.day(-4), "starts_on": story.day(0)}
    await story.do(coordinator, "enrollment", f"groups/{group.id}/formation", **formed)
    who = Persona("supervisor", leader)
    await story.until(who, "sessions", f"cycles/{group.id}", lambda cycle: len(cycle["sessions"]) > 0)
    return group.id, leader


class Steady:
    """Sends commands at a rate (a second), each on its own, whether the one before was answered or not.

    At most `under_way` wait for their answers at a time; beyond that the rate is missed, which `rate_reached` tells.
    """

    def __init__(self, ground: Ground, services: Sequence[str], rate: float, *, under_way: int = 400) -> None:
        self.ground, self.services, self.rate = ground, services, rate
        self.turns = asyncio.Semaphore(under_way)
        self.answers: list[Answer] = []
        self.numbers = count(1)
        self.titles: list[str] = []
        self.seconds = 0.0
        self.asking: dict[str, Callable[[int], Asked]] = {
            "enrollment": self._centre,
            "sessions": self._rescheduling,
            "trainings": self._title,
            "publications": self._submission,
            "insights": self._figures,
        }

    @property
    def rate_reached(self) -> float:
        """Requests a second that were answered."""
        return len(self.answers) / self.seconds if self.seconds else 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until told to stop; what is under way is waited for."""
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        began = due = time.monotonic()
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as http,
            asyncio.TaskGroup() as group,
        ):
            while not stopping.is_set():
                await self.turns.acquire()
                group.create_task(self._send(http))
                # What was missed is not made up for at once: a platform that was slow is not flooded.
                due = max(due + 1 / self.rate, time.monotonic() - 1.0)
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        self.seconds += time.monotonic() - began

    async def _send(self, http: aiohttp.ClientSession) -> None:
        number = next(self.numbers)
        asked = self.asking[self.services[number % len(self.services)]](number)
        key = str(uuid4())
        headers = {"Authorization": self.ground.caller.authorization(asked.who), "Idempotency-Key": key}
        url = f"{self.ground.caller.runtime.gateway}/api/{asked.service}/v1/{asked.path}"
        sent, began = time.time(), time.monotonic()
        status, problem, text = 0, False, ""
        try:
            method = "GET" if asked.body is None else "POST"
            async with http.request(method, url, headers=headers, json=asked.body) as answer:
                received = await answer.read()
                status, problem = answer.status, answer.content_type == PROBLEM
                if status >= 300:
                    text = received.decode(errors="replace")[:300]
                elif asked.path == "titles":
                    self.titles.append(msgspec.json.decode(received)["id"])
        except (aiohttp.ClientError, TimeoutError) as error:
            text = repr(error)
        finally:
            self.turns.release()
        self.answers.append(Answer(asked.service, sent, time.monotonic() - began, status, problem, text))

    def _centre(self, number: int) -> Asked:
        body = {"name": f"Ośrodek {number:06d} (dane przykładowe)", "kind": "OPS", "terc": WARSAW}
        return Asked("enrollment", self.ground.world.office, "centres", body)

    def _rescheduling(self, number: int) -> Asked:
        cycle, leader = self._of(self.ground.cycles, number)
        body = {"planned_on": (date(2026, 1, 1) + timedelta(days=number)).isoformat()}
        return Asked("sessions", Persona("supervisor", leader), f"cycles/{cycle}/sessions/1/rescheduling", body)

    def _title(self, number: int) -> Asked:
        """A title, and then its development, which is what is published."""
        coordinator = self.ground.world.coordinator
        if self.titles:
            return Asked(
                "trainings", coordinator, f"titles/{self.titles.pop()}/development", {"developed_on": "2024-01-05"}
            )
        body = {
            "programme_id": self.ground.world.programme,
            "name": f"Szkolenie {number:06d} (nazwa przykładowa)",
            "audience": "workers",
        }
        return Asked("trainings", coordinator, "titles", body)

    def _submission(self, number: int) -> Asked:
        body = {
            "kind": "account",
            "source": "free",
            "title": f"Tekst przykładowy {number:06d}",
            "byline": "Autorka zmyślona",
            "body": "Tekst przykładowy: ani osoby, ani zdarzenia nie są prawdziwe.",
            "submitted_on": "2024-06-10",
        }
        issue = self._of(self.ground.issues, number)
        return Asked("publications", self.ground.world.author, f"issues/{issue}/submissions", body)

    def _of(self, aggregates: Sequence[T], number: int) -> T:
        """One of them, each in turn."""
        return aggregates[number // len(self.services) % len(aggregates)]

    def _figures(self, number: int) -> Asked:
        return Asked("insights", self.ground.world.office, f"figures/{self.ground.world.programme}", None)


def refusals(answers: Sequence[Answer]) -> Counter[str]:
    """What was answered otherwise than with success, by its beginning."""
    return Counter(f"{each.service} {each.status} {each.text[:120]}" for each in answers if not each.done)
