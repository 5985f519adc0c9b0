import pytest
from contracts.enrollment import PriorityArea
from enrollment.domain.places import commune_of, is_county, is_place, place_of, register

from .builders import WARSAW

CITIES = [
    "1465011",
    "0663011",
    "1863011",
    "1261011",
    "2469011",
    "0264011",
    "3064011",
    "2262011",
    "2264011",
    "2261011",
    "2061011",
    "1061011",
    "1020031",
]


def test_the_register_is_whole():
    assert len(register()) == 4332 - 16


@pytest.mark.parametrize("code", CITIES)
def test_every_priority_city_is_in_the_register(code):
    assert is_place(code)
    assert commune_of(code) == code


@pytest.mark.parametrize("code", ["", "14", "9999999", "1465", "146501", "١٤٦٥٠١١", "1465011 "])
def test_what_is_no_commune_is_no_place(code):
    assert not is_place(code)


def test_counties_are_counties_and_communes_are_not():
    assert is_county("1465")
    assert not is_county("1465011")
    assert not is_county("14")


def test_a_district_rolls_up_to_its_city():
    assert commune_of("1465058") == "1465011"
    assert commune_of("1061029") == "1061011"
    assert place_of("1465058", [WARSAW]).zone == "city"


def test_a_part_rolls_up_to_its_urban_rural_commune():
    assert commune_of("1020084") == "1020083"
    assert commune_of("1020085") == "1020083"


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("1465011", "city"),
        ("1465", "city"),
        ("1432052", "surroundings"),
        ("1432", "surroundings"),
        ("1418044", "surroundings"),
        ("1432042", "elsewhere"),
        ("1020031", "elsewhere"),
    ],
)
def test_the_zone_is_decided_from_the_programmes_areas(code, zone):
    place = place_of(code, [WARSAW])
    assert (place.terc, place.zone) == (code, zone)
    assert place.area == (None if zone == "elsewhere" else "1465011")


def test_a_city_comes_before_anothers_surroundings():
    gdansk = PriorityArea(name="Gdańsk", city="2261011", surroundings=("2264011",), reason="migration")
    sopot = PriorityArea(name="Sopot", city="2264011", reason="migration")
    assert place_of("2264011", [gdansk, sopot]).area == "2264011"
