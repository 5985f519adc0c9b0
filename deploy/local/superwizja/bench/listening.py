"""The live page with 1,000 listeners: how many pages it delivers a second, and how old the stalest becomes.

The page is that of a programme of full size. All the while events come at a steady rate, as from a relay, through Kafka
and the worker of insights into its database. A delivery is one message that has come to one listener.

How old the stalest page is, is measured with the process as it is. An event is on a listener's page once the figure
that counts it has come; its age runs from its sending to Kafka until then, or until the measurement ends, and the
stalest page is the greatest age of any event at any listener.

The page rests between two updates, so that it never delivers as much as it could. Deliveries are counted without these
pauses: the same listeners are sent what was read and rendered before, again and again, each message as soon as the one
before is out; and so are those of the reference (see from_memory.py).
"""

import asyncio
import json
import secrets
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec
from aiokafka import AIOKafkaProducer
from chassis.ids import new_id
from chassis.settings import KafkaSettings
from chassis.topics import declare
from chassis.web.tokens import Grant
from contracts.cloudevents import headers_of
from contracts.enrollment import GroupFormed, Place, ProgrammeOpened, Shape
from contracts.event import Envelope, Event
from contracts.sessions import Attendance, ContractSigned, SessionCompleted
from insights.places import CITIES
from insights.sign_in import COOKIE, Kept
from itsdangerous import TimestampSigner

from superwizja import leash
from superwizja.bench.audience import LISTENERS, SECONDS, Seats, Window, listen, make_room
from superwizja.bench.figure import Figure, Goal, Pair, Unsound, figure, no_figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.idling import Tenant, tenant
from superwizja.bench.load import ACTOR, KEYS
from superwizja.bench.writing import driver_url
from superwizja.demo.calendar import FIRST, month
from superwizja.demo.programmes import UNICEF_SUPERVISION, unicef
from superwizja.demo.sizes import FULL, MEETINGS, MINUTES
from superwizja.runtime import plain_environment

GOALS = {
    "deliveries": Goal("live pages delivered to 1,000 listeners: sse-starlette", "/s", 2.0, 4.0, least=True),
    "stalest": Goal("the stalest of 1,000 live pages: one second", "s", 1.0, 0.3),
}
SECOND = 1.0
EVERY = 0.02
"""Seconds between two events."""

TOO_OLD = 10.0
"""Seconds after which an event that is on no page is lost."""

TAKEN_WITHIN = 60.0
"""Seconds in which the worker has taken all that was told of the past."""

PROGRAMME, *GROUPS = KEYS[: 1 + FULL.groups]
MEMBERS = {group: [uuid4() for _ in range(10)] for group in GROUPS}


class Teller:
    """Tells events as the relays of their services would."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer = producer
        self.versions: Counter[tuple[str, UUID]] = Counter()

    async def tell(self, event: Event, key: UUID) -> "asyncio.Future[object]":
        """Send the next event of an aggregate; done when Kafka has it."""
        self.versions[event.topic, key] += 1
        envelope = Envelope(
            id=new_id(),
            type=event.type,
            time=datetime.now(UTC),
            key=key,
            version=self.versions[event.topic, key],
            programme_id=PROGRAMME,
            correlation_id=new_id(),
            actor=ACTOR,
        )
        headers = headers_of(envelope, source=event.topic.removesuffix(".events"), schema=event.schema())
        body, name = msgspec.json.encode(event), str(key).encode()
        sent: asyncio.Future[object] = await self.producer.send(event.topic, body, key=name, headers=headers)
        return sent


def past() -> Iterator[tuple[Event, UUID]]:
    """A programme of full size, all its groups, and all their sessions; with the aggregate of each event."""
    yield msgspec.convert(unicef(FULL) | {"programme_id": str(PROGRAMME)}, ProgrammeOpened), PROGRAMME
    shape = msgspec.convert(dict(UNICEF_SUPERVISION), Shape)
    for number, (group, members) in enumerate(MEMBERS.items()):
        attendance = tuple(Attendance(person_id=each, status="attended", minutes=MINUTES) for each in members)
        city, begins = list(CITIES)[number % len(CITIES)], month(FIRST, number // 15)
        formed = GroupFormed(
            group_id=group,
            name=f"Grupa {number + 1}",
            track="supervision",
            audience="workers",
            place=Place(terc=city, zone="city", area=city),
            cohort="first",
            formed_on=begins,
            starts_on=begins,
            shape=shape,
            members=tuple(members),
            leaders=(members[0],),
        )
        yield formed, group
        for ordinal in range(1, MEETINGS + 1):
            held = SessionCompleted(
                cycle_id=group,
                session_id=new_id(),
                ordinal=ordinal,
                held_on=month(begins, ordinal),
                minutes=MINUTES,
                leaders=(members[0],),
                attendance=attendance,
            )
            yield held, group


@asynccontextmanager
async def telling(ground: Ground, url: str) -> AsyncIterator[list[float]]:
    """Signatures, one after the other, when the past is in the database; and the moments of their sending so far."""
    producer = AIOKafkaProducer(bootstrap_servers=ground.bootstrap_servers, enable_idempotence=True)
    await producer.start()
    try:
        teller, moments = Teller(producer), list[float]()
        for event, key in past():
            await teller.tell(event, key)
        await producer.flush()
        await _taken(url)
        going = asyncio.create_task(_sign(teller, moments))
        try:
            yield moments
        finally:
            going.cancel()
            await asyncio.wait([going])
    finally:
        await producer.stop()


async def _sign(teller: Teller, moments: list[float]) -> None:
    number = 0
    while True:
        group = GROUPS[number % len(GROUPS)]
        signed = ContractSigned(
            cycle_id=group, person_id=MEMBERS[group][0], contract_version=1, signed_on=FIRST, form="paper", unsigned=0
        )
        moments.append(time.monotonic())
        await (await teller.tell(signed, group))
        await asyncio.sleep(EVERY)
        number += 1


async def _taken(url: str) -> None:
    """Wait for the worker, and have PostgreSQL look at its tables now: by itself it does within a minute."""
    db = await asyncpg.connect(driver_url(url))
    try:
        async with asyncio.timeout(TAKEN_WITHIN):
            while True:
                if await db.fetchval("SELECT count(*) FROM live.session") == len(GROUPS) * MEETINGS:
                    break
                await asyncio.sleep(0.1)
        await db.execute("ANALYZE")
    finally:
        await db.close()


def stalest(window: Window, moments: Sequence[float]) -> float:
    """The greatest age of an event, seconds: the first one that a page lacks is the oldest of those that it lacks."""
    ages = [at - moments[shown] for shown, at in window.left.items()]
    if window.least < len(moments):
        ages.append(window.ended - moments[window.least])
    return max(ages)


def a_cookie(secret: str) -> str:
    """Somebody who has signed in as a coordinator."""
    kept = Kept(uuid4(), [Grant("coordinator")], time.time() + 3600)
    session = b64encode(json.dumps({"kept": msgspec.to_builtins(kept)}).encode())
    return f"{COOKIE}={TimestampSigner(secret).sign(session).decode()}"


async def measure(ground: Ground, order: Order) -> list[Figure]:
    """Ours, as it is and then from memory, and sse-starlette with the same messages, in turn."""
    make_room()
    await declare(KafkaSettings(kafka_bootstrap_servers=ground.bootstrap_servers))
    secret = secrets.token_urlsafe(24)
    own = tenant(ground, "insights", SESSION_SECRET=secret)
    rounds = []
    with own.running("worker"):
        async with telling(ground, own.url) as moments:
            for turn in range(order.rounds):
                order.told(f"live page, {turn + 1}/{order.rounds}")
                try:
                    rounds.append(await _round(own, a_cookie(secret), moments, order))
                except (Unsound, OSError) as fault:
                    return [no_figure(goal, str(fault) or repr(fault)) for goal in GOALS.values()]
    return [figure(goal, pairs) for goal, pairs in zip(GOALS.values(), zip(*rounds, strict=True), strict=True)]


async def _round(own: Tenant, cookie: str, moments: list[float], order: Order) -> tuple[Pair, Pair]:
    """Deliveries a second, and seconds."""
    loop, apart = asyncio.get_running_loop(), own.ground.apart
    path = f"/live/regions?programme={unicef(FULL)['code']}"
    with own.running("api", module="superwizja.bench.from_memory") as running:
        heard = await loop.run_in_executor(apart, listen, Seats(running.port, path, cookie, running.pid))
    as_it_is, again = heard.windows
    oldest = stalest(as_it_is, moments)
    if heard.lost or as_it_is.backwards or oldest > TOO_OLD:
        raise Unsound(f"{heard.lost} listeners cut off, {as_it_is.backwards} counts went back, stalest {oldest:.1f} s")
    messages = own.ground.folder / "messages.json"
    messages.write_bytes(msgspec.json.encode(as_it_is.messages))
    port = leash.free_port()
    arguments = [str(messages), str(LISTENERS), str(port)]
    command = leash.leashed([sys.executable, "-m", "superwizja.bench.plain_stream", *arguments])
    log, address = messages.with_name(f"plain_stream.{port}.log"), f"127.0.0.1:{port}"
    with leash.child(command, log, ready=lambda _: leash.listening(address), env=plain_environment()):
        reference = await loop.run_in_executor(apart, listen, Seats(port, path))
    if reference.lost:
        raise Unsound(f"the reference cut off {reference.lost} listeners")
    (plain,) = reference.windows
    sizes = " and ".join(f"{each.size / max(1, each.deliveries):,.0f}" for each in (as_it_is, again, plain))
    order.told(f"bytes of a message as it is, again, and from the reference: {sizes}")
    return Pair(again.deliveries / SECONDS, plain.deliveries / SECONDS), Pair(oldest, SECOND)
