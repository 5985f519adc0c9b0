"""The JSON Schema of each version of each event type: draft-07, the dialect of AsyncAPI documents."""

from pathlib import PurePosixPath
from typing import Any

import msgspec

from contracts.event import Event, published_by
from contracts.topics import TOPICS

Schema = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"


def events() -> tuple[type[Event], ...]:
    """Every version of every event type that the contracts declare, topic by topic in the order of their modules."""
    return tuple(
        event
        for topic in TOPICS
        for event in published_by(topic.name).values()
        if event.__module__.startswith("contracts.")  # a test's own classes are not published
    )


def file_of(event: type[Event]) -> PurePosixPath:
    """Where the version's schema and its example lie in their folders: `sessions/session-completed.v1.json`."""
    service, _, name = event.type.removeprefix("pl.superwizja.").partition(".")
    return PurePosixPath(service, f"{name}.json")


def schema_of(event: type[Event]) -> Schema:
    """The version's schema. Unknown fields are allowed, since consumers ignore them; `x-class` classes each field."""
    components = msgspec.json.schema_components([event], ref_template="#/definitions/{name}")
    (root,), parts = msgspec.json.decode(msgspec.json.encode(components))  # lists for tuples, as JSON reads
    name = root["$ref"].rpartition("/")[2]
    body = parts.pop(name)
    schema = {
        "$schema": DIALECT,
        "$id": event.schema(),
        "title": body["title"],
        "description": body["description"],
        "x-type": event.type,
        "x-topic": event.topic,
        "x-aggregate": event.aggregate,
        "type": "object",
        "properties": body["properties"],
        "required": body["required"],
    }
    if parts:
        schema["definitions"] = {name: parts[name] for name in sorted(parts)}
    return schema
