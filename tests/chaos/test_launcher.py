"""The launcher's crash points lie where they say; what crashes there is neither lost nor doubled; clocks are off."""

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from chassis.ids import new_id
from chassis.testing import migrated
from chassis.topics import Settings, declare
from contracts import enrollment, sessions
from contracts.cloudevents import envelope_of, headers_of
from contracts.enrollment import GroupFormed, Place, Shape
from contracts.event import Actor, Envelope
from contracts.topics import PARTITIONS
from sessions.main import service
from superwizja import leash
from superwizja.chaos.launcher import CLOCK_AHEAD, CRASH_FILE, Point, arm
from superwizja.runtime import plain_environment

MEETINGS = 10
WITHIN = 90.0
PLANNED = "SELECT count(*) FROM session"
UNMARKED = "SELECT count(*) FROM unpublished"
COMMITTED = "SELECT count(*) FROM outbox"


@pytest.fixture(scope="module")
def topics(kafka_bootstrap: str) -> str:
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, declare(Settings(kafka_bootstrap_servers=kafka_bootstrap))).result()
    return kafka_bootstrap


@dataclass
class Worker:
    """The sessions service's worker, run by the launcher, and the servers that it stands on."""

    database: str
    kafka: str
    folder: Path

    @property
    def crash_file(self) -> Path:
        return self.folder / "crash"

    @contextmanager
    def running(self, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
        told = {
            "SESSIONS_DATABASE_URL": self.database,
            "SESSIONS_KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "SESSIONS_ISSUER": "https://issuer.example",
            CRASH_FILE: str(self.crash_file),
            **more,
        }
        command = leash.leashed([sys.executable, "-m", "superwizja.chaos.launcher", "sessions", "worker"])
        log = self.folder / "worker.log"
        with leash.child(command, log, ready=lambda pid: True, env=plain_environment() | told) as process:
            yield process

    async def crashes_at(self, point: Point) -> None:
        """Run it until it has crashed there."""
        arm(self.crash_file, point)
        with self.running() as process:
            await until(lambda: asyncio.sleep(0, process.poll() is not None))
            assert process.returncode == -9, leash.tail(self.folder / "worker.log")
        assert not self.crash_file.exists()

    async def number(self, statement: str) -> int:
        db = await asyncpg.connect(self.database.replace("+asyncpg", ""))
        try:
            return int(await db.fetchval(statement))
        finally:
            await db.close()


@pytest.fixture
def worker(topics: str, new_database: Callable[[str, Callable[[str], None]], str], tmp_path: Path) -> Worker:
    return Worker(new_database("sessions", migrated(service)), topics, tmp_path)


@dataclass
class Topics:
    """What lies on the topics, and what the group of the sessions service has committed of it."""

    kafka: str
    consumer: Any
    producer: AIOKafkaProducer

    async def a_group_formed(self) -> tuple[UUID, TopicPartition, int]:
        """Tell of a new group; answers its id, and the place of the event."""
        formed = GroupFormed(
            group_id=uuid4(),
            name="Grupa przykładowa",
            track="supervision",
            audience="workers",
            place=Place(terc="1465011", zone="city", area="1465011"),
            cohort="october_2022",
            formed_on=date(2022, 10, 3),
            starts_on=date(2022, 10, 12),
            shape=Shape(minimum=1, maximum=15, meetings=MEETINGS, minutes=300, quorum=2, threshold_percent=80),
            members=(uuid4(), uuid4()),
            leaders=(uuid4(),),
        )
        envelope = Envelope(
            id=new_id(),
            type=formed.type,
            time=datetime.now(UTC),
            key=formed.group_id,
            version=1,
            programme_id=uuid4(),
            correlation_id=new_id(),
            actor=Actor(role="service", service="enrollment"),
        )
        headers = headers_of(envelope, source="enrollment", schema=formed.schema())
        key = str(formed.group_id).encode()
        sent = await self.producer.send_and_wait(
            enrollment.TOPIC, msgspec.json.encode(formed), key=key, headers=headers
        )
        return formed.group_id, TopicPartition(sent.topic, sent.partition), sent.offset

    async def told_of(self, cycle: UUID) -> list[tuple[int, UUID]]:
        """The versions and ids of a cycle's events, in the order of the topic."""
        partitions = [TopicPartition(sessions.TOPIC, number) for number in range(PARTITIONS[sessions.TOPIC])]
        found: dict[UUID, list[tuple[int, UUID]]] = defaultdict(list)
        # One of its own, without a group: where a group has committed offsets, these may come after a seek and win.
        async with AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest") as reader:
            reader.assign(partitions)
            ends = await reader.end_offsets(partitions)
            while any([await reader.position(partition) < end for partition, end in ends.items()]):
                for records in (await reader.getmany(timeout_ms=200)).values():
                    for envelope in (envelope_of(record.headers) for record in records):
                        found[envelope.key].append((envelope.version, envelope.id))
        return found[cycle]

    async def committed(self, partition: TopicPartition) -> int:
        return await self.consumer.committed(partition) or 0

    async def leave_out(self, topics: Sequence[str]) -> None:
        """Let the group begin behind what other tests have left, once its last member, perhaps killed, is gone."""
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS[topic])]
        self.consumer.assign(partitions)
        ends = await self.consumer.end_offsets(partitions)

        async def nobody_is_there() -> bool:
            try:
                await self.consumer.commit(ends)
            except KafkaError:
                return False
            return True

        await until(nobody_is_there)


@pytest.fixture
async def told(topics: str) -> AsyncIterator[Topics]:
    consumer = AIOKafkaConsumer(bootstrap_servers=topics, group_id=service.name, enable_auto_commit=False)
    producer = AIOKafkaProducer(bootstrap_servers=topics)
    await consumer.start()
    await producer.start()
    read = Topics(topics, consumer, producer)
    await read.leave_out(service.consumers[0].topics)
    yield read
    await producer.stop()
    await consumer.stop()


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN):
        while not await true():
            await asyncio.sleep(0.1)


async def test_between_publish_and_mark_events_are_on_the_topic_and_unmarked_and_are_sent_again(
    worker: Worker, told: Topics
) -> None:
    cycle, _, _ = await told.a_group_formed()
    await worker.crashes_at("publish-mark")
    first = await told.told_of(cycle)
    assert [version for version, _ in first] == list(range(1, len(first) + 1))
    assert first
    assert await worker.number(UNMARKED) == await worker.number(COMMITTED) > 0

    async def marked() -> bool:
        return await worker.number(UNMARKED) == 0

    with worker.running():
        await until(marked)
    everything = await told.told_of(cycle)
    again = everything[-MEETINGS:]
    assert [version for version, _ in again] == list(range(1, MEETINGS + 1))
    assert everything[: len(first)] == again[: len(first)] == first
    assert list(dict.fromkeys(everything)) == again
    assert len(everything) > MEETINGS
    assert await worker.number(f"SELECT count(*) FROM session WHERE cycle_id = '{cycle}'") == MEETINGS


async def test_between_effect_and_commit_the_effect_stands_and_its_event_is_given_again_in_vain(
    worker: Worker, told: Topics
) -> None:
    cycle, partition, offset = await told.a_group_formed()
    await worker.crashes_at("effect-commit")
    of_it = f"WHERE cycle_id = '{cycle}'"
    applied = f"SELECT version FROM inbox WHERE topic = '{enrollment.TOPIC}' AND aggregate = '{cycle}'"
    assert await worker.number(applied) == 1
    assert await worker.number(f"{PLANNED} {of_it}") == MEETINGS
    assert await told.committed(partition) <= offset

    async def done() -> bool:
        return await told.committed(partition) > offset and await worker.number(UNMARKED) == 0

    with worker.running():
        await until(done)
    assert await worker.number(applied) == 1
    assert await worker.number(f"{PLANNED} {of_it}") == MEETINGS
    versions = [version for version, _ in await told.told_of(cycle)]
    assert list(dict.fromkeys(versions)) == list(range(1, MEETINGS + 1))
    assert await worker.number(f"SELECT count(*) FROM outbox WHERE aggregate = '{cycle}'") == MEETINGS


@pytest.mark.parametrize("minutes", [10, -10])
async def test_a_clock_that_is_off_is_seen_in_what_is_told_by_it_and_holds_nothing_up(
    worker: Worker, told: Topics, minutes: int
) -> None:
    cycle, _, _ = await told.a_group_formed()
    of_it = f"WHERE aggregate = '{cycle}'"

    async def done() -> bool:
        return await worker.number(f"{COMMITTED} {of_it}") == MEETINGS and await worker.number(UNMARKED) == 0

    began = time.monotonic()
    with worker.running(**{CLOCK_AHEAD: str(minutes * 60)}):
        await until(done)
    ahead = await worker.number(f"SELECT extract(epoch FROM max(time) - now())::int FROM outbox {of_it}")
    assert minutes * 60 - (time.monotonic() - began) - 1 <= ahead <= minutes * 60 + 1
    assert [version for version, _ in await told.told_of(cycle)] == list(range(1, MEETINGS + 1))
