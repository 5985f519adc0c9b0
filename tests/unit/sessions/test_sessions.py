from datetime import date
from uuid import uuid4

import pytest
from contracts.sessions import (
    Attendance,
    AttendanceCorrected,
    CycleCompleted,
    SessionCancelled,
    SessionCompleted,
    SessionInquorate,
    SessionPostponed,
    SessionRescheduled,
)
from hypothesis import given
from hypothesis import strategies as st
from sessions.domain.people import Leader, LeaderConflict
from sessions.domain.refusals import (
    AlreadyCompleted,
    DateTooEarly,
    DoesNotLead,
    GroupHasDissolved,
    LeaderInConflict,
    MinutesDisagree,
    NotCompleted,
    NothingToCorrect,
    NotOfTheGroup,
    NotPlanned,
    NotUnderWay,
    PlannedForThatDay,
    SessionNotFound,
    SessionTooShort,
    TwiceOnTheRoster,
)
from sessions.domain.session import check_minutes

from .builders import (
    ANNA,
    BEATA,
    CELINA,
    DECEMBER,
    LEADER,
    NOVEMBER,
    OCTOBER,
    a_cycle,
    a_roster,
    a_row,
    held,
)


def under_way(cycle=None, **more):
    cycle = cycle or a_cycle()
    cycle.start(1, on=OCTOBER, leaders=[LEADER], **more)
    return cycle


def test_a_completed_session_tells_its_roster_and_its_codes():
    cycle = under_way(venue="1465011")
    roster = a_roster(300, 120, 0)
    told = {"themes": ("violence", "alcohol", "violence"), "methods": ("balint_elements",), "case_rounds": 2}
    (completed,) = cycle.complete(1, held(cycle, roster, **told))
    session = cycle.sessions[0]
    assert completed == SessionCompleted(
        cycle_id=cycle.id,
        session_id=session.id,
        ordinal=1,
        held_on=OCTOBER,
        minutes=300,
        leaders=(LEADER,),
        attendance=roster,
        themes=("violence", "alcohol"),
        methods=("balint_elements",),
        case_rounds=2,
    )
    assert (session.status, session.roster, session.venue) == ("completed", roster, "1465011")


def test_the_last_session_completes_the_cycle_with_everyones_minutes():
    cycle = a_cycle(completed=2)
    cycle.withdraw(CELINA, date(2022, 11, 20))
    cycle.start(3, on=DECEMBER, leaders=[LEADER])
    completed, ended = cycle.complete(3, held(cycle, a_roster(300, 150)))
    assert isinstance(completed, SessionCompleted)
    assert isinstance(ended, CycleCompleted)
    assert {row.person_id: row.minutes for row in ended.attendance} == {ANNA: 900, BEATA: 750, CELINA: 600}
    assert (ended.sessions, ended.minutes, ended.completed_on, ended.threshold_percent) == (3, 900, DECEMBER, 80)
    assert cycle.status == "completed"


def test_too_few_people_give_the_ordinal_back():
    cycle = under_way()
    (event,) = cycle.complete(1, held(cycle, a_roster(300, 0, 0)))
    assert event == SessionInquorate(
        cycle_id=cycle.id, session_id=cycle.sessions[0].id, ordinal=1, held_on=OCTOBER, present=1, quorum=2
    )
    assert (cycle.sessions[0].status, cycle.sessions[0].held_on, cycle.sessions[0].roster) == ("planned", None, ())


def test_a_session_is_started_once_and_completed_once():
    cycle = a_cycle()
    with pytest.raises(NotUnderWay):
        cycle.complete(1, held(cycle))
    under_way(cycle)
    with pytest.raises(NotPlanned):
        cycle.start(1, on=OCTOBER, leaders=[LEADER])
    cycle.complete(1, held(cycle))
    with pytest.raises(NotUnderWay):
        cycle.complete(1, held(cycle))
    with pytest.raises(NotPlanned):
        cycle.start(1, on=OCTOBER, leaders=[LEADER])
    with pytest.raises(SessionNotFound):
        cycle.start(4, on=OCTOBER, leaders=[LEADER])


def test_every_session_has_the_programmes_length():
    cycle = under_way()
    with pytest.raises(SessionTooShort) as refused:
        cycle.complete(1, held(cycle, (), minutes=299))
    assert refused.value.ground == "programme.length"


def test_one_row_a_person():
    cycle = under_way()
    with pytest.raises(TwiceOnTheRoster):
        cycle.complete(1, held(cycle, (*a_roster(300, 300), a_row(ANNA, 300))))


def test_a_roster_holds_members_of_that_day_and_nobody_else():
    cycle = under_way()
    with pytest.raises(NotOfTheGroup):
        cycle.complete(1, held(cycle, (*a_roster(300, 300), a_row(uuid4(), 300))))
    late = uuid4()
    cycle.join(late, NOVEMBER)
    with pytest.raises(NotOfTheGroup):
        cycle.complete(1, held(cycle, (*a_roster(300, 300), a_row(late, 300))))
    cycle.withdraw(CELINA, OCTOBER)
    cycle.complete(1, held(cycle, a_roster(300, 300, 300)))


@given(minutes=st.integers(0, 400), status=st.sampled_from(["attended", "partly_attended", "excused", "absent"]))
def test_minutes_agree_with_the_status(minutes, status):
    allowed = {"attended": {300}, "partly_attended": set(range(1, 300)), "excused": {0}, "absent": {0}}[status]
    entry = Attendance(person_id=ANNA, status=status, minutes=minutes)
    if minutes in allowed:
        check_minutes(entry, 300)
    else:
        with pytest.raises(MinutesDisagree):
            check_minutes(entry, 300)


def test_leading_is_per_session_and_only_who_was_assigned_may():
    co_leader = uuid4()
    cycle = a_cycle()
    with pytest.raises(DoesNotLead):
        cycle.start(1, on=OCTOBER, leaders=[LEADER, co_leader])
    cycle.assign(Leader(person_id=co_leader, leads_as="co_leader", since=OCTOBER))
    under_way(cycle)
    (completed,) = cycle.complete(1, held(cycle, leaders=(LEADER, co_leader)))
    assert completed.leaders == (LEADER, co_leader)


def test_who_joins_in_the_course_of_a_session_goes_through_the_same_gates():
    cycle = under_way()
    with pytest.raises(DoesNotLead):
        cycle.complete(1, held(cycle, leaders=(LEADER, uuid4())))
    assert cycle.sessions[0].status == "in_progress"


def test_a_leader_makes_way_on_the_day_on_which_the_next_begins():
    successor = uuid4()
    cycle = a_cycle(completed=1)
    cycle.replace_leader(LEADER, Leader(person_id=successor, leads_as="leader", since=NOVEMBER))
    cycle.sign([successor], on=NOVEMBER, form="electronic", recorded_by=successor)
    with pytest.raises(DoesNotLead):
        cycle.start(2, on=NOVEMBER, leaders=[LEADER])
    cycle.start(2, on=NOVEMBER, leaders=[successor])
    assert (cycle.is_led_by(LEADER), cycle.is_led_by(successor)) == (False, True)


def test_no_session_starts_while_its_leaders_conflict_stands_on_its_date():
    cycle = a_cycle()
    cycle.conflict_arose(LeaderConflict(person_id=LEADER, ground="std.1.4", since=OCTOBER))
    with pytest.raises(LeaderInConflict) as refused:
        cycle.start(1, on=OCTOBER, leaders=[LEADER])
    assert refused.value.ground == "std.1.4"
    assert "std.1.4" in refused.value.text("pl")
    cycle.start(1, on=date(2022, 10, 11), leaders=[LEADER])


def test_a_cleared_conflict_stood_until_then():
    cycle = a_cycle(completed=1)
    cycle.conflict_arose(LeaderConflict(person_id=LEADER, ground="std.1.4", since=NOVEMBER))
    cycle.conflict_cleared(LEADER, "std.1.4", DECEMBER)
    with pytest.raises(LeaderInConflict):
        cycle.start(2, on=NOVEMBER, leaders=[LEADER])
    cycle.start(2, on=DECEMBER, leaders=[LEADER])


def test_clearing_one_ground_leaves_the_others():
    cycle = a_cycle()
    for ground in ("std.1.4", "reg-2016.4.1"):
        cycle.conflict_arose(LeaderConflict(person_id=LEADER, ground=ground, since=OCTOBER))
    cycle.conflict_cleared(LEADER, "std.1.4", OCTOBER)
    with pytest.raises(LeaderInConflict) as refused:
        cycle.start(1, on=OCTOBER, leaders=[LEADER])
    assert refused.value.ground == "reg-2016.4.1"


def test_no_session_before_the_group_formed():
    with pytest.raises(DateTooEarly):
        a_cycle().start(1, on=date(2022, 10, 2), leaders=[LEADER])


def test_a_dissolved_group_begins_no_session_and_may_end_one():
    cycle = a_cycle(completed=1)
    cycle.start(2, on=NOVEMBER, leaders=[LEADER])
    cycle.dissolve(NOVEMBER)
    assert (cycle.status, cycle.is_over()) == ("dissolved", False)
    for ordinal in (3, 1):
        with pytest.raises((GroupHasDissolved, NotPlanned)):
            cycle.start(ordinal, on=OCTOBER, leaders=[LEADER])
    with pytest.raises(GroupHasDissolved):
        cycle.reschedule(3, DECEMBER)
    cycle.complete(2, held(cycle))
    assert cycle.is_over()


def test_a_planned_session_moves_to_another_date():
    cycle = a_cycle()
    assert cycle.reschedule(1, NOVEMBER) == [
        SessionRescheduled(
            cycle_id=cycle.id,
            session_id=cycle.sessions[0].id,
            ordinal=1,
            planned_on=NOVEMBER,
            previously_on=OCTOBER,
        )
    ]
    with pytest.raises(PlannedForThatDay):
        cycle.reschedule(1, NOVEMBER)


def test_a_postponed_session_keeps_its_ordinal_and_may_have_a_new_date():
    cycle = under_way()
    postponed, moved = cycle.postpone(1, NOVEMBER)
    assert isinstance(postponed, SessionPostponed)
    assert isinstance(moved, SessionRescheduled)
    assert (postponed.planned_on, moved.planned_on) == (OCTOBER, NOVEMBER)
    session = cycle.session(1)
    assert (session.status, session.held_on, session.planned_on) == ("planned", None, NOVEMBER)
    assert [type(event) for event in cycle.postpone(1, None)] == [SessionPostponed]


def test_a_cancelled_session_gives_its_ordinal_back():
    cycle = under_way()
    assert [type(event) for event in cycle.cancel(1)] == [SessionCancelled]
    cycle.start(1, on=OCTOBER, leaders=[LEADER])


def test_what_took_place_is_neither_moved_nor_called_off():
    cycle = a_cycle(completed=1)
    with pytest.raises(AlreadyCompleted):
        cycle.cancel(1)
    with pytest.raises(AlreadyCompleted):
        cycle.postpone(1, None)
    with pytest.raises(NotPlanned):
        cycle.reschedule(1, NOVEMBER)


def test_a_correction_tells_the_minutes_before_and_after():
    cycle = a_cycle(completed=3)
    assert cycle.correct(2, a_row(BEATA, 100), on=DECEMBER) == [
        AttendanceCorrected(
            cycle_id=cycle.id,
            session_id=cycle.sessions[1].id,
            person_id=BEATA,
            held_on=NOVEMBER,
            corrected_on=DECEMBER,
            status="partly_attended",
            minutes=100,
            previous_minutes=300,
        )
    ]
    assert [row.minutes for row in cycle.sessions[1].roster] == [300, 100, 300]
    assert cycle.status == "completed"


def test_a_correction_adds_who_was_left_out():
    cycle = under_way()
    cycle.complete(1, held(cycle, a_roster(300, 300)))
    (corrected,) = cycle.correct(1, a_row(CELINA, 300), on=OCTOBER)
    assert corrected.previous_minutes == 0
    assert len(cycle.sessions[0].roster) == 3


def test_a_correction_is_of_a_member_at_a_session_that_took_place_and_changes_something():
    cycle = a_cycle(completed=1)
    with pytest.raises(NotCompleted):
        cycle.correct(2, a_row(ANNA, 0), on=DECEMBER)
    with pytest.raises(NotOfTheGroup):
        cycle.correct(1, a_row(uuid4(), 0), on=DECEMBER)
    with pytest.raises(MinutesDisagree):
        cycle.correct(1, Attendance(person_id=ANNA, status="attended", minutes=10), on=DECEMBER)
    with pytest.raises(NothingToCorrect):
        cycle.correct(1, a_row(ANNA, 300), on=DECEMBER)
    with pytest.raises(DateTooEarly):
        cycle.correct(1, a_row(ANNA, 0), on=date(2022, 10, 11))
