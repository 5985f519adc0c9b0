"""runtime.json: where everything of a profile listens, with what passwords, and as which processes it runs."""

import fcntl
import os
import re
import secrets
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from pydantic import BaseModel, Field

from superwizja import folders

SERVICES = ("enrollment", "sessions", "trainings", "publications", "insights")
AUDIENCE = "superwizja"
GATEWAY_PORT = 8080
# Below the range from which the kernel takes ports for outgoing connections: a stopped server finds its port again.
FIRST_PORT, LAST_PORT = 21000, 29999
BROKER = re.compile(r"kafka(\.\d+)?")


class Running(BaseModel):
    """A process as `superwizja status` shows it. `born` is its creation time, since a pid alone may be used again."""

    name: str
    state: str = "waiting"
    pid: int | None = None
    born: float | None = None
    port: int | None = None
    restarts: int = 0
    exit_code: int | None = None
    log: Path

    def process(self) -> psutil.Process | None:
        """The process itself, unless it has ended."""
        if self.pid is None:
            return None
        try:
            process = psutil.Process(self.pid)
            same = self.born is None or abs(process.create_time() - self.born) < 0.1
        except psutil.NoSuchProcess:
            return None
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None


class Runtime(BaseModel):
    """One profile's addresses, secrets and processes. Read it with `Runtime.read`; only the supervisor writes it."""

    profile: str
    folder: Path
    ports: dict[str, int] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    supervisor: Running | None = None
    processes: list[Running] = Field(default_factory=list)

    @classmethod
    def read(cls, profile: str) -> "Runtime":
        """What is known of a profile: what its runtime.json says, or nothing yet."""
        folder = folders.profile(profile)
        written = folder / "runtime.json"
        if written.exists():
            return cls.model_validate_json(written.read_text())
        return cls(profile=profile, folder=folder)

    def save(self) -> None:
        """Replace runtime.json, readable by its owner only."""
        part = self.folder / "runtime.json.part"
        part.touch(mode=0o600)
        part.write_text(self.model_dump_json(indent=2))
        part.replace(self.folder / "runtime.json")

    def is_up(self) -> bool:
        """Whether its supervisor runs."""
        return self.supervisor is not None and self.supervisor.process() is not None

    @property
    def gateway(self) -> str:
        """The one address of all pages and APIs."""
        return f"http://127.0.0.1:{self.ports.get('gateway', GATEWAY_PORT)}"

    @property
    def issuer(self) -> str:
        """The issuer of tokens, as it stands in them."""
        return f"{self.gateway}/auth"

    @property
    def key_file(self) -> Path:
        """The issuer's private key: whoever can read it can mint tokens."""
        return self.folder / "issuer-key.json"

    @property
    def bootstrap_servers(self) -> str:
        """The address of Kafka, or of each of several brokers."""
        return ",".join(f"127.0.0.1:{port}" for name, port in self.ports.items() if BROKER.fullmatch(name))

    def api(self, service: str) -> str:
        """The public address of a service's API."""
        return f"{self.gateway}/api/{service}"

    def database_url(self, service: str) -> str:
        """A service's own database, in its own role."""
        return (
            f"postgresql+asyncpg://{service}:{self.secret(service)}"
            f"@127.0.0.1:{self.ports[f'postgres.{service}']}/{service}"
        )

    def secret(self, name: str) -> str:
        """The password of this name, made of URL-safe letters the first time it is asked for."""
        return self.secrets.setdefault(name, secrets.token_urlsafe(24))

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self.folder / "logs" / f"{name}.log"

    def allot(self, name: str) -> int:
        """The port of this name: the one it had, if nobody else took it meanwhile, or another."""
        before = self.ports.get(name)
        if before is None or not is_free(before):
            taken = set(self.ports.values())
            # Profiles look in different places first, so that two that start at once do not choose the same.
            first = FIRST_PORT + 100 * (zlib.crc32(str(self.folder).encode()) % ((LAST_PORT - FIRST_PORT) // 100))
            places = (*range(first, LAST_PORT), *range(FIRST_PORT, first))
            self.ports[name] = next(port for port in places if port not in taken and is_free(port))
        return self.ports[name]

    def environment(self, service: str, *, port: int, operated: list[str]) -> dict[str, str]:
        """What a service's process is told. `operated`: addresses of the workers' metrics."""
        own = {
            "DATABASE_URL": self.database_url(service),
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "ISSUER": self.issuer,
            "AUDIENCE": AUDIENCE,
            "ALLOW_INSECURE_ISSUER": "true",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "BUILD_ID": os.environ.get("SUPERWIZJA_BUILD_ID", "local"),
            "LOG_LEVEL": os.environ.get("SUPERWIZJA_LOG_LEVEL", "info"),
        }
        if service in ("publications", "insights"):
            own["PUBLIC_URL"] = self.gateway
        if service == "insights":
            own |= {
                "OIDC_CLIENT_ID": "insights",
                "OIDC_CLIENT_SECRET": self.secret("oidc.insights"),
                "SESSION_SECRET": self.secret("session"),
                "OPERATED_METRICS": "[" + ",".join(f'"{address}"' for address in operated) + "]",
            }
        return plain_environment() | {f"{service.upper()}_{name}": value for name, value in own.items()}


def plain_environment() -> dict[str, str]:
    """This process's environment for a child in Python: output at once, and bytecode kept, for a quick start."""
    without = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return without | {"PYTHONUNBUFFERED": "1"}


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class AlreadyRuns(RuntimeError):
    """Another supervisor holds this profile."""


@contextmanager
def held(runtime: Runtime) -> Iterator[None]:
    """This process, and what it forks, is the profile's only supervisor. Raises AlreadyRuns."""
    (runtime.folder / "logs").mkdir(parents=True, exist_ok=True)
    with (runtime.folder / "supervisor.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRuns(f"the profile {runtime.profile} has a supervisor already") from None
        yield
