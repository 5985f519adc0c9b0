"""Where cities lie on the map: the priority cities and Zgierz, by their TERC codes."""

import msgspec


class City(msgspec.Struct, frozen=True):
    """A city; `lat` and `lon` in degrees."""

    name: str
    lat: float
    lon: float


CITIES = {
    "1465011": City("Warszawa", 52.23, 21.01),
    "0663011": City("Lublin", 51.25, 22.57),
    "1863011": City("Rzeszów", 50.04, 22.00),
    "1261011": City("Kraków", 50.06, 19.94),
    "2469011": City("Katowice", 50.26, 19.02),
    "0264011": City("Wrocław", 51.11, 17.03),
    "3064011": City("Poznań", 52.41, 16.93),
    "2262011": City("Gdynia", 54.52, 18.53),
    "2264011": City("Sopot", 54.44, 18.56),
    "2261011": City("Gdańsk", 54.35, 18.65),
    "2061011": City("Białystok", 53.13, 23.16),
    "1061011": City("Łódź", 51.76, 19.46),
    "1020031": City("Zgierz", 51.86, 19.41),
}
