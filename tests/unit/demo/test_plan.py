"""What the script is going to play."""

from collections import Counter

import pytest
from superwizja.demo.places import areas, communes
from superwizja.demo.plan import LAST_SEAT, Plan, make
from superwizja.demo.sizes import FULL, MEETINGS, SMALL, Size


@pytest.fixture(scope="module")
def full() -> Plan:
    return make(FULL)


def test_the_full_plan_has_the_programmes_numbers(full: Plan) -> None:
    assert len(full.groups) == 180
    assert sum(group.maximum for group in full.groups) == 1800
    assert {group.maximum for group in full.groups} == {8, 9, 10, 11, 12}
    assert len(full.training_groups) == 80
    assert len(full.developed) == 20
    assert len(full.supervisors) == 60
    assert FULL.targets == {
        "groups_formed": 180,
        "sessions_completed": 1800,
        "titles_published": 20,
        "training_groups_trained": 80,
    }


def test_about_2400_workers_apply_and_each_group_has_some_who_wait(full: Plan) -> None:
    assert 2350 <= len(full.workers) <= 2450
    assert all(len(group.applicants) > group.maximum for group in full.groups)
    assert len(full.groups[0].applicants) >= full.groups[0].maximum + LAST_SEAT


def test_nobody_is_meant_for_two_supervision_groups_or_two_training_groups(full: Plan) -> None:
    for groups in (full.groups, full.training_groups):
        people = Counter(worker for group in groups for worker in group.applicants)
        assert set(people.values()) == {1}


def test_cohorts_are_staggered_by_month_from_october_2022(full: Plan) -> None:
    cohorts = Counter(group.cohort for group in full.groups)
    assert len(cohorts) == 12
    assert set(cohorts.values()) == {15}
    assert full.groups[0].cohort == "tura_2022_10"
    assert full.groups[0].meeting(MEETINGS).isoformat().startswith("2023-07")


def test_no_title_is_taught_before_it_is_developed(full: Plan) -> None:
    for size in (FULL, SMALL):
        plan = make(size)
        for group in plan.training_groups:
            assert all(plan.developed[title] <= group.begins for title in group.titles)
            assert len(set(group.titles)) == len(group.titles)
    assert {title for group in full.training_groups for title in group.titles} == set(range(20))


def test_nobody_leads_a_group_twice(full: Plan) -> None:
    assert all(group.leader is not group.co_leader for group in full.groups)


@pytest.mark.parametrize("size", [FULL, SMALL])
def test_the_same_seed_gives_the_same_plan(size: Size) -> None:
    one, other = make(size), make(size)
    assert [worker.body for worker in one.workers] == [worker.body for worker in other.workers]
    assert [group.begins for group in one.groups] == [group.begins for group in other.groups]
    assert [group.rng.random() for group in one.groups] == [group.rng.random() for group in other.groups]


def test_people_and_centres_say_that_they_are_made_up(full: Plan) -> None:
    assert all("(osoba zmyślona)" in str(worker.body["name"]) for worker in full.workers)
    assert all("(osoba zmyślona)" in str(supervisor.body["name"]) for supervisor in full.supervisors)
    assert all("(dane przykładowe)" in str(centre.body["name"]) for centre in full.centres)
    assert all(str(worker.body["email"]).endswith("@example.org") for worker in full.workers)


def test_most_centres_are_in_and_around_the_twelve_cities_and_some_decline(full: Plan) -> None:
    inside = [centre for centre in full.centres if centre.place.area]
    assert len(inside) > len(full.centres) / 2
    assert 0 < sum(not centre.joins for centre in full.centres) < len(full.centres) / 4
    assert all(not centre.workers for centre in full.centres if not centre.joins)
    voivodeships = {centre.place.code[:2] for centre in full.centres}
    assert len(voivodeships) == 16


def test_the_places_are_the_twelve_priority_cities_with_their_surroundings() -> None:
    assert [places[0].name for places in areas().values()] == [
        "Warszawa",
        "Lublin",
        "Rzeszów",
        "Kraków",
        "Katowice",
        "Wrocław",
        "Poznań",
        "Gdynia",
        "Sopot",
        "Gdańsk",
        "Białystok",
        "Łódź",
    ]
    assert all(len(place.code) == 7 for place in communes())
    assert len({place.code for place in communes()}) == len(communes())
