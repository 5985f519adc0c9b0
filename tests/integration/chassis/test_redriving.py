"""A redrive that was promised takes place, whatever dies before it has."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import pytest
from chassis.consuming import Consumer
from chassis.database import Sessions
from chassis.inbox import Inbox
from chassis.redriving import Redriving
from contracts.event import Envelope
from contracts.sessions import TOPIC, ContractRevised
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .conftest import effects
from .test_inbox import a_consumer, parked_versions, record_of


class Killed(BaseException):
    """The process ended."""


async def park(sessions: Sessions, cycle: UUID, contract_versions: Sequence[int]) -> None:
    inbox = Inbox(a_consumer(), sessions)
    events = [
        ContractRevised(cycle_id=cycle, contract_version=v, revised_on=date(2022, 10, 1)) for v in contract_versions
    ]
    await inbox.take([record_of(inbox, event, cycle, number) for number, event in enumerate(events, 1)])


async def test_a_worker_killed_in_the_middle_leaves_the_redrive_to_the_next(sessions: Sessions) -> None:
    cycle, cured = uuid4(), Consumer("counting", topics=[TOPIC])
    dying = [True]

    @cured.on(ContractRevised)
    async def on_contract_revised(db: AsyncSession, event: ContractRevised, envelope: Envelope) -> None:
        if dying:
            dying.pop()
            raise Killed
        await db.execute(
            text("INSERT INTO effect (aggregate, version) VALUES (:a, :v)"), {"a": envelope.key, "v": envelope.version}
        )

    await park(sessions, cycle, [13, 1])
    async with sessions.begin() as db:
        await db.execute(text("INSERT INTO redrive (consumer, aggregate) VALUES ('counting', :a)"), {"a": cycle})
    redriving = Redriving([Inbox(cured, sessions)], sessions)
    with pytest.raises(Killed):
        await redriving.next()
    assert await parked_versions(sessions) == [1, 2]
    await redriving.next()
    assert await effects(sessions, cycle) == [1, 2]
    async with sessions() as db:
        assert (await db.execute(text("SELECT count(*) FROM redrive"))).scalar_one() == 0
