"""A small service of the tests' own: counters that listen to groups and publish sessions' events."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest
from chassis import migrating
from chassis.database import Sessions, an_engine, sessions_of
from chassis.settings import ServiceSettings
from contracts.topics import TOPICS
from sqlalchemy import text

NO_MIGRATIONS = Path(__file__).parent / "migrations"


@pytest.fixture(scope="session")
def topics(kafka_bootstrap: str) -> str:
    """A broker that has the platform's topics."""
    from concurrent.futures import ThreadPoolExecutor

    from chassis.topics import Settings, declare

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, declare(Settings(kafka_bootstrap_servers=kafka_bootstrap))).result()
    assert TOPICS
    return kafka_bootstrap


@pytest.fixture
def settings(
    new_database: Callable[[str, Callable[[str], None]], str], request: pytest.FixtureRequest
) -> ServiceSettings:
    """Settings of a service with the chassis' tables and one of its own."""
    from concurrent.futures import ThreadPoolExecutor

    def told(url: str) -> ServiceSettings:
        kafka = request.getfixturevalue("topics") if "topics" in request.fixturenames else "127.0.0.1:1"
        return ServiceSettings(
            database_url=url, kafka_bootstrap_servers=kafka, issuer="https://issuer.example", database_timeout=10.0
        )

    def migrate(url: str) -> None:
        with ThreadPoolExecutor(1) as apart:
            apart.submit(migrating.run, told(url), NO_MIGRATIONS).result()

    return told(new_database("chassis", migrate))


@pytest.fixture
async def sessions(settings: ServiceSettings) -> AsyncIterator[Sessions]:
    """The database of the service, with a table of effects."""
    engine = an_engine(settings)
    async with engine.begin() as db:
        await db.execute(text("CREATE TABLE effect (id serial, aggregate uuid, version int, note text)"))
    yield sessions_of(engine, settings)
    await engine.dispose()


async def effects(sessions: Sessions, aggregate: UUID | None = None) -> list[int]:
    """The versions whose effects stand, in the order of their making."""
    async with sessions() as db:
        rows = await db.execute(
            text("SELECT version FROM effect WHERE CAST(:a AS uuid) IS NULL OR aggregate = :a ORDER BY id"),
            {"a": aggregate},
        )
        return [version for (version,) in rows]


@pytest.fixture
async def left(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """What is said, while a test runs, of connections that nobody closed; it is empty in the end."""
    said: list[str] = []
    monkeypatch.setattr(asyncio.get_running_loop(), "call_exception_handler", lambda told: said.append(told["message"]))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        gc.collect()
        warned.clear()  # what other tests left is theirs
        said.clear()
        yield said
        gc.collect()
    assert [*said, *(str(warning.message) for warning in warned)] == []
