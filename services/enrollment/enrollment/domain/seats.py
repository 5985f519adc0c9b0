"""Seats of a group: who gets one, who waits, who is offered a freed one. The caller holds the group's row locked."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from contracts.enrollment import (
    ApplicationDecided,
    ApplicationSubmitted,
    GroupBelowMinimum,
    ParticipantEnrolled,
    ParticipantWaitlisted,
    ParticipantWithdrawn,
    SeatAccepted,
    SeatDeclined,
    SeatOffered,
    SeatOfferExpired,
)
from contracts.event import Event

from enrollment.domain.applications import (
    AlreadyApplied,
    Applicant,
    Application,
    NothingOffered,
    NothingToWithdraw,
    OfferExpired,
    SeatAlreadyHeld,
)
from enrollment.domain.groups import Group
from enrollment.domain.places import ZONE_RANK
from enrollment.domain.programmes import Programme


def receive(
    group: Group, application_id: UUID, applicant: Applicant, programme: Programme, *, on: date
) -> tuple[Application, list[Event]]:
    """Decide an application: ineligible, seated while a seat is free and nobody waits, waitlisted otherwise.

    Raises GroupEnded, AlreadyApplied, and SeatAlreadyHeld for who is eligible but has a seat of this programme and
    track (rule 9): whoever wants another group gives up that seat first.
    """
    group.must_go_on()
    if applicant.pending:
        raise AlreadyApplied
    ground = applicant.ground_against(programme, group.audience, group.centre_id)
    if ground is None and applicant.has_seat:
        raise SeatAlreadyHeld
    application = Application(
        id=application_id,
        group_id=group.id,
        programme_id=group.programme_id,
        track=group.track,
        person_id=applicant.person_id,
        centre_id=applicant.centre_id,
        social_worker=applicant.social_worker,
        zone=applicant.zone,
        zone_rank=ZONE_RANK[applicant.zone],
        submitted_on=on,
        status="ineligible",
        ground=ground,
    )
    events: list[Event] = [
        ApplicationSubmitted(**_ids(application), submitted_on=on),
        ApplicationDecided(**_ids(application), outcome="ineligible" if ground else "eligible", ground=ground),
    ]
    if ground:
        return application, events
    if group.free > 0 and group.waiting == 0:
        return application, [*events, _seat(group, application, on=on, status="seated")]
    application.status, application.waited = "waitlisted", True
    group.waiting += 1
    return application, [*events, ParticipantWaitlisted(**_ids(application), zone=application.zone)]


def offer(group: Group, application: Application, *, now: datetime) -> list[Event]:
    """Hold a free seat for the next in rank until the offer expires."""
    expires_at = now + timedelta(seconds=group.offer_validity_seconds)
    application.status, application.active, application.offer_expires_at = "offered", True, expires_at
    group.waiting -= 1
    group.offers_out += 1
    return [SeatOffered(**_ids(application), expires_at=expires_at)]


def accept(group: Group, application: Application, *, on: date, now: datetime) -> list[Event]:
    """Take an offered seat. Raises NothingOffered, OfferExpired, TooEarly, GroupEnded."""
    group.must_go_on()
    _must_be_offered(application)
    if application.offer_expires_at and application.offer_expires_at <= now:
        raise OfferExpired
    application.must_reach(on, "accepted_on")
    group.offers_out -= 1
    return [SeatAccepted(**_ids(application)), _seat(group, application, on=on, status="accepted")]


def decline(group: Group, application: Application, *, on: date) -> list[Event]:
    """Let an offered seat go; it is free for the next. Raises NothingOffered, TooEarly."""
    _must_be_offered(application)
    application.must_reach(on, "declined_on")
    _let_go(group, application, "declined", on=on)
    return [SeatDeclined(**_ids(application))]


def expire(group: Group, application: Application, *, on: date, now: datetime) -> list[Event]:
    """Free a seat whose offer nobody answered in time; nothing happens if it was answered."""
    if application.status != "offered" or not application.offer_expires_at or application.offer_expires_at > now:
        return []
    _let_go(group, application, "expired", on=on)
    return [SeatOfferExpired(**_ids(application))]


def withdraw(group: Group, application: Application, *, on: date) -> list[Event]:
    """Give up an application, from any state in which it lives. Raises NothingToWithdraw, TooEarly, GroupEnded."""
    group.must_go_on()
    had_seat = application.has_seat
    if not had_seat and application.status not in ("waitlisted", "offered"):
        raise NothingToWithdraw(status=application.status)
    application.must_reach(on, "withdrawn_on")
    _let_go(group, application, "withdrawn", on=on)
    events: list[Event] = [ParticipantWithdrawn(**_ids(application), had_seat=had_seat, withdrawn_on=on)]
    if had_seat and group.below_minimum:
        events.append(GroupBelowMinimum(group_id=group.id, seats_taken=group.seats_taken, minimum=group.minimum))
    return events


def _seat(
    group: Group, application: Application, *, on: date, status: Literal["seated", "accepted"]
) -> ParticipantEnrolled:
    application.status, application.active, application.enrolled_on = status, True, on
    group.seats_taken += 1
    return ParticipantEnrolled(
        **_ids(application),
        centre_id=application.centre_id,
        track=group.track,
        enrolled_on=on,
        must_sign=group.track == "supervision",
    )


def _let_go(
    group: Group, application: Application, status: Literal["declined", "expired", "withdrawn"], *, on: date
) -> None:
    if application.has_seat:
        group.seats_taken -= 1
    elif application.status == "offered":
        group.offers_out -= 1
    else:
        group.waiting -= 1
    application.status, application.active, application.ended_on = status, False, on


def _ids(application: Application) -> dict[str, UUID]:
    return {
        "group_id": application.group_id,
        "application_id": application.id,
        "person_id": application.person_id,
    }


def _must_be_offered(application: Application) -> None:
    if application.status != "offered":
        raise NothingOffered(status=application.status)
