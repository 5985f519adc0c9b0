"""A made-up programme as the tests walk through it over HTTP; nobody in it exists."""

from uuid import UUID, uuid4

DAY = "2022-10-03"
LODZ, ZGIERZ, RADOM = "1061011", "1020031", "1463011"
AREA = {"name": "Łódź", "city": LODZ, "surroundings": [ZGIERZ], "reason": "migration"}
SHAPE = {"minimum": 2, "maximum": 15, "meetings": 10, "minutes": 300, "quorum": 2, "threshold_percent": 80}


async def post(harness, role, path, body, status, *, person=None, key=None, **scope):
    async with harness.client(role, person=person, **scope) as client:
        headers = {"Idempotency-Key": key} if key else {}
        answer = await client.post(path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def get(harness, role, path, status=200, *, person=None, **scope):
    async with harness.client(role, person=person, **scope) as client:
        answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


def a_programme_body(**more):
    return {
        "code": f"example_{uuid4().hex[:8]}",
        "name": "Projekt (przykład)",
        "audience": ["has", "may_have"],
        "supervision": SHAPE,
        "training": SHAPE,
        "targets": [{"indicator": "groups_formed", "value": 180}],
        "areas": [AREA],
        "offer_validity_seconds": 60,
    } | more


async def a_programme(harness, **more):
    body = a_programme_body(**more)
    return UUID((await post(harness, "coordinator", "/v1/programmes", body, 201))["id"])


async def a_centre(harness, terc=LODZ, **more):
    body = {"name": "Ośrodek (przykład)", "kind": "MOPS", "terc": terc} | more
    return UUID((await post(harness, "coordinator", "/v1/centres", body, 201))["id"])


def a_worker(**more):
    return {
        "name": "Osoba Przykładowa",
        "email": "osoba@example.org",
        "profession": "assistant",
        "social_worker": False,
        "contact": "has",
    } | more


async def workers(harness, number=1, *, centre=None, terc=LODZ, **more):
    centre = centre or await a_centre(harness, terc)
    body = {"workers": [a_worker(**more) for _ in range(number)]}
    made = await post(harness, "centre_manager", f"/v1/centres/{centre}/workers", body, 201, centre=centre)
    return [UUID(one) for one in made["ids"]]


async def a_supervisor(harness, *certificates):
    body = {"name": "Superwizorka Przykładowa", "email": "s@example.org", "relation": "contract"}
    supervisor = UUID((await post(harness, "coordinator", "/v1/supervisors", body, 201))["id"])
    for certificate in certificates or ("social_work",):
        told = {"certificate": certificate, "valid_from": "2020-01-01"}
        await post(harness, "coordinator", f"/v1/supervisors/{supervisor}/certificates", told, 201)
    return supervisor


async def a_group(harness, programme, **more):
    body = {
        "programme_id": str(programme),
        "name": "Grupa (przykład)",
        "track": "supervision",
        "terc": LODZ,
        "cohort": "october_2022",
    } | more
    return UUID((await post(harness, "coordinator", "/v1/groups", body, 201))["id"])


async def apply(harness, group, person, status=201, *, role="participant", on=DAY):
    path = f"/v1/groups/{group}/applications"
    return await post(harness, role, path, {"submitted_on": on}, status, person=person)


async def act(harness, group, application, what, person, status=200, *, on=DAY):
    field = {"withdrawal": "withdrawn_on", "acceptance": "accepted_on", "decline": "declined_on"}[what]
    path = f"/v1/groups/{group}/applications/{application}/{what}"
    return await post(harness, "participant", path, {field: on}, status, person=person)


async def assign(harness, group, supervisor, status=201, *, leads_as="leader", since=DAY):
    body = {"supervisor_id": str(supervisor), "leads_as": leads_as, "since": since}
    return await post(harness, "coordinator", f"/v1/groups/{group}/leaders", body, status)


async def form(harness, group, status=200, *, formed_on=DAY, starts_on="2022-10-10"):
    body = {"formed_on": formed_on, "starts_on": starts_on}
    return await post(harness, "coordinator", f"/v1/groups/{group}/formation", body, status)


async def a_formed_group(harness, programme, members=2, **more):
    """A group that has formed, its supervisor and its members."""
    group, supervisor = await a_group(harness, programme, **more), await a_supervisor(harness)
    people = await workers(harness, members)
    for person in people:
        await apply(harness, group, person)
    await assign(harness, group, supervisor, leads_as="trainer" if more.get("track") == "training" else "leader")
    await form(harness, group)
    return group, supervisor, people


def types(events, *but):
    return [type(event).__name__ for event in events if type(event).__name__ not in but]


async def published(harness, kind):
    return [event for event in await harness.published() if isinstance(event, kind)]
