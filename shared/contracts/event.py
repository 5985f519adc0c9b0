"""What every event is, and the envelope in which it travels (CloudEvents 1.0, Kafka binary mode)."""

import re
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

import msgspec

Role = Literal[
    "coordinator",
    "centre_manager",
    "participant",
    "supervisor",
    "trainer",
    "editor",
    "reviewer",
    "author",
    "partner",
    "person_of_trust",
    "operator",
    "service",
]


class Actor(msgspec.Struct, frozen=True, gc=False):
    """Who caused an event: a person in a role, or a service by its name (`id` is then None)."""

    role: Role
    id: UUID | None = None
    service: str | None = None


class Envelope(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of an event apart from its content.

    `key` is the aggregate that it belongs to, `version` that aggregate's event number, from 1 without gaps.
    """

    id: UUID
    type: str
    time: datetime
    key: UUID
    version: int
    programme_id: UUID | None
    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None
    actor: Actor


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened. A subclass is one version of one type; `SeatOfferedV2` is `seat-offered.v2`.

    Within a version only optional fields may be added. The aggregate's id is the record's key.
    """

    type: ClassVar[str] = ""
    topic: ClassVar[str] = ""
    aggregate: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Name the type after the class and the topic that publishes it."""
        super().__init_subclass__()
        versioned = re.fullmatch(r"(.+)V(\d+)", cls.__name__)
        name, number = versioned.groups() if versioned else (cls.__name__, "1")
        kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
        cls.type = f"pl.superwizja.{cls.topic.removesuffix('.events')}.{kebab}.v{number}"

    @classmethod
    def schema(cls) -> str:
        """The identifier of the type's JSON Schema."""
        return f"urn:superwizja:schema:{cls.type.removeprefix('pl.superwizja.').replace('.', ':')}"


def published_by(topic: str) -> dict[str, type[Event]]:
    """Every event type of a topic, by its name; its module must have been imported."""

    def leaves(cls: type[Event]) -> list[type[Event]]:
        children = cls.__subclasses__()
        return [leaf for child in children for leaf in leaves(child)] if children else [cls]

    return {cls.type: cls for cls in leaves(Event) if cls.topic == topic}
