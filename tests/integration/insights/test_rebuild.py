"""A rebuild comes out equal, and nobody has to stop for it: neither who reads nor the worker."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.inbox import Inbox
from chassis.subscribing import Subscription
from chassis.testing import Harness
from insights import generations
from insights.consumers import events

from .conftest import Publish
from .history import EXPECTED, MONTHS, REFUSALS, History, a_history


@asynccontextmanager
async def a_worker(insights: Harness) -> AsyncIterator[Subscription]:
    subscription = Subscription(insights.settings, Inbox(events, insights.sessions), group=f"insights-{uuid4()}")
    await subscription.start()
    try:
        yield subscription
    finally:
        await subscription.stop()


async def figures(insights: Harness, programme: UUID) -> Any:
    async with insights.client("coordinator") as client:
        answer = await client.get(f"/v1/figures/{programme}")
        return answer.json() if answer.status_code == 200 else None


async def until(insights: Harness, programme: UUID, within: float = 30.0, **expected: int) -> Any:
    async with asyncio.timeout(within):
        while True:
            found = await figures(insights, programme)
            if found and all(found["figures"][code] == number for code, number in expected.items()):
                return found
            await asyncio.sleep(0.05)


async def until_told(insights: Harness, programme: UUID, within: float = 30.0) -> Any:
    """What the figures say when the whole history has come in: each topic comes in its own time."""
    whole = {"figures": EXPECTED, "months": MONTHS, "refusals": REFUSALS}
    async with asyncio.timeout(within):
        while True:
            found = await figures(insights, programme)
            if found and {part: found[part] for part in whole} == whole:
                return found
            await asyncio.sleep(0.05)


async def until_there(insights: Harness, schema: str) -> None:
    async with asyncio.timeout(10):
        while True:
            if await insights.sql("select 1 from pg_namespace where nspname = :schema", schema=schema):
                return
            await asyncio.sleep(0.01)


async def rebuild(insights: Harness) -> list[str]:
    lines: list[str] = []
    await generations.rebuild(insights.settings, tell=lines.append)
    return lines


async def test_a_rebuild_comes_out_equal(insights_on_kafka: Harness, publish: Publish) -> None:
    insights, told = insights_on_kafka, a_history()
    await publish(told.told)
    async with a_worker(insights):
        before = await until_told(insights, told.programme)
        lines = await rebuild(insights)
        after = await figures(insights, told.programme)
    assert before == after
    assert f"programme {told.programme}: all {len(EXPECTED)} figures equal" in lines
    assert [line for line in lines if line.endswith(" events")]


async def test_a_rebuild_puts_right_what_was_damaged(insights_on_kafka: Harness, publish: Publish) -> None:
    insights, told = insights_on_kafka, a_history()
    await publish(told.told)
    async with a_worker(insights):
        await until(insights, told.programme, **EXPECTED)
        await insights.sql("delete from attendance")
        lines = await rebuild(insights)
        assert (await figures(insights, told.programme))["figures"] == EXPECTED
    assert f"programme {told.programme}: attendances was 0, is 5" in lines


async def test_the_figures_of_the_swap_are_compared_while_the_worker_goes_on(
    insights_on_kafka: Harness, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it changes meanwhile is no difference between the generations."""
    insights, told = insights_on_kafka, a_history()
    totals = generations._totals

    async def meanwhile(*arguments: Any) -> generations.Totals:
        async with asyncio.timeout(5):
            await insights.sql("update inbox set version = version")
            await insights.sql("delete from attendance")
        return await totals(*arguments)

    await publish(told.told)
    async with a_worker(insights):
        await until_told(insights, told.programme)
        monkeypatch.setattr(generations, "_totals", meanwhile)
        lines = await rebuild(insights)
        assert (await figures(insights, told.programme))["figures"]["attendances"] == 0
    assert f"programme {told.programme}: all {len(EXPECTED)} figures equal" in lines


async def test_the_old_figures_serve_and_the_worker_goes_on_while_events_keep_coming(
    insights_on_kafka: Harness, publish: Publish
) -> None:
    insights, told = insights_on_kafka, History()
    told.opens()
    person = uuid4()
    groups = [told.forms([person]) for _ in range(20)]
    for group in groups:
        told.meets(group, 1, {person: 300})
    await publish(told.told)
    stopping = asyncio.Event()

    async def goes_on() -> int:
        ordinal = 1
        while not stopping.is_set():
            ordinal += 1
            more = History(told.programme)
            more.versions = told.versions
            for group in groups:
                more.meets(group, ordinal, {person: 300})
            await publish(more.told)
            await asyncio.sleep(0.05)
        return ordinal * len(groups)

    async def reads() -> list[int]:
        seen = []
        while not stopping.is_set():
            seen.append((await figures(insights, told.programme))["figures"]["sessions_completed"])
            await asyncio.sleep(0.01)
        return seen

    async with a_worker(insights):
        await until(insights, told.programme, sessions_completed=20)
        async with asyncio.TaskGroup() as both:
            going, reading = both.create_task(goes_on()), both.create_task(reads())
            for _ in range(3):
                await rebuild(insights)
            stopping.set()
        found = await until(insights, told.programme, sessions_completed=going.result())
    assert found["figures"]["attendances"] == going.result()
    assert reading.result() == sorted(reading.result())
    versions = await insights.sql(
        "select version from inbox where topic = 'sessions.events' and aggregate = any(:g)", g=groups
    )
    assert going.result() // len(groups) in {row["version"] for row in versions}


async def test_a_rebuild_is_given_up_when_the_topics_lack_what_the_old_generation_knows(
    insights_on_kafka: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    insights, told = insights_on_kafka, a_history()
    await insights.deliver(*told.told)
    monkeypatch.setattr(generations, "PATIENCE", 1.0)
    monkeypatch.setattr(generations, "HOLD", 0.2)
    with pytest.raises(generations.NotRebuilt):
        await rebuild(insights)
    assert (await figures(insights, told.programme))["figures"] == EXPECTED


async def test_a_rebuild_that_loses_a_process_is_given_up(insights_on_kafka: Harness, publish: Publish) -> None:
    insights, told = insights_on_kafka, a_history()
    await publish(told.told)
    async with a_worker(insights):
        await until(insights, told.programme, **EXPECTED)
        losing = asyncio.create_task(rebuild(insights))
        async with asyncio.timeout(10):
            while not multiprocessing.active_children():
                await asyncio.sleep(0.01)
        multiprocessing.active_children()[0].kill()
        with pytest.raises(generations.NotRebuilt, match="one of its processes ended"):
            await losing
        assert not multiprocessing.active_children()
        await rebuild(insights)
        assert (await figures(insights, told.programme))["figures"] == EXPECTED


async def test_an_interrupted_rebuild_does_not_stand_in_the_way_of_the_next(
    insights_on_kafka: Harness, publish: Publish
) -> None:
    insights, told = insights_on_kafka, a_history()
    await publish(told.told)
    async with a_worker(insights):
        await until(insights, told.programme, **EXPECTED)
        # The end of what the topics hold is asked for, and then the processes start.
        for after in (0.0, 0.02, 1.0):
            interrupted = asyncio.create_task(rebuild(insights))
            await until_there(insights, "next")
            await asyncio.sleep(after)
            interrupted.cancel()
            await asyncio.wait([interrupted])
        await rebuild(insights)
        assert (await figures(insights, told.programme))["figures"] == EXPECTED
    assert not await insights.sql("select 1 from pg_namespace where nspname in ('next', 'old')")


async def test_what_a_rebuild_makes_is_what_the_migrations_made(insights_on_kafka: Harness) -> None:
    shape = (
        "select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns "
        "where table_schema = 'live' order by table_name, ordinal_position"
    )
    indexes = (
        "select tablename, indexdef like '%UNIQUE%' as one, substring(indexdef from 'USING.*') as of from pg_indexes "
        "where schemaname = 'live' order by 1, 2, 3"
    )
    logged = (
        "select relname, relpersistence from pg_class where relnamespace = 'live'::regnamespace and relkind = 'r' "
        "order by 1"
    )
    asked = (shape, indexes, logged)
    before = [[dict(row) for row in await insights_on_kafka.sql(each)] for each in asked]
    await rebuild(insights_on_kafka)
    assert [[dict(row) for row in await insights_on_kafka.sql(each)] for each in asked] == before
