from uuid import uuid4

import pytest
from contracts.enrollment import Target
from enrollment.domain.centres import Centre
from enrollment.domain.programmes import AlreadyAnswered, NoSuchTrack

from .builders import DAY, a_programme, types


def a_centre():
    return Centre(uuid4(), "Ośrodek (przykład)", "MOPS", "1020031")


def test_a_programme_may_lack_almost_everything():
    bare = a_programme(audience=(), supervision=None, training=None, targets=(), areas=())
    (opened,) = bare.opened()
    assert opened.supervision is None
    assert opened.targets == ()
    with pytest.raises(NoSuchTrack) as refused:
        bare.shape_of("training")
    assert refused.value.ground == "programme.shape"


def test_targets_are_replaced_and_told_only_when_they_differ():
    programme = a_programme()
    assert programme.change_targets(programme.targets) == []
    (changed,) = programme.change_targets([Target(indicator="titles_published", value=20)])
    assert changed.targets == programme.targets == (Target(indicator="titles_published", value=20),)


@pytest.mark.parametrize(("answer", "event"), [("joined", "CentreJoined"), ("declined", "CentreDeclined")])
def test_an_invitation_is_answered_once(answer, event):
    programme, centre = a_programme(), a_centre()
    invitation, events = programme.invite(centre)
    assert types(events) == ["CentreInvited"]
    assert types(programme.answered(invitation, centre, answer, on=DAY)) == [event]
    assert (invitation.status, invitation.answered_on) == (answer, DAY)
    with pytest.raises(AlreadyAnswered):
        programme.answered(invitation, centre, "joined", on=DAY)
