"""Publishes what the outbox holds: in order per key, at least once, marked only after the broker's acknowledgement."""

import asyncio
import math
from typing import Any, NamedTuple

import asyncpg
import msgspec
import structlog
from aiokafka import AIOKafkaProducer
from contracts.topics import PARTITIONS
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from chassis.database import a_connection
from chassis.kafka import connection
from chassis.outages import is_outage
from chassis.progress import Progress
from chassis.settings import ServiceSettings
from chassis.telemetry import RELAY_OUTAGES, RELAY_SHARDS, RELAYED

log = structlog.get_logger()

RELAYS, SHARDS = 0x52454C, 0x534852
"""Classes of advisory locks: one that a living relay holds under its backend's pid, one for each shard."""

BATCH = 500
"""Events of one shard that are sent at a time, at most."""

OVERDUE = 2.0
"""Seconds after which a broker that is there has acknowledged a batch."""

SHORTEST, LONGEST = 0.002, 0.1
"""Seconds between two looks at an outbox: at least, and when it stays empty.

After a small batch the pause is twice as long as the batch took, so that on a busy machine more go in the next.
"""

SHARING = 1.0
"""Seconds between two looks at how many relays share the work."""

NEXT = """
    SELECT waiting.shard, waiting.position, waiting.aggregate, waiting.time, waiting.headers, waiting.body
    FROM unnest($1::smallint[]) AS held (shard)
    CROSS JOIN LATERAL (
        SELECT * FROM outbox
        WHERE outbox.shard = held.shard AND published_at IS NULL
        ORDER BY position
        LIMIT $2
    ) AS waiting
"""
PUBLISHED = "UPDATE outbox SET published_at = now() WHERE position = ANY($1::bigint[])"
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


class Relay:
    """Publishes one service's outbox to its topic, sharing the shards with every other relay of the service.

    A shard is a partition of the topic: one batch goes to one partition, and one relay at a time holds the shard's
    advisory lock, on the very connection that reads and marks. A relay that dies loses its locks with its connection.
    A shard's next batch goes when the one before is marked; shards do not wait for each other.
    """

    def __init__(self, settings: ServiceSettings, topic: str) -> None:
        self.settings = settings
        self.topic = topic
        self.progress = Progress()
        self.mine = frozenset(range(PARTITIONS[topic]))
        self.held: set[int] = set()
        self.flying: dict[int, Flight] = {}
        self.acknowledged = 0
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
                max_batch_size=512 * 1024,
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
            self.mine = frozenset(range(PARTITIONS[self.topic]))
            RELAY_SHARDS.set(0)
            db.terminate()
            self.progress.step = self.progress.backend = None

    async def _publish_with(self, db: "asyncpg.Connection[Any]", producer: AIOKafkaProducer) -> None:
        await db.execute("SELECT pg_advisory_lock_shared($1, pg_backend_pid())", RELAYS)
        clock = asyncio.get_running_loop().time
        share_at, pause = clock(), SHORTEST
        while not self.stopping.is_set() or self.flying:
            began = clock()
            await self._mark(db)
            self.progress.step = "reads"
            if began >= share_at:
                await self._take_fair_share(db)
                share_at = began + SHARING
            idle = [] if self.stopping.is_set() else sorted(self.held - self.flying.keys())
            waiting = await db.fetch(NEXT, idle, BATCH) if idle else []
            if waiting:
                await self._send(producer, waiting)
                pause = max(SHORTEST, min(2 * (clock() - began), LONGEST))
            else:
                pause = min(pause * 1.5, LONGEST)
            self._tell_progress()
            if len(waiting) < BATCH:
                await asyncio.sleep(pause)
            else:
                flying = [flight.outcome for flight in self.flying.values()]
                await asyncio.wait(flying, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)

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

    async def _take_fair_share(self, db: "asyncpg.Connection[Any]") -> None:
        shards = PARTITIONS[self.topic]
        fair = math.ceil(shards / await db.fetchval(RELAYS_ALIVE, RELAYS))
        # A shard with a batch on its way is kept: whoever took it over could overtake it.
        resting = sorted(self.held - self.flying.keys(), reverse=True)
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

    async def _send(self, producer: AIOKafkaProducer, waiting: list["asyncpg.Record"]) -> None:
        """Send one batch for each shard; what did not fit into it comes with the next."""
        self.progress.step = "sends"
        batches: dict[int, tuple[Any, list[int]]] = {}
        for shard, position, aggregate, time, headers, body in waiting:
            if shard not in batches:
                batches[shard] = (producer.create_batch(), [])
            batch, positions = batches[shard]
            appended = batch.append(
                timestamp=int(time.timestamp() * 1000),
                key=str(aggregate).encode(),
                value=body,
                headers=decode_headers(headers),
            )
            if appended is not None:
                positions.append(position)
        since = asyncio.get_running_loop().time()
        for shard, (batch, positions) in batches.items():
            outcome = await producer.send_batch(batch, self.topic, partition=shard)
            self.flying[shard] = Flight(outcome, positions, since)

    async def _mark(self, db: "asyncpg.Connection[Any]") -> None:
        """Mark what was acknowledged since; the first failure is raised after that."""
        landed = {shard: flight for shard, flight in self.flying.items() if flight.outcome.done()}
        if not landed:
            return
        self.progress.step = "marks"
        failures = {shard: error for shard, flight in landed.items() if (error := flight.outcome.exception())}
        marked = [
            position for shard, flight in landed.items() if shard not in failures for position in flight.positions
        ]
        await db.execute(PUBLISHED, marked)
        for shard in landed:
            del self.flying[shard]
        self.acknowledged += len(marked)
        RELAYED.inc(len(marked))
        for error in failures.values():
            raise error
