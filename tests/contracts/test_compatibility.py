"""The gate is seen to refuse, in a sentence, every change that would break a reader; an optional field may pass."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from contracts.compatibility import changes, refusals, successor
from contracts.event import Event
from contracts.fields import Code, Internal, PersonId, Public
from contracts.schema import Schema, events, file_of, schema_of

FILE = PurePosixPath("tests/meeting-held.v1.json")
REQUIRED = msgspec.NODEFAULT

Level = Annotated[int, msgspec.Meta(ge=1, le=5, extra_json_schema={"x-class": "public"})]
LowerLevel = Annotated[int, msgspec.Meta(ge=1, le=4, extra_json_schema={"x-class": "public"})]
WiderLevel = Annotated[int, msgspec.Meta(ge=1, le=9, extra_json_schema={"x-class": "public"})]
ShortCode = Annotated[
    str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,9}$", max_length=60, extra_json_schema={"x-class": "public"})
]
ShorterCode = Annotated[
    str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,59}$", max_length=10, extra_json_schema={"x-class": "public"})
]
PlainId = Annotated[str, msgspec.Meta(max_length=36, extra_json_schema={"x-class": "public"})]


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """Who was there."""

    person_id: PersonId
    minutes: Public[int]


class GuestWithoutMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """Who was there."""

    person_id: PersonId


class GuestWithRole(msgspec.Struct, frozen=True, kw_only=True):
    """Who was there, and as what."""

    person_id: PersonId
    minutes: Public[int]
    role: Public[Code | None] = None


Kind = Public[Literal["open", "closed"]]
NarrowerKind = Public[Literal["open"]]
WiderKind = Public[Literal["open", "closed", "online"]]
Guests = Internal[tuple[Guest, ...]]
GuestsWithoutMinutes = Internal[tuple[GuestWithoutMinutes, ...]]
GuestsWithRoles = Internal[tuple[GuestWithRole, ...]]
CodeOrNull = Public[Code | None]
LevelOrNull = Public[Level | None]

FIELDS: dict[str, tuple[Any, Any]] = {
    "meeting_id": (Public[UUID], REQUIRED),
    "level": (Level, REQUIRED),
    "kind": (Kind, REQUIRED),
    "theme": (Code, REQUIRED),
    "led_by": (Internal[UUID], REQUIRED),
    "guests": (Guests, REQUIRED),
    "rounds": (Public[int], 0),
    "place": (CodeOrNull, None),
}


def a_version(aggregate: str = "meeting", **changed: tuple[Any, Any] | None) -> Schema:
    """The schema of MeetingHeld with some fields changed, added, or left out (None)."""
    fields = {name: field for name, field in (FIELDS | changed).items() if field is not None}
    made = msgspec.defstruct(
        "MeetingHeld",
        [(name, hint, default) for name, (hint, default) in fields.items()],
        bases=(Event,),
        namespace={"topic": "tests.events", "aggregate": aggregate, "__doc__": "A meeting was held."},
        frozen=True,
        kw_only=True,
    )
    assert issubclass(made, Event)
    return schema_of(made)


BREAKING = {
    "a field is removed": ({"level": None}, "field `level` was removed", True),
    "an optional field is removed": ({"place": None}, "field `place` was removed", True),
    "a type changes": (
        {"level": (Public[Code], REQUIRED)},
        "field `level` was integer and is now string",
        True,
    ),
    "a format changes": (
        {"meeting_id": (PlainId, REQUIRED)},
        "field `meeting_id` was string (uuid) and is now string",
        True,
    ),
    "null is allowed": (
        {"level": (LevelOrNull, REQUIRED)},
        "field `level` was integer and is now integer or null",
        True,
    ),
    "null is allowed no more": (
        {"place": (Code, "hall")},
        "field `place` was string or null and is now string",
        True,
    ),
    "a bound is narrowed": (
        {"level": (LowerLevel, REQUIRED)},
        "the greatest value of field `level` was 5 and is now 4",
        True,
    ),
    "a bound is widened": (
        {"level": (WiderLevel, REQUIRED)},
        "the greatest value of field `level` was 5 and is now 9",
        True,
    ),
    "a bound appears": (
        {"rounds": (Level, 1)},
        "the smallest value of field `rounds` was open and is now 1",
        True,
    ),
    "a pattern is narrowed": (
        {"theme": (ShortCode, REQUIRED)},
        "field `theme` had pattern '^[a-z][a-z0-9_]{0,59}$' and now has pattern '^[a-z][a-z0-9_]{0,9}$'",
        False,
    ),
    "a text is shortened": (
        {"theme": (ShorterCode, REQUIRED)},
        "the longest text of field `theme` was 60 and is now 10",
        True,
    ),
    "a value is removed": (
        {"kind": (NarrowerKind, REQUIRED)},
        "field `kind` no longer allows closed",
        True,
    ),
    "a value is added": (
        {"kind": (WiderKind, REQUIRED)},
        "field `kind` now allows online, which today's consumers cannot read",
        True,
    ),
    "a field is added as required": (
        {"venue": (Public[Code], REQUIRED)},
        "field `venue` is new and required (a new field needs a default)",
        True,
    ),
    "an optional field becomes required": (
        {"rounds": (Public[int], REQUIRED)},
        "field `rounds` was optional and is now required",
        True,
    ),
    "a required field becomes optional": (
        {"level": (Level, 1)},
        "field `level` was required and is now optional",
        True,
    ),
    "a default changes": (
        {"rounds": (Public[int], 1)},
        "field `rounds` had default 0 and now has default 1",
        False,
    ),
    "a field inside a list is removed": (
        {"guests": (GuestsWithoutMinutes, REQUIRED)},
        "field `guests[].minutes` was removed",
        True,
    ),
    "what was internal becomes public": (
        {"led_by": (Public[UUID], REQUIRED)},
        "field `led_by` was classed internal and is now public",
        False,
    ),
    "what was public becomes internal": (
        {"theme": (Annotated[str, msgspec.Meta(extra_json_schema={"x-class": "internal"})], REQUIRED)},
        "field `theme` was classed public and is now internal",
        True,
    ),
}
"""Each change, the sentence that names it, and whether jsonsubschema sees it too (it knows no classes and defaults)."""


@pytest.mark.parametrize(("changed", "sentence", "seen_by_both"), BREAKING.values(), ids=BREAKING)
def test_the_gate_refuses_a_change_that_breaks_a_reader(
    changed: dict[str, Any],
    sentence: str,
    seen_by_both: bool,
    readable_both_ways: Callable[[Schema, Schema], bool],
) -> None:
    before, after = a_version(), a_version(**changed)
    assert sentence in changes(before, after)
    assert (
        f"tests/meeting-held.v1: {sentence}. Leave MeetingHeld as it was and make it a new class, MeetingHeldV2; "
        "publish both until every consumer has moved."
    ) in refusals({FILE: before}, {FILE: after})
    assert readable_both_ways(before, after) is not seen_by_both


ALLOWED = {
    "nothing changes": {},
    "an optional field is added": {"venue": (CodeOrNull, None)},
    "a field with a default is added": {"late": (Public[bool], False)},
    "an optional list of structs is added": {"hosts": (Guests, ())},
    "an optional field is added inside a list": {"guests": (GuestsWithRoles, REQUIRED)},
}


@pytest.mark.parametrize("changed", ALLOWED.values(), ids=ALLOWED)
def test_the_gate_lets_an_optional_field_pass(
    changed: dict[str, Any], readable_both_ways: Callable[[Schema, Schema], bool]
) -> None:
    before, after = a_version(), a_version(**changed)
    assert refusals({FILE: before}, {FILE: after}) == []
    assert readable_both_ways(before, after)


def test_a_removed_event_is_refused_and_a_new_one_is_welcome() -> None:
    assert refusals({}, {FILE: a_version()}) == []
    assert refusals({FILE: a_version()}, {}) == [
        "tests/meeting-held.v1: the event was removed, but its topic keeps its records for ever. "
        "Put the class MeetingHeld back."
    ]


def test_an_event_stays_with_its_aggregate() -> None:
    (refused,) = refusals({FILE: a_version()}, {FILE: a_version(aggregate="venue")})
    assert "the event had x-aggregate 'meeting' and now has x-aggregate 'venue'" in refused


def test_explanations_may_change() -> None:
    before = a_version()
    assert changes(before, before | {"title": "Other", "description": "Said better."}) == []


def test_the_next_version_is_called_by_its_number() -> None:
    second = a_version() | {"title": "MeetingHeldV2", "x-type": "pl.superwizja.tests.meeting-held.v2"}
    assert successor(a_version()) == "MeetingHeldV2"
    assert successor(second) == "MeetingHeldV3"


@pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)
def test_no_field_of_a_real_event_can_be_dropped_or_retyped(event: type[Event]) -> None:
    """By the real schemas: whichever field goes or turns into a boolean, the gate names it."""
    file, before = file_of(event), schema_of(event)
    for field, old in before["properties"].items():
        dropped = before | {"properties": {name: one for name, one in before["properties"].items() if name != field}}
        retyped = before | {"properties": before["properties"] | {field: {**old, "type": "null", "format": "none"}}}
        assert f"field `{field}` was removed" in str(refusals({file: before}, {file: dropped}))
        assert f"field `{field}`" in str(refusals({file: before}, {file: retyped}))
