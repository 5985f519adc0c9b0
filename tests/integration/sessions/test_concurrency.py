"""Two commands at once: the cycle's row is locked, one of them wins, and the other is told."""

import asyncio
from uuid import uuid4

from contracts.sessions import (
    ConclusionConsentRevoked,
    ConclusionLocked,
    ConclusionLockRefused,
    ConclusionReleased,
    ContractSigned,
    CycleCompleted,
    SessionCompleted,
)

from .steps import DAYS, a_group, an_enrolment, refused

ROUNDS = 8


async def versions_are_without_gaps(sessions):
    rows = await sessions.sql("SELECT aggregate, array_agg(version ORDER BY position) AS v FROM outbox GROUP BY 1")
    assert all(row["v"] == list(range(1, len(row["v"]) + 1)) for row in rows)
    cycles = await sessions.sql("SELECT version FROM cycle")
    assert sorted(row["version"] for row in cycles) == sorted(len(row["v"]) for row in rows)


async def the_row_is_wanted_by(sessions, number):
    """Until so many transactions wait for a lock."""
    deadline = asyncio.get_running_loop().time() + 20
    waiting = (
        "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while (await sessions.sql(waiting))[0]["n"] < number:
        assert asyncio.get_running_loop().time() < deadline, "nobody waits"
        await asyncio.sleep(0.01)


async def in_this_order(sessions, cycle_id, first, second):
    """Both commands wait for the cycle's row, `first` in front; then the row is let go."""
    async with sessions.db() as db:
        connection = await db.connection()
        await connection.exec_driver_sql("SELECT 1 FROM cycle WHERE id = $1 FOR UPDATE", (cycle_id,))
        one = asyncio.create_task(first)
        await the_row_is_wanted_by(sessions, 1)
        other = asyncio.create_task(second)
        await the_row_is_wanted_by(sessions, 2)
    return await one, await other


async def a_group_that_lacks_one_signature(sessions):
    steps = await a_group(sessions)
    await steps.hold(1)
    await steps.sign([*steps.members[1:], *steps.group.leaders])
    return steps


def the_last_signature(steps):
    return steps.command(steps.member(0), "contract/signatures", signed_on=DAYS[1], form="electronic")


async def test_a_start_behind_the_last_signature_sees_it(sessions):
    steps = await a_group_that_lacks_one_signature(sessions)
    signed, started = await in_this_order(sessions, steps.id, the_last_signature(steps), steps.start(2))
    assert (signed.json(), started.status_code) == ({"unsigned": 0}, 200)


async def test_a_start_in_front_of_the_last_signature_is_refused(sessions):
    steps = await a_group_that_lacks_one_signature(sessions)
    started, signed = await in_this_order(sessions, steps.id, steps.start(2), the_last_signature(steps))
    refused(started, "contract-unsigned", "std.2.2")
    assert signed.json() == {"unsigned": 0}


async def test_a_start_and_signatures_that_race_never_leave_a_session_without_a_signature(sessions):
    for _ in range(ROUNDS):
        steps = await a_group(sessions, members=6)
        await steps.hold(1)
        before = len(await sessions.published())
        told = {"signed_on": DAYS[1], "form": "electronic"}
        clients = [steps.leader(), *(steps.member(number) for number in range(6))]
        answers = await asyncio.gather(
            *(steps.start(2) for _ in range(3)),
            *(steps.command(client, "contract/signatures", **told) for client in clients),
        )
        starts, signatures = answers[:3], answers[3:]
        assert [answer.status_code for answer in signatures] == [200] * 7
        won = [answer for answer in starts if answer.status_code == 200]
        assert len(won) <= 1
        for answer in starts:
            if answer not in won:
                assert answer.json()["type"].rpartition(":")[2] in ("contract-unsigned", "not-planned")
        (row,) = await sessions.sql("SELECT status FROM session WHERE ordinal = 2 AND cycle_id = :id", id=steps.id)
        assert row["status"] == ("in_progress" if won else "planned")
        assert [type(event) for event in (await sessions.published())[before:]] == [ContractSigned] * 7
    await versions_are_without_gaps(sessions)


async def test_a_start_behind_a_late_joiner_waits_for_the_signature(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.hold(1)
    joined = sessions.deliver(an_enrolment(steps.group))
    _, started = await in_this_order(sessions, steps.id, joined, steps.start(2))
    refused(started, "contract-unsigned", "std.2.2")


async def test_a_start_behind_a_revision_waits_for_the_new_signatures(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.hold(1)
    revised = steps.command(steps.leader(), "contract/revision", revised_on=DAYS[1])
    _, started = await in_this_order(sessions, steps.id, revised, steps.start(2))
    refused(started, "contract-unsigned", "std.2.2")


async def freeze(steps, asked):
    await steps.harness.deliver(asked)


async def test_a_withdrawal_in_front_of_the_freeze_wins_and_the_issue_is_told(sessions):
    steps = await a_group(sessions)
    conclusion = await steps.released()
    path = ("conclusions", conclusion, "consents/revocation")
    revocation = steps.command(steps.member(0), *path, revoked_on=DAYS[1])
    revoked, _ = await in_this_order(sessions, steps.id, revocation, freeze(steps, steps.freeze(conclusion)))
    assert revoked.status_code == 200
    assert [type(event) for event in (await sessions.published())[-2:]] == [
        ConclusionConsentRevoked,
        ConclusionLockRefused,
    ]


async def test_a_withdrawal_behind_the_freeze_is_told_the_issue(sessions):
    steps = await a_group(sessions)
    conclusion = await steps.released()
    path = ("conclusions", conclusion, "consents/revocation")
    revocation = steps.command(steps.member(0), *path, revoked_on=DAYS[1])
    _, revoked = await in_this_order(sessions, steps.id, freeze(steps, steps.freeze(conclusion)), revocation)
    assert "SPS 4/2022" in refused(revoked, "conclusion-is-locked", "reg-2016.3.3")["detail"]
    assert isinstance((await sessions.published())[-1], ConclusionLocked)


async def test_of_withdrawals_and_a_freeze_that_race_either_the_lock_or_the_withdrawals_win(sessions):
    for _ in range(ROUNDS):
        steps = await a_group(sessions)
        conclusion = await steps.released()
        before = len(await sessions.published())
        path = ("conclusions", conclusion, "consents/revocation")
        *withdrawals, _ = await asyncio.gather(
            *(steps.command(steps.member(number), *path, revoked_on=DAYS[1]) for number in range(3)),
            freeze(steps, steps.freeze(conclusion)),
        )
        events = (await sessions.published())[before:]
        (answer,) = [each for each in events if isinstance(each, ConclusionLocked | ConclusionLockRefused)]
        revoked = sum(isinstance(each, ConclusionConsentRevoked) for each in events)
        if isinstance(answer, ConclusionLocked):
            assert [each.status_code for each in withdrawals] == [409] * 3
            assert revoked == 0
        else:
            assert [each.status_code for each in withdrawals] == [200] * 3
            assert revoked == 3
    await versions_are_without_gaps(sessions)


async def test_of_many_completions_of_one_session_one_counts(sessions):
    steps = await a_group(sessions)
    await steps.start(1)
    told = await asyncio.gather(*(steps.complete(1) for _ in range(5)))
    assert sorted(answer.status_code for answer in told) == [200, 409, 409, 409, 409]
    assert sum(isinstance(event, SessionCompleted) for event in await sessions.published()) == 1


async def test_the_last_two_sessions_completed_at_once_complete_the_cycle_once(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    await steps.hold(1)
    await steps.start(2)
    await steps.start(3)
    told = await asyncio.gather(steps.complete(2), steps.complete(3))
    assert sorted(answer.json()["cycle_completed"] for answer in told) == [False, True]
    assert [type(event) for event in await sessions.published()][-1] is CycleCompleted
    await versions_are_without_gaps(sessions)


async def test_consents_given_at_once_release_once(sessions):
    steps = await a_group(sessions, members=8)
    await steps.hold(1)
    conclusion = await steps.conclude()
    told = {"given": True, "given_on": DAYS[0], "form": "electronic", "text_version": "1"}
    answers = await asyncio.gather(
        *(steps.command(steps.member(number), "conclusions", conclusion, "consents", **told) for number in range(8))
    )
    assert sorted(answer.json()["outcome"] for answer in answers) == ["awaiting"] * 7 + ["released"]
    assert sum(isinstance(event, ConclusionReleased) for event in await sessions.published()) == 1


async def test_a_freeze_and_a_forming_that_name_one_new_cycle_number_its_events_without_a_gap(sessions):
    steps = [await a_group(sessions) for _ in range(2)]
    for each in steps:
        new = type(each)(sessions, type(each.group)(**{**_told(each.group), "group_id": uuid4()}))
        await asyncio.gather(sessions.deliver(new.group), sessions.deliver(new.freeze(uuid4())))
    await versions_are_without_gaps(sessions)
    assert await sessions.count("session") == 12


def _told(group):
    return {name: getattr(group, name) for name in group.__struct_fields__}
