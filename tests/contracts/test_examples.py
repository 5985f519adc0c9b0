"""Golden examples: what was ever published is read by today's classes, and says the same when it is written again."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from contracts.event import Event
from contracts.schema import events, file_of, schema_of
from jsonschema import Draft7Validator

EXAMPLES = Path(__file__).parents[2] / "shared/contracts/examples"

every_event = pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)


def golden(event: type[Event]) -> bytes:
    return (EXAMPLES / file_of(event)).read_bytes()


def says_at_least(full: Any, part: Any) -> bool:
    """Whether all fields of one JSON value stand in the other, which may have gained optional ones since."""
    if isinstance(part, dict):
        return isinstance(full, dict) and all(key in full and says_at_least(full[key], part[key]) for key in part)
    if isinstance(part, list):
        return len(full) == len(part) and all(map(says_at_least, full, part))
    return bool(full == part)


def test_each_version_has_one_example_and_each_example_a_class() -> None:
    lying = {file.relative_to(EXAMPLES).as_posix() for file in EXAMPLES.rglob("*.json")}
    assert lying == {str(file_of(event)) for event in events()}


@every_event
def test_an_example_decodes_and_encodes_to_the_same_fields(event: type[Event]) -> None:
    body = golden(event)
    again = msgspec.json.encode(msgspec.json.decode(body, type=event))
    assert says_at_least(json.loads(again), json.loads(body))


@every_event
def test_an_example_with_unknown_fields_decodes_to_the_same_event(event: type[Event]) -> None:
    known = msgspec.json.decode(golden(event), type=event)

    def with_more(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: with_more(inner) for key, inner in value.items()} | {"added_later": {"by": ["a", "newer"]}}
        return [with_more(inner) for inner in value] if isinstance(value, list) else value

    strange = json.dumps(with_more(json.loads(golden(event))))
    assert msgspec.json.decode(strange, type=event) == known


@every_event
def test_an_example_fits_its_schema_and_fills_every_field(event: type[Event]) -> None:
    schema = schema_of(event)
    Draft7Validator.check_schema(schema)
    Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER).validate(json.loads(golden(event)))
    assert set(json.loads(golden(event))) >= set(schema["required"])


@every_event
def test_what_lacks_a_required_field_fits_neither_the_schema_nor_the_class(event: type[Event]) -> None:
    body = json.loads(golden(event))
    for field in schema_of(event)["required"]:
        less = {key: value for key, value in body.items() if key != field}
        assert not Draft7Validator(schema_of(event)).is_valid(less)
        with pytest.raises(msgspec.ValidationError, match=field):
            msgspec.json.decode(json.dumps(less), type=event)
