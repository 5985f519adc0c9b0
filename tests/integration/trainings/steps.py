"""A made-up programme as the tests walk through it: what other services tell, and what people do over HTTP."""

from datetime import date
from uuid import UUID, uuid4

from contracts.enrollment import (
    GroupDissolved,
    GroupFormed,
    ParticipantEnrolled,
    ParticipantWithdrawn,
    Place,
    Shape,
)
from contracts.sessions import Attendance, AttendanceCorrected, CycleCompleted, MinutesAttended, SessionCompleted

PROGRAMME = UUID("01900000-0000-7000-8000-000000000001")
OTHER_PROGRAMME = UUID("01900000-0000-7000-8000-000000000002")
DEVELOPED, FORMED, HELD = date(2023, 1, 2), date(2023, 1, 20), date(2023, 2, 2)


def people(number):
    return [uuid4() for _ in range(number)]


def a_group_formed(members, *, group_id=None, track="training", audience="workers", threshold_percent=80):
    return GroupFormed(
        group_id=group_id or uuid4(),
        name="Grupa szkoleniowa (przykład)",
        track=track,
        audience=audience,
        place=Place(terc="1465011", zone="city", area="1465011"),
        cohort="february_2023",
        formed_on=FORMED,
        starts_on=FORMED,
        shape=Shape(
            minimum=5, maximum=15, meetings=1, minutes=360, quorum=3, threshold_percent=threshold_percent, rhythm="free"
        ),
        members=tuple(members),
        leaders=(uuid4(),),
    )


def an_enrolment(group_id, person_id, *, on=FORMED, track="training"):
    return ParticipantEnrolled(
        group_id=group_id, application_id=uuid4(), person_id=person_id, track=track, enrolled_on=on
    )


def a_withdrawal(group_id, person_id, *, on):
    return ParticipantWithdrawn(
        group_id=group_id, application_id=uuid4(), person_id=person_id, had_seat=True, withdrawn_on=on
    )


def a_dissolution(group_id):
    return GroupDissolved(group_id=group_id, dissolved_on=date(2023, 1, 25))


def a_session(cycle_id, attended, *, ordinal=1, themes=(), minutes=300):
    return SessionCompleted(
        cycle_id=cycle_id,
        session_id=uuid4(),
        ordinal=ordinal,
        held_on=date(2023, ordinal, 10),
        minutes=minutes,
        leaders=(uuid4(),),
        attendance=tuple(
            Attendance(person_id=person, status="attended" if spent else "absent", minutes=spent)
            for person, spent in attended.items()
        ),
        themes=themes,
    )


def an_end(*sessions, threshold_percent=80):
    """The end of the cycle that these sessions make up."""
    total = {}
    for session in sessions:
        for entry in session.attendance:
            total[entry.person_id] = total.get(entry.person_id, 0) + entry.minutes
    return CycleCompleted(
        cycle_id=sessions[0].cycle_id,
        completed_on=sessions[-1].held_on,
        sessions=len(sessions),
        minutes=sum(session.minutes for session in sessions),
        threshold_percent=threshold_percent,
        attendance=tuple(MinutesAttended(person_id=person, minutes=spent) for person, spent in total.items()),
    )


def a_correction(session, person_id, minutes):
    previous = next((entry.minutes for entry in session.attendance if entry.person_id == person_id), 0)
    return AttendanceCorrected(
        cycle_id=session.cycle_id,
        session_id=session.session_id,
        person_id=person_id,
        held_on=session.held_on,
        corrected_on=session.held_on,
        status="attended" if minutes else "absent",
        minutes=minutes,
        previous_minutes=previous,
    )


async def a_title(trainings, *, programme=PROGRAMME, audience="workers", developed_on=DEVELOPED, needs=True):
    """Open a title over HTTP, with both needs, developed unless `developed_on` is None; its id."""
    async with trainings.client("coordinator") as client:
        opened = await client.post(
            "/v1/titles",
            json={"programme_id": str(programme), "name": "Praca z tłumaczem (przykład)", "audience": audience},
        )
        assert opened.status_code == 201, opened.text
        title = opened.json()["id"]
        for kind, code in (("worker_need", "interpreters"), ("family_problem", "language")) if needs else ():
            tied = await client.post(
                f"/v1/titles/{title}/needs", json={"kind": kind, "code": code, "basis": "predicted"}
            )
            assert tied.status_code == 200, tied.text
        if developed_on:
            done = await client.post(f"/v1/titles/{title}/development", json={"developed_on": str(developed_on)})
            assert done.status_code == 200, done.text
    return title


def a_run(title, group_id, trainer, *, minutes=360):
    """What a coordinator sends to schedule a run."""
    return {
        "title_id": str(title),
        "group_id": str(group_id),
        "planned_on": "2023-02-01",
        "minutes": minutes,
        "trainers": [str(trainer)],
    }


async def a_planned_run(trainings, *, members=(), trainer=None, audience="workers", programme=PROGRAMME, group_id=None):
    """A developed title, a formed group and a run of the one for the other; the run's id."""
    formed = a_group_formed(members, audience=audience, group_id=group_id)
    await trainings.deliver(formed, programme_id=programme)
    title = await a_title(trainings, audience=audience, programme=programme)
    async with trainings.client("coordinator") as client:
        planned = await client.post("/v1/runs", json=a_run(title, formed.group_id, trainer or uuid4()))
    assert planned.status_code == 201, planned.text
    return planned.json()["id"]


async def a_run_under_way(trainings, trainer, **how):
    """A run that its trainer has started; its id."""
    run = await a_planned_run(trainings, trainer=trainer, **how)
    async with trainings.client("trainer", person=trainer) as client:
        started = await client.post(f"/v1/runs/{run}/start", json={"held_on": str(HELD)})
    assert started.status_code == 200, started.text
    return run


def a_roster(attended, *, minutes=360):
    """What a trainer sends to complete a run."""
    return {
        "minutes": minutes,
        "attendance": [{"person_id": str(person), "minutes": spent} for person, spent in attended.items()],
    }


async def a_completed_run(trainings, attended, *, minutes=360, **how):
    """A run that was held with this roster; its id."""
    trainer = uuid4()
    run = await a_run_under_way(trainings, trainer, members=list(attended), **how)
    async with trainings.client("trainer", person=trainer) as client:
        done = await client.post(f"/v1/runs/{run}/completion", json=a_roster(attended, minutes=minutes))
    assert done.status_code == 200, done.text
    return run
