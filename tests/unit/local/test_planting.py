"""The planted bugs fit today's code, are small, and are what a process of the copy runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from superwizja.chaos import planting
from superwizja.chaos.planting import PLANTS, DoesNotApply, Plant, planted, pythonpath
from superwizja.folders import PROJECT


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
    assert all(plant.breaks.endswith(".") and plant.findings and plant.faults for plant in PLANTS)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_plant_is_small_and_is_what_a_process_of_the_copy_imports(plant: Plant) -> None:
    [(file, lines)] = changed(plant).items()
    assert 0 < lines <= 30
    module = Path(file).with_suffix("").parts
    name = ".".join(module[1:] if module[0] == "shared" else module[2:])
    with planted(plant.name) as copy:
        assert (copy / file).read_bytes() != (PROJECT / file).read_bytes()
        told = subprocess.run(
            [sys.executable, "-c", f"from importlib.util import find_spec; print(find_spec({name!r}).origin)"],
            env=os.environ | {"PYTHONPATH": pythonpath(copy)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert Path(told.stdout.strip()) == copy / file
    assert not copy.exists()


def test_a_patch_that_does_not_fit_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant = PLANTS[0]
    wrong = plant.patch.read_text().replace("await self.inbox.take(records)", "await self.inbox.taken(records)")
    (tmp_path / plant.patch.name).write_text(wrong)
    monkeypatch.setattr(planting, "PATCHES", tmp_path)
    with pytest.raises(DoesNotApply, match=r"shared/chassis/subscribing\.py"), planted(plant.name):
        pass
