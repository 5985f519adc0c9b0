"""The platform on this machine: started, found running, killed, started again, stopped."""

import asyncio
import json
import os
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from superwizja import folders, leash, lifecycle, postgres
from superwizja.cli import app
from superwizja.counts import Counts
from superwizja.runtime import Runtime
from typer.testing import CliRunner

PROFILE = "try"
TOPIC = "enrollment.events"


def family(runtime: Runtime) -> list[psutil.Process]:
    known = [runtime.supervisor, *runtime.processes]
    return [process for each in known if each is not None and (process := each.process()) is not None]


def database(runtime: Runtime) -> postgres.Server:
    return postgres.Server(runtime.ports["postgres.sessions"], runtime.secrets["postgres.sessions"])


def superwizja(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["--profile", PROFILE, *arguments])
    return done.exit_code, done.output


def test_a_second_up_finds_the_first(platform: Runtime) -> None:
    assert platform.supervisor is not None
    code, said = superwizja("up")
    assert code == 0
    assert platform.gateway in said.replace("\n", "")
    again = Runtime.read(PROFILE)
    assert again.supervisor is not None
    assert again.supervisor.pid == platform.supervisor.pid
    assert [each.pid for each in again.processes] == [each.pid for each in platform.processes]


def test_what_holds_passwords_is_for_its_owner_only(platform: Runtime) -> None:
    for file in (platform.folder / "runtime.json", platform.key_file):
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_services_role_is_no_superuser_and_sees_its_own_database_only(platform: Runtime) -> None:
    server = database(platform)
    assert server.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'sessions'") == "f"
    assert server.execute("SELECT has_database_privilege('sessions', 'sessions', 'CREATE')") == "t"
    assert server.execute("SHOW fsync") == "on"


def test_status_shows_every_process(platform: Runtime) -> None:
    code, said = superwizja("status")
    assert code == 0
    for each in platform.processes:
        assert each.name in said


async def test_everything_killed_and_started_again_has_lost_nothing(home: Path, servers_only: Counts) -> None:
    with lifecycle.running("killed", port=leash.free_port(), counts=servers_only) as before:
        database(before).execute("CREATE TABLE kept (text text); INSERT INTO kept VALUES ('zostało')", "sessions")
        await _publish(before, b"kept")
        dying = family(before)
        for process in dying:
            # A server's short-lived child may have ended since.
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(dying, timeout=20)
        assert not Runtime.read("killed").is_up()
        after = lifecycle.up("killed")
        assert after.gateway == before.gateway
        assert after.database_url("sessions") == before.database_url("sessions")
        assert database(after).execute("SELECT text FROM kept", "sessions") == "zostało"
        assert await _first(after) == b"kept"

        supervisor, *orphans = family(after)
        supervisor.kill()
        command = [str(Path(sys.executable).with_name("superwizja")), "--profile", "killed", "up", "--attach"]
        attached = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert attached.stdout is not None
        while b"Ctrl-C" not in (line := await attached.stdout.readline()):
            assert line, "it ended"
        _, alive = psutil.wait_procs(orphans, timeout=20)
        assert not alive, "a killed supervisor takes its processes along, or the next one ends them"
        left = family(Runtime.read("killed"))
        assert len(left) == len(orphans) + 1
        attached.send_signal(signal.SIGINT)
        await attached.communicate()
        assert attached.returncode == 0
    _, alive = psutil.wait_procs(left, timeout=20)
    assert not alive, "Ctrl-C stops everything"


def test_scaling_drops_no_request(platform: Runtime) -> None:
    assert superwizja("scale", "enrollment.api=1")[0] == 0
    asked = ThreadPoolExecutor(1)
    done = threading.Event()

    def ask() -> list[int]:
        answers = []
        with httpx.Client(trust_env=False, timeout=20) as client:
            while not done.is_set():
                answers.append(client.get(f"{platform.api('enrollment')}/health/live").status_code)
        return answers

    answered = asked.submit(ask)
    try:
        assert superwizja("scale", "enrollment.api=3")[0] == 0
        names = [each.name for each in Runtime.read(platform.profile).processes]
        assert {"enrollment.api.1", "enrollment.api.2", "enrollment.api.3"} <= set(names)
        assert superwizja("scale", "enrollment.api=1")[0] == 0
    finally:
        done.set()
    assert set(answered.result()) == {200}
    assert superwizja("scale", "enrollment.api=0")[0] == 0


def test_a_wrong_scale_says_what_is_right(platform: Runtime) -> None:
    for wrong in ("kafka=2", "sessions.worker=many", "sessions.worker=99", "sessions.worker"):
        code, said = superwizja("--lang", "en", "scale", wrong)
        assert code == 1
        assert "sessions.worker=3" in said


def test_a_taken_port_is_named_with_what_to_set(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(app, ["--profile", "other", "--lang", "en", "up", "--port", str(port)])
    said = done.output.replace("\n", " ")
    assert done.exit_code == 1
    assert f"Port {port} is taken" in said
    assert "--port" in said
    assert "SUPERWIZJA_PORT" in said
    assert str(os.getpid()) in said
    assert not Runtime.read("other").is_up()


def test_a_port_that_another_profile_has_is_said_to_be_its(platform: Runtime) -> None:
    with pytest.raises(lifecycle.CannotStart) as why:
        lifecycle.up("other", port=platform.ports["gateway"])
    assert why.value.values["who"] == f"superwizja --profile {platform.profile}"


def test_too_little_disk_is_said_with_what_to_do(home: Path) -> None:
    with pytest.raises(lifecycle.CannotStart) as why:
        lifecycle.check_disk(least=10**18)
    assert why.value.key == "disk"


def test_reset_removes_the_data_and_keeps_what_was_downloaded(home: Path) -> None:
    folder = folders.profile("gone")
    folder.mkdir()
    (folder / "data").write_text("x")
    kept = {file.name for file in folders.cache().iterdir()}
    runner = CliRunner()
    assert runner.invoke(app, ["--profile", "gone", "reset"], input="n\n").exit_code == 1
    assert folder.exists()
    assert runner.invoke(app, ["--profile", "gone", "reset", "--yes"]).exit_code == 0
    assert not folder.exists()
    assert {file.name for file in folders.cache().iterdir()} >= kept


def test_the_gateway_answers_for_a_service_that_has_no_process(platform: Runtime) -> None:
    assert httpx.get(f"{platform.api('sessions')}/health/live", trust_env=False, timeout=20).status_code == 503


async def test_events_prints_envelope_and_body_one_a_line(platform: Runtime) -> None:
    key = str(uuid4())
    headers = [("ce_type", b"pl.superwizja.enrollment.seat-offered.v1"), ("ce_actorrole", b"coordinator")]
    await _publish(platform, '{"place": "Łódź"}'.encode(), key=key.encode(), headers=headers)
    await _publish(platform, b"\xff no JSON", key=key.encode())

    def printed(*filters: str) -> list[dict[str, Any]]:
        code, said = superwizja("events", "--key", key, *filters)
        assert code == 0
        return [json.loads(line) for line in said.splitlines()]

    offered, broken = await asyncio.to_thread(printed)
    assert offered["type"] == "pl.superwizja.enrollment.seat-offered.v1"
    assert offered["envelope"] == {"actorrole": "coordinator"}
    assert offered["body"] == {"place": "Łódź"}
    assert broken["body"].endswith("no JSON")
    assert await asyncio.to_thread(printed, "--type", "seat-offered") == [offered]


async def _publish(
    runtime: Runtime, value: bytes, *, key: bytes | None = None, headers: list[tuple[str, bytes]] | None = None
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=runtime.bootstrap_servers, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(TOPIC, value, key, partition=0, headers=headers)
    finally:
        await producer.stop()


async def _first(runtime: Runtime) -> bytes:
    consumer = AIOKafkaConsumer(bootstrap_servers=runtime.bootstrap_servers)
    await consumer.start()
    try:
        part = TopicPartition(TOPIC, 0)
        consumer.assign([part])
        await consumer.seek_to_beginning(part)
        async with asyncio.timeout(20):
            record = await consumer.getone()
        return bytes(record.value)
    finally:
        await consumer.stop()
