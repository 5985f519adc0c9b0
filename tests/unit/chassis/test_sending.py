"""What of a shard may be on its way at the same time, so that nothing overtakes what a broker refuses."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from chassis.sending import Sender
from chassis.settings import KafkaSettings
from chassis.streaming import Row

NOW = time.time() * 1000
DAY = 86_400_000.0


class Broker:
    """Takes what it is given, and acknowledges when it is asked to."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.told: list[Callable[[Any, Any], None]] = []

    def produce(self, topic: str, body: bytes, key: bytes, shard: int, told: Any, **_: Any) -> None:
        self.taken.append(body)
        if told:
            self.told.append(told)

    def acknowledge(self) -> None:
        told, self.told = self.told, []
        for each in told:
            each(None, None)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()
    monkeypatch.setattr("chassis.sending.a_producer", lambda settings: broker)
    return broker


@pytest.fixture
def sender(broker: Broker) -> Sender:
    sender = Sender("sessions.events", asyncio.Event())
    sender.start(KafkaSettings(kafka_bootstrap_servers="127.0.0.1:1"))
    return sender


def rows(first: int, last: int, *, happened: float = NOW) -> list[Row]:
    headers = msgspec.msgpack.encode([])
    return [Row(3, at, b"key", int(happened), headers, str(at).encode()) for at in range(first, last + 1)]


def test_the_first_event_of_a_shard_goes_alone_until_it_has_landed(broker: Broker, sender: Sender) -> None:
    sender.send(3, rows(1, 3))
    sender.send(3, rows(4, 5))
    assert broker.taken == [b"1"]
    assert sender.waits()
    broker.acknowledge()
    assert broker.taken == [b"1", b"2", b"3", b"4", b"5"]
    broker.acknowledge()
    assert sender.take_landed().keys() == {1, 2, 3, 4, 5}
    assert not sender.flying


def test_what_a_broker_knows_us_by_may_be_followed_at_once(broker: Broker, sender: Sender) -> None:
    sender.send(3, rows(1, 1))
    broker.acknowledge()
    sender.send(3, rows(2, 3))
    sender.send(3, rows(4, 4))
    assert broker.taken == [b"1", b"2", b"3", b"4"]
    broker.acknowledge()
    assert sender.take_landed().keys() == {1, 2, 3, 4}


def test_events_so_old_that_a_broker_forgets_who_wrote_them_go_one_by_one(broker: Broker, sender: Sender) -> None:
    sender.send(3, rows(1, 3, happened=NOW - 2 * DAY))
    for number in (1, 2, 3):
        assert len(broker.taken) == number
        broker.acknowledge()
    assert not sender.flying


def test_while_several_old_ones_are_on_their_way_nothing_follows_until_all_have_landed(
    broker: Broker, sender: Sender
) -> None:
    sender.send(3, rows(1, 1))
    broker.acknowledge()
    sender.send(3, rows(2, 201, happened=NOW - 2 * DAY))
    first, second = broker.told
    first(None, None)
    sender.send(3, rows(202, 203))
    assert len(broker.taken) == 201
    second(None, None)
    assert len(broker.taken) == 202


def test_after_a_producer_that_ended_each_goes_alone_for_a_while(
    broker: Broker, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender._fail(Exception("its end"))  # type: ignore[arg-type]
    sender.start(KafkaSettings(kafka_bootstrap_servers="127.0.0.1:1"))
    sender.send(3, rows(1, 4))
    broker.acknowledge()
    assert broker.taken == [b"1", b"2"]
    later = time.monotonic() + 6
    monkeypatch.setattr("chassis.sending.time.monotonic", lambda: later)
    broker.acknowledge()
    assert broker.taken == [b"1", b"2", b"3", b"4"]
