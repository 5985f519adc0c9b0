"""The processes of the insights service: `python -m insights.main api|worker|migrate|rebuild`."""

import asyncio
import sys
from pathlib import Path

import typer
from chassis.service import Service

from insights import api, consumers, generations
from insights.settings import Settings

service = Service(
    "insights",
    settings=Settings,
    routers=[api.router],
    consumers=[consumers.events],
    migrations=Path(__file__).parents[1] / "migrations",
)
command = service.command()


@command.command()
def rebuild() -> None:
    """Build all facts anew from the first event on and swap them in, while the old ones serve."""
    try:
        asyncio.run(generations.rebuild(Settings(), consumers.events, tell=typer.echo))
    except generations.NotRebuilt as reason:
        typer.echo(f"not rebuilt: {reason}; the old figures serve as before", err=True)
        sys.exit(1)


if __name__ == "__main__":
    command()
