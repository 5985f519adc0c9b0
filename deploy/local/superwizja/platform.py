"""What the platform consists of: every process, what it is told, and what it waits for."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from superwizja import gateway, kafka, leash, postgres
from superwizja.counts import MOST, Counts, names
from superwizja.processes import Process, healthy
from superwizja.runtime import SERVICES, Running, Runtime, plain_environment


@dataclass(frozen=True)
class House:
    """The platform's processes, with so many brokers."""

    brokers: int = 1

    def allot(self, runtime: Runtime, counts: Counts) -> None:
        """A port and a password for everything that needs one, as far as possible those of last time."""
        for broker in self.broker_names:
            runtime.allot(broker)
        for controller in self.controller_names or [f"{self.broker_names[0]}.controller"]:
            runtime.allot(controller)
        for name in ("issuer", "gateway.admin", *names(counts), *_api_places()):
            runtime.allot(name)
        for service in SERVICES:
            runtime.allot(f"postgres.{service}")
            runtime.secret(f"postgres.{service}")
            runtime.secret(service)
        runtime.secret("oidc.insights")
        runtime.secret("session")

    def declare(self, runtime: Runtime, counts: Counts) -> list[Process]:
        """Every process, in the order in which `superwizja status` shows them."""
        brokers = self._kafka(runtime)
        command = [sys.executable, "-m", "chassis.topics"]
        env = plain_environment() | {
            "TOPICS_KAFKA_BOOTSTRAP_SERVERS": runtime.bootstrap_servers,
            "TOPICS_KAFKA_REPLICATION_FACTOR": str(min(3, self.brokers)),
        }
        topics = _process(runtime, "topics", command, env=env, once=True, after=brokers)
        front = [_issuer(runtime), _gateway(runtime)]
        servers: list[Process] = []
        replicas: list[Process] = []
        for service in SERVICES:
            database = self._database(runtime, service)
            migration = self._migration(runtime, service, database)
            servers += [database, migration]
            wanted = [name for name in names(counts) if name.startswith(f"{service}.")]
            replicas += [self.replica(runtime, counts, name, after=[migration, topics]) for name in wanted]
        return [*brokers, topics, *servers, *front, *replicas]

    def replica(self, runtime: Runtime, counts: Counts, name: str, after: Sequence[Process] = ()) -> Process:
        """One of a service's processes, by its name: `sessions.worker.1`."""
        service, kind, _ = name.split(".")
        port = runtime.ports[name]
        workers = [worker for worker in names(counts) if ".worker." in worker and worker in runtime.ports]
        operated = [f"http://127.0.0.1:{runtime.ports[worker]}/metrics" for worker in workers]
        env = runtime.environment(service, port=port, operated=operated) | self.told(runtime, name)
        command = self.command(service, kind)
        if kind == "worker":
            command = leash.behind_others(command)
        return _process(runtime, name, command, env=env, ready=healthy(port), after=after)

    @property
    def broker_names(self) -> list[str]:
        """`kafka`, or `kafka.1` and so on."""
        return ["kafka"] if self.brokers == 1 else [f"kafka.{number}" for number in range(1, self.brokers + 1)]

    @property
    def controller_names(self) -> list[str]:
        """`controller.1` and so on: as many as brokers, in processes of their own; a single broker is its own."""
        return [] if self.brokers == 1 else [f"controller.{number}" for number in range(1, self.brokers + 1)]

    def told(self, runtime: Runtime, name: str) -> dict[str, str]:
        """What a service's process is told otherwise than Runtime.environment says."""
        return {}

    def command(self, service: str, kind: str) -> list[str]:
        """What starts a service's process."""
        return [sys.executable, "-m", f"{service}.main", kind]

    def doors(self, runtime: Runtime, broker: str) -> tuple[kafka.Listener, ...]:
        """More listeners of a broker."""
        return ()

    def database_folder(self, runtime: Runtime, service: str) -> Path:
        """Where the data of a service lie."""
        return runtime.folder / f"postgres.{service}"

    def _kafka(self, runtime: Runtime) -> list[Process]:
        ports = runtime.ports
        nodes = {
            name: kafka.Node(
                number,
                runtime.folder / name,
                ports[name],
                ports.get(f"{name}.controller", 0),
                self.doors(runtime, name),
                roles=("broker",) if self.controller_names else ("broker", "controller"),
            )
            for number, name in enumerate(self.broker_names, 1)
        } | {
            name: kafka.Node(number, runtime.folder / name, 0, ports[name], roles=("controller",))
            for number, name in enumerate(self.controller_names, 1 + self.brokers)
        }

        def serves(node: kafka.Node) -> Any:
            async def probe(pid: int) -> bool:
                if "broker" in node.roles:
                    return node.id in await kafka.brokers(node.address)
                return leash.listening(f"127.0.0.1:{node.controller_port}")

            return probe

        cluster = list(nodes.values())
        return [
            _process(runtime, name, partial(_kept_behind, kafka.prepare, node, cluster), ready=serves(node))
            for name, node in nodes.items()
        ]

    def _server(self, runtime: Runtime, service: str) -> postgres.Server:
        name = f"postgres.{service}"
        return postgres.Server(runtime.ports[name], runtime.secret(name), folder=self.database_folder(runtime, service))

    def _database(self, runtime: Runtime, service: str) -> Process:
        server = self._server(runtime, service)
        folder = self.database_folder(runtime, service)

        async def serves(pid: int) -> bool:
            return postgres.ready(folder, pid)

        command = partial(postgres.prepare, folder, port=server.port, password=server.password)
        name = f"postgres.{service}"
        return _process(runtime, name, command, ready=serves, stop_signal=signal.SIGINT, cwd="/")

    def _migration(self, runtime: Runtime, service: str, database: Process) -> Process:
        server = self._server(runtime, service)

        def command() -> list[str]:
            server.give(service, service, runtime.secret(service))
            return leash.leashed([sys.executable, "-m", f"{service}.main", "migrate"])

        env = runtime.environment(service, port=0, operated=[])
        return _process(runtime, f"migrate.{service}", command, env=env, once=True, after=[database])


def _api_places() -> list[str]:
    """Every API process that there may be: the gateway knows the place of each from the beginning."""
    return names({f"{service}.api": MOST for service in SERVICES})


def _process(runtime: Runtime, name: str, command: Any, **more: Any) -> Process:
    port = runtime.ports.get(name)
    prepared = command if callable(command) else partial(leash.leashed, command)
    return Process(Running(name=name, port=port, log=runtime.log(name)), prepared, **more)


def _kept_behind(prepare: Callable[..., list[str]], *arguments: Any) -> list[str]:
    return leash.behind_others(prepare(*arguments))


def _issuer(runtime: Runtime) -> Process:
    env = plain_environment() | {"ISSUER_PROFILE": runtime.profile}
    command = [sys.executable, "-m", "superwizja.issuer"]
    return _process(runtime, "issuer", command, env=env, ready=healthy(runtime.ports["issuer"], "/health/live"))


def _gateway(runtime: Runtime) -> Process:
    written = runtime.folder / "caddy.json"
    ports = {
        service: [runtime.ports[name] for name in _api_places() if name.startswith(f"{service}.")]
        for service in SERVICES
    }
    port, admin, issuer = (runtime.ports[name] for name in ("gateway", "gateway.admin", "issuer"))
    gateway.write(written, gateway.configuration(port, admin, issuer, ports))
    command = [str(gateway.binary()), "run", "--config", str(written)]
    env = dict(os.environ) | {name: str(runtime.folder) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    # It shares two cores with everything else: fewer collections, for some megabytes more.
    env |= {"GOGC": "400"}
    return _process(runtime, "gateway", command, env=env, ready=healthy(runtime.ports["gateway.admin"], "/config/"))
