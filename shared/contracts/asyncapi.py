"""The catalogue of topics and events as an AsyncAPI 3.1 document: what is sent where, by whom, and who receives it."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Any, get_args

from contracts.event import Event, Role
from contracts.readme import Row
from contracts.schema import Schema, events, file_of
from contracts.topics import TOPICS, Topic

Example = Mapping[str, Any]

UUID_TEXT = {"type": "string", "format": "uuid"}

HEADERS: Schema = {
    "type": "object",
    "description": "CloudEvents 1.0 in Kafka's binary mode; every value is UTF-8 text.",
    "properties": {
        "content-type": {"type": "string", "const": "application/json"},
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {**UUID_TEXT, "description": "The event's id; v1 and v2 of one fact share it."},
        "ce_type": {"type": "string", "description": "The event type and its version, as the message is named here."},
        "ce_source": {"type": "string", "format": "uri-reference", "description": "The service that published it."},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it was recorded, not when it was."},
        "ce_subject": {**UUID_TEXT, "description": "The aggregate that it belongs to: the record's key."},
        "ce_dataschema": {"type": "string", "format": "uri", "description": "The `$id` of the body's JSON Schema."},
        "ce_partitionkey": {**UUID_TEXT, "description": "The record's key again."},
        "ce_version": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "The number of the event within its aggregate, from 1 without gaps.",
        },
        "ce_programmeid": {**UUID_TEXT, "description": "The programme, where the event belongs to one."},
        "ce_correlationid": {**UUID_TEXT, "description": "Shared by all that followed from one command."},
        "ce_causationid": {**UUID_TEXT, "description": "The event that a consumer answered with this one."},
        "ce_actorrole": {"type": "string", "enum": list(get_args(Role)), "description": "In which role it was caused."},
        "ce_actorid": {**UUID_TEXT, "x-class": "internal", "description": "The person who caused it."},
        "ce_actorservice": {"type": "string", "description": "The service that caused it, where no person did."},
        "traceparent": {"type": "string", "description": "W3C Trace Context."},
    },
    "required": [
        "content-type",
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_time",
        "ce_subject",
        "ce_dataschema",
        "ce_partitionkey",
        "ce_version",
        "ce_correlationid",
        "ce_actorrole",
    ],
}


def document(consumed: Mapping[str, Sequence[Row]], examples: Mapping[PurePosixPath, Example]) -> dict[str, Any]:
    """The document. `consumed` tells what each service consumes, `examples` the golden body of each schema file."""
    return {
        "asyncapi": "3.1.0",
        "id": "urn:superwizja:events",
        "info": {
            "title": "Superwizja: internal events",
            "version": "1",
            "description": (
                "What the services say to each other. Topics are history: records neither expire nor are compacted. "
                "Order holds per key, not across topics. Delivery is at least once; `ce_version` tells a repetition. "
                "Consumers ignore fields and types that they do not know. Partners never read these topics."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": _sending() | _receiving(consumed),
        "components": {
            "messages": {event.__name__: _message(event, examples[file_of(event)]) for event in events()},
            "schemas": {"Headers": HEADERS},
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    names = [event.__name__ for event in events() if event.topic == topic.name]
    return {
        "address": topic.name,
        "title": f"Events of {topic.owner}",
        "description": f"Published by {topic.owner} alone; a record's key is its aggregate's id.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": topic.retention_ms},
                "bindingVersion": "0.5.0",
            }
        },
        "x-owner": topic.owner,
    }


def _message(event: type[Event], example: Example) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": (event.__doc__ or "").strip().partition("\n")[0],
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "payload": {"$ref": f"./schemas/{file_of(event)}"},
        "bindings": {
            "kafka": {"key": {**UUID_TEXT, "description": f"The {event.aggregate}'s id."}, "bindingVersion": "0.5.0"}
        },
        "examples": [{"name": "madeUp", "payload": example}],
    }


def _sending() -> dict[str, Any]:
    return {
        f"{topic.owner}.publishes": {
            "action": "send",
            "title": f"{topic.owner} publishes",
            "channel": {"$ref": f"#/channels/{topic.name}"},
            "messages": [_of(topic.name, event.__name__) for event in events() if event.topic == topic.name],
            "x-service": topic.owner,
        }
        for topic in TOPICS
    }


def _receiving(consumed: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    operations = {}
    for service, rows in consumed.items():
        for topic, of_topic in groupby(sorted(rows, key=attrgetter("topic")), key=attrgetter("topic")):
            operations[f"{service}.consumes.{topic}"] = {
                "action": "receive",
                "title": f"{service} consumes {topic}",
                "channel": {"$ref": f"#/channels/{topic}"},
                "messages": [_of(topic, row.event) for row in of_topic],
                "x-service": service,
            }
    return operations


def _of(topic: str, event: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{topic}/messages/{event}"}
