"""A made-up history: what the four services would have published about a small programme, in each aggregate's order."""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from chassis.testing import key_of
from contracts import enrollment, publications, sessions, trainings
from contracts.event import Actor, Envelope, Event

Told = tuple[Event, Envelope]

WARSZAWA, KRAKOW = "1465011", "1261011"
SHAPE = enrollment.Shape(minimum=2, maximum=5, meetings=2, minutes=300, quorum=2, threshold_percent=80)
FIRST = date(2022, 10, 5)


class History:
    """Events of one programme as they are told: each aggregate of a topic has versions from 1 on."""

    def __init__(self, programme: UUID | None = None) -> None:
        self.programme = programme or uuid4()
        self.told: list[Told] = []
        self.versions: dict[tuple[str, UUID], int] = defaultdict(int)

    def tell(self, *events: Event, programme: UUID | None = None) -> None:
        for event in events:
            aggregate = event.topic, key_of(event)
            self.versions[aggregate] += 1
            self.told.append((event, self._envelope(event, self.versions[aggregate], programme)))

    def _envelope(self, event: Event, version: int, programme: UUID | None) -> Envelope:
        return Envelope(
            id=uuid5(NAMESPACE_URL, f"{event.topic}/{key_of(event)}/{version}"),
            type=event.type,
            time=datetime.now(UTC),
            key=key_of(event),
            version=version,
            programme_id=programme or self.programme,
            correlation_id=uuid4(),
            actor=Actor(role="service", service="tests"),
        )

    def opens(self, code: str = "unicef", *, targets: dict[str, int] | None = None) -> None:
        self.tell(
            enrollment.ProgrammeOpened(
                programme_id=self.programme,
                code=code,
                name=f"Projekt {code}",
                starts_on=date(2022, 10, 1),
                supervision=SHAPE,
                targets=tuple(
                    enrollment.Target(indicator=indicator, value=value) for indicator, value in (targets or {}).items()
                ),
                areas=(enrollment.PriorityArea(name="Warszawa", city=WARSZAWA, reason="migration"),),
            )
        )

    def applies(self, group: UUID, person: UUID) -> UUID:
        application = uuid4()
        self.tell(
            enrollment.ApplicationSubmitted(
                group_id=group, application_id=application, person_id=person, submitted_on=FIRST
            ),
            enrollment.ApplicationDecided(
                group_id=group, application_id=application, person_id=person, outcome="eligible"
            ),
        )
        return application

    def seats(self, group: UUID, people: Iterable[UUID], *, track: enrollment.Track = "supervision") -> None:
        for person in people:
            application = self.applies(group, person)
            self.tell(
                enrollment.ParticipantEnrolled(
                    group_id=group, application_id=application, person_id=person, track=track, enrolled_on=FIRST
                )
            )

    def forms(
        self,
        members: list[UUID],
        *,
        track: enrollment.Track = "supervision",
        audience: enrollment.Audience = "workers",
        terc: str = WARSZAWA,
        area: str | None = WARSZAWA,
    ) -> UUID:
        group = uuid4()
        self.seats(group, members, track=track)
        self.tell(
            enrollment.GroupFormed(
                group_id=group,
                name=f"Grupa {group.hex[:4]}",
                track=track,
                audience=audience,
                place=enrollment.Place(terc=terc, zone="city" if area else "elsewhere", area=area),
                cohort="first",
                formed_on=FIRST,
                starts_on=FIRST,
                shape=SHAPE,
                members=tuple(members),
                leaders=(uuid4(),),
            )
        )
        return group

    def meets(self, cycle: UUID, ordinal: int, minutes: dict[UUID, int], *, on: date | None = None) -> UUID:
        session = uuid4()
        self.tell(
            sessions.SessionCompleted(
                cycle_id=cycle,
                session_id=session,
                ordinal=ordinal,
                held_on=on or FIRST + timedelta(days=30 * (ordinal - 1)),
                minutes=300,
                leaders=(uuid4(),),
                attendance=tuple(
                    sessions.Attendance(person_id=person, status="attended" if attended else "absent", minutes=attended)
                    for person, attended in minutes.items()
                ),
            )
        )
        return session

    def runs(
        self,
        group: UUID,
        minutes: dict[UUID, int],
        *,
        audience: enrollment.Audience = "workers",
        title: UUID | None = None,
    ) -> UUID:
        run = uuid4()
        self.tell(
            trainings.RunCompleted(
                run_id=run,
                title_id=title or uuid4(),
                group_id=group,
                audience=audience,
                held_on=FIRST,
                minutes=480,
                threshold_percent=80,
                trainers=(uuid4(),),
                attendance=tuple(sessions.MinutesAttended(person_id=who, minutes=m) for who, m in minutes.items()),
            )
        )
        return run

    def certifies(self, person: UUID, of: UUID) -> UUID:
        certificate = uuid4()
        self.tell(
            trainings.CertificateIssued(
                certificate_id=certificate,
                person_id=person,
                of="cycle",
                of_id=of,
                group_id=of,
                minutes=600,
                issued_on=FIRST,
            )
        )
        return certificate


def a_history(programme: UUID | None = None) -> History:
    """Two supervision groups with a correction, a training group with two runs, and an issue; see EXPECTED."""
    told = History(programme)
    told.opens(targets={"groups_formed": 4, "sessions_completed": 8})
    centres = [uuid4(), uuid4()]
    for centre in centres:
        told.tell(enrollment.CentreInvited(programme_id=told.programme, centre_id=centre))
    told.tell(enrollment.CentreJoined(programme_id=told.programme, centre_id=centres[0], terc=WARSZAWA))
    told.tell(enrollment.CentreDeclined(programme_id=told.programme, centre_id=centres[1]))

    anna, bela, cyryl, dana, emil = (uuid4() for _ in range(5))
    first = told.forms([anna, bela, cyryl])
    second = told.forms([dana, emil], terc="0201011", area=None)
    _queues(told, first)
    _supervises(told, first, second, [anna, bela, cyryl, dana, emil])
    _trains(told, [anna, bela])
    _publishes(told, first)
    told.tell(
        enrollment.TargetsChanged(
            programme_id=told.programme,
            targets=(
                enrollment.Target(indicator="groups_formed", value=2),
                enrollment.Target(indicator="sessions_completed", value=6),
            ),
        )
    )
    return told


def _queues(told: History, group: UUID) -> None:
    """One is offered a seat and lets it expire, one withdraws, one is ineligible, a leader is refused."""
    late, leaving, stranger = uuid4(), uuid4(), uuid4()
    application = told.applies(group, late)
    ids = {"group_id": group, "application_id": application, "person_id": late}
    told.tell(
        enrollment.ParticipantWaitlisted(**ids, zone="city"),
        enrollment.SeatOffered(**ids, expires_at=datetime.now(UTC)),
        enrollment.SeatOfferExpired(**ids),
    )
    application = told.applies(group, leaving)
    told.tell(
        enrollment.ParticipantEnrolled(
            group_id=group, application_id=application, person_id=leaving, track="supervision", enrolled_on=FIRST
        ),
        enrollment.ParticipantWithdrawn(
            group_id=group, application_id=application, person_id=leaving, had_seat=True, withdrawn_on=FIRST
        ),
    )
    ids = {"group_id": group, "application_id": uuid4(), "person_id": stranger}
    told.tell(
        enrollment.ApplicationSubmitted(**ids, submitted_on=FIRST),
        enrollment.ApplicationDecided(**ids, outcome="ineligible", ground="programme.audience"),
        enrollment.SupervisorAssignmentRefused(group_id=group, supervisor_id=uuid4(), ground="reg-2016.4.1"),
    )


def _supervises(told: History, first: UUID, second: UUID, people: list[UUID]) -> None:
    anna, bela, cyryl, dana, emil = people
    for person in people:
        cycle = first if person in (anna, bela, cyryl) else second
        told.tell(
            sessions.ContractSigned(
                cycle_id=cycle, person_id=person, contract_version=1, signed_on=FIRST, form="paper", unsigned=0
            )
        )
    told.meets(first, 1, {anna: 300, bela: 300, cyryl: 0})
    corrected = told.meets(first, 2, {anna: 300, bela: 240, cyryl: 0})
    told.meets(second, 1, {dana: 300, emil: 300})
    told.tell(
        sessions.AttendanceCorrected(
            cycle_id=first,
            session_id=corrected,
            person_id=bela,
            held_on=FIRST + timedelta(days=30),
            corrected_on=FIRST + timedelta(days=60),
            status="absent",
            minutes=0,
            previous_minutes=240,
        ),
        sessions.CycleCompleted(
            cycle_id=first, completed_on=FIRST, sessions=2, minutes=600, threshold_percent=80, attendance=()
        ),
        enrollment.GroupCompleted(group_id=first, completed_on=FIRST),
    )
    released, withheld = uuid4(), uuid4()
    for conclusion in (released, withheld):
        told.tell(sessions.ConclusionRecorded(cycle_id=first, conclusion_id=conclusion, recorded_on=FIRST, awaiting=3))
    told.tell(
        sessions.ConclusionReleased(cycle_id=first, conclusion_id=released, released_on=FIRST),
        sessions.ConclusionConsentRevoked(cycle_id=first, conclusion_id=released, person_id=anna, revoked_on=FIRST),
        sessions.ConclusionWithheld(cycle_id=first, conclusion_id=withheld, withheld_on=FIRST, ground="reg-2016.3.3"),
    )


def _trains(told: History, people: list[UUID]) -> None:
    title, apart = uuid4(), uuid4()
    audiences: dict[UUID, enrollment.Audience] = {title: "workers", apart: "supervisors"}
    for each, audience in audiences.items():
        told.tell(
            trainings.TitleDeveloped(title_id=each, name="Szkolenie", audience=audience, developed_on=FIRST),
            trainings.TitlePublished(
                title_id=each,
                name="Szkolenie",
                audience=audience,
                published_on=FIRST,
                worker_needs=("trauma",),
                family_problems=("separation",),
            ),
        )
    group = told.forms(people, track="training")
    told.runs(group, dict.fromkeys(people, 480), title=title)
    told.runs(group, {people[0]: 480, people[1]: 0}, title=title)
    supervisors = told.forms([uuid4()], track="training", audience="supervisors")
    told.runs(supervisors, {uuid4(): 480}, audience="supervisors", title=apart)
    kept, revoked, restored = (told.certifies(person, group) for person in (people[0], people[1], uuid4()))
    for certificate in (revoked, restored):
        told.tell(
            trainings.CertificateRevoked(
                certificate_id=certificate,
                person_id=people[1],
                of="cycle",
                of_id=group,
                reason="correction",
                revoked_on=FIRST,
            )
        )
    told.tell(
        trainings.CertificateIssued(
            certificate_id=restored,
            person_id=people[1],
            of="cycle",
            of_id=group,
            group_id=group,
            minutes=480,
            issued_on=FIRST,
        )
    )
    assert kept != revoked


def _publishes(told: History, cycle: UUID) -> None:
    issue, kept, dropped = uuid4(), uuid4(), uuid4()
    told.tell(
        publications.IssueOpened(
            issue_id=issue, journal="SPS", name="Numer 4/2022", year=2022, quarter=4, edition="special"
        )
    )
    for article in (kept, dropped):
        told.tell(
            publications.SubmissionReceived(
                article_id=article, issue_id=issue, kind="experience", source="free", submitted_on=FIRST
            )
        )
    told.tell(
        publications.ArticleDropped(article_id=dropped, issue_id=issue, ground="reg-2016.3.3"),
        publications.IssuePublished(
            issue_id=issue,
            journal="SPS",
            name="Numer 4/2022",
            year=2022,
            quarter=4,
            edition="special",
            articles=1,
            url="https://sps.example/issues/1",
            published_on=date(2022, 12, 31),
        ),
        enrollment.MailingCounted(issue_id=issue, delivery_id=uuid4(), recipients=5, reachable=4),
        publications.IssueDistributed(issue_id=issue, recipients=5, reachable=4),
    )


EXPECTED = {
    "centres_invited": 2,
    "centres_joined": 1,
    "groups_formed": 2,
    "training_groups_formed": 1,
    "supervisor_training_groups_formed": 1,
    "groups_completed": 1,
    "applications": 11,
    "applications_waitlisted": 1,
    "applications_ineligible": 1,
    "seats_taken": 5,
    "people_enrolled": 6,
    "offers_made": 1,
    "offers_expired": 1,
    "withdrawals": 1,
    "hours_minutes": 300 + 300 + 300 + 300 + 300 + 480 * 4,
    "mail_recipients": 5,
    "sessions_completed": 3,
    "supervision_minutes": 900,
    "attendances": 5,
    "people_reached": 4,
    "cycles_completed": 1,
    "conclusions_recorded": 2,
    "conclusions_released": 1,
    "conclusions_withheld": 1,
    "consents_revoked": 1,
    "signatures": 5,
    "titles_developed": 1,
    "titles_published": 1,
    "supervisor_titles_published": 1,
    "runs_completed": 2,
    "training_groups_trained": 1,
    "training_attendances": 3,
    "people_trained": 2,
    "supervisor_runs_completed": 1,
    "supervisors_trained": 1,
    "certificates_issued": 2,
    "certificates_revoked": 1,
    "issues_published": 1,
    "articles_published": 1,
    "submissions": 2,
    "articles_dropped": 1,
    "deliveries": 5,
}
MONTHS = {
    "2022-10": {
        "groups_formed": 2,
        "sessions_completed": 2,
        "attendances": 4,
        "people_reached": 4,
        "runs_completed": 2,
    },
    "2022-11": {"sessions_completed": 1, "attendances": 1, "people_reached": 1},
    "2022-12": {"issues_published": 1},
}
REFUSALS = {"programme.audience": 1, "reg-2016.3.3": 2, "reg-2016.4.1": 1}


def shuffled(told: list[Told], chance: random.Random) -> list[Told]:
    """The same events, topics and aggregates interleaved at random; each aggregate keeps its order."""
    waiting: dict[tuple[str, UUID], list[Told]] = defaultdict(list)
    for event, envelope in told:
        waiting[event.topic, envelope.key].append((event, envelope))
    order = [aggregate for aggregate, events in waiting.items() for _ in events]
    chance.shuffle(order)
    queues = {aggregate: iter(events) for aggregate, events in waiting.items()}
    return [next(queues[aggregate]) for aggregate in order]
