import re

import msgspec
import pytest
from contracts.fields import Code
from sessions.domain import refusals
from sessions.domain.codes import METHODS, PRACTICES_BEFORE, PRACTICES_RECOMMENDED, THEMES
from sessions.domain.places import is_place


@pytest.mark.parametrize("codes", [METHODS, THEMES, PRACTICES_BEFORE, PRACTICES_RECOMMENDED])
def test_every_code_may_travel_and_has_a_name_in_both_languages(codes):
    for code, label in codes.items():
        assert msgspec.convert(code, Code) == code
        assert label.pl
        assert label.en


def test_the_register_knows_communes_and_districts_and_no_counties():
    assert is_place("1465011")
    assert is_place("1020031")
    assert not is_place("1465")
    assert not is_place("9999999")


def test_every_refusal_says_the_same_in_both_languages():
    errors = [
        kind for kind in vars(refusals).values() if isinstance(kind, type) and kind.__module__ == refusals.__name__
    ]
    assert len(errors) > 15
    for kind in errors:
        assert set(re.findall(r"{(\w+)}", kind.says.pl)) == set(re.findall(r"{(\w+)}", kind.says.en)), kind
