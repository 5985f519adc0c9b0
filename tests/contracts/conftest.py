"""What the tests of the contracts share: where things lie, and a second opinion on compatibility."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contracts.schema import Schema


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def readable_both_ways() -> Callable[[Schema, Schema], bool]:
    """Whether jsonsubschema finds that the old class reads the new events, and the new class the old events."""
    with warnings.catch_warnings():
        # Its sources have escapes that newer Pythons warn of, once, when they are compiled.
        warnings.simplefilter("ignore")
        from jsonsubschema import isSubschema

    def without_patterns(value: Any) -> Any:
        """The schema without its regular expressions, on which jsonsubschema hangs: {0,59} is too much for it."""
        if isinstance(value, dict):
            return {name: without_patterns(inner) for name, inner in value.items() if name != "pattern"}
        return [without_patterns(inner) for inner in value] if isinstance(value, list) else value

    def closed(schema: Schema) -> Schema:
        """The schema without the fields that a reader would ignore: what was really written under it."""
        parts = {name: {**part, "additionalProperties": False} for name, part in schema.get("definitions", {}).items()}
        return {**schema, "additionalProperties": False, "definitions": parts}

    def judged(before: Schema, after: Schema) -> bool:
        new_by_old = isSubschema(without_patterns(after), without_patterns(before))
        old_by_new = isSubschema(without_patterns(closed(before)), without_patterns(after))
        return bool(new_by_old and old_by_new)

    return judged
