"""What of a shard may be on its way at the same time, so that nothing overtakes what a broker refuses."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest
from chassis.sending import GATHERED, GATHERS, Sender
from chassis.settings import KafkaSettings
from chassis.streaming import Row

NOW = time.time() * 1000
DAY = 86_400_000.0


class Broker:
    """Takes what it is given, and acknowledges when it is asked to; `lingers`: how many ms each event may."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.lingers: list[float] = []
        self.told: list[Callable[[Any, Any], None]] = []

    def producer(self, settings: KafkaSettings, *, linger_ms: float = 0, at_a_time: int = 0) -> "Producer":
        return Producer(self, linger_ms)

    def acknowledge(self) -> None:
        told, self.told = self.told, []
        for each in told:
            each(None, None)


class Producer(NamedTuple):
    """One of those that write to a broker."""

    broker: Broker
    lingers: float

    def produce(self, topic: str, body: bytes, key: bytes, shard: int, told: Any, **_: Any) -> None:
        self.broker.taken.append(body)
        self.broker.lingers.append(self.lingers)
        if told:
            self.broker.told.append(told)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()
    monkeypatch.setattr("chassis.sending.a_producer", broker.producer)
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


def test_many_go_as_one_batch_and_what_comes_behind_them_follows_at_once_when_they_have_landed(
    broker: Broker, sender: Sender
) -> None:
    sender.send(3, rows(1, 1))
    broker.acknowledge()
    sender.send(3, rows(2, GATHERED + 1))
    broker.acknowledge()
    sender.send(3, rows(GATHERED + 2, GATHERED + 3))
    assert len(broker.taken) == GATHERED + 1
    broker.acknowledge()
    assert broker.taken == [str(at).encode() for at in range(1, GATHERED + 4)]
    assert broker.lingers == [0, *[GATHERS] * GATHERED, 0, 0]


def test_the_first_of_many_goes_alone_too_until_the_broker_knows_who_sends_them(broker: Broker, sender: Sender) -> None:
    sender.send(3, rows(1, 1))
    broker.acknowledge()
    sender.send(3, rows(2, GATHERED + 1))
    assert broker.taken == [b"1", b"2"]
    broker.acknowledge()
    assert len(broker.taken) == GATHERED + 1


def test_many_that_are_old_do_not_linger_one_by_one(broker: Broker, sender: Sender) -> None:
    sender.send(3, rows(1, GATHERED, happened=NOW - 2 * DAY))
    for _ in range(GATHERED):
        broker.acknowledge()
    assert len(broker.taken) == GATHERED
    assert set(broker.lingers) == {0}


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
