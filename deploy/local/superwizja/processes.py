"""One process kept running: started once what it needs is ready, and again, ever more slowly, whenever it ends."""

import asyncio
import os
import signal
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from tenacity import AsyncRetrying, retry_if_exception_type, retry_if_result, wait_exponential_jitter, wait_fixed

from superwizja import leash
from superwizja.runtime import Running

LARGEST_LOG = 20_000_000
STEADY = 30.0
# Probes go to 127.0.0.1 without TLS: to load the world's certificates for each would take longer than asking.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Ended(Exception):
    """A process ended although it should run, or a step did not succeed."""


async def runs(pid: int) -> bool:
    """Ready as soon as it has started."""
    return True


def healthy(port: int, path: str = "/health/ready") -> Callable[[int], Awaitable[bool]]:
    """A probe: whether the HTTP server on this port answers 200."""

    async def probe(pid: int) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5, verify=NO_TLS) as client:
                return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code == 200
        except httpx.HTTPError:
            return False

    return probe


@dataclass(eq=False)
class Process:
    """What to run and how to see that it is ready.

    `command` is called before each start, in a thread of its own, and may prepare what the process needs. A process
    with `once` is a step: it has succeeded when it ends with 0. `changed` is called whenever `seen` changes.
    """

    seen: Running
    command: Callable[[], Sequence[str]]
    ready: Callable[[int], Awaitable[bool]] = runs
    env: dict[str, str] | None = None
    after: Sequence["Process"] = ()
    cwd: str | None = None
    once: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 20.0
    changed: Callable[[], None] = lambda: None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    running: asyncio.subprocess.Process | None = None
    kept: asyncio.Task[None] | None = None

    async def keep(self) -> None:
        """Run it until `stop` is called."""
        self.kept = asyncio.current_task()
        needs = [asyncio.create_task(other.reached.wait()) for other in self.after]
        asked = asyncio.create_task(self.stopping.wait())
        for need in needs:
            await asyncio.wait([need, asked], return_when=asyncio.FIRST_COMPLETED)
        for task in (*needs, asked):
            task.cancel()
        while not self.stopping.is_set() and not (self.once and self.reached.is_set()):
            retrying = AsyncRetrying(
                retry=retry_if_exception_type((Ended, leash.DidNotStart)),
                wait=wait_exponential_jitter(multiplier=0.25, max=10, jitter=0.25),
                sleep=self._pause,
            )
            async for attempt in retrying:
                with attempt:
                    await self._live()

    async def _pause(self, seconds: float) -> None:
        self._show("backing_off")
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            self.seen.restarts += 1

    async def _live(self) -> None:
        """One life: returns when it was asked to end, or ended after a long good time; raises Ended otherwise."""
        if self.stopping.is_set():
            return
        self._show("starting")
        _make_room(self.seen.log)
        try:
            command = await asyncio.to_thread(self.command)
        except Exception as broken:
            with self.seen.log.open("a") as log:
                log.write(f"{broken}\n")
            raise Ended(str(broken)) from broken
        if self.stopping.is_set():
            return
        with self.seen.log.open("ab") as log:
            self.running = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env,
                cwd=self.cwd,
                start_new_session=True,
            )
        self.seen.pid, self.seen.born = self.running.pid, _born(self.running.pid)
        self._show("starting")
        loop = asyncio.get_running_loop()
        steady_from = loop.time() + STEADY
        if self.stopping.is_set():
            # Asked to end while it was being started.
            await self._end(self.running)
        watch = asyncio.create_task(self._watch(self.running.pid))
        try:
            code = await self.running.wait()
        finally:
            watch.cancel()
        self.running = None
        self.seen.pid = self.seen.born = None
        self.seen.exit_code = code
        if self.stopping.is_set():
            self._show("stopped")
        elif self.once and code == 0:
            self._show("done")
            self.reached.set()
        elif loop.time() < steady_from or self.once:
            self._show("backing_off")
            raise Ended(f"{self.seen.name} ended with {code}")
        else:
            self.seen.restarts += 1

    async def _watch(self, pid: int) -> None:
        if self.once:
            return
        await AsyncRetrying(retry=retry_if_result(lambda yes: not yes), wait=wait_fixed(0.15))(self.ready, pid)
        self._show("ready")
        self.reached.set()

    async def stop(self) -> None:
        """Ask it to end and let it drain; what still runs after `patience` seconds is killed, and none comes after."""
        self.stopping.set()
        if self.running is not None:
            await self._end(self.running)
        if self.kept is not None:
            await asyncio.wait([self.kept])
        self._show("stopped")

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        _signal(process, self.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), self.patience)
        except TimeoutError:
            _signal(process, signal.SIGKILL)
            await process.wait()

    def _show(self, state: str) -> None:
        self.seen.state = state
        self.changed()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except ProcessLookupError:
        return


def _born(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


def _make_room(log: Path) -> None:
    """Keep one earlier log beside a grown one."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        os.replace(log, log.with_suffix(".log.1"))


def end(processes: Sequence[Running], patience: float = 15.0) -> None:
    """End what an earlier supervisor left behind: asked first, killed after `patience` seconds."""
    alive = [process for process in (each.process() for each in processes) if process is not None]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in alive:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue
        _, alive = psutil.wait_procs(alive, timeout=patience)
