import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from chassis.testing import running
from contracts.trainings import CertificateIssued
from sqlalchemy import event as sql_event
from trainings.main import service

from .steps import (
    HELD,
    PROGRAMME,
    a_correction,
    a_dissolution,
    a_group_formed,
    a_session,
    a_withdrawal,
    an_end,
    an_enrolment,
    people,
)

KEPT = ("training_group", "member", "session_attended", "session_theme", "ended_cycle", "certificate")


async def kept(trainings):
    """How many rows there are of everything that the consumer keeps."""
    return {table: await trainings.count(table) for table in KEPT}


async def test_whatever_is_delivered_twice_has_its_effect_once(trainings):
    members, (late,) = people(6), people(1)
    formed = a_group_formed(members)
    cycle, attended = uuid4(), dict.fromkeys(people(10), 300)
    first = a_session(cycle, attended, themes=("alcohol", "violence"))
    second = a_session(cycle, attended, ordinal=2, themes=("alcohol",))
    somebody = next(iter(attended))
    history = [
        formed,
        an_enrolment(formed.group_id, late),
        a_withdrawal(formed.group_id, members[0], on=HELD),
        a_dissolution(formed.group_id),
        first,
        second,
        an_end(first, second),
        a_correction(first, somebody, 0),
    ]
    await trainings.deliver(*history, programme_id=PROGRAMME, twice=True)
    assert await kept(trainings) == {
        "training_group": 1,
        "member": 7,
        "session_attended": 20,
        "session_theme": 3,
        "ended_cycle": 1,
        "certificate": 10,
    }
    told = await trainings.published()
    assert sum(isinstance(event, CertificateIssued) for event in told) == 10
    assert len(told) == 11  # the correction revoked one


@pytest.mark.parametrize("seed", range(5))
async def test_topics_may_interleave_in_any_way(trainings, seed):
    members = people(5)
    formed = a_group_formed(members)
    groups = [formed, an_enrolment(formed.group_id, uuid4()), a_withdrawal(formed.group_id, members[0], on=HELD)]
    attended = dict.fromkeys(people(3), 300)
    held = a_session(uuid4(), attended, themes=("housing",))
    sessions = [held, an_end(held), a_correction(held, next(iter(attended)), 10)]
    order = [groups] * len(groups) + [sessions] * len(sessions)
    random.Random(seed).shuffle(order)
    left = {id(groups): iter(groups), id(sessions): iter(sessions)}
    for topic in order:
        await trainings.deliver(next(left[id(topic)]), programme_id=PROGRAMME)
    assert await kept(trainings) == {
        "training_group": 1,
        "member": 6,
        "session_attended": 3,
        "session_theme": 1,
        "ended_cycle": 1,
        "certificate": 3,
    }
    assert len(await trainings.sql("select id from certificate where revoked_on is not null")) == 1


async def test_a_cycle_that_ended_before_this_consumer_acts_is_left_alone(fresh_database):
    begins = datetime(2024, 1, 1, tzinfo=UTC)
    (person,) = people(1)
    old, new = a_session(uuid4(), {person: 300}), a_session(uuid4(), {person: 300})
    async with running(service, fresh_database, act_from=begins) as trainings:
        before, after = begins - timedelta(days=1), begins + timedelta(days=1)
        await trainings.deliver(old, an_end(old), programme_id=PROGRAMME, time=before)
        await trainings.deliver(new, an_end(new), a_correction(old, person, 250), programme_id=PROGRAMME, time=after)
        assert [event.of_id for event in await trainings.published()] == [new.cycle_id]
        assert await trainings.count("session_attended") == 2


async def test_who_withdrew_and_came_back_belongs_to_the_group_again(trainings):
    (person,) = people(1)
    formed = a_group_formed([person])
    await trainings.deliver(
        formed,
        a_withdrawal(formed.group_id, person, on=HELD),
        an_enrolment(formed.group_id, person, on=HELD),
        programme_id=PROGRAMME,
    )
    (belongs,) = await trainings.sql("select until from member")
    assert belongs["until"] is None


async def test_supervision_groups_leave_no_members_here(trainings):
    (person,) = people(1)
    formed = a_group_formed([person], track="supervision")
    await trainings.deliver(
        an_enrolment(formed.group_id, person, track="supervision"),
        formed,
        a_withdrawal(formed.group_id, person, on=HELD),
        programme_id=PROGRAMME,
    )
    assert await trainings.count("member") == 0
    assert await trainings.count("training_group") == 0


async def test_a_session_of_no_programme_is_parked_and_its_neighbours_go_on(trainings):
    lost, sound = a_session(uuid4(), {uuid4(): 300}), a_session(uuid4(), {uuid4(): 300})
    await trainings.deliver(lost, programme_id=None)
    await trainings.deliver(sound, programme_id=PROGRAMME)
    assert await trainings.count("parked") == 1
    (row,) = await trainings.sql("select cycle_id from session_attended")
    assert row["cycle_id"] == sound.cycle_id


async def test_ten_certificates_take_a_handful_of_statements(trainings):
    attended = dict.fromkeys(people(10), 300)
    held = a_session(uuid4(), attended)
    await trainings.deliver(held, programme_id=PROGRAMME)
    statements = []
    sql_event.listen(
        trainings.app.state.engine.sync_engine, "before_cursor_execute", lambda *told: statements.append(told[2])
    )
    await trainings.deliver(an_end(held), programme_id=PROGRAMME)
    assert await trainings.count("certificate") == 10
    writes = [each for each in statements if each.lstrip().upper().startswith(("INSERT", "UPDATE"))]
    assert sum("INTO certificate" in each for each in writes) == 1
    assert sum("INTO outbox" in each for each in writes) == 1
    assert len(writes) <= 5


async def test_more_people_take_no_other_statements(trainings):
    """Every connection keeps each statement that differs: a process would grow with the numbers of people."""
    sent = []
    for number in (1, 7):
        members = people(number)
        with trainings.statements() as seen:
            await trainings.deliver(a_group_formed(members))
            session = a_session(uuid4(), dict.fromkeys(members, 300))
            await trainings.deliver(session, an_end(session))
        sent.append(seen)
    assert sent[0] == sent[1]
