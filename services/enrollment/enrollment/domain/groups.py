"""Groups of both tracks: seats, the waiting list and its offers, leaders, forming and ending."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from chassis.errors import Conflict, NotFound, Refused, says
from contracts.enrollment import (
    Audience,
    GroupCompleted,
    GroupDissolved,
    GroupFormed,
    GroupOpened,
    LeadsAs,
    Place,
    Track,
    Zone,
)
from contracts.event import Event

from enrollment.domain.programmes import Programme
from enrollment.domain.supervisors import LeaderConflict, Member, standing

ENDED = ("completed", "dissolved")
"""The states after which nothing more happens to a group."""


class GroupNotFound(NotFound):
    """There is no such group, or it is another coordinator's."""

    says = says(pl="Nie ma takiej grupy.", en="There is no such group.")


class GroupEnded(Conflict):
    """Nothing more happens to a group that is over."""

    says = says(pl="Ta grupa już się zakończyła (stan: {status}).", en="This group has ended (it is {status}).")


class NotInShape(Refused):
    """A group's numbers lie within those of its programme's shape."""

    ground = "programme.shape"
    says = says(
        pl="Wielkość grupy musi mieścić się w granicach projektu: od {minimum} do {maximum}.",
        en="A group's size must lie within the programme's: from {minimum} to {maximum}.",
    )


class NotForming(Conflict):
    """A group forms once."""

    says = says(
        pl="Ta grupa nie jest w trakcie tworzenia (stan: {status}).", en="This group is not forming (it is {status})."
    )


class NotFormed(Conflict):
    """Only what was formed can be completed."""

    says = says(pl="Ta grupa jeszcze nie powstała.", en="This group has not formed.")


class EndsWithItsCycle(Conflict):
    """A supervision group is complete when its cycle is (rule 12), and not before."""

    says = says(
        pl="Grupa superwizyjna kończy się razem z cyklem superwizji.",
        en="A supervision group is completed with its cycle.",
    )


class GroupTooSmall(Refused):
    """A group forms at its minimum or more."""

    ground = "programme.minimum"
    says = says(
        pl="Za mało osób, aby utworzyć grupę: {seats_taken}, najmniej {minimum}.",
        en="Too few people to form the group: {seats_taken}, at least {minimum}.",
    )


class GroupWithoutLeader(Refused):
    """A group does not form without somebody who leads it."""

    ground = "programme.leader"
    says = says(pl="Nikt jeszcze nie prowadzi tej grupy.", en="Nobody leads this group yet.")


class LeaderInConflict(Refused):
    """A group does not form while somebody who leads it may not, on its first day; the ground is the conflict's."""

    says = says(
        pl="Osoba prowadząca nie może prowadzić tej grupy (podstawa: {rule}).",
        en="Somebody who leads this group may not (ground: {rule}).",
    )

    def __init__(self, rule: str) -> None:
        super().__init__(rule=rule)
        self.ground = rule


@dataclass(frozen=True)
class Leader:
    """Who leads a group, from a day on; `until` is the first day on which they no longer do."""

    supervisor_id: UUID
    leads_as: LeadsAs
    since: date
    until: date | None = None


@dataclass(eq=False)
class Group:
    """One row to lock for applications, seats, offers and leaders; the counters are what that lock protects.

    `seats_taken`, `offers_out` and `waiting` count applications; free is what seats and offers leave of the maximum.
    """

    id: UUID
    programme_id: UUID
    name: str
    track: Track
    audience: Audience
    minimum: int
    maximum: int
    terc: str
    zone: Zone
    area: str | None
    cohort: str
    offer_validity_seconds: int
    centre_id: UUID | None = None
    status: Literal["forming", "formed", "active", "completed", "dissolved"] = "forming"
    seats_taken: int = 0
    offers_out: int = 0
    waiting: int = 0
    leaders: tuple[Leader, ...] = ()
    conflicts: frozenset[LeaderConflict] = frozenset()
    formed_on: date | None = None
    starts_on: date | None = None
    ended_on: date | None = None
    version: int = 0

    @property
    def free(self) -> int:
        """Seats that nobody has and that nobody was offered."""
        return self.maximum - self.seats_taken - self.offers_out

    @property
    def ended(self) -> bool:
        """Whether the group is over, one way or the other."""
        return self.status in ENDED

    @property
    def below_minimum(self) -> bool:
        """Whether a group that has formed has too few people: a task for the coordinator."""
        return self.status in ("formed", "active") and self.seats_taken < self.minimum

    def opened(self, programme: Programme) -> list[Event]:
        """The group takes applications. Raises NoSuchTrack, and NotInShape beyond the programme's numbers."""
        shape = programme.shape_of(self.track)
        if not shape.minimum <= self.minimum <= self.maximum <= shape.maximum:
            raise NotInShape(minimum=shape.minimum, maximum=shape.maximum)
        return [
            GroupOpened(
                group_id=self.id,
                name=self.name,
                track=self.track,
                audience=self.audience,
                centre_id=self.centre_id,
                minimum=self.minimum,
                maximum=self.maximum,
                place=self.place(),
                cohort=self.cohort,
            )
        ]

    def place(self) -> Place:
        """Where the group meets."""
        return Place(terc=self.terc, zone=self.zone, area=self.area)

    # Leaders, whom the gates of `leading` let in

    def now_leading(self) -> list[Leader]:
        """Those who lead the group."""
        return [one for one in self.leaders if one.until is None]

    def leading(self, supervisor_id: UUID) -> Leader | None:
        """The leader of that id, if they lead now."""
        return next((one for one in self.now_leading() if one.supervisor_id == supervisor_id), None)

    # Forming and ending

    def form(self, programme: Programme, members: Iterable[Member], *, formed_on: date, starts_on: date) -> list[Event]:
        """Settle members and leaders, so that meetings can be planned.

        Raises NotForming, GroupTooSmall, GroupWithoutLeader, LeaderInConflict.
        """
        if self.status != "forming":
            raise NotForming(status=self.status)
        if self.seats_taken < self.minimum:
            raise GroupTooSmall(seats_taken=self.seats_taken, minimum=self.minimum)
        if not self.now_leading():
            raise GroupWithoutLeader
        ground = standing(self.conflicts, starts_on)
        if ground:
            raise LeaderInConflict(ground)
        self.status, self.formed_on, self.starts_on = "formed", formed_on, starts_on
        shape = programme.shape_of(self.track)
        return [
            GroupFormed(
                group_id=self.id,
                name=self.name,
                track=self.track,
                audience=self.audience,
                centre_id=self.centre_id,
                place=self.place(),
                cohort=self.cohort,
                formed_on=formed_on,
                starts_on=starts_on,
                shape=msgspec.structs.replace(shape, minimum=self.minimum, maximum=self.maximum),
                members=tuple(sorted(member.person_id for member in members)),
                leaders=tuple(one.supervisor_id for one in self.now_leading()),
                co_leaders=tuple(one.supervisor_id for one in self.now_leading() if one.leads_as == "co_leader"),
            )
        ]

    def dissolve(self, *, on: date) -> list[Event]:
        """End the group before its time. Raises GroupEnded."""
        self.must_go_on()
        self.status, self.ended_on = "dissolved", on
        return [GroupDissolved(group_id=self.id, dissolved_on=on)]

    def close(self, *, on: date) -> list[Event]:
        """Complete a training group that has had its trainings. Raises GroupEnded, EndsWithItsCycle, NotFormed."""
        self.must_go_on()
        if self.track == "supervision":
            raise EndsWithItsCycle
        if self.status == "forming":
            raise NotFormed
        return self.complete(on=on)

    def complete(self, *, on: date) -> list[Event]:
        """The group is over as it should be; nothing happens to one that has ended."""
        if self.ended:
            return []
        self.status, self.ended_on = "completed", on
        return [GroupCompleted(group_id=self.id, completed_on=on)]

    def must_go_on(self) -> None:
        """Raises GroupEnded."""
        if self.ended:
            raise GroupEnded(status=self.status)
