"""Checks 5 to 7, 9 and 10: the databases hold what the events tell."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from contracts import enrollment, sessions, trainings

from superwizja.verify.evidence import Evidence
from superwizja.verify.finding import Finding

STATES = {"ineligible", "seated", "waitlisted", "offered", "accepted", "declined", "expired", "withdrawn"}
SEATED = ("seated", "accepted")
BELOW_THRESHOLD = "below_threshold"

Roster = dict[tuple[UUID, UUID], int]
"""Minutes by session and person."""


class _Group:
    """A group's seats as its events tell of them, one after the other."""

    def __init__(self, opened: enrollment.GroupOpened) -> None:
        self.minimum, self.maximum = opened.minimum, opened.maximum
        self.states: dict[UUID, str] = {}
        self.most = 0
        self.formed_with: int | None = None

    def held(self, *states: str) -> int:
        return sum(state in states for state in self.states.values())

    def become(self, application: UUID, state: str) -> None:
        self.states[application] = state
        self.most = max(self.most, self.held(*SEATED, "offered"))


def enrolment(evidence: Evidence) -> Finding:
    """5. Applications are conserved, seats are within the group's numbers at all times, one active seat a person."""
    finding = Finding("enrolment")
    groups = _groups(evidence)
    states = {one: state for group in groups.values() for one, state in group.states.items()}
    kept = {row["id"]: row["status"] for row in evidence.rows("enrollment", "application")}
    finding.once("application", (row["id"] for row in evidence.rows("enrollment", "application")))
    finding.same("application", states, kept)
    finding.differences += [f"application {one} is {state}" for one, state in kept.items() if state not in STATES]
    counted: dict[UUID, Counter[str]] = defaultdict(Counter)
    for row in evidence.rows("enrollment", "application"):
        counted[row["group_id"]][row["status"]] += 1
    going_on = set()
    for row in evidence.rows("enrollment", "group"):
        counts = counted[row["id"]]
        numbers = (sum(counts[state] for state in SEATED), counts["offered"], counts["waitlisted"])
        says = (row["seats_taken"], row["offers_out"], row["waiting"])
        finding.expect(numbers == says, f"group {row['id']} says {says} and has {numbers}")
        finding.expect(sum(numbers[:2]) <= row["maximum"], f"group {row['id']}: {numbers} of {row['maximum']}")
        if row["status"] not in ("completed", "dissolved"):
            going_on.add(row["id"])
    for group_id, group in groups.items():
        finding.expect(group.most <= group.maximum, f"group {group_id} once held {group.most} of {group.maximum}")
        formed = group.formed_with
        finding.expect(formed is None or formed >= group.minimum, f"group {group_id} formed with {formed}")
    finding.once("active seat", _active_seats(evidence, going_on))
    return finding


def _active_seats(evidence: Evidence, going_on: set[UUID]) -> list[tuple[Any, ...]]:
    """Who holds a seat, or an offer of one, in which programme and track: each should be there once."""
    return [
        (row["person_id"], row["programme_id"], row["track"])
        for row in evidence.rows("enrollment", "application")
        if row["status"] in (*SEATED, "offered") and row["group_id"] in going_on
    ]


def _groups(evidence: Evidence) -> dict[UUID, _Group]:
    groups: dict[UUID, _Group] = {}
    for event, envelope in evidence.history:
        group = groups.get(envelope.key)
        match event:
            case enrollment.GroupOpened():
                groups[envelope.key] = _Group(event)
            case enrollment.GroupFormed() if group:
                group.formed_with = len(event.members)
            case enrollment.ApplicationDecided() if group:
                group.become(event.application_id, "submitted" if event.outcome == "eligible" else "ineligible")
            case enrollment.ParticipantWaitlisted() if group:
                group.become(event.application_id, "waitlisted")
            case enrollment.SeatOffered() if group:
                group.become(event.application_id, "offered")
            case enrollment.SeatAccepted() if group:
                group.become(event.application_id, "accepted")
            case enrollment.ParticipantEnrolled() if group:
                accepted = group.states.get(event.application_id) == "accepted"
                group.become(event.application_id, "accepted" if accepted else "seated")
            case enrollment.SeatDeclined() if group:
                group.become(event.application_id, "declined")
            case enrollment.SeatOfferExpired() if group:
                group.become(event.application_id, "expired")
            case enrollment.ParticipantWithdrawn() if group:
                group.become(event.application_id, "withdrawn")
            case _:
                pass
    return groups


def ordinals(evidence: Evidence) -> Finding:
    """6. Each formed supervision group has a cycle with the programme's ordinals, each once."""
    finding = Finding("ordinals")
    found: dict[UUID, list[int]] = defaultdict(list)
    for row in evidence.rows("sessions", "session"):
        found[row["cycle_id"]].append(row["ordinal"])
    for event, _ in evidence.history:
        if isinstance(event, enrollment.GroupFormed) and event.track == "supervision":
            wanted = list(range(1, event.shape.meetings + 1))
            has = sorted(found.pop(event.group_id, []))
            finding.expect(has == wanted, f"group {event.group_id} has {has}")
    finding.differences += [f"cycle {cycle} has no formed group" for cycle in found]
    return finding


def attendance(evidence: Evidence) -> Finding:
    """7. Rosters are what SessionCompleted and its corrections say, everywhere; one SessionCompleted a session."""
    finding = Finding("attendance")
    rosters, completed, runs = _rosters(evidence)
    finding.once("session completed", completed)
    kept: Roster = {}
    held = set()
    for row in evidence.rows("sessions", "session"):
        if row["status"] != "completed":
            continue
        held.add(row["id"])
        people = [(row["id"], UUID(one["person_id"])) for one in msgspec.json.decode(row["roster"])]
        finding.once("row of a roster", people)
        kept |= dict(zip(people, (one["minutes"] for one in msgspec.json.decode(row["roster"])), strict=True))
    finding.same("session completed", dict.fromkeys(completed, True), dict.fromkeys(held, True))
    finding.same("sessions, roster", rosters, kept)
    attended = {at: minutes for at, minutes in (rosters | runs).items() if minutes > 0}
    hours = _minutes(evidence.rows("enrollment", "attended"), "source_id")
    finding.same("enrollment, hours", attended, {at: minutes for at, minutes in hours.items() if minutes > 0})
    finding.same("trainings, attended", rosters, _minutes(evidence.rows("trainings", "session_attended"), "session_id"))
    finding.same("insights, attendance", rosters, _minutes(evidence.rows("insights", "attendance"), "session_id"))
    return finding


def _minutes(rows: list[Mapping[str, Any]], of: str) -> Roster:
    return {(row[of], row["person_id"]): row["minutes"] for row in rows}


def _rosters(evidence: Evidence) -> tuple[Roster, list[UUID], Roster]:
    """Minutes at sessions, each SessionCompleted's session, minutes at runs."""
    rosters: Roster = {}
    runs: Roster = {}
    completed: list[UUID] = []
    for event, _ in evidence.history:
        if isinstance(event, sessions.SessionCompleted):
            completed.append(event.session_id)
            rosters |= {(event.session_id, one.person_id): one.minutes for one in event.attendance}
        elif isinstance(event, sessions.AttendanceCorrected):
            rosters[event.session_id, event.person_id] = event.minutes
        elif isinstance(event, trainings.RunCompleted):
            runs |= {(event.run_id, one.person_id): one.minutes for one in event.attendance}
    return rosters, completed, runs


def certificates(evidence: Evidence) -> Finding:
    """9. Valid certificates are exactly those that attendance has earned, apart from those that a person revoked."""
    finding = Finding("certificates")
    earned: dict[tuple[str, UUID, UUID], bool] = {}
    minutes: dict[tuple[UUID, UUID], int] = defaultdict(int)
    cycles: dict[UUID, sessions.CycleCompleted] = {}
    for event, _ in evidence.history:
        match event:
            case sessions.SessionCompleted():
                for one in event.attendance:
                    minutes[event.cycle_id, one.person_id] += one.minutes
            case sessions.AttendanceCorrected():
                minutes[event.cycle_id, event.person_id] += event.minutes - event.previous_minutes
            case sessions.CycleCompleted():
                cycles[event.cycle_id] = event
            case trainings.RunCompleted():
                for part in event.attendance:
                    if _enough(part.minutes, event.minutes, event.threshold_percent):
                        earned["run", event.run_id, part.person_id] = True
            case _:
                pass
    for (cycle_id, person_id), attended in minutes.items():
        cycle = cycles.get(cycle_id)
        if cycle and _enough(attended, cycle.minutes, cycle.threshold_percent):
            earned["cycle", cycle_id, person_id] = True
    valid = {}
    for row in evidence.rows("trainings", "certificate"):
        course = row["of"], row["of_id"], row["person_id"]
        if row["revoked_on"] is None:
            valid[course] = True
        elif row["reason"] != BELOW_THRESHOLD:
            earned.pop(course, None)
    finding.same("certificate", earned, valid)
    return finding


def _enough(attended: int, of: int, percent: int) -> bool:
    return attended > 0 and attended * 100 >= of * percent


def consents(evidence: Evidence) -> Finding:
    """10. No published article cites a conclusion without every attendee's standing consent."""
    finding = Finding("consents")
    standing: dict[UUID, bool] = {}
    locked: dict[UUID, set[UUID]] = defaultdict(set)
    found_later: set[tuple[UUID, UUID]] = set()
    kept = {row["id"]: row for row in evidence.rows("sessions", "conclusion")}
    cycles: dict[UUID, list[UUID]] = defaultdict(list)
    for event, _ in evidence.history:
        match event:
            case sessions.ConclusionReleased():
                standing[event.conclusion_id] = True
            case sessions.ConclusionConsentRevoked() | sessions.ConclusionWithheld():
                standing[event.conclusion_id] = False
            case sessions.ConclusionLocked():
                locked[event.conclusion_id].add(event.issue_id)
                cycles[event.cycle_id].append(event.conclusion_id)
            case sessions.AttendanceCorrected() if event.minutes > 0 and event.previous_minutes == 0:
                # What an issue has locked stays as it was when the issue froze: who is found later is not asked.
                for conclusion in cycles[event.cycle_id]:
                    of = kept[conclusion]["session_id"] if conclusion in kept else None
                    if of in (None, event.session_id):
                        found_later.add((conclusion, event.person_id))
            case _:
                pass
    for row in evidence.rows("publications", "cited"):
        conclusion, issue = row["conclusion_id"], row["issue_id"]
        article = f"article {row['id']} cites {conclusion}"
        finding.expect(standing.get(conclusion, False), f"{article}, which is not released")
        finding.expect(issue in locked[conclusion], f"conclusion {conclusion} is not locked for issue {issue}")
        finding.expect(conclusion in kept, f"{article}, which sessions does not know")
        if conclusion in kept:
            asked = {who for who in kept[conclusion]["attendees"] if (conclusion, who) not in found_later}
            missing = asked - _consenting(kept[conclusion])
            finding.expect(bool(asked) and not missing, f"{article}: no consent of {len(missing)} of {len(asked)}")
    return finding


def _consenting(conclusion: Mapping[str, Any]) -> set[UUID]:
    """Whose last statement on a conclusion is that they consent."""
    last = {UUID(one["person_id"]): one["said"] for one in msgspec.json.decode(conclusion["statements"])}
    return {person for person, said in last.items() if said == "given"}
