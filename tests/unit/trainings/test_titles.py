from datetime import date

import pytest
from contracts.trainings import TitleDeveloped, TitlePublished, TitleSuperseded
from trainings.domain.titles import (
    TitleDatesReversed,
    TitleNeedsMissing,
    TitleOutOfTurn,
    TitleUnfitToReplace,
)

from .builders import a_title

MAY, JUNE = date(2022, 5, 4), date(2022, 6, 1)


def test_a_title_is_developed_then_published_with_the_needs_that_it_answers():
    title = a_title()
    developed, published = title.develop(MAY), title.publish(JUNE)
    assert [type(event) for event in developed + published] == [TitleDeveloped, TitlePublished]
    assert published[0].worker_needs == ("working_with_an_interpreter",)
    assert published[0].family_problems == ("language_barrier",)
    assert title.status == "published"


@pytest.mark.parametrize("kind", ["worker_need", "family_problem"])
def test_a_title_that_answers_one_side_only_is_not_published(kind):
    title = a_title(needs=False, developed_on=MAY)
    title.tie(kind, "trauma", "predicted")
    with pytest.raises(TitleNeedsMissing) as refused:
        title.publish(JUNE)
    assert refused.value.ground == "programme.title-needs"
    assert title.status == "developed"


def test_a_title_in_development_is_not_published():
    with pytest.raises(TitleOutOfTurn):
        a_title().publish(JUNE)


def test_a_title_is_published_no_earlier_than_developed():
    title = a_title(developed_on=JUNE)
    with pytest.raises(TitleDatesReversed):
        title.publish(MAY)
    assert title.publish(JUNE)


def test_a_title_is_developed_once():
    title = a_title(developed_on=MAY)
    with pytest.raises(TitleOutOfTurn):
        title.develop(JUNE)
    assert title.developed_on == MAY


def test_a_predicted_need_may_turn_out_diagnosed_and_counts_once():
    title = a_title(needs=False)
    title.tie("family_problem", "school_of_the_children", "predicted")
    title.tie("family_problem", "school_of_the_children", "diagnosed")
    assert [(need.code, need.basis) for need in title.needs] == [("school_of_the_children", "diagnosed")]


def test_what_a_published_title_answers_is_settled():
    title = a_title(developed_on=MAY)
    title.publish(JUNE)
    with pytest.raises(TitleOutOfTurn):
        title.tie("worker_need", "self_care", "predicted")


def test_a_published_title_gives_way_to_a_developed_one():
    old, new = a_title(developed_on=MAY), a_title(developed_on=JUNE)
    old.publish(JUNE)
    assert [type(event) for event in old.give_way(new)] == [TitleSuperseded]
    assert old.superseded_by == new.id
    with pytest.raises(TitleOutOfTurn):
        old.give_way(new)


def test_a_title_gives_way_neither_to_itself_nor_to_one_that_cannot_be_run_nor_to_another_audience():
    title = a_title(developed_on=MAY)
    title.publish(JUNE)
    for other in (title, a_title(), a_title(developed_on=MAY, audience="supervisors")):
        with pytest.raises(TitleUnfitToReplace):
            title.give_way(other)
    assert title.status == "published"


def test_only_a_published_title_gives_way():
    with pytest.raises(TitleOutOfTurn):
        a_title(developed_on=MAY).give_way(a_title(developed_on=MAY))
