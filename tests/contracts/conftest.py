"""What the tests of the contracts share: where things lie, and a second opinion on compatibility."""

import copy
import warnings
from collections.abc import Callable
from pathlib import Path

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

    def closed(schema: Schema) -> Schema:
        """The schema without the fields that a reader would ignore: what was really written under it."""
        parts = {name: {**part, "additionalProperties": False} for name, part in schema.get("definitions", {}).items()}
        return {**schema, "additionalProperties": False, "definitions": parts}

    def judged(before: Schema, after: Schema) -> bool:
        new_by_old = isSubschema(copy.deepcopy(after), copy.deepcopy(before))
        old_by_new = isSubschema(copy.deepcopy(closed(before)), copy.deepcopy(after))
        return bool(new_by_old and old_by_new)

    return judged
