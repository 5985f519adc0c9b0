"""What each consumer made of what it was told: an event that it lost, or applied twice, shows in what it keeps or says.

verify compares attendance, certificates and figures; here are the other facts and answers. Each fact of a consumer
follows from one aggregate's events in their order, so it is the same however topics were interleaved.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from contracts import enrollment, publications, sessions, trainings
from contracts.event import Envelope, Event

from superwizja.chaos.testimony import Testimony
from superwizja.verify.finding import About, Finding


class Member(msgspec.Struct):
    """Somebody's time in a group; `until` None: they belong to it now."""

    person_id: UUID
    until: str | None = None


decode_members = msgspec.json.Decoder(list[Member]).decode
decode_conflicts = msgspec.json.Decoder(list[Any]).decode


class Facts:
    """What consumers should know, from the events alone."""

    def __init__(self, history: Iterable[tuple[Event, Envelope]]) -> None:
        self.programmes: dict[UUID, bool] = {}
        self.subscribers: dict[tuple[UUID | None, UUID, UUID | None], bool] = {}
        self.consents: dict[UUID, str] = {}
        self.leads: dict[tuple[str, UUID], bool] = {}
        self.formed: dict[UUID, enrollment.GroupFormed] = {}
        self.members: dict[tuple[UUID, UUID], Any] = {}
        self.belonging: dict[UUID, list[tuple[UUID, bool]]] = defaultdict(list)
        self.conflicts: Counter[UUID] = Counter()
        self.ended: dict[UUID, bool] = {}
        for event, envelope in history:
            self._take(event, envelope)

    def _take(self, event: Event, envelope: Envelope) -> None:
        match event:
            case enrollment.ProgrammeOpened():
                self.programmes[event.programme_id] = True
            case enrollment.CentreJoined():
                self.subscribers[event.programme_id, event.centre_id, event.programme_id] = True
            case enrollment.GroupFormed():
                self.formed[event.group_id] = event
                self.belonging[event.group_id] = [(person, True) for person in event.members]
                if event.track == "training":
                    self.members |= {(event.group_id, person): None for person in event.members}
            case enrollment.ParticipantEnrolled():
                self.subscribers[envelope.programme_id, event.person_id, event.group_id] = True
                if event.track == "training":
                    self.members[event.group_id, event.person_id] = None
                if event.group_id in self.formed and (event.person_id, True) not in self.belonging[event.group_id]:
                    self.belonging[event.group_id].append((event.person_id, True))
            case enrollment.ParticipantWithdrawn():
                self.subscribers.pop((envelope.programme_id, event.person_id, event.group_id), None)
                if event.had_seat:
                    self._leave(event)
            case enrollment.LeaderConflictArose():
                self.conflicts[event.group_id] += 1
            case sessions.SessionCompleted():
                self.leads["session", event.session_id] = True
            case trainings.RunCompleted():
                self.leads["run", event.run_id] = True
            case sessions.ConclusionReleased():
                self.consents[event.conclusion_id] = "released"
            case sessions.ConclusionConsentRevoked():
                self.consents[event.conclusion_id] = "withdrawn"
            case sessions.CycleCompleted():
                self.ended[event.cycle_id] = True
            case _:
                pass

    def _leave(self, event: enrollment.ParticipantWithdrawn) -> None:
        at = event.group_id, event.person_id
        if at in self.members and self.members[at] is None:
            self.members[at] = event.withdrawn_on
        still = event.person_id, True
        self.belonging[event.group_id] = [
            (event.person_id, False) if one == still else one for one in self.belonging[event.group_id]
        ]


def facts(testimony: Testimony) -> Finding:
    """What consumers keep of other services' events is what these say."""
    finding = Finding("facts")
    evidence = testimony.clean
    known = Facts(evidence.history)

    def rows(service: str, table: str, *columns: str) -> dict[Any, bool]:
        kept = evidence.rows(service, table)
        return {tuple(row[each] for each in columns) if columns[1:] else row[columns[0]]: True for row in kept}

    finding.same("publications, programme", known.programmes, rows("publications", "programme", "id"))
    subscribers = rows("publications", "subscriber", "programme_id", "id", "through")
    finding.same("publications, subscriber", known.subscribers, subscribers)
    finding.same("publications, lead", known.leads, rows("publications", "lead", "source", "source_id"))
    consents = {row["id"]: row["consent"] for row in evidence.rows("publications", "released")}
    finding.same("publications, conclusion", known.consents, consents)
    members = {
        (row["group_id"], row["person_id"]): (True, row["until"]) for row in evidence.rows("trainings", "member")
    }
    should = {at: (True, until) for at, until in known.members.items()}
    finding.same("trainings, member", should, members)
    finding.same("trainings, ended cycle", known.ended, rows("trainings", "ended_cycle", "cycle_id"))
    of_cycles = {row["id"]: row for row in evidence.rows("sessions", "belonging")}
    for group_id, group in known.formed.items():
        if group.track == "supervision" and group_id in of_cycles:
            kept = [(one.person_id, one.until is None) for one in decode_members(of_cycles[group_id]["members"])]
            same = sorted(kept) == sorted(known.belonging[group_id])
            finding.expect(same, f"sessions, members of {group_id}", About(str(group_id)))
    for cycle, row in of_cycles.items():
        number, times = len(decode_conflicts(row["conflicts"])), known.conflicts[cycle]
        text = f"sessions, conflicts of {cycle}: {times} arose, {number} are kept"
        finding.expect(number == times, text, About(str(cycle), "doubled" if number > times else ""))
    return finding


def answers(testimony: Testimony) -> Finding:
    """What an event asked of another service was answered, once: locks, deliveries, ends of groups, plans of cycles."""
    finding = Finding("answers")
    asked: dict[tuple[str, UUID, Any], UUID] = {}
    given: Counter[tuple[str, UUID, Any]] = Counter()
    for event, envelope in testimony.clean.history:
        match event:
            case enrollment.GroupFormed() if event.track == "supervision":
                plan = range(1, event.shape.meetings + 1)
                asked |= {("plan", event.group_id, ordinal): envelope.id for ordinal in plan}
            case sessions.SessionScheduled():
                given["plan", event.cycle_id, event.ordinal] += 1
            case sessions.CycleCompleted():
                asked["end", event.cycle_id, None] = envelope.id
            case enrollment.GroupCompleted() | enrollment.GroupDissolved():
                given["end", event.group_id, None] += 1
            case publications.IssueFreezeRequested():
                asked |= {("lock", event.issue_id, one.conclusion_id): envelope.id for one in event.conclusions}
            case sessions.ConclusionLocked() | sessions.ConclusionLockRefused():
                given["lock", event.issue_id, event.conclusion_id] += 1
            case publications.DeliveryRequested():
                asked["delivery", event.issue_id, event.delivery_id] = envelope.id
            case enrollment.MailingCounted():
                given["delivery", event.issue_id, event.delivery_id] += 1
            case _:
                pass
    for what, event_id in asked.items():
        times = given.pop(what, 0)
        kind, one, other = what
        text = f"{kind} of {one} {other or ''}, asked for by {event_id}: {times} times"
        finding.expect(times == 1, text, About(str(event_id), "doubled" if times > 1 else "lost"))
    for (kind, one, other), times in given.items():
        if kind != "end":  # a group that was dissolved, which nobody asks for by an event
            finding.differs(f"{kind} of {one} {other}: {times} times, and nobody asked", About(str(one)))
        elif times > 1:
            finding.differs(f"group {one} ended {times} times", About(str(one), "doubled"))
    return finding
