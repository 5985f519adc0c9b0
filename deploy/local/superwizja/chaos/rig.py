"""The whole platform to be broken: three brokers, two processes of each kind, and a link to every server."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import psutil

from superwizja import folders, kafka, lifecycle
from superwizja.chaos.links import Links
from superwizja.chaos.planting import pythonpath
from superwizja.counts import KINDS, Counts, write_counts
from superwizja.leash import free_port, locked
from superwizja.platform import House
from superwizja.processes import NO_TLS, Process, end
from superwizja.runtime import SERVICES, Runtime, held
from superwizja.supervisor import Supervisor

BROKERS = 3
TWO_OF_EACH: Counts = dict.fromkeys(KINDS, 2)
WITH_A_SMALL_DISK = "sessions"
SMALL_DISK = 1_500_000_000


class NotReady(RuntimeError):
    """Something did not come back in time."""


@dataclass(frozen=True)
class BesiegedHouse(House):
    """A House whose services reach their servers through links only, and whose workers know crash points.

    `code` is a copy of the services to run instead of the installed ones.
    """

    brokers: int = BROKERS
    code: Path | None = None
    disk: Path | None = None
    gates: dict[str, threading.Event] = field(default_factory=dict)

    def declare(self, runtime: Runtime, counts: Counts) -> list[Process]:
        """As every House; a server starts only while its gate is open."""
        processes = super().declare(runtime, counts)
        for process in processes:
            name = process.seen.name
            if name.split(".")[0] in ("kafka", "controller", "postgres"):
                gate = self.gates[name] = threading.Event()
                gate.set()
                process.command = partial(_behind, gate, process.command)
        return processes

    def allot(self, runtime: Runtime, counts: Counts) -> None:
        """As every House, and a port for each end of each link."""
        super().allot(runtime, counts)
        for service in SERVICES:
            runtime.allot(f"link.{service}.database")
            for broker in self.broker_names:
                runtime.allot(f"door.{service}.{broker}")
                runtime.allot(f"link.{service}.{broker}")

    def places(self, runtime: Runtime) -> dict[tuple[str, str], tuple[int, int]]:
        """Where each link listens, and whom it leads to."""
        ports = runtime.ports
        found = {}
        for service in SERVICES:
            found[service, "database"] = ports[f"link.{service}.database"], ports[f"postgres.{service}"]
            for broker in self.broker_names:
                found[service, broker] = ports[f"link.{service}.{broker}"], ports[f"door.{service}.{broker}"]
        return found

    def doors(self, runtime: Runtime, broker: str) -> tuple[kafka.Listener, ...]:
        """A listener for each service: who came through its link is sent through its link again."""
        ports = runtime.ports
        return tuple(
            kafka.Listener(service.upper(), ports[f"door.{service}.{broker}"], ports[f"link.{service}.{broker}"])
            for service in SERVICES
        )

    def told(self, runtime: Runtime, name: str) -> dict[str, str]:
        """The links in place of the servers, and a crash point that the rig can set."""
        service = name.split(".")[0]
        prefix = service.upper()
        direct = f":{runtime.ports[f'postgres.{service}']}/"
        brokers = (f"127.0.0.1:{runtime.ports[f'link.{service}.{broker}']}" for broker in self.broker_names)
        told = {
            f"{prefix}_DATABASE_URL": runtime.database_url(service).replace(
                direct, f":{runtime.ports[f'link.{service}.database']}/"
            ),
            f"{prefix}_KAFKA_BOOTSTRAP_SERVERS": ",".join(brokers),
            "CHAOS_CRASH_FILE": str(crash_file(runtime, name)),
        }
        if self.code:
            told["PYTHONPATH"] = pythonpath(self.code)
        return told

    def command(self, service: str, kind: str) -> list[str]:
        """The launcher, which knows where to crash."""
        return [sys.executable, "-m", "superwizja.chaos.launcher", service, kind]

    def database_folder(self, runtime: Runtime, service: str) -> Path:
        """One database has a disk of its own, which can be filled."""
        if self.disk is not None and service == WITH_A_SMALL_DISK:
            return self.disk / f"postgres.{service}"
        return super().database_folder(runtime, service)


def _behind(gate: threading.Event, command: Callable[[], Sequence[str]]) -> Sequence[str]:
    gate.wait()
    return command()


def crash_file(runtime: Runtime, name: str) -> Path:
    """Where a process looks whether it shall crash, and at which point."""
    return runtime.folder / "crash" / name


@dataclass
class Rig:
    """A running platform and the means to break it."""

    runtime: Runtime
    supervisor: Supervisor
    links: Links
    house: BesiegedHouse
    flood: int = 20_000

    @property
    def disk(self) -> Path | None:
        """The disk that can be filled; None where this user may not mount one."""
        return self.house.disk

    def names(self, kind: str = "") -> list[str]:
        """The services' processes, of a kind (`worker`) or a service (`sessions`) or all of them."""
        known = {name for name in self.supervisor.processes if name.split(".")[0] in SERVICES}
        return sorted(name for name in known if not kind or kind in name.split("."))

    def process(self, name: str) -> Process:
        """What is known of a process, by its name."""
        return self.supervisor.processes[name]

    def pid(self, name: str) -> int | None:
        """The pid of a process while it runs; one that was scaled away meanwhile has none."""
        process = self.supervisor.processes.get(name)
        return process.running.pid if process and process.running else None

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> bool:
        """Send a signal; whether there was a process. PostgreSQL's children go with a killed parent, as on a crash."""
        pid = self.pid(name)
        if pid is None:
            return False
        try:
            family = [psutil.Process(pid)]
            if name.startswith("postgres.") and number == signal.SIGKILL:
                family += family[0].children(recursive=True)
        except psutil.NoSuchProcess:
            return False
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(number)
        return True

    async def away(self, name: str, seconds: float) -> bool:
        """Kill a server and start it again only after so many seconds; whether there was one."""
        self.house.gates[name].clear()
        try:
            killed = self.kill(name)
            await asyncio.sleep(seconds)
        finally:
            self.house.gates[name].set()
        return killed

    async def well(self, name: str) -> bool:
        """Whether a process runs and its probe answers."""
        pid = self.pid(name)
        return pid is not None and await self.process(name).ready(pid)

    async def ready(self, *names: str, within: float = 120.0) -> float:
        """Wait until all of these are well; answers when (seconds since 1970). Raises NotReady."""

        async def one(name: str) -> None:
            await until(lambda: self.well(name), name, within)

        await asyncio.gather(*(one(name) for name in names))
        return time.time()

    async def all_ready(self, within: float = 180.0) -> float:
        """Wait until every process is well. Raises NotReady."""
        return await self.ready(
            *(name for name, process in self.supervisor.processes.items() if not process.once), within=within
        )

    async def scaled(self, wanted: Counts) -> None:
        """Have so many processes of these kinds, and wait for them. Raises NotReady."""
        write_counts(self.runtime, wanted)
        os.kill(os.getpid(), signal.SIGHUP)
        for kind, count in wanted.items():

            async def so_many(kind: str = kind, count: int = count) -> bool:
                found = [name for name in self.names() if name.rsplit(".", 1)[0] == kind]
                return len(found) == count and all([await self.well(name) for name in found])

            await until(so_many, f"{kind}={count}", 120.0)

    def controller(self) -> str:
        """The controller that leads, as the one who voted last wrote it down. Raises NotReady."""
        names = self.house.controller_names
        told = (self.runtime.folder / name / "data/__cluster_metadata-0/quorum-state" for name in names)
        states = [json.loads(file.read_text()) for file in told if file.exists()]
        leader = max(states, key=lambda state: int(state["leaderEpoch"]), default={"leaderId": -1})["leaderId"]
        if leader < 1:
            raise NotReady("no controller leads")
        # Controllers are numbered after the brokers.
        return names[int(leader) - 1 - self.house.brokers]

    async def metrics(self, name: str) -> str:
        """What a process says at /metrics; nothing while it does not answer."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5, verify=NO_TLS) as client:
                answer = await client.get(f"http://127.0.0.1:{self.runtime.ports[name]}/metrics/")
                return answer.text if answer.is_success else ""
        except httpx.HTTPError:
            return ""


async def until(true: Callable[[], Awaitable[bool]], what: str, within: float) -> None:
    """Ask again and again until it is true. Raises NotReady after so many seconds."""
    deadline = time.monotonic() + within
    while not await true():
        if time.monotonic() > deadline:
            raise NotReady(f"{what} after {within:.0f} s")
        await asyncio.sleep(0.1)


@asynccontextmanager
async def besieged(
    profile: str = "chaos", *, counts: Counts | None = None, code: Path | None = None, small_disk: bool = True
) -> AsyncIterator[Rig]:
    """A fresh platform for the length of the block. Raises NotReady, and lifecycle.CannotStart.

    One at a time on a machine: two would measure each other, so that the second one waits for the first to end.
    """
    runtime = Runtime(profile=profile, folder=folders.profile(profile))
    lifecycle.check_disk()
    lifecycle.fetch()
    with ExitStack() as stack:
        stack.enter_context(locked(folders.cache() / "rig.lock"))
        _clear(profile)
        (runtime.folder / "crash").mkdir(parents=True)
        stack.enter_context(held(runtime))
        disk = stack.enter_context(_mounted(runtime.folder / "disk")) if small_disk else None
        runtime.ports["gateway"] = free_port()
        write_counts(runtime, counts or TWO_OF_EACH)
        house = BesiegedHouse(code=code, disk=disk)
        supervisor = Supervisor(runtime, house)
        supervisor.prepare()
        links = stack.enter_context(Links(house.places(runtime)).serving())
        running = asyncio.create_task(supervisor.run())
        try:
            rig = Rig(runtime, supervisor, links, house)
            await _started(rig, running)
            yield rig
        finally:
            supervisor.stopping.set()
            await running
            runtime.supervisor = None
            runtime.save()


def _clear(profile: str) -> None:
    """Remove what an earlier rig of this profile left, be it that it was killed."""
    before = Runtime.read(profile)
    end(before.processes)
    if (before.folder / "disk").is_mount():
        subprocess.run(["umount", "--lazy", before.folder / "disk"], check=True)
    shutil.rmtree(before.folder, ignore_errors=True)


async def _started(rig: Rig, running: "asyncio.Task[None]", within: float = 240.0) -> None:
    deadline = time.monotonic() + within
    while True:
        processes = rig.supervisor.processes.values()
        missing = [process.seen.name for process in processes if not process.reached.is_set()]
        if processes and not missing:
            return
        if running.done():
            await running
        if time.monotonic() > deadline:
            raise NotReady(f"not started after {within:.0f} s: {', '.join(missing)}")
        await asyncio.sleep(0.1)


@contextmanager
def _mounted(folder: Path) -> Iterator[Path | None]:
    """A disk in memory that can be filled without harm to others; None for who may not mount."""
    folder.mkdir()
    options = f"size={SMALL_DISK},mode=755"
    mounted = os.geteuid() == 0 and sys.platform == "linux"
    if mounted:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "superwizja-chaos", folder], check=False, capture_output=True
        )
        mounted = done.returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)
