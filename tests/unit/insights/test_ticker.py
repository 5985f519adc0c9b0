"""What is shown of an event holds public fields only, and lag is counted over what a group takes from."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import msgspec
from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope, Event
from contracts.sessions import Attendance, SessionCompleted
from insights.ticker import TYPES, lag_of, latest_of, public_fields


def a_record(event: Event, **more: Any) -> Any:
    envelope = Envelope(
        id=uuid4(),
        type=more.get("type", event.type),
        time=datetime.now(UTC),
        key=uuid4(),
        version=1,
        programme_id=uuid4(),
        correlation_id=uuid4(),
        actor=Actor(role="supervisor", id=uuid4()),
    )
    headers = headers_of(envelope, source="sessions", schema=event.schema())
    return SimpleNamespace(headers=headers, value=more.get("value", msgspec.json.encode(event)))


def a_session() -> SessionCompleted:
    return SessionCompleted(
        cycle_id=uuid4(),
        session_id=uuid4(),
        ordinal=3,
        held_on=date(2022, 10, 5),
        minutes=300,
        leaders=(uuid4(),),
        attendance=(Attendance(person_id=uuid4(), status="attended", minutes=300),),
        themes=("trauma",),
    )


def test_who_led_and_who_came_is_not_shown() -> None:
    event = a_session()
    latest = latest_of(a_record(event))
    assert latest is not None
    assert latest.kind == "SessionCompleted"
    assert list(latest.told["themes"]) == ["trauma"]
    assert {"leaders", "attendance"}.isdisjoint(latest.told)
    assert str(event.attendance[0].person_id) not in latest.model_dump_json()


def test_no_event_shows_a_person() -> None:
    shown = {name for kind in TYPES.values() for name in public_fields(kind)}
    assert {"person_id", "supervisor_id", "previous_id", "members", "leaders", "trainers", "people"}.isdisjoint(shown)


def test_what_cannot_be_read_is_not_shown() -> None:
    assert latest_of(a_record(a_session(), type="pl.superwizja.sessions.of-tomorrow.v1")) is None
    assert latest_of(a_record(a_session(), value=b"{")) is None
    assert latest_of(a_record(a_session(), value=b'{"unknown": ' + b"[" * 100_000)) is None
    assert latest_of(cast(Any, SimpleNamespace(headers=[], value=b""))) is None


def test_lag_is_what_waits_on_the_topics_that_a_group_takes_from() -> None:
    end = {TopicPartition("a", 0): 10, TopicPartition("a", 1): 4, TopicPartition("b", 0): 100}
    committed = {TopicPartition("a", 0): OffsetAndMetadata(7, "")}
    assert lag_of(committed, end) == 3 + 4
    assert lag_of({}, end) is None
