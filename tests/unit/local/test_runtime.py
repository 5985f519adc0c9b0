"""What a profile remembers of itself."""

import os
import socket
from pathlib import Path

import pytest
from superwizja.counts import read_counts, write_counts
from superwizja.runtime import Running, Runtime, is_free


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    monkeypatch.setenv("SUPERWIZJA_HOME", str(tmp_path))
    made = Runtime.read("somewhere")
    made.folder.mkdir()
    return made


def test_what_is_written_down_is_found_again(runtime: Runtime) -> None:
    runtime.allot("kafka")
    runtime.secret("session")
    runtime.save()
    assert Runtime.read("somewhere") == runtime


def test_a_port_stays_while_nobody_else_takes_it(runtime: Runtime) -> None:
    port = runtime.allot("kafka")
    assert runtime.allot("kafka") == port
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
        assert runtime.allot("kafka") != port


def test_a_pid_that_was_used_again_is_not_ours(runtime: Runtime) -> None:
    assert Running(name="x", pid=os.getpid(), log=Path("x")).process() is not None
    assert Running(name="x", pid=os.getpid(), born=1.0, log=Path("x")).process() is None


def test_each_kind_of_process_is_wanted_once_unless_it_was_scaled(runtime: Runtime) -> None:
    assert set(read_counts(runtime).values()) == {1}
    write_counts(runtime, {"sessions.worker": 3})
    assert read_counts(runtime)["sessions.worker"] == 3
    assert read_counts(runtime)["sessions.api"] == 1


@pytest.mark.parametrize("wrong", [{"kafka": 2}, {"sessions.api": -1}, {"sessions.api": 9}])
def test_what_cannot_be_is_refused(runtime: Runtime, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="=" if "sessions.api" in wrong else "kafka"):
        write_counts(runtime, wrong)


def test_a_service_is_told_everything_by_its_environment(runtime: Runtime) -> None:
    runtime.ports |= {"gateway": 8080, "kafka": 9, "postgres.insights": 10}
    told = runtime.environment("insights", port=11, operated=["http://127.0.0.1:12/metrics"])
    assert told["INSIGHTS_DATABASE_URL"].startswith("postgresql+asyncpg://insights:")
    assert told["INSIGHTS_ISSUER"] == "http://127.0.0.1:8080/auth"
    assert told["INSIGHTS_PUBLIC_URL"] == "http://127.0.0.1:8080"
    assert told["INSIGHTS_OPERATED_METRICS"] == '["http://127.0.0.1:12/metrics"]'
    assert not any(name.startswith("SESSIONS_") for name in told)
