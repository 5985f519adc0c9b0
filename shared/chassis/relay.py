"""Publishes what the outbox holds: in order per key, at least once, marked only after the broker's acknowledgement."""

import asyncio
import math
from collections.abc import Set
from contextlib import suppress
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import asyncpg
import msgspec
import structlog
from aiokafka import AIOKafkaProducer
from contracts.topics import PARTITIONS
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from chassis.bell import CHANNEL
from chassis.database import a_connection
from chassis.kafka import connection
from chassis.outages import is_outage
from chassis.progress import Progress
from chassis.settings import ServiceSettings
from chassis.telemetry import RELAY_OUTAGES, RELAY_SHARDS, RELAYED

log = structlog.get_logger()

RELAYS, SHARDS = 0x52454C, 0x534852
"""Classes of advisory locks: one that a living relay holds under its backend's pid, one for each shard."""

BATCH, TOGETHER = 500, 8
"""Events of one shard that are sent at a time, and shards that are read at a time, at most.

While some are read, those before are sent.
"""

OVERDUE = 2.0
"""Seconds after which a broker that is there has acknowledged a batch."""

LOOK = 0.1
"""Seconds between two looks at all shards, should nobody have called: what was committed may have had no bell."""

LINGER, LINGERED = 0.0004, 0.05
"""Seconds that a relay lingers for each event that it sent, where calls came meanwhile, and seconds at most.

At 1,000 a second that is little; from 2,500 on it is all of it: more goes in a batch, and writers keep the processor.
"""

MARK, MARKED = 0.05, 2000
"""Seconds that acknowledged events wait to be marked with others, and how many wait, at most.

A relay that dies meanwhile repeats them.
"""

SHARING = 1.0
"""Seconds between two looks at how many relays share the work."""

BY_INDEX = """
    SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET synchronous_commit = off
"""
"""Statistics of a table that is empty now and full a moment later mislead the planner: a relay reads by indexes alone.

Of a mark it does not wait until it is on disk: what is not marked is published again.
"""

NEXT = """
    SELECT waiting.*
    FROM unnest($1::smallint[]) AS held (shard)
    CROSS JOIN LATERAL (
        SELECT unpublished.shard, position, aggregate, time, headers, body
        FROM unpublished JOIN outbox USING (position)
        WHERE unpublished.shard = held.shard AND position <> ALL($3::bigint[])
        ORDER BY position
        LIMIT $2
    ) AS waiting
"""
PUBLISHED = """
    DELETE FROM unpublished USING unnest($1::smallint[], $2::bigint[]) AS published (shard, position)
    WHERE unpublished.shard = published.shard AND unpublished.position = published.position
"""
RELAYS_ALIVE = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND classid = $1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

decode_headers = msgspec.msgpack.Decoder(list[tuple[str, bytes]]).decode


class Flight(NamedTuple):
    """One shard's batch on its way: its positions, and since when (the loop's seconds)."""

    outcome: "asyncio.Future[Any]"
    positions: list[int]
    since: float


Waiting = dict[int, list[asyncpg.Record]]
"""What was read of each shard, and is sent next."""


class Relay:
    """Publishes one service's outbox to its topic, sharing the shards with every other relay of the service.

    A shard is a partition of the topic: one batch goes to one partition, and one relay at a time holds the shard's
    advisory lock, on the very connection that reads and marks. A relay that dies loses its locks with its connection.
    A shard's next batch goes when the one before is acknowledged; shards do not wait for each other.

    It looks at a shard when a bell calls, at all of them every so often, and works in turns: of those that were called
    it reads some while it sends those that it read before; who calls meanwhile comes next.
    """

    def __init__(self, settings: ServiceSettings, topic: str) -> None:
        self.settings = settings
        self.topic = topic
        self.progress = Progress()
        self.mine = frozenset(range(PARTITIONS[topic]))
        self.held: set[int] = set()
        self.called: set[int] = set()
        self.turn: dict[int, None] = {}
        self.flying: dict[int, Flight] = {}
        self.unmarked: list[tuple[int, int]] = []
        self.acknowledged = 0
        self.share_at = self.look_at = self.mark_at = 0.0
        self.awake = asyncio.Event()
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Publish until stopped; an outage of the broker or the database is waited out."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_outage), wait=wait_random_exponential(0.1, max=1.0), before_sleep=self._outage
        ):
            with attempt:
                await self._publish()

    def stop(self) -> None:
        """Finish the batch in flight and end."""
        self.stopping.set()
        self.awake.set()

    def _outage(self, state: RetryCallState) -> None:
        RELAY_OUTAGES.inc()
        self.progress.outage = state.outcome.exception() if state.outcome else None
        log.warning("relay waits for a server", cause=repr(self.progress.outage))

    async def _publish(self) -> None:
        self.progress.step = "connects"
        db = await a_connection(self.settings)
        self.progress.backend = db.get_server_pid()
        try:
            producer = AIOKafkaProducer(
                **connection(self.settings),
                acks="all",
                enable_idempotence=True,
                max_batch_size=1024 * 1024,
                max_request_size=2 * 1024 * 1024,
                request_timeout_ms=10_000,
            )
            try:
                await producer.start()
                await self._publish_with(db, producer)
            finally:
                self.progress.step = "stops"
                await producer.stop()
        finally:
            self.held.clear()
            self.flying.clear()
            self.unmarked.clear()
            self.mine = frozenset(range(PARTITIONS[self.topic]))
            RELAY_SHARDS.set(0)
            db.terminate()
            self.progress.step = self.progress.backend = None

    async def _publish_with(self, db: "asyncpg.Connection[Any]", producer: AIOKafkaProducer) -> None:
        await db.execute(BY_INDEX)
        await db.execute("SELECT pg_advisory_lock_shared($1, pg_backend_pid())", RELAYS)
        await db.add_listener(CHANNEL, self._hear)
        self.share_at = self.look_at = self.mark_at = asyncio.get_running_loop().time()
        sent = 0
        waiting: Waiting = {}
        while not self.stopping.is_set() or self.flying or self.unmarked:
            self._land()
            asking = self._ask(db, waiting.keys())
            waiting = (await asyncio.gather(asking, self._send(producer, waiting)))[0] if waiting else await asking
            self._tell_progress()
            sent += sum(map(len, waiting.values()))
            if waiting or self.turn.keys() & self.held - self.flying.keys():
                continue
            if self.awake.is_set():
                await asyncio.sleep(min(LINGER * sent, LINGERED))
            if self.flying or not self.stopping.is_set():
                await self._wait_until(min(self.look_at, self.share_at, self.mark_at if self.unmarked else math.inf))
            self._begin_turn()
            sent = 0

    def _begin_turn(self) -> None:
        """What was called until now is looked at, once; who calls meanwhile comes next."""
        self.awake.clear()
        now = asyncio.get_running_loop().time()
        if now >= self.look_at:
            self.called |= self.held
            self.look_at = now + LOOK
        self.turn |= dict.fromkeys(self.called)
        self.called.clear()

    def _hear(self, _: object, __: int, ___: str, shards: object) -> None:
        """A bell calls: something was committed in these shards."""
        self.called.update(int(shard) for shard in str(shards).split(","))
        self.awake.set()

    async def _wait_until(self, moment: float) -> None:
        """Return when there is something to do, at that moment (the loop's seconds) at the latest."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(moment):
                await self.awake.wait()

    def _tell_progress(self) -> None:
        """A shard whose leader is away holds up no other; but as long as one is overdue, the relay does not progress.

        Raises TimeoutError where the producer itself does not come to an end.
        """
        oldest = min((flight.since for flight in self.flying.values()), default=math.inf)
        late = asyncio.get_running_loop().time() - oldest
        if late > self.settings.stuck_after:
            raise TimeoutError(f"no acknowledgement for {late:.0f} s")
        self.progress.step = "sends" if self.flying else None
        if late < OVERDUE:
            self.progress.done(self.acknowledged - self.progress.moved)

    async def _ask(self, db: "asyncpg.Connection[Any]", at_hand: Set[int]) -> Waiting:
        """Ask the database for all that is due: mark, share, and read what waits in shards of which nothing is sent."""
        now = asyncio.get_running_loop().time()
        if self.unmarked and (now >= self.mark_at or len(self.unmarked) >= MARKED or self.stopping.is_set()):
            await self._mark(db)
            self.mark_at = now + MARK
        if now >= self.share_at:
            await self._take_fair_share(db, self.flying.keys() | at_hand)
            self.share_at = now + SHARING
        free = self.held - self.flying.keys() - at_hand
        ready = [shard for shard in self.turn if shard in free][:TOGETHER]
        if not ready or self.stopping.is_set():
            return {}
        self.progress.step = "reads"
        for shard in ready:
            del self.turn[shard]
        rows = await db.fetch(NEXT, ready, BATCH, [position for _, position in self.unmarked])
        waiting = {shard: list(found) for shard, found in groupby(rows, itemgetter("shard"))}
        self.turn |= {shard: None for shard, found in waiting.items() if len(found) == BATCH}
        return waiting

    async def _take_fair_share(self, db: "asyncpg.Connection[Any]", busy: Set[int]) -> None:
        shards = PARTITIONS[self.topic]
        fair = math.ceil(shards / await db.fetchval(RELAYS_ALIVE, RELAYS))
        # A shard of which something is on its way is kept: whoever took it over could overtake that, or repeat it.
        if len(self.held) > fair and self.unmarked:
            await self._mark(db)
        resting = sorted(self.held - busy, reverse=True)
        for shard in resting[: max(0, len(self.held) - fair)]:
            await db.execute("SELECT pg_advisory_unlock($1, $2)", SHARDS, shard)
            self.held.discard(shard)
        for shard in sorted(set(range(shards)) - self.held):
            if len(self.held) == fair:
                break
            if await db.fetchval("SELECT pg_try_advisory_lock($1, $2)", SHARDS, shard):
                self.held.add(shard)
        self.mine = frozenset(self.held)
        RELAY_SHARDS.set(len(self.held))

    async def _send(self, producer: AIOKafkaProducer, waiting: Waiting) -> None:
        """Send one batch for each shard. It has room for so many bytes: what is left over comes with the next."""
        for shard, rows in waiting.items():
            batch = producer.create_batch()
            positions = []
            for _, position, aggregate, time, headers, body in rows:
                appended = batch.append(
                    timestamp=int(time.timestamp() * 1000),
                    key=str(aggregate).encode(),
                    value=body,
                    headers=decode_headers(headers),
                )
                if appended is None:
                    self.turn[shard] = None
                    break
                positions.append(position)
            since = asyncio.get_running_loop().time()
            outcome = await producer.send_batch(batch, self.topic, partition=shard)
            self.flying[shard] = Flight(outcome, positions, since)
            outcome.add_done_callback(partial(self._landed, shard))

    def _landed(self, shard: int, _: object) -> None:
        # What was called for meanwhile can be sent now.
        if shard in self.turn or self.stopping.is_set():
            self.awake.set()

    def _land(self) -> None:
        """Take note of what was acknowledged since; the first failure is raised after that."""
        landed = {shard: flight for shard, flight in self.flying.items() if flight.outcome.done()}
        failures = []
        for shard, flight in landed.items():
            del self.flying[shard]
            if error := flight.outcome.exception():
                failures.append(error)
                continue
            self.unmarked += ((shard, position) for position in flight.positions)
            self.acknowledged += len(flight.positions)
            RELAYED.inc(len(flight.positions))
        for error in failures:
            raise error

    async def _mark(self, db: "asyncpg.Connection[Any]") -> None:
        """Mark what was acknowledged."""
        self.progress.step = "marks"
        await db.execute(PUBLISHED, *zip(*self.unmarked, strict=True))
        self.unmarked = []
