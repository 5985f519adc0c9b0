"""An outage is waited out; a fault of an event or a request is not."""

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError
from chassis.outages import is_outage
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Wrapped(Exception):
    """As SQLAlchemy's dialect wraps a driver's error."""

    def __init__(self, cause: Exception, sqlstate: str | None = None) -> None:
        super().__init__(str(cause))
        self.__cause__ = cause
        self.sqlstate = sqlstate


def chained(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        PoolTimeout("no connection is free"),
        KafkaConnectionError("away"),
        KafkaTimeoutError("silent"),
        asyncpg.CannotConnectNowError(""),
        asyncpg.DeadlockDetectedError(""),
        asyncpg.DiskFullError(""),
        asyncpg.AdminShutdownError(""),
        asyncpg.InternalClientError("cannot switch to state 12"),
        asyncpg.InterfaceError("connection is closed"),
        DBAPIError("", {}, Wrapped(asyncpg.InterfaceError("connection is closed"))),
        DBAPIError("", {}, Wrapped(asyncpg.InternalClientError("state"))),
        DBAPIError("", {}, Wrapped(ValueError(), sqlstate="40P01")),
        DBAPIError("", {}, Wrapped(ValueError()), connection_invalidated=True),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_server_that_is_away_is_an_outage(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        ArithmeticError(),
        asyncpg.UniqueViolationError(""),
        asyncpg.InterfaceError("the query has 2 parameters"),
        IntegrityError("", {}, Wrapped(asyncpg.UniqueViolationError(""), sqlstate="23505")),
        chained(RuntimeError("another service's page cannot be read"), ConnectionRefusedError()),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_is_not(error: Exception) -> None:
    assert not is_outage(error)
