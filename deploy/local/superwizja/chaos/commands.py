"""What the load was told against what is kept of it: answers, what commands made, and what they promised for later."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from contracts import publications

from superwizja.chaos.testimony import Testimony
from superwizja.runtime import SERVICES
from superwizja.verify.delivery import settled
from superwizja.verify.evidence import Evidence
from superwizja.verify.finding import About, Finding

MADE = {
    ("enrollment", "/programmes"): "programme",
    ("enrollment", "/centres"): "centre",
    ("enrollment", "/centres/*/workers"): "worker",
    ("enrollment", "/supervisors"): "supervisor",
    ("enrollment", "/groups"): "group",
    ("enrollment", "/groups/*/applications"): "application",
    ("sessions", "/cycles/*/conclusions"): "conclusion",
    ("trainings", "/titles"): "title",
    ("trainings", "/runs"): "run",
    ("publications", "/journals"): "journal",
    ("publications", "/issues"): "issue",
    ("publications", "/issues/*/submissions"): "article",
}
"""Commands whose answers name what they made, and the table that holds it. Nothing else makes rows of these tables."""


class Answer(msgspec.Struct):
    """What an answer names."""

    id: str | None = None
    ids: tuple[str, ...] = ()


decode = msgspec.json.Decoder(Answer).decode


def heard(testimony: Testimony) -> Finding:
    """A repeated key is answered alike; every answer is one that the story can explain."""
    finding = Finding("heard")
    load = testimony.heard
    finding.compared = load.acknowledged + load.refused + load.unknown + load.replayed
    for text in load.mismatches:
        finding.differs(f"answered otherwise when repeated: {text}")
    for text in load.unexpected:
        finding.differs(f"not to be expected: {text}")
    return finding


def made(testimony: Testimony) -> Finding:
    """What a command made is there, once, as its kept answer says; nothing is there that no answer tells of."""
    finding = Finding("made")
    evidence = testimony.evidence
    answers = {service: _answers(evidence, service) for service in SERVICES}
    tables = {at: {str(row["id"]) for row in evidence.rows(at[0], at[1])} for at in _tables()}
    for entry in settled(evidence.ledger):
        if entry.outcome != "acknowledged" or not entry.ids:
            continue
        kept = answers[entry.service].get((entry.person, entry.key), frozenset())
        what = f"{entry.service} {entry.operation} {entry.key}"
        finding.expect(set(entry.ids) <= kept, f"{what}: answered {entry.ids[0]}, kept otherwise", About(entry.key))
        table = MADE.get((entry.service, entry.operation))
        if table is not None:
            gone = set(entry.ids) - tables[entry.service, table]
            finding.expect(not gone, f"{what}: {len(gone)} are in no {table}", About(entry.key, "lost"))
    for (service, table), there in tables.items():
        told_of = frozenset().union(*answers[service].values())
        for ghost in sorted(there - told_of):
            finding.differs(f"{service}: no kept answer tells of {table} {ghost}", About(ghost, "doubled"))
        finding.compared += len(there)
    return finding


def _tables() -> list[tuple[str, str]]:
    return [(service, table) for (service, _), table in MADE.items()]


def _answers(evidence: Evidence, service: str) -> dict[tuple[str, str], frozenset[str]]:
    """The ids that each kept answer names."""
    return {
        (str(row["person"]), row["key"]): _named(row["answer"])
        for row in evidence.rows(service, "idempotency")
        if row["answer"]
    }


def _named(answer: bytes) -> frozenset[str]:
    found = decode(answer)
    return frozenset((*found.ids, found.id) if found.id else found.ids)


def later(testimony: Testimony) -> Finding:
    """What a command only promised came about: an issue asked to freeze froze, one asked to be published is, once."""
    finding = Finding("later")
    events: dict[tuple[type, UUID], int] = Counter()
    for event, _ in testimony.clean.history:
        if isinstance(event, publications.IssueFrozen | publications.IssuePublished | publications.IssueDistributed):
            events[type(event), event.issue_id] += 1
    for entry, issue in _about_issues(testimony.evidence):
        if entry.operation == "/issues/*/freeze":
            frozen = events[publications.IssueFrozen, issue]
            finding.expect(
                frozen == 1, f"issue {issue} was asked to freeze and froze {frozen} times", About(str(issue))
            )
        else:
            for kind in (publications.IssuePublished, publications.IssueDistributed):
                times = events[kind, issue]
                text = f"issue {issue} was to be published: {kind.__name__} {times} times"
                finding.expect(times == 1, text, About(str(issue)))
    return finding


def _about_issues(evidence: Evidence) -> Iterator[tuple[Any, UUID]]:
    answers = _answers(evidence, "publications")
    for entry in settled(evidence.ledger):
        promised = entry.operation in ("/issues/*/freeze", "/issues/*/publication")
        if entry.outcome == "acknowledged" and entry.service == "publications" and promised:
            for issue in answers.get((entry.person, entry.key), ()):
                yield entry, UUID(issue)


def effects(testimony: Testimony) -> Finding:
    """No event made a consumer say the same twice: an effect that it had twice would."""
    finding = Finding("effects")
    said: dict[tuple[str, UUID], Counter[tuple[str, bytes]]] = defaultdict(Counter)
    seen: set[UUID] = set()
    for read in testimony.clean.records:
        if read.own and read.envelope is not None and read.envelope.causation_id and read.envelope.id not in seen:
            seen.add(read.envelope.id)
            said[read.topic, read.envelope.causation_id][read.envelope.type, read.body] += 1
    for (topic, cause), each in said.items():
        for (kind, _), times in each.items():
            text = f"{topic}: {times} times the same {kind} because of {cause}"
            finding.expect(times == 1, text, About(str(cause), "doubled"))
    return finding
