"""Places by their codes in TERC, the register of the statistics office (state of 2024-01-01)."""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from contracts.enrollment import Place, PriorityArea

Kind = Literal["county", "commune", "part", "district"]
COUNTY_LENGTH = 4
ZONE_RANK = {"city": 0, "surroundings": 1, "elsewhere": 2}


@cache
def register() -> dict[str, Kind]:
    """Every code below the voivodeships: counties, communes, parts of urban-rural communes, districts of cities."""
    kinds: dict[str, Kind] = {}
    with files("enrollment").joinpath("terc.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["kind"] in ("dzielnica", "delegatura"):
                kinds[row["code"]] = "district"
            elif row["kind"] in ("miasto", "obszar wiejski"):
                kinds[row["code"]] = "part"
            elif len(row["code"]) > COUNTY_LENGTH:
                kinds[row["code"]] = "commune"
            elif len(row["code"]) == COUNTY_LENGTH:
                kinds[row["code"]] = "county"
    return kinds


def is_place(code: str) -> bool:
    """Whether the code is a commune's, or a part's or a district's of one."""
    return register().get(code, "county") != "county"


def is_county(code: str) -> bool:
    """Whether the code is a county's."""
    return register().get(code) == "county"


def commune_of(code: str) -> str:
    """The commune that a code rolls up to: a district to its city, a part to its whole; a county stays itself."""
    match register().get(code):
        case "district":
            return code[:COUNTY_LENGTH] + "011"
        case "part":
            return code[:-1] + "3"
        case _:
            return code


def place_of(code: str, areas: Sequence[PriorityArea]) -> Place:
    """The code with its zone of the programme's priority areas: a city comes before anybody's surroundings.

    A county's code (of a PCPR) is the city where the city is a county of its own, and surroundings where one of its
    communes is. An area may name whole counties as its surroundings.
    """
    commune = commune_of(code)
    for area in areas:
        city = commune_of(area.city)
        if city == commune or _is_city_county(commune, city):
            return Place(terc=code, zone="city", area=area.city)
    for area in areas:
        if any(_overlap(commune, commune_of(around)) for around in area.surroundings):
            return Place(terc=code, zone="surroundings", area=area.city)
    return Place(terc=code, zone="elsewhere")


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _is_city_county(code: str, city: str) -> bool:
    # Counties numbered from 61 on are cities with county rights: they hold one commune.
    return len(code) == COUNTY_LENGTH and city.startswith(code) and int(code[2:]) > 60
