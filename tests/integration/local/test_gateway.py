"""The gateway itself, before servers of the test's own: what one client spoils is no matter of the others."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from superwizja import gateway
from superwizja.leash import free_port

POST = "POST /api/sessions/v1/x HTTP/1.1\r\nHost: x\r\nIdempotency-Key: 1\r\n"


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """A service that answers every request well, once it is whole."""
    while (await receive()).get("more_body"):
        continue
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """Where the gateway listens, before one server for sessions."""
    port, behind = free_port(), free_port()
    server = uvicorn.Server(uvicorn.Config(_app, port=behind, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    file = tmp_path / "caddy.json"
    gateway.write(file, gateway.configuration(port, free_port(), behind, {"sessions": [behind]}))
    with (tmp_path / "caddy.log").open("wb") as log:
        caddy = await asyncio.create_subprocess_exec(
            gateway.binary(), "run", "--config", file, stdout=log, stderr=log, env={"HOME": str(tmp_path)}
        )
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(30):
        while not await _answers(client, port):
            await asyncio.sleep(0.05)
    yield port
    caddy.terminate()
    await caddy.wait()
    server.should_exit = True
    await serving


async def _answers(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/api/sessions/v1/x")).status_code == 200
    except httpx.TransportError:
        return False


async def asked(port: int, request: str) -> tuple[int, bytes]:
    """The status and the body of the answer to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request.encode("latin-1"))
        async with asyncio.timeout(15):
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            body = await reader.readexactly(int(lengths[0].partition(b":")[2]) if lengths else 0)
    finally:
        writer.close()
        await writer.wait_closed()
    return int(head.split()[1]), body


@pytest.mark.parametrize("body", ["x" * 5000, "\r\r\n", "zz\r\n", "5\r\nab"])
async def test_a_body_in_broken_pieces_is_refused_and_takes_no_server_away(port: int, body: str) -> None:
    """To wait for the pieces behind it would look like a server that fails, which is then left out for everybody."""
    status, answer = await asked(port, f"{POST}Transfer-Encoding: chunked\r\n\r\n{body}")
    assert status == 411
    problem = json.loads(answer)
    assert problem["type"] == "urn:superwizja:problem:length-required"
    assert problem["status"] == 411
    assert (await asked(port, f"{POST}Content-Length: 2\r\n\r\n{{}}"))[0] == 200


async def test_a_whole_body_with_its_length_is_passed_on(port: int) -> None:
    assert await asked(port, f"{POST}Content-Length: 2\r\n\r\n{{}}") == (200, b"{}")


@pytest.mark.parametrize("method", ["get", "SPIN"])
async def test_a_word_that_is_no_method_is_refused_with_those_that_are(port: int, method: str) -> None:
    """A server would answer and close while the rest still comes, so that the answer may be lost on its way."""
    status, answer = await asked(port, f"{method} /api/sessions/v1/x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status == 405
    assert json.loads(answer)["type"] == "urn:superwizja:problem:unknown-method"
