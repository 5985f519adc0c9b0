"""The trials' own arithmetic: what they count is what was there."""

import random
from uuid import UUID, uuid4

import msgspec
import pytest
from contracts.cloudevents import envelope_of
from contracts.enrollment import GroupBelowMinimum
from superwizja.chaos.trials.broker import Marks, longest_gap
from superwizja.chaos.trials.history import MEETINGS, MEMBERS, chapter, opening, rows
from superwizja.chaos.trials.outboxes import row
from superwizja.chaos.trials.recovery import faults_of
from superwizja.chaos.trials.topics import Reading
from superwizja.chaos.trials.trial import Trial, greatest
from superwizja.runtime import Runtime
from superwizja.verify.fold import folded

KEY, PROGRAMME = uuid4(), uuid4()
Headers = list[tuple[str, bytes]]


def headers(version: int, key: UUID = KEY) -> Headers:
    packed = row(GroupBelowMinimum(group_id=key, seats_taken=1, minimum=2), key, version, PROGRAMME)[6]
    return msgspec.msgpack.decode(packed, type=Headers)


@pytest.fixture
def reading(tmp_path: object) -> Reading:
    return Reading(Runtime.model_validate({"profile": "none", "folder": tmp_path}), keys={KEY})


def taken(reading: Reading, *versions: int) -> Reading:
    known = {version: headers(version) for version in set(versions)}
    for version in versions:
        reading.take("enrollment.events", known[version])
    return reading


def test_events_that_come_in_order_and_again_are_no_inversion(reading: Reading) -> None:
    taken(reading, 1, 2, 3, 2, 3, 4)
    assert (reading.inversions, reading.repeated, len(reading.ids)) == (0, 2, 4)
    assert not any(reading.missing.values())


def test_an_event_that_first_comes_after_a_later_one_is_an_inversion(reading: Reading) -> None:
    taken(reading, 1, 3, 2, 2)
    assert (reading.inversions, reading.repeated) == (1, 1)


def test_a_version_that_never_comes_stays_missing(reading: Reading) -> None:
    assert taken(reading, 1, 4).missing[("enrollment.events", KEY)] == {2, 3}


def test_other_aggregates_and_what_is_no_event_are_passed_over(reading: Reading) -> None:
    reading.take("enrollment.events", headers(7, uuid4()))
    reading.take("enrollment.events", [("ce_id", b"nonsense")])
    assert reading.records == 0


def test_the_longest_gap_is_looked_for_after_the_kill_only() -> None:
    assert longest_gap([0.0, 5.0, 5.5, 7.0, 7.1], since=5.2) == 1.5
    assert longest_gap([0.0], since=0.0) == 0.0


def test_a_shard_is_silent_as_long_as_the_same_event_waits_first() -> None:
    marks = Marks()
    for at, first in enumerate([{0: 1, 1: 2}, {0: 1, 1: 4}, {0: 1, 1: 6}, {0: 9, 1: 8}, {1: 8}, {1: 8}, {0: 20}]):
        marks.see(first, float(at))
    assert marks.gaps(killed=0.0) == (1.0, 3.0)


def test_every_service_and_every_server_has_its_turn() -> None:
    services = faults_of("service", 15)
    assert {blow.fault for blow in services} == {"kill_service", "kill_worker", "kill_api"}
    for fault in ("kill_service", "kill_worker", "kill_api"):
        assert len({blow.target.split(".")[0] for blow in services if blow.fault == fault}) == 5
    assert [blow.target for blow in faults_of("broker", 4)] == ["kafka.1", "kafka.2", "kafka.3", "kafka.1"]
    assert len({blow.target for blow in faults_of("database", 5)}) == 5


def test_a_figure_that_was_never_reached_misses_its_goal() -> None:
    trial = Trial("kafka")
    trial.at_most("kafka_drained", None, 60, "s")
    trial.tell("kafka_rate", 17.0, "/s")
    assert [goal.holds for goal in trial.figures] == [False, None]
    assert not trial.held
    assert greatest([1.0, None]) is None


def test_a_history_adds_up_to_what_it_tells() -> None:
    rng = random.Random(7)
    told = [*opening(PROGRAMME, 1), *(each for _ in range(6) for each in chapter(rng))]
    written = [each for _, each in rows(told, PROGRAMME)]
    envelopes = [envelope_of(msgspec.msgpack.decode(each[6], type=Headers)) for each in written]
    figures = folded(zip((event for _, _, event in told), envelopes, strict=True))[PROGRAMME].figures()
    assert figures["sessions_completed"] == 6 * MEETINGS
    assert figures["training_groups_formed"] == figures["runs_completed"] == figures["submissions"] == 6
    assert figures["signatures"] == figures["training_attendances"] == 6 * MEMBERS
