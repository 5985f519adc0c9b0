"""What does not move is shown with what it waits for, within 10 s: stuck, or an outage of which server."""

import asyncio
import re
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import psutil
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.errors import NotLeaderForPartitionError
from chassis import servers, worker
from chassis import vitals as vitals_module
from chassis.consuming import Consumer
from chassis.database import Sessions
from chassis.due import DueWork
from chassis.inbox import Inbox
from chassis.relay import SHARDS
from chassis.settings import ServiceSettings
from chassis.topics import Settings, declare
from chassis.worker import Worker
from contracts.event import Envelope
from contracts.sessions import TOPIC, ContractRevised
from contracts.topics import PARTITIONS
from prometheus_client import REGISTRY
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession
from superwizja import kafka, leash
from superwizja.chaos.links import Links

from .test_inbox import a_record
from .test_relay import Cycle, record

Wait = dict[str, Any]
Connection = Any  # asyncpg's, which has no types


def test_the_measuring_and_the_asking_take_less_than_10_s_together() -> None:
    """In the worst order: movement was seen just before it ended; counting and asking take as long as they may."""
    look = vitals_module.MEASURE_EVERY + 3 * vitals_module.COUNTED_WITHIN
    a_lock_on_a_table = look + vitals_module.SHOWN_AFTER
    counted_silent = vitals_module.MEASURE_EVERY + 2 * servers.PATIENCE
    kafka_silent = vitals_module.DEAF_AFTER + worker.PULSE + vitals_module.MEASURE_EVERY + 2 * servers.PATIENCE
    assert max(a_lock_on_a_table, counted_silent, kafka_silent) < 10.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals_module, "MEASURE_EVERY", 0.3)
    monkeypatch.setattr(vitals_module, "SHOWN_AFTER", 1.0)


class Watched:
    """A worker that runs, and what its probes and metrics say."""

    def __init__(self, worker: Worker, failed: threading.Event) -> None:
        self.worker, self.failed = worker, failed
        transport = httpx.ASGITransport(worker.app())
        self.client = httpx.AsyncClient(transport=transport, base_url="http://worker.example")

    async def waits(self) -> list[Wait]:
        answer = await self.client.get("/health/ready")
        waits: list[Wait] = answer.json().get("waits", [])
        assert (answer.status_code == 200) == (not waits)
        return waits

    async def until(self, wanted: Callable[[list[Wait]], Any], *, within: float = 180.0) -> Any:
        seen: set[str] = set()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    waits = await self.waits()
                    if found := wanted(waits):
                        return found
                    seen |= {f"{wait['part']}: {wait['server']} {wait['cause']} {wait['detail']}" for wait in waits}
                    await asyncio.sleep(0.05)
        raise AssertionError(seen)

    async def shown(self, part: str, cause: str, server: str | None = None) -> Wait:
        """The part as it is told to wait for this, which the metrics tell as well."""

        def it(waits: list[Wait]) -> list[Wait]:
            return [w for w in waits if (w["part"], w["cause"], w["server"]) == (part, cause, server)]

        found: Wait = (await self.until(it))[0]
        name, label = ("stuck_seconds", {"cause": cause}) if server is None else ("outage_seconds", {"server": server})
        async with asyncio.timeout(5):
            while not REGISTRY.get_sample_value(name, {"part": part, **label}):
                await asyncio.sleep(0.05)
        return found

    async def well(self) -> None:
        await self.until(lambda waits: not waits)

    async def alive(self) -> bool:
        return (await self.client.get("/health/live")).status_code == 200

    def hurry(self) -> None:
        """From now on what should be restarted is, after seconds: a slow machine takes some to begin with."""
        self.worker.vitals.settings = self.worker.settings.model_copy(update={"stuck_after": 2.0})

    async def is_left_alone(self) -> None:
        """What does not move goes on like that for longer than it would take to be restarted for it."""
        self.hurry()
        before = (await self.waits())[0]["seconds"]
        await self.until(lambda waits: waits and waits[0]["seconds"] > before + 4.0)
        assert not self.failed.is_set()
        assert await self.alive()
        self.worker.vitals.settings = self.worker.settings


@asynccontextmanager
async def watched(settings: ServiceSettings, consumer: Consumer | None = None, **more: Any) -> AsyncIterator[Watched]:
    failed = threading.Event()
    worker = Worker(
        "counting",
        settings.model_copy(update={"drain_timeout": 3}),
        **{
            "publishes": None if consumer else TOPIC,
            "consumers": [consumer] if consumer else [],
            "work": DueWork(),
            "on_failure": failed.set,
            **more,
        },
    )
    of = Watched(worker, failed)
    async with worker.running(worker.app()), of.client:
        yield of


@pytest.fixture
async def other(settings: ServiceSettings, sessions: Sessions) -> AsyncIterator[Connection]:
    """Somebody else's session, which may hold locks."""
    url = make_url(settings.database_url.get_secret_value()).set(drivername="postgresql")
    db = await asyncpg.connect(url.render_as_string(False), server_settings={"application_name": "somebody"})
    yield db
    db.terminate()


async def send(settings: ServiceSettings, sessions: Sessions, cycle: UUID, version: int = 1) -> None:
    """One event onto the topic."""
    one = a_record(Inbox(Consumer("any", topics=[TOPIC]), sessions), cycle, version)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await producer.start()
    await producer.send_and_wait(TOPIC, one.body, key=str(cycle).encode(), headers=one.headers)
    await producer.stop()


def a_consumer(of: UUID, handle: Callable[[AsyncSession], Any]) -> Consumer:
    """Handles the events of one cycle alone, in a group of its own."""
    consumer = Consumer(f"stuck-{uuid4()}", topics=[TOPIC])

    @consumer.on(ContractRevised)
    async def on_contract_revised(db: AsyncSession, event: ContractRevised, envelope: Envelope) -> None:
        if envelope.key == of:
            await handle(db)

    return consumer


@pytest.mark.parametrize(
    ("lock", "table", "step"),
    [
        ("SELECT * FROM unpublished FOR UPDATE", "unpublished", "marks"),
        ("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE", "outbox", "reads"),
    ],
    ids=["row", "table"],
)
async def test_a_relay_that_waits_for_a_lock_names_who_holds_it_and_is_not_restarted_for_it(
    settings: ServiceSettings, sessions: Sessions, other: Connection, topics: str, lock: str, table: str, step: str
) -> None:
    await record(sessions, Cycle(uuid4()))
    holding = other.transaction()
    await holding.start()
    await other.execute(lock)
    async with watched(settings) as worker:
        wait = await worker.shown("relay", "lock")
        assert wait["detail"] == f"{table}: pid {other.get_server_pid()} (somebody) ({step})"
        await worker.is_left_alone()
        await holding.rollback()
        await worker.well()


async def test_a_relay_whose_shards_others_hold_is_not_stuck(
    settings: ServiceSettings, sessions: Sessions, other: Connection, topics: str
) -> None:
    await other.execute(f"SELECT pg_advisory_lock({SHARDS}, n) FROM generate_series(0, {PARTITIONS[TOPIC] - 1}) n")
    await record(sessions, Cycle(uuid4()))
    async with watched(settings) as worker:
        await worker.until(lambda _: worker.worker.vitals.unpublished)
        await worker.well()
        worker.hurry()
        looks = worker.worker.pulse.moved
        await worker.until(lambda _: worker.worker.pulse.moved > looks + 10)
        assert await worker.waits() == []
        assert not worker.failed.is_set()


async def test_a_handler_that_waits_for_a_row_lock_is_named_with_the_table_and_who_holds_it(
    settings: ServiceSettings, sessions: Sessions, other: Connection, topics: str
) -> None:
    cycle = uuid4()
    consumer = a_consumer(cycle, lambda db: db.execute(text("UPDATE effect SET note = 'seen'")))
    await other.execute("INSERT INTO effect (version) VALUES (0)")
    await send(settings, sessions, cycle)
    holding = other.transaction()
    await holding.start()
    await other.execute("SELECT * FROM effect FOR UPDATE")
    async with watched(settings, consumer) as worker:
        wait = await worker.shown(f"consumer {consumer.name}", "lock")
        assert wait["detail"].startswith(f"effect: pid {other.get_server_pid()} (somebody) (")
        assert "on_contract_revised" in wait["detail"]
        await worker.is_left_alone()
        await holding.rollback()
        await worker.well()
        assert await other.fetchval("SELECT note FROM effect") == "seen"


async def test_a_long_statement_and_a_handler_that_waits_for_something_else_are_told_apart(
    settings: ServiceSettings, sessions: Sessions, topics: str
) -> None:
    cycle, forever = uuid4(), asyncio.Event()
    consumer = a_consumer(cycle, lambda db: db.execute(text("SELECT pg_sleep(5)")))
    await send(settings, sessions, cycle)
    async with watched(settings, consumer) as worker:
        wait = await worker.shown(f"consumer {consumer.name}", "statement")
        assert "PgSleep" in wait["detail"]
    consumer = a_consumer(cycle, lambda db: forever.wait())
    async with watched(settings, consumer) as worker:
        wait = await worker.shown(f"consumer {consumer.name}", "step")
        assert wait["detail"].endswith("on_contract_revised")
        worker.worker.loop.call_soon_threadsafe(forever.set)
        await worker.well()


async def test_a_handler_that_computes_for_ever_is_told_while_it_does_and_ends_the_process(
    settings: ServiceSettings, sessions: Sessions, topics: str
) -> None:
    cycle, enough = uuid4(), threading.Event()

    async def compute(db: AsyncSession) -> None:
        while not enough.is_set():
            pass

    consumer = a_consumer(cycle, compute)
    await send(settings, sessions, cycle)
    try:
        async with watched(settings, consumer) as worker:
            wait = await worker.shown("loop", "loop")
            assert ".compute:" in wait["detail"]
            await worker.shown(f"consumer {consumer.name}", "step")
            worker.hurry()
            assert await asyncio.to_thread(worker.failed.wait, 30)
            assert not await worker.alive()
            enough.set()
    finally:
        enough.set()


async def test_a_silent_database_is_an_outage(settings: ServiceSettings, sessions: Sessions, topics: str) -> None:
    cycle, url = uuid4(), make_url(settings.database_url.get_secret_value())
    assert url.port is not None
    port = leash.free_port()
    consumer = a_consumer(cycle, lambda db: db.execute(text("SELECT 1")))
    through = {"database_url": SecretStr(url.set(port=port).render_as_string(False))}
    with Links({("x", "database"): (port, url.port)}).serving() as links:
        async with watched(settings.model_copy(update=through), consumer) as worker:
            await worker.well()
            links.silence("x", "database")
            await send(settings, sessions, cycle)
            await worker.shown(f"consumer {consumer.name}", "silent", "database")
            await worker.shown("due", "silent", "database")
            await worker.is_left_alone()
            links.forward("x", "database")
            await worker.well()


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[psutil.Process]]]:
    """Three brokers of these tests' own, with the topics, which may be stopped and let go on."""
    before = set(psutil.Process().children(recursive=True))
    with kafka.running(tmp_path_factory.mktemp("kafka"), count=3) as cluster:
        processes = [each for each in psutil.Process().children(recursive=True) if each not in before]
        assert len(processes) == 3
        told = Settings(kafka_bootstrap_servers=cluster.bootstrap_servers, kafka_replication_factor=3)
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, declare(told)).result()
        yield cluster.bootstrap_servers, processes
        for process in processes:
            process.send_signal(signal.SIGCONT)


async def test_too_few_copies_in_sync_are_an_outage_of_kafka(
    settings: ServiceSettings,
    sessions: Sessions,
    brokers: tuple[str, list[psutil.Process]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    servers, processes = brokers
    topic = f"unsafe-{uuid4()}"
    monkeypatch.setitem(PARTITIONS, topic, PARTITIONS[TOPIC])
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, PARTITIONS[TOPIC], 3, topic_configs={"min.insync.replicas": "3"})])
    await admin.close()
    to_them = settings.model_copy(update={"kafka_bootstrap_servers": servers})
    async with watched(to_them, publishes=topic) as worker:
        await worker.well()
        processes[0].send_signal(signal.SIGSTOP)
        await record(sessions, Cycle(uuid4()))
        wait = await worker.shown("relay", "copies", "kafka")
        assert re.fullmatch(rf"{topic}/\d+: [12] < 3", wait["detail"])  # on a busy machine one more falls behind
        await worker.is_left_alone()
        processes[0].send_signal(signal.SIGCONT)
        await worker.well()


async def test_a_silent_kafka_is_an_outage_to_a_consumer_with_nothing_to_do_and_to_a_relay(
    settings: ServiceSettings, sessions: Sessions, brokers: tuple[str, list[psutil.Process]]
) -> None:
    servers, processes = brokers
    to_them = settings.model_copy(update={"kafka_bootstrap_servers": servers})
    consumer = a_consumer(uuid4(), lambda db: db.execute(text("SELECT 1")))
    async with watched(to_them, consumer, publishes=TOPIC) as worker:
        await worker.until(lambda _: worker.worker.subscriptions[0].inbox.progress.heard)
        await worker.well()
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        await record(sessions, Cycle(uuid4()))
        wait = await worker.shown(f"consumer {consumer.name}", "silent", "kafka")
        assert wait["detail"] == servers
        await worker.shown("relay", "silent", "kafka")
        await worker.is_left_alone()
        for process in processes:
            process.send_signal(signal.SIGCONT)
        await worker.well()


async def test_a_consumer_that_one_broker_never_answers_is_deaf_although_the_others_do(
    settings: ServiceSettings,
    sessions: Sessions,
    brokers: tuple[str, list[psutil.Process]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seen: a leader changed while it was asked for first offsets, and was asked again and again for five minutes."""
    answers = Fetcher._proc_offset_request
    asked: list[int] = []
    mended = asyncio.Event()

    async def _proc_offset_request(self: Fetcher, node: int, topics: Any) -> Any:
        asked.append(node)
        if node == asked[0] and not mended.is_set():
            raise NotLeaderForPartitionError(f"node {node}")
        return await answers(self, node, topics)

    monkeypatch.setattr(Fetcher, "_proc_offset_request", _proc_offset_request)
    to_them = settings.model_copy(update={"kafka_bootstrap_servers": brokers[0]})
    consumer = a_consumer(uuid4(), lambda db: db.execute(text("SELECT 1")))
    async with watched(to_them, consumer) as worker:
        await worker.shown(f"consumer {consumer.name}", "deaf")
        mended.set()
        await worker.well()
