"""Programmes: a shape, an audience, targets and areas of their own, and the centres that were invited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from chassis.errors import Conflict, NotFound, Refused, says
from contracts.enrollment import (
    CentreDeclined,
    CentreInvited,
    CentreJoined,
    PriorityArea,
    ProgrammeOpened,
    Shape,
    Target,
    TargetsChanged,
    Track,
)
from contracts.event import Event

from enrollment.domain.centres import Centre

Contact = Literal["has", "may_have", "none"]
Answer = Literal["joined", "declined"]


class ProgrammeNotFound(NotFound):
    """There is no such programme, or it is another coordinator's."""

    says = says(pl="Nie ma takiego projektu.", en="There is no such programme.")


class ProgrammeCodeTaken(Conflict):
    """Codes of programmes are unique."""

    says = says(pl="Projekt o kodzie {code} już istnieje.", en="There is a programme with the code {code} already.")


class NoSuchTrack(Refused):
    """The programme's shape does not have groups of this track."""

    ground = "programme.shape"
    says = says(pl="Ten projekt nie przewiduje takich grup.", en="This programme has no groups of this track.")


class InvitationNotFound(NotFound):
    """The centre was not invited to the programme."""

    says = says(pl="Nie ma takiego zaproszenia.", en="There is no such invitation.")


class AlreadyInvited(Conflict):
    """A centre is invited to a programme once."""

    says = says(
        pl="Ośrodek ma już zaproszenie do tego projektu.", en="The centre was invited to this programme before."
    )


class AlreadyAnswered(Conflict):
    """An invitation is answered once."""

    says = says(pl="Na to zaproszenie już odpowiedziano.", en="This invitation was answered before.")


@dataclass(eq=False)
class Programme:
    """A shape and not a constant: what it does not set is None or empty; an empty audience is everyone."""

    id: UUID
    code: str
    name: str
    parent_id: UUID | None = None
    commissioner_id: UUID | None = None
    funder: str | None = None
    provider: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    audience: tuple[Contact, ...] = ()
    supervision: Shape | None = None
    training: Shape | None = None
    targets: tuple[Target, ...] = ()
    areas: tuple[PriorityArea, ...] = ()
    offer_validity_seconds: int = 259_200
    version: int = 0

    @property
    def programme_id(self) -> UUID:
        """A programme belongs to itself."""
        return self.id

    def opened(self) -> list[Event]:
        """The programme exists from now on."""
        return [
            ProgrammeOpened(
                programme_id=self.id,
                code=self.code,
                name=self.name,
                parent_id=self.parent_id,
                commissioner_id=self.commissioner_id,
                funder=self.funder,
                provider=self.provider,
                starts_on=self.starts_on,
                ends_on=self.ends_on,
                supervision=self.supervision,
                training=self.training,
                targets=self.targets,
                areas=self.areas,
            )
        ]

    def change_targets(self, targets: Sequence[Target]) -> list[Event]:
        """Replace all targets; nothing happens if they are the same."""
        if tuple(targets) == self.targets:
            return []
        self.targets = tuple(targets)
        return [TargetsChanged(programme_id=self.id, targets=self.targets)]

    def shape_of(self, track: Track) -> Shape:
        """How the track's groups meet. Raises NoSuchTrack."""
        shape = self.supervision if track == "supervision" else self.training
        if shape is None:
            raise NoSuchTrack
        return shape

    def invite(self, centre: Centre) -> "tuple[Invitation, list[Event]]":
        """Ask a centre to take part."""
        invitation = Invitation(programme_id=self.id, centre_id=centre.id)
        return invitation, [CentreInvited(programme_id=self.id, centre_id=centre.id)]

    def answered(self, invitation: "Invitation", centre: Centre, answer: Answer, *, on: date) -> list[Event]:
        """Record a centre's answer. Raises AlreadyAnswered."""
        if invitation.status != "invited":
            raise AlreadyAnswered
        invitation.status, invitation.answered_on = answer, on
        if answer == "declined":
            return [CentreDeclined(programme_id=self.id, centre_id=centre.id)]
        return [CentreJoined(programme_id=self.id, centre_id=centre.id, terc=centre.terc)]


@dataclass(eq=False)
class Invitation:
    """A centre's invitation to a programme: invited, then joined or declined."""

    programme_id: UUID
    centre_id: UUID
    status: Literal["invited", "joined", "declined"] = "invited"
    answered_on: date | None = None
