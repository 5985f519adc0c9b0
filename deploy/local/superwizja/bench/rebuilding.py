"""How fast insights builds all its facts anew from the first event on, by its own command."""

import asyncio
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec
from chassis import topics
from contracts import enrollment, publications, sessions, trainings
from contracts.event import Event

from superwizja import leash
from superwizja.bench import consuming
from superwizja.bench.consuming import Message, publish
from superwizja.bench.figure import Figure, Goal, Pair, Unsound, figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.load import KEYS
from superwizja.chaos.trials.history import Told, chapter, numbered, opening
from superwizja.chaos.trials.outboxes import enveloped, headers
from superwizja.runtime import plain_environment

EVENTS = 1_000_000
PROGRAMMES, UNDER_WAY = 3, 1000
"""Programmes of the history, and how many of its chapters are told at a time: their events lie mixed on the topics."""

ENDS_WITHIN = 1800.0

GOALS = {"consumer": Goal("insights built anew from zero: the consumer's rate", "/s", 0.9, 1.5, least=True)}

EQUAL = re.compile(r"programme [0-9a-f-]{36}: all \d+ figures equal")
UNEQUAL = re.compile(r"programme [0-9a-f-]{36}: \w+ was .* is .*")

FIRST_TOLD: dict[type[Event], str] = {
    enrollment.ProgrammeOpened: "programme",
    enrollment.GroupFormed: "group",
    enrollment.ApplicationSubmitted: "application",
    sessions.ContractSigned: "happening",
    sessions.SessionCompleted: "session",
    sessions.ConclusionRecorded: "conclusion",
    sessions.ConclusionWithheld: "happening",
    trainings.TitleDeveloped: "title",
    trainings.RunCompleted: "run",
    publications.SubmissionReceived: "article",
}
"""The table to which each kind of event of the history adds a row."""

APPLIED = """
    SELECT count(*) AS aggregates, coalesce(sum(version), 0) AS events,
           (SELECT count(*) FROM live.parked) AS parked, (SELECT sum(minutes) FROM live.attendance) AS minutes
    FROM live.inbox
"""


@dataclass
class History:
    """What insights must know of a history once it was told; so many minutes were attended."""

    events: int = 0
    aggregates: int = 0
    minutes: int = 0
    facts: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "History") -> "History":
        """Both, of different aggregates."""
        return History(
            self.events + other.events,
            self.aggregates + other.aggregates,
            self.minutes + other.minutes,
            self.facts + other.facts,
        )

    def beginning(self) -> Iterator[Message]:
        """The programmes, on the topics of their services."""
        for number, programme in enumerate(KEYS[:PROGRAMMES], start=1):
            yield from _messages(self._noted(opening(programme, number)), programme)

    def chapters(self, seed: int, count: int) -> Iterator[Message]:
        """So many events, many chapters at once, each aggregate's in order."""
        rng = random.Random(seed)
        under_way = [self._chapter(rng) for _ in range(UNDER_WAY)]
        while self.events < count:
            place = rng.randrange(UNDER_WAY)
            following = next(under_way[place], None)
            if following is None:
                under_way[place] = self._chapter(rng)
            else:
                yield following

    def _chapter(self, rng: random.Random) -> Iterator[Message]:
        return _messages(self._noted(chapter(rng)), rng.choice(KEYS[:PROGRAMMES]))

    def _noted(self, told: Iterable[Told]) -> Iterator[Told]:
        seen: set[tuple[str, UUID]] = set()
        for service, key, event in told:
            self.events += 1
            if (service, key) not in seen:
                seen.add((service, key))
                self.aggregates += 1
            if type(event) in FIRST_TOLD:
                self.facts[FIRST_TOLD[type(event)]] += 1
            if isinstance(event, sessions.SessionCompleted):
                self.facts["attendance"] += len(event.attendance)
                self.minutes += sum(one.minutes for one in event.attendance)
            elif isinstance(event, sessions.AttendanceCorrected):
                self.minutes += event.minutes - event.previous_minutes
            elif isinstance(event, trainings.RunCompleted):
                self.facts["run_attendance"] += len(event.attendance)
            yield service, key, event


def _messages(told: Iterable[Told], programme: UUID) -> Iterator[Message]:
    for service, key, version, event in numbered(told):
        envelope = enveloped(event, key, version, programme)
        yield Message(f"{service}.events", str(key), headers(event, envelope), msgspec.json.encode(event))


def tell(bootstrap_servers: str, seed: int, count: int) -> History:
    """Publish chapters of so many events: what they were."""
    history = History()
    publish(bootstrap_servers, history.chapters(seed, count))
    return history


async def a_history(ground: Ground, count: int) -> History:
    """Have so many events, and the programmes', on the topics of their services, told by two at the same time."""
    history = History()
    publish(ground.bootstrap_servers, history.beginning())
    loop = asyncio.get_running_loop()
    telling = [loop.run_in_executor(ground.apart, tell, ground.bootstrap_servers, seed, count // 2) for seed in (1, 2)]
    for part in await asyncio.gather(*telling):
        history += part
    return history


class Rebuilt(NamedTuple):
    """Seconds from the command until the new generation served, and what the command said."""

    seconds: float
    said: list[str]


async def rebuilt(env: dict[str, str]) -> Rebuilt:
    """Have insights built anew by its own command. Raises Unsound where it gives up."""
    began = time.monotonic()
    heard = await _command("rebuild", env)
    swapped = [at for at, line in heard if line.startswith("swapped")]
    said = [line for _, line in heard if EQUAL.fullmatch(line) or UNEQUAL.fullmatch(line)]
    return Rebuilt(swapped[0] - began, said)


async def _command(name: str, env: dict[str, str]) -> list[tuple[float, str]]:
    """What a command of insights said, line by line, and when (monotonic). Raises Unsound where it fails."""
    process = await asyncio.create_subprocess_exec(
        *leash.leashed([sys.executable, "-m", "insights.main", name]),
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(ENDS_WITHIN):
            heard = [(time.monotonic(), line.decode(errors="replace").rstrip()) async for line in process.stdout]
            if await process.wait():
                raise Unsound(f"{name} failed: " + " | ".join(line for _, line in heard[-20:]))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return heard


async def must_be_whole(url: str, history: History) -> None:
    """Raises Unsound unless every event was applied, and left what it tells."""
    db = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"), command_timeout=60.0)
    try:
        found: dict[str, int] = dict(await db.fetchrow(APPLIED))
        for table in history.facts:
            found[table] = await db.fetchval(f'SELECT count(*) FROM live."{table}"')  # noqa: S608  # our names
    finally:
        await db.close()
    wanted = history.facts | Counter(aggregates=history.aggregates, events=history.events, minutes=history.minutes)
    if wrong := {what: (number, wanted[what]) for what, number in found.items() if number != wanted[what]}:
        raise Unsound("; ".join(f"{what}: {number} of {whole}" for what, (number, whole) in wrong.items()))


async def a_database(ground: Ground) -> tuple[str, dict[str, str]]:
    """The address of a database of insights, and the environment of its commands; the topics are declared."""
    url = ground.empty_database()
    await topics.declare(ground.settings(url))
    told = {"DATABASE_URL": url, "KAFKA_BOOTSTRAP_SERVERS": ground.bootstrap_servers, "ISSUER": "https://a.example"}
    env = plain_environment() | {f"INSIGHTS_{name}": value for name, value in told.items()}
    await _command("migrate", env)
    return url, env


async def measure(ground: Ground, order: Order, *, events: int = EVENTS) -> list[Figure]:
    """Our consumer, those that take one by one, and the rebuild, in turn, each into a database of its own.

    From the second round on, the rebuilt figures equal those that served. The ground's topics hold nothing yet.
    """
    order.told(f"{events:,} events of a history")
    url, env = await a_database(ground)
    history = await a_history(ground, events)
    loaded = await consuming.loaded(ground)
    rounds: dict[Goal, list[Pair]] = {goal: [] for goal in (*consuming.GOALS.values(), *GOALS.values())}
    for turn in range(order.rounds):
        order.told(f"consuming, {turn + 1}/{order.rounds}")
        rate = await consuming.ours(ground, loaded)
        for way, goal in consuming.GOALS.items():
            reference = await consuming.one_by_one(ground, loaded, way, consuming.PREFIXES[way])
            rounds[goal].append(Pair(rate, reference))
        order.told(f"built anew, {turn + 1}/{order.rounds}")
        ground.server.execute("CHECKPOINT")
        seconds, said = await rebuilt(env)
        await must_be_whole(url, history)
        if turn and (len(said) != PROGRAMMES or not all(EQUAL.fullmatch(line) for line in said)):
            raise Unsound("; ".join(said) or "nothing was compared")
        rounds[GOALS["consumer"]].append(Pair(history.events / seconds, rate))
    return [figure(goal, pairs) for goal, pairs in rounds.items()]
