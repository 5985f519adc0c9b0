from uuid import uuid4

from chassis.tables import metadata as chassis_metadata
from chassis.testing import a_token
from sessions.tables import metadata
from sqlalchemy import MetaData

from .steps import DAYS, Steps, a_group, a_group_formed


async def test_the_coordinator_sees_all_cycles_of_their_programmes_page_by_page(sessions):
    groups = [await a_group(sessions) for _ in range(3)]
    elsewhere = a_group_formed()
    await sessions.deliver(elsewhere, programme_id=uuid4())
    everywhere, here = sessions.client("coordinator"), sessions.client("coordinator", programme=sessions.programme)
    assert len((await everywhere.get("/v1/cycles")).json()["items"]) == 4
    ids = sorted(str(group.id) for group in groups)
    first = (await here.get("/v1/cycles", params={"limit": 2})).json()
    second = (await here.get("/v1/cycles", params={"limit": 2, "after": first["next"]})).json()
    assert [item["id"] for item in (*first["items"], *second["items"])] == ids
    assert second["next"] is None
    only = await everywhere.get("/v1/cycles", params={"programme_id": str(sessions.programme)})
    assert [item["id"] for item in only.json()["items"]] == ids
    assert (await here.get(Steps(sessions, elsewhere).path())).status_code == 404


async def test_others_see_the_cycles_that_they_lead_or_belong_to(sessions):
    steps, other = await a_group(sessions), await a_group(sessions)
    for client in (steps.leader(), steps.member()):
        assert [item["id"] for item in (await client.get("/v1/cycles")).json()["items"]] == [str(steps.id)]
        assert (await client.get(steps.path())).status_code == 200
        for path in (other.path(), other.path("conclusions")):
            assert (await client.get(path)).status_code == 404
    for role in ("trainer", "partner", "operator"):
        assert (await sessions.client(role).get("/v1/cycles")).status_code == 403


async def test_who_coordinates_one_programme_and_leads_in_another_sees_both(sessions):
    led, other, elsewhere, programme = await a_group(sessions), await a_group(sessions), a_group_formed(), uuid4()
    await sessions.deliver(elsewhere, programme_id=programme)
    grants = [
        {"role": "coordinator", "programme": str(programme), "centre": None},
        {"role": "supervisor", "programme": str(sessions.programme), "centre": None},
    ]
    token = a_token("supervisor", person=led.group.leaders[0], roles=grants)
    async with sessions.client("supervisor") as client:
        client.headers["Authorization"] = f"Bearer {token}"
        seen = (await client.get("/v1/cycles")).json()["items"]
        assert {item["id"] for item in seen} == {str(led.id), str(elsewhere.group_id)}
        assert (await client.get(other.path())).status_code == 404
        for path in (led.path(), Steps(sessions, elsewhere).path()):
            told = (await client.get(path)).json()
            assert len(told["contract"]["unsigned"]) == 4


async def test_a_list_tells_how_far_a_cycle_is(sessions):
    steps = await a_group(sessions)
    await steps.hold(1)
    (item,) = (await steps.coordinator().get("/v1/cycles")).json()["items"]
    assert (item["sessions"], item["completed"], item["next_planned_on"]) == (3, 1, DAYS[1])


async def test_a_member_sees_of_signatures_and_rosters_the_own_ones(sessions):
    steps = await a_group(sessions)
    await steps.sign(steps.members[:2])
    await steps.hold(1)
    for_leader = (await steps.leader().get(steps.path())).json()
    assert len(for_leader["sessions"][0]["attendance"]) == 3
    assert len(for_leader["contract"]["signatures"]) == 2
    assert set(for_leader["contract"]["unsigned"]) == {str(steps.members[2]), str(steps.group.leaders[0])}
    for_member = (await steps.member(0).get(steps.path())).json()
    own = str(steps.members[0])
    assert [row["person_id"] for row in for_member["sessions"][0]["attendance"]] == [own]
    assert [row["person_id"] for row in for_member["contract"]["signatures"]] == [own]
    assert for_member["contract"]["unsigned"] == []
    assert len(for_member["members"]) == 3


async def test_figures_count_unique_people_apart_from_attendances(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.start(1)
    await steps.complete(1, 300, 60, 0)
    await steps.hold(2)
    withheld, released = await steps.conclude(), await steps.conclude(ordinal=2, recorded_on=DAYS[1])
    await steps.consent(withheld, 0, given=False)
    await steps.consent(released, 0, 1, 2, given_on=DAYS[1])
    await steps.command(steps.member(0), "conclusions", released, "consents/revocation", revoked_on=DAYS[1])
    await sessions.deliver(steps.freeze(released, uuid4()))
    elsewhere = a_group_formed()
    await sessions.deliver(elsewhere, programme_id=uuid4())
    await Steps(sessions, elsewhere).hold(1)
    told = (await sessions.client("partner").get(f"/v1/figures/{sessions.programme}")).json()
    assert told["figures"] == {
        "sessions_completed": 2,
        "supervision_minutes": 600,
        "attendances": 5,
        "people_reached": 3,
        "cycles_completed": 0,
        "conclusions_recorded": 2,
        "conclusions_released": 1,
        "conclusions_withheld": 1,
        "consents_revoked": 1,
        "signatures": 4,
    }
    assert told["months"] == {
        "2022-10": {"sessions_completed": 1, "attendances": 2, "people_reached": 2},
        "2022-11": {"sessions_completed": 1, "attendances": 3, "people_reached": 3},
    }
    assert told["refusals"] == {"reg-2016.3.3": 2, "conclusion.unknown": 1}


async def test_figures_of_an_unknown_programme_are_zero_and_of_someone_elses_404(sessions):
    told = (await sessions.client("operator").get(f"/v1/figures/{uuid4()}")).json()
    assert set(told["figures"].values()) == {0}
    assert (told["months"], told["refusals"]) == ({}, {})
    scoped = sessions.client("coordinator", programme=uuid4())
    assert (await scoped.get(f"/v1/figures/{uuid4()}")).status_code == 404
    assert (await sessions.client("participant").get(f"/v1/figures/{uuid4()}")).status_code == 403


async def test_codes_are_told_in_both_languages(sessions):
    told = (await sessions.client("participant").get("/v1/codes")).json()
    assert {"code": "alcohol", "pl": "problem alkoholowy", "en": "alcohol"} in told["themes"]
    assert len(told["methods"]) == 3


async def test_the_migrations_make_the_tables_that_the_code_maps(sessions):
    found = MetaData()
    async with sessions.db() as db:
        await (await db.connection()).run_sync(lambda connection: found.reflect(connection))
    ours = set(found.tables) - set(chassis_metadata.tables) - {"alembic_version"}
    assert ours == set(metadata.tables)
    for name, table in metadata.tables.items():
        assert {(c.name, c.nullable) for c in found.tables[name].columns} == {
            (c.name, c.nullable) for c in table.columns
        }
        assert {index.name for index in found.tables[name].indexes} == {index.name for index in table.indexes}
