from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.web import today
from contracts.trainings import TitleDeveloped, TitlePublished, TitleSuperseded

from .steps import DEVELOPED, OTHER_PROGRAMME, PROGRAMME, a_title


async def test_a_title_goes_from_development_to_the_one_that_takes_its_place(trainings):
    old, new = await a_title(trainings), await a_title(trainings)
    async with trainings.client("coordinator") as client:
        published = await client.post(f"/v1/titles/{old}/publication", json={"published_on": "2023-01-05"})
        assert published.json()["status"] == "published"
        superseded = await client.post(f"/v1/titles/{old}/supersession", json={"by_title_id": new})
        assert (superseded.json()["status"], superseded.json()["superseded_by"]) == ("superseded", new)
    told = await trainings.published()
    assert [type(event) for event in told] == [TitleDeveloped, TitleDeveloped, TitlePublished, TitleSuperseded]
    assert told[2].worker_needs == ("interpreters",)
    assert told[2].family_problems == ("language",)


async def test_a_title_that_answers_no_family_problem_is_not_published(trainings):
    title = await a_title(trainings, needs=False)
    async with trainings.client("coordinator") as client:
        await client.post(
            f"/v1/titles/{title}/needs", json={"kind": "worker_need", "code": "self_care", "basis": "diagnosed"}
        )
        refused = await client.post(f"/v1/titles/{title}/publication", json={"published_on": "2023-01-05"})
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:superwizja:problem:title-needs-missing"
    assert refused.json()["ground"] == "programme.title-needs"
    assert [type(event) for event in await trainings.published()] == [TitleDeveloped]


async def test_the_same_need_named_twice_is_one_need_with_its_last_basis(trainings):
    title = await a_title(trainings, needs=False)
    need = {"kind": "family_problem", "code": "school", "basis": "predicted"}
    async with trainings.client("coordinator") as client:
        await client.post(f"/v1/titles/{title}/needs", json=need)
        again = await client.post(f"/v1/titles/{title}/needs", json=need | {"basis": "diagnosed"})
    assert again.json()["needs"] == [need | {"basis": "diagnosed"}]
    assert await trainings.count("need") == 1


async def test_a_title_is_developed_once(trainings):
    title = await a_title(trainings)
    async with trainings.client("coordinator") as client:
        again = await client.post(f"/v1/titles/{title}/development", json={"developed_on": str(DEVELOPED)})
    assert (again.status_code, again.json()["type"]) == (409, "urn:superwizja:problem:title-out-of-turn")


async def test_what_has_not_happened_yet_is_not_recorded(trainings):
    title = await a_title(trainings, developed_on=None)
    tomorrow = str(today() + timedelta(days=1))
    async with trainings.client("coordinator") as client:
        refused = await client.post(f"/v1/titles/{title}/development", json={"developed_on": tomorrow})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "developed_on"


@pytest.mark.parametrize("role", ["participant", "trainer", "editor", "partner", "operator"])
async def test_only_a_coordinator_keeps_titles(trainings, role):
    title = await a_title(trainings, developed_on=None)
    async with trainings.client(role) as client:
        for path, body in (
            ("/v1/titles", {"programme_id": str(PROGRAMME), "name": "Nie", "audience": "workers"}),
            (f"/v1/titles/{title}/development", {"developed_on": str(DEVELOPED)}),
            (f"/v1/titles/{title}/publication", {"published_on": str(DEVELOPED)}),
        ):
            assert (await client.post(path, json=body)).status_code == 403


async def test_another_programmes_title_is_none_to_a_coordinator(trainings):
    title = await a_title(trainings)
    async with trainings.client("coordinator", programme=OTHER_PROGRAMME) as client:
        for path, body in (
            (f"/v1/titles/{title}/publication", {"published_on": str(DEVELOPED)}),
            ("/v1/titles", {"programme_id": str(PROGRAMME), "name": "Nie", "audience": "workers"}),
        ):
            assert (await client.post(path, json=body)).status_code == 404
        assert (await client.get("/v1/titles", params={"programme_id": str(PROGRAMME)})).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\x00b"},
        {"name": "x" * 201},
        {"audience": "everyone"},
        {"programme_id": "one"},
        {"fee": 1},
    ],
)
async def test_a_title_that_makes_no_sense_is_not_opened(trainings, wrong):
    body = {"programme_id": str(PROGRAMME), "name": "Szkolenie (przykład)", "audience": "workers"}
    async with trainings.client("coordinator") as client:
        assert (await client.post("/v1/titles", json=body | wrong)).status_code == 422
    assert await trainings.count("title") == 0


async def test_what_is_unknown_is_not_found(trainings):
    async with trainings.client("coordinator") as client:
        for path, body in (
            ("needs", {"kind": "worker_need", "code": "trauma", "basis": "predicted"}),
            ("development", {"developed_on": str(DEVELOPED)}),
            ("publication", {"published_on": str(DEVELOPED)}),
            ("supersession", {"by_title_id": str(uuid4())}),
        ):
            answer = await client.post(f"/v1/titles/{uuid4()}/{path}", json=body)
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:superwizja:problem:title-not-found")


async def test_titles_are_listed_a_page_at_a_time(trainings):
    opened = [await a_title(trainings) for _ in range(3)]
    await a_title(trainings, programme=OTHER_PROGRAMME)
    async with trainings.client("trainer") as client:
        first = (await client.get("/v1/titles", params={"programme_id": str(PROGRAMME), "limit": 2})).json()
        rest = await client.get("/v1/titles", params={"programme_id": str(PROGRAMME), "after": first["next"]})
    assert [title["id"] for title in first["items"] + rest.json()["items"]] == opened
    assert rest.json()["next"] is None
