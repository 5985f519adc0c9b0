from datetime import date
from uuid import uuid4

import msgspec
from contracts.cloudevents import envelope_of
from contracts.trainings import CertificateIssued, CertificateRevoked

from .steps import (
    OTHER_PROGRAMME,
    PROGRAMME,
    a_completed_run,
    a_correction,
    a_session,
    an_end,
    people,
)


def certified(events):
    return [
        (type(event), event.person_id) for event in events if isinstance(event, CertificateIssued | CertificateRevoked)
    ]


async def the_end_of_a_cycle(trainings, attended, *, sessions=10):
    """Ten sessions of 300 minutes with the same people each time, and the cycle's end; the sessions."""
    cycle_id = uuid4()
    held = [a_session(cycle_id, attended, ordinal=ordinal) for ordinal in range(1, sessions + 1)]
    await trainings.deliver(*held, an_end(*held), programme_id=PROGRAMME)
    return held


async def test_a_complete_cycle_certifies_exactly_those_who_attended_enough(trainings):
    enough, short, absent = people(3)
    held = await the_end_of_a_cycle(trainings, {enough: 240, short: 239, absent: 0})
    (issued,) = await trainings.published()
    assert isinstance(issued, CertificateIssued)
    assert (issued.person_id, issued.of, issued.of_id, issued.group_id, issued.minutes, issued.issued_on) == (
        enough,
        "cycle",
        held[0].cycle_id,
        held[0].cycle_id,
        2400,
        date(2023, 10, 10),
    )


async def test_a_correction_after_the_end_revokes_and_another_restores(trainings):
    (person,) = people(1)
    held = await the_end_of_a_cycle(trainings, {person: 240})
    await trainings.deliver(a_correction(held[3], person, 239), programme_id=PROGRAMME)
    await trainings.deliver(a_correction(held[3], person, 241), programme_id=PROGRAMME)
    issued, revoked, restored = await trainings.published()
    assert (type(issued), type(revoked), type(restored)) == (CertificateIssued, CertificateRevoked, CertificateIssued)
    assert issued.certificate_id == revoked.certificate_id == restored.certificate_id
    assert (revoked.reason, restored.minutes) == ("below_threshold", 2401)
    assert await trainings.count("certificate") == 1


async def test_a_correction_after_the_end_issues_to_who_crosses_the_threshold(trainings):
    person, neighbour = people(2)
    held = await the_end_of_a_cycle(trainings, {person: 239, neighbour: 300})
    for session in held[:9]:
        await trainings.deliver(a_correction(session, person, 240), programme_id=PROGRAMME)
    assert certified(await trainings.published()) == [(CertificateIssued, neighbour)]
    await trainings.deliver(a_correction(held[9], person, 240), programme_id=PROGRAMME)
    assert certified(await trainings.published()) == [(CertificateIssued, neighbour), (CertificateIssued, person)]


async def test_who_was_forgotten_on_the_roster_may_earn_a_certificate_by_corrections(trainings):
    person, forgotten = people(2)
    held = await the_end_of_a_cycle(trainings, {person: 300}, sessions=2)
    await trainings.deliver(*(a_correction(session, forgotten, 300) for session in held), programme_id=PROGRAMME)
    assert certified(await trainings.published()) == [(CertificateIssued, person), (CertificateIssued, forgotten)]


async def test_a_correction_before_the_end_counts_towards_it_and_issues_nothing_yet(trainings):
    (person,) = people(1)
    first, second = a_session(cycle := uuid4(), {person: 300}), a_session(cycle, {person: 300}, ordinal=2)
    await trainings.deliver(first, a_correction(first, person, 0), second, programme_id=PROGRAMME)
    assert await trainings.published() == []
    (kept,) = await trainings.sql("select sum(minutes) as minutes from session_attended")
    assert kept["minutes"] == 300


async def test_the_correction_is_the_cause_of_what_follows_from_it(trainings):
    (person,) = people(1)
    held = await the_end_of_a_cycle(trainings, {person: 240})
    (correction,) = await trainings.deliver(a_correction(held[0], person, 0), programme_id=PROGRAMME)
    rows = await trainings.sql("select headers from outbox order by position")
    issued, revoked = (
        envelope_of(msgspec.msgpack.decode(row["headers"], type=list[tuple[str, bytes]])) for row in rows
    )
    assert (issued.key, issued.version, revoked.key, revoked.version) == (issued.key, 1, issued.key, 2)
    assert (revoked.causation_id, revoked.correlation_id) == (correction.id, correction.correlation_id)
    assert (revoked.actor.role, revoked.actor.service) == ("service", "trainings")


async def test_what_a_coordinator_revoked_no_correction_restores(trainings):
    (person,) = people(1)
    held = await the_end_of_a_cycle(trainings, {person: 240})
    (issued,) = await trainings.published()
    async with trainings.client("coordinator") as client:
        revoked = await client.post(
            f"/v1/certificates/{issued.certificate_id}/revocation",
            json={"reason": "issued_in_error", "revoked_on": "2023-11-02"},
        )
    assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    await trainings.deliver(a_correction(held[0], person, 300), programme_id=PROGRAMME)
    assert certified(await trainings.published()) == [(CertificateIssued, person), (CertificateRevoked, person)]


async def test_a_certificate_is_revoked_once_by_a_coordinator_of_its_programme(trainings):
    (person,) = people(1)
    await the_end_of_a_cycle(trainings, {person: 300}, sessions=1)
    (issued,) = await trainings.published()
    path = f"/v1/certificates/{issued.certificate_id}/revocation"
    why = {"reason": "issued_in_error", "revoked_on": "2023-11-02"}
    async with (
        trainings.client("participant", person=person) as participant,
        trainings.client("coordinator", programme=OTHER_PROGRAMME) as elsewhere,
        trainings.client("coordinator") as coordinator,
    ):
        assert (await participant.post(path, json=why)).status_code == 403
        assert (await elsewhere.post(path, json=why)).status_code == 404
        assert (await coordinator.post(f"/v1/certificates/{uuid4()}/revocation", json=why)).status_code == 404
        assert (await coordinator.post(path, json=why | {"reason": "Zła treść!"})).status_code == 422
        reserved = await coordinator.post(path, json=why | {"reason": "below_threshold"})
        assert (reserved.status_code, [error["field"] for error in reserved.json()["errors"]]) == (422, ["reason"])
        before = await coordinator.post(path, json=why | {"revoked_on": "2022-01-01"})
        assert (before.status_code, before.json()["type"]) == (409, "urn:superwizja:problem:revoked-before-issued")
        assert (await coordinator.post(path, json=why)).status_code == 200
        again = await coordinator.post(path, json=why)
        assert (again.status_code, again.json()["type"]) == (409, "urn:superwizja:problem:certificate-revoked-already")


async def test_everyone_sees_their_own_certificates_and_a_coordinator_a_programmes(trainings):
    person, other = people(2)
    await the_end_of_a_cycle(trainings, {person: 300, other: 300}, sessions=1)
    await a_completed_run(trainings, {person: 360})
    async with trainings.client("participant", person=person) as client:
        own = (await client.get("/v1/certificates")).json()["items"]
        assert {(item["of"], item["status"], item["person_id"]) for item in own} == {
            ("cycle", "issued", str(person)),
            ("run", "issued", str(person)),
        }
        narrowed = await client.get("/v1/certificates", params={"programme_id": str(PROGRAMME)})
        assert narrowed.json()["items"] == own
    async with trainings.client("coordinator") as client:
        seen = (await client.get("/v1/certificates", params={"programme_id": str(PROGRAMME)})).json()["items"]
        assert len(seen) == 3
        assert (await client.get("/v1/certificates")).json()["items"] == []
    async with trainings.client("coordinator", programme=OTHER_PROGRAMME) as client:
        answer = await client.get("/v1/certificates", params={"programme_id": str(PROGRAMME)})
        assert answer.status_code == 404
    async with trainings.client("partner") as client:
        assert (await client.get("/v1/certificates")).status_code == 403
