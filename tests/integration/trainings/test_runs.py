import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest
from chassis.testing import a_token
from chassis.web import today
from contracts.trainings import CertificateIssued, RunCancelled, RunCompleted, RunScheduled

from .steps import (
    HELD,
    OTHER_PROGRAMME,
    PROGRAMME,
    a_completed_run,
    a_dissolution,
    a_group_formed,
    a_planned_run,
    a_roster,
    a_run,
    a_run_under_way,
    a_title,
    a_withdrawal,
    an_enrolment,
    people,
)


async def test_a_run_is_planned_held_and_completed_by_its_trainer(trainings):
    whole, part, absent = people(3)
    run = await a_completed_run(trainings, {whole: 360, part: 200, absent: 0})
    told = await trainings.published()
    scheduled = next(event for event in told if isinstance(event, RunScheduled))
    completed = next(event for event in told if isinstance(event, RunCompleted))
    assert str(scheduled.run_id) == run
    assert (completed.held_on, completed.minutes, completed.threshold_percent) == (HELD, 360, 80)
    assert {entry.person_id: entry.minutes for entry in completed.attendance} == {whole: 360, part: 200, absent: 0}


async def test_a_completed_run_certifies_exactly_those_who_attended_enough(trainings):
    enough, just, short, absent = people(4)
    await a_completed_run(trainings, {enough: 360, just: 288, short: 287, absent: 0})
    issued = [event for event in await trainings.published() if isinstance(event, CertificateIssued)]
    assert {(event.person_id, event.minutes) for event in issued} == {(enough, 360), (just, 288)}
    assert {(event.of, event.issued_on) for event in issued} == {("run", HELD)}


async def test_no_run_of_an_undeveloped_title(trainings):
    formed = a_group_formed(people(5))
    await trainings.deliver(formed, programme_id=PROGRAMME)
    title = await a_title(trainings, developed_on=None)
    async with trainings.client("coordinator") as client:
        refused = await client.post("/v1/runs", json=a_run(title, formed.group_id, uuid4()))
    assert (refused.status_code, refused.json()["ground"]) == (409, "programme.title-developed")
    assert await trainings.count("run") == 0


async def test_a_run_is_not_started_on_a_date_before_its_title_was_developed(trainings):
    trainer = uuid4()
    run = await a_planned_run(trainings, trainer=trainer)
    async with trainings.client("trainer", person=trainer) as client:
        refused = await client.post(f"/v1/runs/{run}/start", json={"held_on": "2023-01-01"})
    assert (refused.status_code, refused.json()["ground"]) == (409, "programme.title-developed")


async def test_a_run_waits_for_its_group_to_be_known_as_formed(trainings):
    title, formed = await a_title(trainings), a_group_formed(people(5))
    async with trainings.client("coordinator") as client:
        early = await client.post("/v1/runs", json=a_run(title, formed.group_id, uuid4()))
        assert (early.status_code, early.json()["type"]) == (409, "urn:superwizja:problem:group-not-formed")
        await trainings.deliver(formed, programme_id=PROGRAMME)
        assert (await client.post("/v1/runs", json=a_run(title, formed.group_id, uuid4()))).status_code == 201


async def test_neither_a_supervision_group_nor_another_programmes_group_gets_a_run(trainings):
    supervision, elsewhere = a_group_formed(people(5), track="supervision"), a_group_formed(people(5))
    await trainings.deliver(supervision, programme_id=PROGRAMME)
    await trainings.deliver(elsewhere, programme_id=OTHER_PROGRAMME)
    title = await a_title(trainings)
    async with trainings.client("coordinator") as client:
        for formed in (supervision, elsewhere):
            refused = await client.post("/v1/runs", json=a_run(title, formed.group_id, uuid4()))
            assert (refused.status_code, refused.json()["type"]) == (409, "urn:superwizja:problem:group-not-formed")


async def test_a_title_for_supervisors_is_not_run_for_workers(trainings):
    formed = a_group_formed(people(5))
    await trainings.deliver(formed, programme_id=PROGRAMME)
    title = await a_title(trainings, audience="supervisors")
    async with trainings.client("coordinator") as client:
        refused = await client.post("/v1/runs", json=a_run(title, formed.group_id, uuid4()))
    assert (refused.status_code, refused.json()["ground"]) == (409, "programme.title-audience")


async def test_a_dissolved_group_gets_no_further_run(trainings):
    formed = a_group_formed(people(5))
    await trainings.deliver(formed, a_dissolution(formed.group_id), programme_id=PROGRAMME)
    title = await a_title(trainings)
    async with trainings.client("coordinator") as client:
        refused = await client.post("/v1/runs", json=a_run(title, formed.group_id, uuid4()))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:superwizja:problem:group-ended")


async def test_of_two_who_schedule_the_same_run_at_once_one_succeeds(trainings):
    formed = a_group_formed(people(5))
    await trainings.deliver(formed, programme_id=PROGRAMME)
    title = await a_title(trainings)
    async with trainings.client("coordinator") as client:
        body = a_run(title, formed.group_id, uuid4())
        answers = await asyncio.gather(*(client.post("/v1/runs", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {
        "urn:superwizja:problem:run-exists"
    }
    assert await trainings.count("run") == 1


async def test_a_run_that_is_completed_twice_at_once_is_completed_once(trainings):
    trainer, members = uuid4(), people(10)
    run = await a_run_under_way(trainings, trainer, members=members)
    body = a_roster(dict.fromkeys(members, 360))
    async with trainings.client("trainer", person=trainer) as client:
        answers = await asyncio.gather(*(client.post(f"/v1/runs/{run}/completion", json=body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    told = await trainings.published()
    assert sum(isinstance(event, RunCompleted) for event in told) == 1
    assert sum(isinstance(event, CertificateIssued) for event in told) == 10


async def test_a_run_completed_and_called_off_at_once_is_one_of_the_two(trainings):
    trainer, members = uuid4(), people(5)
    run = await a_run_under_way(trainings, trainer, members=members)
    async with trainings.client("trainer", person=trainer) as theirs, trainings.client("coordinator") as coordinators:
        answers = await asyncio.gather(
            theirs.post(f"/v1/runs/{run}/completion", json=a_roster(dict.fromkeys(members, 360))),
            coordinators.post(f"/v1/runs/{run}/cancellation", json={}),
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    told = [type(event) for event in await trainings.published()]
    assert told.count(RunCompleted) + told.count(RunCancelled) == 1
    assert told.count(CertificateIssued) == 5 * told.count(RunCompleted)


async def test_a_cancelled_run_makes_room_for_another(trainings):
    formed, title = a_group_formed(people(5)), await a_title(trainings)
    await trainings.deliver(formed, programme_id=PROGRAMME)
    body = a_run(title, formed.group_id, uuid4())
    async with trainings.client("coordinator") as client:
        first = (await client.post("/v1/runs", json=body)).json()["id"]
        cancelled = await client.post(f"/v1/runs/{first}/cancellation", json={})
        assert cancelled.json()["status"] == "cancelled"
        assert (await client.post("/v1/runs", json=body)).status_code == 201
        again = await client.post(f"/v1/runs/{first}/cancellation", json={})
    assert (again.status_code, again.json()["type"]) == (409, "urn:superwizja:problem:run-out-of-turn")


async def test_a_group_may_get_several_titles(trainings):
    formed = a_group_formed(people(5))
    await trainings.deliver(formed, programme_id=PROGRAMME)
    async with trainings.client("coordinator") as client:
        for _ in range(2):
            title = await a_title(trainings)
            assert (await client.post("/v1/runs", json=a_run(title, formed.group_id, uuid4()))).status_code == 201


async def test_someone_elses_run_is_none_to_a_trainer(trainings):
    run = await a_planned_run(trainings)
    async with trainings.client("trainer") as stranger:
        for path, body in (("start", {"held_on": str(HELD)}), ("completion", a_roster({}))):
            answer = await stranger.post(f"/v1/runs/{run}/{path}", json=body)
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:superwizja:problem:run-not-found")
        assert (await stranger.get(f"/v1/runs/{run}")).status_code == 404
        assert (await stranger.get("/v1/runs", params={"programme_id": str(PROGRAMME)})).json()["items"] == []


async def test_wrong_roles_and_unknown_runs_are_told_so(trainings):
    trainer = uuid4()
    run = await a_planned_run(trainings, trainer=trainer)
    async with (
        trainings.client("participant") as participant,
        trainings.client("trainer", person=trainer) as theirs,
        trainings.client("coordinator") as coordinator,
        trainings.client("coordinator", programme=OTHER_PROGRAMME) as elsewhere,
    ):
        started = {"held_on": str(HELD)}
        assert (await participant.post(f"/v1/runs/{run}/start", json=started)).status_code == 403
        assert (await coordinator.post(f"/v1/runs/{run}/start", json=started)).status_code == 403
        assert (await theirs.post(f"/v1/runs/{run}/cancellation", json={})).status_code == 403
        assert (await theirs.post("/v1/runs", json=a_run(uuid4(), uuid4(), trainer))).status_code == 403
        assert (await theirs.post(f"/v1/runs/{uuid4()}/start", json=started)).status_code == 404
        assert (await theirs.post("/v1/runs/17/start", json=started)).status_code == 422
        assert (await coordinator.post("/v1/runs", json=a_run(uuid4(), uuid4(), trainer))).status_code == 404
        assert (await elsewhere.post(f"/v1/runs/{run}/cancellation", json={})).status_code == 404
        assert (await elsewhere.get(f"/v1/runs/{run}")).status_code == 404
        assert (await participant.get(f"/v1/runs/{run}")).status_code == 403


async def test_a_run_goes_through_its_states_in_turn(trainings):
    trainer = uuid4()
    run = await a_planned_run(trainings, trainer=trainer)
    async with trainings.client("trainer", person=trainer) as client:
        early = await client.post(f"/v1/runs/{run}/completion", json=a_roster({}))
        assert (early.status_code, early.json()["type"]) == (409, "urn:superwizja:problem:run-out-of-turn")
        tomorrow = {"held_on": str(today() + timedelta(days=1))}
        ahead = await client.post(f"/v1/runs/{run}/start", json=tomorrow)
        assert (ahead.status_code, ahead.json()["errors"][0]["field"]) == (422, "held_on")
        assert (await client.post(f"/v1/runs/{run}/start", json={"held_on": str(HELD)})).status_code == 200
        assert (await client.post(f"/v1/runs/{run}/start", json={"held_on": str(HELD)})).status_code == 409


async def test_only_the_groups_members_of_that_day_are_on_the_roster(trainings):
    stayed, left, late, stranger = people(4)
    trainer, group_id = uuid4(), uuid4()
    run = await a_run_under_way(trainings, trainer, members=[stayed, left], group_id=group_id)
    await trainings.deliver(
        a_withdrawal(group_id, left, on=date(2023, 1, 30)), an_enrolment(group_id, late), programme_id=PROGRAMME
    )
    async with trainings.client("trainer", person=trainer) as client:
        for outsider in (left, stranger):
            refused = await client.post(
                f"/v1/runs/{run}/completion", json=a_roster({stayed: 360, late: 360, outsider: 360})
            )
            assert refused.status_code == 409
            assert refused.json()["type"] == "urn:superwizja:problem:attendees-not-members"
            assert str(outsider) not in refused.text
        done = await client.post(f"/v1/runs/{run}/completion", json=a_roster({stayed: 360, late: 360}))
    assert done.status_code == 200


@pytest.mark.parametrize("minutes", [361, -1, 10_001])
async def test_nobody_attends_longer_than_the_run_took_or_less_than_nothing(trainings, minutes):
    trainer, (member,) = uuid4(), people(1)
    run = await a_run_under_way(trainings, trainer, members=[member])
    async with trainings.client("trainer", person=trainer) as client:
        refused = await client.post(f"/v1/runs/{run}/completion", json=a_roster({member: minutes}))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith("attendance")


async def test_a_person_is_on_a_roster_once(trainings):
    trainer, (member,) = uuid4(), people(1)
    run = await a_run_under_way(trainings, trainer, members=[member])
    twice = a_roster({member: 100})["attendance"] * 2
    async with trainings.client("trainer", person=trainer) as client:
        refused = await client.post(f"/v1/runs/{run}/completion", json={"minutes": 360, "attendance": twice})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:superwizja:problem:person-twice")


async def test_a_trainer_sees_their_runs_and_a_coordinator_all(trainings):
    trainer, members = uuid4(), people(2)
    theirs = await a_run_under_way(trainings, trainer, members=members)
    other = await a_planned_run(trainings)
    async with trainings.client("trainer", person=trainer) as client:
        await client.post(f"/v1/runs/{theirs}/completion", json=a_roster(dict.fromkeys(members, 360)))
        seen = (await client.get("/v1/runs", params={"programme_id": str(PROGRAMME)})).json()["items"]
        assert [run["id"] for run in seen] == [theirs]
        details = (await client.get(f"/v1/runs/{theirs}")).json()
        assert {entry["person_id"] for entry in details["attendance"]} == {str(member) for member in members}
    async with trainings.client("coordinator") as client:
        seen = (await client.get("/v1/runs", params={"programme_id": str(PROGRAMME)})).json()["items"]
        assert [run["id"] for run in seen] == [theirs, other]


async def test_who_coordinates_one_programme_and_teaches_in_another_sees_both(trainings):
    trainer = uuid4()
    theirs = await a_run_under_way(trainings, trainer, members=people(2))
    await a_planned_run(trainings)
    grants = [
        {"role": "coordinator", "programme": str(OTHER_PROGRAMME), "centre": None},
        {"role": "trainer", "programme": str(PROGRAMME), "centre": None},
    ]
    token = a_token("trainer", person=trainer, roles=grants)
    async with trainings.client("trainer") as client:
        client.headers["Authorization"] = f"Bearer {token}"
        answers = {
            programme: await client.get("/v1/runs", params={"programme_id": str(programme)})
            for programme in (PROGRAMME, OTHER_PROGRAMME, uuid4())
        }
        own = await client.get("/v1/certificates", params={"programme_id": str(PROGRAMME)})
    assert [answer.status_code for answer in answers.values()] == [200, 200, 404]
    assert [run["id"] for run in answers[PROGRAMME].json()["items"]] == [theirs]
    assert (own.status_code, own.json()["items"]) == (200, [])
