"""The figures are what the events add up to, in whatever order topics come and however often."""

import random
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.testing import Harness

from .history import EXPECTED, KRAKOW, MONTHS, REFUSALS, WARSZAWA, History, a_history, shuffled


async def figures(insights: Harness, programme: UUID, kind: str = "figures") -> Any:
    async with insights.client("partner") as client:
        answer = await client.get(f"/v1/{kind}/{programme}")
        assert answer.status_code == 200, answer.text
        return answer.json()


async def test_every_figure_is_added_up_from_events(insights: Harness) -> None:
    told = a_history()
    await insights.deliver(*told.told)
    found = await figures(insights, told.programme)
    assert found["figures"] == EXPECTED
    assert found["months"] == MONTHS
    assert found["refusals"] == REFUSALS


async def test_a_redelivery_changes_nothing(insights: Harness) -> None:
    told = a_history()
    await insights.deliver(*told.told, twice=True)
    assert (await figures(insights, told.programme))["figures"] == EXPECTED


@pytest.mark.parametrize("seed", range(6))
async def test_topics_may_come_in_any_order_in_any_batches_and_again(insights: Harness, seed: int) -> None:
    chance = random.Random(seed)
    told = a_history()
    events = shuffled(told.told, chance)
    while events:
        batch, events = events[: (size := chance.randint(1, 25))], events[size:]
        await insights.deliver(*batch, twice=chance.random() < 0.3)
    again = shuffled(told.told, chance)[:40]
    await insights.deliver(*again)
    found = await figures(insights, told.programme)
    assert found == {"figures": EXPECTED, "months": MONTHS, "refusals": REFUSALS}


async def test_a_person_who_attends_ten_sessions_is_one_person_reached(insights: Harness) -> None:
    told = History()
    told.opens()
    person = uuid4()
    group = told.forms([person])
    for ordinal in range(1, 11):
        told.meets(group, ordinal, {person: 300})
    await insights.deliver(*told.told)
    found = (await figures(insights, told.programme))["figures"]
    assert (found["attendances"], found["people_reached"]) == (10, 1)


async def test_a_cycle_is_no_redelivery_of_its_group_although_they_share_an_id(insights: Harness) -> None:
    told = History()
    told.opens()
    person = uuid4()
    group = told.forms([person])
    told.meets(group, 1, {person: 300})
    assert told.versions["enrollment.events", group] > told.versions["sessions.events", group]
    await insights.deliver(*told.told)
    assert (await figures(insights, told.programme))["figures"]["sessions_completed"] == 1


async def test_targets_stand_against_what_is_achieved_and_cities_add_up(insights: Harness) -> None:
    told = a_history()
    await insights.deliver(*told.told)
    found = await figures(insights, told.programme, "indicators")
    assert found["targets"] == [
        {"indicator": "groups_formed", "value": 2, "achieved": 2},
        {"indicator": "sessions_completed", "value": 6, "achieved": 3},
    ]
    cities = {city["terc"]: city["figures"] for city in found["cities"]}
    assert cities[WARSZAWA] == {
        "groups_formed": 1,
        "sessions_completed": 2,
        "attendances": 3,
        "people_reached": 2,
        "runs_completed": 2,
        "training_groups_trained": 1,
    }
    assert cities[None] == {"groups_formed": 1, "sessions_completed": 1, "attendances": 2, "people_reached": 2}
    assert found["as_of"]


async def test_a_session_of_a_group_that_is_not_known_yet_counts_and_finds_its_city_later(insights: Harness) -> None:
    told = History()
    told.opens()
    person = uuid4()
    group = told.forms([person], terc=KRAKOW, area=None)
    told.meets(group, 1, {person: 300})
    formed = [each for each in told.told if each[0].topic == "enrollment.events" and each[1].key == group]
    await insights.deliver(*(each for each in told.told if each not in formed))
    found = await figures(insights, told.programme, "indicators")
    assert {city["terc"]: city["figures"]["sessions_completed"] for city in found["cities"] if city["figures"]} == {
        None: 1
    }
    await insights.deliver(*formed)
    found = await figures(insights, told.programme, "indicators")
    assert {city["name"]: city["figures"]["sessions_completed"] for city in found["cities"] if city["figures"]} == {
        "Kraków": 1
    }


async def test_programmes_do_not_mix(insights: Harness) -> None:
    one, other = a_history(), a_history()
    await insights.deliver(*one.told, *other.told)
    assert (await figures(insights, one.programme))["figures"] == EXPECTED
    async with insights.client("operator") as client:
        programmes = (await client.get("/v1/programmes")).json()
    assert {each["id"] for each in programmes} == {str(one.programme), str(other.programme)}


async def test_what_nobody_opened_is_not_found_and_participants_see_no_figures(insights: Harness) -> None:
    async with insights.client("coordinator") as client:
        answer = await client.get(f"/v1/figures/{uuid4()}")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:superwizja:problem:programme-not-found")
    async with insights.client("participant") as client:
        assert (await client.get(f"/v1/figures/{uuid4()}")).status_code == 403


async def test_a_coordinator_of_one_programme_does_not_see_another(insights: Harness) -> None:
    one, other = a_history(), a_history()
    await insights.deliver(*one.told, *other.told)
    async with insights.client("coordinator", programme=one.programme) as client:
        assert [each["id"] for each in (await client.get("/v1/programmes")).json()] == [str(one.programme)]
        assert (await client.get(f"/v1/indicators/{one.programme}")).status_code == 200
        assert (await client.get(f"/v1/indicators/{other.programme}")).status_code == 404
