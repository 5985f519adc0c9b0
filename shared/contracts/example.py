"""The golden example of an event type: made-up values, the same in every run, in all fields."""

import hashlib
import re
from typing import Any
from uuid import UUID

from msgspec import inspect

from contracts.event import Event

MADE_UP: dict[str, Any] = {
    "areas": [
        {
            "name": "Łódź (przykład)",
            "city": "1061011",
            "surroundings": ["1020031"],
            "reason": "migration_from_ukraine",
        }
    ],
    "audience": "workers",
    "awaiting": 9,
    "case_rounds": 2,
    "code": "example_programme",
    "cohort": "october_2022",
    "contract_version": 1,
    "edition": "special",
    "family_problems": ["housing"],
    "funder": "Instytucja finansująca (przykład)",
    "issue": "Numer przykładowy 4/2022",
    "journal": "Czasopismo przykładowe",
    "maximum": 15,
    "meetings": 10,
    "methods": ["social_contract", "balint_elements"],
    "minimum": 5,
    "minutes": 300,
    "name": "Nazwa przykładowa",
    "ordinal": 1,
    "practice_before": ["individual_work"],
    "practice_recommended": ["interdisciplinary_teams"],
    "previous_minutes": 240,
    "provider": "Stowarzyszenie (przykład)",
    "quarter": 4,
    "quorum": 3,
    "reason": "issued_by_mistake",
    "rhythm": "monthly",
    "status": "attended",
    "targets": [{"indicator": "sessions_completed", "value": 1800}],
    "themes": ["relation_with_client"],
    "threshold_percent": 80,
    "url": "https://example.org/issues/2022-4",
    "worker_needs": ["crisis_work"],
    "year": 2022,
}
"""Values for fields whose type alone would give a poor one."""

TEXTS = ("example", "std.2.2", "1061011", "Tekst przykładowy")


class NoExample(ValueError):
    """No made-up value fits a field: give it one in MADE_UP."""


def example_of(event: type[Event]) -> dict[str, Any]:
    """The body of one made-up event, as it stands in JSON. Raises NoExample."""
    return _body(inspect.type_info(event), "")


def _body(described: inspect.Type, suffix: str) -> dict[str, Any]:
    fields = described.fields if isinstance(described, inspect.StructType) else ()
    return {field.encode_name: _field(field, suffix) for field in fields}


def _field(field: inspect.Field, suffix: str) -> Any:
    return MADE_UP.get(field.name, _value(field.type, field.name + suffix))


def _value(described: inspect.Type, name: str) -> Any:
    match described:
        case inspect.Metadata(type=inner):
            return _value(inner, name)
        case inspect.UnionType(types=types):
            return _value(next(one for one in types if not isinstance(one, inspect.NoneType)), name)
        case inspect.StructType():
            return _body(described, name[-2:] if name[-2:-1] == " " else "")
        case inspect.VarTupleType(item_type=item):
            return [_value(item, f"{name} {number}") for number in (1, 2)]
        case inspect.UUIDType():
            return str(_made_up_id(name))
        case inspect.DateType():
            return "2022-10-19"
        case inspect.DateTimeType():
            return "2022-10-19T14:00:00Z"
        case inspect.BoolType():
            return True
        case inspect.IntType(ge=at_least):
            return 1 if at_least is None else at_least
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.StrType(pattern=pattern, min_length=shortest, max_length=longest):
            for text in TEXTS:
                fits = (shortest or 0) <= len(text) <= (longest or len(text))
                if fits and re.search(pattern or "", text):
                    return text
    raise NoExample(f"{name}: {described}")


def _made_up_id(name: str) -> UUID:
    """A UUIDv7 of 19 October 2022 that the name alone decides, so that examples agree on their ids."""
    random = hashlib.sha256(name.encode()).hexdigest()[:20]
    return UUID(f"0183ef5a-a400-7{random[:3]}-8{random[3:6]}-{random[6:18]}")
