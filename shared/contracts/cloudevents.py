"""An envelope as the headers of a Kafka record: CloudEvents 1.0 in binary mode, every value text."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, cast
from uuid import UUID

import msgspec

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


class Attributes(msgspec.Struct, gc=False):
    """The headers that make an envelope, by their names."""

    ce_id: UUID
    ce_type: str
    ce_time: Annotated[datetime, msgspec.Meta(tz=True)]
    ce_subject: UUID
    ce_version: Annotated[int, msgspec.Meta(ge=1, le=LAST_VERSION)]
    ce_correlationid: UUID
    ce_actorrole: str
    ce_programmeid: UUID | None = None
    ce_causationid: UUID | None = None
    ce_actorid: UUID | None = None
    ce_actorservice: str | None = None
    traceparent: str | None = None


ATTRIBUTES = frozenset(Attributes.__struct_fields__)


def envelope_of(headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """The envelope that a record's headers carry. Raises NotAnEnvelope."""
    try:
        named = {name: value.decode() for name, value in headers if name in ATTRIBUTES}
        told = msgspec.convert(named, Attributes, strict=False)
        told.ce_time.astimezone(UTC)
    except (msgspec.ValidationError, ValueError, AttributeError, OverflowError) as error:
        raise NotAnEnvelope(f"{type(error).__name__}: {error}") from error
    # PostgreSQL keeps no text with it, and so neither the event nor that it failed.
    if "\x00" in "".join(named.values()):
        raise NotAnEnvelope("NUL in a text")
    return Envelope(
        id=told.ce_id,
        type=told.ce_type,
        time=told.ce_time,
        key=told.ce_subject,
        version=told.ce_version,
        programme_id=told.ce_programmeid,
        correlation_id=told.ce_correlationid,
        causation_id=told.ce_causationid,
        traceparent=told.traceparent,
        actor=Actor(role=cast(Role, told.ce_actorrole), id=told.ce_actorid, service=told.ce_actorservice),
    )
