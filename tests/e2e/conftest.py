"""One whole platform for the run: real Kafka, a real PostgreSQL for each service, the real processes."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaProducer
from rich.console import Console
from superwizja import folders, lifecycle
from superwizja.demo.client import Platform
from superwizja.demo.ledger import Ledger, file_of
from superwizja.demo.plan import make
from superwizja.demo.play import Play
from superwizja.demo.script import play_script
from superwizja.demo.sizes import SMALL
from superwizja.leash import free_port
from superwizja.runtime import Runtime
from superwizja.verify.checks import found_in
from superwizja.verify.evidence import Evidence, gather
from superwizja.verify.finding import Finding
from superwizja.verify.quiet import wait_until_quiet

QUIET_WITHIN = 120.0

PlayAgain = Callable[[str], Awaitable["Played"]]


@dataclass
class Played:
    """A small play that came to its end."""

    play: Play
    platform: Platform
    told: str


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The platform, on ports of its own and in a folder of its own; what was downloaded is shared."""
    home, cache = tmp_path_factory.mktemp("superwizja"), folders.cache()
    cache.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(cache)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SUPERWIZJA_HOME", str(home))
        with lifecycle.running("e2e", port=free_port()) as running:
            yield running


async def a_play(runtime: Runtime, suffix: str) -> Played:
    """The small programmes, played through the public APIs of the running platform."""
    console = Console(file=io.StringIO(), width=120)
    async with Platform(runtime, Ledger(file_of(runtime.folder))) as platform:
        play = await play_script(platform, make(SMALL), console, "en", suffix=suffix)
    assert isinstance(console.file, io.StringIO)
    return Played(play, platform, console.file.getvalue())


@pytest.fixture(scope="session")
async def played(runtime: Runtime) -> Played:
    """The first play on this platform."""
    return await a_play(runtime, "")


@pytest.fixture
async def producer(runtime: Runtime) -> AsyncIterator[AIOKafkaProducer]:
    """Somebody who can write to every topic."""
    producer = AIOKafkaProducer(bootstrap_servers=runtime.bootstrap_servers)
    await producer.start()
    yield producer
    await producer.stop()


async def evidence_of(runtime: Runtime) -> Evidence:
    """What verify compares, once the platform is quiet."""
    await wait_until_quiet(Runtime.read(runtime.profile), within=QUIET_WITHIN)
    return await gather(Runtime.read(runtime.profile))


async def findings(runtime: Runtime) -> dict[str, Finding]:
    """What verify finds, by the name of the check."""
    return {finding.name: finding for finding in found_in(await evidence_of(runtime))}


def assert_all_hold(found: dict[str, Finding]) -> None:
    """Every check holds, and compared something."""
    assert {name: finding.differences[:5] for name, finding in found.items() if not finding.holds} == {}
    assert all(finding.compared for finding in found.values())
