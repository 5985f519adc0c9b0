"""The processes of the insights service: `python -m insights.main api|worker|migrate|rebuild`."""

import asyncio
import sys
from pathlib import Path

import typer
from chassis.service import Service
from chassis.settings import ServiceSettings
from fastapi import FastAPI

from insights import api, consumers, generations, pages
from insights.settings import Settings


class Insights(Service):
    """A service with pages beside its API."""

    def api(self, settings: ServiceSettings) -> FastAPI:
        """The application of the `api` process."""
        app = super().api(settings)
        assert isinstance(settings, Settings)
        pages.install(app, settings)
        return app


service = Insights(
    "insights",
    settings=Settings,
    routers=lambda: [api.router, pages.router],
    consumers=[consumers.events],
    migrations=Path(__file__).parents[1] / "migrations",
    around=[pages.kept_live],
)
command = service.command()


@command.command()
def rebuild() -> None:
    """Build all facts anew from the first event on and swap them in, while the old ones serve."""
    try:
        asyncio.run(generations.rebuild(service.settings(), tell=typer.echo))
    except generations.NotRebuilt as reason:
        typer.echo(f"not rebuilt: {reason}; the old figures serve as before", err=True)
        sys.exit(1)


if __name__ == "__main__":
    command()
