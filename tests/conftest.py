"""Real servers for every test that asks for one: Kafka and PostgreSQL, started once for the run.

One switch: where a Docker engine answers they are containers, otherwise the embedded servers of the local platform.
SUPERWIZJA_TEST_SERVERS=embedded|docker forces either.
"""

import gc
import itertools
import os
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from superwizja import kafka, leash, postgres

Preparation = Callable[[str], None]


def _docker_answers() -> bool:
    from docker import from_env
    from docker.errors import DockerException

    with warnings.catch_warnings():
        # Where no engine listens, docker's client leaves its socket to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            answers = bool(from_env(timeout=3).ping())
        except DockerException:
            answers = False
        gc.collect()
    return answers


@pytest.fixture(scope="session")
def in_docker() -> bool:
    """Which of the two the servers of this run are."""
    forced = os.environ.get("SUPERWIZJA_TEST_SERVERS")
    return forced == "docker" if forced else _docker_answers()


@pytest.fixture(scope="session")
def kafka_bootstrap(in_docker: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of a broker for the whole run: no topics are made by themselves, name yours apart."""
    if not in_docker:
        with kafka.running(tmp_path_factory.mktemp("kafka")) as cluster:
            yield cluster.bootstrap_servers
        return
    from testcontainers.core.container import DockerContainer

    node = kafka.Node(1, Path("/tmp/kafka"), leash.free_port(), 9093)
    container = DockerContainer(f"apache/kafka:{kafka.VERSION}").with_bind_ports(node.port, node.port)
    listeners = f"PLAINTEXT://0.0.0.0:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}"
    settings = kafka.properties(node, [node]) | {
        "listeners": listeners,
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{node.port}",
    }
    for name, value in settings.items():
        container = container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", str(value))
    with container:
        deadline = time.monotonic() + 60
        while not kafka.answers(node.address):
            assert time.monotonic() < deadline, container.get_logs()
            time.sleep(0.2)
        yield node.address


@pytest.fixture(scope="session")
def postgres_server(in_docker: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """One server for the whole run; ask `new_database` for a database on it."""
    if not in_docker:
        with postgres.running(tmp_path_factory.mktemp("postgres") / "data") as server:
            yield server
        return
    from testcontainers.community.postgres import PostgresContainer

    container = PostgresContainer("postgres:18", username=postgres.SUPERUSER, password="postgres")
    with container.with_command("-c fsync=off -c max_connections=200"):
        yield postgres.Server(int(container.get_exposed_port(5432)), "postgres", container.get_container_host_ip())


@pytest.fixture(scope="session")
def new_database(postgres_server: postgres.Server) -> Callable[[str, Preparation], str]:
    """`new_database("sessions", migrate)` answers the address of an empty, migrated database that is the caller's own.

    The first call of a name runs `migrate(url)` on a template; each call copies it (some 50 ms). The role is the
    owner and no superuser. For a database per test module: call it in a fixture of scope "module".
    """
    numbers = itertools.count(1)
    templates: set[str] = set()

    def made(name: str, prepare: Preparation) -> str:
        template = f"{name}_template"
        if template not in templates:
            postgres_server.give(template, name, postgres_server.password)
            prepare(postgres_server.url(template, name))
            templates.add(template)
        database = f"{name}_{next(numbers)}"
        postgres_server.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}" OWNER "{name}"')
        return postgres_server.url(database, name)

    return made
