"""The edge: one transaction and one effect per command, and a clear problem document for everything else."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import httpx
import pytest
from chassis.errors import NotFound, Refused, says, told
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.testing import Harness, a_token, running
from chassis.web import Body, Created, Db, Person, RecordedDate, caller, problems, router_for, today
from chassis.web.routing import ATTEMPTS
from fastapi import Depends, Response
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import Field
from sqlalchemy import text

router = router_for("notes")
Coordinator = Annotated[Person, Depends(caller("coordinator"))]


class NoteRefused(Refused):
    """Notes about nothing are not kept."""

    ground = "std.9.9"
    says = says(pl="Za krótka: {length}.", en="Too short: {length}.")


class NoteNotFound(NotFound):
    """No such note."""


class NoteBody(Body):
    text: str = Field(min_length=1, max_length=2000)
    written_on: RecordedDate


@router.post("/v1/notes", status_code=201, responses=problems(403, 409))
async def write_note(body: NoteBody, db: Db, who: Coordinator, response: Response) -> Created:
    response.headers["seen-trace"] = str(db.info["cause"].traceparent)
    await db.execute(text("INSERT INTO effect (note, aggregate) VALUES (:n, :p)"), {"n": body.text, "p": who.id})
    if len(body.text) < 3:
        raise NoteRefused(length=len(body.text))
    if body.text == "slow":
        await asyncio.sleep(0.2)
    if body.text == "defect":
        raise ArithmeticError("a secret of ours")
    if body.text in ("one, two", "two, one"):
        for name in body.text.split(", "):
            await db.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name)), pg_sleep(0.5)"), {"name": name})
    if body.text == "victim":
        await db.execute(text("DO $$ BEGIN RAISE EXCEPTION 'chosen' USING ERRCODE = '40P01'; END $$"))
    if body.text == "lost":
        await db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    return Created(id=uuid4())


@router.get("/v1/notes/{note_id}", responses=problems(403, 404))
async def read_note(note_id: UUID, db: Db, who: Coordinator) -> Created:
    raise NoteNotFound


service = Service("notes", settings=ServiceSettings, routers=lambda: [router], migrations=Path("none"))


@pytest.fixture
async def notes(settings: ServiceSettings, sessions: object) -> AsyncIterator[Harness]:
    async with running(service, settings.database_url.get_secret_value(), body_limit=10_000) as harness:
        yield harness


def a_note(text: str = "a note") -> dict[str, str]:
    return {"text": text, "written_on": "2022-10-01"}


async def kept(notes: Harness) -> int:
    return await notes.count("effect")


async def test_a_command_takes_effect_and_its_retry_gets_the_same_answer(notes: Harness) -> None:
    key = {"Idempotency-Key": "mine"}
    async with notes.client("coordinator") as client:
        first = await client.post("/v1/notes", json=a_note(), headers=key)
        again = await client.post("/v1/notes", json=a_note(), headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await kept(notes) == 1


async def test_the_same_command_many_times_at_once_takes_effect_once(notes: Harness) -> None:
    async with notes.client("coordinator") as client:
        send = [client.post("/v1/notes", json=a_note("slow"), headers={"Idempotency-Key": "k"}) for _ in range(8)]
        answers = await asyncio.gather(*send)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await kept(notes) == 1


async def test_another_body_under_the_same_key_is_refused(notes: Harness) -> None:
    async with notes.client("coordinator") as client:
        await client.post("/v1/notes", json=a_note(), headers={"Idempotency-Key": "k"})
        other = await client.post("/v1/notes", json=a_note("another"), headers={"Idempotency-Key": "k"})
    assert other.status_code == 422
    assert other.json()["type"] == "urn:superwizja:problem:idempotency-key-reused"
    assert await kept(notes) == 1


async def test_two_people_may_choose_the_same_key(notes: Harness) -> None:
    for _ in range(2):
        async with notes.client("coordinator") as client:
            answer = await client.post("/v1/notes", json=a_note(), headers={"Idempotency-Key": "k"})
            assert answer.status_code == 201
    assert await kept(notes) == 2


@pytest.mark.parametrize("key", ["", "x" * 101])
async def test_a_command_without_a_usable_key_is_told_how_to_send_one(notes: Harness, key: str) -> None:
    async with notes.client("coordinator") as client:
        answer = await client.post("/v1/notes", json=a_note(), headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_a_refusal_leaves_no_trace_and_its_key_may_be_used_again(notes: Harness) -> None:
    async with notes.client("coordinator") as client:
        refused = await client.post("/v1/notes", json=a_note("x"), headers={"Idempotency-Key": "k"})
        assert await kept(notes) == 0
        mended = await client.post("/v1/notes", json=a_note("mended"), headers={"Idempotency-Key": "k"})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json() == {
        "type": "urn:superwizja:problem:note-refused",
        "title": "Stan na to nie pozwala",
        "status": 409,
        "detail": "Za krótka: 1.",
        "ground": "std.9.9",
        "details": {"length": 1},
    }
    assert mended.status_code == 201


async def test_english_is_spoken_to_who_asks_for_it(notes: Harness) -> None:
    async with notes.client("coordinator", language="en-GB,en;q=0.9") as client:
        refused = await client.post("/v1/notes", json=a_note("x"))
    assert refused.json()["detail"] == "Too short: 1."
    assert refused.headers["Content-Language"] == "en"


async def test_fields_that_do_not_fit_are_named_each(notes: Harness) -> None:
    tomorrow = str(today() + timedelta(days=1))
    async with notes.client("coordinator") as client:
        answer = await client.post("/v1/notes", json={"text": "", "written_on": tomorrow, "other": 1})
    assert answer.status_code == 422
    assert {error["field"]: error["message"] for error in answer.json()["errors"]} == {
        "text": "Za krótkie: co najmniej znaków: 1.",
        "written_on": "Data nie może być w przyszłości.",
        "other": "Nie ma takiego pola.",
    }


async def test_a_body_that_is_no_json_is_400_and_one_too_large_413(notes: Harness) -> None:
    json = {"Content-Type": "application/json"}
    async with notes.client("coordinator") as client:
        unparsable = await client.post("/v1/notes", content=b"{", headers=json)
        binary = await client.post("/v1/notes", content=b"\xff\xfe", headers=json)
        oversize = await client.post("/v1/notes", content=b"x" * 10_001, headers=json)
    assert (unparsable.status_code, binary.status_code, oversize.status_code) == (400, 400, 413)
    for answer in (unparsable, binary, oversize):
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_streamed_body_is_cut_off_at_the_limit(notes: Harness) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    async with notes.client("coordinator") as client:
        answer = await client.post("/v1/notes", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


async def test_a_wrong_role_is_403_and_an_unknown_thing_404(notes: Harness) -> None:
    async with notes.client("participant") as client:
        wrong = await client.post("/v1/notes", json=a_note())
    async with notes.client("coordinator") as client:
        unknown = await client.get(f"/v1/notes/{uuid4()}")
        no_id = await client.get("/v1/notes/7")
        no_path = await client.get("/v1/nothing")
        no_method = await client.delete("/v1/notes")
    statuses = [answer.status_code for answer in (wrong, unknown, no_id, no_path, no_method)]
    assert statuses == [403, 404, 422, 404, 405]
    assert wrong.json()["type"] == "urn:superwizja:problem:wrong-role"
    assert await kept(notes) == 0


def with_header(header: str) -> str:
    """A token whose JOSE header is this text."""
    encoded = base64.urlsafe_b64encode(header.encode()).rstrip(b"=").decode()
    return f"{encoded}.e30.e30"


OTHER_KEY = RSAKey.generate_key(2048, {"kid": "test"})


@pytest.mark.parametrize(
    "token",
    [
        None,
        "nonsense",
        a_token("coordinator", exp=int(time.time()) - 3600),
        a_token("coordinator", iss="https://somebody.example"),
        a_token("coordinator", aud="others"),
        a_token("coordinator", sub="nobody"),
        a_token("coordinator", roles="all"),
        jwt.encode({"alg": "RS256", "kid": "test"}, {"sub": str(uuid4())}, OTHER_KEY),
        jwt.encode({"alg": "RS256", "kid": "unknown"}, {"sub": str(uuid4())}, OTHER_KEY),
        with_header('["alg"]'),
        with_header('"xalgx"'),
        with_header('{"alg":"RS256","crit":5}'),
        with_header('{"alg":"none"}'),
    ],
)
async def test_only_tokens_of_the_issuer_are_believed(notes: Harness, token: str | None) -> None:
    async with notes.client("coordinator") as client:
        headers = {"Authorization": f"Bearer {token}"} if token else {"Authorization": ""}
        answer = await client.post("/v1/notes", json=a_note(), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_defect_is_500_and_tells_nothing_of_ours(notes: Harness) -> None:
    async with notes.client("coordinator") as client:
        answer = await client.post("/v1/notes", json=a_note("defect"))
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert await kept(notes) == 0


async def test_a_lost_database_is_503_and_the_retry_succeeds(notes: Harness) -> None:
    async with notes.client("coordinator") as client:
        lost = await client.post("/v1/notes", json=a_note("lost"), headers={"Idempotency-Key": "k"})
        again = await client.post("/v1/notes", json=a_note("found"), headers={"Idempotency-Key": "k"})
    assert lost.status_code == 503
    assert lost.headers["Retry-After"] == "1"
    assert again.status_code == 201


async def test_two_commands_that_lock_each_other_out_both_take_effect_once(notes: Harness) -> None:
    """PostgreSQL ends the one that it chooses as the deadlock's victim: it is carried out again."""
    async with notes.client("coordinator") as client:
        answers = await asyncio.gather(
            client.post("/v1/notes", json=a_note("one, two"), headers={"Idempotency-Key": "1"}),
            client.post("/v1/notes", json=a_note("two, one"), headers={"Idempotency-Key": "2"}),
        )
        again = await client.post("/v1/notes", json=a_note("two, one"), headers={"Idempotency-Key": "2"})
    assert [answer.status_code for answer in answers] == [201, 201]
    assert again.json() == answers[1].json()
    assert await kept(notes) == 2


async def test_a_command_that_is_chosen_as_the_victim_every_time_is_told_to_come_back(notes: Harness) -> None:
    async with notes.client("coordinator") as client:
        answer = await client.post("/v1/notes", json=a_note("victim"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert await kept(notes) == 0
    # A number that was drawn is not given back: so many attempts were made.
    [drawn] = await notes.sql("SELECT last_value FROM effect_id_seq")
    assert drawn["last_value"] == ATTEMPTS


async def test_probes_metrics_and_documentation_need_no_token(notes: Harness) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(notes.app), base_url="http://s.example") as client:
        live, ready = await client.get("/health/live"), await client.get("/health/ready")
        docs, script = await client.get("/docs"), await client.get("/docs/assets/swagger-ui-bundle.js")
        metrics = await client.get("/metrics/")
        described = (await client.get("/openapi.json")).json()
    assert [live.status_code, ready.status_code, docs.status_code, script.status_code] == [200, 200, 200, 200]
    assert "http_request_seconds" in metrics.text
    assert "cdn" not in docs.text
    assert described["paths"]["/v1/notes"]["post"]["operationId"] == "write_note"


async def test_operators_alone_see_what_is_parked(notes: Harness) -> None:
    async with notes.client("coordinator") as client:
        assert (await client.get("/v1/parked")).status_code == 403
    async with notes.client("operator") as client:
        assert (await client.get("/v1/parked")).json() == {"items": [], "due": []}
        assert (await client.post(f"/v1/parked/notes/{uuid4()}/redrive")).status_code == 404
        assert (await client.get(f"/v1/parked/%00/{uuid4()}")).status_code == 422


async def test_a_trace_travels_with_events_and_no_other_text_does(notes: Harness) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    seen = []
    for sent in (trace, "what somebody said", ""):
        async with notes.client("coordinator") as client:
            answer = await client.post("/v1/notes", json=a_note("trace"), headers={"traceparent": sent})
            seen.append(answer.headers.get("seen-trace"))
    assert seen == [trace, "None", "None"]


async def test_an_error_tells_no_row() -> None:
    error = ValueError("null value in column\nDETAIL:  Failing row contains (Osoba Zmyślona).")
    assert told(error) == "ValueError: null value in column"
