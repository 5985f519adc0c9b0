"""What a service listens to: handlers by event type, and records decoded for them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from contracts.cloudevents import NotAnEnvelope, envelope_of
from contracts.event import Envelope, Event
from sqlalchemy.ext.asyncio import AsyncSession

E = TypeVar("E", bound=Event)
Aggregate = tuple[str, UUID]
OneByOne = Callable[[AsyncSession, E, Envelope], Awaitable[None]]
RawHeaders = Sequence[tuple[str, bytes]]
"""As Kafka has them: a header of no attribute of an envelope may have no value, which is None."""

WholeBatch = Callable[[AsyncSession, Sequence[tuple[E, Envelope]]], Awaitable[None]]


class Undecodable(ValueError):
    """A record of a known type does not hold what its type promises."""


class Handler(msgspec.Struct, frozen=True):
    """What is done with one type of event; `acts` on the world, `whole` takes a batch's events of the type at once."""

    event: type[Event]
    call: Callable[..., Awaitable[None]]
    decode: Callable[[bytes], Any]
    whole: bool = False
    acts: bool = False


class Record(msgspec.Struct, gc=False):
    """One event as it came: `event` is None where nobody listens to the type, `broken` says what did not decode."""

    topic: str
    envelope: Envelope
    headers: RawHeaders
    body: bytes
    handler: Handler | None = None
    event: Event | None = None
    broken: str | None = None

    @property
    def aggregate(self) -> Aggregate:
        """The topic and the key: the same key on another topic is another aggregate, with versions of its own."""
        return self.topic, self.envelope.key


class Consumer:
    """The events that a service consumes, each handed to one function. Handlers of different topics commute."""

    def __init__(self, name: str, topics: Sequence[str]) -> None:
        self.name = name
        self.topics = tuple(topics)
        self.handlers: dict[str, Handler] = {}

    def on(self, event: type[E], *, acts: bool = False) -> Callable[[OneByOne[E]], OneByOne[E]]:
        """Hand each event of the type to the function; `acts`: not those older than the setting ACT_FROM."""

        def register(call: OneByOne[E]) -> OneByOne[E]:
            self._register(Handler(event, call, msgspec.json.Decoder(event).decode, acts=acts))
            return call

        return register

    def on_batch(self, event: type[E]) -> Callable[[WholeBatch[E]], WholeBatch[E]]:
        """Hand all events of the type in a batch to the function at once, in order: for projections.

        One function for several types gets them together.
        """

        def register(call: WholeBatch[E]) -> WholeBatch[E]:
            self._register(Handler(event, call, msgspec.json.Decoder(event).decode, whole=True))
            return call

        return register

    @property
    def whole(self) -> bool:
        """Whether every function takes all of a batch at once."""
        return all(handler.whole for handler in self.handlers.values())

    def _register(self, handler: Handler) -> None:
        if handler.event.topic not in self.topics:
            raise ValueError(f"{self.name} does not listen to {handler.event.topic}")
        if handler.event.type in self.handlers:
            raise ValueError(f"{self.name} handles {handler.event.type} already")
        self.handlers[handler.event.type] = handler

    def read(self, topic: str, headers: RawHeaders, body: bytes) -> Record:
        """Decode a record. Raises NotAnEnvelope where not even its aggregate is known."""
        record = Record(topic, envelope_of(headers), headers, body)
        handler = self.handlers.get(record.envelope.type)
        # A type is believed on its own topic alone, to which nobody else may write.
        if handler is not None and handler.event.topic == topic:
            record.handler = handler
            try:
                record.event = handler.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                record.broken = f"{type(error).__name__}: {error}"
        return record

    def acts_on(self, record: Record, act_from: datetime | None) -> bool:
        """Whether the handler may run: one that acts on the world leaves alone what is older than `act_from`."""
        handler = record.handler
        return handler is not None and not (handler.acts and act_from and record.envelope.time < act_from)


def runs(records: Sequence[Record]) -> list[Sequence[Record]]:
    """Split a batch into runs of one function each, such that every aggregate's events keep their order.

    A handler that takes events one by one gets runs of one. Runs of a whole-batch handler grow until an event of an
    aggregate that waits in another run comes by.
    """
    first = records[0].handler if records else None
    if first is not None and first.whole and all(each.handler and each.handler.call is first.call for each in records):
        # The common case of a projection: one function takes all.
        return [records]
    done: list[Sequence[Record]] = []
    growing: dict[int, list[Record]] = {}
    waits_in: dict[Aggregate, int] = {}

    def close(run: int) -> None:
        records = growing.pop(run)
        done.append(records)
        for record in records:
            waits_in.pop(record.aggregate, None)

    for record in records:
        handler = record.handler
        assert handler is not None
        key, run = record.aggregate, id(handler.call)
        other = waits_in.get(key)
        if other is not None and other != run:
            close(other)
        if handler.whole:
            growing.setdefault(run, []).append(record)
            waits_in[key] = run
        else:
            done.append([record])
    for run in list(growing):
        close(run)
    return done


__all__ = ["Consumer", "Handler", "NotAnEnvelope", "Record", "Undecodable", "runs"]
