"""Every field of every event says who may read it, and no text is without bounds."""

from collections.abc import Iterator

import pytest
from contracts.event import Event
from contracts.fields import Internal, Personal, PersonId, Public
from contracts.schema import Schema, events, schema_of

CLASSES = {"public", "internal", "personal"}


def fields(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Each field of an event and of the structs within it, by its path."""
    for owner, part in [("", schema), *schema.get("definitions", {}).items()]:
        for name, field in part["properties"].items():
            yield f"{owner}.{name}".strip("."), field


def within(field: Schema) -> Iterator[Schema]:
    """A field's own schema and those of its items and alternatives, which stand in the same document."""
    yield field
    for inner in [*field.get("anyOf", ()), *([field["items"]] if "items" in field else ())]:
        yield from within(inner)


def class_of(field: Schema) -> str | None:
    mark = field.get("x-class")
    return mark if mark in CLASSES else None


def faults(schema: Schema) -> list[str]:
    """What is wrong with the classes and texts of one schema, in words."""
    found = []
    for path, field in fields(schema):
        if class_of(field) is None:
            found.append(f"{path} has no class")
        for part in within(field):
            if part.get("x-class") == "personal":
                found.append(f"{path} is personal: no topic carries that")
            if part.get("x-class") == "internal" and class_of(field) == "public":
                found.append(f"{path} is public and holds what is internal")
            if "$ref" in part and class_of(field) == "public":
                struct = schema["definitions"][part["$ref"].rpartition("/")[2]]
                inner = [name for name, one in struct["properties"].items() if class_of(one) != "public"]
                found += [f"{path} is public and holds {name}, which is not" for name in inner]
            bounded = "maxLength" in part or part.get("format") in ("uuid", "date", "date-time")
            if part.get("type") == "string" and not bounded:
                found.append(f"{path} is a text without a greatest length")
    return found


@pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)
def test_each_field_is_public_or_internal_and_no_text_is_unbounded(event: type[Event]) -> None:
    assert faults(schema_of(event)) == []


@pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)
def test_ids_of_people_are_internal(event: type[Event]) -> None:
    """By the fields' names, so that a person's id that is written as a bare UUID is found too."""
    people = (
        "person",
        "supervisor",
        "previous",
        "trainer",
        "leader",
        "member",
        "people",
        "author",
        "reviewer",
        "worker",
    )
    for path, field in fields(schema_of(event)):
        name = path.rpartition(".")[2]
        if name.startswith(people) and any(part.get("format") == "uuid" for part in within(field)):
            assert class_of(field) == "internal", path


def test_a_person_is_named_by_nothing_but_a_random_id() -> None:
    """No event has a field for a name, a contact or a birth number of a person, or for free text about a case."""
    forbidden = {"first_name", "last_name", "surname", "email", "phone", "pesel", "address", "notes", "note", "text"}
    for event in events():
        assert not forbidden & {path.rpartition(".")[2] for path, _ in fields(schema_of(event))}, event


def test_an_unclassed_a_personal_and_an_unbounded_field_are_found() -> None:
    class Careless(Event, frozen=True, kw_only=True):
        """Everything that an event may not have."""

        unmarked: int
        phone: Personal[int]
        remark: Public[str]
        people: Public[tuple[PersonId, ...]]
        fine: Internal[int]

    assert faults(schema_of(Careless)) == [
        "unmarked has no class",
        "phone is personal: no topic carries that",
        "remark is a text without a greatest length",
        "people is public and holds what is internal",
    ]


@pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)
def test_an_event_is_explained_in_a_sentence(event: type[Event]) -> None:
    assert (event.__doc__ or "").strip().endswith(".")
