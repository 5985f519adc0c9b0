"""Centres of social welfare, their workers, and the people of the platform: the only place of names and contacts."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from chassis.errors import Conflict, NotFound, says
from contracts.enrollment import CentreKind, CentreRegistered, ParticipantErased
from contracts.event import Event


class CentreNotFound(NotFound):
    """There is no such centre, or it is another manager's."""

    says = says(pl="Nie ma takiego ośrodka.", en="There is no such centre.")


class PersonNotFound(NotFound):
    """There is no such person, or none that the caller may know of."""

    says = says(pl="Nie ma takiej osoby.", en="There is no such person.")


class StillTakesPart(Conflict):
    """Nobody is erased who waits for a seat or has one in a group that goes on: others count on them."""

    says = says(
        pl="Ta osoba ma zgłoszenie do grupy, która się nie zakończyła ({group_id}). Najpierw trzeba je wycofać.",
        en="This person has an application to a group that has not ended ({group_id}). Withdraw it first.",
    )


@dataclass(eq=False)
class Centre:
    """A centre: its code is a commune's or a district's, or a county's for a PCPR."""

    id: UUID
    name: str
    kind: CentreKind
    terc: str
    email: str | None = None
    version: int = 0
    programme_id: UUID | None = field(default=None, init=False)

    def registered(self) -> list[Event]:
        """The platform knows of the centre from now on."""
        return [CentreRegistered(centre_id=self.id, name=self.name, kind=self.kind, terc=self.terc)]


@dataclass(eq=False)
class Person:
    """Who somebody is and how to reach them; everywhere else there is only the id, which is a token's `sub`."""

    id: UUID
    name: str
    email: str
    phone: str | None = None


@dataclass(eq=False)
class Worker:
    """A worker of a centre. `social_worker` is the legal status (pracownik socjalny), `profession` any code."""

    id: UUID
    centre_id: UUID
    profession: str
    social_worker: bool
    contact: Literal["has", "may_have", "none"]
    version: int = 0
    programme_id: UUID | None = field(default=None, init=False)

    def erased(self, *, on: date, takes_part_in: UUID | None) -> list[Event]:
        """Who they are is known no more (GDPR art. 17); what they took part in stays counted, under an id of nobody.

        `takes_part_in` is a group that goes on and has an application of theirs. Raises StillTakesPart.
        """
        if takes_part_in is not None:
            raise StillTakesPart(group_id=takes_part_in)
        return [ParticipantErased(worker_id=self.id, erased_on=on)]
