"""An event takes effect once, in its aggregate's order; what cannot be applied waits, and its neighbours go on."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import msgspec
import pytest
from chassis.consuming import Consumer, Record
from chassis.database import Sessions
from chassis.ids import new_id
from chassis.inbox import Inbox
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope, Event
from contracts.sessions import TOPIC, ContractRevised, ContractSigned, CycleCompleted
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .conftest import effects

POISON = 13


def a_consumer() -> Consumer:
    """Writes an effect for each revised contract; contract version 13 is more than it can bear."""
    consumer = Consumer("counting", topics=[TOPIC])

    @consumer.on(ContractRevised)
    async def on_contract_revised(db: AsyncSession, event: ContractRevised, envelope: Envelope) -> None:
        await db.execute(
            text("INSERT INTO effect (aggregate, version) VALUES (:a, :v)"), {"a": envelope.key, "v": envelope.version}
        )
        if event.contract_version == POISON:
            raise ArithmeticError("thirteen")

    return consumer


@pytest.fixture
def inbox(sessions: Sessions) -> Inbox:
    return Inbox(a_consumer(), sessions)


def a_record(
    inbox: Inbox, cycle: UUID, version: int, *, contract_version: int = 1, body: bytes | None = None
) -> Record:
    return record_of(
        inbox,
        ContractRevised(cycle_id=cycle, contract_version=contract_version, revised_on=date(2022, 10, 1)),
        cycle,
        version,
        body,
    )


def record_of(inbox: Inbox, event: Event, cycle: UUID, version: int, body: bytes | None = None) -> Record:
    envelope = Envelope(
        id=new_id(),
        type=event.type,
        time=datetime.now(UTC),
        key=cycle,
        version=version,
        programme_id=None,
        correlation_id=new_id(),
        actor=Actor(role="service", service="sessions"),
    )
    headers = headers_of(envelope, source="sessions", schema=event.schema())
    return inbox.consumer.read(TOPIC, headers, msgspec.json.encode(event) if body is None else body)


async def parked_versions(sessions: Sessions) -> list[int]:
    async with sessions() as db:
        return [row.version for row in await db.execute(text("SELECT version FROM parked ORDER BY version"))]


async def remembered(sessions: Sessions, aggregate: UUID) -> tuple[int, int | None]:
    async with sessions() as db:
        row = (
            await db.execute(text("SELECT version, parked_from FROM inbox WHERE aggregate = :a"), {"a": aggregate})
        ).one()
        return row.version, row.parked_from


async def test_an_event_delivered_twice_takes_effect_once(inbox: Inbox, sessions: Sessions) -> None:
    cycle = uuid4()
    batch = [a_record(inbox, cycle, version) for version in (1, 2, 3)]
    await inbox.take(batch)
    await inbox.take(batch)
    await inbox.take([batch[1]])
    assert await effects(sessions, cycle) == [1, 2, 3]


async def test_an_event_twice_in_one_batch_takes_effect_once(inbox: Inbox, sessions: Sessions) -> None:
    cycle = uuid4()
    first, second = a_record(inbox, cycle, 1), a_record(inbox, cycle, 2)
    await inbox.take([first, second, first, second])
    assert await effects(sessions, cycle) == [1, 2]


async def test_two_workers_that_hold_the_same_batch_apply_it_once(inbox: Inbox, sessions: Sessions) -> None:
    cycles = [uuid4() for _ in range(5)]
    batch = [a_record(inbox, cycle, version) for version in (1, 2) for cycle in cycles]
    await asyncio.gather(inbox.take(batch), inbox.take(list(reversed(batch[5:]))), inbox.take(batch))
    for cycle in cycles:
        assert sorted(set(await effects(sessions, cycle))) == await effects(sessions, cycle)


async def test_a_type_that_nobody_listens_to_is_skipped_and_moves_the_version_on(
    inbox: Inbox, sessions: Sessions
) -> None:
    cycle = uuid4()
    signed = ContractSigned(
        cycle_id=cycle, person_id=uuid4(), contract_version=1, signed_on=date(2022, 10, 1), form="paper", unsigned=0
    )
    await inbox.take([a_record(inbox, cycle, 1), record_of(inbox, signed, cycle, 2), a_record(inbox, cycle, 3)])
    assert await effects(sessions, cycle) == [1, 3]
    assert await remembered(sessions, cycle) == (3, None)


async def test_a_poison_event_is_parked_with_its_cause_and_its_neighbours_go_on(
    inbox: Inbox, sessions: Sessions
) -> None:
    ill, well = uuid4(), uuid4()
    await inbox.take(
        [
            a_record(inbox, ill, 1),
            a_record(inbox, well, 1),
            a_record(inbox, ill, 2, contract_version=POISON),
            a_record(inbox, well, 2),
            a_record(inbox, ill, 3),
        ]
    )
    assert await effects(sessions, well) == [1, 2]
    assert await effects(sessions, ill) == [1]
    assert await parked_versions(sessions) == [2, 3]
    assert await remembered(sessions, ill) == (1, 2)
    async with sessions() as db:
        cause = (await db.execute(text("SELECT cause FROM parked WHERE version = 2"))).scalar_one()
    assert "thirteen" in cause


async def test_later_events_of_a_parked_aggregate_wait_behind_it(inbox: Inbox, sessions: Sessions) -> None:
    cycle = uuid4()
    await inbox.take([a_record(inbox, cycle, 1, contract_version=POISON)])
    await inbox.take([a_record(inbox, cycle, 2)])
    await inbox.take([a_record(inbox, cycle, 2), a_record(inbox, cycle, 3)])
    assert await effects(sessions, cycle) == []
    assert await parked_versions(sessions) == [1, 2, 3]


async def test_a_redrive_applies_parked_events_in_version_order(sessions: Sessions) -> None:
    cycle, cured = uuid4(), Consumer("counting", topics=[TOPIC])

    @cured.on(ContractRevised)
    async def on_contract_revised(db: AsyncSession, event: ContractRevised, envelope: Envelope) -> None:
        await db.execute(
            text("INSERT INTO effect (aggregate, version) VALUES (:a, :v)"), {"a": envelope.key, "v": envelope.version}
        )

    ill = Inbox(a_consumer(), sessions)
    await ill.take([a_record(ill, cycle, version, contract_version=POISON) for version in (1, 2, 3)])
    await ill.redrive(cycle)
    assert await parked_versions(sessions) == [1, 2, 3]
    await Inbox(cured, sessions).redrive(cycle)
    assert await effects(sessions, cycle) == [1, 2, 3]
    assert await parked_versions(sessions) == []
    assert await remembered(sessions, cycle) == (3, None)
    await ill.take([a_record(ill, cycle, 4)])
    assert await effects(sessions, cycle) == [1, 2, 3, 4]


async def test_a_known_type_that_does_not_decode_is_parked(inbox: Inbox, sessions: Sessions) -> None:
    cycle, other = uuid4(), uuid4()
    await inbox.take([a_record(inbox, cycle, 1, body=b"{"), a_record(inbox, other, 1)])
    assert await parked_versions(sessions) == [1]
    assert await effects(sessions) == [1]
    assert await effects(sessions, other) == [1]


async def test_a_failing_batch_leaves_no_half_effects(inbox: Inbox, sessions: Sessions) -> None:
    cycle = uuid4()
    await inbox.take([a_record(inbox, cycle, 1, contract_version=POISON)])
    assert await effects(sessions) == []


async def test_a_gap_is_counted_and_applied(inbox: Inbox, sessions: Sessions) -> None:
    from chassis.telemetry import GAPS

    cycle, before = uuid4(), GAPS.labels("counting")._value.get()
    await inbox.take([a_record(inbox, cycle, 1), a_record(inbox, cycle, 4)])
    assert await effects(sessions, cycle) == [1, 4]
    assert GAPS.labels("counting")._value.get() == before + 1


async def test_a_lost_connection_is_waited_out_and_parks_nothing(sessions: Sessions) -> None:
    cycle, consumer, lost = uuid4(), Consumer("losing", topics=[TOPIC]), iter([True, True, False])

    @consumer.on(ContractRevised)
    async def on_contract_revised(db: AsyncSession, event: ContractRevised, envelope: Envelope) -> None:
        await db.execute(
            text("INSERT INTO effect (aggregate, version) VALUES (:a, :v)"), {"a": envelope.key, "v": envelope.version}
        )
        if next(lost):
            await db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    inbox = Inbox(consumer, sessions)
    await inbox.take([a_record(inbox, cycle, 1)])
    assert await effects(sessions, cycle) == [1]
    assert await parked_versions(sessions) == []


async def test_what_acts_on_the_world_leaves_alone_what_is_older_than_act_from(sessions: Sessions) -> None:
    cycle, consumer = uuid4(), Consumer("acting", topics=[TOPIC])

    @consumer.on(CycleCompleted, acts=True)
    async def on_cycle_completed(db: AsyncSession, event: CycleCompleted, envelope: Envelope) -> None:
        await db.execute(text("INSERT INTO effect (version) VALUES (1)"))

    completed = CycleCompleted(
        cycle_id=cycle, completed_on=date(2023, 7, 1), sessions=10, minutes=3000, threshold_percent=80, attendance=()
    )
    late = Inbox(consumer, sessions, act_from=datetime(2999, 1, 1, tzinfo=UTC))
    await late.take([record_of(late, completed, cycle, 1)])
    assert await effects(sessions) == []
    assert await remembered(sessions, cycle) == (1, None)


async def test_a_projection_takes_a_batch_at_once_and_keeps_each_aggregate_in_order(sessions: Sessions) -> None:
    seen: list[tuple[str, list[int]]] = []
    consumer = Consumer("projecting", topics=[TOPIC])

    @consumer.on_batch(ContractRevised)
    async def on_contracts_revised(db: AsyncSession, batch: Sequence[tuple[ContractRevised, Envelope]]) -> None:
        seen.append(("revised", [envelope.version for _, envelope in batch]))

    @consumer.on_batch(ContractSigned)
    async def on_contracts_signed(db: AsyncSession, batch: Sequence[tuple[ContractSigned, Envelope]]) -> None:
        seen.append(("signed", [envelope.version for _, envelope in batch]))

    inbox = Inbox(consumer, sessions)
    one, two = uuid4(), uuid4()
    signed = ContractSigned(
        cycle_id=one, person_id=uuid4(), contract_version=1, signed_on=date(2022, 10, 1), form="paper", unsigned=0
    )
    await inbox.take(
        [
            a_record(inbox, one, 1),
            a_record(inbox, two, 1),
            record_of(inbox, signed, one, 2),
            a_record(inbox, two, 2),
            a_record(inbox, one, 3),
        ]
    )
    assert seen == [("revised", [1, 1]), ("signed", [2]), ("revised", [2, 3])]
