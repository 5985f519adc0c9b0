"""The relay loses nothing, keeps each aggregate's order and shares the shards, whatever dies meanwhile."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from chassis import outbox
from chassis.database import BY_INDEX, Sessions, a_connection
from chassis.ids import new_id
from chassis.outbox import Cause
from chassis.relay import NEXT, PUBLISHED, Read, Relay
from chassis.sending import Sender
from chassis.settings import ServiceSettings
from chassis.vitals import UNPUBLISHED, Vitals
from confluent_kafka import KafkaException, Producer
from contracts.cloudevents import envelope_of
from contracts.event import Actor, Envelope
from contracts.sessions import TOPIC, ContractRevised
from contracts.topics import PARTITIONS
from sqlalchemy import text

pytestmark = pytest.mark.usefixtures("topics")


@dataclass(eq=False)
class Cycle:
    id: UUID
    programme_id: UUID | None = None
    version: int = 0


def cycle_in(shard: int) -> Cycle:
    """A cycle whose events go to this partition."""
    return next(cycle for cycle in map(Cycle, iter(uuid4, None)) if outbox.shard_of(cycle.id, TOPIC) == shard)


async def record(sessions: Sessions, cycle: Cycle, events: int = 1) -> None:
    """One transaction that records events of a cycle, its row locked as every use case locks it."""
    async with sessions.begin() as db:
        db.info["cause"] = Cause(actor=Actor(role="coordinator", id=uuid4()), correlation_id=new_id())
        await db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": cycle.id.int % 2**62})
        revised = ContractRevised(cycle_id=cycle.id, contract_version=1, revised_on=date(2022, 10, 1))
        await outbox.add(db, [revised] * events, of=cycle)


async def unpublished(sessions: Sessions) -> int:
    async with sessions() as db:
        return int((await db.execute(text("SELECT count(*) FROM unpublished"))).scalar_one())


async def until_published(sessions: Sessions, *, within: float = 30.0) -> None:
    async with asyncio.timeout(within):
        while await unpublished(sessions):
            await asyncio.sleep(0.02)


@asynccontextmanager
async def relaying(settings: ServiceSettings, number: int = 1) -> AsyncIterator[list[Relay]]:
    relays = [Relay(settings, TOPIC) for _ in range(number)]
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield relays
    finally:
        for relay in relays:
            relay.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), 30)


@dataclass
class Tail:
    """What came to the topic since the tail was cut."""

    consumer: Any
    ends: dict[TopicPartition, int]

    async def read(self, cycles: list[Cycle]) -> dict[UUID, list[Envelope]]:
        """Every record of these cycles, in the order of the topic."""
        mine = {cycle.id for cycle in cycles}
        ends = await self.consumer.end_offsets(list(self.ends))
        for partition, offset in self.ends.items():
            self.consumer.seek(partition, offset)
        found: dict[UUID, list[Envelope]] = defaultdict(list)
        while any([await self.consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await self.consumer.getmany(timeout_ms=200)).values():
                for raw in records:
                    envelope = envelope_of(raw.headers)
                    assert raw.key == str(envelope.key).encode()
                    if envelope.key in mine:
                        found[envelope.key].append(envelope)
        return found


@pytest.fixture
async def tail(topics: str) -> AsyncIterator[Tail]:
    consumer = AIOKafkaConsumer(bootstrap_servers=topics)
    await consumer.start()
    partitions = [TopicPartition(TOPIC, number) for number in range(PARTITIONS[TOPIC])]
    consumer.assign(partitions)
    yield Tail(consumer, await consumer.end_offsets(partitions))
    await consumer.stop()


def first_appearances(envelopes: list[Envelope]) -> list[int]:
    return list(dict.fromkeys(envelope.version for envelope in envelopes))


async def test_what_was_committed_is_published_and_what_was_rolled_back_is_not(
    settings: ServiceSettings, sessions: Sessions, tail: Tail
) -> None:
    kept, lost = Cycle(uuid4()), Cycle(uuid4())
    await record(sessions, kept, events=3)
    with pytest.raises(ArithmeticError):
        async with sessions.begin() as db:
            db.info["cause"] = Cause(actor=Actor(role="coordinator"), correlation_id=new_id())
            revised = ContractRevised(cycle_id=lost.id, contract_version=1, revised_on=date(2022, 10, 1))
            await outbox.add(db, [revised], of=lost)
            raise ArithmeticError
    async with relaying(settings):
        await until_published(sessions)
    found = await tail.read([kept, lost])
    assert [envelope.version for envelope in found[kept.id]] == [1, 2, 3]
    assert lost.id not in found


async def test_a_key_goes_where_kafkas_own_partitioner_sends_it(
    settings: ServiceSettings, sessions: Sessions, tail: Tail
) -> None:
    cycles = [Cycle(uuid4()) for _ in range(40)]
    for cycle in cycles:
        await record(sessions, cycle)
    async with relaying(settings):
        await until_published(sessions)
    found = await tail.read(cycles)
    assert len(found) == 40
    from aiokafka.partitioner import DefaultPartitioner

    partitions = list(range(PARTITIONS[TOPIC]))
    for cycle in cycles:
        expected = DefaultPartitioner()(str(cycle.id).encode(), partitions, partitions)
        assert outbox.shard_of(cycle.id, TOPIC) == expected


async def test_three_relays_and_many_writers_keep_every_aggregate_in_order(
    settings: ServiceSettings, sessions: Sessions, tail: Tail
) -> None:
    cycles = [Cycle(uuid4()) for _ in range(20)]

    async def write(cycle: Cycle) -> None:
        for _ in range(15):
            await record(sessions, cycle, events=2)

    async with relaying(settings, 3) as relays:
        await asyncio.gather(*(write(cycle) for cycle in cycles))
        await until_published(sessions)
        async with asyncio.timeout(30):
            while sum(len(relay.held) for relay in relays) != PARTITIONS[TOPIC]:
                await asyncio.sleep(0.02)
    found = await tail.read(cycles)
    for cycle in cycles:
        assert [envelope.version for envelope in found[cycle.id]] == list(range(1, 31))


async def test_relays_that_come_and_go_amid_a_backlog_repeat_nothing_and_overtake_nothing(
    settings: ServiceSettings, sessions: Sessions, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.relay.SHARING", 0.005)
    cycles = [cycle_in(shard) for shard in range(PARTITIONS[TOPIC])]
    for cycle in cycles:
        await record(sessions, cycle, 1300)
    async with relaying(settings):
        for _ in range(3):
            async with relaying(settings, 2):
                await asyncio.sleep(0.1)
        await until_published(sessions)
    found = await tail.read(cycles)
    assert [[envelope.version for envelope in found[cycle.id]] for cycle in cycles] == [[*range(1, 1301)]] * len(cycles)


async def test_a_shard_that_is_given_up_after_it_was_read_is_not_sent(
    settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay, sent = Relay(settings, TOPIC), list[int]()
    monkeypatch.setattr(relay.sender, "send", lambda shard, rows: sent.append(shard))
    relay.held = {3, 4}
    relay._fall_behind([3, 4])
    read = Read([3, 4], [(shard, shard, str(uuid4()), 0, b"", b"", 0) for shard in (3, 4)])
    assert relay._next(read) == []
    relay._leave(3)
    await relay._hand_over(read)
    assert sent == [4]


async def test_a_shard_that_was_read_to_its_end_is_heard_of_and_not_read_again_beside(
    settings: ServiceSettings,
) -> None:
    relay, hearing = Relay(settings, TOPIC), object()
    relay.held, relay.hearing = {3}, hearing
    relay._fall_behind([3])
    # Its turn came again after it was read, and before that was handed over.
    await relay._hand_over(Read([3], [], 0, hearing))
    assert not relay.behind
    assert relay._next() == []


async def test_what_is_being_marked_when_the_broker_fails_is_marked(
    settings: ServiceSettings, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.relay.MARKED", 5)
    await record(sessions, cycle_in(3), events=5)
    relay, db = Relay(settings, TOPIC), await a_connection(settings)
    try:
        relay.sender.landed = {row["position"]: 3 for row in await db.fetch("SELECT position FROM outbox")}
        relay.sender.failure = KafkaException("the broker is away")
        with pytest.raises(KafkaException):
            await relay._hear_what_landed(db)
        assert await db.fetchval("SELECT count(*) FROM unpublished") == 0
    finally:
        await db.close()


async def test_a_relay_that_is_alone_again_takes_over_every_shard(
    settings: ServiceSettings, sessions: Sessions
) -> None:
    async with relaying(settings) as (survivor,):
        async with relaying(settings) as (other,), asyncio.timeout(15):
            while not (len(survivor.held) == len(other.held) == PARTITIONS[TOPIC] // 2):
                await asyncio.sleep(0.05)
        async with asyncio.timeout(15):
            while len(survivor.held) != PARTITIONS[TOPIC]:
                await asyncio.sleep(0.05)


async def test_a_relay_killed_between_publish_and_mark_repeats_and_loses_nothing(
    settings: ServiceSettings, sessions: Sessions, tail: Tail
) -> None:
    """A trigger stands for the crash: marking fails as if the connection had died, after the broker acknowledged."""
    cycle = Cycle(uuid4())
    await record(sessions, cycle, events=5)
    async with sessions.begin() as db:
        await db.execute(
            text("""
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN OLD; END $$
            """)
        )
        await db.execute(text("CREATE TRIGGER die BEFORE DELETE ON unpublished FOR EACH ROW EXECUTE FUNCTION die()"))
    async with relaying(settings):
        async with asyncio.timeout(20):
            while len((await tail.read([cycle]))[cycle.id]) <= 5:
                await asyncio.sleep(0.05)
        async with sessions.begin() as db:
            await db.execute(text("DROP TRIGGER die ON unpublished"))
        await until_published(sessions)
    envelopes = (await tail.read([cycle]))[cycle.id]
    assert first_appearances(envelopes) == [1, 2, 3, 4, 5]
    assert len(envelopes) > 5


async def test_relays_whose_connections_are_killed_again_and_again_lose_and_reorder_nothing(
    settings: ServiceSettings, sessions: Sessions, tail: Tail
) -> None:
    cycles = [Cycle(uuid4()) for _ in range(10)]

    async def write(cycle: Cycle) -> None:
        for _ in range(30):
            await record(sessions, cycle)

    async def kill() -> None:
        while True:
            await asyncio.sleep(0.3)
            async with sessions.begin() as db:
                await db.execute(
                    text("""
                    SELECT pg_terminate_backend(pid) FROM pg_locks
                    WHERE locktype = 'advisory' AND mode = 'ShareLock' AND pid <> pg_backend_pid() LIMIT 1
                    """)
                )

    async with relaying(settings, 2):
        killer = asyncio.create_task(kill())
        await asyncio.gather(*(write(cycle) for cycle in cycles))
        await asyncio.sleep(1.0)
        killer.cancel()
        await until_published(sessions)
    found = await tail.read(cycles)
    for cycle in cycles:
        assert first_appearances(found[cycle.id]) == list(range(1, 31))


async def test_a_shard_that_is_not_acknowledged_holds_up_no_other_and_is_still_seen_as_no_progress(
    settings: ServiceSettings, sessions: Sessions, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.relay.OVERDUE", 0.1)
    away, near = (cycle_in(shard) for shard in (0, 1))
    acknowledged = asyncio.Event()
    landed = Sender._landed

    def leaderless(self: Sender, shard: int, *told: Any) -> None:
        if shard == 0 and not acknowledged.is_set():
            waiting.append(told)
        else:
            landed(self, shard, *told)

    waiting: list[Any] = []
    monkeypatch.setattr(Sender, "_landed", leaderless)
    async with relaying(settings) as (relay,):
        await record(sessions, away, events=2)
        await asyncio.sleep(0.3)
        before = relay.progress.moved
        for _ in range(5):
            await record(sessions, near)
        async with asyncio.timeout(15):
            while await unpublished(sessions) > 2:
                await asyncio.sleep(0.02)
        assert relay.progress.moved == before
        acknowledged.set()
        for told in waiting:
            landed(relay.sender, 0, *told)
        await until_published(sessions)
        async with asyncio.timeout(15):
            while relay.progress.moved < before + 7:
                await asyncio.sleep(0.02)
    found = await tail.read([away, near])
    assert [[envelope.version for envelope in found[cycle.id]] for cycle in (away, near)] == [[1, 2], [1, 2, 3, 4, 5]]


async def test_a_relay_waits_for_a_broker_that_is_away(settings: ServiceSettings, sessions: Sessions) -> None:
    cycle = Cycle(uuid4())
    await record(sessions, cycle)
    away = settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    relay = Relay(away.model_copy(update={"stuck_after": 0.5}), TOPIC)
    with pytest.raises(TimeoutError):
        await relay._publish()
    task = asyncio.create_task(relay.run())
    await asyncio.sleep(1.0)
    assert not task.done()
    assert await unpublished(sessions) == 1
    # It reads them anew with each attempt, and the one that is under way ends by this patience.
    relay.settings = settings.model_copy(update={"stuck_after": 2.0})
    await until_published(sessions)
    relay.stop()
    await asyncio.wait_for(task, 30)


async def test_what_the_broker_refuses_is_overtaken_by_nothing_and_holds_up_no_other_partition(
    settings: ServiceSettings, sessions: Sessions, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = f"narrow-{uuid4()}"
    monkeypatch.setitem(PARTITIONS, topic, PARTITIONS[TOPIC])
    admin = AIOKafkaAdminClient(bootstrap_servers=topics)
    await admin.start()
    narrow = NewTopic(topic, PARTITIONS[TOPIC], 1, topic_configs={"max.message.bytes": "3000"})
    await admin.create_topics([narrow])
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=topics, auto_offset_reset="earliest")
    await consumer.start()

    async def versions() -> list[int]:
        found = (await consumer.getmany(timeout_ms=500)).values()
        envelopes = [envelope_of(raw.headers) for records in found for raw in records]
        return [envelope.version for envelope in envelopes if envelope.key == cycle.id]

    cycle, others = cycle_in(3), [cycle_in(shard) for shard in (1, 2, 4, 5)]
    await record(sessions, cycle)
    async with sessions.begin() as db:
        await db.execute(text("UPDATE outbox SET body = decode(repeat('20', 5000), 'hex') WHERE version = 1"))
    await record(sessions, cycle, events=2)
    relay = Relay(settings, topic)
    task = asyncio.create_task(relay.run())
    async with asyncio.timeout(20):
        while not isinstance(relay.progress.outage, KafkaException):
            await asyncio.sleep(0.05)
    await record(sessions, cycle, events=2)
    for other in others:
        await record(sessions, other)
    async with asyncio.timeout(20):
        while await unpublished(sessions) > 5:
            await asyncio.sleep(0.05)
    assert relay.sender.refused.keys() <= {3}
    assert await versions() == []
    wide = ConfigResource(ConfigResourceType.TOPIC, topic, configs={"max.message.bytes": "9000"})
    await admin.alter_configs([wide])
    await until_published(sessions)
    relay.stop()
    await asyncio.wait_for(task, 30)
    found: list[int] = []
    async with asyncio.timeout(20):
        while 5 not in found:
            found += await versions()
    assert list(dict.fromkeys(found)) == [1, 2, 3, 4, 5]
    await consumer.stop()
    await admin.close()


@pytest.mark.parametrize(
    ("events", "refused", "of_a_request", "made"),
    [
        pytest.param(300, 20, 5, "time = '2999-12-31'", id="among many"),
        pytest.param(25, 1, 1, "time = '2999-12-31'", id="the first one"),
        pytest.param(25, 9, 5, "body = decode(repeat('20', 3000000), 'hex')", id="by librdkafka itself"),
    ],
)
async def test_what_the_broker_refuses_is_found_and_not_overtaken_among_many_in_several_requests(
    settings: ServiceSettings,
    sessions: Sessions,
    tail: Tail,
    monkeypatch: pytest.MonkeyPatch,
    events: int,
    refused: int,
    of_a_request: int,
    made: str,
) -> None:
    """What follows comes to its end with the producer, unseen by the broker, or could be taken for a first request."""
    requests = {"batch.num.messages": of_a_request}
    monkeypatch.setattr("chassis.kafka.Producer", lambda told, **more: Producer(told | requests, **more))
    monkeypatch.setattr("chassis.sending.REFUSED", 60.0)
    cycle, other = cycle_in(3), cycle_in(4)
    await record(sessions, cycle, events=events)

    async def make(change: str) -> None:
        async with sessions.begin() as db:
            await db.execute(text(f"UPDATE outbox SET {change} WHERE version = {refused} AND shard = 3"))

    await make(made)
    relay = Relay(settings, TOPIC)
    task = asyncio.create_task(relay.run())
    async with asyncio.timeout(20):
        while not relay.sender.refused:
            await asyncio.sleep(0.02)
    await record(sessions, other)
    async with asyncio.timeout(20):
        while not (await tail.read([other]))[other.id]:
            await asyncio.sleep(0.02)
    assert relay.sender.refused.keys() == {3}
    assert {envelope.version for envelope in (await tail.read([cycle]))[cycle.id]} <= set(range(1, refused))
    relay.sender.refused.clear()
    await make(f"time = now(), body = (SELECT body FROM outbox WHERE version = {refused + 1} AND shard = 3)")
    await until_published(sessions)
    relay.stop()
    await asyncio.wait_for(task, 30)
    assert first_appearances((await tail.read([cycle]))[cycle.id]) == list(range(1, events + 1))


async def test_a_look_at_what_waits_reads_nothing_of_what_is_published_whatever_postgresql_believes(
    settings: ServiceSettings, sessions: Sessions
) -> None:
    """With statistics of a time when there was nothing PostgreSQL would read through everything."""
    vitals = Vitals(settings)
    await vitals.measure()
    watching = vitals.db
    assert watching is not None
    db = await a_connection(settings)
    try:
        await db.execute("ANALYZE outbox; ANALYZE unpublished")
        async with sessions.begin() as work:
            await work.execute(
                text("""
                INSERT INTO outbox (event_id, shard, aggregate, version, type, time, headers, body)
                SELECT gen_random_uuid(), i % 16, gen_random_uuid(), 1, 'Made', now(), '', sha512('')
                FROM generate_series(1, 20000) i
                """)
            )
            await work.execute(text("DELETE FROM unpublished WHERE position % 100 <> 0"))
        await db.execute(BY_INDEX)
        plans = [
            await db.fetch(f"EXPLAIN {NEXT}", list(range(16)), 500, "{}"),
            await watching.fetch(f"EXPLAIN {UNPUBLISHED}"),
            await db.fetch(f"EXPLAIN {PUBLISHED}", "{1,2}", "{1,2}"),
        ]
    finally:
        await db.close()
        watching.terminate()
    next_ones, how_many, published = ("\n".join(row[0] for row in plan) for plan in plans)
    for told in (next_ones, how_many):
        assert sorted(re.findall(r"(\S+) on (?:outbox|unpublished)\b", told)) == ["outbox_pkey", "unpublished_pkey"]
        assert re.search(r"outbox_pkey on outbox .*\n *Index Cond: \(\"position\" = ", told), told
    assert re.search(r"unpublished_pkey on unpublished .*\n *Index Cond: \(\(shard = .*position\" = ANY", published)
