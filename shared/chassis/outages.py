"""What is an outage, to be waited out, and no fault of an event or a request."""

import asyncio

import asyncpg
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.database import Sessions

PASSING = ("08", "53", "57P", "40001", "40P01", "55P03", "57014", "58")
"""SQLSTATEs: connection, resources, shutdown, serialization, deadlock, lock and statement timeouts, system errors."""

CANCELLED = "57014"
"""SQLSTATE of a statement that took longer than it may, or that somebody cancelled."""

VICTIM = ("40001", "40P01")
"""SQLSTATEs of a transaction that met another: serialization failure, deadlock."""

ANSWERED_WITHIN = 2.0
"""Seconds in which a database that is there answers the simplest question."""


def is_outage(error: BaseException) -> bool:
    """Whether trying again later may help: a server is away, silent, full, or chose us as a deadlock's victim."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        state = getattr(error.orig, "sqlstate", None)
        # SQLAlchemy's own wrapper of a driver's error names the driver's as its cause.
        return (
            state.startswith(PASSING) if state else _lost(error.orig) or _lost(getattr(error.orig, "__cause__", None))
        )
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(PASSING)
    return _lost(error)


def is_late(error: BaseException) -> bool:
    """Whether something took longer than it may: because a server is silent, or because of what it was asked."""
    return isinstance(error, TimeoutError) or _state(error) == CANCELLED


def is_victim(error: BaseException) -> bool:
    """Whether PostgreSQL rolled a transaction back so that another could go on: it may be carried out again."""
    return _state(error) in VICTIM


def _state(error: BaseException) -> str | None:
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)


async def is_away(error: BaseException, sessions: Sessions) -> bool:
    """Whether an outage is that of a server. What is late is not, where the database answers another question."""
    return is_outage(error) and not (is_late(error) and await _answers(sessions))


async def _answers(sessions: Sessions) -> bool:
    try:
        async with asyncio.timeout(ANSWERED_WITHIN), sessions() as db:
            await db.execute(text("SELECT 1"))
    except Exception as error:
        if is_outage(error):
            return False
        raise
    return True


def _lost(error: BaseException | None) -> bool:
    """Whether a client's own error tells of a connection that was lost or never made."""
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error)
    # asyncpg raises InternalClientError of a connection that the server ended while nothing was under way on it.
    return isinstance(error, OSError | PoolTimeout | KafkaError | KafkaException | asyncpg.InternalClientError)
