"""Topics are history: what is declared here can never be changed, so this test says it a second time."""

import pytest
from contracts.event import Event
from contracts.schema import events
from contracts.topics import PARTITIONS, TOPICS

FIXED_FOR_LIFE = {
    "enrollment.events": ("enrollment", 16),
    "sessions.events": ("sessions", 16),
    "trainings.events": ("trainings", 16),
    "publications.events": ("publications", 16),
}

AGGREGATES = {
    "enrollment.events": {"programme", "centre", "worker", "supervisor", "group", "mailing"},
    "sessions.events": {"cycle"},
    "trainings.events": {"title", "run", "certificate"},
    "publications.events": {"issue", "article", "subscription"},
}

every_event = pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)


def test_each_topic_is_declared_once_with_its_owner_and_its_partitions_for_life() -> None:
    assert len(TOPICS) == len(FIXED_FOR_LIFE)
    assert {topic.name: (topic.owner, topic.partitions) for topic in TOPICS} == FIXED_FOR_LIFE
    assert {name: partitions for name, (_, partitions) in FIXED_FOR_LIFE.items()} == PARTITIONS


def test_no_topic_ever_forgets() -> None:
    assert {topic.retention_ms for topic in TOPICS} == {-1}


@every_event
def test_an_event_is_declared_in_the_module_of_the_service_that_publishes_it(event: type[Event]) -> None:
    owner, _ = FIXED_FOR_LIFE[event.topic]
    assert event.__module__ == f"contracts.{owner}"


@every_event
def test_an_event_belongs_to_an_aggregate_of_its_topic_and_carries_its_id(event: type[Event]) -> None:
    assert event.aggregate in AGGREGATES[event.topic]
    key = "issue_id" if event.aggregate == "mailing" else f"{event.aggregate}_id"
    assert key in event.__struct_fields__


def test_no_two_events_have_one_name() -> None:
    names = [event.__name__ for event in events()]
    assert sorted(names) == sorted(set(names))


@every_event
def test_no_version_derives_from_another(event: type[Event]) -> None:
    """Only leaves are published: a V2 that derived from its V1 would take it off the list."""
    (base,) = event.__bases__
    assert base.__bases__ == (Event,)
    assert base.__name__.endswith("Fact")
