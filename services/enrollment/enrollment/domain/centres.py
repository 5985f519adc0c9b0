"""Centres of social welfare, their workers, and the people of the platform: the only place of names and contacts."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from chassis.errors import NotFound, says
from contracts.enrollment import CentreKind, CentreRegistered
from contracts.event import Event


class CentreNotFound(NotFound):
    """There is no such centre, or it is another manager's."""

    says = says(pl="Nie ma takiego ośrodka.", en="There is no such centre.")


class PersonNotFound(NotFound):
    """There is no such person, or none that the caller may know of."""

    says = says(pl="Nie ma takiej osoby.", en="There is no such person.")


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
