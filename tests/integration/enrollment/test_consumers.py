"""What other services tell: facts are kept once, whatever is delivered again or in whichever order."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from chassis.testing import running
from contracts.enrollment import GroupCompleted, MailingCounted
from contracts.publications import DeliveryRequested
from contracts.sessions import Attendance, AttendanceCorrected, CycleCompleted, MinutesAttended, SessionCompleted
from contracts.trainings import RunCompleted
from enrollment.main import service

from .steps import a_centre, a_formed_group, a_group, a_programme, apply, get, published, workers

HELD = date(2022, 11, 9)


def a_session(group, attended, **more):
    told = {
        "cycle_id": group,
        "session_id": uuid4(),
        "ordinal": 1,
        "held_on": HELD,
        "minutes": 300,
        "leaders": (uuid4(),),
        "attendance": tuple(
            Attendance(person_id=person, status="attended" if minutes else "absent", minutes=minutes)
            for person, minutes in attended.items()
        ),
    }
    return SessionCompleted(**(told | more))


def a_correction(session, person, minutes, previous_minutes=300):
    return AttendanceCorrected(
        cycle_id=session.cycle_id,
        session_id=session.session_id,
        person_id=person,
        held_on=session.held_on,
        corrected_on=HELD,
        status="attended" if minutes else "absent",
        minutes=minutes,
        previous_minutes=previous_minutes,
    )


def a_completed_cycle(group):
    return CycleCompleted(
        cycle_id=group, completed_on=HELD, sessions=10, minutes=3000, threshold_percent=80, attendance=()
    )


def a_run(group, attended):
    return RunCompleted(
        run_id=uuid4(),
        title_id=uuid4(),
        group_id=group,
        audience="workers",
        held_on=HELD,
        minutes=360,
        threshold_percent=80,
        trainers=(uuid4(),),
        attendance=tuple(MinutesAttended(person_id=person, minutes=minutes) for person, minutes in attended.items()),
    )


def a_delivery(issue=None, *, people=(), centres=()):
    return DeliveryRequested(
        issue_id=issue or uuid4(),
        delivery_id=uuid4(),
        issue="Numer (przykład)",
        url="/issues/example",
        people=tuple(people),
        centres=tuple(centres),
    )


async def minutes(harness):
    rows = await harness.sql("SELECT coalesce(sum(minutes), 0) AS minutes FROM attended")
    return rows[0]["minutes"]


async def test_a_redelivered_session_gives_hours_once(enrollment):
    await enrollment.deliver(a_session(uuid4(), {uuid4(): 300, uuid4(): 120, uuid4(): 0}), twice=True)
    assert await minutes(enrollment) == 420
    assert await enrollment.count("attended") == 2


async def test_a_redelivered_correction_takes_the_place_of_what_was_wrong(enrollment):
    came, late, absent = uuid4(), uuid4(), uuid4()
    session = a_session(uuid4(), {came: 300, late: 300, absent: 0})
    corrections = [
        a_correction(session, late, 100),
        a_correction(session, late, 120),
        a_correction(session, absent, 60),
    ]
    await enrollment.deliver(session, *corrections, twice=True)
    assert await minutes(enrollment) == 480


async def test_a_redelivered_run_gives_hours_once_beside_sessions(enrollment):
    person = uuid4()
    await enrollment.deliver(a_run(uuid4(), {person: 360, uuid4(): 0}), a_session(uuid4(), {person: 300}), twice=True)
    assert await minutes(enrollment) == 660


async def test_a_groups_first_session_makes_it_active(enrollment):
    group, _, (person, _) = await a_formed_group(enrollment, await a_programme(enrollment))
    await enrollment.deliver(a_session(group, {person: 300}), a_session(uuid4(), {person: 300}), twice=True)
    assert (await get(enrollment, "coordinator", f"/v1/groups/{group}"))["status"] == "active"


async def test_a_redelivered_end_of_a_cycle_completes_the_group_once(enrollment):
    group, _, people = await a_formed_group(enrollment, await a_programme(enrollment))
    await enrollment.deliver(a_completed_cycle(group), twice=True)
    assert [event.completed_on for event in await published(enrollment, GroupCompleted)] == [HELD]
    shown = await get(enrollment, "coordinator", f"/v1/groups/{group}")
    assert (shown["status"], shown["ended_on"]) == ("completed", str(HELD))
    await apply(enrollment, group, people[0], 409)


async def test_the_end_of_a_cycle_that_is_nobodys_group_completes_nothing(enrollment):
    await enrollment.deliver(a_completed_cycle(uuid4()))
    assert await enrollment.published() == []
    assert await enrollment.count("parked") == 0


async def test_the_end_of_a_cycle_whose_group_was_dissolved_changes_nothing(enrollment):
    group, _, _ = await a_formed_group(enrollment, await a_programme(enrollment))
    async with enrollment.client("coordinator") as client:
        await client.post(f"/v1/groups/{group}/dissolution", json={"dissolved_on": "2022-11-01"})
    await enrollment.deliver(a_completed_cycle(group))
    assert (await get(enrollment, "coordinator", f"/v1/groups/{group}"))["status"] == "dissolved"


async def test_people_of_a_completed_group_may_take_another_seat(enrollment):
    programme = await a_programme(enrollment)
    group, _, (person, _) = await a_formed_group(enrollment, programme)
    await enrollment.deliver(a_completed_cycle(group))
    assert (await apply(enrollment, await a_group(enrollment, programme), person))["outcome"] == "seated"


async def test_a_redelivered_request_is_answered_once_with_counts_and_no_addresses(enrollment):
    people, reachable, bare = await workers(enrollment, 3), await a_centre(enrollment, email="mops@example.org"), None
    bare = await a_centre(enrollment)
    issue = uuid4()
    first = a_delivery(issue, people=[*people, uuid4()], centres=[reachable, bare])
    await enrollment.deliver(first, a_delivery(issue, people=people[:1]), twice=True)
    counted = await published(enrollment, MailingCounted)
    assert [(one.issue_id, one.recipients, one.reachable) for one in counted] == [(issue, 6, 4), (issue, 1, 1)]
    assert counted[0].delivery_id == first.delivery_id


async def test_mail_that_is_older_than_act_from_is_not_counted_again(fresh_database):
    from_now = datetime.now(UTC)
    async with running(service, fresh_database, act_from=from_now) as harness:
        old, new = a_delivery(), a_delivery()
        await harness.deliver(
            (old, harness.an_envelope(old, time=datetime(2023, 1, 1, tzinfo=UTC))),
            (new, harness.an_envelope(new)),
        )
        assert [one.issue_id for one in await published(harness, MailingCounted)] == [new.issue_id]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_topics_may_come_in_any_order(enrollment, order):
    group, _, (person, other) = await a_formed_group(enrollment, await a_programme(enrollment))
    session = a_session(group, {person: 300, other: 0})
    facts = [[session, a_correction(session, other, 100), a_completed_cycle(group)], [a_run(group, {person: 360})]]
    facts.append([a_delivery(people=[person])])
    for place in order:
        await enrollment.deliver(*facts[place])
    assert await minutes(enrollment) == 760
    assert (await get(enrollment, "coordinator", f"/v1/groups/{group}"))["status"] == "completed"


async def test_more_people_take_no_other_statements(enrollment):
    """Every connection keeps each statement that differs: a process would grow with the numbers of people."""
    programme, sent = await a_programme(enrollment), []
    for number in (1, 7):
        group, _, (person, *_) = await a_formed_group(enrollment, programme)
        people = [uuid4() for _ in range(number)]
        with enrollment.statements() as seen:
            await enrollment.deliver(a_session(group, {person: 300} | dict.fromkeys(people, 300)))
            await enrollment.deliver(a_delivery(people=people, centres=people))
        sent.append(seen)
    assert sent[0] == sent[1]
