"""How logs are merged and filtered."""

from pathlib import Path

import pytest
from superwizja.cli import app
from typer.testing import CliRunner

API = [
    '{"event": "first", "level": "info", "timestamp": "2026-11-22T07:00:01.5Z"}',
    '{"event": "third", "level": "error", "timestamp": "2026-11-22T07:00:03.5Z"}',
    "Traceback of it",
]
SERVER = ["2026-11-22 07:00:02.250 UTC [7] LOG:  second", "2026-11-22 07:00:04.250 UTC [7] FATAL:  fourth"]


@pytest.fixture(autouse=True)
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERWIZJA_HOME", str(tmp_path))
    folder = tmp_path / "try" / "logs"
    folder.mkdir(parents=True)
    (folder / "sessions.api.1.log").write_text("\n".join(API) + "\n")
    (folder / "postgres.sessions.log").write_text("\n".join(SERVER) + "\n")


def shown(*arguments: str) -> list[str]:
    done = CliRunner().invoke(app, ["--profile", "try", "logs", *arguments])
    assert done.exit_code == 0, done.output
    return [line for line in done.output.splitlines() if line]


def test_lines_of_all_processes_come_in_the_order_of_time() -> None:
    lines = shown()
    words = ["first", "second", "third", "Traceback", "fourth"]
    assert [next(word for word in words if word in line) for line in lines] == words
    assert lines[0].startswith("sessions.api.1 ")


def test_a_service_means_its_processes_and_nothing_else() -> None:
    assert all(line.startswith("sessions.api.1") for line in shown("sessions"))
    assert all(line.startswith("postgres.sessions") for line in shown("postgres"))


def test_a_level_hides_what_matters_less_but_no_traceback() -> None:
    lines = shown("--level", "error")
    assert len(lines) == 3
    assert "third" in lines[0]
    assert "Traceback" in lines[1]
    assert "fourth" in lines[2]


def test_an_expression_selects_lines() -> None:
    assert len(shown("--grep", "sec.nd")) == 1


def test_an_unknown_process_is_named() -> None:
    done = CliRunner().invoke(app, ["--profile", "try", "--lang", "en", "logs", "nobody"])
    assert done.exit_code == 1
    assert "nobody" in done.output
