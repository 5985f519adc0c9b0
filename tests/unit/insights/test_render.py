"""The page's regions: bars only against targets, lines that do not repeat themselves, every month in its place."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from insights import words
from insights.places import CITIES, HEIGHT, WIDTH, on_the_map
from insights.queries import City, Indicators, Programme, Target
from insights.render import Board, bubbles, every_month, regions, ticker_lines
from insights.ticker import Latest

NOW = datetime(2023, 1, 1, 12, 0, tzinfo=UTC)


def a_programme() -> Programme:
    return Programme(
        id=uuid4(), code="unicef", name="UNICEF", funder=None, provider=None, starts_on=None, ends_on=date(2024, 6, 30)
    )


def a_board(targets: dict[str, int], **figures: int) -> Board:
    programme = a_programme()
    totals = dict.fromkeys(words.FIGURES, 0) | figures
    indicators = Indicators(
        programme=programme,
        figures=totals,
        months={},
        refusals={},
        targets=[Target(indicator=code, value=value, achieved=totals[code]) for code, value in targets.items()],
        cities=[],
        as_of=NOW,
    )
    return Board([programme], indicators, as_of=NOW)


def an_event(kind: str, group: UUID, *, second: int = 0, **told: object) -> Latest:
    at = NOW + timedelta(seconds=second)
    return Latest(id=uuid4(), kind=kind, time=at, programme_id=uuid4(), told={"group_id": str(group)} | told)


def test_a_target_has_a_bar_and_says_of_how_many() -> None:
    shown = regions(a_board({"sessions_completed": 1800}, sessions_completed=1234), "pl")["targets"]
    assert "1\u00a0234" in shown
    assert "z 1\u00a0800" in shown
    assert 'class="fill" width="68.56"' in shown


def test_a_programme_without_targets_shows_its_figures_without_bars() -> None:
    shown = regions(a_board({}, sessions_completed=7), "pl")["targets"]
    assert "sesji superwizyjnych" in shown
    assert "<svg" not in shown


def test_a_target_that_is_not_known_as_a_figure_is_left_out() -> None:
    shown = a_board({"groups_formed": 1})
    assert shown.indicators is not None
    shown.indicators.targets.append(Target(indicator="of_tomorrow", value=1, achieved=0))
    assert "of_tomorrow" not in regions(shown, "pl")["targets"]


def test_a_target_of_nothing_is_reached() -> None:
    assert "100%" in regions(a_board({"groups_formed": 0}), "pl")["targets"]


def test_without_a_programme_only_the_state_is_rendered() -> None:
    shown = regions(Board([], as_of=NOW), "en")
    assert set(shown) == {"status", "lag"}
    assert "as of" in shown["status"]


def test_a_stale_board_says_as_of_when() -> None:
    shown = regions(Board([], as_of=NOW, stale_since=NOW), "pl")["status"]
    assert "baza danych nie odpowiada; stan na 13:00:00" in shown


@pytest.mark.parametrize(
    ("lag", "said"),
    [
        (None, "nie wiadomo"),
        (0, "na bieżąco"),
        (1, "1 zdarzenie czeka"),
        (3, "3 zdarzenia czekają"),
        (5, "5 zdarzeń czeka"),
    ],
)
def test_what_waits_for_a_service_is_said_in_words(lag: int | None, said: str) -> None:
    assert said in regions(Board([], lag={"sessions": lag}, as_of=NOW), "pl")["lag"]


def test_months_without_facts_have_their_place() -> None:
    assert every_month({"2022-11": {}, "2023-02": {}}) == ["2022-11", "2022-12", "2023-01", "2023-02"]
    assert every_month({}) == []


def test_events_that_are_alike_in_a_row_are_one_line() -> None:
    group, other = uuid4(), uuid4()
    latest = [
        an_event("CertificateIssued", group, second=3),
        an_event("CertificateIssued", group, second=2),
        an_event("CertificateIssued", other, second=1),
        an_event("ApplicationDecided", other, ground="programme.audience"),
    ]
    lines = ticker_lines(latest, {group: "Grupa 1", other: "Grupa 2"}, "pl")
    assert [(line["name"], line["about"], line["times"]) for line in lines] == [
        ("Wydano zaświadczenie o uczestnictwie", "Grupa 1", "× 2"),
        ("Wydano zaświadczenie o uczestnictwie", "Grupa 2", ""),
        ("Rozpatrzono zgłoszenie", "Grupa 2 · podstawa: programme.audience", ""),
    ]
    assert lines[0]["clock"] == "13:00:03"


def test_texts_of_events_are_escaped() -> None:
    board = a_board({})
    named = an_event("TitlePublished", uuid4(), name="<script>alert(1)</script>")
    shown = regions(Board(board.programmes, board.indicators, [named], as_of=NOW), "pl")["latest"]
    assert "<script>" not in shown


def test_every_city_lies_on_the_map_and_the_north_is_up() -> None:
    points = {city.name: on_the_map(city.lat, city.lon) for city in CITIES.values()}
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in points.values())
    assert points["Gdynia"][1] < points["Kraków"][1]
    assert points["Wrocław"][0] < points["Lublin"][0]


def test_bubbles_grow_with_sessions_and_places_apart_have_none() -> None:
    warszawa, krakow = CITIES["1465011"], CITIES["1261011"]
    found = bubbles(
        [
            City(
                terc="1465011", name="Warszawa", lat=warszawa.lat, lon=warszawa.lon, figures={"sessions_completed": 4}
            ),
            City(terc="1261011", name="Kraków", lat=krakow.lat, lon=krakow.lon, figures={"sessions_completed": 1}),
            City(terc=None, name=None, figures={"sessions_completed": 9}),
        ]
    )
    assert [(bubble.name, bubble.radius) for bubble in found] == [("Warszawa", 19.0), ("Kraków", 11.5)]
