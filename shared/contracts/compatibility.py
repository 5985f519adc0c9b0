"""The gate: within a version of an event only optional fields may be added; any other change is a new version."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from contracts.schema import Schema

PROSE = frozenset({"$schema", "title", "description", "definitions"})
"""Keywords that explain a schema and constrain nothing."""

BOUNDS = {
    "minimum": "smallest value",
    "exclusiveMinimum": "lower bound",
    "minLength": "shortest text",
    "minItems": "smallest number of items",
    "maximum": "greatest value",
    "exclusiveMaximum": "upper bound",
    "maxLength": "longest text",
    "maxItems": "greatest number of items",
}

NOTHING = object()


def refusals(published: Mapping[PurePosixPath, Schema], today: Mapping[PurePosixPath, Schema]) -> list[str]:
    """A sentence for each change from the published schemas to today's that would break a reader of either.

    Both map the schema's file (`sessions/session-completed.v1.json`) to its content; new files are always welcome.
    """
    sentences = []
    for file, before in published.items():
        name = f"{file.parent}/{file.stem}"
        if file not in today:
            sentences.append(
                f"{name}: the event was removed, but its topic keeps its records for ever. "
                f"Put the class {before['title']} back."
            )
        else:
            sentences += [
                f"{name}: {change}. Leave {before['title']} as it was and make it a new class, {successor(before)}; "
                "publish both until every consumer has moved."
                for change in changes(before, today[file])
            ]
    return sentences


def successor(schema: Schema) -> str:
    """What the class of the next version is called: SeatOffered -> SeatOfferedV2 -> SeatOfferedV3."""
    _, _, number = schema["x-type"].rpartition(".v")
    bare = schema["title"].removesuffix(f"V{number}")
    return f"{bare}V{int(number) + 1}"


def changes(before: Schema, after: Schema) -> list[str]:
    """What differs between two schemas of one version, apart from prose and from added optional fields."""
    return list(_changes(before, after, before, after, ""))


def _changes(before: Schema, after: Schema, root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    """What differs at one place; `path` is '' for the event itself, else `attendance[].minutes`."""
    there = f"field `{path}`" if path else "the event"
    marks = (before.get("x-class"), after.get("x-class"))
    if marks[0] != marks[1]:
        yield f"{there} was classed {marks[0]} and is now {marks[1]}"
    before, after = _resolved(before, root), _resolved(after, new_root)
    if _kind(before, root) != _kind(after, new_root):
        yield f"{there} was {_kind(before, root)} and is now {_kind(after, new_root)}"
        return
    yield from _fields(before, after, root, new_root, path)
    if "items" in before:
        yield from _changes(before["items"], after["items"], root, new_root, f"{path}[]")
    for one, other in zip(_branches(before, root), _branches(after, new_root), strict=True):
        yield from _changes(one, other, root, new_root, path)
    yield from _values(before, after, there)
    told = PROSE | {"type", "x-class", "properties", "required", "items", "anyOf", "enum", *BOUNDS}
    for keyword in sorted((before.keys() | after.keys()) - told):
        if before.get(keyword, NOTHING) != after.get(keyword, NOTHING):
            yield f"{there} had {_said(keyword, before)} and now has {_said(keyword, after)}"


def _fields(before: Schema, after: Schema, root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    """Fields that went, became required or optional, or were added as required; then what changed within the rest."""
    old, new = before.get("properties", {}), after.get("properties", {})
    needed, needed_now = set(before.get("required", ())), set(after.get("required", ()))
    for field, schema in old.items():
        name = f"{path}.{field}" if path else field
        if field not in new:
            yield f"field `{name}` was removed"
            continue
        if field in needed_now - needed:
            yield f"field `{name}` was optional and is now required"
        if field in needed - needed_now:
            yield f"field `{name}` was required and is now optional"
        yield from _changes(schema, new[field], root, new_root, name)
    for field in new:
        if field not in old and field in needed_now:
            name = f"{path}.{field}" if path else field
            yield f"field `{name}` is new and required (a new field needs a default)"


def _values(before: Schema, after: Schema, there: str) -> Iterator[str]:
    """Values and bounds that differ, in either direction: a wider one breaks those who read with the older class."""
    gone = [value for value in before.get("enum", ()) if value not in after.get("enum", ())]
    come = [value for value in after.get("enum", ()) if value not in before.get("enum", ())]
    if gone:
        yield f"{there} no longer allows {', '.join(map(str, gone))}"
    if come:
        yield f"{there} now allows {', '.join(map(str, come))}, which today's consumers cannot read"
    for keyword, bound in BOUNDS.items():
        if before.get(keyword) != after.get(keyword):
            yield f"the {bound} of {there} was {before.get(keyword, 'open')} and is now {after.get(keyword, 'open')}"


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema itself where it stands by reference."""
    if "$ref" not in schema:
        return schema
    named: Schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return {keyword: value for keyword, value in schema.items() if keyword != "$ref"} | named


def _kind(schema: Schema, root: Schema) -> str:
    """What a value is, in a word or two: `string (date)`, `array of integer`, `object or null`."""
    schema = _resolved(schema, root)
    if "anyOf" in schema:
        return " or ".join(_kind(branch, root) for branch in _branches(schema, root))
    if "enum" in schema:
        return "one of a list"
    if "items" in schema:
        return f"array of {_kind(schema['items'], root)}"
    return f"{schema.get('type', 'anything')}" + (f" ({schema['format']})" if "format" in schema else "")


def _branches(schema: Schema, root: Schema) -> list[Schema]:
    """The alternatives of a value, null last, in an order that does not hang on how they were written."""
    return sorted(schema.get("anyOf", ()), key=lambda branch: (branch.get("type") == "null", _kind(branch, root)))


def _said(keyword: str, schema: Schema) -> str:
    value: Any = schema.get(keyword, NOTHING)
    return f"no {keyword}" if value is NOTHING else f"{keyword} {value!r}"
