"""A command through the API: ours against the same statements behind FastAPI + SQLAlchemy, and behind bare ASGI.

The command is enrollment's `change_targets`: it locks a programme, changes it, records one event, and keeps its answer
under the idempotency key, all in one transaction. Ours checks a signed token, the role and the scope, and each field.
Every server is one process; the load is another one.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple
from uuid import uuid4

import aiohttp
import asyncpg
import uvloop

from superwizja import leash, tokens
from superwizja.bench.figure import Figure, Goal, Pair, Unsound, figure, no_figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.idling import Tenant, tenant
from superwizja.bench.load import KEYS
from superwizja.bench.writing import driver_url
from superwizja.runtime import plain_environment

GOALS = {
    "saturated": Goal("commands through the API, saturated: FastAPI + SQLAlchemy", "/s", 0.8, 1.2, least=True),
    "p99": Goal("a command's p99 at half that load: FastAPI + SQLAlchemy", "ms", 2.0, 1.5),
    "bare": Goal("commands through the API, saturated: bare ASGI + asyncpg", "/s", None, 0.4, least=True),
}
CONNECTIONS = 16
WARM_UP, SATURATED, PACED = 2.0, 2.0, 2.0
"""Seconds: once before the rounds, and in each round for each server."""

PACES = 3
"""Rounds of paced commands for one of saturation: short ones, most without a burst; either goes first in turn."""

SHAPE = {"minimum": 8, "maximum": 15, "meetings": 10, "minutes": 300, "quorum": 5, "threshold_percent": 80}
AREA = {"name": "Warszawa", "city": "1465011", "surroundings": ["1421", "1432"], "reason": "migration"}
PROGRAMME = """
    INSERT INTO programme
        (id, code, name, audience, supervision, targets, areas, offer_validity_seconds, version)
    VALUES ($1, $2, $3, '["has", "may_have"]', $4, '[]', $5, 259200, 0)
"""
COUNTED = """
    SELECT (SELECT sum(version) FROM programme), (SELECT count(*) FROM outbox),
           (SELECT count(DISTINCT (aggregate, version)) FROM outbox), (SELECT count(*) FROM idempotency)
"""


class Target(NamedTuple):
    """Where commands go, and whose they are."""

    address: str
    token: str


class Loaded(NamedTuple):
    """What came of a load: answers by status, those a second, and the slowest hundredth in ms."""

    answers: dict[int, int]
    rate: float
    p99: float


def load(target: Target, first: int, seconds: float, rate: float | None = None) -> Loaded:
    """Send commands, numbered from `first` on, over 16 connections: one after the other on each, or evenly at a rate.

    At a rate, a command's time runs from the moment at which it was due, whether or not a connection was free.
    """
    return uvloop.run(_load(target, first, seconds, rate))


async def _load(target: Target, first: int, seconds: float, rate: float | None) -> Loaded:
    answers: Counter[int] = Counter()
    took: list[float] = []
    headers = {"Authorization": f"Bearer {target.token}", "Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(target.address, connector=connector, headers=headers) as http:

        async def send(number: int, due: float) -> None:
            path = f"/v1/programmes/{KEYS[number % len(KEYS)]}/targets"
            named = {"Idempotency-Key": f"command-{number}"}
            async with http.post(path, data=body(number), headers=named) as answer:
                await answer.read()
            answers[answer.status] += 1
            took.append(time.perf_counter() - due)

        began = time.perf_counter()
        numbers = count(first)

        async def lane() -> None:
            while (now := time.perf_counter()) < began + seconds:
                await send(next(numbers), now)

        async with asyncio.TaskGroup() as group:
            if rate is None:
                for _ in range(CONNECTIONS):
                    group.create_task(lane())
            else:
                for number in range(int(seconds * rate)):
                    due = began + number / rate
                    await asyncio.sleep(max(0.0, due - time.perf_counter()))
                    group.create_task(send(first + number, due))
        ended = time.perf_counter()
    return Loaded(dict(answers), len(took) / (ended - began), 1000 * quantiles(took, n=100)[98])


def body(number: int) -> bytes:
    """Targets that the programme has not had before."""
    reached = {"groups_formed": 180, "sessions_completed": 1800, "people_reached": number}
    return json.dumps({"targets": [{"indicator": code, "value": value} for code, value in reached.items()]}).encode()


class Contestant:
    """A server under load, and the proof that it did what it acknowledged."""

    def __init__(self, name: str, url: str, target: Target, apart: ProcessPoolExecutor) -> None:
        self.name, self.url, self.target, self.apart = name, url, target, apart
        self.acknowledged = 0

    async def load(self, seconds: float, rate: float | None = None) -> Loaded:
        """Load it for so many seconds. Raises Unsound where an answer is no 2xx."""
        loop = asyncio.get_running_loop()
        loaded = await loop.run_in_executor(self.apart, load, self.target, self.acknowledged, seconds, rate)
        self.acknowledged += sum(loaded.answers.values())
        if any(status // 100 != 2 for status in loaded.answers):
            raise Unsound(f"{self.name} answered {loaded.answers}")
        return loaded

    async def prove(self) -> None:
        """Raises Unsound unless each acknowledged command left one change, one event and one answer."""
        db = await asyncpg.connect(driver_url(self.url))
        try:
            found = tuple(await db.fetchrow(COUNTED))
        finally:
            await db.close()
        if set(found) != {self.acknowledged}:
            raise Unsound(f"{self.name}: {self.acknowledged} acknowledged; changes, events, kept answers: {found}")


@contextmanager
def issuer(folder: Path) -> Iterator[tuple[str, str]]:
    """The address of an issuer that answers with its keys, and a coordinator's token of it."""
    port = leash.free_port()
    address = f"http://127.0.0.1:{port}"
    key = tokens.signing_key(folder / "issuer-key.json")
    files = folder / "issuer"
    (files / ".well-known").mkdir(parents=True)
    told = {"issuer": address, "jwks_uri": f"{address}/jwks"}
    (files / ".well-known" / "openid-configuration").write_text(json.dumps(told))
    (files / "jwks").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(files)]
    with leash.child(leash.leashed(command), folder / "issuer.log", ready=partial(_listens, port)):
        yield address, tokens.mint(key, address, uuid4(), [tokens.role("coordinator")])


@contextmanager
def _ours(own: Tenant) -> Iterator[str]:
    with own.running("api") as running:
        yield running.address


@contextmanager
def plain(ground: Ground, kind: str, url: str) -> Iterator[str]:
    """The address of a reference, running: `fastapi` or `asgi`."""
    port = leash.free_port()
    command = leash.leashed([sys.executable, "-m", "superwizja.bench.plain_api", kind, url, str(port)])
    log = ground.folder / f"plain_api.{kind}.log"
    with leash.child(command, log, ready=partial(_listens, port), env=plain_environment()):
        yield f"http://127.0.0.1:{port}"


def _listens(port: int, _: int) -> bool:
    return leash.listening(f"127.0.0.1:{port}")


async def _open_programmes(url: str) -> None:
    """A programme for each key, in its shape, without targets."""
    db = await asyncpg.connect(driver_url(url))
    try:
        shape, areas = json.dumps(SHAPE | {"rhythm": "monthly"}), json.dumps([AREA])
        rows = [(key, f"code_{number}", f"Projekt {number}", shape, areas) for number, key in enumerate(KEYS)]
        await db.executemany(PROGRAMME, rows)
        await db.execute("VACUUM ANALYZE programme")
    finally:
        await db.close()


async def measure(ground: Ground, order: Order) -> list[Figure]:
    """Ours and both references in turn: each saturated, then ours and FastAPI's at half of what that one managed."""
    with ExitStack() as stack:
        address, token = stack.enter_context(issuer(ground.folder))
        contestants = []
        for name in ("asgi", "ours", "fastapi"):
            own = tenant(ground, "enrollment", ISSUER=address)
            await _open_programmes(own.url)
            serving = _ours(own) if name == "ours" else plain(ground, name, own.url)
            target = Target(stack.enter_context(serving), token)
            contestants.append(Contestant(name, own.url, target, ground.apart))
        try:
            return await _rounds(contestants, order)
        except Unsound as fault:
            return [no_figure(goal, str(fault)) for goal in GOALS.values()]


async def _rounds(contestants: list[Contestant], order: Order) -> list[Figure]:
    pairs: dict[str, list[Pair]] = {name: [] for name in GOALS}
    for each in contestants:
        await each.load(WARM_UP)
    _, ours, reference = contestants
    for turn in range(order.rounds):
        order.told(f"commands, {turn + 1}/{order.rounds}")
        bare, own, plain = [(await each.load(SATURATED)).rate for each in contestants]
        pairs["saturated"].append(Pair(own, plain))
        pairs["bare"].append(Pair(own, bare))
        for _ in range(PACES):
            first, second = (ours, reference) if len(pairs["p99"]) % 2 else (reference, ours)
            slow = {each: (await each.load(PACED, plain / 2)).p99 for each in (first, second)}
            pairs["p99"].append(Pair(slow[ours], slow[reference]))
    for each in contestants:
        await each.prove()
    return [figure(goal, pairs[name]) for name, goal in GOALS.items()]
