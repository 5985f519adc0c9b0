"""The rules of the domain as history tells them: at no time were they broken, not only in the end."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from contracts import enrollment, publications, sessions, trainings
from contracts.event import Envelope, Event

from superwizja.chaos.testimony import Testimony
from superwizja.verify.evidence import Evidence
from superwizja.verify.finding import About, Finding

NEXT: dict[str | None, set[str]] = {
    None: {"submitted", "ineligible"},
    "submitted": {"seated", "waitlisted"},
    "waitlisted": {"offered", "withdrawn"},
    "offered": {"accepted", "declined", "expired", "withdrawn"},
    "seated": {"withdrawn"},
    "accepted": {"withdrawn"},
}
"""What may become of an application."""

ACTIVE = {"seated", "accepted", "offered"}


def seats(testimony: Testimony) -> Finding:
    """8, 9. In the order of commits nobody ever had two seats (or offers) of a programme and track, no group too many.

    Every application went a way that there is.
    """
    finding = Finding("seats")
    opened: dict[UUID, tuple[enrollment.GroupOpened, UUID | None]] = {}
    states: dict[UUID, tuple[UUID, str]] = {}
    taken: Counter[UUID] = Counter()
    holds: dict[tuple[UUID, UUID | None, str], set[UUID]] = defaultdict(set)
    ended: set[UUID] = set()
    for event, envelope in _as_committed(testimony.clean, "enrollment"):
        group = opened.get(envelope.key)
        if isinstance(event, enrollment.GroupOpened):
            opened[envelope.key] = event, envelope.programme_id
        if isinstance(event, enrollment.GroupCompleted | enrollment.GroupDissolved):
            ended.add(envelope.key)
        become = _state(event)
        if become is None or group is None:
            continue
        application, person = event.application_id, event.person_id  # type: ignore[attr-defined]  # each has both
        _, before = states.get(application, (None, None))
        if before == "accepted" and become == "seated":
            continue  # the seat of an accepted offer is told as an enrolment too
        about = About(str(envelope.id))
        finding.expect(become in NEXT.get(before, set()), f"application {application}: {become} after {before}", about)
        states[application] = envelope.key, become
        taken[envelope.key] += (become in ACTIVE) - (before in ACTIVE)
        text = f"group {envelope.key} held {taken[envelope.key]} of {group[0].maximum} when {envelope.id}"
        finding.expect(taken[envelope.key] <= group[0].maximum, text, about)
        mine = holds[person, group[1], group[0].track]
        if become in ACTIVE:
            others = mine - {envelope.key} - ended
            finding.expect(not others, f"a second seat in {envelope.key} beside {sorted(others)[:1]}", about)
            mine.add(envelope.key)
        else:
            mine.discard(envelope.key)
    return finding


def _state(event: Event) -> str | None:
    """What an event makes of an application."""
    match event:
        case enrollment.ApplicationDecided():
            return "submitted" if event.outcome == "eligible" else "ineligible"
        case enrollment.ParticipantWaitlisted():
            return "waitlisted"
        case enrollment.SeatOffered():
            return "offered"
        case enrollment.SeatAccepted():
            return "accepted"
        case enrollment.ParticipantEnrolled():
            return "seated"
        case enrollment.SeatDeclined():
            return "declined"
        case enrollment.SeatOfferExpired():
            return "expired"
        case enrollment.ParticipantWithdrawn():
            return "withdrawn"
        case _:
            return None


def _as_committed(evidence: Evidence, service: str) -> Iterable[tuple[Event, Envelope]]:
    """A service's events as its outbox has them; of two transactions that wait for each other, in their order."""
    events = {envelope.id: (event, envelope) for event, envelope in evidence.history}
    return (events[row["event_id"]] for row in evidence.rows(service, "outbox") if row["event_id"] in events)


def contracts(testimony: Testimony) -> Finding:
    """7. No second session of a cycle was completed before every member, and everyone who came, had signed."""
    finding = Finding("contracts")
    formed: dict[UUID, enrollment.GroupFormed] = {}
    left: dict[UUID, set[UUID]] = defaultdict(set)
    cycles: dict[UUID, list[tuple[Event, Envelope]]] = defaultdict(list)
    for event, envelope in testimony.clean.history:
        if isinstance(event, enrollment.GroupFormed):
            formed[envelope.key] = event
        elif isinstance(event, enrollment.ParticipantWithdrawn):
            left[envelope.key].add(event.person_id)
        elif isinstance(event, sessions.SessionsFact):
            cycles[envelope.key].append((event, envelope))
    for cycle, events in cycles.items():
        members = set(formed[cycle].members) - left[cycle] if cycle in formed else set()
        _signed_first(finding, cycle, members, events)
    return finding


def _signed_first(finding: Finding, cycle: UUID, members: set[UUID], events: list[tuple[Event, Envelope]]) -> None:
    """Which of a cycle's sessions began first is not told, so the first completed one stands for it."""
    signed: dict[UUID, list[tuple[int, date]]] = defaultdict(list)
    revised: list[date] = []
    first: date | None = None
    for event, envelope in events:
        if isinstance(event, sessions.ContractSigned):
            signed[event.person_id].append((event.contract_version, event.signed_on))
        elif isinstance(event, sessions.ContractRevised):
            revised.append(event.revised_on)
        elif isinstance(event, sessions.SessionCompleted):
            if first is None:
                first = event.held_on
                continue
            until = max(first, event.held_on)
            in_force = {1 + sum(on <= day for on in revised) for day in (event.held_on, until)}
            came = {one.person_id for one in event.attendance if one.minutes > 0}
            # Who did not come may have signed what was in force when it began, which is not told either.
            missing = {
                who for who in members | came if not _signed(signed[who], until, in_force if who in came else ())
            }
            text = f"cycle {cycle}: session {event.ordinal} without {len(missing)} signatures"
            finding.expect(not missing, text, About(str(envelope.id)))


def _signed(signatures: list[tuple[int, date]], until: date, versions: Collection[int]) -> bool:
    """Whether one of these signatures was there by that day, under one of the versions; none of them: under any."""
    return any(on <= until and (not versions or version in versions) for version, on in signatures)


def withdrawals(testimony: Testimony) -> Finding:
    """3. No conclusion was locked after a withdrawal that was granted, and none was granted after a lock."""
    finding = Finding("withdrawals")
    acknowledged = {entry.key for entry in testimony.evidence.ledger if entry.outcome == "acknowledged"}
    gone: dict[UUID, Envelope] = {}
    locked: dict[UUID, Envelope] = {}
    released: set[UUID] = set()
    for event, envelope in testimony.clean.history:
        about = About(str(envelope.id))
        match event:
            case sessions.ConclusionReleased():
                released.add(event.conclusion_id)
                gone.pop(event.conclusion_id, None)
            case sessions.ConclusionConsentRevoked() | sessions.ConclusionWithheld():
                gone[event.conclusion_id] = envelope
                how = "acknowledged" if str(envelope.correlation_id) in acknowledged else "recorded"
                text = f"conclusion {event.conclusion_id}: withdrawal {how} after its lock"
                finding.expect(event.conclusion_id not in locked, text, about)
            case sessions.ConclusionLocked():
                withdrawn = gone.get(event.conclusion_id)
                how = "acknowledged" if withdrawn and str(withdrawn.correlation_id) in acknowledged else "recorded"
                text = f"conclusion {event.conclusion_id}: locked for {event.issue_id} after a withdrawal {how}"
                finding.expect(withdrawn is None, text, about)
                text = f"conclusion {event.conclusion_id}: locked for {event.issue_id} and never released"
                finding.expect(event.conclusion_id in released, text, about)
                locked[event.conclusion_id] = envelope
            case _:
                pass
    return finding


def readable(testimony: Testimony) -> Finding:
    """17. Every issue that readers were told of answers at its address, and was told of once."""
    finding = Finding("readable")
    published: Counter[UUID] = Counter()
    for event, _ in testimony.clean.history:
        if isinstance(event, publications.IssuePublished):
            published[event.issue_id] += 1
    for issue, times in published.items():
        finding.expect(times == 1, f"issue {issue} was published {times} times", About(str(issue), "doubled"))
        status = testimony.pages.get(issue, 0)
        finding.expect(status == 200, f"issue {issue} answers {status or 'nothing of its own'}", About(str(issue)))
    return finding


def certified(testimony: Testimony) -> Finding:
    """15. A certificate is issued once, and again only after it was revoked; the table is where its events end."""
    finding = Finding("certified")
    valid: dict[tuple[str, UUID, UUID], bool] = {}
    for event, envelope in testimony.clean.history:
        if not isinstance(event, trainings.CertificateIssued | trainings.CertificateRevoked):
            continue
        course = event.of, event.of_id, event.person_id
        issued = isinstance(event, trainings.CertificateIssued)
        before = valid.get(course, False)
        text = f"certificate {event.certificate_id} is {'issued' if issued else 'revoked'} twice"
        finding.expect(before is not issued, text, About(str(envelope.id), "doubled"))
        valid[course] = issued
    rows = testimony.evidence.rows("trainings", "certified")
    kept = {(row["of"], row["of_id"], row["person_id"]): row["revoked_on"] is None for row in rows}
    finding.once("certificate", ((row["of"], row["of_id"], row["person_id"]) for row in rows))
    finding.same("certificate", valid, kept)
    return finding
