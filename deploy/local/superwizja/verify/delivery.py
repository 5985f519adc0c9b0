"""Checks 1 to 4: commands took effect once, events were published once and in order, and every consumer has them."""

from collections import Counter, defaultdict
from typing import NamedTuple
from uuid import UUID

from superwizja.demo.ledger import Entry
from superwizja.runtime import SERVICES
from superwizja.verify.evidence import Evidence
from superwizja.verify.finding import About, Finding
from superwizja.verify.history import last_versions
from superwizja.verify.quiet import CONSUMES

PUBLISHERS = tuple(service for service in SERVICES if service != "insights")

EFFECT: dict[tuple[str, str], tuple[str, ...]] = {
    ("enrollment", "/programmes"): ("programme-opened",),
    ("enrollment", "/centres"): ("centre-registered",),
    ("enrollment", "/programmes/*/targets"): ("targets-changed",),
    ("enrollment", "/programmes/*/invitations"): ("centre-invited",),
    ("enrollment", "/programmes/*/invitations/*/answer"): ("centre-joined", "centre-declined"),
    ("enrollment", "/supervisors/*/certificates"): ("supervisor-certified",),
    ("enrollment", "/workers/*/erasure"): ("participant-erased",),
    ("enrollment", "/groups"): ("group-opened",),
    ("enrollment", "/groups/*/applications"): ("application-submitted",),
    ("enrollment", "/groups/*/applications/*/withdrawal"): ("participant-withdrawn",),
    ("enrollment", "/groups/*/applications/*/acceptance"): ("seat-accepted",),
    ("enrollment", "/groups/*/applications/*/decline"): ("seat-declined",),
    ("enrollment", "/groups/*/leaders/*/replacement"): ("leader-replaced", "supervisor-assignment-refused"),
    ("enrollment", "/groups/*/dissolution"): ("group-dissolved",),
    ("enrollment", "/groups/*/completion"): ("group-completed",),
    ("enrollment", "/groups/*/leaders"): ("supervisor-assigned", "supervisor-assignment-refused"),
    ("enrollment", "/groups/*/formation"): ("group-formed",),
    ("sessions", "/cycles/*/contract/revision"): ("contract-revised",),
    ("sessions", "/cycles/*/sessions/*/completion"): ("session-completed", "session-inquorate"),
    ("sessions", "/cycles/*/sessions/*/rescheduling"): ("session-rescheduled",),
    ("sessions", "/cycles/*/sessions/*/postponement"): ("session-postponed",),
    ("sessions", "/cycles/*/sessions/*/cancellation"): ("session-cancelled",),
    ("sessions", "/cycles/*/sessions/*/corrections"): ("attendance-corrected",),
    ("sessions", "/cycles/*/conclusions"): ("conclusion-recorded",),
    ("sessions", "/cycles/*/conclusions/*/consents/revocation"): ("conclusion-consent-revoked",),
    ("trainings", "/titles/*/development"): ("title-developed",),
    ("trainings", "/titles/*/publication"): ("title-published",),
    ("trainings", "/titles/*/supersession"): ("title-superseded",),
    ("trainings", "/runs"): ("run-scheduled",),
    ("trainings", "/runs/*/cancellation"): ("run-cancelled",),
    ("trainings", "/certificates/*/revocation"): ("certificate-revoked",),
    ("trainings", "/runs/*/completion"): ("run-completed",),
    ("publications", "/issues"): ("issue-opened",),
    ("publications", "/issues/*/submissions"): ("submission-received",),
    ("publications", "/articles/*/acceptance"): ("article-accepted",),
    ("publications", "/articles/*/rejection"): ("article-rejected",),
    ("publications", "/issues/*/freeze"): ("issue-freeze-requested", "issue-frozen"),
    ("publications", "/issues/*/schedule"): ("issue-scheduled",),
}
"""Commands that leave exactly one event of these types each time they take effect."""


SILENT: frozenset[tuple[str, str]] = frozenset(
    {
        ("enrollment", "/centres/*/workers"),
        ("enrollment", "/supervisors"),
        ("enrollment", "/supervisors/*/ties"),
        ("enrollment", "/supervisors/*/ties/*/end"),
        ("sessions", "/cycles/*/contract/signatures"),
        ("sessions", "/cycles/*/conclusions/*/consents"),
        ("sessions", "/cycles/*/sessions/*/start"),
        ("trainings", "/titles"),
        ("trainings", "/titles/*/needs"),
        ("trainings", "/runs/*/start"),
        ("publications", "/journals"),
        ("publications", "/issues/*/publication"),
    }
)
"""Commands that may leave no event of their own, or several: none of these says the same twice."""


class Caused(NamedTuple):
    """Events that one command caused by itself: how many of each type, and how often the same was said."""

    types: Counter[str]
    said: Counter[tuple[str, bytes]]


def ledger(evidence: Evidence) -> Finding:
    """1. What was acknowledged happened once, what was refused did not, what is unknown happened at most once."""
    finding = Finding("ledger")
    kept: Counter[tuple[str, str, str]] = Counter()
    for service in PUBLISHERS:
        kept.update((service, str(row["person"]), row["key"]) for row in evidence.rows(service, "idempotency"))
    caused = _caused(evidence)
    entries = settled(evidence.ledger)
    for entry in entries:
        by_it = caused.get(entry.key, NOTHING)
        _as_promised(finding, entry, kept[entry.service, entry.person, entry.key], by_it)
        if (entry.service, entry.operation) not in EFFECT.keys() | SILENT:
            finding.differs(f"{entry.service} {entry.operation}: nobody knows what this command leaves")
    finding.once("made", ((entry.service, entry.operation, made) for entry in entries for made in entry.ids))
    return finding


NOTHING = Caused(Counter(), Counter())


def settled(ledger: list[Entry]) -> list[Entry]:
    """One entry a key: a command that was repeated under its key is what its first definite answer says."""
    found: dict[str, Entry] = {}
    for entry in ledger:
        if entry.key not in found or found[entry.key].outcome == "unknown":
            found[entry.key] = entry
    return list(found.values())


def _caused(evidence: Evidence) -> dict[str, Caused]:
    """By correlation id, which is the command's key: the events that no other event caused."""
    caused: dict[str, Caused] = {}
    seen: set[UUID] = set()
    for read in evidence.records:
        if read.envelope is None or read.envelope.causation_id or read.envelope.id in seen:
            continue
        seen.add(read.envelope.id)
        key = str(read.envelope.correlation_id)
        if key not in caused:
            caused[key] = Caused(Counter(), Counter())
        caused[key].types[read.envelope.type.split(".")[-2]] += 1
        caused[key].said[read.envelope.type, read.body] += 1
    return caused


def _as_promised(finding: Finding, entry: Entry, answers: int, by_it: Caused) -> None:
    telling = EFFECT.get((entry.service, entry.operation), ())
    effects = sum(by_it.types[kind] for kind in telling)
    repeated = sum(by_it.said.values()) - len(by_it.said)
    what = f"{entry.service} {entry.operation} {entry.key} {entry.outcome}: {answers} answers kept, {effects} effects"
    if entry.outcome == "acknowledged":
        lost = answers == 0 or (bool(telling) and effects == 0)
        finding.expect(not lost, what, About(entry.key, "lost"))
    elif entry.outcome == "refused":
        finding.expect(answers == 0 and not by_it.types, what, About(entry.key))
    else:
        lost = answers > 0 and bool(telling) and effects == 0
        finding.expect(not lost, what, About(entry.key, "lost"))
    if answers > 1 or effects > 1:
        finding.differs(f"{what}, more than once", About(entry.key, "doubled"))
    elif repeated:
        finding.differs(f"{what}, the same said {repeated + 1} times", About(entry.key, "doubled"))
    elif entry.outcome == "unknown" and by_it.types and not answers:
        finding.differs(f"{what}, and no answer", About(entry.key))


def outbox(evidence: Evidence) -> Finding:
    """2. Every committed event is on its topic, and nothing else that says it comes from there."""
    finding = Finding("outbox")
    for service in PUBLISHERS:
        committed = {row["event_id"] for row in evidence.rows(service, "outbox")}
        published = {
            read.envelope.id
            for read in evidence.records
            if read.own and read.envelope is not None and read.topic == f"{service}.events"
        }
        finding.compared += len(committed | published)
        for event in sorted(committed - published):
            finding.differs(f"{service}: {event} is not on the topic", About(str(event), "lost"))
        for event in sorted(published - committed):
            finding.differs(f"{service}: {event} was never committed", About(str(event)))
    foreign = sum(not read.own for read in evidence.records)
    if foreign:
        finding.notes.append(f"foreign records on the topics: {foreign}")
    return finding


def versions(evidence: Evidence) -> Finding:
    """3. The versions of each aggregate first appear as 1, 2, 3, without a gap, each of them one event."""
    finding = Finding("versions")
    first: dict[tuple[str, UUID], dict[int, UUID]] = defaultdict(dict)
    for read in evidence.records:
        if read.own and read.envelope is not None:
            found = first[read.topic, read.envelope.key]
            other = found.setdefault(read.envelope.version, read.envelope.id)
            if other != read.envelope.id:
                what = f"{read.topic} {read.envelope.key}: version {read.envelope.version} is {other} and"
                finding.differs(f"{what} {read.envelope.id}", About(str(read.envelope.id)))
    for (topic, key), of_it in first.items():
        found_in_order = list(of_it)
        in_order = found_in_order == list(range(1, len(found_in_order) + 1))
        finding.expect(in_order, f"{topic} {key}: {_shortened(found_in_order)}", About(str(key)))
    return finding


def _shortened(found: list[int]) -> str:
    wrong = next((at for at, version in enumerate(found) if version != at + 1), len(found))
    return f"{found[max(0, wrong - 2) : wrong + 3]} at place {wrong + 1} of {len(found)}"


def inbox(evidence: Evidence) -> Finding:
    """4. Each consumer has applied the last version of each aggregate, or parked it from a version on; never both."""
    finding = Finding("inbox")
    last = last_versions(evidence.records)
    for consumer, topics in CONSUMES.items():
        rows = {(row["topic"], row["aggregate"]): row for row in evidence.rows(consumer, "inbox")}
        waiting: dict[tuple[str, UUID], set[int]] = defaultdict(set)
        for row in evidence.rows(consumer, "parked"):
            waiting[row["topic"], row["aggregate"]].add(row["version"])
        for aggregate, version in last.items():
            if aggregate[0] not in topics:
                continue
            has = rows.get(aggregate)
            applied = has["version"] if has else 0
            parked_from = has["parked_from"] if has else None
            if parked_from is None:
                good = applied == version and not waiting.get(aggregate)
            else:
                good = applied < parked_from and max(waiting[aggregate], default=0) == version
                finding.notes.append(f"{consumer}: {aggregate[0]} {aggregate[1]} is parked from {parked_from}")
            state = f"{applied} of {version}, parked {sorted(waiting.get(aggregate, ()))}"
            finding.expect(good, f"{consumer}: {aggregate[0]} {aggregate[1]}: {state}", About(str(aggregate[1])))
        unheard = rows.keys() - last.keys()
        finding.differences += [f"{consumer}: {topic} {key} is not on the topic" for topic, key in sorted(unheard)]
    for service in SERVICES:
        finding.notes += [
            f"{service}: due work {row['kind']} is parked" for row in evidence.rows(service, "due_parked")
        ]
    return finding
