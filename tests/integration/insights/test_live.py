"""The live page's stream: one reader for all, at most four updates a second, an end when the process is to stop."""

import asyncio
import contextlib
import time
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from chassis import tables as chassis
from chassis.database import an_engine, sessions_of
from chassis.testing import Harness
from insights import live as live_page
from insights import tables
from insights.live import Channel, Live
from insights.ticker import Ticker
from sqlalchemy import Connection

from .history import History, a_history


async def messages_of(live: Live, channel: Channel, into: list[dict[str, str]]) -> None:
    async for message in live.stream(channel):
        data = message.removeprefix(b"event: regions\ndata: ")
        into.append(msgspec.json.decode(data))


@pytest.fixture
def live(insights: Harness) -> Live:
    return Live(insights.sessions, Ticker(insights.settings))


@contextlib.asynccontextmanager
async def going(live: Live, *listeners: Any) -> Any:
    tasks = [asyncio.create_task(each) for each in (live.run(), *listeners)]
    try:
        yield
    finally:
        live.close()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)


async def until(condition: Any, within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_listener_is_told_everything_first_and_then_what_changed(insights: Harness, live: Live) -> None:
    told = a_history()
    await insights.deliver(*told.told)
    heard: list[dict[str, str]] = []
    async with going(live, messages_of(live, Channel(told.programme, "pl"), heard)):
        await until(lambda: heard)
        assert {"status", "targets", "places", "months", "latest", "figures"} <= heard[0].keys()
        assert "obecności" in heard[0]["reach"]
        more = History(told.programme)
        group = more.forms([uuid4()])
        more.meets(group, 1, {uuid4(): 300})
        await insights.deliver(*more.told)
        live.ticker.moved.set()
        await until(lambda: any("reach" in message for message in heard[1:]))
        assert all("months" not in message or "reach" in message for message in heard[1:])


async def test_a_thousand_listeners_cost_one_reader_and_at_most_four_updates_a_second(
    insights: Harness, live: Live
) -> None:
    told = a_history()
    await insights.deliver(*told.told)
    heard: list[list[dict[str, str]]] = [[] for _ in range(1000)]
    streams = [messages_of(live, Channel(told.programme, "pl"), each) for each in heard]
    started = time.monotonic()
    async with going(live, *streams):
        while time.monotonic() - started < 2:
            live.ticker.moved.set()
            await asyncio.sleep(0.005)
        await until(lambda: all(heard))
    assert live.rounds <= 1 + (time.monotonic() - started) / live_page.EVERY
    assert not live.listeners
    assert not live.frames


async def test_while_the_database_is_away_the_page_says_as_of_when_and_goes_on_afterwards(
    insights: Harness, live: Live
) -> None:
    told = a_history()
    await insights.deliver(*told.told)
    heard: list[dict[str, str]] = []
    away = insights.settings.model_copy(
        update={"database_url": type(insights.settings.database_url)("postgresql+asyncpg://a:b@127.0.0.1:1/c")}
    )
    nowhere = an_engine(away, timeout=1.0)
    there = live.sessions
    async with going(live, messages_of(live, Channel(told.programme, "pl"), heard)):
        await until(lambda: heard)
        live.sessions = sessions_of(nowhere, away)
        await until(lambda: any("baza danych nie odpowiada" in each.get("status", "") for each in heard))
        live.sessions = there
        await until(lambda: "<time" in heard[-1].get("status", ""))
    await nowhere.dispose()


async def test_a_stream_ends_when_the_process_is_about_to_stop(insights: Harness) -> None:
    live: Live = insights.app.state.live
    heard: list[dict[str, str]] = []
    listening = asyncio.create_task(messages_of(live, Channel(None, "pl"), heard))
    await until(lambda: heard)
    insights.app.state.stopping.set()
    await asyncio.wait_for(listening, 5)


async def test_who_is_not_signed_in_is_shown_the_way_in_and_gets_no_stream(insights: Harness) -> None:
    async with insights.client("coordinator") as client:
        welcome = await client.get("/")
        assert (welcome.status_code, "Zaloguj się" in welcome.text) == (200, True)
        assert "Sign in" in (await client.get("/?lang=en")).text
        assert (await client.get("/live/regions?programme=unicef")).status_code == 401
        assert (await client.get("/?lang=xx")).status_code == 422
        client.cookies.set("superwizja", "eyJrZXB0Ijp7fX0=.aaaa.bbbb")
        assert "Zaloguj się" in (await client.get("/")).text


async def test_a_callback_that_nobody_asked_for_signs_nobody_in(insights: Harness) -> None:
    async with insights.client("coordinator") as client:
        answer = await client.get("/callback?code=stolen&state=forged")
        assert answer.status_code == 400
        assert "Logowanie nie powiodło się" in answer.text


async def test_an_issuer_that_is_away_is_said_and_is_no_fault_of_ours(insights: Harness) -> None:
    insights.app.state.oauth.issuer._server_metadata_url = "http://127.0.0.1:1/.well-known/openid-configuration"
    async with insights.client("coordinator") as client:
        answer = await client.get("/login")
        assert (answer.status_code, "Chwila przerwy" in answer.text) == (503, True)


async def test_the_latest_events_are_empty_while_kafka_is_away_and_figures_still_answer(insights: Harness) -> None:
    told = a_history()
    await insights.deliver(*told.told)
    async with insights.client("partner") as client:
        assert (await client.get("/v1/latest")).json() == []
        assert (await client.get(f"/v1/indicators/{told.programme}")).status_code == 200


async def test_the_tables_are_what_the_migrations_make(insights: Harness) -> None:
    def differences(connection: Connection) -> list[Any]:
        apart = {*chassis.metadata.tables, "alembic_version"}
        options = {"include_name": lambda name, kind, _: kind != "table" or name not in apart}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata))

    engine = an_engine(insights.settings)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == []
