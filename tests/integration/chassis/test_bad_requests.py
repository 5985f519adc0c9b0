"""Requests that no sound client sends: refused with 4xx and a problem document, never 5xx."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from chassis.service import a_server
from chassis.testing import Harness, a_token
from starlette.types import Message
from superwizja.leash import free_port

from .test_web import a_note, notes

__all__ = ["notes"]


@pytest.mark.parametrize("expiry", [10**400, float("inf"), float("nan")])
async def test_a_token_that_is_valid_for_ever_is_not_believed(notes: Harness, expiry: float) -> None:
    async with notes.client("coordinator") as client:
        headers = {"Authorization": f"Bearer {a_token('coordinator', exp=expiry)}"}
        answer = await client.post("/v1/notes", json=a_note(), headers=headers)
    assert answer.status_code == 401


@pytest.fixture
async def port(notes: Harness) -> AsyncIterator[int]:
    """A real server of the same application."""
    port = free_port()
    server = a_server(notes.app, notes.settings.model_copy(update={"port": port}))
    server.config.lifespan = "off"
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield port
    server.should_exit = True
    await serving


@pytest.mark.parametrize("line", [b"FOO / HTTP/1.1", b"get / HTTP/1.1", b"GET /\xff\xfe HTTP/1.1", b"hello"])
async def test_what_is_no_http_is_refused_with_a_problem_document(port: int, line: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(line + b"\r\nHost: x\r\n\r\n")
    head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    problem = json.loads(body)
    assert problem["type"] == "urn:superwizja:problem:unparsable"
    assert problem["status"] == 400


async def test_who_leaves_in_the_middle_of_a_body_is_no_defect_of_ours(
    notes: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    token = a_token("coordinator").encode()
    headers = [
        (b"authorization", b"Bearer " + token),
        (b"idempotency-key", b"1"),
        (b"content-type", b"application/json"),
    ]
    told = {"type": "http", "method": "POST", "path": "/v1/notes", "query_string": b"", "headers": headers}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await notes.app(told | {"http_version": "1.1", "scheme": "http", "server": ("x", 80)}, receive, send)
    assert sent[0]["status"] == 400
    assert "defect" not in capsys.readouterr().out


async def test_not_every_error_of_a_body_that_holds_thousands_is_told(notes: Harness) -> None:
    async with notes.client("coordinator") as client:
        answer = await client.post("/v1/notes", json={f"a{number}": 1 for number in range(800)})
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 100
    assert len(answer.content) < 10_000


async def test_sound_requests_are_answered_as_ever(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/v1/notes/x")
    assert answer.status_code == 401
