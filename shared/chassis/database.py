"""The way to a service's own PostgreSQL."""

import os
import socket
import ssl
from collections.abc import Iterable
from typing import Any, TypeVar

import asyncpg
import msgspec
from sqlalchemy import ARRAY, ColumnElement, any_, event, literal, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from chassis.settings import ServiceSettings

Sessions = async_sessionmaker[AsyncSession]

T = TypeVar("T")

APPLICATION = f"superwizja {socket.gethostname()[:30]}:{os.getpid()}"
"""How PostgreSQL shows our sessions: whoever holds a lock is found by host and process."""

BY_INDEX = """
    SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off
"""
"""For a connection that looks at what waits: by indexes alone.

Statistics of a table that is empty now and full a moment later mislead the planner to read all that was ever published.
"""


def tls_of(settings: ServiceSettings) -> ssl.SSLContext | bool:
    """The TLS that the settings ask for, as asyncpg takes it."""
    if settings.database_ssl == "disable":
        return False
    context = ssl.create_default_context(cafile=settings.database_ssl_cafile)
    if settings.database_ssl == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def an_engine(
    settings: ServiceSettings, *, timeout: float | None = None, search_path: str | None = None, durable: bool = True
) -> AsyncEngine:
    """Connections to the database. No statement, no connect, no wait for one takes longer than `timeout` seconds.

    Commits that need not be `durable` do not wait for the disk: a server that dies may forget the last of them.

    What the server has ended meanwhile is connected anew when it is wanted, so that the first to ask after a restart
    meets no error; unlike SQLAlchemy's ping this costs no round trip.
    """
    seconds = timeout or settings.database_timeout
    engine = create_async_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool,
        # A statement's values may be names: no error, and so no log and no parked cause, carries them.
        hide_parameters=True,
        max_overflow=0,
        pool_timeout=seconds,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        connect_args={
            "timeout": seconds,
            "command_timeout": seconds,
            "ssl": tls_of(settings),
            "server_settings": _of_session(settings, search_path) | ({} if durable else {"synchronous_commit": "off"}),
        },
    )
    event.listen(engine.sync_engine, "checkout", _still_open)
    return engine


def _still_open(connection: Any, *_: object) -> None:
    """Raises DisconnectionError, at which the pool connects anew."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server has ended it")


def _of_session(settings: ServiceSettings, search_path: str | None = None) -> dict[str, str]:
    schema = settings.database_schema
    path = search_path or (f"{schema}, public" if schema else "public")
    return {"search_path": path, "application_name": APPLICATION}


def sessions_of(engine: AsyncEngine, settings: ServiceSettings) -> Sessions:
    """Sessions whose objects stay readable after the commit, and whose `info` holds the settings."""
    return async_sessionmaker(engine, expire_on_commit=False, info={"settings": settings})


def among(column: ColumnElement[T], values: Iterable[T]) -> ColumnElement[bool]:
    """Whether a column has one of these values, which go to the server as one array.

    `in_` has a parameter for each value: a statement of its own for each number of them, which SQLAlchemy builds anew
    and every connection of asyncpg keeps.
    """
    return column == any_(literal(list(values), ARRAY(column.type)))


async def a_connection(settings: ServiceSettings, *, timeout: float = 5.0) -> "asyncpg.Connection[Any]":
    """One bare connection, for what needs its speed or its session: the relay, and probes."""
    url = make_url(settings.database_url.get_secret_value()).set(drivername="postgresql")
    dsn = url.render_as_string(hide_password=False)
    return await asyncpg.connect(
        dsn,
        timeout=timeout,
        command_timeout=timeout * 6,
        ssl=tls_of(settings),
        server_settings=_of_session(settings),
    )


async def backend_of(db: AsyncSession) -> int:
    """The pid of the server process of a session, which came with its connection: nothing is asked for it."""
    raw = await (await db.connection()).get_raw_connection()
    driver: Any = raw.driver_connection
    return int(driver.get_server_pid())
