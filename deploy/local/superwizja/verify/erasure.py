"""Check 11: whoever was erased has no name left, and nothing is sent to them any more."""

from contracts.enrollment import ParticipantErased

from superwizja.verify.evidence import Evidence
from superwizja.verify.finding import Finding


def erasure(evidence: Evidence) -> Finding:
    """11. Every worker has a name until they are erased, and from then on none; publications knows of it."""
    finding = Finding("erasure")
    erased = {event.worker_id for event, _ in evidence.history if isinstance(event, ParticipantErased)}
    named = {row["id"] for row in evidence.rows("enrollment", "person")}
    workers = {row["id"] for row in evidence.rows("enrollment", "worker")}
    finding.same("worker has a name", dict.fromkeys(workers - erased, True), dict.fromkeys(workers & named, True))
    forgotten = {row["person_id"] for row in evidence.rows("publications", "forgotten")}
    finding.same("publications has forgotten", dict.fromkeys(erased, True), dict.fromkeys(forgotten, True))
    for row in evidence.rows("publications", "byline"):
        finding.expect(row["submitted_by"] not in erased, f"article {row['id']} bears the name of an erased author")
    return finding
