"""A platform of its own for these tests: the servers, the issuer and the gateway, without the services' processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from superwizja import folders, leash, lifecycle
from superwizja.counts import KINDS, Counts
from superwizja.runtime import Runtime


@pytest.fixture(scope="session")
def servers_only() -> Counts:
    return dict.fromkeys(KINDS, 0)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """SUPERWIZJA_HOME of these tests; what was downloaded is taken from the usual place."""
    cache, folder = folders.cache(), tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPERWIZJA_CACHE", str(cache))
        patch.setenv("SUPERWIZJA_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def platform(home: Path, servers_only: Counts) -> Iterator[Runtime]:
    """The running profile `try`."""
    with lifecycle.running("try", port=leash.free_port(), counts=servers_only) as runtime:
        yield runtime
