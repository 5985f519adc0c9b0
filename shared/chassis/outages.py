"""What is an outage, to be waited out, and no fault of an event or a request."""

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
        # SQLAlchemy's own wrapper of a driver's error names the driver's as its cause.
        return (
            state.startswith(PASSING) if state else _lost(error.orig) or _lost(getattr(error.orig, "__cause__", None))
        )
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(PASSING)
    return _lost(error)


def _lost(error: BaseException | None) -> bool:
    """Whether a client's own error tells of a connection that was lost or never made."""
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error)
    # asyncpg raises InternalClientError of a connection that the server ended while nothing was under way on it.
    return isinstance(error, OSError | PoolTimeout | KafkaError | asyncpg.InternalClientError)
