"""What the player and verify say."""

import string

import pytest
from superwizja.demo import words as player
from superwizja.demo.progress import STAGES
from superwizja.demo.report import ROWS
from superwizja.verify import words as verify
from superwizja.verify.checks import CHECKS
from superwizja.verify.evidence import Evidence


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("words", [player.WORDS, verify.WORDS])
def test_both_languages_say_the_same_things(words: dict[str, tuple[str, str]]) -> None:
    for key, (polish, english) in words.items():
        assert polish, key
        assert english, key
        assert placeholders(polish) == placeholders(english), key


def test_every_stage_figure_and_check_has_its_words() -> None:
    assert {f"stage_{stage}" for stage in STAGES} | set(ROWS) <= player.WORDS.keys()
    names = {check(Evidence()).name for check in CHECKS}
    assert len(names) == len(CHECKS)
    assert names <= verify.WORDS.keys()
    assert names == verify.NUMBERS.keys()


def test_numbers_are_written_as_each_language_writes_them() -> None:
    assert player.number("pl", 9000) == "9\u00a0000"
    assert player.number("pl", 1.5) == "1,5"
    assert player.number("en", 9000.5) == "9,000.5"
