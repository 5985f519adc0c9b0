"""Half an hour at a rate: what is dead in the tables and how they grow, and what the relay then costs."""

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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

DEAD = Goal("half an hour at 2,000/s, dead rows of what waits: its first piece", "rows")
SIZE = Goal("half an hour at 2,000/s, the table of what waits: its first piece", "MB")
ROW = Goal("half an hour at 2,000/s, the outbox's bytes for an event: its first piece", "bytes")
CORES = Goal("half an hour at 2,000/s, the relay's processor: its first piece", "cores")
GOALS = (DEAD, SIZE, ROW, CORES)

STATE = """
    SELECT n_dead_tup::float8 AS dead, pg_total_relation_size('unpublished')::float8 / 1e6 AS size,
           pg_total_relation_size('outbox')::float8 AS outbox, (SELECT count(*) FROM unpublished) AS waiting
    FROM pg_stat_user_tables WHERE relname = 'unpublished'
"""


class Piece(NamedTuple):
    """How things stood after a piece of the time; cores while it lasted."""

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
        with contender.running() as processes, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            while written < RATE * seconds:
                before, began = spent(processes), time.monotonic()
                each = await asyncio.get_running_loop().run_in_executor(
                    apart, write, contender, chunk, float(RATE), written
                )
                if each.rate < 0.9 * RATE:
                    raise Unsound(f"the writers came to {each.rate:.0f} commits a second, not {RATE}")
                written += chunk
                cores = (spent(processes) - before) / (time.monotonic() - began)
                state = await db.fetchrow(STATE)
                assert state is not None
                row = state["outbox"] / written
                found.append(Piece(state["dead"], state["size"], row, cores, state["waiting"]))
                order.told(f"{written:,} written, {found[-1]}")
    finally:
        await db.close()
    await must_be_whole(ground.bootstrap_servers, contender.topic, written)
    return found


async def measure(ground: Ground, order: Order) -> list[Figure]:
    """The last piece against the first."""
    found = await pieces(ground, order)
    first, last = found[0], found[-1]
    return [
        figure(DEAD, [Pair(max(each.dead for each in found), max(1.0, first.dead))]),
        figure(SIZE, [Pair(last.size, first.size)]),
        figure(ROW, [Pair(last.row, first.row)]),
        figure(CORES, [Pair(last.cores, first.cores)]),
    ]
