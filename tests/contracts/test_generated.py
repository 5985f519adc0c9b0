"""What is committed is what the classes give: `make contracts` leaves no difference."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from contracts.generate import Incompatible, generate, summary

GENERATED = ("schemas", "examples", "asyncapi.json")


def files(contracts: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(contracts)): file.read_bytes()
        for name in GENERATED
        for file in [*(contracts / name).rglob("*.json"), contracts / name]
        if file.is_file()
    }


@pytest.fixture
def contracts(repository: Path, tmp_path: Path) -> Path:
    """A copy of what is committed, to generate into."""
    for name in GENERATED[:2]:
        shutil.copytree(repository / "shared/contracts" / name, tmp_path / name)
    shutil.copy(repository / "shared/contracts/asyncapi.json", tmp_path)
    return tmp_path


def test_what_is_committed_is_what_is_generated(repository: Path, contracts: Path) -> None:
    committed = files(contracts)
    shutil.rmtree(contracts / "schemas")  # a schema without a class would otherwise stay
    generate(contracts, repository / "services")
    generated = files(contracts)
    different = {name for name in committed | generated if committed.get(name) != generated.get(name)}
    assert not different, f"run `make contracts` and commit: {sorted(different)}"


def test_generation_is_the_same_under_every_hash_seed(repository: Path, tmp_path: Path) -> None:
    program = "import sys, pathlib, contracts.generate as it; it.generate(*map(pathlib.Path, sys.argv[1:]))"
    runs = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        command = [sys.executable, "-c", program, str(folder), str(repository / "services")]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
        runs.append(files(folder))
    assert runs[0]
    assert runs[0] == runs[1]


def test_an_example_is_written_once_and_then_stands(repository: Path, contracts: Path) -> None:
    golden = contracts / "examples/sessions/session-completed.v1.json"
    older = golden.read_text("utf-8").replace('"ordinal": 1', '"ordinal": 7')
    golden.write_text(older, "utf-8")
    missing = contracts / "examples/sessions/session-scheduled.v1.json"
    written = missing.read_bytes()
    missing.unlink()
    generate(contracts, repository / "services")
    assert golden.read_text("utf-8") == older
    assert missing.read_bytes() == written


def test_nothing_is_written_where_a_published_version_would_break(repository: Path, contracts: Path) -> None:
    schema = contracts / "schemas/sessions/session-completed.v1.json"
    schema.write_text(schema.read_text("utf-8").replace('"ordinal"', '"number"'), "utf-8")
    before = files(contracts)
    with pytest.raises(Incompatible) as refused:
        generate(contracts, repository / "services")
    assert files(contracts) == before
    assert (
        "sessions/session-completed.v1: field `number` was removed. Leave SessionCompleted as it was and make it a new "
        "class, SessionCompletedV2; publish both until every consumer has moved."
    ) in refused.value.sentences
    assert "field `ordinal` is new and required" in str(refused.value)


def test_the_summary_has_a_line_for_each_topic(repository: Path) -> None:
    lines = summary(repository / "services").splitlines()
    assert [line.split()[0] for line in lines[1:]] == [
        "enrollment.events",
        "sessions.events",
        "trainings.events",
        "publications.events",
    ]
