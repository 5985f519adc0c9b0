"""An envelope as the headers of a Kafka record: CloudEvents 1.0 in binary mode, every value text."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from contracts.event import Actor, Envelope, Role

Headers = list[tuple[str, bytes]]

LAST_VERSION = 2**31 - 1
"""More events no aggregate has: services keep versions in 32 bits."""


class NotAnEnvelope(ValueError):
    """The headers of a record lack an attribute that every event has, or hold nonsense in one."""


def headers_of(envelope: Envelope, *, source: str, schema: str) -> Headers:
    """The headers of an event that the service `source` publishes under the JSON Schema `schema`."""
    pairs = [
        ("ce_specversion", "1.0"),
        ("ce_id", str(envelope.id)),
        ("ce_type", envelope.type),
        ("ce_source", f"/superwizja/{source}"),
        ("ce_time", envelope.time.isoformat()),
        ("ce_subject", str(envelope.key)),
        ("ce_dataschema", schema),
        ("ce_partitionkey", str(envelope.key)),
        ("ce_version", str(envelope.version)),
        ("ce_correlationid", str(envelope.correlation_id)),
        ("ce_actorrole", envelope.actor.role),
        ("content-type", "application/json"),
    ]
    optional = {
        "ce_programmeid": envelope.programme_id,
        "ce_causationid": envelope.causation_id,
        "ce_actorid": envelope.actor.id,
        "ce_actorservice": envelope.actor.service,
        "traceparent": envelope.traceparent,
    }
    pairs += [(name, str(value)) for name, value in optional.items() if value is not None]
    return [(name, value.encode()) for name, value in pairs]


def envelope_of(headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """The envelope that a record's headers carry. Raises NotAnEnvelope."""
    try:
        ce = {name: value.decode() for name, value in headers if name.startswith("ce_") or name == "traceparent"}
        programme, causation, person = ce.get("ce_programmeid"), ce.get("ce_causationid"), ce.get("ce_actorid")
        envelope = Envelope(
            id=UUID(ce["ce_id"]),
            type=ce["ce_type"],
            time=datetime.fromisoformat(ce["ce_time"]),
            key=UUID(ce["ce_subject"]),
            version=int(ce["ce_version"]),
            programme_id=UUID(programme) if programme else None,
            correlation_id=UUID(ce["ce_correlationid"]),
            causation_id=UUID(causation) if causation else None,
            traceparent=ce.get("traceparent"),
            actor=Actor(
                role=cast(Role, ce["ce_actorrole"]),
                id=UUID(person) if person else None,
                service=ce.get("ce_actorservice"),
            ),
        )
        envelope.time.astimezone(UTC)
    except (KeyError, ValueError, AttributeError, OverflowError) as error:
        raise NotAnEnvelope(f"{type(error).__name__}: {error}") from error
    if not 1 <= envelope.version <= LAST_VERSION:
        raise NotAnEnvelope(f"version {envelope.version}")
    if envelope.time.tzinfo is None:
        raise NotAnEnvelope("a time without its zone")
    # PostgreSQL keeps no text with it, and so neither the event nor that it failed.
    if any("\x00" in value for value in ce.values()):
        raise NotAnEnvelope("NUL in a text")
    return envelope
