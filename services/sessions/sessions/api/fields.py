"""What the bodies and paths of this API are made of."""

from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import UUID

from chassis.web import Person, caller
from fastapi import Depends, Path
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from sessions.domain.codes import METHODS, PRACTICES_BEFORE, PRACTICES_RECOMMENDED, THEMES, Label
from sessions.domain.places import is_place
from sessions.queries import FIGURE_READERS


def _one_of(codes: Mapping[str, Label]) -> Callable[[str], str]:
    def check(code: str) -> str:
        if code not in codes:
            raise PydanticCustomError("enum", "one of {expected}", {"expected": ", ".join(codes)})
        return code

    return check


def _place(code: str) -> str:
    if not is_place(code):
        told = {"pl": "Nie ma takiego kodu gminy w rejestrze TERC.", "en": "The register TERC has no such commune."}
        raise PydanticCustomError("no_such_place", "no such place", told)
    return code


Theme = Annotated[str, AfterValidator(_one_of(THEMES)), Field(json_schema_extra={"enum": [*THEMES]})]
Method = Annotated[str, AfterValidator(_one_of(METHODS)), Field(json_schema_extra={"enum": [*METHODS]})]
PracticeBefore = Annotated[
    str, AfterValidator(_one_of(PRACTICES_BEFORE)), Field(json_schema_extra={"enum": [*PRACTICES_BEFORE]})
]
PracticeRecommended = Annotated[
    str, AfterValidator(_one_of(PRACTICES_RECOMMENDED)), Field(json_schema_extra={"enum": [*PRACTICES_RECOMMENDED]})
]
Place = Annotated[str, StringConstraints(pattern="^[0-9]{7}$"), AfterValidator(_place)]
"""A commune, or a part or a district of one, by its code in TERC."""

TextVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,20}$"), Field(coerce_numbers_to_str=True)]
"""Which version of the consent's text was signed."""

People = Annotated[list[UUID], Field(min_length=1, max_length=100)]
Minutes = Annotated[int, Field(ge=0, le=1440)]
Ordinal = Annotated[int, Path(ge=1, le=1000)]

Supervisor = Annotated[Person, Depends(caller("supervisor"))]
Signatory = Annotated[Person, Depends(caller("supervisor", "participant"))]
Reader = Annotated[Person, Depends(caller("coordinator", "supervisor", "participant"))]
Counter = Annotated[Person, Depends(caller(*FIGURE_READERS))]
