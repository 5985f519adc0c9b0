"""The event loop of every process: uvloop, on which aiokafka learns that a connection has gone."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop
from aiokafka.conn import AIOKafkaProtocol

Result = TypeVar("Result")


class _Transport:
    """A transport of uvloop that refuses to write once it is closed as asyncio's streams expect: with an OSError."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Raises ConnectionResetError."""
        try:
            self._transport.write(data)
        except RuntimeError as closed:
            raise ConnectionResetError(str(closed)) from closed


class Loop(uvloop.Loop):
    """uvloop; a connection of aiokafka that has gone raises an OSError when it is written to.

    uvloop raises RuntimeError, which aiokafka does not take for the end of a connection: one of its tasks ended unseen,
    and its client waited for ever after a broker had died (aiokafka 0.14, its issue 1038).
    """

    async def create_connection(self, *args: Any, **options: Any) -> Any:
        """As uvloop's."""
        transport, protocol = await super().create_connection(*args, **options)
        return _Transport(transport) if isinstance(protocol, AIOKafkaProtocol) else transport, protocol


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main)
