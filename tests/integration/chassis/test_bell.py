"""A relay is called to what was committed; what nobody calls it to, it finds by itself."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from uuid import uuid4

import pytest
from chassis import outbox
from chassis.bell import CHANNEL, Bell
from chassis.database import Sessions, a_connection, an_engine, sessions_of
from chassis.ids import new_id
from chassis.outbox import Cause
from chassis.settings import ServiceSettings
from contracts.event import Actor
from contracts.sessions import ContractRevised
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .test_relay import Cycle, record, relaying, until_published

pytestmark = pytest.mark.usefixtures("topics")

NEVER = 3600.0
DAY = date(2022, 10, 1)


@pytest.fixture
async def belled(settings: ServiceSettings, sessions: Sessions) -> AsyncIterator[Sessions]:
    """The same database, with a bell that is rung after each commit."""
    engine, bell = an_engine(settings), Bell(settings)
    async with bell.ringing():
        yield sessions_of(engine, settings, ring=bell.ring)
    await engine.dispose()


@pytest.fixture
async def heard(settings: ServiceSettings) -> AsyncIterator[list[str]]:
    """What a listener hears."""
    calls: list[str] = []
    db = await a_connection(settings)
    await db.add_listener(CHANNEL, lambda _, __, ___, shards: calls.append(shards))
    yield calls
    await db.close()


async def until_heard(heard: list[str]) -> None:
    async with asyncio.timeout(15):
        while not heard:
            await asyncio.sleep(0.01)


async def record_in(work: AsyncSession) -> None:
    """An event of a new cycle, in this transaction."""
    cycle = Cycle(uuid4())
    work.info["cause"] = Cause(actor=Actor(role="coordinator", id=uuid4()), correlation_id=new_id())
    await outbox.add(work, [ContractRevised(cycle_id=cycle.id, contract_version=1, revised_on=DAY)], of=cycle)


async def test_what_is_committed_is_published_at_a_call_and_not_at_the_next_look(
    settings: ServiceSettings, belled: Sessions, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with relaying(settings) as (relay,):
        async with asyncio.timeout(15):
            while not relay.held:
                await asyncio.sleep(0.02)
        monkeypatch.setattr("chassis.relay.LOOK", NEVER)
        await asyncio.sleep(0.3)
        for _ in range(3):
            await record(belled, Cycle(uuid4()), events=2)
            await until_published(sessions, within=10)


async def test_what_nobody_called_for_is_published_at_the_next_look(
    settings: ServiceSettings, sessions: Sessions
) -> None:
    async with relaying(settings):
        await record(sessions, Cycle(uuid4()))
        await until_published(sessions, within=10)


async def test_nobody_is_called_before_the_commit_or_after_a_rollback(belled: Sessions, heard: list[str]) -> None:
    with pytest.raises(ArithmeticError):
        async with belled.begin() as work:
            await record_in(work)
            raise ArithmeticError
    async with belled.begin() as work:
        async with work.begin_nested():
            await record_in(work)
        await asyncio.sleep(0.2)
        assert heard == []
    await until_heard(heard)


async def test_a_bell_whose_connection_was_ended_calls_again(
    belled: Sessions, sessions: Sessions, heard: list[str]
) -> None:
    await record(belled, Cycle(uuid4()))
    await until_heard(heard)
    async with sessions.begin() as work:
        await work.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE '%pg_notify%' AND pid <> pg_backend_pid()"
            )
        )
    heard.clear()
    async with asyncio.timeout(15):
        while not heard:
            await record(belled, Cycle(uuid4()))
            await asyncio.sleep(0.1)
