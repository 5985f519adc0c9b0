"""Servers as child processes: never outliving who started them, and never run as root where they refuse it."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path


class DidNotStart(RuntimeError):
    """A server ended, or did not answer in time; the message ends with the last lines of its log."""


def leashed(command: Iterable[str | Path], *, user: str | None = None, dying: str = "TERM") -> list[str]:
    """The command that gets signal `dying` when the thread that started it ends, and runs as `user` if given.

    Both come from util-linux's setpriv. Where that is missing (macOS) a killed parent leaves its servers behind, and
    `superwizja up` ends them by what runtime.json says.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if user is not None:
            raise DidNotStart("As root this needs `setpriv` of util-linux; install it, or run as an ordinary user.")
        return [str(part) for part in command]
    switches = [setpriv, "--pdeathsig", dying]
    if user is not None:
        account = pwd.getpwnam(user)
        switches += ["--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--clear-groups"]
    return [*switches, *(str(part) for part in command)]


def behind_others(command: Iterable[str | Path]) -> list[str]:
    """The command with a third of the processor of those that want it, too: of what can wait while somebody waits."""
    nice = shutil.which("nice")
    return [*([nice, "-n", "5"] if nice else []), *(str(part) for part in command)]


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listening(address: str) -> bool:
    """Whether somebody accepts connections at `host:port`."""
    host, port = address.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process at a time is inside, whoever it belongs to; the lock goes with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        flock(file, LOCK_EX)
        yield


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, to show with an error."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def child(
    command: Sequence[str],
    log: Path,
    *,
    ready: Callable[[int], bool],
    within: float = 60.0,
    stop: signal.Signals = signal.SIGTERM,
    patience: float = 30.0,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A running server, from the moment it is ready (seconds: `within`) until the block ends. Raises DidNotStart."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=env, cwd=cwd, start_new_session=True
        )
    try:
        wait_until(ready, process, log, within)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(stop)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until(ready: Callable[[int], bool], process: subprocess.Popen[bytes], log: Path, within: float) -> None:
    """Return once `ready(pid)` says so. Raises DidNotStart when the process ends first or the seconds are over."""
    deadline = time.monotonic() + within
    while not ready(process.pid):
        if process.poll() is not None:
            raise DidNotStart(f"{process.args!r} ended with {process.returncode}:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise DidNotStart(f"{process.args!r} was not ready within {within:.0f} s:\n{tail(log)}")
        time.sleep(0.05)


def let_in(user: str, folder: Path) -> None:
    """As root: give `folder` to `user`, and let everybody pass through (not list) the folders above it."""
    account = pwd.getpwnam(user)
    os.chown(folder, account.pw_uid, account.pw_gid)
    for above in folder.absolute().parents:
        mode = above.stat().st_mode
        if not mode & 0o001:
            above.chmod(mode | 0o001)


def os_user(name: str, lock: Path) -> str | None:
    """The account that servers run as: none needed for an ordinary user, made once when root starts them."""
    if os.geteuid() != 0:
        return None
    with locked(lock):
        try:
            pwd.getpwnam(name)
        except KeyError:
            made = subprocess.run(
                ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
                check=False,
                capture_output=True,
                text=True,
            )
            if made.returncode:
                raise DidNotStart(f"PostgreSQL refuses to run as root, and {made.stderr.strip()}") from None
    return name


if sys.platform == "win32":
    raise ImportError("Superwizja's local platform runs on Linux and macOS; on Windows use WSL.")
