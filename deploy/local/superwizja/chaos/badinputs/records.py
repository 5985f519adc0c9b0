"""A seeded stream of records: one in twenty sound, the others with something spoilt."""

import json
import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

from contracts.event import Event

from superwizja.chaos.badinputs.batches import CODECS, NAME_TO_SPOIL
from superwizja.chaos.badinputs.record import Examples, Headers, Record, Sound, written
from superwizja.chaos.badinputs.request import INSTEAD
from superwizja.chaos.badinputs.spoilt_texts import TEXTS
from superwizja.chaos.badinputs.spoilt_values import IDS, SPOILS

SOUND = 0.05
"""The share of sound events."""

LARGEST_RECORD = 1_000_000
"""Bytes of a value that a broker still takes, with its headers."""

RARE = {"huge": 0.03, "codec": 0.3, "name": 0.3}

VERSIONS = (
    b"0",
    b"-1",
    b"2",
    b"7",
    b"2147483647",
    b"2147483648",
    b"9223372036854775807",
    b"9223372036854775808",
    b"9" * 30,
    b"9" * 5000,
    b"1.0",
    b"1e3",
    b"",
    b" 1",
    b"+1",
    b"1_0",
    "١".encode(),
    b"one",
    b"NaN",
    b"0x1",
    b"\xff",
    b"1\x00",
)
TIMES = (
    b"0001-01-01T00:00:00+14:00",
    b"0001-01-01T00:00:00Z",
    b"9999-12-31T23:59:59.999999-14:00",
    b"9999-12-31T23:59:59Z",
    b"2022-10-19T14:00:00",
    b"2022-10-19",
    b"2022-W42-3",
    b"yesterday",
    b"",
    b"1e9",
    b"2023-02-30T00:00:00Z",
    b"\xff",
    b"2022-10-19T14:00:00+23:59",
    b"2022-10-19T25:00:00Z",
    b"20221019T140000Z",
    b"2500-01-01T00:00:00Z",
)
TYPES = (
    b"",
    b"x",
    b"pl.superwizja.enrollment.group-formed",
    b"pl.superwizja.enrollment.group-formed.v0",
    b"pl.superwizja.enrollment.group-formed.v2",
    b"pl.superwizja.enrollment.group-formed.v99999999999",
    b"pl.elsewhere.unheard-of.v1",
    b"PL.SUPERWIZJA.ENROLLMENT.GROUP-FORMED.V1",
    b"pl.superwizja.enrollment.group-formed.v1 ",
    b"a" * 20_000,
    b"\xff\xfe",
    b"x\x00y",
)
TEXT_HEADERS = (b"", b"\x00", b"\xff\xfe", b"a" * 30_000, "\u202eą😀".encode(), b"null", None)  # fmt: skip
KEYS = (None, b"", b"\xff\xfe", b"not-an-id", b"00000000-0000-0000-0000-000000000000", b"a" * 10_000)

Change = Callable[["Records", Record, Any, type[Event]], None]


def _missing_header(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    record.without(records.rng.choice(record.headers)[0])


def _doubled_header(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    name = records.rng.choice(record.headers)[0]
    record.headers.append((name, records.rng.choice(TEXT_HEADERS)))


def _odd_header(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    rng = records.rng
    if rng.random() < 0.6:
        record.header(rng.choice(record.headers)[0], rng.choice(TEXT_HEADERS))
    else:
        name = rng.choice(("", "x", "ce_", "ce_extra", "traceparent", "\x00", "ąę😀", "a" * 5000))
        record.headers.append((name, rng.choice(TEXT_HEADERS)))


def _other_headers(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    rng = records.rng
    several: list[Headers] = [[], [("binary", rng.randbytes(50))], [(str(number), b"x") for number in range(500)]]
    record.headers = rng.choice(several)


def _id_header(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    name = records.rng.choice(
        ("ce_id", "ce_subject", "ce_correlationid", "ce_programmeid", "ce_causationid", "ce_actorid")
    )
    value = records.rng.choice(IDS).encode()
    record.without(name)
    record.headers.append((name, value))


def _of(name: str, values: tuple[bytes, ...]) -> Change:
    return lambda records, record, body, event: record.header(name, records.rng.choice(values))


def _another_topic(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    record.topic = records.rng.choice([each.topic for each in records.examples.types if each.topic != event.topic])


def _another_body(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    record.value = written(records.examples.body(records.rng.choice(records.examples.types), records.examples.id()))


def _key(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    record.key = records.rng.choice((*KEYS, str(records.examples.id()).encode()))


def _huge(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    rng = records.rng
    room = LARGEST_RECORD - rng.randrange(50_000)
    name = rng.choice(list(body) or ["name"])
    record.value = written(body | {rng.choice((name, "extra")): "a" * room})[:LARGEST_RECORD]


def _twice(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    record.more.append(Record(record.kind, record.topic, record.key, record.value, list(record.headers)))


def _behind(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    """What follows an event that cannot be read: odd ones too."""
    for version in (b"2", b"3", b"4"):
        after = Record(record.kind, record.topic, record.key, record.value, list(record.headers))
        after.header("ce_version", version)
        after.header("ce_type", records.rng.choice((after.headers[2][1] or b"", *TYPES)))
        after.headers.append(("x-null", records.rng.choice(TEXT_HEADERS)))
        record.more.append(after)
    record.value = b'{"broken":'


def _codec(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    record.codec = records.rng.choice(list(CODECS))


def _name(records: "Records", record: Record, body: Any, event: type[Event]) -> None:
    record.headers.append((NAME_TO_SPOIL, b"x"))
    record.respelt = True


CHANGES: dict[str, Change] = {
    "missing header": _missing_header,
    "doubled header": _doubled_header,
    "odd header": _odd_header,
    "other headers": _other_headers,
    "id header": _id_header,
    "version": _of("ce_version", VERSIONS),
    "time": _of("ce_time", TIMES),
    "type": _of("ce_type", TYPES),
    "specversion": _of("ce_specversion", (b"0.3", b"2.0", b"", b"\xff")),
    "another topic": _another_topic,
    "another body": _another_body,
    "key": _key,
    "huge": _huge,
    "again": _twice,
    "behind": _behind,
    "codec": _codec,
    "name": _name,
    "tombstone": lambda records, record, body, event: setattr(record, "value", None),
}
"""By the name of the kind."""


class Records:
    """Makes records; the same seed gives the same ones. `sound` are those that must take effect."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.examples = Examples(rng)
        self.sound: list[Sound] = []

    def next(self) -> list[Record]:
        """The next one, and what belongs behind it."""
        event = self.rng.choice(self.examples.types)
        record, body, key = self.examples.record(event)
        if self.rng.random() < SOUND:
            self.sound.append(Sound(event, key))
            return [record]
        groups = ([*SPOILS], [*TEXTS], [*CHANGES])
        group = self.rng.choices(groups, (3, 2, 5))[0]
        record.kind = self.rng.choices(group, [RARE.get(each, 1.0) for each in group])[0]
        self._spoil(record, body, event, key)
        return [record, *record.more]

    def _spoil(self, record: Record, body: Any, event: type[Event], key: UUID) -> None:
        if record.kind in SPOILS:
            instead = SPOILS[record.kind](self.rng, body)
            record.value = json.dumps(body).replace(f'"{INSTEAD}"', instead).encode()[:LARGEST_RECORD]
        elif record.kind in TEXTS:
            record.value = TEXTS[record.kind](self.rng, record.value or b"")
        else:
            CHANGES[record.kind](self, record, body, event)
