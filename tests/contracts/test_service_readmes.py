"""Each service's README tells its events in and out, and the code does just that."""

import ast
import importlib
from functools import cache
from pathlib import Path

import pytest
from chassis.consuming import Consumer
from contracts.readme import Row, event_table, written
from contracts.schema import events

SERVICES = Path(__file__).parents[2] / "services"
NAMES = sorted(project.parent.name for project in SERVICES.glob("*/pyproject.toml"))

every_service = pytest.mark.parametrize("service", NAMES)


def published(service: str) -> list[Row]:
    """The events that the service owns and its code names anywhere but among its handlers."""
    named = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for file in (SERVICES / service / service).rglob("*.py")
        if "consumers" not in file.parts and file.stem != "consumers"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    own = [event for event in events() if event.topic == f"{service}.events"]
    return [Row("publishes", event.topic, event.__name__) for event in own if event.__name__ in named]


@cache
def consumed(service: str) -> list[Row]:
    """The events that the service's consumers registered a handler for, in the contracts' order."""
    module = importlib.import_module(f"{service}.consumers")
    consumers = [thing for thing in vars(module).values() if isinstance(thing, Consumer)]
    assert consumers, f"{service}.consumers has no Consumer"
    handled = {handler.event for consumer in consumers for handler in consumer.handlers.values()}
    return [Row("consumes", event.topic, event.__name__) for event in events() if event in handled]


@every_service
def test_a_readmes_event_table_is_what_the_code_publishes_and_consumes(service: str) -> None:
    readme = SERVICES / service / "README.md"
    truth = [*published(service), *consumed(service)]
    told = event_table(readme.read_text("utf-8")) if readme.exists() else []
    assert sorted(told) == sorted(truth), (
        f"{readme} must hold this table:\n\n## Events\n\n{written(truth)}\n\n"
        f"missing: {sorted(set(truth) - set(told))}\ntoo much: {sorted(set(told) - set(truth))}"
    )


@every_service
def test_what_a_service_consumes_some_service_publishes(service: str) -> None:
    sent = {row.event for name in NAMES for row in published(name)}
    assert {row.event for row in consumed(service)} <= sent


def test_every_event_of_the_contracts_is_published_by_its_owner() -> None:
    """What nobody publishes is no contract yet: it comes with the code that does."""
    assert {row.event for name in NAMES for row in published(name)} == {event.__name__ for event in events()}


def test_a_service_consumes_nothing_of_its_own() -> None:
    """What a service needs to know of itself it knows in its own transaction."""
    for name in NAMES:
        assert f"{name}.events" not in {row.topic for row in consumed(name)}


def test_a_table_is_read_as_it_is_written() -> None:
    rows = [
        Row("publishes", "sessions.events", "SessionCompleted"),
        Row("consumes", "enrollment.events", "GroupFormed"),
    ]
    readme = f"# sessions\n\nWords.\n\n## Events\n\nMore words.\n\n{written(rows)}\n\n## Else\n\n| a | b | c |\n"
    assert event_table(readme) == rows
    assert event_table("# sessions\n\nNo table here.\n") == []
