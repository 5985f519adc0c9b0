"""What is due is done once, soon, by whichever worker is free; what fails is tried later and then parked visibly."""

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self
from uuid import UUID, uuid4

import pytest
from chassis import due as due_module
from chassis.database import Sessions
from chassis.due import DueWork, DueWorker
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .conftest import effects


def some_work() -> DueWork:
    work = DueWork()

    @work.on("note")
    async def note(db: AsyncSession, subject: UUID) -> None:
        await db.execute(text("INSERT INTO effect (aggregate, version) VALUES (:s, 1)"), {"s": subject})

    @work.on("fail")
    async def fail(db: AsyncSession, subject: UUID) -> None:
        await db.execute(text("INSERT INTO effect (aggregate, version) VALUES (:s, 1)"), {"s": subject})
        raise ArithmeticError("always")

    return work


async def schedule(sessions: Sessions, work: DueWork, kind: str, subject: UUID, *, seconds: float = 0) -> None:
    async with sessions.begin() as db:
        await work.schedule(db, kind, subject=subject, at=datetime.now(UTC) + timedelta(seconds=seconds))


async def rows(sessions: Sessions) -> list[tuple[int, str | None, bool]]:
    async with sessions() as db:
        found = await db.execute(text("SELECT attempts, cause, parked_at IS NOT NULL FROM due"))
        return [tuple(row) for row in found]


async def test_work_is_done_when_its_time_has_come_and_not_before(sessions: Sessions) -> None:
    work, now, later = some_work(), uuid4(), uuid4()
    await schedule(sessions, work, "note", now)
    await schedule(sessions, work, "note", later, seconds=3600)
    worker = DueWorker("test", work, sessions)
    assert await worker.do_next()
    assert not await worker.do_next()
    assert await effects(sessions, now) == [1]
    assert await effects(sessions, later) == []


async def test_what_is_to_be_done_at_once_is_due_whatever_the_clock_of_who_asks(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(minutes=5)

    monkeypatch.setattr(due_module, "datetime", Ahead)
    work, asked, ill = some_work(), uuid4(), uuid4()
    async with sessions.begin() as db:
        await work.schedule(db, "note", subject=asked)
    worker = DueWorker("test", work, sessions)
    assert await worker.do_next()
    assert await effects(sessions, asked) == [1]
    # What failed is tried again in a moment, not when a clock that is ahead has been reached.
    await schedule(sessions, work, "fail", ill)
    assert await worker.do_next()
    async with sessions() as db:
        assert await db.scalar(text("SELECT max(at) < now() + interval '1 minute' FROM due"))


async def test_three_workers_do_each_piece_once(sessions: Sessions) -> None:
    work, subjects = some_work(), [uuid4() for _ in range(40)]
    for subject in subjects:
        await schedule(sessions, work, "note", subject)

    async def until_nothing_is_due(worker: DueWorker) -> None:
        while await worker.do_next():
            pass

    await asyncio.gather(*(until_nothing_is_due(DueWorker("test", work, sessions)) for _ in range(3)))
    assert sorted(await effects(sessions)) == [1] * 40


async def test_what_was_cancelled_is_not_done_and_what_was_moved_is_done_at_its_new_time(sessions: Sessions) -> None:
    work, cancelled, moved = some_work(), uuid4(), uuid4()
    await schedule(sessions, work, "note", cancelled)
    await schedule(sessions, work, "note", moved)
    await schedule(sessions, work, "note", moved, seconds=3600)
    async with sessions.begin() as db:
        await work.cancel(db, "note", subject=cancelled)
    assert not await DueWorker("test", work, sessions).do_next()


async def test_a_failure_leaves_no_effect_and_comes_back_later_with_its_cause(sessions: Sessions) -> None:
    work, subject = some_work(), uuid4()
    await schedule(sessions, work, "fail", subject)
    worker = DueWorker("test", work, sessions)
    assert await worker.do_next()
    assert await effects(sessions) == []
    assert await rows(sessions) == [(1, "ArithmeticError: always", False)]
    assert not await worker.do_next()


async def test_what_fails_too_often_is_parked_and_holds_nobody_up(sessions: Sessions) -> None:
    work, ill, well = some_work(), uuid4(), uuid4()
    await schedule(sessions, work, "fail", ill)
    async with sessions.begin() as db:
        await db.execute(text("UPDATE due SET attempts = :n"), {"n": due_module.ATTEMPTS - 1})
    await schedule(sessions, work, "note", well)
    worker = DueWorker("test", work, sessions)
    while await worker.do_next():
        pass
    assert await effects(sessions) == [1]
    assert await rows(sessions) == [(due_module.ATTEMPTS, "ArithmeticError: always", True)]


async def test_a_worker_fires_within_a_quarter_of_a_second(sessions: Sessions) -> None:
    work, subject = some_work(), uuid4()
    worker = DueWorker("test", work, sessions)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    await schedule(sessions, work, "note", subject)
    async with asyncio.timeout(10):
        while not await effects(sessions, subject):
            await asyncio.sleep(0.01)
    worker.stop()
    await asyncio.wait_for(running, 10)
    assert due_module.LOOK_EVERY < 0.25
