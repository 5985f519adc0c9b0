"""Connections that the server ended while nobody used them are nobody's error."""

import asyncio

from chassis.database import Sessions
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

POOLED = 5


async def _pids(sessions: Sessions) -> set[int]:
    """The server's processes behind as many sessions at once as the pool holds."""
    together = [sessions() for _ in range(POOLED)]

    async def pid(db: AsyncSession) -> int:
        return int((await db.execute(text("SELECT pg_backend_pid()"))).scalar_one())

    pids = {await pid(db) for db in together}
    for db in together:
        await db.close()
    return pids


async def test_what_the_server_ended_meanwhile_is_connected_anew_before_anybody_asks(sessions: Sessions) -> None:
    ended = await _pids(sessions)
    assert len(ended) == POOLED
    async with sessions() as db:
        own = int((await db.execute(text("SELECT pg_backend_pid()"))).scalar_one())
        gone = text("SELECT pg_terminate_backend(pid, 5000) FROM unnest(CAST(:pids AS int[])) AS pid")
        await db.execute(gone, {"pids": sorted(ended - {own})})
    # The news is read by the loop before anything is asked.
    await asyncio.sleep(0.1)
    fresh = await _pids(sessions)
    assert fresh & ended == {own}
