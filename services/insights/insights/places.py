"""Where cities lie on the map of Poland: the priority cities and Zgierz, by their TERC codes."""

import math
from typing import Literal

import msgspec

WIDTH, HEIGHT = 480, 460
WEST, NORTH = 14.05, 54.9
PER_DEGREE = 76.8127
"""Units of the map (static/poland.svg) for a degree of latitude; its voivodeships were drawn with these numbers."""


class City(msgspec.Struct, frozen=True):
    """A city; `lat` and `lon` in degrees; `side` and `drop` (units of the map) are where its name has room."""

    name: str
    lat: float
    lon: float
    side: Literal["left", "right", "below"] = "right"
    drop: int = 0


CITIES = {
    "1465011": City("Warszawa", 52.23, 21.01),
    "0663011": City("Lublin", 51.25, 22.57),
    "1863011": City("Rzeszów", 50.04, 22.00, "below"),
    "1261011": City("Kraków", 50.06, 19.94),
    "2469011": City("Katowice", 50.26, 19.02, "left"),
    "0264011": City("Wrocław", 51.11, 17.03, "left"),
    "3064011": City("Poznań", 52.41, 16.93),
    "2262011": City("Gdynia", 54.52, 18.53, "left"),
    "2264011": City("Sopot", 54.44, 18.56, "left", 15),
    "2261011": City("Gdańsk", 54.35, 18.65),
    "2061011": City("Białystok", 53.13, 23.16, "below"),
    "1061011": City("Łódź", 51.76, 19.46),
    "1020031": City("Zgierz", 51.86, 19.41),
}


def on_the_map(lat: float, lon: float) -> tuple[float, float]:
    """A point of the map, from the top left, in its units (equirectangular at 52° N)."""
    return (lon - WEST) * math.cos(math.radians(52)) * PER_DEGREE, (NORTH - lat) * PER_DEGREE
