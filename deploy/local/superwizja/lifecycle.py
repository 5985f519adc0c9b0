"""Starting and stopping a profile's platform from outside: what `up`, `down`, `demo` and the tests call."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

from superwizja import folders, kafka, leash
from superwizja.counts import Counts, write_counts
from superwizja.processes import end
from superwizja.runtime import GATEWAY_PORT, AlreadyRuns, Running, Runtime, held, is_free, plain_environment

LEAST_DISK = 2_000_000_000
Shown = Callable[[Runtime], None]


class CannotStart(RuntimeError):
    """Why the platform does not start, and what to do, as `(key of words.py, its values)`."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key} {values}")
        self.key, self.values = key, values


def check_disk(least: int = LEAST_DISK) -> None:
    """Raises CannotStart where the data would not fit."""
    folder = next(each for each in (folders.home(), *folders.home().parents) if each.exists())
    free = shutil.disk_usage(folder).free
    if free < least:
        raise CannotStart("disk", folder=folders.home(), free=f"{free / 1e9:.1f}", least=f"{least / 1e9:.1f}")


def fetch(progress: kafka.Progress | None = None) -> None:
    """Have Kafka in the cache. Raises CannotStart."""
    try:
        kafka.jars(progress)
    except kafka.NotFetched as error:
        raise CannotStart("fetch", error=error) from error
    except leash.DidNotStart as error:
        raise CannotStart("server", error=error) from error


def check_port(port: int) -> None:
    """Raises CannotStart, naming who listens there if that can be seen."""
    if not is_free(port):
        other = next(free for free in range(port + 1, 65536) if is_free(free))
        raise CannotStart("port", port=port, who=_listener(port), other=other)


def _listener(port: int) -> str:
    """Another profile, or the program and its pid; "?" where this user may not see it."""
    for written in folders.home().glob("*/runtime.json"):
        runtime = Runtime.read(written.parent.name)
        if runtime.ports.get("gateway") == port and runtime.is_up():
            return f"superwizja --profile {runtime.profile}"
    # macOS tells only root.
    for each in psutil.net_connections("tcp") if sys.platform == "linux" or os.geteuid() == 0 else ():
        if each.laddr and each.laddr.port == port and each.status == psutil.CONN_LISTEN and each.pid:
            return f"{psutil.Process(each.pid).name()}, pid {each.pid}"
    return "?"


def up(
    profile: str,
    *,
    port: int | None = None,
    counts: Counts | None = None,
    shown: Shown = lambda runtime: None,
    within: float = 180.0,
) -> Runtime:
    """Start the platform unless it runs, and wait (seconds: `within`) until all of it is ready.

    `shown` is called some times a second with how things stand. Raises CannotStart.
    """
    runtime = Runtime.read(profile)
    if not runtime.is_up():
        check_disk()
        runtime.folder.mkdir(parents=True, exist_ok=True)
        end(runtime.processes)
        runtime.processes = []
        runtime.ports["gateway"] = port or runtime.ports.get("gateway", GATEWAY_PORT)
        check_port(runtime.ports["gateway"])
        fetch()
        runtime.save()
        if counts is not None:
            write_counts(runtime, counts)
        _detach(runtime)
    return wait_until_ready(profile, shown, within)


def _detach(runtime: Runtime) -> None:
    """Start the supervisor in a session of its own, so that it outlives this terminal."""
    log = runtime.log("supervisor")
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        subprocess.run(
            [sys.executable, "-m", "superwizja.supervisor", runtime.profile],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=plain_environment(),
            start_new_session=True,
            cwd=runtime.folder,
        )
    # Whether it began or another one was quicker, there is one now, unless nobody holds the profile.
    while not Runtime.read(runtime.profile).is_up():
        with suppress(AlreadyRuns), held(runtime):
            raise CannotStart("supervisor", log=log, tail=leash.tail(log))
        time.sleep(0.05)


def is_ready(process: Running) -> bool:
    """Whether it has become what it was started for."""
    return process.state in ("ready", "done")


def wait_until_ready(profile: str, shown: Shown = lambda runtime: None, within: float = 180.0) -> Runtime:
    """Raises CannotStart when the supervisor ends, something fails again and again, or the seconds are over."""
    deadline = time.monotonic() + within
    while True:
        runtime = Runtime.read(profile)
        shown(runtime)
        missing = [process for process in runtime.processes if not is_ready(process)]
        if runtime.processes and not missing:
            return runtime
        if not runtime.is_up():
            log = runtime.log("supervisor")
            raise CannotStart("supervisor", log=log, tail=leash.tail(log))
        failing = next((process for process in missing if process.restarts >= 4), None)
        if failing is None and time.monotonic() > deadline:
            failing = missing[0]
        if failing is not None:
            raise CannotStart("process", name=failing.name, log=failing.log, tail=leash.tail(failing.log))
        time.sleep(0.1)


def down(profile: str, *, shown: Shown = lambda runtime: None, within: float = 90.0) -> bool:
    """Stop everything cleanly and wait for it; whether there was anything to stop.

    What a killed supervisor left behind is ended too.
    """
    runtime = Runtime.read(profile)
    supervisor = runtime.supervisor.process() if runtime.supervisor is not None else None
    if supervisor is None:
        left = [process for process in runtime.processes if process.process() is not None]
        end(left)
        return bool(left)
    supervisor.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + within
    while supervisor.is_running():
        shown(Runtime.read(profile))
        if time.monotonic() > deadline:
            supervisor.kill()
            end(Runtime.read(profile).processes)
            break
        time.sleep(0.1)
    return True


@contextmanager
def running(profile: str, *, port: int | None = None, counts: Counts | None = None) -> Iterator[Runtime]:
    """The whole platform for the length of a block, for tests."""
    try:
        yield up(profile, port=port, counts=counts)
    finally:
        down(profile)
