"""Our own consumer, alone in a process of its own: `python -m superwizja.bench.ours_consumer URL KAFKA TOPIC GROUP`."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import ClassVar

from chassis.collector import settled
from chassis.consuming import Consumer
from chassis.database import an_engine, sessions_of
from chassis.inbox import Inbox
from chassis.loop import run
from chassis.settings import ServiceSettings
from chassis.subscribing import Subscription
from chassis.worker import STATEMENT_TIMEOUT
from contracts import sessions
from contracts.event import Envelope
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

NAME = "bench"

KEEP = text("""
    INSERT INTO effect (event_id, aggregate, version, session_id, held_on, minutes, present)
    SELECT * FROM unnest(CAST(:events AS uuid[]), CAST(:aggregates AS uuid[]), CAST(:versions AS int[]),
                         CAST(:sessions AS uuid[]), CAST(:dates AS date[]), CAST(:minutes AS int[]),
                         CAST(:present AS int[]))
""")

Batch = Sequence[tuple[sessions.SessionCompleted, Envelope]]


def completed_on(name: str) -> type[sessions.SessionCompleted]:
    """The contract's event as the owner of this topic publishes it: a type is believed on its own topic alone."""

    class SessionCompleted(sessions.SessionCompleted, frozen=True, kw_only=True):
        """The same, on this topic."""

        topic: ClassVar[str] = name

    return SessionCompleted


def a_consumer(topic: str) -> Consumer:
    """One handler: a row for each event, a batch's with one statement. Nothing but the inbox keeps it from doubling."""
    events = Consumer(NAME, topics=[topic])

    @events.on_batch(completed_on(topic))
    async def keep(db: AsyncSession, batch: Batch) -> None:
        columns = {
            "events": [envelope.id for _, envelope in batch],
            "aggregates": [envelope.key for _, envelope in batch],
            "versions": [envelope.version for _, envelope in batch],
            "sessions": [event.session_id for event, _ in batch],
            "dates": [event.held_on for event, _ in batch],
            "minutes": [event.minutes for event, _ in batch],
            "present": [len(event.attendance) for event, _ in batch],
        }
        await db.execute(KEEP, columns)

    return events


async def consume(settings: ServiceSettings, topic: str, group: str) -> None:
    """Apply what comes until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    engine = an_engine(settings, timeout=STATEMENT_TIMEOUT)
    try:
        inbox = Inbox(a_consumer(topic), sessions_of(engine, settings))
        await Subscription(settings, inbox, group=group).run_until(stopping)
    finally:
        await engine.dispose()


def main(url: str, bootstrap_servers: str, topic: str, group: str) -> None:
    """One consumer, with what was loaded put aside from the collector as in every process of a service."""
    settings = ServiceSettings(
        database_url=url, kafka_bootstrap_servers=bootstrap_servers, issuer="https://issuer.example"
    )
    settled()
    run(consume(settings, topic, group))


if __name__ == "__main__":
    main(*sys.argv[1:])
