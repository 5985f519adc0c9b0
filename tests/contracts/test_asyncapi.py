"""The AsyncAPI document is valid by the specification's own schema, whole, and says what the chassis really sends."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope, Event
from contracts.schema import events, schema_of
from contracts.topics import TOPICS
from jsonschema import Draft7Validator

DATA = Path(__file__).parent / "data"
CONTRACTS = Path(__file__).parents[2] / "shared/contracts"

ONE = UUID(int=1)


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads((CONTRACTS / "asyncapi.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def specification() -> Draft7Validator:
    return Draft7Validator(json.loads((DATA / "asyncapi-3.1.0.json").read_text("utf-8")))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def found(document: Any, pointer: str) -> Any:
    for step in pointer.removeprefix("#/").split("/"):
        document = document[step]
    return document


def test_the_document_is_valid(document: Any, specification: Draft7Validator) -> None:
    assert [f"{error.json_path}: {error.message}"[:300] for error in specification.iter_errors(document)] == []


def test_a_wrong_document_is_found(document: Any, specification: Draft7Validator) -> None:
    assert not specification.is_valid(document | {"asyncapi": "3.0.0"})
    assert not specification.is_valid(document | {"operations": {"nothing": {"action": "shout"}}})
    assert not specification.is_valid({name: part for name, part in document.items() if name != "info"})


def test_every_reference_leads_somewhere(document: Any) -> None:
    for reference in references(document):
        if reference.startswith("#/"):
            assert found(document, reference)
        else:
            assert (CONTRACTS / reference).is_file(), reference


def test_a_channel_is_a_topic_with_its_partitions_and_retention(document: Any) -> None:
    assert list(document["channels"]) == [topic.name for topic in TOPICS]
    for topic in TOPICS:
        kafka = document["channels"][topic.name]["bindings"]["kafka"]
        assert kafka["partitions"] == topic.partitions
        assert kafka["topicConfiguration"]["retention.ms"] == topic.retention_ms


def test_an_operations_messages_are_those_of_its_channel(document: Any) -> None:
    for name, operation in document["operations"].items():
        channel = operation["channel"]["$ref"]
        assert operation["messages"], name
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/"), name


@pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)
def test_an_event_is_sent_on_its_channel_by_its_owner(document: Any, event: type[Event]) -> None:
    message = document["components"]["messages"][event.__name__]
    assert message["name"] == event.type
    payload = json.loads((CONTRACTS / message["payload"]["$ref"]).read_text("utf-8"))
    assert payload["$id"] == event.schema()
    service = event.topic.removesuffix(".events")
    sent = [one["$ref"] for one in document["operations"][f"{service}.publishes"]["messages"]]
    assert f"#/channels/{event.topic}/messages/{event.__name__}" in sent
    for example in message["examples"]:
        Draft7Validator(schema_of(event)).validate(example["payload"])


@pytest.mark.parametrize("full", [True, False])
def test_the_headers_are_those_that_the_chassis_writes(document: Any, full: bool) -> None:
    envelope = Envelope(
        id=ONE,
        type=events()[0].type,
        time=datetime(2022, 10, 19, 14, tzinfo=UTC),
        key=ONE,
        version=3,
        programme_id=ONE if full else None,
        correlation_id=ONE,
        causation_id=ONE if full else None,
        traceparent=f"00-{1:032x}-{1:016x}-01" if full else None,
        actor=Actor(role="supervisor", id=ONE if full else None, service="sessions" if full else None),
    )
    headers = {name: value.decode() for name, value in headers_of(envelope, source="sessions", schema="urn:a:b")}
    schema = document["components"]["schemas"]["Headers"]
    Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER).validate(headers)
    assert set(headers) == set(schema["properties"] if full else schema["required"])
