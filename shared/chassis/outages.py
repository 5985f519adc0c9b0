"""What is an outage, to be waited out, and no fault of an event or a request."""

import asyncio

import asyncpg
from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

PASSING = ("08", "53", "57P", "40001", "40P01", "55P03", "57014", "58")
"""SQLSTATEs: connection, resources, shutdown, serialization, deadlock, lock and statement timeouts, system errors."""


def is_outage(error: BaseException) -> bool:
    """Whether trying again later may help: a server is away, silent, full, or chose us as a deadlock's victim."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        state = getattr(error.orig, "sqlstate", None)
        return state.startswith(PASSING) if state else is_outage_of_driver(error.orig)
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(PASSING)
    return is_outage_of_driver(error)


def is_outage_of_driver(error: BaseException | None) -> bool:
    """Whether a client's own error tells of a connection that was lost or never made."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError | asyncio.TimeoutError | PoolTimeout | KafkaError):
            return True
        if isinstance(cause, asyncpg.InterfaceError) and "closed" in str(cause):
            return True
        if isinstance(cause, asyncpg.ConnectionDoesNotExistError | asyncpg.CannotConnectNowError):
            return True
        # What asyncpg raises of a connection that the server ended while nothing was under way on it.
        if isinstance(cause, asyncpg.InternalClientError):
            return True
        cause = cause.__cause__
    return False
