"""Bugs planted on purpose: each a small patch on a copy of the services, by which the oracle itself is proved."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from superwizja.folders import PROJECT

PATCHES = Path(__file__).parent / "plants"
COPIED = ("shared", "services")


class DoesNotApply(RuntimeError):
    """A patch no longer fits the code; the message is what git says of it."""


@dataclass(frozen=True)
class Plant:
    """A bug, and the findings of the oracle that name it: any of them is enough."""

    name: str
    findings: tuple[str, ...]

    @property
    def patch(self) -> Path:
        """The patch, below one line that says what it breaks."""
        return PATCHES / f"{self.name}.patch"

    @property
    def breaks(self) -> str:
        """What it breaks, in a line."""
        return self.patch.read_text().splitlines()[0]


PLANTS = (
    Plant("ack-before-effect", ("inbox", "attendance", "indicators", "services", "facts", "answers", "later")),
    Plant("forgetful-inbox", ("effects", "answers")),
    Plant("cursor-relay", ("outbox", "versions", "order", "consumers")),
    Plant("mark-before-publish", ("outbox", "versions", "order")),
    Plant("double-counting", ("indicators", "services")),
    Plant("late-consent-gate", ("withdrawals", "consents", "parked", "services")),
    Plant("skipped-erasure", ("erasure", "names")),
)
"""All of them hold as long as nothing goes wrong, but for cursor-relay and late-consent-gate, which also need that only
one command of a service is under way at a time, and for skipped-erasure, which never holds."""


def the_plant(name: str) -> Plant:
    """The plant of this name. Raises KeyError."""
    return {plant.name: plant for plant in PLANTS}[name]


@contextmanager
def planted(name: str) -> Iterator[Path]:
    """A copy of `shared` and `services` that has the bug, for the length of the block. Raises DoesNotApply."""
    with tempfile.TemporaryDirectory(prefix=f"superwizja-{name}-") as folder:
        copy = Path(folder).resolve()
        for part in COPIED:
            shutil.copytree(PROJECT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        # In a repository git would pass over, without a word, what the repository does not hold.
        apart = os.environ | {"GIT_CEILING_DIRECTORIES": str(copy.parent)}
        done = subprocess.run(
            ["git", "apply", the_plant(name).patch], cwd=copy, env=apart, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DoesNotApply(f"{name}: {done.stderr.strip()}")
        yield copy


def pythonpath(copy: Path) -> str:
    """The PYTHONPATH that has a process import the copy: it goes before the .pth files of editable installs."""
    return os.pathsep.join(str(place) for place in (copy / "shared", *sorted((copy / "services").iterdir())))
