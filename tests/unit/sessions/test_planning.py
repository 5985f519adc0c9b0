from datetime import date
from uuid import uuid4

import pytest
from contracts.sessions import SessionScheduled
from hypothesis import given
from hypothesis import strategies as st
from sessions.domain.calendar import meeting_dates
from sessions.domain.cycle import Cycle

from .builders import OCTOBER, PROGRAMME, a_group_formed


def test_a_group_that_formed_gets_as_many_sessions_as_its_programme_asks_for():
    formed = a_group_formed(meetings=10)
    cycle = Cycle(id=formed.group_id, programme_id=None)
    events = cycle.plan(formed, PROGRAMME)
    assert [event.ordinal for event in events if isinstance(event, SessionScheduled)] == list(range(1, 11))
    assert [event.session_id for event in events] == [session.id for session in cycle.sessions]
    assert cycle.sessions[0].planned_on == OCTOBER
    assert cycle.sessions[9].planned_on == date(2023, 7, 12)
    assert (cycle.status, cycle.programme_id, cycle.minutes) == ("active", PROGRAMME, 300)


def test_a_cycle_is_planned_once():
    formed = a_group_formed()
    cycle = Cycle(id=formed.group_id, programme_id=None)
    first = cycle.plan(formed, PROGRAMME)
    assert cycle.plan(formed, PROGRAMME) == []
    assert [session.id for session in cycle.sessions] == [event.session_id for event in first]


def test_a_monthly_cycle_that_begins_on_the_31st_comes_back_to_it():
    dates = meeting_dates(date(2022, 10, 31), 6, "monthly")
    assert [(day.month, day.day) for day in dates] == [(10, 31), (11, 30), (12, 31), (1, 31), (2, 28), (3, 31)]


@pytest.mark.parametrize(("rhythm", "second"), [("weekly", 19), ("fortnightly", 26)])
def test_other_rhythms_keep_the_day_of_the_week(rhythm, second):
    assert meeting_dates(OCTOBER, 2, rhythm)[1] == date(2022, 10, second)


@given(
    first=st.dates(date(2015, 1, 1), date(2100, 1, 1)),
    meetings=st.integers(1, 40),
    rhythm=st.sampled_from(["monthly", "fortnightly", "weekly", "free"]),
)
def test_meetings_are_in_order_and_start_on_the_first_date(first, meetings, rhythm):
    dates = meeting_dates(first, meetings, rhythm)
    assert dates[0] == first
    assert dates == sorted(set(dates))
    assert len(dates) == meetings


def test_an_awaited_cycle_keeps_the_number_of_the_events_that_came_first():
    formed = a_group_formed()
    cycle = Cycle(id=formed.group_id, programme_id=PROGRAMME)
    (refused,) = cycle.lock(uuid4(), issue_id=uuid4(), issue="SPS 4/2022")
    assert refused.ground == "conclusion.unknown"
    assert len(cycle.plan(formed, PROGRAMME)) == 3
