"""Figures rebuilt from the events, in small."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from contracts import enrollment, sessions, trainings
from contracts.event import Actor, Envelope, Event
from superwizja.verify.fold import Programme, folded

PROGRAMME = uuid4()
ON = date(2023, 8, 1)


def an_envelope(event: Event) -> Envelope:
    return Envelope(
        id=uuid4(),
        type=event.type,
        time=datetime.now(UTC),
        key=uuid4(),
        version=1,
        programme_id=PROGRAMME,
        correlation_id=uuid4(),
        actor=Actor(role="service", service="test"),
    )


def counted(events: Iterable[Event]) -> Programme:
    return folded((event, an_envelope(event)) for event in events)[PROGRAMME]


def a_session(group: UUID, on: date, minutes: dict[UUID, int]) -> sessions.SessionCompleted:
    return sessions.SessionCompleted(
        cycle_id=group,
        session_id=uuid4(),
        ordinal=1,
        held_on=on,
        minutes=300,
        leaders=(uuid4(),),
        attendance=tuple(
            sessions.Attendance(person_id=who, status="attended" if some else "absent", minutes=some)
            for who, some in minutes.items()
        ),
    )


def test_who_comes_twice_is_one_person_and_two_attendances() -> None:
    one, other, group = uuid4(), uuid4(), uuid4()
    programme = counted(
        [a_session(group, date(2022, 10, 12), {one: 300, other: 0}), a_session(group, date(2022, 11, 9), {one: 120})]
    )
    figures = programme.figures()
    assert (figures["people_reached"], figures["attendances"], figures["hours_minutes"]) == (1, 2, 420)
    assert programme.months()["2022-10"] == {"sessions_completed": 1, "attendances": 1, "people_reached": 1}


def test_a_correction_replaces_what_the_roster_said() -> None:
    who = uuid4()
    held = a_session(uuid4(), date(2022, 10, 12), {who: 300})
    corrected = sessions.AttendanceCorrected(
        cycle_id=held.cycle_id,
        session_id=held.session_id,
        person_id=who,
        held_on=held.held_on,
        status="absent",
        minutes=0,
        previous_minutes=300,
        corrected_on=date(2022, 10, 15),
    )
    figures = counted([held, corrected]).figures()
    assert (figures["attendances"], figures["people_reached"], figures["hours_minutes"]) == (0, 0, 0)


def test_a_seat_that_was_given_up_is_counted_as_enrolled_and_no_longer_as_taken() -> None:
    group, application, person = uuid4(), uuid4(), uuid4()
    enrolled = enrollment.ParticipantEnrolled(
        group_id=group,
        application_id=application,
        person_id=person,
        track="supervision",
        enrolled_on=date(2022, 10, 1),
    )
    withdrawn = enrollment.ParticipantWithdrawn(
        group_id=group,
        application_id=application,
        person_id=person,
        had_seat=True,
        withdrawn_on=date(2022, 10, 8),
    )
    figures = counted([enrolled, withdrawn]).figures()
    assert (figures["people_enrolled"], figures["seats_taken"], figures["withdrawals"]) == (1, 0, 1)


def test_a_certificate_counts_as_what_became_of_it_last() -> None:
    certificate, person, course = uuid4(), uuid4(), uuid4()
    issued = trainings.CertificateIssued(
        certificate_id=certificate,
        person_id=person,
        of="cycle",
        of_id=course,
        group_id=course,
        minutes=2400,
        issued_on=date(2023, 7, 12),
    )
    revoked = trainings.CertificateRevoked(
        certificate_id=certificate,
        person_id=person,
        of="cycle",
        of_id=course,
        reason="error",
        revoked_on=date(2023, 8, 1),
    )
    figures = counted([issued, revoked]).figures()
    assert (figures["certificates_issued"], figures["certificates_revoked"]) == (0, 1)
    assert counted([issued, revoked, issued]).figures()["certificates_issued"] == 1


def test_a_group_taught_twice_is_one_group_trained() -> None:
    group, who = uuid4(), uuid4()
    runs = [
        trainings.RunCompleted(
            run_id=uuid4(),
            title_id=uuid4(),
            group_id=group,
            audience="workers",
            held_on=date(2023, 1, 9),
            minutes=360,
            threshold_percent=80,
            trainers=(uuid4(),),
            attendance=(sessions.MinutesAttended(person_id=who, minutes=360),),
        )
        for _ in range(2)
    ]
    figures = counted(runs).figures()
    assert (figures["runs_completed"], figures["training_groups_trained"], figures["people_trained"]) == (2, 1, 1)


def test_a_conclusion_that_a_correction_took_back_and_that_was_released_again_is_one() -> None:
    cycle, conclusion, late = uuid4(), uuid4(), uuid4()
    recorded = sessions.ConclusionRecorded(
        cycle_id=cycle, conclusion_id=conclusion, session_id=None, recorded_on=date(2022, 11, 9), awaiting=8
    )
    released = sessions.ConclusionReleased(
        cycle_id=cycle, conclusion_id=conclusion, session_id=None, released_on=date(2022, 11, 11)
    )
    taken_back = sessions.ConclusionConsentRevoked(
        cycle_id=cycle, conclusion_id=conclusion, person_id=late, revoked_on=date(2022, 11, 14)
    )
    withheld = sessions.ConclusionWithheld(
        cycle_id=cycle, conclusion_id=uuid4(), withheld_on=date(2022, 11, 11), ground="reg-2016.3.3"
    )
    figures = counted([recorded, released, taken_back, released, withheld]).figures()
    codes = ("conclusions_recorded", "conclusions_released", "conclusions_withheld", "consents_revoked")
    assert [figures[code] for code in codes] == [1, 1, 1, 1]
