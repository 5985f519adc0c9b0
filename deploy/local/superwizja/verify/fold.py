"""Figures of a programme rebuilt from zero: verify's own reading of what the events mean, apart from insights'."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from contracts import enrollment, publications, sessions, trainings
from contracts.event import Envelope, Event

Figures = dict[str, int]
Months = dict[str, Figures]


@dataclass
class Course:
    """A completed session or run: when, of which group, how long, who was there for how long."""

    group: UUID
    held_on: date
    minutes: int
    roster: dict[UUID, int]
    audience: str = "workers"


@dataclass
class Programme:
    """What the events of one programme add up to."""

    counted: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    invited: dict[UUID, bool] = field(default_factory=dict)
    groups: dict[UUID, enrollment.GroupFormed] = field(default_factory=dict)
    ended: dict[UUID, str] = field(default_factory=dict)
    applied: set[UUID] = field(default_factory=set)
    waited: set[UUID] = field(default_factory=set)
    seats: dict[UUID, tuple[UUID, UUID, str]] = field(default_factory=dict)
    left: set[UUID] = field(default_factory=set)
    sessions: dict[UUID, Course] = field(default_factory=dict)
    runs: dict[UUID, Course] = field(default_factory=dict)
    titles: dict[UUID, tuple[str, bool]] = field(default_factory=dict)
    certificates: dict[UUID, bool] = field(default_factory=dict)
    published: list[date] = field(default_factory=list)
    concluded: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    def take(self, event: Event) -> None:
        """Count one event. What a type means stands here once; other types mean nothing to figures."""
        match event:
            case enrollment.CentreInvited():
                self.invited.setdefault(event.centre_id, False)
            case enrollment.CentreJoined():
                self.invited[event.centre_id] = True
            case enrollment.GroupFormed():
                self.groups[event.group_id] = event
            case enrollment.GroupCompleted():
                self.ended[event.group_id] = "completed"
            case enrollment.GroupDissolved():
                self.ended[event.group_id] = "dissolved"
            case enrollment.ApplicationSubmitted():
                self.applied.add(event.application_id)
            case enrollment.ApplicationDecided() if event.outcome == "ineligible":
                self.counted["applications_ineligible"] += 1
                self.refusals[event.ground or ""] += 1
            case enrollment.ParticipantWaitlisted():
                self.waited.add(event.application_id)
            case enrollment.ParticipantEnrolled():
                self.seats[event.application_id] = event.person_id, event.group_id, event.track
            case enrollment.ParticipantWithdrawn():
                self.counted["withdrawals"] += 1
                self.left.add(event.application_id)
            case enrollment.SeatOffered():
                self.counted["offers_made"] += 1
            case enrollment.SeatOfferExpired():
                self.counted["offers_expired"] += 1
            case enrollment.SupervisorAssignmentRefused():
                self.refusals[event.ground] += 1
            case enrollment.MailingCounted():
                self.counted["mail_recipients"] += event.recipients
            case sessions.SessionCompleted():
                roster = {one.person_id: one.minutes for one in event.attendance}
                self.sessions[event.session_id] = Course(event.cycle_id, event.held_on, event.minutes, roster)
            case sessions.AttendanceCorrected():
                self.sessions[event.session_id].roster[event.person_id] = event.minutes
            case sessions.CycleCompleted():
                self.counted["cycles_completed"] += 1
            case sessions.ContractSigned():
                self.counted["signatures"] += 1
            case sessions.ConclusionRecorded():
                self.concluded["recorded"].add(event.conclusion_id)
            case sessions.ConclusionReleased():
                # A correction takes a release back until who was overlooked consents: the same one, released again.
                self.concluded["released"].add(event.conclusion_id)
            case sessions.ConclusionWithheld():
                self.concluded["withheld"].add(event.conclusion_id)
                self.refusals[event.ground] += 1
            case sessions.ConclusionConsentRevoked():
                self.counted["consents_revoked"] += 1
            case sessions.ConclusionLockRefused():
                self.refusals[event.ground] += 1
            case trainings.TitleDeveloped():
                self.titles[event.title_id] = event.audience, False
            case trainings.TitlePublished():
                self.titles[event.title_id] = event.audience, True
            case trainings.RunCompleted():
                roster = {one.person_id: one.minutes for one in event.attendance}
                self.runs[event.run_id] = Course(event.group_id, event.held_on, event.minutes, roster, event.audience)
            case trainings.CertificateIssued():
                self.certificates[event.certificate_id] = True
            case trainings.CertificateRevoked():
                self.certificates[event.certificate_id] = False
            case publications.IssuePublished():
                self.published.append(event.published_on)
                self.counted["articles_published"] += event.articles
            case publications.IssueDistributed():
                self.counted["deliveries"] += event.recipients
            case publications.SubmissionReceived():
                self.counted["submissions"] += 1
            case publications.ArticleDropped():
                self.counted["articles_dropped"] += 1
                self.refusals[event.ground] += 1
            case _:
                pass

    def figures(self) -> Figures:
        """All figures by code."""
        formed = Counter((group.track, group.audience) for group in self.groups.values())
        supervised = list(self._supervised())
        of_workers, of_supervisors = self._runs("workers"), self._runs("supervisors")
        published = Counter(audience for audience, out in self.titles.values() if out)
        every = [*self.sessions.values(), *self.runs.values()]
        return {code: self.counted[code] for code in COUNTED} | {
            "centres_invited": len(self.invited),
            "centres_joined": sum(self.invited.values()),
            "groups_formed": sum(number for (track, _), number in formed.items() if track == "supervision"),
            "training_groups_formed": formed["training", "workers"],
            "supervisor_training_groups_formed": formed["training", "supervisors"],
            "groups_completed": sum(how == "completed" for how in self.ended.values()),
            "applications": len(self.applied),
            "applications_waitlisted": len(self.waited),
            "seats_taken": len({who for left, who, group in supervised if not left and self._goes_on(group)}),
            "people_enrolled": len({who for _, who, _ in supervised}),
            "hours_minutes": sum(sum(course.roster.values()) for course in every),
            "sessions_completed": len(self.sessions),
            "supervision_minutes": sum(course.minutes for course in self.sessions.values()),
            "attendances": sum(len(_present(course)) for course in self.sessions.values()),
            "people_reached": len(_people(self.sessions.values())),
            "conclusions_recorded": len(self.concluded["recorded"]),
            "conclusions_released": len(self.concluded["released"]),
            "conclusions_withheld": len(self.concluded["withheld"]),
            "titles_developed": sum(audience == "workers" for audience, _ in self.titles.values()),
            "titles_published": published["workers"],
            "supervisor_titles_published": published["supervisors"],
            "runs_completed": len(of_workers),
            "training_groups_trained": len({course.group for course in of_workers}),
            "training_attendances": sum(len(_present(course)) for course in of_workers),
            "people_trained": len(_people(of_workers)),
            "supervisor_runs_completed": len(of_supervisors),
            "supervisors_trained": len(_people(of_supervisors)),
            "certificates_issued": sum(self.certificates.values()),
            "certificates_revoked": sum(not valid for valid in self.certificates.values()),
            "issues_published": len(self.published),
        }

    def months(self) -> Months:
        """The figures that are told by month."""
        found: Months = defaultdict(dict)

        def tell(code: str, numbers: dict[str, int]) -> None:
            for month, number in numbers.items():
                found[month][code] = number

        tell("groups_formed", _monthly(g.formed_on for g in self.groups.values() if g.track == "supervision"))
        tell("sessions_completed", _monthly(course.held_on for course in self.sessions.values()))
        tell("runs_completed", _monthly(course.held_on for course in self._runs("workers")))
        tell("issues_published", _monthly(self.published))
        visits: Counter[str] = Counter()
        people: dict[str, set[UUID]] = defaultdict(set)
        for course in self.sessions.values():
            visits[f"{course.held_on:%Y-%m}"] += len(_present(course))
            people[f"{course.held_on:%Y-%m}"] |= _present(course)
        tell("attendances", visits)
        tell("people_reached", {month: len(who) for month, who in people.items()})
        return dict(found)

    def by_area(self) -> dict[str, Figures]:
        """Groups, sessions and people by the priority city that a group's place belongs to."""
        areas = {group_id: group.place.area for group_id, group in self.groups.items() if group.place.area}
        found: dict[str, Figures] = {}
        for area in sorted(set(areas.values())):
            held = [course for course in self.sessions.values() if areas.get(course.group) == area]
            formed = [g for g in self.groups.values() if g.place.area == area and g.track == "supervision"]
            counted = {"groups_formed": len(formed), "sessions_completed": len(held)}
            found[area] = counted | {"people_reached": len(_people(held))}
        return found

    def _supervised(self) -> Iterable[tuple[bool, UUID, UUID]]:
        """Who ever had a seat in a supervision group: whether they left it, who, in which group."""
        for application, (who, group, track) in self.seats.items():
            if track == "supervision":
                yield application in self.left, who, group

    def _goes_on(self, group: UUID) -> bool:
        return self.ended.get(group) != "dissolved"

    def _runs(self, audience: str) -> list[Course]:
        return [course for course in self.runs.values() if course.audience == audience]


COUNTED = (
    "applications_ineligible",
    "offers_made",
    "offers_expired",
    "withdrawals",
    "mail_recipients",
    "cycles_completed",
    "signatures",
    "consents_revoked",
    "articles_published",
    "deliveries",
    "submissions",
    "articles_dropped",
)


def folded(history: Iterable[tuple[Event, Envelope]]) -> dict[UUID, Programme]:
    """Every programme, from its first event on."""
    programmes: dict[UUID, Programme] = defaultdict(Programme)
    for event, envelope in history:
        if envelope.programme_id is not None:
            programmes[envelope.programme_id].take(event)
    return dict(programmes)


def _present(course: Course) -> set[UUID]:
    return {person for person, minutes in course.roster.items() if minutes > 0}


def _people(courses: Iterable[Course]) -> set[UUID]:
    return {person for course in courses for person in _present(course)}


def _monthly(days: Iterable[date]) -> dict[str, int]:
    return Counter(f"{day:%Y-%m}" for day in days)
