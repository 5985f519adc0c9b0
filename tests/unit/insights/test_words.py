"""What people read has the right forms, and everything that can be shown has words."""

from datetime import UTC, datetime

import pytest
from contracts.event import published_by
from contracts.topics import TOPICS
from insights import render, words
from insights.facts import TOLD

SPACE = "\u00a0"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (0, "0 sesji superwizyjnych"),
        (1, "1 sesja superwizyjna"),
        (2, "2 sesje superwizyjne"),
        (5, "5 sesji superwizyjnych"),
        (12, "12 sesji superwizyjnych"),
        (14, "14 sesji superwizyjnych"),
        (22, "22 sesje superwizyjne"),
        (112, "112 sesji superwizyjnych"),
        (1234, f"1{SPACE}234 sesje superwizyjne"),
    ],
)
def test_polish_nouns_go_with_their_numbers(value: int, read: str) -> None:
    assert " ".join(words.figure("sessions_completed", value, "pl")) == read


def test_fractions_of_hours_take_the_genitive() -> None:
    assert words.figure("hours_minutes", 90, "pl") == ("1,5", "godziny uczestnictwa")
    assert words.figure("hours_minutes", 60, "pl") == ("1", "godzina uczestnictwa")
    assert words.figure("hours_minutes", 540_000, "pl") == (f"9{SPACE}000", "godzin uczestnictwa")


def test_english_has_one_and_many() -> None:
    assert words.figure("people_reached", 1, "en") == ("1", "person reached by supervision")
    assert words.figure("people_reached", 1234, "en") == ("1,234", "people reached by supervision")


def test_only_all_of_it_is_a_hundred_percent() -> None:
    assert words.percent(1799, 1800, "pl") == "99%"
    assert words.percent(1800, 1800, "pl") == "100%"
    assert words.percent(1900, 1800, "pl") == "100%"
    assert words.percent(0, 0, "pl") == "100%"


def test_times_are_those_of_poland() -> None:
    assert words.clock(datetime(2023, 7, 1, 10, 5, 9, tzinfo=UTC), "pl") == "12:05:09"


def test_every_event_of_every_topic_has_a_name() -> None:
    kinds = {kind.__name__ for topic in TOPICS for kind in published_by(topic.name).values()}
    assert kinds - words.EVENTS.keys() == set()


def test_every_figure_that_is_shown_has_words() -> None:
    shown = {code for codes in render.SECTIONS.values() for code in codes}
    shown |= {*render.WITHOUT_TARGETS, *render.REACH, *render.PLACES, *render.CHARTS}
    assert shown - words.FIGURES.keys() == set()
    assert set(render.PLACES) == set(words.SHORT)


def test_an_event_without_words_is_shown_by_its_own_name() -> None:
    assert words.event_name("SomethingNew", "pl") == "SomethingNew"


def test_facts_are_told_by_events_that_exist() -> None:
    assert all(kind.type for kind in TOLD)
