"""The one direction of imports is not only written down: each forbidden import, once made, is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FORBIDDEN = {
    "a service imports another": (
        "services/sessions/sessions/domain",
        "import enrollment.domain",
        "No service imports another",
    ),
    "a service imports the local runtime": (
        "services/insights/insights/queries",
        "import superwizja",
        "Services stand on the chassis",
    ),
    "the chassis imports a service": ("shared/chassis/ids", "import sessions.domain", "Services stand on the chassis"),
    "the contracts import the chassis": (
        "shared/contracts/fields",
        "import chassis.ids",
        "Services stand on the chassis",
    ),
    "the domain imports tables": (
        "services/trainings/trainings/domain",
        "import trainings.tables",
        "Within a service imports go one way",
    ),
    "a use case imports the API": (
        "services/publications/publications/use_cases",
        "import publications.api",
        "Within a service imports go one way",
    ),
    "the API imports consumers": (
        "services/sessions/sessions/api",
        "import sessions.consumers",
        "Within a service imports go one way",
    ),
    "the domain imports the database": (
        "services/enrollment/enrollment/domain",
        "import sqlalchemy.orm",
        "Domains know no database",
    ),
}


@pytest.fixture
def copied(repository: Path, tmp_path: Path) -> Path:
    """The packages of the checkout, as they are, in a folder of the test's own."""
    for package in [
        *repository.glob("shared/c*/"),
        *repository.glob("services/*/*/"),
        repository / "deploy/local/superwizja",
    ]:
        if (package / "__init__.py").exists():
            only_code = shutil.ignore_patterns("__pycache__", "*.json", "static", "templates", "*.csv", "*.txt")
            shutil.copytree(package, tmp_path / package.relative_to(repository), ignore=only_code)
    shutil.copy(repository / "pyproject.toml", tmp_path)
    return tmp_path


def linted(tree: Path) -> subprocess.CompletedProcess[str]:
    """lint-imports on a tree, with the tree's packages before the installed ones."""
    paths = [tree / "shared", *tree.glob("services/*"), tree / "deploy/local"]
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_imports_of_the_checkout_are_in_order(copied: Path) -> None:
    run = linted(copied)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(("module", "line", "contract"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_forbidden_import_is_found(copied: Path, module: str, line: str, contract: str) -> None:
    file = copied / f"{module}.py"
    if not file.exists():
        file = copied / module / "__init__.py"
    file.write_text(f"{file.read_text('utf-8')}\n{line}\n", "utf-8")
    run = linted(copied)
    assert run.returncode == 1, run.stdout + run.stderr
    broken = [told for told in run.stdout.splitlines() if told.endswith("BROKEN")]
    assert any(told.startswith(contract) for told in broken), run.stdout
