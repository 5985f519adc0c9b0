"""Applications for a seat in a group: who may have one, and the states that an application goes through."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from chassis.errors import Conflict, Invalid, NotFound, Refused, says
from contracts.enrollment import Audience, Track, Zone

from enrollment.domain.programmes import Programme
from enrollment.domain.supervisors import Member

Status = Literal["ineligible", "seated", "waitlisted", "offered", "accepted", "declined", "expired", "withdrawn"]
"""`seated` had a seat at once, `accepted` had it from the waiting list; both have it."""

LIVE = ("seated", "waitlisted", "offered", "accepted")
"""The states in which somebody may still wait for something, or has it."""

GROUND_OF_AUDIENCE = "programme.audience"
GROUND_OF_CENTRE = "group.centre"


class ApplicationNotFound(NotFound):
    """There is no such application, or it is another person's."""

    says = says(pl="Nie ma takiego zgłoszenia.", en="There is no such application.")


class AlreadyApplied(Conflict):
    """One live application per person and group."""

    says = says(
        pl="Zgłoszenie tej osoby do tej grupy już jest rozpatrywane lub przyjęte.",
        en="This person's application to this group is pending or accepted already.",
    )


class SeatAlreadyHeld(Refused):
    """One active seat per worker, per programme and per track; an offer counts."""

    ground = "programme.one_seat"
    says = says(
        pl="Ta osoba ma już miejsce albo propozycję miejsca w grupie tego rodzaju w tym projekcie.",
        en="This person has a seat, or an offer of one, in such a group of this programme already.",
    )


class NothingOffered(Conflict):
    """Only an offered seat can be accepted or declined."""

    says = says(
        pl="To zgłoszenie nie ma propozycji miejsca (stan: {status}).",
        en="No seat is offered to this application (it is {status}).",
    )


class OfferExpired(Refused):
    """An offer is answered before it expires."""

    ground = "programme.offer_validity"
    says = says(pl="Propozycja miejsca wygasła.", en="The offer has expired.")


class NothingToWithdraw(Conflict):
    """What has ended cannot be withdrawn."""

    says = says(
        pl="Tego zgłoszenia nie można wycofać (stan: {status}).",
        en="This application cannot be withdrawn (it is {status}).",
    )


class TooEarly(Invalid):
    """Nobody answers an offer or withdraws before they applied, nor gives up a seat before they had it."""

    says = says(
        pl="Data jest wcześniejsza niż zgłoszenie lub przyznanie miejsca ({earliest}).",
        en="The date is before the application or the seat ({earliest}).",
    )


@dataclass(frozen=True)
class Applicant:
    """Who applies, as the platform knows them; `contact` is a worker's, towards clients from Ukraine.

    `pending` tells of a live application to the same group, `has_seat` of a seat, or an offer of one, in the programme
    and track.
    """

    person_id: UUID
    audience: Audience
    zone: Zone = "elsewhere"
    centre_id: UUID | None = None
    contact: Literal["has", "may_have", "none"] | None = None
    social_worker: bool = False
    pending: bool = False
    has_seat: bool = False

    def ground_against(self, programme: Programme, audience: Audience, centre_id: UUID | None) -> str | None:
        """Why this person may not be in such a group; None if they may.

        Rule 10: whom the programme's audience names. Rule 1: a group of one centre is drawn from it. Supervisors
        have no clients from the programme's audience: in groups of their own they are not asked for it.
        """
        if self.audience != audience:
            return GROUND_OF_AUDIENCE
        if self.audience == "workers" and programme.audience and self.contact not in programme.audience:
            return GROUND_OF_AUDIENCE
        if centre_id is not None and self.centre_id != centre_id:
            return GROUND_OF_CENTRE
        return None


@dataclass(eq=False)
class Application:
    """One person's application to one group; the group's methods change it.

    `active` tells whether it holds a seat, or an offer of one, in a group that has not ended: a person has one such
    per programme and track. `zone_rank` comes first on the waiting list, then the day, then the id.
    """

    id: UUID
    group_id: UUID
    programme_id: UUID
    track: Track
    person_id: UUID
    centre_id: UUID | None
    social_worker: bool
    zone: Zone
    zone_rank: int
    submitted_on: date
    status: Status
    ground: str | None = None
    active: bool = False
    waited: bool = False
    offer_expires_at: datetime | None = None
    enrolled_on: date | None = None
    ended_on: date | None = None

    @property
    def has_seat(self) -> bool:
        """Whether the person is a member of the group."""
        return self.status in ("seated", "accepted")

    def must_reach(self, on: date, field: str) -> None:
        """Raises TooEarly, which names the field, before the seat was had or, without one, the application made."""
        earliest = self.enrolled_on or self.submitted_on
        if on < earliest:
            raise TooEarly(field, earliest=earliest)

    def as_member(self) -> Member:
        """What the gates need to know of who has a seat, as of the day that they got it."""
        return Member(self.person_id, self.centre_id, self.social_worker, self.enrolled_on or self.submitted_on)
