"""Whether the names that the load planted lie where they belong, and of who was erased nowhere."""

import msgspec
from contracts.enrollment import ParticipantErased

from superwizja.chaos.marks import CONTACTS, marks_in
from superwizja.chaos.testimony import Testimony
from superwizja.verify.delivery import settled
from superwizja.verify.finding import About, Finding

HIRING = ("enrollment", "/centres/*/workers")


def names(testimony: Testimony) -> Finding:
    """11. Nobody's name is anywhere but with the contacts of workers, and there it is until they are erased."""
    finding = Finding("names")
    for place, marks in testimony.names.items():
        if place != CONTACTS:
            finding.differs(f"{len(marks)} names lie in {place}, of them {min(marks)}")
    kept = testimony.names.get(CONTACTS, set())
    told = {str(event.worker_id) for event, _ in testimony.clean.history if isinstance(event, ParticipantErased)}
    finding.expect(bool(told) or not testimony.planted.long, "nobody was erased in a long run")
    for entry in settled(testimony.evidence.ledger):
        if entry.outcome != "acknowledged" or (entry.service, entry.operation) != HIRING or not entry.body:
            continue
        for worker, body in zip(entry.ids, entry.body["workers"], strict=True):
            marks = marks_in(msgspec.json.encode(body))
            erased = worker in told
            wrong = marks & kept if erased else marks - kept
            text = f"{'erased and still there' if erased else 'gone and not erased'}: worker {worker}, {sorted(wrong)}"
            finding.expect(not wrong, text, About(worker, "" if erased else "lost"))
    return finding
