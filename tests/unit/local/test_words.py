"""What the command says exists in both languages, with the same values in it."""

import string

import pytest
from superwizja.cli.words import WORDS, say
from superwizja.issuer_page import WORDS as PAGE_WORDS


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same_values(key: str) -> None:
    polish, english = ({name for _, name, _, _ in string.Formatter().parse(text) if name} for text in WORDS[key])
    assert polish == english


def test_polish_is_spoken_where_nothing_else_is_known() -> None:
    assert say("de", "down") == say("pl", "down") != say("en", "down")


def test_the_issuers_page_has_the_same_texts_in_both_languages() -> None:
    assert PAGE_WORDS["pl"].keys() == PAGE_WORDS["en"].keys()
