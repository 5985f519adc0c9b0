"""What a process of ours takes when it has nothing to do, and how soon it can: against importing its libraries.

Measured are the api and the worker of one service and the api that has the live page; the one that does worst counts.
"""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

import psutil
from chassis.settings import KafkaSettings
from chassis.topics import declare

from superwizja import leash
from superwizja.bench.figure import Figure, Goal, Pair, figure
from superwizja.bench.ground import Ground, Order
from superwizja.runtime import SERVICES, plain_environment

GOALS = {
    "memory": Goal("a process idle, resident: importing its libraries", "MB", 1.15, 1.05),
    "start": Goal("start to ready: importing its libraries", "s", 1.5, 1.25),
}
MEASURED = (("enrollment", "api"), ("enrollment", "worker"), ("insights", "api"))
IDLE = 2.0
"""Seconds after which a process that is ready counts as idle."""

LOOK = 0.002
"""Seconds between two looks whether a process is ready."""

WITHIN = 60.0
"""Seconds in which a migration has come to its end."""

MEGABYTE = 1e6

IMPORTED = re.compile(r"^import time: +\d+ \| +\d+ \| +([\w.]+)$", re.MULTILINE)
"""What `python -X importtime` says of each module, the innermost first, also of those that are not there."""

OURS = {"contracts", "chassis", "superwizja", *SERVICES}

IMPORTING = """\
import importlib, pathlib, sys
for name in pathlib.Path(sys.argv[1]).read_text().split():
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        pass
"""
SAYING = 'print("imported", flush=True)'
WAITING = """\
import signal
pathlib.Path(sys.argv[2]).touch()
signal.pause()
"""


@dataclass
class Tenant:
    """A service of ours on the ground, in a database of its own. `told` are settings beside those that it must have."""

    ground: Ground
    service: str
    url: str
    told: dict[str, str] = field(default_factory=dict)

    def environment(self, port: int = 0) -> dict[str, str]:
        """What its processes are told."""
        own = {
            "DATABASE_URL": self.url,
            "KAFKA_BOOTSTRAP_SERVERS": self.ground.bootstrap_servers,
            "ISSUER": "http://127.0.0.1:1",
            "ALLOW_INSECURE_ISSUER": "true",
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        prefix = self.service.upper()
        return plain_environment() | {f"{prefix}_{name}": value for name, value in (own | self.told).items()}

    @contextmanager
    def running(self, kind: str, *switches: str, module: str | None = None) -> Iterator["Running"]:
        """Its `api` or `worker`, from the moment it is ready. `switches` are Python's; `module` runs in its place."""
        port = leash.free_port()
        watch = Watch(port)
        log = self.ground.folder / f"{self.service}.{kind}.{port}.log"
        command = leash.leashed([sys.executable, *switches, "-m", module or f"{self.service}.main", kind])
        began = time.perf_counter()
        with leash.child(command, log, ready=watch.ready, env=self.environment(port)) as process:
            yield Running(process.pid, port, log, watch.at - began)


class Running(NamedTuple):
    """A process of ours. `start`: seconds from its spawning until /health/ready was 200."""

    pid: int
    port: int
    log: Path
    start: float

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def resident(self) -> float:
        """Its memory, MB: all resident pages (RSS), those of shared libraries too, as with the reference."""
        return resident(self.pid)


class Watch:
    """Looks at a process more often than a leash does; `at` is when it was ready."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.at = 0.0

    def ready(self, pid: int) -> bool:
        """Whether it is ready, or comes to be within a second."""
        deadline = time.perf_counter() + 1
        while not self._answers():
            if time.perf_counter() > deadline:
                return False
            time.sleep(LOOK)
        self.at = time.perf_counter()
        return True

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def tenant(ground: Ground, service: str, **told: str) -> Tenant:
    """A service of ours with a fresh database, migrated. `told`: its settings by their names without its prefix."""

    def migrate(url: str) -> None:
        command = leash.leashed([sys.executable, "-m", f"{service}.main", "migrate"])
        subprocess.run(command, check=True, env=Tenant(ground, service, url, told).environment(), timeout=WITHIN)

    return Tenant(ground, service, ground.copy_of(service, migrate), told)


def resident(pid: int) -> float:
    """The resident memory of a process, MB."""
    return float(psutil.Process(pid).memory_info().rss) / MEGABYTE


def libraries_of(log: Path) -> list[str]:
    """All that a process has imported, in that order, but for what is ours: the standard library and others' code."""
    names = dict.fromkeys(IMPORTED.findall(log.read_text(errors="replace")))
    return [name for name in names if name.partition(".")[0] not in OURS]


class Reference:
    """A process that imports the libraries of one of ours, and nothing else."""

    def __init__(self, folder: Path, name: str, libraries: Sequence[str]) -> None:
        self.libraries = folder / f"{name}.libraries"
        self.libraries.write_text("\n".join(libraries))
        self.imported = folder / f"{name}.imported"
        self.log = folder / f"{name}.reference.log"

    def start(self) -> float:
        """Seconds that it takes to import them, without those that it takes to end. Raises RuntimeError."""
        command = leash.leashed([sys.executable, "-c", IMPORTING + SAYING, self.libraries])
        began = time.perf_counter()
        with subprocess.Popen(
            command, env=plain_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            said, seconds = process.stdout.readline(), time.perf_counter() - began
        if said != b"imported\n" or process.returncode:
            raise RuntimeError(f"the libraries in {self.libraries} were not imported")
        return seconds

    def resident(self) -> float:
        """Its memory when it has imported them and waits, MB."""
        self.imported.unlink(missing_ok=True)
        command = leash.leashed([sys.executable, "-c", IMPORTING + WAITING, self.libraries, self.imported])
        ready = partial(_exists, self.imported)
        with leash.child(command, self.log, ready=ready, env=plain_environment()) as process:
            return resident(process.pid)


def _exists(file: Path, _: int) -> bool:
    return file.exists()


async def measure(ground: Ground, order: Order) -> list[Figure]:
    """Each process of ours and the import of its libraries in turn."""
    await declare(KafkaSettings(kafka_bootstrap_servers=ground.bootstrap_servers))
    tenants = {service: tenant(ground, service) for service in dict(MEASURED)}
    order.told("what the processes import")
    with ExitStack() as stack:
        looked_at = {
            (service, kind): stack.enter_context(tenants[service].running(kind, "-X", "importtime"))
            for service, kind in MEASURED
        }
        await asyncio.sleep(IDLE)
        references = {
            each: Reference(ground.folder, ".".join(each), libraries_of(running.log))
            for each, running in looked_at.items()
        }
    pairs: dict[str, dict[tuple[str, str], list[Pair]]] = {name: {each: [] for each in MEASURED} for name in GOALS}
    for turn in range(order.rounds):
        order.told(f"idle and start, {turn + 1}/{order.rounds}")
        with ExitStack() as stack:
            started = {}
            for service, kind in MEASURED:
                started[service, kind] = stack.enter_context(tenants[service].running(kind))
                reference = references[service, kind].start()
                pairs["start"][service, kind].append(Pair(started[service, kind].start, reference))
            await asyncio.sleep(IDLE)
            idle = {each: running.resident for each, running in started.items()}
        for each, own in idle.items():
            pairs["memory"][each].append(Pair(own, references[each].resident()))
    return [_worst(goal, pairs[name], order) for name, goal in GOALS.items()]


def _worst(goal: Goal, pairs: dict[tuple[str, str], list[Pair]], order: Order) -> Figure:
    """The figure of the process with the largest ratio; each one's is told."""
    figures = {" ".join(each): figure(goal, rounds) for each, rounds in pairs.items()}
    told = (f"{name} {each.ours:.4g} / {each.reference:.4g} = {each.ratio:.2f}" for name, each in figures.items())
    order.told(f"{goal.name} ({goal.unit}): {', '.join(told)}")
    return max(figures.values(), key=lambda each: each.ratio or 0.0)
