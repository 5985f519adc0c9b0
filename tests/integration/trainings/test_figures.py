from uuid import uuid4

from .steps import OTHER_PROGRAMME, PROGRAMME, a_completed_run, a_planned_run, a_session, a_title, people


async def figures(trainings, role="coordinator", **who):
    async with trainings.client(role, **who) as client:
        return await client.get(f"/v1/figures/{PROGRAMME}")


async def test_titles_runs_groups_and_people_are_counted_each_for_themselves(trainings):
    twice, once, absent, supervisor = people(4)
    await a_completed_run(trainings, {twice: 360, absent: 0})
    await a_completed_run(trainings, {twice: 100, once: 360})
    await a_completed_run(trainings, {supervisor: 360}, audience="supervisors")
    await a_completed_run(trainings, {uuid4(): 360}, programme=OTHER_PROGRAMME)
    await a_planned_run(trainings)
    published = await a_title(trainings)
    async with trainings.client("coordinator") as client:
        await client.post(f"/v1/titles/{published}/publication", json={"published_on": "2023-03-01"})
    answer = (await figures(trainings)).json()
    assert answer == {
        "figures": {
            "titles_developed": 4,
            "titles_published": 1,
            "supervisor_titles_published": 0,
            "runs_completed": 2,
            "training_groups_trained": 2,
            "training_attendances": 3,
            "people_trained": 2,
            "supervisor_runs_completed": 1,
            "supervisors_trained": 1,
            "certificates_issued": 3,
            "certificates_revoked": 0,
        },
        "months": {"2023-02": {"runs_completed": 2}},
        "refusals": {},
    }


async def test_a_programme_that_nobody_was_taught_in_has_figures_of_nought(trainings):
    answer = (await figures(trainings, "partner")).json()
    assert set(answer["figures"].values()) == {0}
    assert (answer["months"], answer["refusals"]) == ({}, {})


async def test_figures_are_for_those_who_follow_the_programme(trainings):
    assert (await figures(trainings, "operator")).status_code == 200
    assert (await figures(trainings, "participant")).status_code == 403
    assert (await figures(trainings, programme=OTHER_PROGRAMME)).status_code == 404


async def test_needs_are_counted_from_titles_and_from_the_themes_of_sessions(trainings):
    cycle = uuid4()
    await trainings.deliver(
        a_session(cycle, {}, themes=("language", "housing")),
        a_session(cycle, {}, ordinal=2, themes=("language",)),
        a_session(uuid4(), {}, themes=("language",)),
        programme_id=PROGRAMME,
    )
    await trainings.deliver(a_session(uuid4(), {}, themes=("alcohol",)), programme_id=OTHER_PROGRAMME)
    await a_title(trainings)
    async with trainings.client("coordinator") as client:
        needs = (await client.get("/v1/needs", params={"programme_id": str(PROGRAMME)})).json()["items"]
    counted = {"worker_need_titles": 0, "family_problem_titles": 0, "sessions": 0, "groups": 0}
    assert needs == [
        counted | {"code": "language", "family_problem_titles": 1, "sessions": 3, "groups": 2},
        counted | {"code": "housing", "sessions": 1, "groups": 1},
        counted | {"code": "interpreters", "worker_need_titles": 1},
    ]
