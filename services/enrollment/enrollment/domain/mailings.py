"""Mailings: what publications asks to be told to whom, answered with counts; addresses are known here alone."""

from dataclasses import dataclass
from uuid import UUID

from contracts.enrollment import MailingCounted
from contracts.event import Event


@dataclass(eq=False)
class Mailing:
    """All deliveries of one issue; its id is the issue's."""

    id: UUID
    programme_id: UUID | None
    version: int = 0

    def counted(self, delivery: "Delivery") -> list[Event]:
        """Answer one delivery."""
        return [
            MailingCounted(
                issue_id=self.id,
                delivery_id=delivery.id,
                recipients=delivery.recipients,
                reachable=delivery.reachable,
            )
        ]


@dataclass(eq=False)
class Delivery:
    """One request to tell people and centres: how many they are, and of how many an address is known."""

    id: UUID
    issue_id: UUID
    recipients: int
    reachable: int
