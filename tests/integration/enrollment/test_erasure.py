"""Whoever is erased is known no more: by no name, to no mail, as no applicant; what they did stays counted."""

import asyncio
from uuid import uuid4

import pytest
from contracts.enrollment import MailingCounted, ParticipantErased
from contracts.publications import DeliveryRequested
from contracts.sessions import Attendance, CycleCompleted, SessionCompleted

from .steps import DAY, a_centre, a_formed_group, a_group, a_programme, a_supervisor, act, apply, get, post, published
from .steps import workers as hire

PLANTED = {"name": "Zofia Zmyślona", "email": "zmyslona@example.org", "phone": "+48600100200"}
ON = "2023-09-01"


async def erase(harness, person, status=200, *, role="coordinator", **scope):
    return await post(harness, role, f"/v1/workers/{person}/erasure", {"erased_on": ON}, status, **scope)


async def everything(harness):
    """Every row of every table, as text."""
    tables = await harness.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    rows = [await harness.sql(f'SELECT t::text AS row FROM "{one["table_name"]}" t') for one in tables]
    return "\n".join(row["row"] for of_table in rows for row in of_table)


async def test_nothing_that_names_an_erased_person_is_left(enrollment):
    centre = await a_centre(enrollment)
    (person,) = await hire(enrollment, centre=centre, **PLANTED)
    there = await everything(enrollment)
    assert all(value in there for value in PLANTED.values())
    await erase(enrollment, person)
    left = await everything(enrollment)
    assert [value for value in PLANTED.values() if value in left] == []
    assert [(event.worker_id, str(event.erased_on)) for event in await published(enrollment, ParticipantErased)] == [
        (person, ON)
    ]
    problem = await get(enrollment, "coordinator", f"/v1/people/{person}", 404)
    assert problem["type"].endswith("person-not-found")
    listed = await get(enrollment, "centre_manager", f"/v1/centres/{centre}/workers", centre=centre)
    assert listed["items"] == []


async def test_nobody_is_erased_twice(enrollment):
    (person,) = await hire(enrollment)
    await erase(enrollment, person)
    problem = await erase(enrollment, person, 404)
    assert problem["type"].endswith("person-not-found")
    assert len(await published(enrollment, ParticipantErased)) == 1


async def test_only_a_coordinator_of_everything_erases_and_only_workers(enrollment):
    programme = await a_programme(enrollment)
    (person,) = await hire(enrollment)
    problem = await erase(enrollment, person, 403, programme=programme)
    assert problem["type"].endswith("only-the-office")
    problem = await erase(enrollment, person, 403, role="participant")
    assert problem["type"].endswith("wrong-role")
    for nobody in (uuid4(), await a_supervisor(enrollment)):
        problem = await erase(enrollment, nobody, 404)
        assert problem["type"].endswith("person-not-found")
    assert await enrollment.count("person") == 2


@pytest.mark.parametrize("maximum", [2, 3], ids=["waitlisted", "seated"])
async def test_who_takes_part_or_waits_withdraws_first(enrollment, maximum):
    group = await a_group(enrollment, await a_programme(enrollment), maximum=maximum)
    *others, person = await hire(enrollment, 3)
    for one in others:
        await apply(enrollment, group, one)
    application = await apply(enrollment, group, person)
    problem = await erase(enrollment, person, 409)
    assert problem["type"].endswith("still-takes-part")
    assert str(group) in problem["detail"]
    await act(enrollment, group, application["id"], "withdrawal", person)
    await erase(enrollment, person)
    problem = await apply(enrollment, group, person, 404)
    assert problem["type"].endswith("person-not-found")


async def test_totals_stay_when_somebody_of_a_group_that_has_ended_is_erased(enrollment):
    programme = await a_programme(enrollment)
    group, supervisor, (person, other) = await a_formed_group(enrollment, programme)
    attendance = tuple(Attendance(person_id=one, status="attended", minutes=300) for one in (person, other))
    session = SessionCompleted(
        cycle_id=group,
        session_id=uuid4(),
        ordinal=1,
        held_on=DAY,
        minutes=300,
        leaders=(supervisor,),
        attendance=attendance,
    )
    ended = CycleCompleted(
        cycle_id=group, completed_on="2023-07-01", sessions=1, minutes=300, threshold_percent=80, attendance=()
    )
    await enrollment.deliver(session, ended, programme_id=programme)
    before = await get(enrollment, "partner", f"/v1/figures/{programme}", programme=programme)
    assert before["figures"]["hours_minutes"] == 600
    await erase(enrollment, person)
    assert await get(enrollment, "partner", f"/v1/figures/{programme}", programme=programme) == before
    told = DeliveryRequested(
        issue_id=uuid4(),
        delivery_id=uuid4(),
        issue="Numer (przykład)",
        url="/issues/1",
        people=(person, other),
        centres=(),
    )
    await enrollment.deliver(told, programme_id=programme)
    (mailing,) = await published(enrollment, MailingCounted)
    assert (mailing.recipients, mailing.reachable) == (2, 1)


async def test_who_was_trained_is_erased_once_the_group_is_completed(enrollment):
    programme = await a_programme(enrollment)
    group, _, (person, _) = await a_formed_group(enrollment, programme, track="training")
    await erase(enrollment, person, 409)
    path, body = f"/v1/groups/{group}/completion", {"completed_on": "2023-02-01"}
    assert (await post(enrollment, "coordinator", path, body, 200))["status"] == "completed"
    await erase(enrollment, person)
    problem = await post(enrollment, "coordinator", path, body, 409)
    assert problem["type"].endswith("group-ended")


async def test_only_a_formed_training_group_is_completed_by_hand(enrollment):
    programme = await a_programme(enrollment)
    forming = await a_group(enrollment, programme, track="training")
    supervised, _, _ = await a_formed_group(enrollment, programme)
    body = {"completed_on": "2023-02-01"}
    for group, code in ((forming, "not-formed"), (supervised, "ends-with-its-cycle")):
        problem = await post(enrollment, "coordinator", f"/v1/groups/{group}/completion", body, 409)
        assert problem["type"].endswith(code)
    someone_elses = await a_programme(enrollment)
    await post(enrollment, "coordinator", f"/v1/groups/{forming}/completion", body, 404, programme=someone_elses)


async def test_the_planner_keeps_no_sample_of_names(enrollment):
    await hire(enrollment, **PLANTED)
    await enrollment.sql("ANALYZE person")
    sampled = await enrollment.sql("SELECT attname FROM pg_stats WHERE tablename = 'person'")
    assert [row["attname"] for row in sampled if row["attname"] != "id"] == []


async def test_who_applies_while_being_erased_is_either_erased_or_an_applicant(enrollment):
    group = await a_group(enrollment, await a_programme(enrollment))
    people = await hire(enrollment, 12)

    async def ask(person):
        async with enrollment.client("participant", person=person) as client:
            return (await client.post(f"/v1/groups/{group}/applications", json={"submitted_on": DAY})).status_code

    async def forget(person):
        async with enrollment.client("coordinator") as client:
            return (await client.post(f"/v1/workers/{person}/erasure", json={"erased_on": ON})).status_code

    answers = await asyncio.gather(*(work(person) for person in people for work in (ask, forget)))
    assert set(zip(answers[::2], answers[1::2], strict=True)) <= {(201, 409), (404, 200)}
    orphans = await enrollment.sql("SELECT 1 FROM application WHERE person_id NOT IN (SELECT id FROM person)")
    assert orphans == []
