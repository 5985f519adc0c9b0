"""Forgets what is kept only for a while: answers under idempotency keys, and published outbox rows where told to."""

import asyncio
from datetime import timedelta

from sqlalchemy import delete, exists, func
from tenacity import AsyncRetrying, retry_if_exception, wait_random_exponential

from chassis.database import Sessions
from chassis.outages import is_outage
from chassis.settings import ServiceSettings
from chassis.tables import idempotency, outbox, unpublished

ANSWERS_KEPT = timedelta(days=7)
EVERY = 600.0
"""Seconds between two rounds."""


class Pruning:
    """Deletes what is older than its time, by age alone, so that any number of workers may do it."""

    def __init__(self, settings: ServiceSettings, sessions: Sessions) -> None:
        self.keep_outbox = None if settings.keep_outbox_days is None else timedelta(days=settings.keep_outbox_days)
        self.sessions = sessions

    async def run(self, stopping: asyncio.Event) -> None:
        """Prune now and then until told to stop; an outage is waited out."""
        while not stopping.is_set():
            async for attempt in AsyncRetrying(
                retry=retry_if_exception(is_outage), wait=wait_random_exponential(0.1, max=1.0)
            ):
                with attempt:
                    await self.prune()
            try:
                await asyncio.wait_for(stopping.wait(), EVERY)
            except TimeoutError:
                continue

    async def prune(self) -> None:
        """One round."""
        async with self.sessions.begin() as db:
            await db.execute(delete(idempotency).where(idempotency.c.kept_at < func.now() - ANSWERS_KEPT))
            if self.keep_outbox is not None:
                waits = exists().where(
                    unpublished.c.shard == outbox.c.shard, unpublished.c.position == outbox.c.position
                )
                await db.execute(delete(outbox).where(outbox.c.time < func.now() - self.keep_outbox, ~waits))
