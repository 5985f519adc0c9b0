"""Whatever is asked wrongly: a problem document with a stable type, never a fault of ours."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from .steps import (
    DAY,
    LODZ,
    a_centre,
    a_formed_group,
    a_group,
    a_programme,
    a_programme_body,
    a_supervisor,
    a_worker,
    act,
    apply,
    assign,
    form,
    get,
    post,
    workers,
)

TOMORROW = str(date.today() + timedelta(days=2))  # noqa: DTZ011 - two days off is the future everywhere
NOBODY = uuid4()


def kind(problem):
    return problem["type"].removeprefix("urn:superwizja:problem:")


def fields(problem):
    return {error["field"] for error in problem["errors"]}


async def test_unknown_ids_are_not_found(enrollment):
    programme = await a_programme(enrollment)
    group, supervisor = await a_group(enrollment, programme), await a_supervisor(enrollment)
    (person,) = await workers(enrollment)
    told = [
        await get(enrollment, "participant", f"/v1/programmes/{NOBODY}", 404),
        await get(enrollment, "participant", f"/v1/groups/{NOBODY}", 404),
        await get(enrollment, "participant", f"/v1/centres/{NOBODY}", 404),
        await get(enrollment, "coordinator", f"/v1/people/{NOBODY}", 404),
        await get(enrollment, "coordinator", f"/v1/figures/{NOBODY}", 404),
        await get(enrollment, "coordinator", f"/v1/groups/{NOBODY}/applications", 404),
        await apply(enrollment, NOBODY, person, 404),
        await apply(enrollment, group, NOBODY, 404),
        await act(enrollment, group, NOBODY, "withdrawal", person, 404),
        await assign(enrollment, group, NOBODY, 404),
        await assign(enrollment, NOBODY, supervisor, 404),
        await form(enrollment, NOBODY, 404),
    ]
    assert [kind(problem) for problem in told] == [
        "programme-not-found",
        "group-not-found",
        "centre-not-found",
        "person-not-found",
        "programme-not-found",
        "group-not-found",
        "group-not-found",
        "person-not-found",
        "application-not-found",
        "supervisor-not-found",
        "group-not-found",
        "group-not-found",
    ]
    named = [
        (f"/v1/programmes/{programme}/invitations", {"centre_id": str(NOBODY)}, "centre-not-found"),
        (f"/v1/programmes/{NOBODY}/invitations", {"centre_id": str(NOBODY)}, "programme-not-found"),
        (f"/v1/programmes/{NOBODY}/targets", {"targets": []}, "programme-not-found"),
        ("/v1/programmes", a_programme_body(parent_id=str(NOBODY)), "programme-not-found"),
        ("/v1/programmes", a_programme_body(commissioner_id=str(NOBODY)), "centre-not-found"),
        (f"/v1/groups/{NOBODY}/dissolution", {"dissolved_on": DAY}, "group-not-found"),
        (
            f"/v1/groups/{group}/leaders/{NOBODY}/replacement",
            {"supervisor_id": str(supervisor), "since": DAY},
            "leader-not-found",
        ),
        (
            f"/v1/supervisors/{supervisor}/ties",
            {"kind": "family", "person_id": str(NOBODY), "since": DAY},
            "person-not-found",
        ),
        (
            f"/v1/supervisors/{supervisor}/ties",
            {"kind": "employment", "centre_id": str(NOBODY), "since": DAY},
            "centre-not-found",
        ),
        (f"/v1/supervisors/{supervisor}/ties/{NOBODY}/end", {"ended_on": DAY}, "tie-not-found"),
    ]
    for path, body, expected in named:
        assert kind(await post(enrollment, "coordinator", path, body, 404)) == expected


@pytest.mark.parametrize(
    ("role", "path", "body"),
    [
        ("participant", "/v1/programmes", {}),
        ("centre_manager", "/v1/centres", {}),
        ("partner", "/v1/supervisors", {}),
        ("supervisor", "/v1/groups", {}),
        ("coordinator", f"/v1/groups/{NOBODY}/applications", {"submitted_on": DAY}),
        ("participant", f"/v1/groups/{NOBODY}/formation", {}),
        ("participant", f"/v1/groups/{NOBODY}/leaders", {}),
        ("coordinator", f"/v1/centres/{NOBODY}/workers", {"workers": [a_worker()]}),
        ("coordinator", f"/v1/programmes/{NOBODY}/invitations/{NOBODY}/answer", {}),
    ],
)
async def test_a_wrong_role_is_refused_before_anything_is_looked_at(enrollment, role, path, body):
    assert kind(await post(enrollment, role, path, body, 403)) == "wrong-role"


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("participant", "/v1/supervisors"),
        ("participant", f"/v1/people/{NOBODY}"),
        ("partner", f"/v1/centres/{NOBODY}/workers"),
        ("participant", f"/v1/figures/{NOBODY}"),
        ("editor", "/v1/applications"),
        ("person_of_trust", "/v1/programmes"),
    ],
)
async def test_a_wrong_role_reads_nothing(enrollment, role, path):
    assert kind(await get(enrollment, role, path, 403)) == "wrong-role"


async def test_someone_elses_things_are_not_found(enrollment):
    programme, other = await a_programme(enrollment), await a_programme(enrollment)
    group, supervisor, (person, neighbour) = await a_formed_group(enrollment, programme)
    centre = await a_centre(enrollment)
    (own,) = (await get(enrollment, "participant", "/v1/applications", person=person))["items"]
    await act(enrollment, group, own["id"], "withdrawal", neighbour, 404)
    elsewhere = await a_group(enrollment, programme)
    await act(enrollment, elsewhere, own["id"], "withdrawal", person, 404)

    await get(enrollment, "coordinator", f"/v1/groups/{group}/applications", 404, programme=other)
    await get(enrollment, "coordinator", f"/v1/figures/{programme}", 404, programme=other)
    await get(enrollment, "partner", f"/v1/figures/{programme}", 404, programme=other)
    await get(enrollment, "coordinator", f"/v1/programmes/{programme}/invitations", 404, programme=other)
    assert "conflicts" not in await get(enrollment, "coordinator", f"/v1/groups/{group}", programme=other)
    commands = [
        (f"/v1/groups/{group}/dissolution", {"dissolved_on": DAY}),
        (f"/v1/groups/{group}/leaders", {"supervisor_id": str(supervisor), "leads_as": "co_leader", "since": DAY}),
        (f"/v1/programmes/{programme}/targets", {"targets": []}),
        (f"/v1/programmes/{programme}/invitations", {"centre_id": str(centre)}),
    ]
    for path, body in commands:
        await post(enrollment, "coordinator", path, body, 404, programme=other)
    await post(enrollment, "coordinator", "/v1/programmes", a_programme_body(), 403, programme=other)

    await get(enrollment, "centre_manager", f"/v1/centres/{centre}/workers", 404, centre=uuid4())
    body = {"workers": [a_worker()]}
    await post(enrollment, "centre_manager", f"/v1/centres/{centre}/workers", body, 404, centre=uuid4())
    answer = f"/v1/programmes/{programme}/invitations/{centre}/answer"
    told = {"answer": "joined", "answered_on": DAY}
    assert kind(await post(enrollment, "centre_manager", answer, told, 404, centre=uuid4())) == "invitation-not-found"
    await post(enrollment, "centre_manager", answer, told, 404, centre=centre)


async def test_a_name_is_told_to_those_who_may_know_it(enrollment):
    programme, other = await a_programme(enrollment), await a_programme(enrollment)
    group, supervisor, (person, _) = await a_formed_group(enrollment, programme)
    (outsider,) = await workers(enrollment)
    path = f"/v1/people/{person}"
    for role, scope in [
        ("coordinator", {}),
        ("coordinator", {"programme": programme}),
        ("supervisor", {"person": supervisor}),
    ]:
        assert await get(enrollment, role, path, **scope) == {"id": str(person), "name": "Osoba Przykładowa"}
    await get(enrollment, "coordinator", path, 404, programme=other)
    await get(enrollment, "coordinator", f"/v1/people/{supervisor}", programme=programme)
    await get(enrollment, "supervisor", path, 404)
    await get(enrollment, "supervisor", f"/v1/people/{supervisor}", person=supervisor)
    await get(enrollment, "supervisor", f"/v1/people/{outsider}", 404, person=supervisor)
    successor = await a_supervisor(enrollment)
    body = {"supervisor_id": str(successor), "since": DAY}
    await post(enrollment, "coordinator", f"/v1/groups/{group}/leaders/{supervisor}/replacement", body, 201)
    await get(enrollment, "supervisor", path, 404, person=supervisor)
    await get(enrollment, "supervisor", path, person=successor)


async def test_workers_are_listed_with_their_names_by_their_own_manager(enrollment):
    centre = await a_centre(enrollment)
    ids = await workers(enrollment, 3, centre=centre)
    listed = await get(enrollment, "centre_manager", f"/v1/centres/{centre}/workers?limit=2", centre=centre)
    assert [one["id"] for one in listed["items"]] == [str(one) for one in ids[:2]]
    assert listed["items"][0]["name"] == "Osoba Przykładowa"
    after = f"/v1/centres/{centre}/workers?limit=2&after={listed['next']}"
    assert len((await get(enrollment, "coordinator", after))["items"]) == 1


async def test_dates_that_are_recorded_are_never_in_the_future(enrollment):
    group, supervisor, (person, _) = await a_formed_group(enrollment, await a_programme(enrollment))
    (own,) = (await get(enrollment, "participant", "/v1/applications", person=person))["items"]
    refused = [
        await apply(enrollment, group, person, 422, on=TOMORROW),
        await act(enrollment, group, own["id"], "withdrawal", person, 422, on=TOMORROW),
        await act(enrollment, group, own["id"], "acceptance", person, 422, on=TOMORROW),
        await act(enrollment, group, own["id"], "decline", person, 422, on=TOMORROW),
        await assign(enrollment, group, supervisor, 422, since=TOMORROW),
        await form(enrollment, group, 422, formed_on=TOMORROW, starts_on=TOMORROW),
    ]
    assert [fields(problem) for problem in refused] == [
        {"submitted_on"},
        {"withdrawn_on"},
        {"accepted_on"},
        {"declined_on"},
        {"since"},
        {"formed_on"},
    ]


@pytest.mark.parametrize("code", ["14", "1465", "9999999", "146501", "", "1465011 ", "١٤٦٥٠١١", None, 1465011])
async def test_a_terc_code_that_is_none_is_named(enrollment, code):
    body = {"name": "Ośrodek (przykład)", "kind": "MOPS", "terc": code}
    problem = await post(enrollment, "coordinator", "/v1/centres", body, 422)
    assert kind(problem) == "invalid-fields"
    if code != "1465":  # a county, which is wrong only together with the kind of centre
        assert fields(problem) == {"terc"}


async def test_terc_codes_are_checked_wherever_they_come(enrollment):
    programme = await a_programme(enrollment)
    await a_centre(enrollment, "1465058")
    await a_centre(enrollment, "1020", kind="PCPR")
    body = {"programme_id": str(programme), "name": "Grupa", "track": "supervision", "terc": "1020", "cohort": "one"}
    assert fields(await post(enrollment, "coordinator", "/v1/groups", body, 422)) == {"terc"}
    area = {"name": "Nigdzie", "city": "0000000", "surroundings": ["1111111"], "reason": "migration"}
    problem = await post(enrollment, "coordinator", "/v1/programmes", a_programme_body(areas=[area]), 422)
    assert fields(problem) == {"areas.0.city", "areas.0.surroundings.0"}
    async with enrollment.client("coordinator", language="en") as client:
        told = await client.post("/v1/groups", json=body)
    assert told.json()["errors"][0]["message"] == "There is no such TERC code (state of 1 January 2024)."


@pytest.mark.parametrize(
    "more",
    [
        {"code": "Wielki Kod"},
        {"code": "a" * 61},
        {"name": ""},
        {"name": "a" * 201},
        {"name": "a\u0000b"},
        {"name": " "},
        {"audience": ["everyone"]},
        {"offer_validity_seconds": 0},
        {"offer_validity_seconds": 10**20},
        {"targets": [{"indicator": "groups_formed", "value": -1}]},
        {"supervision": {"minimum": 1}},
        {"supervision": {"minimum": 9, "maximum": 8, "meetings": 1, "minutes": 1, "quorum": 1, "threshold_percent": 1}},
        {"supervision": {"minimum": 2, "maximum": 8, "meetings": 1, "minutes": 1, "quorum": 9, "threshold_percent": 1}},
        {"starts_on": "yesterday"},
        {"unknown": 1},
    ],
    ids=str,
)
async def test_a_field_that_is_wrong_is_named(enrollment, more):
    problem = await post(enrollment, "coordinator", "/v1/programmes", a_programme_body(**more), 422)
    assert any(field == "body" or field.split(".")[0] in more for field in fields(problem))
    assert await enrollment.count("programme") == 0


async def test_workers_and_supervisors_are_checked_too(enrollment):
    centre = await a_centre(enrollment)
    for wrong in ({"email": "nobody"}, {"contact": "maybe"}, {"social_worker": "perhaps"}, {"phone": "call me"}):
        body = {"workers": [a_worker(), a_worker(**wrong)]}
        path = f"/v1/centres/{centre}/workers"
        problem = await post(enrollment, "centre_manager", path, body, 422, centre=centre)
        assert fields(problem) == {f"workers.1.{next(iter(wrong))}"}
        assert "Osoba" not in str(problem)
    for number in (0, 201):
        body = {"workers": [a_worker()] * number}
        await post(enrollment, "centre_manager", f"/v1/centres/{centre}/workers", body, 422, centre=centre)
    supervisor = await a_supervisor(enrollment)
    for told in (
        {"kind": "family", "since": DAY},
        {"kind": "family", "since": DAY, "centre_id": str(centre), "person_id": str(NOBODY)},
        {"kind": "family", "since": DAY, "until": "2021-01-01", "centre_id": str(centre)},
    ):
        await post(enrollment, "coordinator", f"/v1/supervisors/{supervisor}/ties", told, 422)
    certificate = {"certificate": "social_work", "valid_from": DAY, "valid_to": "2021-01-01"}
    await post(enrollment, "coordinator", f"/v1/supervisors/{supervisor}/certificates", certificate, 422)


async def test_the_ends_of_the_calendar_do_no_harm(enrollment):
    programme = await a_programme(enrollment, starts_on="0001-01-01", ends_on="9999-12-31")
    group, supervisor = await a_group(enrollment, programme), await a_supervisor(enrollment)
    (person,) = await workers(enrollment)
    await apply(enrollment, group, person, on="0001-01-01")
    certificate = {"certificate": "social_work", "valid_from": "0001-01-01", "valid_to": "9999-12-31"}
    await post(enrollment, "coordinator", f"/v1/supervisors/{supervisor}/certificates", certificate, 201)
    assert (await assign(enrollment, group, supervisor, since="0001-01-01"))["outcome"] == "assigned"
    tie = {"kind": "family", "person_id": str(person), "since": "0001-01-01", "until": "9999-12-31"}
    made = await post(enrollment, "coordinator", f"/v1/supervisors/{supervisor}/ties", tie, 201)
    end = f"/v1/supervisors/{supervisor}/ties/{made['id']}/end"
    await post(enrollment, "coordinator", end, {"ended_on": "0001-01-01"}, 200)


async def test_what_the_state_does_not_allow_is_a_conflict(enrollment):
    body = a_programme_body(training=None)
    await post(enrollment, "coordinator", "/v1/programmes", body, 201)
    assert kind(await post(enrollment, "coordinator", "/v1/programmes", body, 409)) == "programme-code-taken"
    programme = await a_programme(enrollment, training=None)
    told = {"programme_id": str(programme), "name": "Grupa", "terc": LODZ, "cohort": "one"}
    problem = await post(enrollment, "coordinator", "/v1/groups", told | {"track": "training"}, 409)
    assert (kind(problem), problem["ground"]) == ("no-such-track", "programme.shape")
    problem = await post(enrollment, "coordinator", "/v1/groups", told | {"track": "supervision", "maximum": 16}, 409)
    assert (kind(problem), problem["ground"]) == ("not-in-shape", "programme.shape")
    assert problem["details"] == {"minimum": 2, "maximum": 15}

    group, supervisor, (person, _) = await a_formed_group(enrollment, programme)
    assert kind(await form(enrollment, group, 409)) == "not-forming"
    assert kind(await assign(enrollment, group, supervisor, 409, leads_as="co_leader")) == "already-leads"
    assert kind(await assign(enrollment, group, supervisor, 409, leads_as="trainer")) == "wrong-leading"
    assert kind(await apply(enrollment, group, person, 409)) == "already-applied"
    (own,) = (await get(enrollment, "participant", "/v1/applications", person=person))["items"]
    assert kind(await act(enrollment, group, own["id"], "acceptance", person, 409)) == "nothing-offered"
    await act(enrollment, group, own["id"], "withdrawal", person)
    assert kind(await act(enrollment, group, own["id"], "withdrawal", person, 409)) == "nothing-to-withdraw"
    dissolution = f"/v1/groups/{group}/dissolution"
    await post(enrollment, "coordinator", dissolution, {"dissolved_on": DAY}, 200)
    assert kind(await post(enrollment, "coordinator", dissolution, {"dissolved_on": DAY}, 409)) == "group-ended"


async def test_bodies_that_cannot_be_read_are_refused(enrollment):
    async with enrollment.client("coordinator") as client:
        json = {"content-type": "application/json"}
        unparsable = await client.post("/v1/programmes", content=b'{"code": ', headers=json)
        binary = await client.post("/v1/programmes", content=b"\xff\xfe\x00", headers=json)
        listed = await client.post("/v1/programmes", json=[1, 2])
        oversize = await client.post("/v1/programmes", content=b'{"name": "' + b"a" * 2_000_000 + b'"}', headers=json)
        surrogate = await client.post("/v1/programmes", content=b'{"code": "a", "name": "\\ud800"}', headers=json)
        no_id = await client.get("/v1/programmes/none")
        limit = await client.get("/v1/programmes?limit=0")
    answers = [unparsable, binary, listed, oversize, surrogate, no_id, limit]
    assert [answer.status_code for answer in answers] == [400, 400, 422, 413, 422, 422, 422]
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers)


async def test_a_command_is_done_once_under_its_key(enrollment):
    programme = await a_programme(enrollment)
    group = await a_group(enrollment, programme)
    (person,) = await workers(enrollment)
    path, body = f"/v1/groups/{group}/applications", {"submitted_on": DAY}
    first = await post(enrollment, "participant", path, body, 201, person=person, key="one")
    again = await post(enrollment, "participant", path, body, 201, person=person, key="one")
    assert first == again
    assert await enrollment.count("application") == 1
    other = {"submitted_on": "2022-10-04"}
    problem = await post(enrollment, "participant", path, other, 422, person=person, key="one")
    assert kind(problem) == "idempotency-key-reused"
    async with enrollment.client("participant", person=person) as client:
        missing = await client.post(path, json=body, headers={"Idempotency-Key": ""})
    assert (missing.status_code, kind(missing.json())) == (422, "idempotency-key-missing")


async def test_kept_answers_hold_no_names(enrollment):
    await workers(enrollment, 2)
    await a_supervisor(enrollment)
    kept = await enrollment.sql("SELECT convert_from(answer, 'UTF8') AS answer FROM idempotency")
    assert kept
    assert not any("Przykładow" in row["answer"] or "@" in row["answer"] for row in kept)
    told = await enrollment.sql("SELECT convert_from(body, 'UTF8') AS body FROM outbox")
    assert not any("Przykładowa" in row["body"] or "@" in row["body"] for row in told)
