"""Checks 1 to 4: commands took effect once, events were published once and in order, and every consumer has them."""

from collections import Counter, defaultdict
from uuid import UUID

from superwizja.demo.ledger import Entry
from superwizja.runtime import SERVICES
from superwizja.verify.evidence import Evidence
from superwizja.verify.finding import Finding
from superwizja.verify.history import last_versions
from superwizja.verify.quiet import CONSUMES

PUBLISHERS = tuple(service for service in SERVICES if service != "insights")

EFFECT: dict[tuple[str, str], tuple[str, ...]] = {
    ("enrollment", "/programmes"): ("programme-opened",),
    ("enrollment", "/centres"): ("centre-registered",),
    ("enrollment", "/programmes/*/invitations"): ("centre-invited",),
    ("enrollment", "/programmes/*/invitations/*/answer"): ("centre-joined", "centre-declined"),
    ("enrollment", "/supervisors/*/certificates"): ("supervisor-certified",),
    ("enrollment", "/groups"): ("group-opened",),
    ("enrollment", "/groups/*/applications"): ("application-submitted",),
    ("enrollment", "/groups/*/applications/*/withdrawal"): ("participant-withdrawn",),
    ("enrollment", "/groups/*/applications/*/acceptance"): ("seat-accepted",),
    ("enrollment", "/groups/*/leaders"): ("supervisor-assigned", "supervisor-assignment-refused"),
    ("enrollment", "/groups/*/formation"): ("group-formed",),
    ("sessions", "/cycles/*/sessions/*/completion"): ("session-completed", "session-inquorate"),
    ("sessions", "/cycles/*/sessions/*/rescheduling"): ("session-rescheduled",),
    ("sessions", "/cycles/*/sessions/*/postponement"): ("session-postponed",),
    ("sessions", "/cycles/*/sessions/*/cancellation"): ("session-cancelled",),
    ("sessions", "/cycles/*/sessions/*/corrections"): ("attendance-corrected",),
    ("sessions", "/cycles/*/conclusions"): ("conclusion-recorded",),
    ("sessions", "/cycles/*/conclusions/*/consents/revocation"): ("conclusion-consent-revoked",),
    ("trainings", "/titles/*/development"): ("title-developed",),
    ("trainings", "/titles/*/publication"): ("title-published",),
    ("trainings", "/runs"): ("run-scheduled",),
    ("trainings", "/runs/*/completion"): ("run-completed",),
    ("publications", "/issues"): ("issue-opened",),
    ("publications", "/issues/*/submissions"): ("submission-received",),
    ("publications", "/articles/*/acceptance"): ("article-accepted",),
    ("publications", "/articles/*/rejection"): ("article-rejected",),
    ("publications", "/issues/*/schedule"): ("issue-scheduled",),
}
"""Commands that leave exactly one event of these types each time they take effect."""


def ledger(evidence: Evidence) -> Finding:
    """1. What was acknowledged happened once, what was refused did not, what is unknown happened at most once."""
    finding = Finding("ledger")
    kept: Counter[tuple[str, str, str]] = Counter()
    for service in PUBLISHERS:
        kept.update((service, str(row["person"]), row["key"]) for row in evidence.rows(service, "idempotency"))
    caused: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[UUID] = set()
    for read in evidence.records:
        if read.envelope is None or read.envelope.causation_id or read.envelope.id in seen:
            continue
        seen.add(read.envelope.id)
        caused[str(read.envelope.correlation_id)][read.envelope.type.split(".")[-2]] += 1
    for entry in evidence.ledger:
        answers = kept[entry.service, entry.person, entry.key]
        effects = sum(caused[entry.key][kind] for kind in EFFECT.get((entry.service, entry.operation), ()))
        finding.expect(*_as_promised(entry, answers, effects, sum(caused[entry.key].values())))
    finding.once("made", ((entry.service, entry.operation, made) for entry in evidence.ledger for made in entry.ids))
    return finding


def _as_promised(entry: Entry, answers: int, effects: int, events: int) -> tuple[bool, str]:
    what = f"{entry.service} {entry.operation} {entry.key} {entry.outcome}: {answers} answers kept, {effects} effects"
    telling = (entry.service, entry.operation) in EFFECT
    if entry.outcome == "acknowledged":
        return answers == 1 and (effects == 1 or not telling), what
    if entry.outcome == "refused":
        return answers == 0 and events == 0, what
    return answers <= 1 and effects <= 1, what


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
        finding.differences += [f"{service}: {event} is not on the topic" for event in sorted(committed - published)]
        finding.differences += [f"{service}: {event} was never committed" for event in sorted(published - committed)]
    foreign = sum(not read.own for read in evidence.records)
    if foreign:
        finding.notes.append(f"foreign records on the topics: {foreign}")
    return finding


def versions(evidence: Evidence) -> Finding:
    """3. The versions of each aggregate first appear as 1, 2, 3, without a gap."""
    finding = Finding("versions")
    first: dict[tuple[str, UUID], list[int]] = defaultdict(list)
    for read in evidence.records:
        if read.own and read.envelope is not None:
            found = first[read.topic, read.envelope.key]
            if read.envelope.version not in found[-50:] and read.envelope.version not in found:
                found.append(read.envelope.version)
    for (topic, key), found in first.items():
        finding.expect(found == list(range(1, len(found) + 1)), f"{topic} {key}: {_shortened(found)}")
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
            finding.expect(good, f"{consumer}: {aggregate[0]} {aggregate[1]}: {state}")
        unheard = rows.keys() - last.keys()
        finding.differences += [f"{consumer}: {topic} {key} is not on the topic" for topic, key in sorted(unheard)]
    for service in SERVICES:
        finding.notes += [
            f"{service}: due work {row['kind']} is parked" for row in evidence.rows(service, "due_parked")
        ]
    return finding
