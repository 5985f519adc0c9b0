"""Takes parked aggregates up again when an operator has asked for it."""

import asyncio

from sqlalchemy import delete, select
from tenacity import AsyncRetrying, retry_if_exception, wait_random_exponential

from chassis.database import Sessions
from chassis.inbox import Inbox
from chassis.outages import is_outage
from chassis.tables import redrive

LOOK_EVERY = 2.0
"""Seconds between two looks at what operators asked for."""


class Redriving:
    """Redrives, one aggregate at a time, whatever `POST /v1/parked/.../redrive` has written down."""

    def __init__(self, inboxes: list[Inbox], sessions: Sessions) -> None:
        self.inboxes = {inbox.consumer.name: inbox for inbox in inboxes}
        self.sessions = sessions

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until told to stop; an outage is waited out."""
        while not stopping.is_set():
            async for attempt in AsyncRetrying(
                retry=retry_if_exception(is_outage), wait=wait_random_exponential(0.1, max=1.0)
            ):
                with attempt:
                    await self.next()
            await asyncio.sleep(LOOK_EVERY)

    async def next(self) -> None:
        """Redrive what was asked for longest ago, then forget the asking, unless it was asked again meanwhile."""
        async with self.sessions.begin() as db:
            oldest = select(redrive).where(redrive.c.consumer.in_(self.inboxes)).order_by(redrive.c.asked_at).limit(1)
            asked = (await db.execute(oldest)).first()
        if asked is None:
            return
        await self.inboxes[asked.consumer].redrive(asked.aggregate)
        async with self.sessions.begin() as db:
            this = (redrive.c.consumer == asked.consumer) & (redrive.c.aggregate == asked.aggregate)
            await db.execute(delete(redrive).where(this, redrive.c.asked_at <= asked.asked_at))
