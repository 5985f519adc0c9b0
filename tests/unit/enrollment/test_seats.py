from datetime import timedelta
from uuid import uuid4

import pytest
from enrollment.domain import seats
from enrollment.domain.applications import (
    AlreadyApplied,
    NothingOffered,
    NothingToWithdraw,
    OfferExpired,
    SeatAlreadyHeld,
    TooEarly,
)
from enrollment.domain.groups import GroupEnded

from .builders import DAY, NOW, a_group, a_programme, an_applicant, an_application, types


def receive(group, applicant, programme=None):
    return seats.receive(group, uuid4(), applicant, programme or a_programme(), on=DAY)


def a_waiting(group):
    application = an_application(group)
    assert application.status == "waitlisted"
    return application


def an_offered(group):
    """A full group's first on the list is offered the seat that somebody gave up."""
    *_, last = [an_application(group) for _ in range(group.maximum)]
    waiting = a_waiting(group)
    seats.withdraw(group, last, on=DAY)
    seats.offer(group, waiting, now=NOW)
    return waiting


def test_first_come_first_seated():
    group = a_group()
    application, events = receive(group, an_applicant())
    assert application.status == "seated"
    assert types(events) == ["ApplicationSubmitted", "ApplicationDecided", "ParticipantEnrolled"]
    assert (group.seats_taken, group.free) == (1, 2)


def test_who_finds_no_seat_is_told_so():
    group = a_group(taken=3)
    application, events = receive(group, an_applicant(zone="surroundings"))
    assert application.status == "waitlisted"
    assert types(events) == ["ApplicationSubmitted", "ApplicationDecided", "ParticipantWaitlisted"]
    assert (group.seats_taken, group.waiting) == (3, 1)
    assert application.zone_rank == 1


def test_nobody_overtakes_the_waiting_list():
    group = a_group(taken=3)
    a_waiting(group)
    group.seats_taken -= 1
    assert receive(group, an_applicant())[0].status == "waitlisted"


@pytest.mark.parametrize("contact", ["has", "may_have"])
def test_the_audience_is_whom_the_programme_names(contact):
    assert receive(a_group(), an_applicant(contact=contact))[0].status == "seated"


def test_who_is_not_of_the_audience_is_ineligible_on_that_ground():
    group = a_group()
    application, events = receive(group, an_applicant(contact="none"))
    assert (application.status, application.ground) == ("ineligible", "programme.audience")
    assert types(events) == ["ApplicationSubmitted", "ApplicationDecided"]
    assert (events[1].outcome, events[1].ground) == ("ineligible", "programme.audience")
    assert group.seats_taken == 0


def test_a_programme_without_an_audience_takes_everyone():
    assert receive(a_group(), an_applicant(contact="none"), a_programme(audience=()))[0].status == "seated"


def test_supervisors_learn_in_groups_of_their_own():
    group = a_group(track="training", audience="supervisors")
    supervisor = an_applicant(audience="supervisors", contact=None, centre_id=None)
    application, events = receive(group, supervisor)
    assert application.status == "seated"
    assert events[-1].must_sign is False
    assert receive(group, an_applicant())[0].ground == "programme.audience"
    assert receive(a_group(), supervisor)[0].ground == "programme.audience"


def test_a_group_of_one_centre_is_drawn_from_it():
    centre = uuid4()
    group = a_group(centre_id=centre)
    assert receive(group, an_applicant(centre_id=centre))[0].status == "seated"
    assert receive(group, an_applicant())[0].ground == "group.centre"


def test_one_active_seat_per_programme_and_track():
    group = a_group()
    with pytest.raises(SeatAlreadyHeld) as refused:
        receive(group, an_applicant(has_seat=True))
    assert refused.value.ground == "programme.one_seat"
    assert group.seats_taken == 0


def test_one_live_application_per_group():
    with pytest.raises(AlreadyApplied):
        receive(a_group(), an_applicant(pending=True, has_seat=True))


def test_nobody_applies_to_a_group_that_is_over():
    group = a_group()
    group.dissolve(on=DAY)
    with pytest.raises(GroupEnded):
        receive(group, an_applicant())


def test_an_offer_holds_the_seat():
    group = a_group()
    offered = an_offered(group)
    assert (group.seats_taken, group.offers_out, group.waiting, group.free) == (2, 1, 0, 0)
    assert (offered.status, offered.active) == ("offered", True)
    assert offered.offer_expires_at == NOW + timedelta(seconds=60)
    assert receive(group, an_applicant())[0].status == "waitlisted"


def test_an_accepted_offer_is_a_seat():
    group = a_group()
    offered = an_offered(group)
    assert types(seats.accept(group, offered, on=DAY, now=NOW)) == ["SeatAccepted", "ParticipantEnrolled"]
    assert offered.has_seat
    assert (group.seats_taken, group.offers_out) == (3, 0)


def test_an_offer_is_accepted_before_it_expires():
    group = a_group()
    offered = an_offered(group)
    with pytest.raises(OfferExpired) as refused:
        seats.accept(group, offered, on=DAY, now=NOW + timedelta(seconds=60))
    assert refused.value.ground == "programme.offer_validity"
    assert offered.status == "offered"


def test_a_declined_offer_frees_the_seat():
    group = a_group()
    offered = an_offered(group)
    assert types(seats.decline(group, offered, on=DAY)) == ["SeatDeclined"]
    assert (group.free, offered.status, offered.active) == (1, "declined", False)


def test_an_offer_expires_once_and_only_when_its_time_has_come():
    group = a_group()
    offered = an_offered(group)
    assert seats.expire(group, offered, on=DAY, now=NOW + timedelta(seconds=59)) == []
    late = NOW + timedelta(seconds=60)
    assert types(seats.expire(group, offered, on=DAY, now=late)) == ["SeatOfferExpired"]
    assert seats.expire(group, offered, on=DAY, now=late) == []
    assert (group.free, group.offers_out) == (1, 0)


@pytest.mark.parametrize("act", ["accept", "decline"])
def test_only_an_offer_is_answered(act):
    group = a_group()
    seated = an_application(group)
    with pytest.raises(NothingOffered):
        seats.accept(group, seated, on=DAY, now=NOW) if act == "accept" else seats.decline(group, seated, on=DAY)


def test_a_seat_that_is_given_up_is_free():
    group = a_group()
    seated = an_application(group)
    (withdrawn,) = seats.withdraw(group, seated, on=DAY)
    assert withdrawn.had_seat is True
    assert (group.free, seated.active) == (3, False)
    with pytest.raises(NothingToWithdraw):
        seats.withdraw(group, seated, on=DAY)


def test_giving_up_an_offer_or_a_place_on_the_list_gives_up_no_seat():
    group = a_group()
    offered = an_offered(group)
    waiting = a_waiting(group)
    assert [event.had_seat for event in seats.withdraw(group, waiting, on=DAY)] == [False]
    assert [event.had_seat for event in seats.withdraw(group, offered, on=DAY)] == [False]
    assert (group.seats_taken, group.offers_out, group.waiting) == (2, 0, 0)


def test_nobody_withdraws_before_they_had_the_seat():
    group = a_group()
    offered = an_offered(group)
    later = DAY + timedelta(days=2)
    seats.accept(group, offered, on=later, now=NOW)
    with pytest.raises(TooEarly) as refused:
        seats.withdraw(group, offered, on=later - timedelta(days=1))
    assert (refused.value.field, refused.value.details) == ("withdrawn_on", {"earliest": later})
    assert (group.seats_taken, offered.status) == (3, "accepted")
    seats.withdraw(group, offered, on=later)


@pytest.mark.parametrize("field", ["withdrawn_on", "accepted_on", "declined_on"])
def test_nobody_answers_an_offer_before_they_applied(field):
    group = a_group()
    offered, early = an_offered(group), DAY - timedelta(days=1)
    act = {
        "withdrawn_on": lambda: seats.withdraw(group, offered, on=early),
        "accepted_on": lambda: seats.accept(group, offered, on=early, now=NOW),
        "declined_on": lambda: seats.decline(group, offered, on=early),
    }[field]
    with pytest.raises(TooEarly) as refused:
        act()
    assert (refused.value.field, refused.value.details) == (field, {"earliest": DAY})
    assert (group.offers_out, offered.status) == (1, "offered")


def test_below_the_minimum_after_the_start_is_told_and_closes_nothing():
    group = a_group()
    first, second = an_application(group), an_application(group)
    assert types(seats.withdraw(group, an_application(group), on=DAY)) == ["ParticipantWithdrawn"]
    group.status = "active"
    _, below = seats.withdraw(group, first, on=DAY)
    assert (below.seats_taken, below.minimum) == (1, 2)
    assert (group.status, group.below_minimum) == ("active", True)
    assert second.has_seat
