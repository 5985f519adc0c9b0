"""The servers that every other integration test stands on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import asyncpg
import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from superwizja import kafka, leash, postgres

Databases = Callable[[str, Callable[[str], None]], str]


def test_the_broker_of_the_run_answers(kafka_bootstrap: str) -> None:
    assert kafka.answers(kafka_bootstrap)


async def test_a_partition_that_is_new_is_allotted_little_so_that_its_first_event_waits_for_no_zeros(
    kafka_bootstrap: str,
) -> None:
    topic = f"new-{uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
        (told,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    finally:
        await admin.close()
    ((_, _, _, _, entries),) = told.resources
    assert {name: value for name, value, *_ in entries}["segment.index.bytes"] == str(256 * 1024)


async def test_a_new_database_is_a_copy_of_its_migrated_template_and_belongs_to_no_superuser(
    postgres_server: postgres.Server, new_database: Databases
) -> None:
    def migrate(url: str) -> None:
        postgres_server.execute("CREATE TABLE note (text text); ALTER TABLE note OWNER TO notes", "notes_template")

    one, other = new_database("notes", migrate), new_database("notes", migrate)
    assert one != other
    db = await asyncpg.connect(one.replace("+asyncpg", ""))
    try:
        await db.execute("INSERT INTO note VALUES ('Zażółć')")
        assert await db.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    finally:
        await db.close()
    assert postgres_server.execute("SELECT count(*) FROM note", other.rsplit("/", 1)[1]) == "0"


def test_servers_do_not_outlive_a_killed_test_run(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent died")
    run = (
        "import sys, time; from pathlib import Path; from superwizja import postgres\n"
        f"with postgres.running(Path({str(tmp_path / 'data')!r}), port={(port := leash.free_port())}):\n"
        "    print('up', flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", run], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    servers = psutil.Process(parent.pid).children(recursive=True)
    assert servers
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs(servers, timeout=20)
    assert not alive
    assert not leash.listening(f"127.0.0.1:{port}")


def test_a_data_folder_half_made_by_a_killed_run_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "data"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    with postgres.running(half) as server:
        assert server.execute("SELECT 1") == "1"


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with postgres.running(tmp_path / "one") as first:
        started = time.monotonic()
        taken = postgres.running(tmp_path / "two", port=first.port, password=first.password)
        with pytest.raises(leash.DidNotStart, match="Address already in use"), taken:
            raise AssertionError("it started on a taken port")
        assert time.monotonic() - started < 30
