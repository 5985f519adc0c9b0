from datetime import date, timedelta
from uuid import uuid4

import pytest
from contracts.sessions import ContractRevised, ContractSigned
from sessions.domain.people import Leader
from sessions.domain.refusals import ContractUnsigned, DateTooEarly, NotOfTheGroup

from .builders import ANNA, BEATA, CELINA, DECEMBER, FORMED, LEADER, NOVEMBER, OCTOBER, a_cycle, a_roster, held


def start(cycle, ordinal, on, leaders=(LEADER,)):
    cycle.start(ordinal, on=on, leaders=list(leaders))


def sign(cycle, *people, on=OCTOBER):
    return cycle.sign(people, on=on, form="paper", recorded_by=LEADER)


def test_the_first_meeting_needs_no_signature():
    cycle = a_cycle(signed=False)
    start(cycle, 1, OCTOBER)
    assert cycle.sessions[0].status == "in_progress"


def test_no_second_session_while_someone_has_not_signed():
    cycle = a_cycle(signed=False, completed=1)
    sign(cycle, ANNA, BEATA, LEADER)
    with pytest.raises(ContractUnsigned) as refused:
        start(cycle, 2, NOVEMBER)
    assert (refused.value.ground, refused.value.details) == ("std.2.2", {"unsigned": 1})
    assert cycle.sessions[1].status == "planned"
    sign(cycle, CELINA, on=NOVEMBER)
    start(cycle, 2, NOVEMBER)


def test_the_leader_signs_too():
    cycle = a_cycle(signed=False, completed=1)
    sign(cycle, ANNA, BEATA, CELINA)
    with pytest.raises(ContractUnsigned):
        start(cycle, 2, NOVEMBER)


def test_the_second_session_is_told_by_its_date_and_not_by_its_ordinal():
    cycle = a_cycle(signed=False)
    start(cycle, 3, OCTOBER)
    with pytest.raises(ContractUnsigned):
        start(cycle, 1, NOVEMBER)


def test_two_sessions_on_one_day_are_two_sessions():
    cycle = a_cycle(signed=False)
    start(cycle, 1, OCTOBER)
    with pytest.raises(ContractUnsigned):
        start(cycle, 2, OCTOBER)


def test_a_session_recorded_late_cannot_turn_an_unsigned_one_into_the_second():
    cycle = a_cycle(signed=False)
    start(cycle, 2, NOVEMBER)
    with pytest.raises(ContractUnsigned):
        start(cycle, 1, OCTOBER)
    sign(cycle, ANNA, BEATA, CELINA, LEADER, on=NOVEMBER)
    start(cycle, 1, OCTOBER)


def test_a_first_meeting_without_a_quorum_does_not_count_as_the_first():
    cycle = a_cycle(signed=False)
    start(cycle, 1, OCTOBER)
    cycle.complete(1, held(cycle, a_roster(300)))
    start(cycle, 1, NOVEMBER)


def test_a_signature_given_after_the_session_does_not_count_for_it():
    cycle = a_cycle(signed=False, completed=1)
    sign(cycle, ANNA, BEATA, CELINA, LEADER, on=DECEMBER)
    with pytest.raises(ContractUnsigned):
        start(cycle, 2, NOVEMBER)
    start(cycle, 2, DECEMBER)


def test_a_revision_asks_everyone_to_sign_anew():
    cycle = a_cycle(completed=1)
    assert cycle.revise_contract(NOVEMBER) == [
        ContractRevised(cycle_id=cycle.id, contract_version=2, revised_on=NOVEMBER)
    ]
    assert cycle.unsigned() == {ANNA, BEATA, CELINA, LEADER}
    with pytest.raises(ContractUnsigned):
        start(cycle, 2, NOVEMBER)
    events = sign(cycle, ANNA, BEATA, CELINA, LEADER, on=NOVEMBER)
    assert [(event.contract_version, event.unsigned) for event in events if isinstance(event, ContractSigned)] == [
        (2, 3),
        (2, 2),
        (2, 1),
        (2, 0),
    ]
    start(cycle, 2, NOVEMBER)


def test_a_session_before_the_revision_was_held_under_the_contract_of_its_day():
    cycle = a_cycle(completed=1)
    cycle.revise_contract(DECEMBER)
    start(cycle, 2, NOVEMBER)


def test_a_late_joiner_signs_before_the_next_session():
    late = uuid4()
    cycle = a_cycle(completed=1)
    cycle.join(late, date(2022, 11, 1))
    with pytest.raises(ContractUnsigned):
        start(cycle, 2, NOVEMBER)
    sign(cycle, late, on=date(2022, 11, 2))
    start(cycle, 2, NOVEMBER)


def test_a_late_joiner_heard_of_during_the_session_signs_before_it_is_completed():
    late = uuid4()
    cycle = a_cycle(completed=1)
    start(cycle, 2, NOVEMBER)
    cycle.join(late, date(2022, 11, 1))
    with pytest.raises(ContractUnsigned) as refused:
        cycle.complete(2, held(cycle))
    assert (refused.value.ground, refused.value.details) == ("std.2.2", {"unsigned": 1})
    assert cycle.sessions[1].status == "in_progress"
    sign(cycle, late, on=NOVEMBER)
    cycle.complete(2, held(cycle))
    assert cycle.sessions[1].status == "completed"


def test_a_late_joiner_who_was_not_there_holds_no_session_up():
    late = uuid4()
    cycle = a_cycle(completed=1)
    start(cycle, 2, NOVEMBER)
    cycle.join(late, date(2022, 11, 1))
    cycle.complete(2, held(cycle, a_roster(300, 300, 300, 0, people=(ANNA, BEATA, CELINA, late))))
    assert cycle.sessions[1].status == "completed"


def test_who_withdraws_on_the_day_of_a_session_that_they_came_to_holds_it_not_up():
    late = uuid4()
    cycle = a_cycle(completed=1)
    start(cycle, 2, NOVEMBER)
    cycle.join(late, date(2022, 11, 1))
    cycle.withdraw(late, NOVEMBER)
    cycle.complete(2, held(cycle, a_roster(300, 300, 300, 300, people=(ANNA, BEATA, CELINA, late))))
    assert cycle.sessions[1].status == "completed"


def test_a_session_before_somebody_joined_does_not_wait_for_them():
    cycle = a_cycle(completed=1)
    cycle.join(uuid4(), date(2022, 11, 20))
    start(cycle, 2, NOVEMBER)


def test_nobody_waits_for_the_signature_of_who_withdrew():
    cycle = a_cycle(signed=False, completed=1)
    sign(cycle, ANNA, BEATA, LEADER)
    cycle.withdraw(CELINA, NOVEMBER)
    assert cycle.unsigned() == set()
    start(cycle, 2, NOVEMBER)


def test_who_comes_back_after_withdrawing_is_bound_by_what_they_signed():
    cycle = a_cycle()
    cycle.withdraw(CELINA, OCTOBER)
    cycle.join(CELINA, NOVEMBER)
    assert cycle.unsigned() == set()
    assert [member.since for member in cycle.members if member.person_id == CELINA] == [FORMED, NOVEMBER]


def test_a_co_leader_signs_before_leading_and_only_then_is_waited_for():
    co_leader = uuid4()
    cycle = a_cycle(completed=1)
    cycle.assign(Leader(person_id=co_leader, leads_as="co_leader", since=NOVEMBER))
    assert cycle.unsigned() == set()
    with pytest.raises(ContractUnsigned):
        start(cycle, 2, NOVEMBER, leaders=[LEADER, co_leader])
    start(cycle, 2, NOVEMBER)


def test_who_forms_the_group_as_a_co_leader_is_not_waited_for_either():
    co_leader = uuid4()
    cycle = a_cycle(signed=False, leaders=[LEADER, co_leader], co_leaders=(co_leader,), completed=1)
    assert cycle.unsigned() == {ANNA, BEATA, CELINA, LEADER}


def test_a_second_signature_of_the_same_version_changes_nothing():
    cycle = a_cycle()
    before = cycle.contract
    assert sign(cycle, ANNA, ANNA) == []
    assert cycle.contract == before


def test_nobody_from_outside_the_group_signs():
    cycle = a_cycle()
    cycle.withdraw(CELINA, NOVEMBER)
    with pytest.raises(NotOfTheGroup) as refused:
        sign(cycle, ANNA, CELINA, uuid4())
    assert refused.value.details["strangers"] == 2


def test_nobody_signs_a_contract_before_it_exists():
    cycle = a_cycle(signed=False)
    with pytest.raises(DateTooEarly):
        sign(cycle, ANNA, on=FORMED - timedelta(days=1))
    cycle.revise_contract(NOVEMBER)
    with pytest.raises(DateTooEarly):
        sign(cycle, ANNA, on=OCTOBER)
    with pytest.raises(DateTooEarly):
        cycle.revise_contract(OCTOBER)
