from datetime import date
from uuid import uuid4

import pytest
from contracts.trainings import RunCancelled, RunScheduled
from trainings.domain.runs import (
    Attended,
    AttendedTooLong,
    AttendeesNotMembers,
    AudienceMismatch,
    GroupEnded,
    PersonTwice,
    Run,
    RunOutOfTurn,
    RunTooShort,
)
from trainings.domain.titles import TitleGaveWay, TitleUndeveloped

from .builders import a_group, a_run, a_title

DEVELOPED, HELD = date(2023, 1, 1), date(2023, 2, 2)


def schedule(title, group):
    return Run.scheduled(uuid4(), title, group, on=date(2023, 2, 1), minutes=360, trainers=[uuid4()])


def a_roster(attended):
    return [Attended(person_id, minutes) for person_id, minutes in attended.items()]


def test_no_run_of_an_undeveloped_title():
    with pytest.raises(TitleUndeveloped) as refused:
        schedule(a_title(), a_group())
    assert refused.value.ground == "programme.title-developed"


def test_a_developed_title_may_be_run_before_it_is_published():
    run, events = schedule(a_title(developed_on=DEVELOPED), a_group(threshold_percent=75))
    assert [type(event) for event in events] == [RunScheduled]
    assert (run.status, run.threshold_percent) == ("planned", 75)


def test_a_superseded_title_is_run_no_more():
    old, new = a_title(developed_on=DEVELOPED), a_title(developed_on=DEVELOPED)
    old.publish(DEVELOPED)
    old.give_way(new)
    with pytest.raises(TitleGaveWay):
        schedule(old, a_group())


def test_a_title_for_supervisors_is_not_run_for_a_group_of_workers():
    with pytest.raises(AudienceMismatch) as refused:
        schedule(a_title(developed_on=DEVELOPED, audience="supervisors"), a_group())
    assert refused.value.ground == "programme.title-audience"


def test_a_dissolved_group_is_taught_no_more():
    group = a_group()
    group.dissolved_on = date(2023, 1, 20)
    with pytest.raises(GroupEnded):
        schedule(a_title(developed_on=DEVELOPED), group)


def test_the_same_trainer_twice_is_one_trainer():
    trainer = uuid4()
    title = a_title(developed_on=DEVELOPED)
    run, _ = Run.scheduled(uuid4(), title, a_group(), on=HELD, minutes=360, trainers=[trainer, trainer])
    assert run.trainers == [trainer]


def test_a_run_is_not_held_before_its_title_was_developed():
    title, run = a_run()
    with pytest.raises(TitleUndeveloped):
        run.start(title, on=date(2022, 12, 31))
    assert (run.status, run.held_on) == ("planned", None)


def test_a_completed_run_tells_who_was_there_for_how_long():
    title, run = a_run()
    whole, part, absent = uuid4(), uuid4(), uuid4()
    run.start(title, on=HELD)
    event = run.complete(a_roster({whole: 350, part: 200, absent: 0}), minutes=370, members=[whole, part, absent])
    assert (event.held_on, event.minutes, event.threshold_percent) == (HELD, 370, 80)
    assert {entry.person_id: entry.minutes for entry in event.attendance} == {whole: 350, part: 200, absent: 0}


def test_a_run_is_not_shorter_than_planned():
    title, run = a_run()
    run.start(title, on=HELD)
    with pytest.raises(RunTooShort) as refused:
        run.complete([], minutes=359, members=[])
    assert (refused.value.ground, refused.value.details) == ("programme.length", {"minutes": 359, "required": 360})
    assert (run.status, run.minutes) == ("in_progress", 360)


def test_who_was_not_of_the_group_did_not_attend():
    title, run = a_run()
    run.start(title, on=HELD)
    with pytest.raises(AttendeesNotMembers) as refused:
        run.complete(a_roster({uuid4(): 360}), minutes=360, members=[uuid4()])
    assert refused.value.details == {"people": 1}
    assert run.status == "in_progress"


def test_a_roster_has_one_row_a_person_and_none_longer_than_the_run():
    title, run = a_run()
    person = uuid4()
    run.start(title, on=HELD)
    with pytest.raises(PersonTwice) as refused:
        run.complete([Attended(person, 360), Attended(person, 0)], minutes=360, members=[person])
    assert refused.value.field == "attendance"
    with pytest.raises(AttendedTooLong):
        run.complete([Attended(person, 361)], minutes=360, members=[person])
    assert (run.status, run.attendance) == ("in_progress", [])


def test_a_run_that_has_not_begun_is_not_completed_and_none_is_completed_twice():
    title, run = a_run()
    with pytest.raises(RunOutOfTurn):
        run.complete([], minutes=360, members=[])
    run.start(title, on=HELD)
    run.complete([], minutes=360, members=[])
    with pytest.raises(RunOutOfTurn):
        run.complete([], minutes=360, members=[])
    with pytest.raises(RunOutOfTurn):
        run.start(title, on=HELD)


def test_a_run_is_called_off_before_its_end_only():
    title, run = a_run()
    assert [type(event) for event in run.cancel()] == [RunCancelled]
    with pytest.raises(RunOutOfTurn):
        run.start(title, on=HELD)
    title, run = a_run()
    run.start(title, on=HELD)
    run.complete([], minutes=360, members=[])
    with pytest.raises(RunOutOfTurn):
        run.cancel()
