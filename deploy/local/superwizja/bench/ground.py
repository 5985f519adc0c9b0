"""Where everything is measured: one broker and one PostgreSQL of the local platform, durable, alone on the machine."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from chassis import migrating
from chassis.settings import ServiceSettings
from sqlalchemy import make_url

from superwizja import kafka, postgres
from superwizja.bench.load import PARTITIONS

Told = Callable[[str], None]

MIGRATIONS = Path(__file__).parent / "migrations"
"""None of a service's own: the chassis' tables are enough."""


@dataclass
class Order:
    """How much is measured. `peers`: beside the floors also what others have built; `told` hears of progress."""

    rounds: int
    peers: bool
    told: Told


class Ground:
    """The servers, and fresh databases and topics on them; `warm` once these have run for a while.

    `apart`: two processes, for whoever writes and whoever consumes beside the one that measures.
    """

    def __init__(
        self, folder: Path, bootstrap_servers: str, server: postgres.Server, apart: ProcessPoolExecutor
    ) -> None:
        self.folder = folder
        self.apart = apart
        self.bootstrap_servers = bootstrap_servers
        self.server = server
        self.numbers = count(1)
        self.templates: dict[str, str] = {}
        self.warm = False

    def empty_database(self) -> str:
        """The address of a database without tables; its role may replicate."""
        name = f"bench_{next(self.numbers)}"
        self.server.give(name, name, self.server.password)
        self.server.execute(f'ALTER ROLE "{name}" REPLICATION')
        return self.server.url(name, name)

    def database(self) -> str:
        """The address of a database with the chassis' tables."""
        return self.copy_of("chassis", self._migrate)

    def copy_of(self, name: str, migrate: Callable[[str], None]) -> str:
        """The address of a database that is a copy of another: the first call of a name has that one migrated."""
        if name not in self.templates:
            url = self.empty_database()
            migrate(url)
            self.templates[name] = str(make_url(url).database)
        template, copy = self.templates[name], f"bench_{next(self.numbers)}"
        self.server.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{template}" OWNER "{template}"')
        return self.server.url(copy, template)

    def _migrate(self, url: str) -> None:
        with ThreadPoolExecutor(1) as apart:
            apart.submit(migrating.run, self.settings(url), MIGRATIONS).result()

    def settings(self, url: str) -> ServiceSettings:
        """What a service on this ground is told."""
        return ServiceSettings(
            database_url=url,
            kafka_bootstrap_servers=self.bootstrap_servers,
            issuer="https://issuer.example",
            database_timeout=60.0,
        )

    async def new_topic(self, partitions: int = PARTITIONS) -> str:
        """The name of a topic that is empty."""
        name = f"bench.{next(self.numbers)}"
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            made = await admin.create_topics([NewTopic(name, partitions, 1)])
        finally:
            await admin.close()
        if codes := [error for _, error, *_ in made.topic_errors if error]:
            raise RuntimeError(f"topic {name} was not made: {codes}")
        return name


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """The servers for the length of the block: fsync on, as where the platform runs."""
    with (
        kafka.running(folder / "kafka") as cluster,
        postgres.running(folder / "postgres" / "data", durable=True) as server,
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as apart,
    ):
        yield Ground(folder, cluster.bootstrap_servers, server, apart)
