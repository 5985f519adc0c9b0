"""On the platform's loop a client of Kafka learns that its connection has gone, whatever the moment."""

import asyncio

import pytest
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest
from chassis.loop import run


def test_what_is_asked_on_a_connection_that_has_just_gone_fails_as_an_ended_connection_does(topics: str) -> None:
    """However far the loop has come with telling its reader: the moments in which a broker dies."""

    async def ask() -> None:
        host, port = topics.split(":")
        for ticks in range(8):
            connection: AIOKafkaConnection = await create_conn(host, int(port))
            connection._writer.transport.abort()
            for _ in range(ticks):
                await asyncio.sleep(0)
            with pytest.raises(KafkaConnectionError):
                await connection.send(MetadataRequest([]))
            assert not connection.connected()

    run(asyncio.wait_for(ask(), 30))
