"""Ways to spoil one place of a sound JSON value; requests and records are spoilt alike."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

from superwizja.chaos.badinputs.request import INSTEAD

Place = tuple[Any, Any]
"""A container and the key or index of what is spoilt."""

NAMES = ("extra", "", "\ud800", "\x00", "__proto__", "__class__", "id", "ID", "😀", "a" * 5000, "$ref", "a.b", " ")
TEXTS_OF_ODD_LETTERS = (
    "\u202eabc",
    "é" * 50,
    "\ufeff",
    "\ufffe",
    "😀" * 60,
    "İı",
    "\u0600",
    "A\u0301" * 90,
    "\x7f",
    "\x1b[31m",
    "\r\n",
    "\t",
)
DATES = (
    "2023-02-29", "2024-02-30", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2023-13-01", "2023-00-10",
    "2023-1-1", "20230101", "2023-W01-1", "2023-01-01T00:00:00Z", "2023-01-01T00:00:00", "-2023-01-01", "today",
    "1677-09-21", "2262-04-12", "2023-01-01 ", "٢٠٢٣-٠١-٠١", "0", "1e9",
)  # fmt: skip
IDS = (
    "", "not-an-id", "0" * 36, "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "{0183ef5a-a400-7abf-88a6-0fbb818f7405}", "urn:uuid:0183ef5a-a400-7abf-88a6-0fbb818f7405",
    "0183ef5aa4007abf88a60fbb818f7405", "0183ef5a-a400-7abf-88a6-0fbb818f740", "0183ef5a-a400-7abf-88a6-0fbb818f7405\n",
    "' OR 1=1 --", "../../etc/passwd", "%s%n", "null", "None", "-1", "1",
)  # fmt: skip
NUMBERS = (
    2**31 - 1,
    2**31,
    -(2**31) - 1,
    2**32,
    2**53 + 1,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    2**64,
    10**30,
    10**400,
    1e308,
    1.5,
    1e-9,
)
SURROGATES = ("\ud800", "\udfff", "\udc00\ud800")
LITERALS = ("NaN", "Infinity", "-Infinity", "1e400", "-0", "-0.0", "01", "1.", "+1", "0x10", "9" * 5000, "1e-400")


def places(value: Any) -> Iterator[Place]:
    """Every place within a value, the whole of it apart."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in list(pairs):
        yield value, key
        yield from places(each)


def _of(kind: type | tuple[type, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


def _replaced(make: Callable[[random.Random, Any], Any], fits: Callable[[Any], bool] = bool) -> "Spoil":
    def spoil(rng: random.Random, value: Any) -> str:
        found = list(places(value))
        fitting = [place for place in found if fits(place[0][place[1]])] or found
        if fitting:
            container, key = rng.choice(fitting)
            made = make(rng, container[key])
            container[key] = INSTEAD if isinstance(made, _Literal) else made
            return made.text if isinstance(made, _Literal) else ""
        return ""

    return spoil


class _Literal:
    def __init__(self, text: str) -> None:
        self.text = text


def _missing(rng: random.Random, value: Any) -> str:
    found = list(places(value))
    if found:
        container, key = rng.choice(found)
        del container[key]
    return ""


def _extra(rng: random.Random, value: Any) -> str:
    objects = [value] if isinstance(value, dict) else []
    objects += [container[key] for container, key in places(value) if isinstance(container[key], dict)]
    if objects:
        rng.choice(objects)[rng.choice(NAMES)] = rng.choice((None, 1, "x", [], {"a": 1}))
    return ""


def _deep(rng: random.Random, _: Any) -> _Literal:
    depth = rng.choice((50, 200, 900, 1100, 5000, 100_000))
    opening, closing = rng.choice((("[", "]"), ('{"a":', "}")))
    return _Literal(opening * depth + "1" + closing * depth)


def _many(rng: random.Random, value: Any) -> list[Any]:
    whole = value if isinstance(value, list) and value else [value]
    return [copy.deepcopy(rng.choice(whole)) for _ in range(rng.choice((2, 50, 600, 3000)))]


Spoil = Callable[[random.Random, Any], str]
"""Changes the value in place; answers what is to be written instead of INSTEAD."""

SPOILS: dict[str, Spoil] = {
    "missing": _missing,
    "extra": _extra,
    "null": _replaced(lambda rng, _: None),
    "type": _replaced(lambda rng, _: rng.choice((1, -1, 0, 1.5, True, False, "x", "", [], {}, [[]], [None],
    {"": None}))),
    "number": _replaced(lambda rng, _: rng.choice(NUMBERS), _of((int, float))),
    "literal": _replaced(lambda rng, _: _Literal(rng.choice(LITERALS))),
    "negative": _replaced(lambda rng, _: -rng.randrange(1, 10**6), _of(int)),
    "empty": _replaced(lambda rng, _: "", _of(str)),
    "long": _replaced(lambda rng, value: str(value)[:5] * rng.choice((50, 1000, 20_000)), _of(str)),
    "nul": _replaced(lambda rng, value: f"{value}\x00" if rng.random() < 0.5 else "\x00", _of(str)),
    "surrogate": _replaced(lambda rng, value: str(value) + rng.choice(SURROGATES), _of(str)),
    "letters": _replaced(lambda rng, _: rng.choice(TEXTS_OF_ODD_LETTERS), _of(str)),
    "date": _replaced(lambda rng, _: rng.choice(DATES), lambda value: isinstance(value, str) and value[4:5] == "-"),
    "id": _replaced(lambda rng, _: rng.choice(IDS), lambda value: isinstance(value, str) and len(value) == 36),
    "many": _replaced(_many, _of(list)),
    "none": _replaced(lambda rng, _: [], _of(list)),
    "deep": _replaced(_deep),
}  # fmt: skip
"""By the name of the kind."""
