"""A small sound run, made up: one programme, one group, two sessions, one issue, and all that is kept of them."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from contracts import enrollment, publications, sessions, trainings
from contracts.event import Actor, Envelope, Event
from superwizja.chaos.heard import Heard
from superwizja.chaos.marks import CONTACTS, marks_in, somebody
from superwizja.chaos.testimony import Testimony
from superwizja.demo.ledger import Entry
from superwizja.runtime import SERVICES
from superwizja.verify.evidence import Evidence
from superwizja.verify.fold import folded
from superwizja.verify.history import told
from superwizja.verify.quiet import CONSUMES
from superwizja.verify.sources import Read

ON = date(2023, 5, 1)
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SHAPE = enrollment.Shape(minimum=1, maximum=2, meetings=2, minutes=300, quorum=1, threshold_percent=80)
PLANTED = [somebody(number) for number in range(3)]
PLACE = enrollment.Place(terc="1061011", zone="city", area="1061011")


@dataclass
class Made:
    """What a run left, put together event by event; `because` is the key of the command whose events follow."""

    evidence: Evidence = field(default_factory=Evidence)
    programme: UUID = field(default_factory=uuid4)
    versions: dict[tuple[str, UUID], int] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    person: UUID = field(default_factory=uuid4)

    def rows(self, service: str, table: str) -> list[Any]:
        """The rows of a table, to be added to."""
        return self.evidence.tables.setdefault((service, table), [])

    def command(
        self,
        service: str,
        operation: str,
        *made: UUID,
        outcome: str = "acknowledged",
        body: Any = None,
        **answer: Any,
    ) -> UUID:
        """A command in the ledger with its kept answer; answers its key."""
        key = uuid4()
        ids = tuple(str(one) for one in made)
        entry = {"key": str(key), "person": str(self.person), "service": service, "operation": operation, "ids": ids}
        self.evidence.ledger.append(Entry(**entry, outcome=outcome, body=body))  # type: ignore[arg-type]  # outcomes are literals
        if outcome == "acknowledged":
            told_of = answer or ({"id": ids[0]} if len(ids) == 1 else {"ids": ids})
            row = {"person": self.person, "operation": operation, "key": str(key), "status": 200}
            kept = row | {"answer": msgspec.json.encode(told_of), "kept_at": NOW}
            self.rows(service, "idempotency").append(kept)
        return key

    def event(self, key: UUID, event: Event, because: UUID | Envelope | None = None) -> Envelope:
        """An event in the outbox, on its topic and in every consumer's inbox; caused by a command or an event."""
        at = event.topic, key
        self.versions[at] = version = self.versions.get(at, 0) + 1
        cause = because if isinstance(because, Envelope) else None
        envelope = Envelope(
            id=uuid4(),
            type=event.type,
            time=NOW + timedelta(seconds=len(self.evidence.records)),
            key=key,
            version=version,
            programme_id=self.programme,
            correlation_id=cause.correlation_id if cause else because or uuid4(),  # type: ignore[arg-type]  # a key then
            causation_id=cause.id if cause else None,
            actor=Actor(role="service", service="test"),
        )
        service = event.topic.removesuffix(".events")
        row = {"event_id": envelope.id, "aggregate": key, "version": version, "type": event.type}
        self.rows(service, "outbox").append(row | {"time": envelope.time, "published": True})
        self.put(envelope, event)
        for consumer, topics in CONSUMES.items():
            if event.topic in topics:
                inbox = self.rows(consumer, "inbox")
                inbox[:] = [row for row in inbox if (row["topic"], row["aggregate"]) != at]
                seen = {"consumer": consumer, "topic": event.topic, "aggregate": key}
                inbox.append(seen | {"version": version, "parked_from": None})
        return envelope

    def put(self, envelope: Envelope, event: Event | None, *, own: bool = True, body: bytes | None = None) -> Read:
        """A record at the end of a topic."""
        topic = f"{envelope.type.split('.')[2]}.events"
        self.offsets[topic] = offset = self.offsets.get(topic, -1) + 1
        content = body if body is not None else msgspec.json.encode(event)
        read = Read(topic, 0, offset, envelope, event, own, content)
        self.evidence.records.append(read)
        return read


def a_sound_run() -> Testimony:
    """Everything as it should be."""
    made = Made()
    _open(made)
    group, members = _group(made)
    cycle, conclusion = _cycle(made, group, members)
    issues = _issue(made, cycle, conclusion, members)
    return _told(made, issues)


def _open(made: Made) -> None:
    opened = enrollment.ProgrammeOpened(programme_id=made.programme, code="p", name="P", supervision=SHAPE)
    made.event(made.programme, opened, made.command("enrollment", "/programmes", made.programme))
    made.rows("enrollment", "programme").append({"id": made.programme})
    made.rows("publications", "programme").append({"id": made.programme})


def _group(made: Made) -> tuple[UUID, tuple[UUID, UUID]]:
    group, leader = uuid4(), uuid4()
    people = [uuid4() for _ in range(3)]
    applications = [uuid4() for _ in people]
    made.command("enrollment", "/centres/*/workers", *people, body={"workers": PLANTED})
    opened = enrollment.GroupOpened(
        group_id=group, name="G", track="supervision", audience="workers", minimum=1, maximum=2, place=PLACE, cohort="c"
    )
    made.event(group, opened, made.command("enrollment", "/groups", group))

    def ids(number: int) -> dict[str, Any]:
        return {"group_id": group, "application_id": applications[number], "person_id": people[number]}

    def enrolled(number: int) -> enrollment.ParticipantEnrolled:
        return enrollment.ParticipantEnrolled(**ids(number), track="supervision", enrolled_on=ON)

    for number, application in enumerate(applications):
        key = made.command("enrollment", "/groups/*/applications", application)
        made.event(group, enrollment.ApplicationSubmitted(**ids(number), submitted_on=ON), key)
        made.event(group, enrollment.ApplicationDecided(**ids(number), outcome="eligible"), key)
        waits = enrollment.ParticipantWaitlisted(**ids(number), zone="city")
        made.event(group, enrolled(number) if number < 2 else waits, key)
    key = made.command("enrollment", "/groups/*/applications/*/withdrawal")
    made.event(group, enrollment.ParticipantWithdrawn(**ids(0), had_seat=True, withdrawn_on=ON), key)
    made.event(group, enrollment.SeatOffered(**ids(2), expires_at=NOW), key)
    key = made.command("enrollment", "/groups/*/applications/*/acceptance")
    made.event(group, enrollment.SeatAccepted(**ids(2)), key)
    made.event(group, enrolled(2), key)
    erased = enrollment.ParticipantErased(worker_id=people[0], erased_on=ON)
    made.event(people[0], erased, made.command("enrollment", "/workers/*/erasure", status="erased"))
    made.rows("enrollment", "worker").extend({"id": person} for person in people)
    made.rows("enrollment", "person").extend({"id": person} for person in people[1:])
    made.rows("publications", "forgotten").append({"person_id": people[0]})
    made.command("enrollment", "/groups/*/applications", outcome="refused")
    made.command("enrollment", "/groups/*/applications", outcome="unknown")
    key = made.command("enrollment", "/groups/*/leaders", ok=True)
    assigned = enrollment.SupervisorAssigned(group_id=group, supervisor_id=leader, leads_as="leader", since=ON)
    made.event(group, assigned, key)
    members = people[1], people[2]
    formed = enrollment.GroupFormed(
        group_id=group,
        name="G",
        track="supervision",
        audience="workers",
        place=PLACE,
        cohort="c",
        formed_on=ON,
        starts_on=ON,
        shape=SHAPE,
        members=members,
        leaders=(leader,),
    )
    made.event(group, formed, made.command("enrollment", "/groups/*/formation", ok=True))
    statuses = ("withdrawn", "seated", "accepted")
    for number, status in enumerate(statuses):
        row = {"id": applications[number], "group_id": group, "programme_id": made.programme, "track": "supervision"}
        active = {"person_id": people[number], "status": status, "active": status != "withdrawn"}
        made.rows("enrollment", "application").append(row | active)
    counts = {"seats_taken": 2, "offers_out": 0, "waiting": 0, "minimum": 1, "maximum": 2}
    made.rows("enrollment", "group").append({"id": group, "track": "supervision", "status": "completed"} | counts)
    for person in members:
        subscriber = {"programme_id": made.programme, "id": person, "through": group}
        made.rows("publications", "subscriber").append(subscriber)
    return group, members


def _cycle(made: Made, cycle: UUID, members: tuple[UUID, UUID]) -> tuple[UUID, UUID]:
    conclusion = uuid4()
    held = [uuid4(), uuid4()]
    last = last_of(made, enrollment.GroupFormed)
    for ordinal, session in enumerate(held, start=1):
        scheduled = sessions.SessionScheduled(
            cycle_id=cycle, session_id=session, ordinal=ordinal, planned_on=ON, minutes=300
        )
        made.event(cycle, scheduled, last)
    for unsigned, person in enumerate(members):
        signed = sessions.ContractSigned(
            cycle_id=cycle, person_id=person, contract_version=1, signed_on=ON, form="paper", unsigned=1 - unsigned
        )
        made.event(cycle, signed, made.command("sessions", "/cycles/*/contract/signatures", ok=True))
    for ordinal, session in enumerate(held, start=1):
        key = made.command("sessions", "/cycles/*/sessions/*/completion", ok=True)
        there = tuple(sessions.Attendance(person_id=one, status="attended", minutes=300) for one in members)
        completed = sessions.SessionCompleted(
            cycle_id=cycle,
            session_id=session,
            ordinal=ordinal,
            held_on=ON,
            minutes=300,
            leaders=(),
            attendance=there,
        )
        made.event(cycle, completed, key)
        roster = msgspec.json.encode([{"person_id": one, "minutes": 300} for one in members])
        row = {"id": session, "cycle_id": cycle, "ordinal": ordinal, "status": "completed", "roster": roster}
        made.rows("sessions", "session").append(row)
        made.rows("publications", "lead").append({"source": "session", "source_id": session})
        for person in members:
            minutes = {"person_id": person, "minutes": 300}
            made.rows("enrollment", "attended").append(minutes | {"source_id": session})
            made.rows("trainings", "session_attended").append(minutes | {"session_id": session})
            made.rows("insights", "attendance").append(minutes | {"session_id": session})
    whole = tuple(sessions.MinutesAttended(person_id=one, minutes=600) for one in members)
    over = sessions.CycleCompleted(
        cycle_id=cycle, completed_on=ON, sessions=2, minutes=600, threshold_percent=80, attendance=whole
    )
    ended = made.event(cycle, over, key)
    made.event(cycle, enrollment.GroupCompleted(group_id=cycle, completed_on=ON), ended)
    made.rows("trainings", "ended_cycle").append({"cycle_id": cycle})
    for person in members:
        certificate = uuid4()
        issued = trainings.CertificateIssued(
            certificate_id=certificate,
            person_id=person,
            of="cycle",
            of_id=cycle,
            group_id=cycle,
            minutes=600,
            issued_on=ON,
        )
        made.event(certificate, issued, ended)
        row = {"id": certificate, "person_id": person, "of": "cycle", "of_id": cycle, "revoked_on": None}
        made.rows("trainings", "certified").append(row)
        made.rows("trainings", "certificate").append(row | {"reason": None})
    key = made.command("sessions", "/cycles/*/conclusions", conclusion)
    recorded = sessions.ConclusionRecorded(cycle_id=cycle, conclusion_id=conclusion, recorded_on=ON, awaiting=2)
    made.event(cycle, recorded, key)
    key = made.command("sessions", "/cycles/*/conclusions/*/consents", ok=True)
    released = sessions.ConclusionReleased(cycle_id=cycle, conclusion_id=conclusion, released_on=ON)
    made.event(cycle, released, key)
    said = msgspec.json.encode([{"person_id": one, "said": "given"} for one in members])
    row = {"id": conclusion, "session_id": None, "attendees": list(members), "statements": said}
    made.rows("sessions", "conclusion").append(row)
    made.rows("publications", "released").append({"id": conclusion, "consent": "released"})
    belong = msgspec.json.encode([{"person_id": one, "since": ON} for one in members])
    made.rows("sessions", "belonging").append({"id": cycle, "members": belong, "conflicts": b"[]"})
    return cycle, conclusion


def _issue(made: Made, cycle: UUID, conclusion: UUID, members: tuple[UUID, UUID]) -> UUID:
    issue, journal, article, delivery = uuid4(), uuid4(), uuid4(), uuid4()
    named = {"issue_id": issue, "journal": "J", "name": "1/2023", "year": 2023, "quarter": 1}
    made.command("publications", "/journals", journal)
    made.event(
        issue,
        publications.IssueOpened(**named, edition="regular"),  # type: ignore[arg-type]  # each is of its field's type
        made.command("publications", "/issues", issue),
    )
    received = publications.SubmissionReceived(
        article_id=article, issue_id=issue, kind="account", source="conclusion", source_id=conclusion, submitted_on=ON
    )
    made.event(article, received, made.command("publications", "/issues/*/submissions", article))
    accepted = publications.ArticleAccepted(article_id=article, issue_id=issue, accepted_on=ON)
    made.event(article, accepted, made.command("publications", "/articles/*/acceptance", ok=True))
    cited = publications.CitedConclusion(cycle_id=cycle, conclusion_id=conclusion)
    asked = made.event(
        issue,
        publications.IssueFreezeRequested(issue_id=issue, issue="1/2023", conclusions=(cited,)),
        made.command("publications", "/issues/*/freeze", id=str(issue)),
    )
    locked = sessions.ConclusionLocked(cycle_id=cycle, conclusion_id=conclusion, issue_id=issue, issue="1/2023")
    lock = made.event(cycle, locked, asked)
    made.event(issue, publications.IssueFrozen(issue_id=issue, articles=(article,), dropped=0), lock)
    scheduled = publications.IssueScheduled(issue_id=issue, publish_on=ON)
    made.event(issue, scheduled, made.command("publications", "/issues/*/schedule", ok=True))
    made.command("publications", "/issues/*/publication", id=str(issue))
    published = publications.IssuePublished(
        **named,  # type: ignore[arg-type]  # each is of its field's type
        edition="regular",
        articles=1,
        url=f"http://there/issues/{issue}",
        published_on=ON,
    )
    made.event(issue, published)
    request = publications.DeliveryRequested(
        issue_id=issue, delivery_id=delivery, issue="1/2023", url="http://there", people=members
    )
    to_tell = made.event(issue, request)
    counted = enrollment.MailingCounted(issue_id=issue, delivery_id=delivery, recipients=2, reachable=2)
    answer = made.event(issue, counted, to_tell)
    made.event(issue, publications.IssueDistributed(issue_id=issue, recipients=2, reachable=2), answer)
    for table, row in (("journal", journal), ("issue", issue), ("article", article)):
        made.rows("publications", table).append({"id": row})
    made.rows("publications", "cited").append({"id": article, "conclusion_id": conclusion, "issue_id": issue})
    return issue


def _told(made: Made, issue: UUID) -> Testimony:
    whole = folded(told(made.evidence.records))[made.programme]
    live = {"figures": whole.figures(), "months": whole.months(), "refusals": dict(whole.refusals)}
    evidence = made.evidence
    # As topics are read: each from its beginning.
    evidence.records.sort(key=lambda read: (read.topic, read.partition, read.offset))
    evidence.told["insights", made.programme] = live
    cities = [{"terc": area, "figures": whole.figures() | figures} for area, figures in whole.by_area().items()]
    evidence.indicators[made.programme] = {"cities": cities}
    heard = Heard(acknowledged=len(evidence.ledger) - 2, refused=1, unknown=1, seconds=10)
    there = {CONTACTS: marks_in(msgspec.json.encode(PLANTED[1:]))}
    return Testimony(evidence, heard, pages={issue: 200}, names=there, consuming=dict.fromkeys(SERVICES, ""))


def last_of(made: Made, kind: type[Event]) -> Envelope:
    """The envelope of the last event of a type."""
    return next(read.envelope for read in reversed(made.evidence.records) if isinstance(read.event, kind))  # type: ignore[return-value]  # every event has one


def copied(testimony: Testimony, **changes: Any) -> Testimony:
    """The same testimony, on a copy of its lists and rows that may be damaged."""
    of = testimony.evidence
    evidence = Evidence(
        ledger=list(of.ledger),
        records=list(of.records),
        tables={at: [dict(row) for row in rows] for at, rows in of.tables.items()},
        told=dict(of.told),
        indicators=dict(of.indicators),
    )
    return dataclasses.replace(
        testimony, evidence=evidence, pages=dict(testimony.pages), names=dict(testimony.names), **changes
    )


def where(testimony: Testimony, kind: type[Event], *, last: bool = False) -> int:
    """The place of the first record, or the last one, of a type."""
    places = [at for at, read in enumerate(testimony.evidence.records) if isinstance(read.event, kind)]
    return places[-1 if last else 0]


Damage = Callable[[Testimony], None]
