"""Whatever is wrong is told as a problem document, and changes nothing."""

from datetime import timedelta
from uuid import uuid4

from chassis.web import today

from .steps import DAYS, a_group, refused

TOMORROW = (today() + timedelta(days=2)).isoformat()
COMMANDS = {
    "contract/signatures": {"signed_on": DAYS[0], "form": "electronic"},
    "contract/revision": {"revised_on": DAYS[0]},
    "sessions/1/start": {"held_on": DAYS[0]},
    "sessions/1/completion": {"minutes": 300, "attendance": []},
    "sessions/1/rescheduling": {"planned_on": DAYS[1]},
    "sessions/1/postponement": {},
    "sessions/1/cancellation": {},
    "sessions/1/corrections": {
        "person_id": str(uuid4()),
        "status": "absent",
        "minutes": 0,
        "corrected_on": DAYS[0],
    },
    "conclusions": {"ordinal": 1, "recorded_on": DAYS[0]},
    f"conclusions/{uuid4()}/consents": {
        "given": True,
        "given_on": DAYS[0],
        "form": "electronic",
        "text_version": "1",
    },
    f"conclusions/{uuid4()}/consents/revocation": {"revoked_on": DAYS[0]},
}
BY_MEMBERS = ("contract/signatures", "consents", "revocation")


async def test_a_wrong_role_is_403_for_every_command(sessions):
    steps = await a_group(sessions)
    before = len(await sessions.published())
    for path, body in COMMANDS.items():
        for role in ("coordinator", "trainer", "partner", "operator", "editor"):
            answer = await steps.command(sessions.client(role), path, **body)
            assert (answer.status_code, answer.json()["status"]) == (403, 403), path
        if not path.endswith(BY_MEMBERS):
            assert (await steps.command(steps.member(), path, **body)).status_code == 403, path
    assert len(await sessions.published()) == before


async def test_someone_elses_cycle_is_404_for_every_command_as_is_an_unknown_one(sessions):
    steps, other = await a_group(sessions), await a_group(sessions)
    for path, body in COMMANDS.items():
        answers = [await steps.command(other.leader(), path, **body)]
        answers.append(await steps.leader().post(f"/v1/cycles/{uuid4()}/{path}", json=body))
        if path.endswith(BY_MEMBERS):
            answers.append(await steps.command(other.member(), path, **body))
        for answer in answers:
            assert answer.status_code == 404, path
            assert answer.json()["type"] == "urn:superwizja:problem:cycle-not-found", path


async def test_a_date_in_the_future_is_422_and_names_its_field(sessions):
    steps = await a_group(sessions)
    for path, body in COMMANDS.items():
        for field in (name for name in body if name.endswith("_on") and name != "planned_on"):
            answer = await steps.command(steps.leader(), path, **body | {field: TOMORROW})
            assert answer.status_code == 422, path
            assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await steps.command(steps.leader(), "sessions/1/rescheduling", planned_on=TOMORROW)).status_code == 200


MISFITS = [
    ("sessions/1/start", {"held_on": DAYS[0], "venue": "9999999"}),
    ("sessions/1/start", {"held_on": DAYS[0], "venue": "1465"}),
    ("sessions/1/start", {"held_on": DAYS[0], "leaders": []}),
    ("sessions/1/start", {"held_on": "12.10.2022"}),
    ("sessions/1/start", {}),
    ("sessions/1/start", {"held_on": DAYS[0], "notes": "tu nie ma miejsca na treść"}),
    ("sessions/0/start", {"held_on": DAYS[0]}),
    ("sessions/x/start", {"held_on": DAYS[0]}),
    ("sessions/1/completion", {"minutes": 0, "attendance": []}),
    ("sessions/1/completion", {"minutes": 1441, "attendance": []}),
    ("sessions/1/completion", {"minutes": 300, "attendance": [], "themes": ["gossip"]}),
    ("sessions/1/completion", {"minutes": 300, "attendance": [], "methods": ["hypnosis"]}),
    ("sessions/1/completion", {"minutes": 300, "attendance": [], "case_rounds": -1}),
    ("sessions/1/completion", {"minutes": 300, "attendance": [{"person_id": "x"}]}),
    (
        "sessions/1/completion",
        {"minutes": 300, "attendance": [{"person_id": str(uuid4()), "status": "late", "minutes": 1}]},
    ),
    ("conclusions", {"recorded_on": DAYS[0], "practice_before": ["magic"]}),
    ("conclusions", {"recorded_on": DAYS[0], "practice_recommended": ["magic"]}),
    ("contract/signatures", {"signed_on": DAYS[0], "form": "oral"}),
    ("contract/signatures", {"signed_on": DAYS[0], "form": "electronic", "people": [str(uuid4())]}),
    ("contract/signatures", {"signed_on": DAYS[0], "form": "paper", "people": [str(uuid4())] * 101}),
    (
        f"conclusions/{uuid4()}/consents",
        {"given": True, "given_on": DAYS[0], "form": "paper", "text_version": "a text of many words"},
    ),
    (
        f"conclusions/{uuid4()}/consents",
        {
            "given": True,
            "given_on": DAYS[0],
            "form": "electronic",
            "text_version": "1",
            "people": [str(uuid4())],
        },
    ),
]


async def test_what_does_not_fit_is_422_in_both_languages(sessions):
    steps = await a_group(sessions)
    for path, body in MISFITS:
        messages = set()
        for language in ("pl", "en"):
            client = sessions.client("supervisor", person=steps.group.leaders[0], language=language)
            answer = await steps.command(client, path, **body)
            assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), path
            messages.add(answer.json()["errors"][0]["message"])
        assert len(messages) == 2, messages


async def test_a_body_that_is_no_json_is_400_and_a_missing_key_422(sessions):
    steps = await a_group(sessions)
    unparsable = await steps.leader().post(
        steps.path("sessions/1/start"), content=b"{", headers={"Content-Type": "application/json"}
    )
    assert unparsable.status_code == 400
    without_key = await steps.leader().post(
        steps.path("sessions/1/start"), json={"held_on": DAYS[0]}, headers={"Idempotency-Key": ""}
    )
    assert without_key.status_code == 422


async def test_wrong_states_are_409(sessions):
    steps = await a_group(sessions)
    leader = steps.leader()
    refused(await steps.complete(1), "not-under-way")
    refused(
        await steps.command(leader, "sessions/1/corrections", **COMMANDS["sessions/1/corrections"]), "not-completed"
    )
    refused(await steps.command(leader, "conclusions", **COMMANDS["conclusions"]), "not-completed")
    refused(await steps.start(1, held_on="2022-10-02"), "date-too-early")
    refused(await steps.command(leader, "sessions/1/rescheduling", planned_on="2022-10-02"), "date-too-early")
    refused(await steps.sign(steps.members, "2022-10-02"), "date-too-early")
    refused(await steps.sign([uuid4()]), "not-of-the-group")
    refused(await steps.start(1, leaders=[str(uuid4())]), "does-not-lead")
    await steps.start(1)
    refused(await steps.start(1), "not-planned")
    refused(await steps.complete(1, minutes=299), "session-too-short", "programme.length")
    refused(await steps.complete(1, attendance=steps.roster() * 2), "twice-on-the-roster")
    strangers = [{"person_id": str(uuid4()), "status": "absent", "minutes": 0}]
    refused(await steps.complete(1, attendance=strangers), "not-of-the-group")
    disagree = [{"person_id": str(steps.members[0]), "status": "absent", "minutes": 10}]
    refused(await steps.complete(1, attendance=disagree), "minutes-disagree")
    await steps.complete(1)
    refused(await steps.command(leader, "sessions/1/cancellation"), "already-completed")
    refused(await steps.command(leader, "sessions/1/postponement"), "already-completed")
    answer = await steps.start(9)
    assert (answer.status_code, answer.json()["details"]) == (404, {"ordinal": 9})
    assert (await steps.consent(uuid4(), 0)).status_code == 404


async def test_nobody_but_a_leader_records_what_others_signed(sessions):
    steps = await a_group(sessions)
    others = [str(person) for person in steps.members]
    told = {"signed_on": DAYS[0], "form": "paper", "people": others}
    assert (await steps.command(steps.member(), "contract/signatures", **told)).status_code == 403
    conclusion = await steps.released()
    told = {"given": False, "given_on": DAYS[0], "form": "paper", "text_version": "1", "people": others[1:]}
    assert (await steps.command(steps.member(), "conclusions", conclusion, "consents", **told)).status_code == 403
    (read,) = (await steps.leader().get(steps.path("conclusions"))).json()["items"]
    assert read["status"] == "released"


async def test_no_answer_repeats_who_was_named(sessions):
    steps = await a_group(sessions)
    stranger = uuid4()
    assert str(stranger) not in refused(await steps.sign([stranger]), "not-of-the-group")["detail"]
