"""An envelope travels in headers and comes back as it was; headers that are none are refused by name."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from contracts.cloudevents import NotAnEnvelope, envelope_of, headers_of
from contracts.event import Actor, Envelope
from hypothesis import given
from hypothesis import strategies as st

ids = st.uuids()
maybe_ids = st.none() | ids
envelopes = st.builds(
    Envelope,
    id=ids,
    type=st.just("pl.superwizja.sessions.session-completed.v1"),
    time=st.datetimes(timezones=st.just(UTC)),
    key=ids,
    version=st.integers(1, 2**31 - 1),
    programme_id=maybe_ids,
    correlation_id=ids,
    causation_id=maybe_ids,
    traceparent=st.none() | st.just(f"00-{1:032x}-{1:016x}-01"),
    actor=st.builds(Actor, role=st.just("supervisor"), id=ids)
    | st.builds(Actor, role=st.just("service"), service=st.just("sessions")),
)


def an_envelope() -> Envelope:
    return Envelope(
        id=UUID(int=1),
        type="pl.superwizja.sessions.session-completed.v1",
        time=datetime(2022, 10, 19, 14, tzinfo=UTC),
        key=UUID(int=2),
        version=3,
        programme_id=None,
        correlation_id=UUID(int=4),
        actor=Actor(role="service", service="sessions"),
    )


def headers(**changed: bytes | None) -> list[tuple[str, bytes]]:
    pairs = dict(headers_of(an_envelope(), source="sessions", schema="urn:superwizja:schema:x")) | changed
    return [(name, value) for name, value in pairs.items() if value is not None]


@given(envelopes)
def test_an_envelope_comes_back_as_it_was(envelope: Envelope) -> None:
    assert envelope_of(headers_of(envelope, source="sessions", schema="urn:superwizja:schema:x")) == envelope


def test_every_header_is_text_that_is_not_empty() -> None:
    assert all(value.decode() for _, value in headers())


def test_headers_of_others_are_ignored() -> None:
    assert envelope_of([*headers(), ("ce_somethingnew", b"1"), ("x-other", b"\xff\xfe")]) == an_envelope()


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"ce_id": None}, "ce_id"),
        ({"ce_type": None}, "ce_type"),
        ({"ce_subject": b"not an id"}, "ce_subject"),
        ({"ce_version": b"0"}, "ce_version"),
        ({"ce_version": b"one"}, "ce_version"),
        ({"ce_version": b"2147483648"}, "ce_version"),
        ({"ce_time": b"2022-10-19T14:00:00"}, "zone"),
        ({"ce_time": b"0001-01-01T00:00:00+14:00"}, "range"),
        ({"ce_type": b"pl.elsewhere\x00.v1"}, "NUL"),
        ({"ce_actorservice": b"\x00"}, "NUL"),
        ({"ce_time": b"yesterday"}, "ce_time"),
        ({"ce_correlationid": b"\xff\xfe"}, "decode"),
        ({"ce_actorrole": None}, "ce_actorrole"),
    ],
)
def test_headers_without_an_envelope_are_refused_with_the_cause(changed: dict[str, bytes | None], cause: str) -> None:
    with pytest.raises(NotAnEnvelope, match=cause):
        envelope_of(headers(**changed))


def test_a_record_without_headers_is_no_event() -> None:
    with pytest.raises(NotAnEnvelope):
        envelope_of([])
