"""Rules 8, 9 and 11 where many ask at once: real transactions, real locks, the real index."""

import asyncio
from datetime import datetime, timedelta

import pytest
from enrollment.use_cases import waiting

from .steps import a_group, a_programme, act, apply, get, post, workers


async def conserved(harness):
    """Counters are what the applications say, no group is overfull, and nobody has two active seats."""
    overfull = await harness.sql(
        """
        SELECT g.id FROM support_group g LEFT JOIN application a ON a.group_id = g.id GROUP BY g.id
        HAVING g.seats_taken <> count(*) FILTER (WHERE a.status IN ('seated', 'accepted'))
            OR g.offers_out <> count(*) FILTER (WHERE a.status = 'offered')
            OR g.waiting <> count(*) FILTER (WHERE a.status = 'waitlisted')
            OR g.seats_taken + g.offers_out > g.maximum
        """
    )
    assert overfull == []
    twice = await harness.sql(
        "SELECT 1 FROM application WHERE active GROUP BY person_id, programme_id, track HAVING count(*) > 1"
    )
    assert twice == []
    versions = await harness.sql(
        "SELECT aggregate FROM outbox GROUP BY aggregate HAVING max(version) <> count(*) OR min(version) <> 1"
    )
    assert versions == []


async def statuses(harness, group):
    rows = await harness.sql(
        "SELECT status, count(*) AS number FROM application WHERE group_id = :group GROUP BY status", group=group
    )
    return {row["status"]: row["number"] for row in rows}


async def test_fifty_people_ask_at_once_for_the_last_seat_and_one_gets_it(enrollment):
    programme = await a_programme(enrollment)
    group = await a_group(enrollment, programme, maximum=2)
    first, *people = await workers(enrollment, 51)
    await apply(enrollment, group, first)
    answers = await asyncio.gather(*(apply(enrollment, group, person) for person in people))
    outcomes = [answer["outcome"] for answer in answers]
    assert (outcomes.count("seated"), outcomes.count("waitlisted")) == (1, 49)
    assert await statuses(enrollment, group) == {"seated": 2, "waitlisted": 49}
    await conserved(enrollment)


async def test_one_person_in_many_groups_at_once_gets_one_seat(enrollment):
    programme = await a_programme(enrollment)
    groups = [await a_group(enrollment, programme) for _ in range(8)]
    (person,) = await workers(enrollment)

    async def ask(group):
        async with enrollment.client("participant", person=person) as client:
            return await client.post(f"/v1/groups/{group}/applications", json={"submitted_on": "2022-10-03"})

    answers = await asyncio.gather(*(ask(group) for group in groups))
    seated = [answer for answer in answers if answer.status_code == 201]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert (len(seated), len(refused)) == (1, 7)
    assert {(one["type"], one["ground"]) for one in refused} == {
        ("urn:superwizja:problem:seat-already-held", "programme.one_seat")
    }
    assert await enrollment.count("application") == 1
    await conserved(enrollment)


async def test_one_person_who_asks_many_times_at_once_has_one_application(enrollment):
    programme = await a_programme(enrollment)
    group = await a_group(enrollment, programme)
    (person,) = await workers(enrollment)

    async def ask():
        async with enrollment.client("participant", person=person) as client:
            return await client.post(f"/v1/groups/{group}/applications", json={"submitted_on": "2022-10-03"})

    answers = await asyncio.gather(*(ask() for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert {a.json()["type"] for a in answers if a.status_code == 409} == {"urn:superwizja:problem:already-applied"}
    await conserved(enrollment)


async def test_one_seat_in_each_track_of_each_programme(enrollment):
    programme, other = await a_programme(enrollment), await a_programme(enrollment)
    (person,) = await workers(enrollment)
    groups = [
        await a_group(enrollment, programme),
        await a_group(enrollment, programme, track="training"),
        await a_group(enrollment, other),
    ]
    for group in groups:
        assert (await apply(enrollment, group, person))["outcome"] == "seated"
    await apply(enrollment, await a_group(enrollment, programme), person, 409)


async def test_a_seat_in_a_group_that_has_ended_keeps_nobody_from_another(enrollment):
    programme = await a_programme(enrollment)
    group, another = await a_group(enrollment, programme), await a_group(enrollment, programme)
    (person,) = await workers(enrollment)
    await apply(enrollment, group, person)
    await apply(enrollment, another, person, 409)
    await post(enrollment, "coordinator", f"/v1/groups/{group}/dissolution", {"dissolved_on": "2022-11-01"}, 200)
    assert (await get(enrollment, "coordinator", f"/v1/figures/{programme}"))["figures"]["seats_taken"] == 0
    assert (await apply(enrollment, another, person))["outcome"] == "seated"
    figures = (await get(enrollment, "coordinator", f"/v1/figures/{programme}"))["figures"]
    assert (figures["seats_taken"], figures["people_enrolled"], figures["applications"]) == (1, 1, 2)
    await conserved(enrollment)


async def test_everybody_leaves_and_comes_at_once_and_the_counts_add_up(enrollment):
    programme = await a_programme(enrollment)
    group = await a_group(enrollment, programme, maximum=5)
    people = await workers(enrollment, 30)
    first, rest = people[:12], people[12:]
    made = [(person, (await apply(enrollment, group, person))["id"]) for person in first]
    leaving = [act(enrollment, group, application, "withdrawal", person) for person, application in made[:4]]
    await asyncio.gather(*leaving, *(apply(enrollment, group, person) for person in rest))
    await conserved(enrollment)
    now = await statuses(enrollment, group)
    assert (now["withdrawn"], now["seated"], now["offered"]) == (4, 1, 4)
    assert now["waitlisted"] == 30 - 4 - 1 - 4


async def test_a_freed_seat_is_offered_to_one_only_and_two_groups_do_not_offer_to_one_person(enrollment):
    programme = await a_programme(enrollment)
    groups = [await a_group(enrollment, programme, maximum=2) for _ in range(4)]
    (wanted, *others) = await workers(enrollment, 1 + 4 * 2)
    seats = []
    for number, group in enumerate(groups):
        two = others[number * 2 : number * 2 + 2]
        seats += [(group, person, (await apply(enrollment, group, person))["id"]) for person in two]
        assert (await apply(enrollment, group, wanted))["outcome"] == "waitlisted"
    leaving = [act(enrollment, group, application, "withdrawal", person) for group, person, application in seats[::2]]
    await asyncio.gather(*leaving)
    offers = await enrollment.sql("SELECT group_id FROM application WHERE status = 'offered'")
    assert len(offers) == 1
    await conserved(enrollment)


async def test_whoever_has_a_seat_elsewhere_is_passed_over_and_may_be_offered_later(enrollment):
    programme = await a_programme(enrollment)
    full, other = await a_group(enrollment, programme, maximum=2), await a_group(enrollment, programme)
    leaver, stays, passed = await workers(enrollment, 3)
    seat = (await apply(enrollment, full, leaver))["id"]
    await apply(enrollment, full, stays)
    await apply(enrollment, full, passed)
    elsewhere = (await apply(enrollment, other, passed))["id"]
    await act(enrollment, full, seat, "withdrawal", leaver)
    assert await statuses(enrollment, full) == {"seated": 1, "waitlisted": 1, "withdrawn": 1}
    await act(enrollment, other, elsewhere, "withdrawal", passed)
    await enrollment.due()
    assert await statuses(enrollment, full) == {"seated": 1, "offered": 1, "withdrawn": 1}
    await conserved(enrollment)


@pytest.mark.parametrize("end", ["expires", "decline"])
async def test_an_offer_that_is_not_taken_goes_to_the_next_in_rank(enrollment, end):
    programme = await a_programme(enrollment)
    group = await a_group(enrollment, programme, maximum=2)
    leaver, stays = await workers(enrollment, 2)
    seat = (await apply(enrollment, group, leaver))["id"]
    await apply(enrollment, group, stays)
    far, near = (await workers(enrollment, 1, terc="1463011"))[0], (await workers(enrollment, 1))[0]
    far_id = (await apply(enrollment, group, far))["id"]
    near_id = (await apply(enrollment, group, near))["id"]
    await act(enrollment, group, seat, "withdrawal", leaver)
    await act(enrollment, group, far_id, "acceptance", far, 409)
    if end == "decline":
        await act(enrollment, group, near_id, "decline", near)
    else:
        await enrollment.due()
        assert (await statuses(enrollment, group))["offered"] == 1
        past = "now() - interval '1 second'"
        await enrollment.sql(f"UPDATE application SET offer_expires_at = {past} WHERE status = 'offered'")
        await enrollment.sql(f"UPDATE due SET at = {past}")
        await act(enrollment, group, near_id, "acceptance", near, 409)
        await enrollment.due()
    own = await get(enrollment, "participant", "/v1/applications", person=far)
    assert [one["status"] for one in own["items"]] == ["offered"]
    await act(enrollment, group, far_id, "acceptance", far)
    await conserved(enrollment)
    # Whoever withdrew, declined or let an offer expire is not offered again by itself.
    await act(enrollment, group, far_id, "withdrawal", far)
    await enrollment.due()
    assert (await get(enrollment, "coordinator", f"/v1/groups/{group}"))["offers_out"] == 0


async def test_an_offer_expires_where_the_clock_of_the_worker_is_behind_that_of_the_database(enrollment, monkeypatch):
    class Behind(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(minutes=5)

    programme = await a_programme(enrollment)
    group = await a_group(enrollment, programme, maximum=2)
    leaver, stays, waits = await workers(enrollment, 3)
    seat = (await apply(enrollment, group, leaver))["id"]
    for person in (stays, waits):
        await apply(enrollment, group, person)
    await act(enrollment, group, seat, "withdrawal", leaver)
    just_now = "now() - interval '1 second'"
    await enrollment.sql(f"UPDATE application SET offer_expires_at = {just_now} WHERE status = 'offered'")
    await enrollment.sql(f"UPDATE due SET at = {just_now}")
    monkeypatch.setattr(waiting, "datetime", Behind)
    await enrollment.due()
    assert await statuses(enrollment, group) == {"seated": 1, "withdrawn": 1, "expired": 1}


async def test_an_answer_and_the_expiry_at_once_have_one_winner(enrollment):
    programme = await a_programme(enrollment, offer_validity_seconds=1)
    group = await a_group(enrollment, programme, maximum=2)
    leaver, stays, waits = await workers(enrollment, 3)
    seat = (await apply(enrollment, group, leaver))["id"]
    await apply(enrollment, group, stays)
    waiting = (await apply(enrollment, group, waits))["id"]
    await act(enrollment, group, seat, "withdrawal", leaver)
    await enrollment.sql("UPDATE due SET at = now() - interval '1 second'")

    async def accept():
        async with enrollment.client("participant", person=waits) as client:
            path = f"/v1/groups/{group}/applications/{waiting}/acceptance"
            return (await client.post(path, json={"accepted_on": "2022-10-03"})).status_code

    status, _ = await asyncio.gather(accept(), enrollment.due())
    now = await statuses(enrollment, group)
    assert now.get("accepted", 0) == (status == 200)
    await conserved(enrollment)
