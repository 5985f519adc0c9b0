"""Every way in which the rig is broken. A fault holds, lets go, and says what has to come back."""

import asyncio
import errno
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope, published_by
from contracts.topics import TOPICS

from superwizja.chaos.heard import At
from superwizja.chaos.launcher import CLOCK_AHEAD, Point, arm
from superwizja.chaos.rig import NotReady, Rig, crash_file, until
from superwizja.counts import KINDS
from superwizja.runtime import SERVICES
from superwizja.verify.sources import PARTITIONS


class Blow(NamedTuple):
    """One entry of a schedule: strike `fault` at `target` for so many seconds, `at` seconds after the beginning."""

    at: float
    fault: str
    target: str
    seconds: float


@dataclass
class Broken:
    """What a fault broke: who has to be well again, which part of the platform it was ("": none), how many were killed.

    `poisoned` and `doubled` are the places of records that the rig itself put on topics.
    """

    names: Sequence[str] = ()
    part: str = "service"
    kills: int = 0
    detail: dict[str, object] = field(default_factory=dict)
    poisoned: set[At] = field(default_factory=set)
    doubled: set[At] = field(default_factory=set)


@dataclass(frozen=True)
class Fault:
    """A kind of fault: whom it may strike, for how long (seconds), how often beside the others, and what it needs."""

    strike: Callable[[Rig, Blow, random.Random], Awaitable[Broken]]
    targets: Sequence[str]
    seconds: tuple[float, float] = (0.0, 0.0)
    weight: int = 1
    possible: Callable[[Rig], bool] = lambda rig: True


FAULTS: dict[str, Fault] = {}

APIS = [f"{service}.api.{number}" for service in SERVICES for number in (1, 2)]
WORKERS = [f"{service}.worker.{number}" for service in SERVICES for number in (1, 2)]
PUBLISHING = [worker for worker in WORKERS if not worker.startswith("insights")]
BROKERS = ["kafka.1", "kafka.2", "kafka.3"]
CONTROLLERS = ["controller.1", "controller.2", "controller.3"]


def fault(
    targets: Sequence[str],
    seconds: tuple[float, float] = (0.0, 0.0),
    weight: int = 1,
    possible: Callable[[Rig], bool] = lambda rig: True,
) -> Callable[[Callable[[Rig, Blow, random.Random], Awaitable[Broken]]], Callable[..., Awaitable[Broken]]]:
    """Register a fault under its function's name."""

    def register(strike: Callable[[Rig, Blow, random.Random], Awaitable[Broken]]) -> Callable[..., Awaitable[Broken]]:
        FAULTS[strike.__name__] = Fault(strike, targets, seconds, weight, possible)
        return strike

    return register


@fault(APIS, weight=3)
async def kill_api(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """kill -9 of a process that answers commands."""
    return Broken([blow.target], kills=rig.kill(blow.target))


@fault(WORKERS, weight=4)
async def kill_worker(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """kill -9 of a process that publishes and consumes."""
    return Broken([blow.target], kills=rig.kill(blow.target))


@fault(SERVICES, weight=2)
async def kill_service(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """kill -9 of every process of a service at once."""
    names = rig.names(blow.target)
    return Broken(names, kills=sum(rig.kill(name) for name in names))


@fault(BROKERS, seconds=(0.0, 6.0), weight=3)
async def kill_broker(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """kill -9 of a broker, which stays away for some seconds."""
    kills = await rig.away(blow.target, blow.seconds)
    return Broken([blow.target], "broker", kills)


@fault(["controller"], seconds=(0.0, 6.0), weight=2)
async def kill_controller(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """kill -9 of the controller that leads."""
    name = rig.controller()
    kills = await rig.away(name, blow.seconds)
    return Broken([name], "broker", kills, {"controller": name})


@fault(SERVICES, seconds=(0.0, 6.0), weight=3)
async def kill_database(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """kill -9 of a PostgreSQL server with all its backends."""
    name = f"postgres.{blow.target}"
    kills = await rig.away(name, blow.seconds)
    return Broken([name, *rig.names(blow.target)], "database", kills)


@fault(PUBLISHING, weight=3)
async def crash_between_publish_and_mark(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """A worker dies when Kafka has a batch and the outbox does not know yet."""
    return await _crash(rig, blow.target, "publish-mark")


@fault(WORKERS, weight=3)
async def crash_between_effect_and_commit(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """A worker dies when the effects are in the database and the offset is not committed."""
    return await _crash(rig, blow.target, "effect-commit")


async def _crash(rig: Rig, name: str, point: Point, within: float = 20.0) -> Broken:
    """Arm a crash point; a process that does not come by in time (nothing to do) is disarmed again."""
    armed, pid = crash_file(rig.runtime, name), rig.pid(name)
    arm(armed, point)

    async def gone() -> bool:
        return rig.pid(name) != pid

    try:
        await until(gone, name, within)
    except NotReady:
        armed.unlink(missing_ok=True)
        return Broken([name], "", detail={"point": point, "reached": False})
    return Broken([name], kills=1, detail={"point": point, "reached": True})


@fault(WORKERS + APIS, seconds=(12.0, 16.0), weight=3)
async def pause(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """SIGSTOP past the group's session timeout of 6 s, and back."""
    pid = rig.pid(blow.target)
    if rig.kill(blow.target, signal.SIGSTOP):
        await asyncio.sleep(blow.seconds)
        if rig.pid(blow.target) == pid:
            rig.kill(blow.target, signal.SIGCONT)
    return Broken([blow.target])


@fault(SERVICES)
async def rolling_restart(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """SIGTERM to each process of a service, one after the other, as a deployment does."""
    names = rig.names(blow.target)
    for name in names:
        await _restarted(rig, name)
    return Broken(names)


async def _restarted(rig: Rig, name: str) -> None:
    """End a process by SIGTERM, and wait for the one that takes its place. Raises NotReady."""
    pid = rig.pid(name)
    rig.kill(name, signal.SIGTERM)

    async def another() -> bool:
        return rig.pid(name) != pid and await rig.well(name)

    await until(another, name, 120.0)


@fault(SERVICES, seconds=(5.0, 15.0), weight=2)
async def silent_kafka(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """Nothing passes between a service and all brokers; no connection ends."""
    rig.links.silence(blow.target, "kafka")
    await asyncio.sleep(blow.seconds)
    rig.links.forward(blow.target, "kafka")
    return Broken(rig.names(blow.target), "broker")


@fault(SERVICES, seconds=(5.0, 15.0), weight=2)
async def silent_database(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """Nothing passes between a service and its database; no connection ends."""
    rig.links.silence(blow.target, "database")
    await asyncio.sleep(blow.seconds)
    rig.links.forward(blow.target, "database")
    return Broken(rig.names(blow.target), "database")


@fault(SERVICES, seconds=(5.0, 12.0))
async def slow_database(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """Each message to and from a database takes 50 to 300 ms longer."""
    seconds = rng.uniform(0.05, 0.3)
    rig.links.delay(blow.target, "database", seconds)
    await asyncio.sleep(blow.seconds)
    rig.links.forward(blow.target, "database")
    return Broken(rig.names(blow.target), "database", detail={"delay": round(seconds, 3)})


@fault(["sessions"], seconds=(4.0, 10.0), possible=lambda rig: rig.disk is not None)
async def disk_full(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """The disk under a database has no free block."""
    assert rig.disk is not None
    filling = rig.disk / "filling"
    await asyncio.to_thread(_fill, filling)
    try:
        await asyncio.sleep(blow.seconds)
    finally:
        filling.unlink()
    return Broken([f"postgres.{blow.target}", *rig.names(blow.target)], "database")


def _fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("wb", buffering=0) as filling:
        try:
            while filling.write(bytes(1_000_000)):
                pass
        except OSError as full:
            if full.errno != errno.ENOSPC:
                raise


@fault(SERVICES, seconds=(6.0, 15.0))
async def clock_ahead(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """A service's clock is up to 10 minutes ahead, from one process to the next, and then right again."""
    return await _clock(rig, blow, rng.randint(5, 600))


@fault(SERVICES, seconds=(6.0, 15.0))
async def clock_behind(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """A service's clock is up to 10 minutes behind, from one process to the next, and then right again."""
    return await _clock(rig, blow, -rng.randint(5, 600))


async def _clock(rig: Rig, blow: Blow, seconds: int) -> Broken:
    """Restart a service with another clock, and after a while with the right one."""
    names = rig.names(blow.target)
    processes = [rig.process(name) for name in names]
    right = [process.env for process in processes]
    for process in processes:
        process.env = {**(process.env or {}), CLOCK_AHEAD: str(seconds)}
    try:
        await _half_by_half(rig, names)
        await asyncio.sleep(blow.seconds)
    finally:
        for process, env in zip(processes, right, strict=True):
            process.env = env
    await _half_by_half(rig, names)
    return Broken(names, detail={"offset": seconds})


async def _half_by_half(rig: Rig, names: Sequence[str]) -> None:
    """Restart the first process of each kind, then the second one of each."""
    for number in sorted({name.rsplit(".", 1)[1] for name in names}):
        await asyncio.gather(*(_restarted(rig, name) for name in names if name.endswith(f".{number}")))


@fault(KINDS, seconds=(3.0, 8.0))
async def scale(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """A third process of a kind comes and goes, under load."""
    try:
        await rig.scaled({blow.target: 3})
        await asyncio.sleep(blow.seconds)
    finally:
        await rig.scaled({blow.target: 2})
    return Broken(rig.names(blow.target.split(".")[0]), "")


@fault([topic.name for topic in TOPICS])
async def poison(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """Records that are no event of ours, and events whose body nobody can read, of aggregates that do not exist."""
    topic = next(topic for topic in TOPICS if topic.name == blow.target)
    poisoned: set[At] = set()
    async with _producer(rig) as producer:
        for number in range(20):
            known = number % 2 == 0
            envelope = Envelope(
                id=uuid4(),
                type=rng.choice(list(published_by(topic.name))) if known else f"pl.elsewhere.unheard-of.v{number}",
                time=datetime.now(UTC),
                key=uuid4(),
                version=1,
                programme_id=uuid4(),
                correlation_id=uuid4(),
                actor=Actor(role="service", service="somebody-else"),
            )
            headers = headers_of(envelope, source="somebody-else", schema="urn:x")
            if number % 5 == 0:
                headers = rng.choice([[], headers[:3], [("ce_id", b"\xff\xfe")]])
            value = rng.choice([b"", b"{", b"null", b"[]", rng.randbytes(200), b'{"group_id": 1}'])
            metadata = await producer.send_and_wait(topic.name, value, key=str(envelope.key).encode(), headers=headers)
            poisoned.add((topic.name, metadata.partition, metadata.offset))
    return Broken(part="", poisoned=poisoned, detail={"records": len(poisoned)})


@fault([topic.name for topic in TOPICS], seconds=(8.0, 15.0), weight=2)
async def doubled(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """Every event of a topic comes a second time, byte for byte, as long as the fault lasts."""
    ours: set[At] = set()
    async with _producer(rig) as producer:
        consumer = AIOKafkaConsumer(
            blow.target, bootstrap_servers=rig.runtime.bootstrap_servers, enable_auto_commit=False, group_id=None
        )
        await consumer.start()
        try:
            end = asyncio.get_running_loop().time() + blow.seconds
            while asyncio.get_running_loop().time() < end:
                for records in (await consumer.getmany(timeout_ms=300)).values():
                    for record in records:
                        if (record.topic, record.partition, record.offset) in ours:
                            continue
                        sent = await producer.send_and_wait(
                            record.topic, record.value, record.key, record.partition, headers=list(record.headers)
                        )
                        ours.add((sent.topic, sent.partition, sent.offset))
        finally:
            await consumer.stop()
    return Broken(part="", doubled=ours, detail={"repeated": len(ours)})


@fault(["insights", "enrollment"], weight=1, possible=lambda rig: rig.flood > 0)
async def behind(rig: Rig, blow: Blow, rng: random.Random) -> Broken:
    """A service's workers are stopped until its topics are so many records ahead of them: 200,000 in a long run.

    They are old records again, which have no second effect; that of 200,000 new ones is what trials rebuild.
    """
    workers = f"{blow.target}.worker"
    written: set[At] = set()
    try:
        await rig.scaled({workers: 0})
        async with _producer(rig) as producer:
            records = await _all_of(rig, "sessions.events", at_most=2_000)
            while records and len(written) < rig.flood:
                sent = [
                    await producer.send(each.topic, each.value, each.key, each.partition, headers=list(each.headers))
                    for each in records
                ]
                written |= {(each.topic, each.partition, each.offset) for each in await asyncio.gather(*sent)}
    finally:
        await rig.scaled({workers: 2})
    return Broken(rig.names(blow.target), doubled=written, detail={"behind": len(written)})


async def _all_of(rig: Rig, topic: str, at_most: int) -> list[Any]:
    """The first records of a topic; fewer only where it has no more."""
    consumer = AIOKafkaConsumer(bootstrap_servers=rig.runtime.bootstrap_servers, enable_auto_commit=False)
    await consumer.start()
    try:
        parts = [part for part in PARTITIONS if part.topic == topic]
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        ends = await consumer.end_offsets(parts)
        found: list[Any] = []
        while len(found) < at_most and any([await consumer.position(part) < ends[part] for part in parts]):
            batches = await consumer.getmany(timeout_ms=500, max_records=at_most - len(found))
            found += [record for records in batches.values() for record in records]
        return found
    finally:
        await consumer.stop()


def _producer(rig: Rig) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=rig.runtime.bootstrap_servers,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=512 * 1024,
    )
