"""Values that requests bring: bounded texts, codes, and places that are in the register."""

from typing import Annotated

from chassis.web import Person, View, caller
from contracts.event import Role
from fastapi import Depends
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from enrollment.domain.places import is_county, is_place

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1F\x7F]+$")
]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00-\x1F]+@[^@\s\x00-\x1F]+$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{4,28}$")]


def unknown_place() -> PydanticCustomError:
    """A code that the register does not have, or not for this."""
    return PydanticCustomError(
        "not_a_place",
        "{en}",
        {
            "pl": "Nie ma takiego kodu TERC (stan z 1 stycznia 2024 r.).",
            "en": "There is no such TERC code (state of 1 January 2024).",
        },
    )


def _place(code: str) -> str:
    if not is_place(code):
        raise unknown_place()
    return code


def _place_or_county(code: str) -> str:
    if not (is_place(code) or is_county(code)):
        raise unknown_place()
    return code


Place = Annotated[str, AfterValidator(_place)]
"""The code of a commune, or of a part or a district of one."""

PlaceOrCounty = Annotated[str, AfterValidator(_place_or_county)]
"""The code of a county or of anything below."""

READERS: tuple[Role, ...] = (
    "coordinator",
    "centre_manager",
    "supervisor",
    "trainer",
    "participant",
    "editor",
    "reviewer",
    "author",
    "partner",
    "operator",
)
Reader = Annotated[Person, Depends(caller(*READERS))]
Coordinator = Annotated[Person, Depends(caller("coordinator"))]


class Done(View):
    """The state that a thing is in after a command."""

    status: str
