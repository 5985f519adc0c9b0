"""Who may read figures: coordinators, operators and partners, each as far as their role reaches."""

from uuid import UUID

from chassis.web import Person
from contracts.event import Role

READERS: tuple[Role, ...] = ("coordinator", "operator", "partner")


def may_read(who: Person, programme: UUID | None) -> bool:
    """Whether the person has one of the roles for the programme; what belongs to none is everybody's."""
    return any(who.holds(role, programme=programme) for role in READERS) or (
        programme is None and who.first_of(READERS) is not None
    )
