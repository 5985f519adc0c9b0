"""A service put together: one image, two processes, `api` and `worker`, and the migration that goes before them."""

from chassis.collector import settled

# isort: split
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer
import uvicorn
from contracts.topics import PARTITIONS
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from chassis import telemetry
from chassis.consuming import Consumer
from chassis.due import DueWork
from chassis.settings import ServiceSettings
from chassis.web.app import Lifespan, an_api
from chassis.web.protocol import Protocol
from chassis.worker import Worker


@dataclass(frozen=True)
class Service:
    """What a service consists of. `around` are context managers entered with its api process.

    `routers` is called by the api process alone, so that a worker need not load routes.
    """

    name: str
    settings: type[ServiceSettings]
    routers: Callable[[], Sequence[APIRouter]]
    migrations: Path
    consumers: Sequence[Consumer] = ()
    due: DueWork = field(default_factory=DueWork)
    around: Sequence[Lifespan] = ()

    @property
    def topic(self) -> str | None:
        """The topic that the service publishes to, if it does."""
        name = f"{self.name}.events"
        return name if name in PARTITIONS else None

    def api(self, settings: ServiceSettings) -> FastAPI:
        """The application of the `api` process."""
        return an_api(self.name, settings, self.routers(), around=self.around)

    def worker(self, settings: ServiceSettings, *, on_failure: Callable[[], None]) -> Worker:
        """The parts of the `worker` process; `on_failure` is called when one of them ends by itself."""
        return Worker(
            self.name,
            settings,
            publishes=self.topic,
            consumers=list(self.consumers),
            work=self.due,
            on_failure=on_failure,
        )

    def command(self) -> typer.Typer:
        """The service's processes as commands: `api`, `worker`, `migrate`."""
        commands = typer.Typer(add_completion=False, help=f"The processes of {self.name}.")

        @commands.command()
        def api() -> None:
            """Answer HTTP until SIGTERM, then finish what is under way."""
            settings = self._begin("api")
            a_server(self.api(settings), settings).run()

        @commands.command()
        def worker() -> None:
            """Publish, consume and do due work until SIGTERM, then finish what is in hand."""
            settings = self._begin("worker")
            failed: list[bool] = []

            def fail() -> None:
                failed.append(True)
                server.should_exit = True

            worker = self.worker(settings, on_failure=fail)
            server = a_server(worker.app(), settings)
            server.run()
            if failed:
                sys.exit(70)

        @commands.command()
        def migrate() -> None:
            """Bring the database to the newest migration."""
            from chassis import migrating  # Alembic is a quarter of what the other processes would load to start

            migrating.run(self._begin("migrate"), self.migrations)

        return commands

    def _begin(self, process: str) -> ServiceSettings:
        settings = self.settings()
        telemetry.configure(self.name, process, build_id=settings.build_id, level=settings.log_level)
        return settings

    def main(self) -> None:
        """`python -m <service>.main api|worker|migrate`."""
        self.command()()


class Server(uvicorn.Server):
    """Tells the application that it is about to stop: a live stream would keep it open until it is cut off."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Set `app.state.stopping`, where there is one, then let what is under way finish."""
        stopping = getattr(getattr(self.config.app, "state", None), "stopping", None)
        if stopping is not None:
            stopping.set()
        await super().shutdown(sockets)


KEEP_ALIVE = 75
"""Seconds for which a connection without requests is kept: whatever is in front gives up its own before."""


def a_server(app: ASGIApp, settings: ServiceSettings) -> uvicorn.Server:
    """A server that answers until SIGTERM, then finishes what is under way, for at most `drain_timeout` seconds."""
    settled()
    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="chassis.loop:Loop",
            http=Protocol,
            access_log=False,
            proxy_headers=False,
            log_config=None,
            lifespan="on",
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=settings.drain_timeout,
        )
    )
