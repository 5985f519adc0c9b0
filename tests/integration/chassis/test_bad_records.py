"""Records that no producer of ours would write: each is read, parked or passed over, and its neighbours go on."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from chassis.consuming import Record
from chassis.database import Sessions
from chassis.errors import told
from chassis.inbox import Inbox
from chassis.settings import ServiceSettings
from chassis.web.parking import _texts
from contracts import enrollment
from contracts.sessions import TOPIC, ContractRevised
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from superwizja.chaos.badinputs.batches import CODECS, NAME_TO_SPOIL, compressed, respelt

from .conftest import effects
from .test_inbox import POISON, a_consumer, a_record, parked_versions, record_of, remembered
from .test_subscribing import consuming, producer, until

__all__ = ["producer"]

DEEP = b'{"unknown": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def revised(inbox: Inbox, cycle: UUID, version: int, body: bytes | None = None) -> Record:
    event = ContractRevised(cycle_id=cycle, contract_version=1, revised_on=date(2022, 10, 1))
    return record_of(inbox, event, cycle, version, body)


def a_batch(producer: AIOKafkaProducer, records: list[Record]) -> BatchBuilder:
    batch = producer.create_batch()
    for record in records:
        key = str(record.envelope.key).encode()
        batch.append(key=key, value=record.body, timestamp=None, headers=record.headers)
    batch.close()
    return batch


async def put(producer: AIOKafkaProducer, batch: BatchBuilder) -> None:
    await (await producer.send_batch(batch, TOPIC, partition=0))


@pytest.mark.usefixtures("topics")
@pytest.mark.parametrize("codec", list(CODECS))
async def test_events_are_read_however_their_batch_was_compressed(
    settings: ServiceSettings, sessions: Sessions, producer: AIOKafkaProducer, codec: str
) -> None:
    cycle, inbox = uuid4(), Inbox(a_consumer(), sessions)
    await put(producer, compressed(a_batch(producer, [revised(inbox, cycle, 1), revised(inbox, cycle, 2)]), codec))
    await put(producer, a_batch(producer, [revised(inbox, cycle, 3)]))
    async with consuming(settings, sessions, f"test-{uuid4()}"):
        await until(sessions, cycle, [1, 2, 3])


@pytest.mark.usefixtures("topics")
@pytest.mark.parametrize("pack", [lambda batch: batch, lambda batch: compressed(batch, "zstd")])
async def test_a_header_whose_name_is_no_text_holds_nobody_up(
    settings: ServiceSettings,
    sessions: Sessions,
    producer: AIOKafkaProducer,
    pack: Callable[[BatchBuilder], BatchBuilder],
) -> None:
    cycle, inbox = uuid4(), Inbox(a_consumer(), sessions)
    batch = [revised(inbox, cycle, version) for version in (1, 2, 3)]
    batch[1].headers = [*batch[1].headers, (NAME_TO_SPOIL, b"x")]
    await put(producer, pack(respelt(a_batch(producer, batch))))
    await put(producer, a_batch(producer, [revised(inbox, cycle, 4)]))
    async with consuming(settings, sessions, f"test-{uuid4()}"):
        await until(sessions, cycle, [1, 2, 3, 4])


async def test_a_body_that_is_nested_too_deeply_is_parked(sessions: Sessions) -> None:
    ill, well, inbox = uuid4(), uuid4(), Inbox(a_consumer(), sessions)
    await inbox.take([revised(inbox, ill, 1, DEEP), revised(inbox, well, 1)])
    assert await effects(sessions, well) == [1]
    assert await remembered(sessions, ill) == (0, 1)
    assert await parked_versions(sessions) == [1]


async def test_what_does_not_decode_is_parked_in_the_transaction_of_its_neighbours(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To take the batch one by one for it would make every record of a flood of them a transaction."""
    ill, well, inbox = uuid4(), [uuid4() for _ in range(20)], Inbox(a_consumer(), sessions)
    taken: list[int] = []
    apply = inbox.apply

    async def counted(records: Sequence[Record]) -> None:
        taken.append(len(records))
        await apply(records)

    monkeypatch.setattr(inbox, "apply", counted)
    batch = [revised(inbox, each, 1) for each in well]
    batch[5:5] = [revised(inbox, ill, 1, b"{"), revised(inbox, ill, 2), revised(inbox, ill, 3, b"[")]
    await inbox.take(batch)
    await inbox.take(batch)
    assert taken == [len(batch)] * 2
    for each in well:
        assert await effects(sessions, each) == [1]
    assert await remembered(sessions, ill) == (0, 1)
    async with sessions() as db:
        rows = (await db.execute(text("SELECT version, cause, attempts FROM parked ORDER BY version"))).all()
    assert [(row.version, row.attempts) for row in rows] == [(1, 1), (2, 0), (3, 0)]
    assert rows[0].cause.startswith(f"Undecodable: {ContractRevised.type}: DecodeError: ")


async def test_one_event_that_fails_among_many_is_found_by_halving(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its neighbours go on in transactions of many, as ever."""
    cycles, inbox = [uuid4() for _ in range(64)], Inbox(a_consumer(), sessions)
    taken: list[int] = []
    apply = inbox.apply

    async def counted(records: Sequence[Record]) -> None:
        taken.append(len(records))
        await apply(records)

    monkeypatch.setattr(inbox, "apply", counted)
    batch = [revised(inbox, each, 1) for each in cycles]
    batch[40] = a_record(inbox, cycles[40], 1, contract_version=POISON)
    await inbox.take(batch)
    assert await parked_versions(sessions) == [1]
    for each in cycles:
        assert await effects(sessions, each) == ([] if each == cycles[40] else [1])
    assert len(taken) < 20


async def test_an_event_on_a_topic_that_is_not_its_own_has_no_effect(sessions: Sessions) -> None:
    """Only a topic's owner may write to it, and so only its own types are believed there."""
    cycle, inbox = uuid4(), Inbox(a_consumer(), sessions)
    sent = revised(inbox, cycle, 1)
    await inbox.take([inbox.consumer.read(enrollment.TOPIC, sent.headers, sent.body)])
    assert await effects(sessions, cycle) == []
    await inbox.take([sent])
    assert await effects(sessions, cycle) == [1]


async def test_what_is_told_of_a_failure_quotes_no_value(sessions: Sessions) -> None:
    """A value may be a name: the driver quotes what it could not send."""
    for value in (2**40, "Osoba (zmyślona) \ud800"):
        statement = "SELECT CAST(:v AS int)" if isinstance(value, int) else "SELECT CAST(:v AS text)"
        with pytest.raises(DBAPIError) as failed:
            async with sessions() as db:
                await db.execute(text(statement), {"v": value})
        cause = told(failed.value)
        assert str(value)[:5] not in cause
        assert "invalid input for query argument $1" in cause
        assert "SELECT" in cause


async def test_a_parked_record_with_a_header_of_no_value_is_shown_and_taken_up_again(sessions: Sessions) -> None:
    cycle, inbox = uuid4(), Inbox(a_consumer(), sessions)
    sent = revised(inbox, cycle, 1)
    without_value: Any = [*sent.headers, ("x-null", None)]
    await inbox.park(inbox.consumer.read(TOPIC, without_value, sent.body), "as if it had failed")
    async with sessions() as db:
        (headers,) = (await db.execute(text("SELECT headers FROM parked"))).one()
    assert _texts(headers)["x-null"] == ""
    await inbox.redrive(cycle)
    assert await effects(sessions, cycle) == [1]
    assert await parked_versions(sessions) == []
