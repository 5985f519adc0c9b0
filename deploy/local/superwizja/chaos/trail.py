"""The story of the first event that broke: where it lies, who has it, who asked for it, what was struck meanwhile."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from superwizja.chaos.oracle import Verdict
from superwizja.chaos.testimony import Testimony, nothing_collected
from superwizja.runtime import SERVICES
from superwizja.verify.delivery import PUBLISHERS
from superwizja.verify.finding import Finding
from superwizja.verify.history import Aggregate
from superwizja.verify.sources import Read

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
AROUND = 15.0
"""Seconds before and after a time in which a fault belongs to the story."""

AT_MOST = 14
"""Rows of each kind that are told."""

LOOKED_AT = 200
"""Differences of each finding among which the first in time is looked for."""

Line = dict[str, Any]


@dataclass
class Trail:
    """All that is known of one id. Each list holds rows as they are told, ready for JSON; times are in UTC."""

    of: str
    finding: str
    difference: str
    at: float | None = None
    commands: list[Line] = field(default_factory=list)
    outbox: list[Line] = field(default_factory=list)
    records: list[Line] = field(default_factory=list)
    inbox: list[Line] = field(default_factory=list)
    parked: list[Line] = field(default_factory=list)
    faults: list[Line] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The story as lines of text, one a row."""
        yield f"{self.finding}: {self.difference}"
        yield f"{self.of} {_moment(self.at)}".rstrip()
        for name in ("commands", "outbox", "records", "inbox", "parked", "faults"):
            for row in getattr(self, name):
                yield f"  {name:8} " + " ".join(
                    f"{key}={value}" for key, value in row.items() if value not in ("", None)
                )


class Index:
    """Where each id occurs, found once for however many differences."""

    def __init__(self, testimony: Testimony) -> None:
        self.testimony = testimony
        self.of_event: dict[str, Aggregate] = {}
        self.of_key: dict[str, list[Aggregate]] = {}
        self.of_command: dict[str, list[Aggregate]] = {}
        self.times: dict[str, float] = {}
        for read in testimony.evidence.records:
            if read.envelope is not None:
                self._known(read)
        for service in PUBLISHERS:
            for row in testimony.evidence.rows(service, "outbox"):
                aggregate = f"{service}.events", row["aggregate"]
                if self.of_event.setdefault(str(row["event_id"]), aggregate) == aggregate:
                    self.times.setdefault(str(row["event_id"]), row["time"].timestamp())
                if aggregate not in self.of_key.setdefault(str(row["aggregate"]), []):
                    self.of_key[str(row["aggregate"])].append(aggregate)
        for entry in testimony.evidence.ledger:
            if entry.asked_at:
                self.times[entry.key] = entry.asked_at / 1000

    def _known(self, read: Read) -> None:
        assert read.envelope is not None
        aggregate = read.topic, read.envelope.key
        at = read.envelope.time.timestamp()
        self.of_event.setdefault(str(read.envelope.id), aggregate)
        for where, name in ((self.of_key, read.envelope.key), (self.of_command, read.envelope.correlation_id)):
            known = where.setdefault(str(name), [])
            if aggregate not in known:
                known.append(aggregate)
            # What befell an aggregate befell it with its last event at the latest.
            self.times[str(name)] = max(at, self.times.get(str(name), at))
        self.times.setdefault(str(read.envelope.id), at)

    def aggregates(self, of: str) -> list[Aggregate]:
        """Those that an id belongs to; of a thing that is no aggregate, those whose events name it."""
        if of in self.of_event:
            return [self.of_event[of]]
        found = self.of_key.get(of) or self.of_command.get(of)
        if found:
            return found
        named = (r for r in self.testimony.evidence.records if r.envelope is not None and of.encode() in r.body)
        return list(dict.fromkeys((r.topic, r.envelope.key) for r in named if r.envelope is not None))[:3]


def first_broken(verdict: Verdict) -> Trail | None:
    """The story of the difference that is earliest by the time of what it is about; None where nothing differs."""
    broken = [finding for finding in verdict.findings if not finding.holds]
    if not broken:
        return None
    with nothing_collected():
        return _first_of(broken, verdict)


def _first_of(broken: list[Finding], verdict: Verdict) -> Trail:
    index = Index(verdict.testimony)
    programmes = {str(programme) for programme in verdict.testimony.evidence.programmes}
    candidates = [
        (of in programmes, index.times.get(of, float("inf")), place, of, finding, text)
        for place, finding in enumerate(broken)
        for text in finding.differences[:LOOKED_AT]
        for of in _subjects(finding, text)
    ]
    if not candidates:
        return Trail("", broken[0].name, broken[0].differences[0])
    _, _, _, of, finding, text = min(candidates, key=lambda each: each[:3])
    return story(index, of, finding.name, text)


def _subjects(finding: Finding, text: str) -> list[str]:
    about = finding.about.get(text)
    return [about.id] if about else ID.findall(text)


def story(index: Index, of: str, finding: str, difference: str) -> Trail:
    """Everything there is about an id: an event's, an aggregate's, a command's key or a thing's that events name."""
    testimony = index.testimony
    trail = Trail(of, finding, difference)
    if not of:
        return trail
    aggregates = index.aggregates(of)
    version = _version(testimony, of)
    reads = [
        r for r in testimony.evidence.records if r.envelope is not None and (r.topic, r.envelope.key) in aggregates
    ]
    trail.records = [_record(read, of) for read in _near(reads, of, version)]
    trail.outbox = [row for topic, key in aggregates for row in _outbox(testimony, topic, key, of)]
    trail.inbox = [row for service in SERVICES for row in _inbox(testimony, service, aggregates)]
    trail.parked = [row for service in SERVICES for row in _parked(testimony, service, aggregates)]
    keys = {str(r.envelope.correlation_id) for r in _near(reads, of, version) if r.envelope is not None} | {of}
    if of in index.of_event:
        told = (r.envelope for r in reads if r.envelope and str(r.envelope.id) == of)
        mine = next(told, testimony.missing.get(UUID(of)))
        keys = {str(mine.correlation_id)} if mine else keys
    trail.commands = list(_commands(testimony, keys, of))[:AT_MOST]
    trail.at = index.times.get(of)
    times = [trail.at] if trail.at is not None else [r.envelope.time.timestamp() for r in reads if r.envelope][-1:]
    trail.faults = [
        {
            "kind": fault.kind,
            "target": fault.target,
            "began": _moment(fault.began),
            "ended": _moment(fault.ended),
            "recovered": _moment(fault.recovered),
        }
        for fault in testimony.struck
        if any(fault.began - AROUND <= at <= max(fault.ended, fault.recovered or 0) + AROUND for at in times)
    ]
    return trail


def _version(testimony: Testimony, of: str) -> int | None:
    """The version of an event that is in an outbox."""
    rows = (row for service in PUBLISHERS for row in testimony.evidence.rows(service, "outbox"))
    return next((row["version"] for row in rows if str(row["event_id"]) == of), None)


def _near(reads: list[Read], of: str, version: int | None) -> list[Read]:
    """The records of the story: those around the event, or its place, if it is one's, else the last ones."""
    known = [read for read in reads if read.envelope is not None]
    here = [at for at, read in enumerate(known) if _tells(read, of)]
    place = [at for at, read in enumerate(known) if read.envelope is not None and read.envelope.version == version]
    behind = [at for at, read in enumerate(known) if version and read.envelope and read.envelope.version > version]
    middle = next(iter([*here, *place, *behind]), len(known))
    start = max(0, min(middle - AT_MOST // 2, len(known) - AT_MOST))
    return known[start : start + AT_MOST]


def _tells(read: Read, of: str) -> bool:
    assert read.envelope is not None
    return of in (str(read.envelope.id), str(read.envelope.correlation_id)) or of.encode() in read.body


def _record(read: Read, of: str) -> Line:
    assert read.envelope is not None
    return {
        "at": f"{read.topic} {read.partition}/{read.offset}",
        "version": read.envelope.version,
        "type": _short(read.envelope.type),
        "id": str(read.envelope.id),
        "time": _moment(read.envelope.time.timestamp()),
        "command": str(read.envelope.correlation_id),
        "because_of": str(read.envelope.causation_id or ""),
        "foreign": "" if read.own else "yes",
        "here": "<--" if _tells(read, of) else "",
    }


def _outbox(testimony: Testimony, topic: str, key: UUID, of: str) -> list[Line]:
    service = topic.removesuffix(".events")
    rows = [row for row in testimony.evidence.rows(service, "outbox") if row["aggregate"] == key]
    place = next((at for at, row in enumerate(rows) if str(row["event_id"]) == of), len(rows))
    start = max(0, min(place - AT_MOST // 2, len(rows) - AT_MOST))
    return [
        {
            "service": service,
            "version": row["version"],
            "type": _short(row["type"]),
            "id": str(row["event_id"]),
            "time": _moment(row["time"].timestamp()),
            "published": "yes" if row["published"] else "no",
            "here": "<--" if str(row["event_id"]) == of else "",
        }
        for row in rows[start : start + AT_MOST]
    ]


def _inbox(testimony: Testimony, service: str, aggregates: list[Aggregate]) -> list[Line]:
    return [
        {
            "consumer": service,
            "topic": row["topic"],
            "aggregate": str(row["aggregate"]),
            "version": row["version"],
            "parked_from": row["parked_from"],
        }
        for row in testimony.evidence.rows(service, "inbox")
        if (row["topic"], row["aggregate"]) in aggregates
    ]


def _parked(testimony: Testimony, service: str, aggregates: list[Aggregate]) -> list[Line]:
    rows = testimony.evidence.rows(service, "parked")
    return [
        {"consumer": service, "topic": row["topic"], "version": row["version"], "cause": row["cause"]}
        for row in rows
        if (row["topic"], row["aggregate"]) in aggregates
    ][:AT_MOST]


def _commands(testimony: Testimony, keys: set[str], of: str) -> Iterable[Line]:
    kept = {
        row["key"]: row
        for service in PUBLISHERS
        for row in testimony.evidence.rows(service, "idempotency")
        if row["key"] in keys
    }
    for entry in testimony.evidence.ledger:
        if entry.key in keys or of in entry.ids:
            row = kept.get(entry.key)
            yield {
                "key": entry.key,
                "service": entry.service,
                "path": entry.path or entry.operation,
                "outcome": entry.outcome,
                "status": entry.status,
                "asked": _moment(entry.asked_at / 1000 if entry.asked_at else None),
                "answered": _moment(entry.answered_at / 1000 if entry.answered_at else None),
                "attempts": entry.attempts or "",
                "lost": entry.lost or "",
                "kept": _moment(row["kept_at"].timestamp()) if row else "no",
            }


def _short(kind: str) -> str:
    return ".".join(kind.split(".")[-2:-1]) or kind


def _moment(at: float | None) -> str:
    return "" if at is None else f"{datetime.fromtimestamp(at, UTC):%H:%M:%S.%f}"[:-3]
