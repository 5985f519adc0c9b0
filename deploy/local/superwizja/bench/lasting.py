"""Half an hour at a rate: what is dead in the tables and how they grow, and what the relay then costs."""

import asyncio
from typing import NamedTuple

import asyncpg

from superwizja.bench.draining import must_be_whole
from superwizja.bench.figure import Figure, Goal, Pair, Unsound, figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.latency import spent
from superwizja.bench.ours import ours
from superwizja.bench.writing import driver_url, write

RATE, SECONDS, CHUNK = 2000, 1800.0, 60.0
"""Commits a second, for so many seconds, in pieces of so many seconds: each piece's rows are made before it."""

LOOK, FEW = 1.0, 5
"""Seconds between two looks at the dead rows; pieces whose most is taken: a vacuum comes once a minute."""

DEAD = Goal("half an hour at 2,000/s, most dead rows of what waits, in its last 5 pieces: in its first 5", "rows")
SIZE = Goal("half an hour at 2,000/s, the table of what waits: its first piece", "MB")
ROW = Goal("half an hour at 2,000/s, the outbox's bytes for an event: its first piece", "bytes")
CORES = Goal("half an hour at 2,000/s, the relay's processor: its first piece", "cores")
GOALS = (DEAD, SIZE, ROW, CORES)

DEAD_ROWS = "SELECT n_dead_tup::float8 FROM pg_stat_user_tables WHERE relname = 'unpublished'"
STATE = """
    SELECT pg_total_relation_size('unpublished')::float8 / 1e6 AS size,
           pg_total_relation_size('outbox')::float8 AS outbox, (SELECT count(*) FROM unpublished) AS waiting
"""


class Piece(NamedTuple):
    """How things stood after a piece of the time; `dead` at most and cores while it lasted."""

    dead: float
    size: float
    row: float
    cores: float
    waiting: int


async def pieces(ground: Ground, order: Order, seconds: float = SECONDS) -> list[Piece]:
    """One after the other. Raises Unsound where the writers do not come to the rate, or an event is lost."""
    contender = await ours(ground)
    found: list[Piece] = []
    chunk, written = int(RATE * CHUNK), 0
    db = await asyncpg.connect(driver_url(contender.url))
    try:
        with contender.running() as processes:
            while written < RATE * seconds:
                before = spent(processes)
                writing = asyncio.get_running_loop().run_in_executor(
                    ground.apart, write, contender, chunk, float(RATE), written
                )
                dead = 0.0
                while not writing.done():
                    dead = max(dead, await db.fetchval(DEAD_ROWS))
                    await asyncio.wait([writing], timeout=LOOK)
                each = await writing
                if each.rate < 0.9 * RATE:
                    raise Unsound(f"the writers came to {each.rate:.0f} commits a second, not {RATE}")
                written += chunk
                cores = (spent(processes) - before) / CHUNK
                state = await db.fetchrow(STATE)
                assert state is not None
                row = state["outbox"] / written
                found.append(Piece(dead, state["size"], row, cores, state["waiting"]))
                order.told(f"{written:,} written, {found[-1]}")
            await must_be_whole(ground, contender.topic, written)
    finally:
        await db.close()
    return found


async def measure(ground: Ground, order: Order) -> list[Figure]:
    """The end against the beginning."""
    found = await pieces(ground, order)
    first, last = found[0], found[-1]
    return [
        figure(DEAD, [Pair(*(max(1.0, *(each.dead for each in part)) for part in (found[-FEW:], found[:FEW])))]),
        figure(SIZE, [Pair(last.size, first.size)]),
        figure(ROW, [Pair(last.row, first.row)]),
        figure(CORES, [Pair(last.cores, first.cores)]),
    ]
