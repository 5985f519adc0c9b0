"""What takes too long while the database answers is a fault of the event; a database that is silent is not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from chassis import inbox as inbox_module
from chassis.consuming import Consumer
from chassis.database import Sessions, an_engine, sessions_of
from chassis.due import DueWork, DueWorker
from chassis.inbox import Inbox
from chassis.settings import ServiceSettings
from contracts.event import Envelope
from contracts.sessions import TOPIC, ContractRevised
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession
from superwizja import leash
from superwizja.chaos.links import Links

from .conftest import effects
from .test_inbox import a_record, parked_versions, remembered

ALLOWED = 2.0
"""Seconds that a statement may take here."""


@pytest.fixture
async def hurried(settings: ServiceSettings, sessions: Sessions) -> AsyncIterator[Sessions]:
    """The same database, whose statements must be short."""
    engine = an_engine(settings, timeout=ALLOWED)
    yield sessions_of(engine, settings)
    await engine.dispose()


def a_consumer(slow: UUID, statement: str = "SELECT pg_sleep(60)") -> Consumer:
    """Writes an effect for each event; the events of one cycle take longer than they may."""
    consumer = Consumer("late", topics=[TOPIC])

    @consumer.on(ContractRevised)
    async def on_contract_revised(db: AsyncSession, event: ContractRevised, envelope: Envelope) -> None:
        await db.execute(
            text("INSERT INTO effect (aggregate, version) VALUES (:a, :v)"), {"a": envelope.key, "v": envelope.version}
        )
        if envelope.key == slow:
            await db.execute(text(statement))

    return consumer


@pytest.mark.parametrize(
    "statement",
    ["SELECT pg_sleep(60)", "DO $$ BEGIN RAISE EXCEPTION 'cancelled' USING ERRCODE = '57014'; END $$"],
    ids=["the client's limit", "57014"],
)
async def test_an_event_that_always_takes_too_long_is_parked_with_its_cause_and_its_neighbours_go_on(
    hurried: Sessions, sessions: Sessions, statement: str
) -> None:
    slow, well = uuid4(), uuid4()
    inbox = Inbox(a_consumer(slow, statement), hurried)
    async with asyncio.timeout(120):
        await inbox.take([a_record(inbox, slow, 1), a_record(inbox, well, 1), a_record(inbox, slow, 2)])
    assert await effects(sessions, well) == [1]
    assert await effects(sessions, slow) == []
    assert await parked_versions(sessions) == [1, 2]
    assert await remembered(sessions, slow) == (0, 1)
    async with sessions() as db:
        cause = (await db.execute(text("SELECT cause FROM parked WHERE version = 1"))).scalar_one()
    assert cause.startswith("it takes too long, while the database answers: ")


async def test_a_handler_that_waits_for_ever_for_something_else_is_parked_too(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "HANDLED_WITHIN", ALLOWED)
    cycle, consumer = uuid4(), Consumer("late", topics=[TOPIC])

    @consumer.on(ContractRevised)
    async def on_contract_revised(db: AsyncSession, event: ContractRevised, envelope: Envelope) -> None:
        await asyncio.Event().wait()

    inbox = Inbox(consumer, sessions)
    async with asyncio.timeout(120):
        await inbox.take([a_record(inbox, cycle, 1)])
    assert await parked_versions(sessions) == [1]


async def test_a_database_that_is_silent_for_longer_than_all_attempts_blocks_and_parks_nothing(
    settings: ServiceSettings, sessions: Sessions
) -> None:
    cycle, url, port = uuid4(), make_url(settings.database_url.get_secret_value()), leash.free_port()
    assert url.port is not None
    through = settings.model_copy(update={"database_url": SecretStr(url.set(port=port).render_as_string(False))})
    with Links({("x", "database"): (port, url.port)}).serving() as links:
        engine = an_engine(through, timeout=ALLOWED)
        inbox = Inbox(a_consumer(uuid4()), sessions_of(engine, through))
        await inbox.take([a_record(inbox, cycle, 1)])
        links.silence("x", "database")
        taking = asyncio.create_task(inbox.take([a_record(inbox, cycle, 2)]))
        done, _ = await asyncio.wait([taking], timeout=ALLOWED * (inbox_module.ATTEMPTS + 2) * 1.5)
        assert not done
        links.forward("x", "database")
        await asyncio.wait_for(taking, 60)
        await engine.dispose()
    assert await effects(sessions, cycle) == [1, 2]
    assert await parked_versions(sessions) == []


async def test_due_work_that_always_takes_too_long_comes_back_later_and_lets_others_pass(
    hurried: Sessions, sessions: Sessions
) -> None:
    work = DueWork()

    @work.on("slow")
    async def slow(db: AsyncSession, subject: UUID) -> None:
        await db.execute(text("SELECT pg_sleep(60)"))

    async with sessions.begin() as db:
        await work.schedule(db, "slow", subject=uuid4(), at=datetime.now(UTC))
    assert await DueWorker("test", work, hurried).do_next()
    async with sessions() as db:
        row = (await db.execute(text("SELECT attempts, cause, at > now() - interval '10 s' FROM due"))).one()
    assert row[0] == 1
    assert "TimeoutError" in row[1]
