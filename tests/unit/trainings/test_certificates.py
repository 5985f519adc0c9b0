from datetime import date
from uuid import uuid4

import pytest
from contracts.sessions import MinutesAttended
from contracts.trainings import CertificateIssued, CertificateRevoked
from hypothesis import given
from hypothesis import strategies as st
from trainings.domain.certificates import (
    BELOW_THRESHOLD,
    Certificate,
    CertificateRevokedAlready,
    RevokedBeforeIssued,
    earned,
)

from .builders import a_course

JULY, AUGUST = date(2023, 7, 12), date(2023, 8, 1)


def who_attended(minutes):
    return [MinutesAttended(person_id=person_id, minutes=spent) for person_id, spent in minutes.items()]


@pytest.mark.parametrize(("minutes", "enough"), [(2400, True), (2399, False), (3000, True), (0, False)])
def test_four_fifths_of_the_minutes_are_enough_and_one_minute_less_is_not(minutes, enough):
    assert a_course(minutes=3000, threshold_percent=80).earned_by(minutes) is enough


def test_a_threshold_between_two_minutes_is_not_rounded_down():
    course = a_course(minutes=333, threshold_percent=80)  # 266.4 minutes
    assert not course.earned_by(266)
    assert course.earned_by(267)


def test_who_was_never_there_earns_nothing_even_without_a_threshold():
    assert not a_course(threshold_percent=0).earned_by(0)


@given(total=st.integers(1, 100_000), percent=st.integers(0, 100), minutes=st.integers(0, 100_000))
def test_more_minutes_never_lose_a_certificate(total, percent, minutes):
    course = a_course(minutes=total, threshold_percent=percent)
    assert course.earned_by(minutes + 1) or not course.earned_by(minutes)


def test_certificates_are_exactly_those_of_the_eligible():
    course, enough, short, absent = a_course(), uuid4(), uuid4(), uuid4()
    issued = earned(course, who_attended({enough: 2400, short: 2390, absent: 0}), on=JULY)
    assert [(certificate.person_id, type(event)) for certificate, (event,) in issued] == [(enough, CertificateIssued)]
    assert issued[0][0].issued_on == JULY


def test_a_replay_finds_the_same_ids_and_issues_none():
    course, attended = a_course(), who_attended({uuid4(): 3000, uuid4(): 2700})
    first = earned(course, attended, on=JULY)
    assert earned(course, attended, on=AUGUST, already=[certificate.id for certificate, _ in first]) == []


def test_the_same_person_has_one_certificate_of_each_course():
    person, one, other = uuid4(), a_course(), a_course()
    assert one.certificate_id(person) == one.certificate_id(person)
    assert one.certificate_id(person) != other.certificate_id(person)
    assert one.certificate_id(person) != one._replace(of="run").certificate_id(person)


def test_a_correction_below_the_threshold_revokes_and_one_above_it_restores():
    course = a_course()
    certificate, _ = Certificate.issued(course, uuid4(), 2400, on=JULY)
    (revoked,) = certificate.recompute(course, 2100, on=AUGUST)
    assert isinstance(revoked, CertificateRevoked)
    assert revoked.reason == BELOW_THRESHOLD
    assert certificate.recompute(course, 2200, on=AUGUST) == []
    (restored,) = certificate.recompute(course, 2500, on=AUGUST)
    assert isinstance(restored, CertificateIssued)
    assert (restored.certificate_id, restored.minutes, certificate.revoked_on) == (certificate.id, 2500, None)


def test_a_correction_that_does_not_cross_the_threshold_changes_nothing():
    course = a_course()
    certificate, _ = Certificate.issued(course, uuid4(), 2700, on=JULY)
    assert certificate.recompute(course, 2400, on=AUGUST) == []


def test_what_a_coordinator_revoked_no_correction_restores():
    course = a_course()
    certificate, _ = Certificate.issued(course, uuid4(), 2400, on=JULY)
    certificate.revoke("issued_in_error", on=AUGUST)
    assert certificate.recompute(course, 3000, on=AUGUST) == []


def test_a_certificate_is_revoked_once_and_not_before_it_was_issued():
    certificate, _ = Certificate.issued(a_course(), uuid4(), 2400, on=AUGUST)
    with pytest.raises(RevokedBeforeIssued):
        certificate.revoke("issued_in_error", on=JULY)
    assert certificate.revoke("issued_in_error", on=AUGUST)
    with pytest.raises(CertificateRevokedAlready):
        certificate.revoke("issued_in_error", on=AUGUST)
