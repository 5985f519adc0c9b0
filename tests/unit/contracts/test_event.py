"""An event type is named by its class and its topic, and found by that name."""

import gc
from typing import ClassVar
from uuid import UUID, uuid4

import msgspec
import pytest
from contracts import enrollment, sessions
from contracts.event import Event, published_by


class TestsFact(Event, frozen=True, kw_only=True):
    """An event of a service that only this test knows."""

    topic: ClassVar[str] = "meetings.events"
    aggregate: ClassVar[str] = "meeting"


class MeetingHeld(TestsFact, frozen=True, kw_only=True):
    """A meeting was held."""

    meeting_id: UUID


class MeetingHeldV2(TestsFact, frozen=True, kw_only=True):
    """A meeting was held, in a place."""

    meeting_id: UUID
    place: str


class VenueVisitedV12(TestsFact, frozen=True, kw_only=True):
    """A name that begins with the letter of versions."""

    meeting_id: UUID


class ViewV(TestsFact, frozen=True, kw_only=True):
    """A name that ends with that letter and no number."""

    meeting_id: UUID


@pytest.mark.parametrize(
    ("event", "type_name"),
    [
        (MeetingHeld, "pl.superwizja.meetings.meeting-held.v1"),
        (MeetingHeldV2, "pl.superwizja.meetings.meeting-held.v2"),
        (VenueVisitedV12, "pl.superwizja.meetings.venue-visited.v12"),
        (ViewV, "pl.superwizja.meetings.view-v.v1"),
        (sessions.SessionCompleted, "pl.superwizja.sessions.session-completed.v1"),
        (enrollment.SupervisorAssignmentRefused, "pl.superwizja.enrollment.supervisor-assignment-refused.v1"),
    ],
)
def test_a_type_is_named_after_its_class_its_topic_and_its_version(event: type[Event], type_name: str) -> None:
    assert event.type == type_name


def test_the_schemas_identifier_is_the_types_name_as_a_urn() -> None:
    assert MeetingHeldV2.schema() == "urn:superwizja:schema:meetings:meeting-held:v2"


def test_all_versions_of_a_topics_events_are_found_by_name_and_no_other_topics() -> None:
    assert published_by("meetings.events") == {
        event.type: event for event in (MeetingHeld, MeetingHeldV2, VenueVisitedV12, ViewV)
    }
    assert sessions.SessionCompleted.type in published_by(sessions.TOPIC)
    assert sessions.SessionCompleted.type not in published_by(enrollment.TOPIC)
    assert published_by("nobody.events") == {}


def test_a_services_base_class_is_no_event() -> None:
    assert TestsFact not in published_by("meetings.events").values()
    assert sessions.SessionsFact not in published_by(sessions.TOPIC).values()


def test_a_class_that_is_gone_publishes_nothing() -> None:
    msgspec.defstruct("Passing", [], bases=(Event,), namespace={"topic": "passing.events"}, frozen=True, kw_only=True)
    gc.collect()
    assert published_by("passing.events") == {}


def test_an_event_is_a_value_that_cannot_be_changed() -> None:
    held = MeetingHeld(meeting_id=uuid4())
    assert held == MeetingHeld(meeting_id=held.meeting_id)
    with pytest.raises(AttributeError):
        held.meeting_id = uuid4()  # type: ignore[misc]  # that it is refused is what is tested


def test_the_type_and_the_topic_are_not_in_the_body() -> None:
    held = MeetingHeld(meeting_id=UUID(int=7))
    assert msgspec.json.decode(msgspec.json.encode(held)) == {"meeting_id": str(UUID(int=7))}
