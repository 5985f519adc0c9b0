"""What a domain says when it does not do what it was asked; the edge turns each into a problem document."""

import re
from typing import ClassVar, NamedTuple

QUOTED = re.compile(r"(invalid input for query argument \$\d+): [^\n]*")
"""What asyncpg says of a value that it cannot send, and the value."""


class Says(NamedTuple):
    """A message for people, in both languages; details go in braces."""

    pl: str
    en: str


def says(*, pl: str, en: str) -> Says:
    """The message of an error: Polish first, English second."""
    return Says(pl, en)


class DomainError(Exception):
    """Rolls back. `details` fill the message and go into the problem document: no names, no case text."""

    says: ClassVar[Says] = Says("Nie można wykonać tego polecenia.", "This command cannot be carried out.")
    ground: str | None = None

    def __init__(self, **details: object) -> None:
        super().__init__(details)
        self.details = details

    def __str__(self) -> str:
        return self.text("en")

    @classmethod
    def code(cls) -> str:
        """The stable name of the error, from its class: `contract-unsigned`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def text(self, language: str) -> str:
        """The message, in `pl` or `en`."""
        return (self.says.pl if language == "pl" else self.says.en).format_map(self.details)


class NotFound(DomainError):
    """There is no such thing, or it is somebody else's."""

    says = Says("Nie ma takiego zasobu.", "There is no such resource.")


class Forbidden(DomainError):
    """The caller's role does not allow it."""

    says = Says("Ta rola nie pozwala na to.", "This role does not allow it.")


class Conflict(DomainError):
    """The state of things does not allow it, now."""


class Refused(Conflict):
    """A rule of the programme, the standard or the law refuses it: `ground` cites the rule."""


def told(error: BaseException) -> str:
    """What an error may tell to logs and operators, which is no row and no value."""
    return without_values(f"{type(error).__name__}: {error}")[:2000]


def without_values(text: str) -> str:
    """The text without what quotes a row or a value: PostgreSQL's DETAIL, and the driver's refusal to send one."""
    return QUOTED.sub(r"\1", text.partition("\nDETAIL")[0])


class Invalid(DomainError):
    """A field of the request is wrong in itself; `field` names it."""

    says = Says("Nieprawidłowa wartość.", "The value is not valid.")

    def __init__(self, field: str, **details: object) -> None:
        super().__init__(**details)
        self.field = field
