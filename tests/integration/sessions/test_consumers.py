from datetime import date
from uuid import uuid4

import pytest
from contracts.enrollment import (
    GroupDissolved,
    LeaderConflictArose,
    LeaderConflictCleared,
    LeaderReplaced,
    SupervisorAssigned,
)
from contracts.sessions import ConclusionLocked, ConclusionLockRefused, SessionScheduled

from .steps import DAYS, Steps, a_group, a_group_formed, a_withdrawal, an_enrolment, refused

OCTOBER, NOVEMBER, DECEMBER = (date.fromisoformat(day) for day in DAYS[:3])


async def state(sessions):
    return [dict(row) for row in await sessions.sql("SELECT * FROM cycle ORDER BY id")]


async def test_a_redelivered_group_gets_one_cycle(sessions):
    await sessions.deliver(a_group_formed(meetings=10), twice=True)
    assert await sessions.count("cycle") == 1
    assert [type(event) for event in await sessions.published()] == [SessionScheduled] * 10


async def test_many_groups_in_one_batch_get_a_cycle_each(sessions):
    await sessions.deliver(*(a_group_formed() for _ in range(20)))
    assert await sessions.count("cycle") == 20
    assert await sessions.count("session") == 60
    rows = await sessions.sql("SELECT aggregate, array_agg(version ORDER BY position) AS v FROM outbox GROUP BY 1")
    assert [row["v"] for row in rows] == [[1, 2, 3]] * 20


async def test_a_training_group_gets_no_cycle(sessions):
    group = a_group_formed(track="training")
    await sessions.deliver(group, an_enrolment(group), a_withdrawal(group, group.members[0]))
    assert await sessions.count("cycle") == 0


async def test_who_enrolled_before_the_group_formed_came_with_its_forming(sessions):
    group = a_group_formed()
    await sessions.deliver(an_enrolment(group, group.members[0], "2022-09-01"), group)
    (cycle,) = await state(sessions)
    assert [member["person_id"] for member in cycle["members"]] == [str(person) for person in group.members]


@pytest.mark.parametrize(
    "fact",
    [
        lambda group: an_enrolment(group),
        lambda group: a_withdrawal(group, group.members[0]),
        lambda group: SupervisorAssigned(
            group_id=group.group_id, supervisor_id=uuid4(), leads_as="co_leader", since=NOVEMBER
        ),
        lambda group: LeaderReplaced(
            leads_as="leader",
            group_id=group.group_id,
            previous_id=group.leaders[0],
            supervisor_id=uuid4(),
            since=NOVEMBER,
        ),
        lambda group: LeaderConflictArose(
            group_id=group.group_id, supervisor_id=group.leaders[0], ground="std.1.4", since=NOVEMBER
        ),
        lambda group: GroupDissolved(group_id=group.group_id, dissolved_on=NOVEMBER),
    ],
    ids=["enrolled", "withdrawn", "assigned", "replaced", "conflict", "dissolved"],
)
async def test_a_redelivered_fact_takes_effect_once(sessions, fact):
    steps = await a_group(sessions)
    before = await state(sessions)
    envelopes = [await sessions.deliver(event := fact(steps.group))]
    once = await state(sessions)
    await sessions.deliver((event, envelopes[0][0]))
    assert once != before
    assert await state(sessions) == once


async def test_a_redelivered_clearing_takes_effect_once(sessions):
    steps = await a_group(sessions)
    told = {"group_id": steps.id, "supervisor_id": steps.group.leaders[0], "ground": "std.1.4"}
    await sessions.deliver(LeaderConflictArose(since=OCTOBER, **told))
    await sessions.deliver(LeaderConflictCleared(since=NOVEMBER, **told), twice=True)
    (cycle,) = await state(sessions)
    assert [(row["since"], row["until"]) for row in cycle["conflicts"]] == [(DAYS[0], DAYS[1])]


async def test_no_session_starts_while_a_conflict_stands_on_its_date(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    told = {"group_id": steps.id, "supervisor_id": steps.group.leaders[0], "ground": "std.1.4"}
    await sessions.deliver(LeaderConflictArose(since=NOVEMBER, **told))
    await steps.hold(1)
    refused(await steps.start(2), "leader-in-conflict", "std.1.4")
    await sessions.deliver(LeaderConflictCleared(since=DECEMBER, **told))
    refused(await steps.start(2), "leader-in-conflict", "std.1.4")
    assert (await steps.start(3)).status_code == 200


async def test_a_conflict_that_arose_before_the_group_formed_stands_after_it(sessions):
    group = a_group_formed()
    await sessions.deliver(
        LeaderConflictArose(
            group_id=group.group_id, supervisor_id=group.leaders[0], ground="reg-2016.4.1", since=OCTOBER
        ),
        group,
    )
    assert await sessions.count("session") == 3
    refused(await Steps(sessions, group).start(1), "leader-in-conflict", "reg-2016.4.1")


async def test_a_dissolved_group_has_no_more_sessions(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.hold(1)
    await sessions.deliver(GroupDissolved(group_id=steps.id, dissolved_on=OCTOBER))
    refused(await steps.start(2), "group-has-dissolved")


async def test_a_successor_leads_in_place_of_the_one_before(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.hold(1)
    successor = uuid4()
    await sessions.deliver(
        LeaderReplaced(
            leads_as="leader",
            group_id=steps.id,
            previous_id=steps.group.leaders[0],
            supervisor_id=successor,
            since=NOVEMBER,
        )
    )
    assert (await steps.start(2)).status_code == 404
    client = steps.leader(successor)
    refused(await steps.command(client, "sessions/2/start", held_on=DAYS[1]), "contract-unsigned", "std.2.2")
    await steps.command(client, "contract/signatures", signed_on=DAYS[1], form="electronic")
    assert (await steps.command(client, "sessions/2/start", held_on=DAYS[1])).status_code == 200


async def test_a_redelivered_freeze_is_answered_once(sessions):
    steps = await a_group(sessions)
    conclusion = await steps.released()
    before = len(await sessions.published())
    await sessions.deliver(steps.freeze(conclusion), twice=True)
    answers = (await sessions.published())[before:]
    assert [type(event) for event in answers] == [ConclusionLocked]


async def test_a_freeze_is_answered_for_every_conclusion_that_it_cites(sessions):
    one, other = await a_group(sessions), await a_group(sessions)
    released, elsewhere = await one.released(), await other.released()
    awaiting, unknown = await one.conclude(), uuid4()
    asked = one.freeze(released, awaiting, unknown)
    both = type(asked)(
        issue_id=asked.issue_id,
        issue=asked.issue,
        conclusions=(*asked.conclusions, *other.freeze(elsewhere).conclusions),
    )
    await sessions.deliver(both)
    answers = {event.conclusion_id: event for event in (await sessions.published())[-4:]}
    assert {key: type(event) for key, event in answers.items()} == {
        released: ConclusionLocked,
        elsewhere: ConclusionLocked,
        awaiting: ConclusionLockRefused,
        unknown: ConclusionLockRefused,
    }
    assert answers[awaiting].ground == "reg-2016.3.3"
    assert answers[unknown].ground == "conclusion.unknown"


@pytest.mark.parametrize("freeze_first", [True, False])
async def test_a_freeze_that_names_an_unknown_cycle_is_refused_and_leaves_no_gap(sessions, freeze_first):
    steps = Steps(sessions, a_group_formed())
    asked = steps.freeze(uuid4())
    for event in [asked, steps.group] if freeze_first else [steps.group, asked]:
        await sessions.deliver(event, twice=True)
    rows = await sessions.sql("SELECT version FROM outbox WHERE aggregate = :id ORDER BY position", id=steps.id)
    assert [row["version"] for row in rows] == [1, 2, 3, 4]
    refusals = [event for event in await sessions.published() if isinstance(event, ConclusionLockRefused)]
    assert [event.ground for event in refusals] == ["conclusion.unknown"]
    assert (await steps.start(1)).status_code == 200


async def test_an_awaited_cycle_is_seen_by_nobody(sessions):
    steps = Steps(sessions, a_group_formed())
    await sessions.deliver(steps.freeze(uuid4()))
    assert (await steps.coordinator().get(steps.path())).status_code == 404
    assert (await steps.coordinator().get("/v1/cycles")).json()["items"] == []
    assert (await steps.start(1)).status_code == 404
