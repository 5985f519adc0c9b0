"""Wakes the relays when their outbox has grown: one NOTIFY for many commits, outside of the writers' transactions."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog

from chassis.database import a_connection
from chassis.errors import told
from chassis.settings import ServiceSettings

log = structlog.get_logger()

CHANNEL = "outbox"

REST = 0.004
"""Seconds between two calls, at least: what is committed meanwhile is told together."""


class Bell:
    """Rung after a commit with the shards that it wrote to; a call that is lost costs time alone.

    In a writer's transaction NOTIFY would hold a lock on the whole server until the commit is on disk, so that commits
    come one after the other; here it is a transaction of its own, which waits for no disk.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self.rung: set[int] = set()
        self.wanted = asyncio.Event()

    def ring(self, shards: Iterable[int]) -> None:
        """Something in these shards is committed."""
        self.rung.update(shards)
        self.wanted.set()

    @asynccontextmanager
    async def ringing(self) -> AsyncIterator[None]:
        """Call for the length of the block."""
        calling = asyncio.create_task(self.run())
        try:
            yield
        finally:
            calling.cancel()
            await asyncio.wait([calling])

    async def run(self) -> None:
        """Call for ever. Without the database nobody is called: relays look by themselves, too."""
        while True:
            await self.wanted.wait()
            try:
                await self._call()
            except Exception as error:
                log.warning("relays are not called", cause=told(error))
                self._hush()
                await asyncio.sleep(1.0)

    def _hush(self) -> None:
        self.wanted.clear()
        self.rung.clear()

    async def _call(self) -> None:
        db: asyncpg.Connection[Any] = await a_connection(self.settings)
        try:
            await db.execute("SET synchronous_commit = off")
            while True:
                await self.wanted.wait()
                shards = ",".join(map(str, sorted(self.rung)))
                self._hush()
                await db.execute("SELECT pg_notify($1, $2)", CHANNEL, shards)
                await asyncio.sleep(REST)
        finally:
            db.terminate()
