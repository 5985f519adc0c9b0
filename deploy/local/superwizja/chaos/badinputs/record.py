"""A record as it is put on a topic, and sound ones made from the committed examples."""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import contracts
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope, Event
from contracts.schema import events, file_of

EXAMPLES = Path(contracts.__path__[0]) / "examples"
SOURCE = "somebody-else"
"""Said to be the sender, so that nobody takes these events for a service's own."""

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
WARSAW_IN_SUMMER = timezone(timedelta(hours=2))
Headers = list[tuple[str, bytes | None]]


@dataclass
class Record:
    """What is sent. `codec` names a compression; `respelt`: one header's name is no text."""

    kind: str
    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    codec: str | None = None
    respelt: bool = False
    more: list["Record"] = field(default_factory=list)

    def header(self, name: str, value: bytes | None) -> None:
        """Change the value of a header."""
        self.headers = [(each, value if each == name else old) for each, old in self.headers]

    def without(self, name: str) -> None:
        """Take a header away."""
        self.headers = [each for each in self.headers if each[0] != name]


@dataclass(frozen=True)
class Sound:
    """A sound event that must take effect: the first of an aggregate that nobody knew."""

    event: type[Event]
    key: UUID


class Examples:
    """Sound events of aggregates that nobody knew, made from the golden examples."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.types = sorted(events(), key=lambda event: event.type)
        self.texts = {event: (EXAMPLES / file_of(event)).read_text() for event in self.types}

    def id(self) -> UUID:
        """An id that nobody knows."""
        return UUID(int=self.rng.getrandbits(128), version=4)

    def body(self, event: type[Event], key: UUID) -> dict[str, Any]:
        """The example with ids of its own: the same id stays the same within it."""
        text = self.texts[event]
        ids = {json.loads(text).get(f"{event.aggregate}_id", ""): str(key)}
        body: dict[str, Any] = json.loads(ID.sub(lambda found: ids.setdefault(found.group(), str(self.id())), text))
        return body

    def record(
        self, event: type[Event], *, kind: str = "sound", version: int = 1
    ) -> tuple[Record, dict[str, Any], UUID]:
        """A record of an event of this type, its body before it is written, and its key."""
        key = self.id()
        body = self.body(event, key)
        made = Record(kind, event.topic, str(key).encode(), written(body), self.headers(event, key, version))
        return made, body, key

    def headers(self, event: type[Event], key: UUID, version: int) -> Headers:
        """The envelope of an event."""
        day = datetime(2023, 5, 10, 12, tzinfo=WARSAW_IN_SUMMER) + timedelta(seconds=self.rng.randrange(10**7))
        envelope = Envelope(
            id=self.id(),
            type=event.type,
            time=day,
            key=key,
            version=version,
            programme_id=key if event.aggregate == "programme" else self.id(),
            correlation_id=self.id(),
            actor=Actor(role="service", service=SOURCE),
        )
        return [*headers_of(envelope, source=SOURCE, schema=event.schema())]


def written(body: Mapping[str, Any]) -> bytes:
    """A body as it travels."""
    return json.dumps(body).encode()
