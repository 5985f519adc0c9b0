"""What is committed to the outbox, as PostgreSQL tells it: in the order of commits, as soon as they are on disk."""

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import msgspec
import psycopg2
from psycopg2.extras import LogicalReplicationConnection
from sqlalchemy import make_url

from chassis.settings import ServiceSettings

PUBLICATION = "outbox"
"""Of what is inserted into the outbox: the columns that `row_of` reads."""

INSERT = b"I"[0]
"""The message of pgoutput that matters here: what comes of a transaction comes as a whole, after its commit."""

EPOCH = 946_684_800_000
"""Milliseconds from 1970 to 2000, from where PostgreSQL counts microseconds."""

AT_A_TIME = 500
"""Messages that are read before anything else has its turn."""

FEEDBACK = 1.0
"""Seconds between two answers to the server, which keeps of its log what is not answered for."""

LENGTH = 5
"""Bytes before a column: its kind, and how long it is."""

_insert = struct.Struct(">8x 5xq 5xh 5x16s 5xq xI")
"""Up to the headers' length: all columns but headers and body, the last ones, have the same length in every insert."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One event of the outbox; `time` in milliseconds since 1970, `key` as Kafka has it."""

    shard: int
    position: int
    key: bytes
    time: int
    headers: bytes
    body: bytes


class Stream:
    """A temporary slot, which goes with its connection: nothing is kept for a reader who is away.

    `heard` is called with each row. What was committed before `run` calls `started` is not told: whoever starts looks
    for it afterwards. `reached` is where in the server's log all that was committed before has been heard.
    """

    def __init__(self, settings: ServiceSettings, heard: Callable[[Row], None]) -> None:
        self.settings = settings
        self.heard = heard
        self.reached = 0

    async def run(self, started: Callable[[], None]) -> None:
        """Hear until cancelled. Raises psycopg2.Error, and what `heard` raises."""
        connection = await asyncio.to_thread(self._connect)
        try:
            cursor = connection.cursor()
            await asyncio.to_thread(self._start, cursor)
            started()
            reading = Reading(self, cursor)
            try:
                await self._answer(cursor, reading)
            finally:
                reading.end()
        except asyncio.CancelledError:
            # The server makes a slot only when every transaction that is open has ended: nobody waits for that.
            with socket.socket(fileno=os.dup(connection.fileno())) as way:
                way.shutdown(socket.SHUT_RDWR)
            raise
        finally:
            with suppress(psycopg2.Error):
                connection.close()

    def _connect(self) -> Any:
        url = make_url(self.settings.database_url.get_secret_value())
        return psycopg2.connect(
            host=url.host,
            port=url.port,
            user=url.username,
            password=url.password,
            dbname=url.database,
            sslmode=self.settings.database_ssl,
            sslrootcert=self.settings.database_ssl_cafile and str(self.settings.database_ssl_cafile),
            connect_timeout=5,
            connection_factory=LogicalReplicationConnection,
        )

    def _start(self, cursor: Any) -> None:
        slot = f"relay_{uuid4().hex}"
        cursor.execute(f"CREATE_REPLICATION_SLOT {slot} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT")
        options = {"proto_version": "1", "publication_names": PUBLICATION, "binary": "true"}
        cursor.start_replication(slot, options=options, decode=False, status_interval=10)

    async def _answer(self, cursor: Any, reading: "Reading") -> None:
        """Tell the server how far we are, until the reader fails. Raises what it raised."""
        while True:
            await asyncio.wait([reading.failed], timeout=FEEDBACK)
            if reading.failed.done():
                reading.failed.result()
            cursor.send_feedback(flush_lsn=self.reached, reply=True)


class Reading:
    """Hands on what has come, at once."""

    def __init__(self, stream: Stream, cursor: Any) -> None:
        self.stream = stream
        self.cursor = cursor
        self.descriptor = cursor.fileno()
        self.loop = asyncio.get_running_loop()
        self.failed: asyncio.Future[None] = self.loop.create_future()
        self.loop.add_reader(self.descriptor, self._read)
        # What came with the answer to the start lies in libpq's hands already.
        self.again = self.loop.call_soon(self._read)

    def end(self) -> None:
        """Read no more."""
        self.again.cancel()
        self.loop.remove_reader(self.descriptor)

    def _read(self) -> None:
        self.again.cancel()
        try:
            if self._hand_on():
                self.again = self.loop.call_soon(self._read)
        except Exception as error:
            # Nobody else would hear of it: the loop calls this, and goes on.
            self.end()
            self.failed.set_exception(error)

    def _hand_on(self) -> bool:
        """Whether more has come than is read at a time."""
        stream = self.stream
        for _ in range(AT_A_TIME):
            message = self.cursor.read_message()
            if message is None:
                stream.reached = max(stream.reached, self.cursor.wal_end)
                return False
            payload = message.payload
            if payload[0] == INSERT:
                stream.heard(row_of(payload))
        return True


def row_of(message: bytes) -> Row:
    """An insert, as pgoutput sends it: `I`, the relation's oid, `N`, how many columns, then each with its length."""
    position, shard, aggregate, moment, length = _insert.unpack_from(message)
    at = _insert.size + length
    key = aggregate.hex()
    return Row(
        shard,
        position,
        f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}".encode(),
        moment // 1000 + EPOCH,
        message[_insert.size : at],
        message[at + LENGTH :],
    )
