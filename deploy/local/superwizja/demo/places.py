"""Where the played programmes take place: real communes of the TERC register (state of 2024-01-01)."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ZGIERZ = "1020031"


@dataclass(frozen=True)
class Commune:
    """A commune or a Warsaw district; `area` is the priority city that it is, or lies around; empty elsewhere."""

    code: str
    name: str
    kind: str
    zone: str
    area: str


@cache
def communes() -> tuple[Commune, ...]:
    """Every place of the script: the cities first, each with its surroundings, then the rest of Poland."""
    with files("superwizja.demo").joinpath("communes.csv").open(encoding="utf-8") as rows:
        return tuple(Commune(**row) for row in csv.DictReader(rows))


def areas() -> dict[str, list[Commune]]:
    """The places of each priority city and its surroundings, the city itself first."""
    found: dict[str, list[Commune]] = {}
    for commune in communes():
        if commune.area:
            found.setdefault(commune.area, []).append(commune)
    return found


def elsewhere() -> list[Commune]:
    """The places outside every priority area, Zgierz apart."""
    return [commune for commune in communes() if not commune.area and commune.code != ZGIERZ]
