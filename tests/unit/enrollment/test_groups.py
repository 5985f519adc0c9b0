from uuid import uuid4

import pytest
from enrollment.domain import leading
from enrollment.domain.groups import (
    GroupEnded,
    GroupTooSmall,
    GroupWithoutLeader,
    LeaderInConflict,
    NotForming,
    NotInShape,
)

from .builders import DAY, a_certificate, a_group, a_member, a_programme, a_shape, a_supervisor, types


def a_led_group(**more):
    group = a_group(**more)
    leading.assign(group, a_supervisor(), "leader", [], since=DAY)
    return group


def form(group, members=()):
    return group.form(a_programme(), members, formed_on=DAY, starts_on=DAY)


@pytest.mark.parametrize(("minimum", "maximum"), [(4, 15), (5, 16), (9, 8)])
def test_a_groups_numbers_lie_within_the_programmes(minimum, maximum):
    with pytest.raises(NotInShape) as refused:
        a_group(minimum=minimum, maximum=maximum).opened(a_programme())
    assert refused.value.ground == "programme.shape"
    assert types(a_group(minimum=5, maximum=8).opened(a_programme())) == ["GroupOpened"]


def test_a_group_forms_with_its_members_leaders_and_own_numbers():
    group = a_led_group(taken=2)
    members = [a_member(), a_member()]
    (formed,) = form(group, members)
    assert formed.members == tuple(sorted(member.person_id for member in members))
    assert formed.leaders == (group.leaders[0].supervisor_id,)
    assert formed.shape == a_shape(minimum=2, maximum=3)
    assert (group.status, group.formed_on) == ("formed", DAY)


def test_a_group_does_not_form_below_its_minimum():
    group = a_led_group(taken=1)
    with pytest.raises(GroupTooSmall) as refused:
        form(group)
    assert refused.value.ground == "programme.minimum"
    assert group.status == "forming"


def test_a_group_does_not_form_without_a_leader():
    with pytest.raises(GroupWithoutLeader) as refused:
        form(a_group(taken=2))
    assert refused.value.ground == "programme.leader"


def test_a_group_does_not_form_while_its_leader_may_not_lead_it():
    group = a_group(taken=2)
    therapist = a_supervisor(a_certificate("psychotherapy"))
    leading.assign(group, therapist, "leader", [], since=DAY)
    leading.joined_by(group, a_member(social_worker=True), [therapist])
    with pytest.raises(LeaderInConflict) as refused:
        form(group)
    assert refused.value.ground == "std.1.1"
    assert "std.1.1" in refused.value.text("pl")


def test_a_group_forms_once():
    group = a_led_group(taken=2)
    form(group)
    with pytest.raises(NotForming):
        form(group)


def test_a_cycle_that_is_complete_closes_the_group_once():
    group = a_led_group(taken=2)
    form(group)
    assert types(group.complete(on=DAY)) == ["GroupCompleted"]
    assert group.complete(on=DAY) == []
    with pytest.raises(GroupEnded):
        group.dissolve(on=DAY)


def test_a_dissolved_group_is_over():
    group = a_group()
    assert types(group.dissolve(on=DAY)) == ["GroupDissolved"]
    assert (group.status, group.ended_on, group.ended) == ("dissolved", DAY, True)
    assert group.leading(uuid4()) is None
