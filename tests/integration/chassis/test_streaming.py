"""What is committed is published at once: the relay hears it from PostgreSQL, and looks where it heard nothing."""

import asyncio
from uuid import uuid4

import pytest
from chassis.database import Sessions
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from chassis.streaming import Row, Stream
from contracts.topics import PARTITIONS
from sqlalchemy import text

from .test_relay import Cycle, Tail, cycle_in, first_appearances, record, relaying, tail, until_published

__all__ = ["tail"]
pytestmark = pytest.mark.usefixtures("topics")

NEVER = 3600.0


async def until_it_hears(relay: Relay) -> None:
    """Every shard is held, and what is committed to it is heard."""
    async with asyncio.timeout(15):
        while len(relay.held) < PARTITIONS[relay.topic] or relay.behind or relay.hearing is None:
            await asyncio.sleep(0.02)


async def end_streams(sessions: Sessions) -> None:
    async with sessions.begin() as db:
        await db.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_replication WHERE usename = current_user"))


async def test_what_is_committed_is_published_at_once_and_not_at_the_next_look(
    settings: ServiceSettings, sessions: Sessions, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = Cycle(uuid4())
    async with relaying(settings) as (relay,):
        await until_it_hears(relay)
        monkeypatch.setattr("chassis.relay.LOOK", NEVER)
        monkeypatch.setattr("chassis.relay.LOOK_AT_ALL", NEVER)
        relay.look_at = relay.look_at_all_at = asyncio.get_running_loop().time() + NEVER
        for _ in range(3):
            await record(sessions, cycle, events=2)
            await until_published(sessions, within=10)
    assert [each.version for each in (await tail.read([cycle]))[cycle.id]] == [1, 2, 3, 4, 5, 6]


async def test_more_messages_than_are_read_at_a_time_are_all_heard_at_once(
    settings: ServiceSettings, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.streaming.AT_A_TIME", 1)
    monkeypatch.setattr("chassis.streaming.FEEDBACK", NEVER)
    heard: list[Row] = []
    begun = asyncio.Event()
    hearing = asyncio.create_task(Stream(settings, heard.append).run(begun.set))
    try:
        async with asyncio.timeout(10):
            await begun.wait()
            await record(sessions, Cycle(uuid4()), events=40)
            while len(heard) < 40:
                await asyncio.sleep(0.02)
    finally:
        hearing.cancel()
        await asyncio.wait([hearing])
    assert [row.position for row in heard] == sorted(row.position for row in heard)


async def test_a_relay_that_cannot_hear_looks(
    settings: ServiceSettings, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.streaming.PUBLICATION", "nobodys")
    async with relaying(settings):
        await record(sessions, Cycle(uuid4()), events=3)
        await until_published(sessions, within=10)


async def test_what_is_committed_while_the_stream_breaks_again_and_again_is_published_once_in_order(
    settings: ServiceSettings, sessions: Sessions, tail: Tail
) -> None:
    cycles = [Cycle(uuid4()) for _ in range(10)]

    async def write(cycle: Cycle) -> None:
        for _ in range(60):
            await record(sessions, cycle)

    async def breaks() -> None:
        while True:
            await asyncio.sleep(0.25)
            await end_streams(sessions)

    async with relaying(settings) as (relay,):
        await until_it_hears(relay)
        breaking = asyncio.create_task(breaks())
        await asyncio.gather(*(write(cycle) for cycle in cycles))
        breaking.cancel()
        await until_published(sessions)
    found = await tail.read(cycles)
    assert {tuple(each.version for each in found[cycle.id]) for cycle in cycles} == {tuple(range(1, 61))}


async def test_more_than_is_kept_in_hand_is_read_from_the_table(
    settings: ServiceSettings, sessions: Sessions, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.relay.EARLY", 10)
    monkeypatch.setattr("chassis.sending.FULL", 10)
    cycle, other = cycle_in(3), cycle_in(3)
    async with relaying(settings) as (relay,):
        await until_it_hears(relay)
        await record(sessions, cycle, events=400)
        await asyncio.gather(record(sessions, other, events=400), record(sessions, cycle, events=50))
        await until_published(sessions)
    found = await tail.read([cycle, other])
    assert [each.version for each in found[cycle.id]] == list(range(1, 451))
    assert [each.version for each in found[other.id]] == list(range(1, 401))


async def test_a_transaction_that_stays_open_holds_up_no_relay(
    settings: ServiceSettings, sessions: Sessions, tail: Tail
) -> None:
    """PostgreSQL makes a slot only when what is open has ended; until then the relay looks."""
    cycle = Cycle(uuid4())
    async with sessions.begin() as long:
        await long.execute(text("SELECT pg_current_xact_id()"))
        async with relaying(settings) as (relay,):
            await record(sessions, cycle, events=3)
            await until_published(sessions, within=10)
            assert relay.hearing is None
    assert first_appearances((await tail.read([cycle]))[cycle.id]) == [1, 2, 3]
