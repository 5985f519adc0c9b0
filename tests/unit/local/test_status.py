"""A part that does not move is shown in words: what it is, since when, what it waits for, stuck or an outage."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, get_args

import pytest
from chassis.vitals import Cause
from superwizja.cli import app
from superwizja.cli.here import Here
from superwizja.cli.status import Health, wait_words
from superwizja.runtime import Running, Runtime
from typer.testing import CliRunner

LOCK = {
    "part": "relay",
    "seconds": 7.4,
    "cause": "lock",
    "detail": "outbox: pid 4711 (psql) (marks)",
    "server": None,
}
AWAY = {
    "part": "consumer sessions",
    "seconds": 9.9,
    "cause": "silent",
    "detail": "127.0.0.1:9092",
    "server": "kafka",
}


def test_a_stuck_part_and_an_outage_read_differently_in_both_languages() -> None:
    assert wait_words(Here(lang="pl"), LOCK) == "relay stoi od 7 s: czeka na blokadę outbox: pid 4711 (psql) (marks)"
    assert wait_words(Here(lang="en"), AWAY) == (
        "consumer sessions has been waiting for kafka for 10 s (outage): no answer 127.0.0.1:9092"
    )


@pytest.mark.parametrize("cause", get_args(Cause))
@pytest.mark.parametrize("lang", ["pl", "en"])
def test_every_cause_has_words(cause: str, lang: str) -> None:
    assert "here" in wait_words(Here(lang=lang), LOCK | {"cause": cause, "detail": "here"})


def test_a_process_is_stuck_where_no_server_is_to_blame() -> None:
    assert Health((LOCK, AWAY)).stuck
    assert not Health((AWAY,)).stuck
    assert Health((AWAY,)).well is False
    assert Health().well
    assert not Health(mute="ReadTimeout").well


@contextmanager
def a_worker_that_waits_for(*waits: dict[str, Any]) -> Iterator[int]:
    """Its probe, and metrics that tell nothing: the port."""

    class Probe(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = b"" if self.path == "/metrics" else json.dumps({"waits": waits}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Probe) as server:
        answering = Thread(target=server.serve_forever)
        answering.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            answering.join()


@pytest.mark.parametrize(("waits", "code"), [((), 0), ((LOCK,), 1), ((AWAY,), 1)])
def test_a_script_learns_from_the_exit_code_that_something_waits(
    waits: tuple[dict[str, Any], ...], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPERWIZJA_HOME", str(tmp_path))
    runtime = Runtime.read("somewhere")
    runtime.folder.mkdir()
    with a_worker_that_waits_for(*waits) as port:
        it = {"state": "ready", "pid": os.getpid(), "log": tmp_path / "log"}
        runtime.supervisor = Running(name="supervisor", **it)
        runtime.processes = [Running(name="sessions.worker.1", port=port, **it)]
        runtime.save()
        assert CliRunner().invoke(app, ["--profile", "somewhere", "status"]).exit_code == code
