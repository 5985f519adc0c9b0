"""The table at the end."""

import io
from collections import Counter
from typing import Any

import pytest
from rich.console import Console
from superwizja.demo.report import Report, Run

UNICEF_FIGURES = {
    "groups_formed": 180,
    "sessions_completed": 1800,
    "supervision_minutes": 540_090,
    "hours_minutes": 4_800_000,
    "people_reached": 1799,
    "attendances": 16_543,
    "titles_published": 20,
    "training_groups_trained": 79,
    "certificates_issued": 1666,
    "issues_published": 9,
}
TARGETS = {"groups_formed": 180, "sessions_completed": 1800, "titles_published": 20, "training_groups_trained": 80}


def a_city(name: str | None, *numbers: int) -> dict[str, Any]:
    codes = ("groups_formed", "sessions_completed", "people_reached", "training_groups_trained", "runs_completed")
    return {"name": name, "figures": dict(zip(codes, numbers, strict=False))}


UNICEF = {
    "programme": {"name": "UNICEF"},
    "figures": UNICEF_FIGURES,
    "targets": [
        {"indicator": code, "value": value, "achieved": UNICEF_FIGURES[code]} for code, value in TARGETS.items()
    ],
    "cities": [a_city("Lublin", 12, 120, 118, 6, 8), a_city(None, 11, 110, 107, 5, 7), a_city("Sopot")],
    "refusals": {},
}
ZGIERZ = {
    "programme": {"name": "Zgierz 2023"},
    "figures": {"groups_formed": 1, "supervision_minutes": 2160, "hours_minutes": 21_600},
    "targets": [],
    "cities": [a_city("Zgierz", 1, 9, 11)],
    "refusals": {},
}


def lines(lang: str) -> list[list[str]]:
    """The cells of every line of the printed report."""
    run = Run(1, 1, 0, 1.0, 1.0, 1, Counter(), Counter(), [UNICEF, ZGIERZ], [])
    console = Console(file=io.StringIO(), width=160)
    Report(console, lang).show(run)
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue().replace("\u00a0", " ").replace("┃", "│").splitlines()
    return [[cell.strip() for cell in line.strip("│ ").split("│")] for line in printed]


@pytest.mark.parametrize(
    ("lang", "rows"),
    [
        (
            "pl",
            [
                ["grupy superwizyjne utworzone", "180", "180"],
                ["sesje superwizyjne odbyte", "1 800", "1 800"],
                ["godziny superwizji", "", "9 001,5"],
                ["różne osoby objęte superwizją", "", "1 799"],
                ["obecności na sesjach", "", "16 543"],
                ["szkolenia opracowane i ogłoszone", "20", "20"],
                ["grupy szkoleniowe przeszkolone", "80", "79"],
                ["zaświadczenia o uczestnictwie", "", "1 666"],
                ["numery publikacji", "", "9"],
            ],
        ),
        (
            "en",
            [
                ["supervision groups formed", "180", "180"],
                ["supervision sessions completed", "1,800", "1,800"],
                ["hours of supervision", "", "9,001.5"],
                ["unique people reached by supervision", "", "1,799"],
                ["attendances at sessions", "", "16,543"],
                ["titles published", "20", "20"],
                ["training groups trained", "80", "79"],
                ["certificates of attendance", "", "1,666"],
                ["issues published", "", "9"],
            ],
        ),
    ],
)
def test_every_target_and_figure_is_told_with_its_number(lang: str, rows: list[list[str]]) -> None:
    told = lines(lang)
    for row in rows:
        assert row in told


def test_each_programme_has_its_cities_with_both_tracks() -> None:
    told = lines("en")
    assert told.count(["city", "groups", "sessions", "people", "training groups trained", "runs"]) == 2
    assert ["Lublin", "12", "120", "118", "6", "8"] in told
    assert ["elsewhere", "11", "110", "107", "5", "7"] in told
    assert ["Zgierz", "1", "9", "11", "0", "0"] in told
    assert not any("Sopot" in row for row in told)
