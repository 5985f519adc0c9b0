"""Rules 4 and 5 where they are decided, and the conflicts that arise and clear afterwards (SETTLED 11)."""

import asyncio

from contracts.enrollment import LeaderConflictArose, LeaderConflictCleared

from .steps import (
    a_centre,
    a_formed_group,
    a_group,
    a_programme,
    a_supervisor,
    act,
    apply,
    assign,
    form,
    get,
    post,
    published,
    types,
    workers,
)


async def tie(harness, supervisor, status=201, **told):
    body = {"kind": "employment", "since": "2022-11-01"} | told
    return await post(harness, "coordinator", f"/v1/supervisors/{supervisor}/ties", body, status)


async def test_a_refused_assignment_is_recorded_and_counted(enrollment):
    programme = await a_programme(enrollment)
    group, supervisor = await a_group(enrollment, programme), await a_supervisor(enrollment)
    (person,) = await workers(enrollment)
    await apply(enrollment, group, person)
    await tie(enrollment, supervisor, person_id=str(person), since="2020-01-01")
    assert await assign(enrollment, group, supervisor) == {"outcome": "refused", "ground": "reg-2016.4.1"}
    assert types(await enrollment.published())[-1] == "SupervisorAssignmentRefused"
    assert (await get(enrollment, "coordinator", f"/v1/groups/{group}"))["leaders"] == []
    figures = await get(enrollment, "coordinator", f"/v1/figures/{programme}")
    assert figures["refusals"] == {"reg-2016.4.1": 1}


async def test_a_social_workers_group_needs_a_social_work_supervisor(enrollment):
    programme = await a_programme(enrollment)
    group = await a_group(enrollment, programme)
    (person,) = await workers(enrollment, social_worker=True)
    await apply(enrollment, group, person)
    therapist = await a_supervisor(enrollment, "psychotherapy", "domestic_violence")
    assert await assign(enrollment, group, therapist) == {"outcome": "refused", "ground": "std.1.1"}
    assert (await assign(enrollment, group, await a_supervisor(enrollment)))["outcome"] == "assigned"


async def test_a_tie_that_arises_and_ends_is_told_to_every_group_that_the_supervisor_leads(enrollment):
    programme = await a_programme(enrollment)
    group, supervisor, (person, _) = await a_formed_group(enrollment, programme)
    other = await a_group(enrollment, programme)
    await assign(enrollment, other, supervisor)
    made = await tie(enrollment, supervisor, person_id=str(person))
    (arose,) = await published(enrollment, LeaderConflictArose)
    assert (arose.group_id, arose.supervisor_id, arose.ground) == (group, supervisor, "reg-2016.4.1")
    assert (str(arose.since), arose.until) == ("2022-11-01", None)
    (conflict,) = (await get(enrollment, "coordinator", f"/v1/groups/{group}"))["conflicts"]
    assert conflict["ground"] == "reg-2016.4.1"

    end = f"/v1/supervisors/{supervisor}/ties/{made['id']}/end"
    await post(enrollment, "coordinator", end, {"ended_on": "2022-12-01"}, 200)
    (cleared,) = await published(enrollment, LeaderConflictCleared)
    assert (cleared.group_id, str(cleared.since)) == (group, "2022-12-01")
    await post(enrollment, "coordinator", end, {"ended_on": "2022-12-01"}, 409)


async def test_a_social_worker_who_joins_late_raises_a_conflict_and_takes_it_along(enrollment):
    programme = await a_programme(enrollment)
    group, therapist = await a_group(enrollment, programme), await a_supervisor(enrollment, "psychotherapy")
    await assign(enrollment, group, therapist)
    for person in await workers(enrollment, 2):
        await apply(enrollment, group, person)
    await form(enrollment, group)
    (late,) = await workers(enrollment, social_worker=True)
    made = await apply(enrollment, group, late, on="2022-11-15")
    (arose,) = await published(enrollment, LeaderConflictArose)
    assert (arose.ground, str(arose.since)) == ("std.1.1", "2022-11-15")
    await act(enrollment, group, made["id"], "withdrawal", late, on="2022-12-01")
    (cleared,) = await published(enrollment, LeaderConflictCleared)
    assert cleared.ground == "std.1.1"
    assert (await get(enrollment, "coordinator", f"/v1/groups/{group}"))["conflicts"] == []


async def test_a_group_with_a_conflicted_leader_forms_once_the_leader_is_replaced(enrollment):
    programme = await a_programme(enrollment)
    group, therapist = await a_group(enrollment, programme), await a_supervisor(enrollment, "psychotherapy")
    await assign(enrollment, group, therapist)
    for person in await workers(enrollment, 2, social_worker=True):
        await apply(enrollment, group, person)
    refused = await form(enrollment, group, 409)
    assert (refused["type"], refused["ground"]) == ("urn:superwizja:problem:leader-in-conflict", "std.1.1")
    supervisor = await a_supervisor(enrollment)
    body = {"supervisor_id": str(supervisor), "since": "2022-10-04"}
    path = f"/v1/groups/{group}/leaders/{therapist}/replacement"
    assert (await post(enrollment, "coordinator", path, body, 201))["outcome"] == "assigned"
    await form(enrollment, group)


async def test_a_tie_and_a_seat_at_the_same_time_are_seen_by_one_of_the_two(enrollment):
    programme = await a_programme(enrollment)
    centre = await a_centre(enrollment)
    supervisor = await a_supervisor(enrollment)
    groups = [await a_group(enrollment, programme) for _ in range(6)]
    for group in groups:
        await assign(enrollment, group, supervisor)
    people = await workers(enrollment, len(groups), centre=centre)
    pairs = zip(groups, people, strict=True)
    await asyncio.gather(
        tie(enrollment, supervisor, centre_id=str(centre)), *(apply(enrollment, *pair) for pair in pairs)
    )
    assert {event.group_id for event in await published(enrollment, LeaderConflictArose)} == set(groups)


async def test_a_tie_and_an_assignment_at_the_same_time_are_seen_by_one_of_the_two(enrollment):
    programme = await a_programme(enrollment)
    supervisors = [await a_supervisor(enrollment) for _ in range(6)]
    groups, people = [], await workers(enrollment, len(supervisors))
    for person in people:
        groups.append(await a_group(enrollment, programme))
        await apply(enrollment, groups[-1], person)
    trios = list(zip(groups, supervisors, people, strict=True))
    ties = [tie(enrollment, supervisor, person_id=str(person), since="2022-10-03") for _, supervisor, person in trios]
    answers = await asyncio.gather(*(assign(enrollment, group, supervisor) for group, supervisor, _ in trios), *ties)
    refused = {group for (group, *_), answer in zip(trios, answers, strict=False) if answer["outcome"] == "refused"}
    arose = {event.group_id for event in await published(enrollment, LeaderConflictArose)}
    assert refused | arose == set(groups)
    assert not refused & arose
