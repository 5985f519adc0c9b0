from datetime import date
from uuid import uuid4

import pytest
from contracts.sessions import (
    AttendanceCorrected,
    ConclusionConsentRevoked,
    ConclusionLocked,
    ConclusionLockRefused,
    ConclusionRecorded,
    ConclusionReleased,
    ConclusionWithheld,
)
from sessions.domain.refusals import (
    ConclusionIsLocked,
    ConclusionNotFound,
    CourseNotOver,
    DateTooEarly,
    DidNotTakePart,
    NotCompleted,
    NothingToRevoke,
)

from .builders import ANNA, BEATA, CELINA, DECEMBER, LEADER, NOVEMBER, OCTOBER, a_cycle, a_roster, a_row, held

ISSUE = uuid4()


def a_conclusion(cycle=None, ordinal=1, on=OCTOBER):
    """A conclusion of a session that Anna and Beata attended, and Celina did not."""
    if cycle is None:
        cycle = a_cycle()
        cycle.start(1, on=OCTOBER, leaders=[LEADER])
        cycle.complete(1, held(cycle, a_roster(300, 60, 0)))
    conclusion, events = cycle.conclude(
        ordinal, on=on, practice_before=["individual_work"], practice_recommended=["alliances", "family_meetings"]
    )
    return cycle, conclusion, events


def say(cycle, conclusion, *people, given=True, on=NOVEMBER):
    return cycle.consent(conclusion.id, people, given=given, on=on, form="paper", text_version="1", recorded_by=LEADER)


def revoke(cycle, conclusion, person, on=NOVEMBER):
    return cycle.revoke_consent(conclusion.id, person, on=on, recorded_by=person)


def lock(cycle, conclusion):
    return cycle.lock(conclusion.id, issue_id=ISSUE, issue="SPS 4/2022")


def test_a_conclusion_awaits_everyone_who_took_part():
    cycle, conclusion, (recorded,) = a_conclusion()
    assert recorded == ConclusionRecorded(
        cycle_id=cycle.id,
        conclusion_id=conclusion.id,
        session_id=cycle.sessions[0].id,
        recorded_on=OCTOBER,
        practice_before=("individual_work",),
        practice_recommended=("alliances", "family_meetings"),
        awaiting=2,
    )


def test_everyones_consent_releases_it_on_the_day_of_the_last():
    cycle, conclusion, _ = a_conclusion()
    assert say(cycle, conclusion, ANNA, on=DECEMBER) == []
    (released,) = say(cycle, conclusion, BEATA, on=NOVEMBER)
    assert isinstance(released, ConclusionReleased)
    assert released.released_on == DECEMBER
    assert conclusion.status == "released"


def test_one_refusal_withholds_it_for_good():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA)
    (withheld,) = say(cycle, conclusion, BEATA, given=False)
    assert withheld == ConclusionWithheld(
        cycle_id=cycle.id, conclusion_id=conclusion.id, withheld_on=NOVEMBER, ground="reg-2016.3.3"
    )
    assert say(cycle, conclusion, BEATA) == []
    assert conclusion.status == "withheld"
    assert len(conclusion.statements) == 3


def test_who_was_not_there_is_not_asked():
    cycle, conclusion, _ = a_conclusion()
    with pytest.raises(DidNotTakePart):
        say(cycle, conclusion, ANNA, CELINA)
    assert conclusion.statements == ()


def test_a_consent_is_evidence():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA)
    (statement,) = conclusion.statements
    assert (statement.person_id, statement.on, statement.form) == (ANNA, NOVEMBER, "paper")
    assert (statement.text_version, statement.recorded_by) == ("1", LEADER)


def test_a_consent_said_twice_is_one_consent():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA)
    assert say(cycle, conclusion, ANNA, ANNA) == []
    assert len(conclusion.statements) == 1


def test_a_withdrawal_takes_a_released_conclusion_back():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA, BEATA)
    assert revoke(cycle, conclusion, BEATA, on=DECEMBER) == [
        ConclusionConsentRevoked(cycle_id=cycle.id, conclusion_id=conclusion.id, person_id=BEATA, revoked_on=DECEMBER)
    ]
    assert conclusion.status == "revoked"
    (refused,) = lock(cycle, conclusion)
    assert isinstance(refused, ConclusionLockRefused)
    assert refused.ground == "reg-2016.3.3"
    with pytest.raises(NothingToRevoke):
        revoke(cycle, conclusion, BEATA, on=DECEMBER)


def test_a_withdrawal_before_everyone_answered_counts_too():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA)
    revoke(cycle, conclusion, ANNA)
    assert say(cycle, conclusion, BEATA) == []
    assert say(cycle, conclusion, ANNA) == []
    assert conclusion.status == "revoked"


def test_a_refusal_after_a_consent_is_a_withdrawal():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA, BEATA)
    assert [type(event) for event in say(cycle, conclusion, ANNA, given=False)] == [ConclusionConsentRevoked]


def test_a_locked_conclusion_can_no_longer_be_taken_back_and_names_the_issue():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA, BEATA)
    assert [type(event) for event in lock(cycle, conclusion)] == [ConclusionLocked]
    with pytest.raises(ConclusionIsLocked) as refused:
        revoke(cycle, conclusion, ANNA)
    assert refused.value.ground == "reg-2016.3.3"
    assert "SPS 4/2022" in refused.value.text("pl")
    with pytest.raises(ConclusionIsLocked):
        say(cycle, conclusion, ANNA, given=False)
    assert conclusion.status == "released"


def test_an_issue_that_asks_twice_is_answered_twice_and_locks_once():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA, BEATA)
    assert lock(cycle, conclusion) == lock(cycle, conclusion)
    assert len(conclusion.locks) == 1


def test_a_conclusion_that_awaits_consent_is_not_locked():
    cycle, conclusion, _ = a_conclusion()
    assert [type(event) for event in lock(cycle, conclusion)] == [ConclusionLockRefused]
    assert [refused.ground for refused in cycle.refused_locks] == ["reg-2016.3.3"]


def test_an_unknown_conclusion_is_refused_and_not_an_error():
    (refused,) = a_cycle().lock(uuid4(), issue_id=ISSUE, issue="SPS 4/2022")
    assert refused.ground == "conclusion.unknown"


def test_the_conclusion_of_a_course_asks_everyone_who_ever_took_part_once_it_is_over():
    cycle = a_cycle(completed=2)
    with pytest.raises(CourseNotOver):
        a_conclusion(cycle, None, DECEMBER)
    cycle.start(3, on=DECEMBER, leaders=[LEADER])
    cycle.complete(3, held(cycle, a_roster(300, 300, 0)))
    _, conclusion, (recorded,) = a_conclusion(cycle, None, DECEMBER)
    assert (recorded.session_id, recorded.awaiting) == (None, 3)
    say(cycle, conclusion, ANNA, BEATA, on=DECEMBER)
    assert conclusion.status == "awaiting"
    say(cycle, conclusion, CELINA, on=DECEMBER)
    assert conclusion.status == "released"


def test_a_dissolved_group_may_still_conclude():
    cycle = a_cycle(completed=1)
    cycle.dissolve(NOVEMBER)
    _, _, (recorded,) = a_conclusion(cycle, None, NOVEMBER)
    assert recorded.awaiting == 3


def test_a_dissolved_group_first_ends_the_session_that_is_under_way():
    cycle = a_cycle(completed=1)
    cycle.start(2, on=NOVEMBER, leaders=[LEADER])
    cycle.dissolve(NOVEMBER)
    with pytest.raises(CourseNotOver):
        a_conclusion(cycle, None, NOVEMBER)


def test_a_conclusion_is_of_a_session_that_took_place_and_not_earlier():
    cycle = a_cycle(completed=1)
    with pytest.raises(NotCompleted):
        a_conclusion(cycle, 2, DECEMBER)
    with pytest.raises(DateTooEarly):
        a_conclusion(cycle, 1, date(2022, 10, 11))
    _, conclusion, _ = a_conclusion(cycle, 1, NOVEMBER)
    with pytest.raises(DateTooEarly):
        say(cycle, conclusion, ANNA, on=OCTOBER)
    say(cycle, conclusion, ANNA, on=DECEMBER)
    with pytest.raises(DateTooEarly):
        revoke(cycle, conclusion, ANNA, on=NOVEMBER)
    with pytest.raises(ConclusionNotFound):
        cycle.revoke_consent(uuid4(), ANNA, on=NOVEMBER, recorded_by=ANNA)


def test_who_turns_out_to_have_taken_part_is_asked_and_until_then_nothing_is_cited():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA, BEATA)
    corrected, revoked = cycle.correct(1, a_row(CELINA, 120), on=DECEMBER)
    assert isinstance(corrected, AttendanceCorrected)
    assert isinstance(revoked, ConclusionConsentRevoked)
    assert revoked.person_id == CELINA
    assert conclusion.status == "awaiting"
    assert [type(event) for event in say(cycle, conclusion, CELINA, on=DECEMBER)] == [ConclusionReleased]


def test_who_turns_out_not_to_have_taken_part_is_no_longer_waited_for():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA)
    events = cycle.correct(1, a_row(BEATA, 0), on=DECEMBER)
    assert [type(event) for event in events] == [AttendanceCorrected, ConclusionReleased]


def test_a_correction_leaves_alone_what_an_issue_has_locked():
    cycle, conclusion, _ = a_conclusion()
    say(cycle, conclusion, ANNA, BEATA)
    lock(cycle, conclusion)
    assert [type(event) for event in cycle.correct(1, a_row(CELINA, 120), on=DECEMBER)] == [AttendanceCorrected]
    assert conclusion.status == "released"


def test_a_correction_that_leaves_nobody_releases_nothing():
    cycle, conclusion, _ = a_conclusion()
    cycle.correct(1, a_row(BEATA, 0), on=DECEMBER)
    cycle.correct(1, a_row(ANNA, 0), on=DECEMBER)
    assert conclusion.status == "awaiting"
