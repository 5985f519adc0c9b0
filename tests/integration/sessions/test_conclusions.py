from contracts.sessions import (
    ConclusionConsentRevoked,
    ConclusionRecorded,
    ConclusionReleased,
    ConclusionWithheld,
)

from .steps import DAYS, a_group, refused


async def kinds(sessions):
    names = (ConclusionRecorded, ConclusionReleased, ConclusionWithheld, ConclusionConsentRevoked)
    return [type(event) for event in await sessions.published() if isinstance(event, names)]


async def test_each_attendee_consents_for_themselves_and_the_last_releases(sessions):
    steps = await a_group(sessions)
    await steps.start(1)
    await steps.complete(1, 300, 60, 0)
    conclusion = await steps.conclude()
    told = {"given": True, "given_on": DAYS[0], "form": "electronic", "text_version": "2022-1"}
    path = ("conclusions", conclusion, "consents")
    assert (await steps.command(steps.member(0), *path, **told)).json() == {"outcome": "awaiting"}
    refused(await steps.command(steps.member(2), *path, **told), "did-not-take-part")
    assert (await steps.command(steps.member(1), *path, **told)).json() == {"outcome": "released"}
    assert await kinds(sessions) == [ConclusionRecorded, ConclusionReleased]


async def test_a_refusal_withholds(sessions):
    steps = await a_group(sessions)
    await steps.hold(1)
    conclusion = await steps.conclude()
    assert (await steps.consent(conclusion, 0, given=False)).json() == {"outcome": "withheld"}
    assert (await steps.consent(conclusion, 0, 1, 2)).json() == {"outcome": "withheld"}
    assert await kinds(sessions) == [ConclusionRecorded, ConclusionWithheld]


async def test_a_consent_can_be_taken_back_until_an_issue_locks_it(sessions):
    steps = await a_group(sessions)
    await steps.everyone_signs()
    conclusion = await steps.released()
    await steps.hold(2)
    other = await steps.conclude(ordinal=2, recorded_on=DAYS[1])
    await steps.consent(other, 0, 1, 2, given_on=DAYS[1])
    await sessions.deliver(steps.freeze(conclusion))
    path = ("conclusions", conclusion, "consents/revocation")
    problem = refused(
        await steps.command(steps.member(0), *path, revoked_on=DAYS[1]), "conclusion-is-locked", "reg-2016.3.3"
    )
    assert "SPS 4/2022" in problem["detail"]
    revoked = await steps.command(steps.member(0), "conclusions", other, "consents/revocation", revoked_on=DAYS[1])
    assert revoked.json() == {"outcome": "withheld"}
    again = await steps.command(steps.member(0), "conclusions", other, "consents/revocation", revoked_on=DAYS[1])
    refused(again, "nothing-to-revoke")
    assert (await kinds(sessions))[-1] is ConclusionConsentRevoked


async def test_the_conclusion_of_the_course_asks_everyone_who_ever_took_part(sessions):
    steps = await a_group(sessions, members=4)
    await steps.everyone_signs()
    early = await steps.command(steps.leader(), "conclusions", recorded_on=DAYS[0])
    refused(early, "course-not-over")
    for ordinal, minutes in enumerate([(300, 300, 300, 0), (300, 300, 0, 0), (300, 300, 0, 0)], start=1):
        await steps.start(ordinal)
        await steps.complete(ordinal, *minutes)
    conclusion = await steps.conclude(ordinal=None, recorded_on=DAYS[3], practice_before=["individual_work"])
    assert (await steps.consent(conclusion, 0, 1, given_on=DAYS[3])).json() == {"outcome": "awaiting"}
    assert (await steps.consent(conclusion, 2, given_on=DAYS[3])).json() == {"outcome": "released"}
    (read,) = (await steps.coordinator().get(steps.path("conclusions"))).json()["items"]
    assert read["attendees"] == sorted(str(person) for person in steps.members[:3])
    assert (read["ordinal"], read["status"], read["practice_before"]) == (None, "released", ["individual_work"])


async def test_who_turns_out_to_have_taken_part_is_asked(sessions):
    steps = await a_group(sessions)
    await steps.start(1)
    await steps.complete(1, 300, 300, 0)
    conclusion = await steps.conclude()
    await steps.consent(conclusion, 0, 1)
    row = {"person_id": str(steps.members[2]), "status": "attended", "minutes": 300}
    await steps.command(steps.leader(), "sessions/1/corrections", corrected_on=DAYS[1], **row)
    assert (await kinds(sessions))[-1] is ConclusionConsentRevoked
    assert (await steps.consent(conclusion, 2)).json() == {"outcome": "released"}


async def test_of_the_consents_a_member_sees_only_their_own(sessions):
    steps = await a_group(sessions)
    conclusion = await steps.released()
    await sessions.deliver(steps.freeze(conclusion))
    (for_leader,) = (await steps.leader().get(steps.path("conclusions"))).json()["items"]
    (for_member,) = (await steps.member(1).get(steps.path("conclusions"))).json()["items"]
    assert len(for_leader["statements"]) == 3
    (own,) = for_member["statements"]
    assert (own["person_id"], own["said"], own["text_version"]) == (str(steps.members[1]), "given", "1")
    assert own["recorded_by"] == str(steps.group.leaders[0])
    assert for_member["locks"][0]["issue"] == "SPS 4/2022 (przykład)"
