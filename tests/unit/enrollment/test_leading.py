from datetime import date
from uuid import uuid4

import pytest
from enrollment.domain import leading
from enrollment.domain.days import Period
from enrollment.domain.leading import AlreadyLeads, LeaderNotFound, WrongLeading
from enrollment.domain.supervisors import TieEnded, TieNotFound

from .builders import DAY, a_certificate, a_group, a_member, a_supervisor, a_tie, types

LATER = date(2023, 1, 10)


def assign(group, supervisor, members=(), *, leads_as="leader", since=DAY):
    return leading.assign(group, supervisor, leads_as, members, since=since)


def test_a_certified_supervisor_without_ties_leads():
    group, supervisor = a_group(), a_supervisor()
    ground, events = assign(group, supervisor, [a_member(social_worker=True)])
    assert ground is None
    assert types(events) == ["SupervisorAssigned"]
    assert group.leading(supervisor.id).leads_as == "leader"


@pytest.mark.parametrize(
    ("kind", "ground"),
    [
        ("employment", "reg-2016.4.1"),
        ("superior", "reg-2016.4.1"),
        ("family", "std.1.4"),
        ("personal", "std.1.4"),
        ("business", "std.1.4"),
    ],
)
@pytest.mark.parametrize("to", ["centre", "person"])
def test_a_tie_with_a_member_or_their_centre_refuses(kind, ground, to):
    member = a_member()
    tied = {"centre_id": member.centre_id} if to == "centre" else {"person_id": member.person_id}
    group, supervisor = a_group(), a_supervisor(ties=[a_tie(kind, **tied)])
    assert assign(group, supervisor, [a_member(), member])[0] == ground
    assert group.leaders == ()


def test_a_refused_assignment_is_an_outcome_with_its_ground():
    member = a_member()
    supervisor = a_supervisor(ties=[a_tie(centre_id=member.centre_id)])
    _, (refused,) = assign(a_group(), supervisor, [member])
    assert (refused.supervisor_id, refused.ground) == (supervisor.id, "reg-2016.4.1")


def test_the_law_is_cited_before_the_standard():
    member = a_member(social_worker=True)
    supervisor = a_supervisor(
        a_certificate("psychotherapy"),
        ties=[a_tie("family", person_id=member.person_id), a_tie(centre_id=member.centre_id)],
    )
    assert assign(a_group(), supervisor, [member])[0] == "reg-2016.4.1"


def test_a_tie_with_the_centre_that_a_group_is_drawn_from_refuses_before_anybody_is_in_it():
    centre = uuid4()
    assert assign(a_group(centre_id=centre), a_supervisor(ties=[a_tie(centre_id=centre)]))[0] == "reg-2016.4.1"


def test_a_tie_that_is_over_refuses_nothing():
    member = a_member()
    over = a_tie(centre_id=member.centre_id, until=date(2022, 10, 2))
    assert assign(a_group(), a_supervisor(ties=[over]), [member])[0] is None
    still = a_tie(centre_id=member.centre_id, until=DAY)
    assert assign(a_group(), a_supervisor(ties=[still]), [member])[0] == "reg-2016.4.1"


@pytest.mark.parametrize("kind", ["domestic_violence", "psychotherapy"])
def test_a_group_with_a_social_worker_needs_a_social_work_supervisor(kind):
    supervisor = a_supervisor(a_certificate(kind))
    assert assign(a_group(), supervisor, [a_member(), a_member(social_worker=True)])[0] == "std.1.1"
    assert assign(a_group(), supervisor, [a_member()])[0] is None


def test_a_social_worker_counts_though_they_enrolled_after_the_recorded_day():
    supervisor = a_supervisor(a_certificate("psychotherapy"))
    assert assign(a_group(), supervisor, [a_member(social_worker=True, since=LATER)])[0] == "std.1.1"


def test_no_group_is_led_without_any_certificate_that_is_valid_that_day():
    expired = a_certificate(valid_to=date(2022, 10, 2))
    coming = a_certificate(valid_from=date(2022, 10, 4))
    assert assign(a_group(), a_supervisor(expired, coming))[0] == "std.1.2"


def test_trainers_need_no_certificate_and_may_be_colleagues():
    member = a_member(social_worker=True)
    trainer = a_supervisor(a_certificate("psychotherapy"), ties=[a_tie(centre_id=member.centre_id)])
    group = a_group(track="training")
    assert assign(group, trainer, [member], leads_as="trainer")[0] is None
    assert leading.joined_by(group, member, [trainer]) == []


@pytest.mark.parametrize(("track", "leads_as"), [("training", "leader"), ("supervision", "trainer")])
def test_supervision_has_leaders_and_training_has_trainers(track, leads_as):
    with pytest.raises(WrongLeading):
        assign(a_group(track=track), a_supervisor(), leads_as=leads_as)


def test_a_group_has_one_leader_and_may_have_co_leaders():
    group, supervisor = a_group(), a_supervisor()
    assign(group, supervisor)
    assert assign(group, a_supervisor(), leads_as="co_leader")[0] is None
    with pytest.raises(AlreadyLeads):
        assign(group, a_supervisor())
    with pytest.raises(AlreadyLeads):
        assign(group, supervisor, leads_as="co_leader")


def test_a_certificate_that_will_expire_is_told_of_at_assignment():
    supervisor = a_supervisor(a_certificate(valid_to=LATER))
    _, events = assign(a_group(), supervisor)
    assert types(events) == ["SupervisorAssigned", "LeaderConflictArose"]
    assert (events[1].ground, events[1].since, events[1].until) == ("std.1.2", date(2023, 1, 11), None)


def test_a_social_worker_who_joins_late_raises_a_conflict_from_that_day():
    group, supervisor = a_group(), a_supervisor(a_certificate("psychotherapy"))
    assign(group, supervisor)
    (arose,) = leading.joined_by(group, a_member(social_worker=True, since=LATER), [supervisor])
    assert (arose.supervisor_id, arose.ground, arose.since, arose.until) == (supervisor.id, "std.1.1", LATER, None)
    assert leading.joined_by(group, a_member(social_worker=True, since=LATER), [supervisor]) == []


def test_a_tie_that_arises_stands_until_it_ends():
    group, supervisor, member = a_group(), a_supervisor(), a_member()
    assign(group, supervisor, [member])
    tie = a_tie("business", since=LATER, person_id=member.person_id)
    supervisor.tie(tie)
    (arose,) = leading.reconsider(group, supervisor, [member])
    assert (arose.ground, arose.since, arose.until) == ("std.1.4", LATER, None)
    assert leading.reconsider(group, supervisor, [member]) == []

    supervisor.end_tie(tie.id, on=date(2023, 2, 1))
    (cleared,) = leading.reconsider(group, supervisor, [member])
    assert (cleared.ground, cleared.since) == ("std.1.4", date(2023, 2, 1))
    assert {one.period for one in group.conflicts} == {Period(LATER, date(2023, 1, 31))}
    with pytest.raises(TieEnded):
        supervisor.end_tie(tie.id, on=date(2023, 2, 1))
    with pytest.raises(TieNotFound):
        supervisor.end_tie(uuid4(), on=date(2023, 2, 1))


def test_a_tie_that_ended_before_it_began_never_was():
    group, supervisor, member = a_group(), a_supervisor(), a_member()
    assign(group, supervisor, [member])
    tie = a_tie(since=LATER, person_id=member.person_id)
    supervisor.tie(tie)
    leading.reconsider(group, supervisor, [member])
    supervisor.end_tie(tie.id, on=LATER)
    (cleared,) = leading.reconsider(group, supervisor, [member])
    assert cleared.since == LATER
    assert group.conflicts == frozenset()


def test_a_new_certificate_clears_what_its_lack_raised():
    group, supervisor = a_group(), a_supervisor(a_certificate(valid_to=LATER))
    assign(group, supervisor)
    supervisor.certify(a_certificate(valid_from=LATER))
    (cleared,) = leading.reconsider(group, supervisor, [])
    assert (cleared.ground, cleared.since) == ("std.1.2", date(2023, 1, 11))


def test_a_leader_is_replaced_through_the_same_gates():
    group, first, second, member = a_group(), a_supervisor(), a_supervisor(), a_member()
    assign(group, first, [member])
    tied = a_supervisor(ties=[a_tie(person_id=member.person_id)])
    ground, (refused,) = leading.replace(group, first.id, tied, [member], since=LATER)
    assert ground == refused.ground == "reg-2016.4.1"
    ground, (replaced,) = leading.replace(group, first.id, second, [member], since=LATER)
    assert ground is None
    assert (replaced.previous_id, replaced.supervisor_id) == (first.id, second.id)
    assert [one.supervisor_id for one in group.now_leading()] == [second.id]
    with pytest.raises(LeaderNotFound):
        leading.replace(group, first.id, a_supervisor(), [member], since=LATER)
    with pytest.raises(AlreadyLeads):
        leading.replace(group, second.id, second, [member], since=LATER)


def test_with_a_leader_goes_what_stood_against_them():
    group, first, member = a_group(), a_supervisor(), a_member()
    assign(group, first, [member])
    first.tie(a_tie(since=LATER, person_id=member.person_id))
    leading.reconsider(group, first, [member])
    _, events = leading.replace(group, first.id, a_supervisor(), [member], since=LATER)
    assert types(events) == ["LeaderReplaced", "LeaderConflictCleared"]
    assert group.conflicts == frozenset()
    assert leading.reconsider(group, first, [member]) == []
