"""Ways in which what a run left is not as it should be."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
from contracts import enrollment, sessions
from contracts.event import Event
from superwizja.chaos.testimony import Testimony as Left
from superwizja.demo.ledger import Entry
from superwizja.runtime import SERVICES
from superwizja.verify.sources import Read

from .made_up import where

# Records


def drop(testimony: Left, kind: type[Event]) -> Read:
    return testimony.evidence.records.pop(where(testimony, kind))


def again(testimony: Left, kind: type[Event], *, fresh: bool = True, version: int | None = None) -> Read:
    """Put the first event of a type on its topic once more: as another event, or the very same."""
    read = testimony.evidence.records[where(testimony, kind)]
    assert read.envelope is not None
    mine = [each.envelope.version for each in testimony.evidence.records if each.envelope and _same(each, read)]
    envelope = read.envelope
    if fresh:
        envelope = msgspec.structs.replace(envelope, id=uuid4(), version=version or max(mine) + 1)
    twin = msgspec.structs.replace(read, envelope=envelope, offset=10_000)
    testimony.evidence.records.append(twin)
    if fresh:
        service = read.topic.removesuffix(".events")
        row = {"event_id": envelope.id, "aggregate": envelope.key, "version": envelope.version, "type": envelope.type}
        testimony.evidence.rows(service, "outbox").append(row | {"time": envelope.time, "published": True})
        for consumer in SERVICES:
            for seen in testimony.evidence.rows(consumer, "inbox"):
                if (seen["topic"], seen["aggregate"]) == (read.topic, envelope.key):
                    seen["version"] = envelope.version  # type: ignore[index]  # a copy's rows are dicts
    return twin


def _same(one: Read, other: Read) -> bool:
    both = one.envelope, other.envelope
    return all(both) and (one.topic, both[0].key) == (other.topic, both[1].key)  # type: ignore[union-attr]  # all have one


def swap(testimony: Left, one: type[Event], other: type[Event]) -> None:
    """Let two events of an aggregate change places on their topic, and in their outbox."""
    records = testimony.evidence.records
    first, second = where(testimony, one), where(testimony, other)
    records[first], records[second] = records[second], records[first]


# Rows


def change(testimony: Left, service: str, table: str, place: int = 0, **values: Any) -> None:
    testimony.evidence.rows(service, table)[place].update(values)  # type: ignore[attr-defined]  # a copy's rows are dicts


def forget(testimony: Left, service: str, table: str) -> None:
    testimony.evidence.rows(service, table).pop()


def more(testimony: Left, service: str, table: str, **row: Any) -> None:
    testimony.evidence.tables.setdefault((service, table), []).append(row)


def entry(testimony: Left, operation: str, **changes: Any) -> Entry:
    """Change the first ledger entry of an operation."""
    ledger = testimony.evidence.ledger
    at = next(at for at, each in enumerate(ledger) if each.operation == operation)
    ledger[at] = msgspec.structs.replace(ledger[at], **changes)
    return ledger[at]


def unkept(testimony: Left, operation: str) -> None:
    """A command that was acknowledged, and of which nothing is left but its events."""
    key = entry(testimony, operation).key
    service = entry(testimony, operation).service
    rows = testimony.evidence.rows(service, "idempotency")
    rows[:] = [row for row in rows if row["key"] != key]


def second_seat(testimony: Left) -> None:
    """Who has a seat gets another one in a second group of the programme, told by events alone."""
    at = where(testimony, enrollment.GroupOpened)
    opened, enrolled = testimony.evidence.records[at], testimony.evidence.records[_seated(testimony)]
    assert opened.envelope is not None
    group, application = uuid4(), uuid4()
    seat = msgspec.structs.replace(enrolled.event, group_id=group, application_id=application)  # type: ignore[type-var]  # it is one
    assert isinstance(seat, enrollment.ParticipantEnrolled)
    decided = enrollment.ApplicationDecided(
        group_id=group, application_id=application, person_id=seat.person_id, outcome="eligible"
    )
    for number, (event, read) in enumerate([(opened.event, opened), (decided, opened), (seat, enrolled)]):
        assert event is not None
        envelope = msgspec.structs.replace(
            opened.envelope, id=uuid4(), key=group, version=number + 1, type=event.type, correlation_id=uuid4()
        )
        place = _seated(testimony) + 1 + number
        testimony.evidence.records.insert(place, msgspec.structs.replace(read, envelope=envelope, event=event))
        row = {"event_id": envelope.id, "aggregate": group, "version": number + 1, "type": event.type}
        testimony.evidence.rows("enrollment", "outbox").insert(place, row | {"time": envelope.time, "published": True})


def _seated(testimony: Left) -> int:
    return where(testimony, enrollment.ParticipantEnrolled)


def over_the_maximum(testimony: Left) -> None:
    """The group that two people have seats in never had more than one."""
    at = where(testimony, enrollment.GroupOpened)
    read = testimony.evidence.records[at]
    assert isinstance(read.event, enrollment.GroupOpened)
    event = msgspec.structs.replace(read.event, maximum=1)
    testimony.evidence.records[at] = msgspec.structs.replace(read, event=event)


def elsewhere(testimony: Left) -> None:
    at = where(testimony, sessions.SessionCompleted, last=True)
    records = testimony.evidence.records
    records[at] = msgspec.structs.replace(records[at], partition=1)


def late_withdrawal(testimony: Left) -> None:
    """A consent is revoked after its conclusion was locked."""
    read = testimony.evidence.records[where(testimony, sessions.ConclusionLocked)]
    assert read.envelope is not None
    assert isinstance(read.event, sessions.ConclusionLocked)
    revoked = sessions.ConclusionConsentRevoked(
        cycle_id=read.event.cycle_id,
        conclusion_id=read.event.conclusion_id,
        person_id=uuid4(),
        revoked_on=day_of_release(testimony),
    )
    envelope = msgspec.structs.replace(
        read.envelope, id=uuid4(), type=revoked.type, version=read.envelope.version + 1, causation_id=None
    )
    testimony.evidence.records.append(msgspec.structs.replace(read, envelope=envelope, event=revoked, offset=10_000))


def day_of_release(testimony: Left) -> Any:
    read = testimony.evidence.records[where(testimony, sessions.ConclusionReleased)]
    assert isinstance(read.event, sessions.ConclusionReleased)
    return read.event.released_on


def early_withdrawal(testimony: Left) -> None:
    """A consent was revoked, and the conclusion locked all the same."""
    late_withdrawal(testimony)
    revoked = testimony.evidence.records.pop()
    at = where(testimony, sessions.ConclusionLocked)
    locked = testimony.evidence.records[at]
    assert revoked.envelope is not None
    assert locked.envelope is not None
    swapped = revoked.envelope.version, locked.envelope.version
    one = msgspec.structs.replace(revoked.envelope, version=swapped[1])
    other = msgspec.structs.replace(locked.envelope, version=swapped[0])
    testimony.evidence.records[at : at + 1] = [
        msgspec.structs.replace(revoked, envelope=one, offset=locked.offset),
        msgspec.structs.replace(locked, envelope=other, offset=locked.offset + 1),
    ]


def live(testimony: Left) -> list[Any]:
    fresh = {at: None if each is None else {**each, "figures": dict(each["figures"])} for at, each in _told(testimony)}
    testimony.evidence.told = fresh
    return [each for each in fresh.values() if each]


def _told(testimony: Left) -> Any:
    return testimony.evidence.told.items()


def sign_last(testimony: Left) -> None:
    """Let every signature come after the sessions, in the order of versions too."""
    records = testimony.evidence.records
    signed = [read for read in records if isinstance(read.event, sessions.ContractSigned)]
    rest = [read for read in records if not isinstance(read.event, sessions.ContractSigned)]
    numbered: dict[tuple[str, UUID], int] = {}
    testimony.evidence.records = []
    for at, read in enumerate([*rest, *signed]):
        assert read.envelope is not None
        aggregate = read.topic, read.envelope.key
        numbered[aggregate] = numbered.get(aggregate, 0) + 1
        envelope = msgspec.structs.replace(read.envelope, version=numbered[aggregate])
        testimony.evidence.records.append(msgspec.structs.replace(read, envelope=envelope, offset=at))


def rename(testimony: Left) -> None:
    """A command is one that the ledger's check has no idea of."""
    ledger = testimony.evidence.ledger
    at = next(at for at, known in enumerate(ledger) if known.operation == "/cycles/*/contract/signatures")
    ledger[at] = msgspec.structs.replace(ledger[at], operation="/cycles/*/contract/moons")


def park(testimony: Left) -> None:
    """An aggregate of a service is parked in a consumer from its first event on."""
    row = testimony.evidence.rows("insights", "inbox")[0]
    change(testimony, "insights", "inbox", version=0, parked_from=1)
    parked = {"topic": row["topic"], "aggregate": row["aggregate"], "version": 1, "cause": "x"}
    more(testimony, "insights", "parked", **parked)


def each(*damages: Callable[[Left], object]) -> Callable[[Left], object]:
    """Several damages as one."""
    return lambda testimony: [damage(testimony) for damage in damages]


def erased(testimony: Left) -> UUID:
    event = testimony.evidence.records[where(testimony, enrollment.ParticipantErased)].event
    assert isinstance(event, enrollment.ParticipantErased)
    return event.worker_id
