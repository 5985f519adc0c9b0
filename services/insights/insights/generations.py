"""A generation is a schema of facts with the inbox that guards them: `live` serves, `next` is built beside it.

Every connection finds its tables by search_path, so that a swap is the renaming of two schemas: readers and the worker
go on with the next statement in the new one. The worker keeps its consumer group. That loses nothing, because the swap
waits, with the worker held, until the new inbox has applied of every aggregate what the old one had; what the worker
is given again after that, the new inbox knows already.
"""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from chassis.collector import settled
from chassis.database import an_engine, sessions_of
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.kafka import begun, connection
from chassis.loop import run
from chassis.settings import ServiceSettings
from chassis.subscribing import Subscription
from contracts.topics import TOPICS
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from insights import queries
from insights.consumers import events

ONE_AT_A_TIME = 0x52454255
LANES = min(os.cpu_count() or 1, 8)
"""Processes that build, one for each core: to read and decode events is most of the work."""

TOLD_EVERY, STOPPED_WITHIN = 0.05, 20.0
"""Seconds after which a lane says how far it is, and within which it finishes its batch."""

PATIENCE = 60.0
"""Seconds without any progress after which a rebuild gives up."""

HOLD = 5.0
"""Seconds that the worker may be held while the new generation takes the last events."""

STATEMENT_TIMEOUT = 60.0

SECONDARY = text(
    """
    select relname, pg_get_indexdef(indexrelid) from pg_index join pg_class on pg_class.oid = indexrelid
     where relnamespace = 'next'::regnamespace and not indisunique
    """
)

BEHIND = text(
    """
    select count(*) from live.inbox as old left join next.inbox as new using (consumer, topic, aggregate)
     where coalesce(new.version, 0) < old.version
    """
)

Tell = Callable[[str], None]
Totals = dict[UUID, dict[str, int]]


class NotRebuilt(RuntimeError):
    """The new generation was given up; the old one serves as before."""


async def rebuild(settings: ServiceSettings, *, tell: Tell) -> None:
    """Build all facts anew from the first event on and swap them in, while the old ones serve. Raises NotRebuilt."""
    engine = an_engine(settings, timeout=STATEMENT_TIMEOUT)
    try:
        async with engine.connect() as db, engine.connect() as of_then:
            await of_then.execution_options(isolation_level="REPEATABLE READ")
            if not (await db.execute(text(f"select pg_try_advisory_lock({ONE_AT_A_TIME})"))).scalar_one():
                raise NotRebuilt("another rebuild is under way")
            indexes = await _begin(db)
            group = f"{events.name}-rebuild-{new_id()}"
            parts = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
            lanes = [Lane(settings, group, parts[number::LANES]) for number in range(LANES)]
            try:
                await _catch_up(lanes, await _published(settings, parts), tell)
                await _finish(db, indexes, tell)
                await _swap(db, of_then, lanes, tell)
            finally:
                await _stop(lanes)
            _compare(await _totals(of_then, "old"), await _totals(of_then, "live"), tell)
            await of_then.rollback()
            await db.execute(text("drop schema old cascade"))
            await db.commit()
    finally:
        await engine.dispose()


class Lane:
    """A process that builds from its share of the partitions.

    It ends when its pipe does, and so never outlives whoever started it.
    """

    def __init__(self, settings: ServiceSettings, group: str, share: Sequence[TopicPartition]) -> None:
        apart = multiprocessing.get_context("spawn")
        self.pipe, theirs = apart.Pipe()
        self.process = apart.Process(target=_lane, args=(settings, group, share, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.so_far = 0

    @property
    def taken(self) -> int:
        """Events that it has applied. Raises NotRebuilt when it has ended by itself."""
        try:
            while self.pipe.poll():
                self.so_far = self.pipe.recv()
        except EOFError:
            raise NotRebuilt("one of its processes ended; its own last words say why") from None
        return self.so_far

    async def stop(self) -> None:
        """Have it finish its batch, and wait for that."""
        self.pipe.close()
        await asyncio.to_thread(self.process.join, STOPPED_WITHIN)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _lane(settings: ServiceSettings, group: str, share: Sequence[TopicPartition], pipe: Connection) -> None:
    settled()
    run(_build(settings.model_copy(update={"database_schema": "next"}), group, share, pipe))


async def _build(settings: ServiceSettings, group: str, share: Sequence[TopicPartition], pipe: Connection) -> None:
    """Apply what comes to the new generation, until the other end of the pipe is closed."""
    # A server that dies ends the rebuild, with the connection that holds its lock: what it forgot is never swapped in.
    engine = an_engine(settings, timeout=STATEMENT_TIMEOUT, durable=False)
    lane = Subscription(settings, Inbox(events, sessions_of(engine, settings)), group=group, partitions=share)
    closed = asyncio.Event()
    asyncio.get_running_loop().add_reader(pipe.fileno(), closed.set)
    try:
        await lane.start()
        while not closed.is_set():
            with suppress(ConnectionError):
                pipe.send(lane.taken)
            await asyncio.sleep(TOLD_EVERY)
    finally:
        asyncio.get_running_loop().remove_reader(pipe.fileno())
        await lane.stop()
        await engine.dispose()


async def _begin(db: AsyncConnection) -> Sequence[str]:
    """An empty schema `next`, of the same tables as `live`; what an interrupted rebuild left is dropped.

    Its tables are not logged, and have no index but their keys: answers how to make the others.
    """
    for left in ("next", "old"):
        await db.execute(text(f"drop schema if exists {left} cascade"))
    await db.execute(text("create schema next"))
    for table in await _tables(db, "live"):
        await db.execute(text(f'create unlogged table next."{table}" (like live."{table}" including all)'))
    later = (await db.execute(SECONDARY)).all()
    for name, _ in later:
        await db.execute(text(f'drop index next."{name}"'))
    await db.commit()
    return [definition for _, definition in later]


async def _tables(db: AsyncConnection, schema: str) -> Sequence[str]:
    return (
        await db.scalars(text("select tablename from pg_tables where schemaname = :schema"), {"schema": schema})
    ).all()


async def _finish(db: AsyncConnection, indexes: Sequence[str], tell: Tell) -> None:
    """Make durable what was built, and find in it what readers look for."""
    for table in await _tables(db, "next"):
        await db.execute(text(f'alter table next."{table}" set logged'))
    for index in indexes:
        await db.execute(text(index))
    await db.commit()
    tell("written to disk, with its indexes")


async def _published(settings: ServiceSettings, partitions: Sequence[TopicPartition]) -> int:
    """How many events the topics hold by now."""
    consumer = AIOKafkaConsumer(**connection(settings))
    try:
        await begun(consumer.start())
        first, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        return sum(end[each] - first[each] for each in partitions)
    finally:
        await consumer.stop()


async def _stop(lanes: Sequence[Lane]) -> None:
    await asyncio.gather(*(lane.stop() for lane in lanes))


async def _catch_up(lanes: Sequence[Lane], total: int, tell: Tell) -> None:
    taken, moved, told = 0, time.monotonic(), 0.0
    while (so_far := sum(lane.taken for lane in lanes)) < total:
        now = time.monotonic()
        if so_far > taken:
            taken, moved = so_far, now
        if now - moved > PATIENCE:
            raise NotRebuilt(f"no event was applied for {PATIENCE:.0f} s, after {taken} of {total}")
        if now - told >= 1:
            tell(f"{taken} of {total} events")
            told = now
        await asyncio.sleep(0.05)
    tell(f"{so_far} of {total} events")


async def _swap(db: AsyncConnection, of_then: AsyncConnection, lanes: Sequence[Lane], tell: Tell) -> None:
    """Exchange the schemas in one transaction; that of `of_then` goes on to see both as they are at that moment."""
    since = time.monotonic()
    while True:
        # Whoever applies a batch locks its rows of the inbox before anything else: the worker waits at the next one.
        await db.execute(text("set local lock_timeout = '10s'"))
        await db.execute(text("lock table live.inbox in access exclusive mode"))
        held = time.monotonic()
        while behind := (await db.execute(BEHIND)).scalar_one():
            if time.monotonic() - held > HOLD:
                break
            await asyncio.sleep(0.05)
        if not behind:
            break
        await db.rollback()
        if time.monotonic() - since > PATIENCE:
            raise NotRebuilt(f"of {behind} aggregates the old generation knows events that cannot be applied anew")
        await asyncio.sleep(0.2)
    await _stop(lanes)
    await of_then.execute(text("select 1"))
    await db.execute(text("alter schema live rename to old"))
    await db.execute(text("alter schema next rename to live"))
    await db.commit()
    tell(f"swapped; the worker was held for {time.monotonic() - held:.2f} s")


async def _totals(db: AsyncConnection, schema: str) -> Totals:
    await db.execute(text(f"set local search_path to {schema}, public"))
    session = AsyncSession(bind=db)
    return {each.id: (await queries.figures(session, each.id)).figures for each in await queries.programmes(session)}


def _compare(before: Totals, after: Totals, tell: Tell) -> None:
    """Say for each programme whether its figures are equal, and which are not."""
    for programme in sorted(before.keys() | after.keys()):
        old, new = before.get(programme, {}), after.get(programme, {})
        changed = {code: (old.get(code), new.get(code)) for code in old | new if old.get(code) != new.get(code)}
        if not changed:
            tell(f"programme {programme}: all {len(new)} figures equal")
        for code, (was, now) in changed.items():
            tell(f"programme {programme}: {code} was {was}, is {now}")
