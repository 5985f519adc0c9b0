"""The page and its regions as HTML: one way of rendering for the first answer and for every change after it."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from itertools import groupby
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from insights import words
from insights.places import CITIES, HEIGHT, WIDTH, on_the_map
from insights.queries import City, Indicators, Programme
from insights.ticker import Latest
from insights.words import Language

REGIONS = ("status", "targets", "reach", "places", "months", "latest", "lag", "figures")

WITHOUT_TARGETS = ("groups_formed", "sessions_completed", "training_groups_trained", "issues_published")
REACH = ("people_reached", "attendances", "hours_minutes", "people_trained", "certificates_issued")
PLACES = ("groups_formed", "sessions_completed", "people_reached", "attendances", "training_groups_trained")
CHARTS = ("sessions_completed", "people_reached", "runs_completed")
SECTIONS = {
    ("Nabór", "Enrolment"): (
        "centres_invited",
        "centres_joined",
        "applications",
        "applications_waitlisted",
        "applications_ineligible",
        "people_enrolled",
        "seats_taken",
        "offers_made",
        "offers_expired",
        "withdrawals",
    ),
    ("Superwizja", "Supervision"): (
        "groups_formed",
        "groups_completed",
        "signatures",
        "sessions_completed",
        "supervision_minutes",
        "cycles_completed",
        "conclusions_recorded",
        "conclusions_released",
        "conclusions_withheld",
        "consents_revoked",
    ),
    ("Szkolenia", "Trainings"): (
        "titles_developed",
        "titles_published",
        "training_groups_formed",
        "training_groups_trained",
        "runs_completed",
        "training_attendances",
        "people_trained",
        "supervisor_titles_published",
        "supervisor_training_groups_formed",
        "supervisor_runs_completed",
        "supervisors_trained",
        "certificates_revoked",
    ),
    ("Publikacja", "Publication"): (
        "submissions",
        "articles_published",
        "articles_dropped",
        "issues_published",
        "mail_recipients",
        "deliveries",
    ),
}

LINES = 14
"""How many lines the latest events take."""

SERVICES = {
    "enrollment": ("nabór", "enrolment"),
    "sessions": ("superwizja", "supervision"),
    "trainings": ("szkolenia", "trainings"),
    "publications": ("publikacje", "publications"),
    "insights": ("podsumowania", "insights"),
}


@dataclass(frozen=True)
class Board:
    """Everything that the page shows of one programme. `stale_since`: the servers have not answered since then."""

    programmes: Sequence[Programme]
    indicators: Indicators | None = None
    latest: Sequence[Latest] = ()
    groups: dict[UUID, str] = field(default_factory=dict)
    lag: dict[str, int | None] = field(default_factory=dict)
    as_of: datetime | None = None
    stale_since: datetime | None = None


_environment = Environment(
    loader=FileSystemLoader(str(files("insights") / "templates")),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def regions(board: Board, language: Language) -> dict[str, str]:
    """Each region of the page by its name; those that speak of a programme are empty while there is none."""
    context = _context(language) | {"board": board, "shown": board.indicators}
    if board.indicators:
        context |= _of_programme(board, board.indicators, language)
    wanted = REGIONS if board.indicators else ("status", "lag")
    return {name: _environment.get_template(f"_{name}.html").render(context) for name in wanted}


def page(template: str, language: Language, **more: Any) -> str:
    """A whole page."""
    return _environment.get_template(template).render(_context(language) | more)


def _context(language: Language) -> dict[str, Any]:
    def say(pl: str, en: str) -> str:
        return en if language == "en" else pl

    return {"say": say, "language": language, "words": words, "services": SERVICES}


def _of_programme(board: Board, shown: Indicators, language: Language) -> dict[str, Any]:
    figures = shown.figures
    told = _figures(figures, language)
    cards: list[tuple[str, int | None]] = [(each.indicator, each.value) for each in shown.targets]
    if not cards:
        cards = [(code, None) for code in WITHOUT_TARGETS]
    return {
        "cards": [(code, *told(code), target) for code, target in cards if code in figures],
        "reach": [(code, *told(code)) for code in REACH],
        "sections": [
            (title[language == "en"], [(code, *told(code)) for code in codes]) for title, codes in SECTIONS.items()
        ],
        "columns": PLACES,
        "bubbles": bubbles(shown.cities),
        "width": WIDTH,
        "height": HEIGHT,
        "charts": [_chart(code, shown, language) for code in CHARTS],
        "events": ticker_lines(board.latest, board.groups, language),
    }


def _figures(figures: dict[str, int], language: Language) -> Callable[[str], tuple[str, str]]:
    def told(code: str) -> tuple[str, str]:
        return words.figure(code, figures[code], language)

    return told


@dataclass(frozen=True)
class Bubble:
    """A city on the map, in the map's units; `radius` grows with the root of its sessions."""

    name: str
    x: float
    y: float
    radius: float
    sessions: int
    groups: int
    side: str
    drop: int


def bubbles(cities: Iterable[City]) -> list[Bubble]:
    """The cities that have a place on the map, the large ones first so that the small lie above them."""
    placed = [city for city in cities if city.terc in CITIES]
    most = max((city.figures.get("sessions_completed", 0) for city in placed), default=0)
    found = []
    for city in placed:
        sessions = city.figures.get("sessions_completed", 0)
        known = CITIES[city.terc or ""]
        x, y = on_the_map(known.lat, known.lon)
        found.append(
            Bubble(
                name=city.name or "",
                x=round(x, 1),
                y=round(y, 1),
                radius=round(4 + 15 * math.sqrt(sessions / most), 1) if most else 4,
                sessions=sessions,
                groups=city.figures.get("groups_formed", 0),
                side=known.side,
                drop=known.drop,
            )
        )
    return sorted(found, key=lambda bubble: -bubble.radius)


def _chart(code: str, shown: Indicators, language: Language) -> dict[str, Any]:
    """One small chart: a bar for every month from the first to the last of the programme's facts."""
    months = every_month(shown.months)
    values = [shown.months.get(month, {}).get(code, 0) for month in months]
    most = max(values, default=0)
    return {
        "code": code,
        "noun": words.form(words.FIGURES[code], 2, language),
        "most": words.number(most, language),
        "bars": [
            {
                "month": words.month(month, language),
                "said": " ".join(words.figure(code, value, language)),
                "number": words.number(value, language),
                "height": round(100 * value / most, 1) if most else 0,
            }
            for month, value in zip(months, values, strict=True)
        ],
    }


def every_month(months: Iterable[str]) -> list[str]:
    """All months from the first to the last, also those without facts."""
    known = sorted(months)
    if not known:
        return []
    (year, month), (last_year, last_month) = (map(int, each.split("-")) for each in (known[0], known[-1]))
    numbers = range(year * 12 + month - 1, last_year * 12 + last_month)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]


def ticker_lines(latest: Iterable[Latest], groups: dict[UUID, str], language: Language) -> list[dict[str, str]]:
    """The latest events as lines, the newest first; one line, with a number, for those alike that came in a row."""
    lines = []
    for (name, about), alike in groupby(latest, lambda each: _words_of(each, groups, language)):
        several = list(alike)
        lines.append(
            {
                "id": str(several[-1].id),
                "name": name,
                "about": about,
                "times": f"× {words.number(len(several), language)}" if len(several) > 1 else "",
                "clock": words.clock(several[0].time, language),
            }
        )
    return lines[:LINES]


def _words_of(latest: Latest, groups: dict[UUID, str], language: Language) -> tuple[str, str]:
    """What an event is called, and what it is about: the name of a thing, never of a person."""
    told = latest.told
    names = [groups[group] for group in latest.groups() if group in groups]
    about = [told["name"]] if "name" in told else [told.get("issue"), *names[:1]]
    if "ordinal" in told:
        about.append(f"{'no' if language == 'en' else 'nr'} {told['ordinal']}")
    if told.get("ground"):
        about.append(("ground: " if language == "en" else "podstawa: ") + told["ground"])
    return words.event_name(latest.kind, language), " · ".join(each for each in about if each)
