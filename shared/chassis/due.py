"""What must happen later is a row with a due time, taken by whichever worker is free.

What is due is told by the clock of the database, which all processes of a service share.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from contracts.event import Actor
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential, wait_random_exponential

from chassis.database import Sessions, backend_of
from chassis.errors import told
from chassis.ids import new_id
from chassis.outages import is_away, is_outage
from chassis.outbox import Cause
from chassis.progress import Progress
from chassis.tables import due

log = structlog.get_logger()

LOOK_EVERY = 0.2
"""Seconds between two looks at what is due: work fires within 250 ms."""

ATTEMPTS = 20
"""How often a piece of work is tried before it is parked; with the back-off, about an hour."""

DONE_WITHIN = 60.0
"""Seconds that a piece of work may take in all."""

back_off = wait_exponential(multiplier=0.5, max=300)

ANYTHING_DUE = select(due.c.kind).where(due.c.at <= func.now(), due.c.parked_at.is_(None)).limit(1)

Work = Callable[[AsyncSession, UUID], Awaitable[None]]


class DueWork:
    """A service's kinds of due work, one row per kind and subject."""

    def __init__(self) -> None:
        self.kinds: dict[str, Work] = {}

    def on(self, kind: str) -> Callable[[Work], Work]:
        """Do work of this kind with the function, in a transaction of its own."""

        def register(work: Work) -> Work:
            self.kinds[kind] = work
            return work

        return register

    async def schedule(self, db: AsyncSession, kind: str, *, subject: UUID, at: datetime | None = None) -> None:
        """Have it done at that time (None: at once), in the caller's transaction.

        The same kind and subject again moves the time. Raises ValueError for a kind that nobody does.
        """
        if kind not in self.kinds:
            raise ValueError(f"nobody does {kind}")
        row = insert(due).values(kind=kind, subject=subject, at=at or func.now())
        await db.execute(
            row.on_conflict_do_update(
                index_elements=[due.c.kind, due.c.subject],
                set_={"at": row.excluded.at, "attempts": 0, "cause": None, "parked_at": None},
            )
        )

    async def in_hand(self, db: AsyncSession, kind: str, *, subject: UUID) -> bool:
        """Whether a worker is at it, so that `schedule` would wait for its end; if not, none begins before us."""
        this = (due.c.kind == kind) & (due.c.subject == subject)
        if await db.scalar(select(due.c.kind).where(this).with_for_update(skip_locked=True)) is not None:
            return False
        return await db.scalar(select(due.c.kind).where(this)) is not None

    async def cancel(self, db: AsyncSession, kind: str, *, subject: UUID) -> None:
        """Do not do it after all; harmless when there is nothing to do."""
        await db.execute(delete(due).where(due.c.kind == kind, due.c.subject == subject))


class DueWorker:
    """Takes what is due, one piece in one transaction, until stopped."""

    def __init__(self, service: str, work: DueWork, sessions: Sessions) -> None:
        self.work = work
        self.sessions = sessions
        self.actor = Actor(role="service", service=service)
        self.progress = Progress()
        self.stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the piece in hand and end."""
        self.stopping.set()

    async def run(self) -> None:
        """Look for due work until stopped; an outage is waited out."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_outage), wait=wait_random_exponential(0.1, max=1.0), before_sleep=self._outage
        ):
            with attempt:
                await self._do_what_is_due()

    async def _do_what_is_due(self) -> None:
        """Look on one connection without transactions: several times a second, most often in vain."""
        async with self.sessions() as looking:
            connection = await looking.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            backend = await backend_of(looking)
            while not self.stopping.is_set():
                self.progress.waiting = None
                with self.progress.doing("looks", backend):
                    found = (await connection.execute(ANYTHING_DUE)).scalar() is not None
                if not found or not await self.do_next():
                    # What another worker has in hand is due as well, and not ours to do.
                    self.progress.waiting, self.progress.outage = 0, None
                    await asyncio.sleep(LOOK_EVERY)

    def _outage(self, state: RetryCallState) -> None:
        self.progress.outage = state.outcome.exception() if state.outcome else None
        log.warning("due work waits for the database", cause=repr(self.progress.outage))

    async def do_next(self) -> bool:
        """Do one piece of due work; False when nothing is due. A failure is kept with its cause and tried later."""
        async with self.sessions() as db:
            taken = (
                await db.execute(
                    select(due.c.kind, due.c.subject, due.c.attempts)
                    .where(due.c.at <= func.now(), due.c.parked_at.is_(None))
                    .order_by(due.c.at)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
            ).first()
            if taken is None:
                return False
            self.progress.waiting = 1
            this = (due.c.kind == taken.kind) & (due.c.subject == taken.subject)
            await db.execute(delete(due).where(this))
            db.info["cause"] = Cause(actor=self.actor, correlation_id=new_id())
            try:
                with self.progress.doing(taken.kind, await backend_of(db)):
                    async with asyncio.timeout(DONE_WITHIN):
                        await self.work.kinds[taken.kind](db, taken.subject)
                        await db.commit()
            except Exception as error:
                await db.rollback()
                if await is_away(error, self.sessions):
                    raise
                attempts = taken.attempts + 1
                log.warning("due work failed", kind=taken.kind, attempts=attempts, cause=told(error))
                await db.execute(
                    update(due)
                    .where(this, due.c.attempts == taken.attempts)
                    .values(
                        at=func.now() + timedelta(seconds=self._pause(attempts)),
                        attempts=attempts,
                        cause=told(error),
                        parked_at=func.now() if attempts >= ATTEMPTS else None,
                    )
                )
                await db.commit()
            self.progress.done()
            return True

    def _pause(self, attempts: int) -> float:
        state = RetryCallState(None, None, (), {})  # type: ignore[arg-type]  # only the attempt's number is read
        state.attempt_number = attempts
        return float(back_off(state))
