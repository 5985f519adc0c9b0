"""Bad inputs against a whole platform: nothing answered 5xx, nothing lost, every consumer alive and at the end."""

import io
import json
from collections.abc import Iterator

import pytest
from rich.console import Console
from superwizja import folders, lifecycle
from superwizja.chaos.badinputs.run import bad_inputs
from superwizja.demo.performance import play
from superwizja.demo.sizes import SMALL
from superwizja.leash import free_port
from superwizja.runtime import SERVICES, Runtime

REQUESTS = RECORDS = 2000


@pytest.fixture
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A platform of its own: nobody else could make sense of its topics afterwards."""
    home, cache = tmp_path_factory.mktemp("superwizja"), folders.cache()
    cache.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(cache)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SUPERWIZJA_HOME", str(home))
        with lifecycle.running("badinputs", port=free_port()) as running:
            yield running


async def test_bad_requests_and_records_break_nothing(runtime: Runtime) -> None:
    console = Console(file=io.StringIO(), width=200)
    await play(console, "en", runtime, SMALL)
    result = await bad_inputs(runtime, REQUESTS, RECORDS, 7, console, "en")
    result.show(console, "en")
    document = json.loads(json.dumps(result.document()))
    wrong = {name: document[name] for name in ("server_errors", "defects", "lost", "not_alive") if document[name]}
    assert wrong == {}
    assert result.held
    assert sum(counted.total() for counted in result.answers.values()) == REQUESTS
    # Half of them would mean that requests are refused at the door and hardly any reaches a rule.
    assert sum(counted["401"] for counted in result.answers.values()) < REQUESTS / 10
    assert sum(counted["409"] for counted in result.answers.values()) > REQUESTS / 50
    assert result.sound > RECORDS / 40
    assert all(result.outcomes[service]["foreign"] and result.outcomes[service]["parked"] for service in SERVICES)
    assert isinstance(console.file, io.StringIO)
    assert "the consumers live" in console.file.getvalue()
