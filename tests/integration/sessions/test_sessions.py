from datetime import date
from uuid import uuid4

from contracts.enrollment import SupervisorAssigned
from contracts.sessions import (
    AttendanceCorrected,
    CycleCompleted,
    SessionCancelled,
    SessionCompleted,
    SessionInquorate,
    SessionPostponed,
    SessionRescheduled,
)

from .steps import DAYS, a_group, a_withdrawal, an_enrolment, refused


async def kinds(sessions, skip=3):
    return [type(event) for event in (await sessions.published())[skip:]]


async def test_a_cycle_runs_from_its_planning_to_its_end(sessions):
    steps = await a_group(sessions)
    assert (await steps.start(1, venue="1465011")).status_code == 200
    first = await steps.complete(1, 300, 120, 0, themes=["violence"], methods=["social_contract"], case_rounds=2)
    assert first.json() == {"outcome": "completed", "cycle_completed": False}
    await steps.everyone_signs()
    await steps.hold(2)
    assert (await steps.start(3)).status_code == 200
    assert (await steps.complete(3)).json() == {"outcome": "completed", "cycle_completed": True}
    *_, completed, ended = await sessions.published()
    assert isinstance(completed, SessionCompleted)
    assert isinstance(ended, CycleCompleted)
    told = {row.person_id: row.minutes for row in ended.attendance}
    assert told == dict(zip(steps.members, [900, 720, 600], strict=True))
    read = (await steps.coordinator().get(steps.path())).json()
    assert (read["status"], read["version"]) == ("completed", len(await sessions.published()))
    assert read["sessions"][0]["themes"] == ["violence"]
    assert read["sessions"][0]["venue"] == "1465011"


async def test_no_second_session_before_everyone_has_signed(sessions):
    steps = await a_group(sessions)
    await steps.hold(1)
    await steps.sign(steps.members[:2])
    problem = refused(await steps.start(2), "contract-unsigned", "std.2.2")
    assert problem["details"] == {"unsigned": 2}
    assert "2" in problem["detail"]
    await steps.everyone_signs()
    assert (await steps.start(2)).status_code == 200


async def test_a_refused_start_leaves_no_trace(sessions):
    steps = await a_group(sessions)
    await steps.hold(1)
    before = await sessions.sql("SELECT * FROM session ORDER BY id")
    refused(await steps.start(2), "contract-unsigned", "std.2.2")
    assert await sessions.sql("SELECT * FROM session ORDER BY id") == before


async def test_a_late_joiner_signs_first_and_may_then_be_on_the_roster(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.hold(1)
    late = uuid4()
    await sessions.deliver(an_enrolment(steps.group, late))
    refused(await steps.start(2), "contract-unsigned", "std.2.2")
    signed = await steps.command(
        sessions.client("participant", person=late), "contract/signatures", signed_on=DAYS[1], form="electronic"
    )
    assert signed.json() == {"unsigned": 0}
    assert (await steps.start(2)).status_code == 200
    roster = [*steps.roster(), {"person_id": str(late), "status": "attended", "minutes": 300}]
    assert (await steps.complete(2, attendance=roster)).status_code == 200


async def test_nobody_waits_for_who_withdrew(sessions):
    steps = await a_group(sessions)
    await steps.sign([*steps.members[:2], *steps.group.leaders])
    await steps.hold(1)
    refused(await steps.start(2), "contract-unsigned", "std.2.2")
    await sessions.deliver(a_withdrawal(steps.group, steps.members[2]))
    assert (await steps.start(2)).status_code == 200
    refused(await steps.complete(2), "not-of-the-group")


async def test_a_revision_asks_everyone_to_sign_anew(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.hold(1)
    revised = await steps.command(steps.leader(), "contract/revision", revised_on="2022-11-02")
    assert revised.json() == {"unsigned": 4}
    refused(await steps.start(2), "contract-unsigned", "std.2.2")
    await steps.everyone_signs("2022-11-03")
    assert (await steps.start(2)).status_code == 200


async def test_too_few_people_are_an_outcome_and_the_ordinal_is_free_again(sessions):
    steps = await a_group(sessions)
    await steps.start(1)
    assert (await steps.complete(1, 300, 0, 0)).json() == {"outcome": "inquorate", "cycle_completed": False}
    assert await kinds(sessions) == [SessionInquorate]
    await steps.hold(1)
    assert await kinds(sessions) == [SessionInquorate, SessionCompleted]


async def test_a_co_leader_joins_for_some_sessions(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.hold(1)
    co_leader = uuid4()
    both = [str(steps.group.leaders[0]), str(co_leader)]
    refused(await steps.start(2, leaders=both), "does-not-lead")
    await sessions.deliver(
        SupervisorAssigned(group_id=steps.id, supervisor_id=co_leader, leads_as="co_leader", since=date(2022, 11, 1))
    )
    refused(await steps.start(2, leaders=both), "contract-unsigned", "std.2.2")
    await steps.sign([co_leader], DAYS[1])
    assert (await steps.start(2, leaders=both)).status_code == 200
    assert (await steps.complete(2)).status_code == 200
    completed = (await sessions.published())[-1]
    assert completed.leaders == (steps.group.leaders[0], co_leader)
    await steps.hold(3)
    assert (await sessions.published())[-2].leaders == steps.group.leaders


async def test_sessions_move_are_postponed_and_called_off(sessions):
    steps = await a_group(sessions)
    leader = steps.leader()
    assert (await steps.command(leader, "sessions/1/rescheduling", planned_on="2022-10-20")).status_code == 200
    await steps.start(1)
    assert (await steps.command(leader, "sessions/1/postponement", planned_on="2022-10-27")).status_code == 200
    await steps.start(1)
    assert (await steps.command(leader, "sessions/1/cancellation")).status_code == 200
    assert await kinds(sessions) == [SessionRescheduled, SessionPostponed, SessionRescheduled, SessionCancelled]
    session = (await leader.get(steps.path())).json()["sessions"][0]
    assert (session["status"], session["planned_on"], session["held_on"]) == ("planned", "2022-10-27", None)


async def test_a_correction_after_the_end_of_the_cycle_is_told_by_itself(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.hold(1, 2, 3)
    before = len(await sessions.published())
    row = {"person_id": str(steps.members[0]), "status": "partly_attended", "minutes": 30}
    corrected = await steps.command(steps.leader(), "sessions/2/corrections", corrected_on="2023-02-01", **row)
    assert corrected.status_code == 200
    (event,) = (await sessions.published())[before:]
    assert isinstance(event, AttendanceCorrected)
    assert (event.minutes, event.previous_minutes, event.held_on) == (30, 300, date(2022, 11, 12))
    again = await steps.command(steps.leader(), "sessions/2/corrections", corrected_on="2023-02-01", **row)
    refused(again, "nothing-to-correct")


async def test_a_repeated_key_completes_once(sessions):
    steps = await a_group(sessions)
    await steps.start(1)
    body = {"minutes": 300, "attendance": steps.roster()}
    leader, key = steps.leader(), {"Idempotency-Key": "one"}
    answers = [await leader.post(steps.path("sessions/1/completion"), json=body, headers=key) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"outcome": "completed", "cycle_completed": False}] * 2
    assert await kinds(sessions) == [SessionCompleted]
