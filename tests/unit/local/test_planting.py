"""The planted bugs fit today's code, are small, and are what a process of the copy runs."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from superwizja.chaos import planting, testimony
from superwizja.chaos.faults import FAULTS
from superwizja.chaos.oracle import Verdict, judge
from superwizja.chaos.planting import PLANTS, DoesNotApply, Plant, planted, pythonpath
from superwizja.chaos.proving import ROUND, Proof, drawn
from superwizja.folders import PROJECT
from superwizja.runtime import SERVICES
from superwizja.verify.evidence import Evidence
from superwizja.verify.finding import Finding


def changed(plant: Plant) -> dict[str, int]:
    """The lines that a patch adds and removes, by the file that they are in."""
    lines: dict[str, int] = {}
    at = ""
    for line in plant.patch.read_text().splitlines():
        if line.startswith("+++ b/"):
            at = line.removeprefix("+++ b/")
            lines[at] = 0
        elif line[:1] in ("+", "-") and not line.startswith("---"):
            lines[at] += 1
    return lines


def test_every_patch_is_a_plant_and_says_what_it_breaks() -> None:
    assert {patch.stem for patch in planting.PATCHES.iterdir()} == {plant.name for plant in PLANTS}
    assert all(plant.breaks.endswith(".") and plant.findings for plant in PLANTS)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_plant_is_small_and_is_what_a_process_of_the_copy_imports(plant: Plant) -> None:
    [(file, lines)] = changed(plant).items()
    assert 0 < lines <= 30
    module = Path(file).with_suffix("").parts
    name = ".".join(module[1:] if module[0] == "shared" else module[2:])
    with planted(plant.name) as copy:
        assert (copy / file).read_bytes() != (PROJECT / file).read_bytes()
        done = subprocess.run(
            [sys.executable, "-c", f"from importlib.util import find_spec; print(find_spec({name!r}).origin)"],
            env=os.environ | {"PYTHONPATH": pythonpath(copy)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert Path(done.stdout.strip()) == copy / file
    assert not copy.exists()


def test_a_patch_that_does_not_fit_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant = PLANTS[0]
    wrong = plant.patch.read_text().replace("await self.inbox.take(records)", "await self.inbox.taken(records)")
    (tmp_path / plant.patch.name).write_text(wrong)
    monkeypatch.setattr(planting, "PATCHES", tmp_path)
    with pytest.raises(DoesNotApply, match=r"shared/chassis/subscribing\.py"), planted(plant.name):
        pass


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_round_against_a_plant_is_drawn_from_its_seed_and_over_in_time(plant: Plant) -> None:
    blows = drawn(plant, Random(7))
    assert blows == drawn(plant, Random(7))
    for blow in blows:
        assert blow.target in (*FAULTS[blow.fault].targets, *SERVICES)
        assert 0 < blow.at + blow.seconds < ROUND


def test_what_lags_behind_is_not_taken_for_a_plant() -> None:
    told = testimony.Testimony(Evidence(), quiet="insights sessions.events 12")
    lagging = Verdict([Finding("inbox", differences=["insights: behind"]), Finding("outbox")], told)
    proof = Proof(PLANTS[0])
    proof.hear(lagging)
    assert not proof.caught
    assert proof.others == {"inbox": "insights: behind"}
    told.quiet = None
    proof.hear(lagging)
    assert proof.caught
    assert proof.findings == {"inbox": "insights: behind"}


def test_findings_that_name_plants_are_those_of_the_oracle() -> None:
    known = {finding.name for finding in judge(testimony.Testimony(Evidence())).findings}
    assert {name for plant in PLANTS for name in plant.findings} <= known
