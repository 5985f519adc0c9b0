"""Publishes what the outbox holds: in order per key, at least once, marked only after the broker's acknowledgement."""

import asyncio
import math
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import asyncpg
import psycopg2
import structlog
from confluent_kafka import KafkaException
from contracts.topics import PARTITIONS
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, retry_if_exception_type, wait_random_exponential

from chassis.database import BY_INDEX, a_connection
from chassis.outages import is_outage
from chassis.progress import Progress
from chassis.sending import GATHERED, Sender
from chassis.settings import ServiceSettings
from chassis.streaming import Row, Stream
from chassis.telemetry import RELAY_HEARS, RELAY_OUTAGES, RELAY_SHARDS, RELAYED

log = structlog.get_logger()

RELAYS, SHARDS = 0x52454C, 0x534852
"""Classes of advisory locks: one that a living relay holds under its backend's pid, one for each shard."""

TOGETHER, PARTS = 4, 4
"""Shards that are read from the table at a time, at most, and parts in which a relay reads those that it holds.

While one part is handed over, the next is read, and those before land.
"""

EARLY = 1000
"""Events of one shard that are heard too early and kept; of more the table knows."""

OVERDUE = 2.0
"""Seconds after which a broker that is there has acknowledged something of a shard."""

LOOK, LOOK_AT_ALL = 0.1, 10.0
"""Seconds between two looks into the table, for shards of which not everything was heard, and for all, to be sure."""

REMEMBERED = 32
"""Reads of one shard of which is known what they found, until the stream has told it, too, at most."""

SELDOM, OFTEN = 1500, 2500
"""Events of the service a second that a relay hears again, and at which it looks into the table instead.

To hear of each commit by itself costs the server what then the writers lack; many together are cheaper to look for.
"""

POLL = 0.001
"""Seconds between two looks at what was acknowledged, while more of the same shards waits to be read."""

MARK, MARKED = 0.1, 2000
"""Seconds that acknowledged events wait to be marked with others, and how many are marked while more is heard of.

A relay that dies meanwhile repeats them.
"""

SHARING = 1.0
"""Seconds between two looks at how many relays share the work."""

AT_ONCE = "SET synchronous_commit = off"
"""Of a mark a relay does not wait until it is on disk: what is not marked is published again."""

NEXT = """
    SELECT shard, position, aggregate::text AS key, (date_part('epoch', time) * 1000)::bigint AS time, headers, body,
        (SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint) AS reached
    FROM outbox WHERE position = ANY(ARRAY(
        SELECT waiting.position
        FROM unnest($1::smallint[]) AS held (shard)
        CROSS JOIN LATERAL (
            SELECT position FROM unpublished
            WHERE unpublished.shard = held.shard AND position NOT IN (SELECT unnest($3::text::bigint[]))
            ORDER BY position
            LIMIT $2
        ) AS waiting
    ))
    ORDER BY position
"""
"""Of several shards at once, in the order in which they lie on disk: so each page is visited once.

`NOT IN`, which PostgreSQL looks up in a hash; `<> ALL` of a parameter it compares with one by one. `reached` is a query
of its own, which it asks once, after it knows what it sees: written out, it reads the place as text for each row.
"""

PUBLISHED = """
    DELETE FROM unpublished USING (
        SELECT shard, array_agg(position) AS positions
        FROM unnest($1::text::smallint[], $2::text::bigint[]) AS landed (shard, position)
        GROUP BY shard
    ) AS published
    WHERE unpublished.shard = published.shard AND unpublished.position = ANY(published.positions)
    RETURNING unpublished.position
"""
"""An array for each shard, which PostgreSQL looks up in one walk through the index."""

WAITING = "SELECT shard, position FROM unpublished WHERE shard = ANY($1::smallint[]) AND position <= $2"
LAST = "SELECT coalesce(max(position), 0) FROM outbox"
RELAYS_ALIVE = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND classid = $1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Swept(NamedTuple):
    """What was read of one shard from the table, and where the stream has told all of it, too."""

    until: int
    positions: frozenset[int]


class Read(NamedTuple):
    """What was read of these shards from the table; where the server's log was then, and which stream was heard."""

    shards: Sequence[int] = ()
    rows: Sequence[Any] = ()
    reached: int = 0
    hearing: object | None = None


NOTHING = Read()


class Relay:
    """Publishes one service's outbox to its topic, sharing the shards with every other relay of the service.

    A shard is a partition of the topic; one relay at a time holds the shard's advisory lock, on the very connection
    that reads and marks. A relay that dies loses its locks with its connection. Shards do not wait for each other.

    What is committed it hears from a stream, in the order of commits, and hands to the producer at once. A shard is
    `behind` until the table has been read to its end while the stream was heard: at first, after the stream broke, and
    when more came than may be on its way. What is heard of it meanwhile waits in `late`, but for what the table told.
    """

    def __init__(self, settings: ServiceSettings, topic: str) -> None:
        self.settings = settings
        self.topic = topic
        self.progress = Progress()
        self.mine = frozenset(range(PARTITIONS[topic]))
        self.held: set[int] = set()
        self.leaving: set[int] = set()
        self.behind: set[int] = set()
        self.missed: set[int] = set()
        self.late: defaultdict[int, dict[int, Row]] = defaultdict(dict)
        self.swept: defaultdict[int, deque[Swept]] = defaultdict(partial(deque[Swept], maxlen=REMEMBERED))
        self.turn: dict[int, None] = {}
        self.unseen: dict[int, int] = {}
        self.share_at = self.count_at = self.look_at = self.look_at_all_at = self.mark_at = 0.0
        self.counted = 0
        self.known = 0
        self.awake = asyncio.Event()
        self.stream = Stream(settings, self._hear)
        self.sender = Sender(topic, self.awake)
        self.ears: asyncio.Task[None]
        self.hearing: object | None = None
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Publish until stopped; an outage of the broker or the database is waited out."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_outage), wait=wait_random_exponential(0.1, max=1.0), before_sleep=self._outage
        ):
            with attempt:
                await self._publish()

    def stop(self) -> None:
        """Let what is on its way land, and end."""
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
            self.sender.start(self.settings)
            self.ears = asyncio.create_task(self._hear_on())
            try:
                await self._publish_with(db)
            finally:
                self.progress.step = "stops"
                self.ears.cancel()
                await asyncio.wait([self.ears])
                await self.sender.end()
        finally:
            self._forget()
            db.terminate()
            self.progress.step = self.progress.backend = None

    def _forget(self) -> None:
        """Hold nothing and know nothing; of what is on its way the sender's next start is the end."""
        for of_shards in (self.held, self.leaving, self.behind, self.missed):
            of_shards.clear()
        for by_shard in (self.late, self.swept, self.turn, self.unseen):
            by_shard.clear()
        self.mine = frozenset(range(PARTITIONS[self.topic]))
        RELAY_SHARDS.set(0)

    async def _hear_on(self) -> None:
        """Hear what is committed until cancelled; while there is no stream, the table is looked into."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(psycopg2.Error),
            wait=wait_random_exponential(LOOK, max=5.0),
            before_sleep=_deaf,
        ):
            with attempt:
                try:
                    await self.stream.run(self._begin_to_hear)
                finally:
                    self.hearing = None
                    RELAY_HEARS.set(0)
                    self.swept.clear()
                    self._fall_behind(self.held)

    def _hear_or_look(self, seconds: float) -> None:
        """By what was published in these seconds: as much as of our shards comes of each of the others'."""
        rate = (self.sender.acknowledged - self.counted) / seconds * PARTITIONS[self.topic] / max(1, len(self.held))
        self.counted = self.sender.acknowledged
        if self.ears.done() and not self.ears.cancelled():
            self.ears.result()
        if rate > OFTEN:
            self.ears.cancel()
        elif rate < SELDOM and self.ears.done():
            self.ears = asyncio.create_task(self._hear_on())

    def _begin_to_hear(self) -> None:
        self.hearing = object()
        RELAY_HEARS.set(1)

    def _hear(self, row: Row) -> None:
        """Something was committed: it is sent after what was heard before, unless the table has to be read first."""
        shard = row.shard
        if shard not in self.held or any(row.position in swept.positions for swept in self.swept.get(shard, ())):
            return
        if shard not in self.behind:
            if self.sender.has_room(shard) and not self.stopping.is_set():
                self._send(shard, [row])
                return
            self._fall_behind([shard])
        if len(self.late[shard]) < EARLY:
            self.late[shard][row.position] = row
        else:
            self.missed.add(shard)

    def _fall_behind(self, shards: Iterable[int]) -> None:
        for shard in shards:
            self.behind.add(shard)
            self.turn[shard] = None
        self.awake.set()

    def _catch_up(self, shard: int) -> None:
        """Behind no more: had its turn come again meanwhile, it would be read beside what is heard, and sent twice."""
        self.behind.discard(shard)
        self.turn.pop(shard, None)

    def _send(self, shard: int, rows: Sequence[Row]) -> None:
        """Have events sent after those of their shard that were sent before, and marked with others soon after."""
        if not self.sender.flying and not self.sender.landed:
            self.mark_at = asyncio.get_running_loop().time() + MARK
            self.awake.set()
        self.sender.send(shard, rows)

    async def _publish_with(self, db: "asyncpg.Connection[Any]") -> None:
        await db.execute(f"{BY_INDEX}; {AT_ONCE}")
        await db.execute("SELECT pg_advisory_lock_shared($1, pg_backend_pid())", RELAYS)
        self.known = 0
        now = asyncio.get_running_loop().time()
        self.share_at = self.look_at = now
        self.count_at = now + SHARING
        self.look_at_all_at = now + LOOK_AT_ALL
        read = NOTHING
        try:
            while not self.stopping.is_set() or self.sender.flying or self.sender.landed:
                self.awake.clear()
                await self._hear_what_landed(db)
                self._drop_what_was_told()
                await self._ask(db)
                read = await self._read_on(db, read)
                self.progress.step = "sends" if self.sender.flying else None
                if not read.shards and not self._next():
                    await self._wait()
        except KafkaException:
            # The next attempt may end as this one did, and what landed beside would be sent with each of them.
            await self._mark(db)
            raise

    async def _hear_what_landed(self, db: "asyncpg.Connection[Any]") -> None:
        """Hear what was acknowledged, while the database marks much that was before. Raises what `_poll` does."""
        marking = asyncio.create_task(self._mark(db)) if len(self.sender.landed) >= MARKED else None
        try:
            # The mark goes out.
            await asyncio.sleep(0)
            self._poll()
        finally:
            if marking:
                await marking

    def _poll(self) -> None:
        """Hear what the broker has acknowledged. Raises KafkaException, and TimeoutError where nothing comes any more.

        A shard whose leader is away holds up no other; but as long as one is overdue, the relay does not progress.
        """
        RELAYED.inc(self.sender.poll())
        silence = self.sender.silence()
        if silence > self.settings.stuck_after:
            raise TimeoutError(f"no acknowledgement for {silence:.0f} s")
        if silence < OVERDUE:
            self.progress.done(self.sender.acknowledged - self.progress.moved)

    def _drop_what_was_told(self) -> None:
        """What was read from the table, too, is heard of until the stream has come to where that was."""
        for shard, swept in list(self.swept.items()):
            while swept and swept[0].until <= self.stream.reached:
                swept.popleft()
            if not swept:
                del self.swept[shard]

    def _next(self, read: Read = NOTHING) -> list[int]:
        """Shards whose turn it is to be read from the table, and of which nothing is on its way or has been read."""
        if self.stopping.is_set():
            return []
        free = [shard for shard in self.turn if shard not in self.sender.flying and shard not in read.shards]
        return free[: min(TOGETHER, math.ceil(len(self.held) / PARTS))]

    async def _wait(self) -> None:
        """Return when there is something to do."""
        loop = asyncio.get_running_loop()
        until = min(
            self.share_at,
            self.count_at,
            self.look_at_all_at,
            self.look_at if self.behind else math.inf,
            self.mark_at if self.sender.flying or self.sender.landed or self.unseen else math.inf,
            loop.time() + self._patience() if self.turn or self.sender.waits() or self.stopping.is_set() else math.inf,
        )
        alarm = loop.call_at(until, self.awake.set)
        try:
            await self.awake.wait()
        finally:
            alarm.cancel()

    def _patience(self) -> float:
        """A broker that has just answered is asked again at once."""
        return POLL if self.sender.polled_at - self.sender.landed_at < LOOK else LOOK

    async def _ask(self, db: "asyncpg.Connection[Any]") -> None:
        """Ask the database for all that is due but events: mark, share, and look."""
        now = asyncio.get_running_loop().time()
        if now >= self.mark_at or self.stopping.is_set():
            await self._mark(db)
        if now >= self.share_at:
            await self._take_fair_share(db)
            self.share_at = now + (MARK if self.leaving else SHARING)
        if now >= self.count_at:
            self._hear_or_look(now - self.count_at + SHARING)
            self.count_at = now + SHARING
        if now >= self.look_at_all_at:
            await self._look_at_all(db)
            self.look_at_all_at = now + LOOK_AT_ALL
        if now >= self.look_at:
            self.turn |= dict.fromkeys(self.behind)
            self.look_at = now + LOOK

    async def _read_on(self, db: "asyncpg.Connection[Any]", read: Read) -> Read:
        """Have the next shards read, while what was read before is handed over."""
        shards = self._next(read)
        reading = asyncio.create_task(self._read(db, shards)) if shards else None
        try:
            await self._hand_over(read)
            return await reading if reading else NOTHING
        finally:
            if reading:
                reading.cancel()

    async def _read(self, db: "asyncpg.Connection[Any]", shards: Sequence[int]) -> Read:
        self.progress.step = "reads"
        for shard in shards:
            del self.turn[shard]
        self.missed.difference_update(shards)
        hearing = self.hearing
        rows = await db.fetch(NEXT, shards, GATHERED, _array([*self.sender.landed, *self.unseen]))
        return Read(shards, rows, rows[-1]["reached"] if rows else 0, hearing)

    async def _hand_over(self, read: Read) -> None:
        """Send what was read: whichever shard was read to its end while the stream is heard is behind no more."""
        if not read.shards:
            return
        # The next read goes out.
        await asyncio.sleep(0)
        batches: defaultdict[int, list[Row]] = defaultdict(list)
        for shard, position, key, moment, headers, body, _ in read.rows:
            batches[shard].append(Row(shard, position, key.encode(), moment, headers, body))
        for shard in read.shards:
            # What came of it is taken: PostgreSQL waits for whoever does not take more than lies in between.
            await asyncio.sleep(0)
            if shard not in self.held:
                continue
            if batch := batches[shard]:
                positions = frozenset(row.position for row in batch)
                self.swept[shard].append(Swept(read.reached, positions))
                self.late[shard] = {at: row for at, row in self.late[shard].items() if at not in positions}
                self._send(shard, batch)
            if len(batch) == GATHERED or shard in self.missed:
                self.turn[shard] = None
            elif read.hearing is not None and read.hearing is self.hearing:
                # Who sees a commit in the log may be earlier than who looks into the table.
                if late := self.late.pop(shard, {}):
                    self._send(shard, list(late.values()))
                self._catch_up(shard)

    async def _look_at_all(self, db: "asyncpg.Connection[Any]") -> None:
        """Look for what was there at the look before and is not on its way: something was not heard."""
        self.progress.step = "looks"
        rows = await db.fetch(WAITING, list(self.held - self.behind), self.known)
        waiting = {row["position"]: row["shard"] for row in rows}
        self.unseen = {at: shard for at, shard in self.unseen.items() if at in waiting or at > self.known}
        sent = self.sender.positions() | self.unseen.keys()
        self._fall_behind({waiting[at] for at in waiting.keys() - sent})
        self.known = await db.fetchval(LAST)

    async def _take_fair_share(self, db: "asyncpg.Connection[Any]") -> None:
        shards = PARTITIONS[self.topic]
        fair = math.ceil(shards / await db.fetchval(RELAYS_ALIVE, RELAYS))
        for shard in sorted(self.held, reverse=True)[: max(0, len(self.held) - fair)]:
            self._leave(shard)
        # A shard of which something is on its way is kept: whoever took it over could overtake that, or repeat it.
        for shard in self.leaving - self.sender.shards():
            await db.execute("SELECT pg_advisory_unlock($1, $2)", SHARDS, shard)
            self.leaving.discard(shard)
        for shard in sorted(set(range(shards)) - self.held - self.leaving - self.sender.left_alone()):
            if len(self.held) == fair:
                break
            if await db.fetchval("SELECT pg_try_advisory_lock($1, $2)", SHARDS, shard):
                self.held.add(shard)
                self._fall_behind([shard])
        self.mine = frozenset(self.held)
        RELAY_SHARDS.set(len(self.held))

    def _leave(self, shard: int) -> None:
        self.held.discard(shard)
        self.leaving.add(shard)
        self._catch_up(shard)
        self.late.pop(shard, None)

    async def _mark(self, db: "asyncpg.Connection[Any]") -> None:
        """Mark what was acknowledged.

        PostgreSQL tells of a commit a moment before others see it: what cannot be marked yet is tried again.
        """
        self.mark_at = asyncio.get_running_loop().time() + MARK
        published = self.unseen | self.sender.take_landed()
        if not published:
            return
        self.progress.step = "marks"
        marked = await db.fetch(PUBLISHED, _array(published.values()), _array(published))
        for row in marked:
            del published[row["position"]]
        self.unseen = published


def _deaf(state: RetryCallState) -> None:
    cause = state.outcome.exception() if state.outcome else None
    log.warning("a relay does not hear what is committed, and looks", cause=str(cause).strip())


def _array(numbers: Iterable[int]) -> str:
    """Numbers as PostgreSQL reads them: asyncpg takes longer over each, which it looks into for an array of its own."""
    return f"{{{','.join(map(str, numbers))}}}"
