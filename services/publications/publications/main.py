"""The processes of the publications service: `python -m publications.main api|worker|migrate`."""

from collections.abc import Sequence
from pathlib import Path

from chassis.service import Service
from fastapi import APIRouter

from publications import consumers
from publications.settings import Settings
from publications.use_cases import publishing


def routers() -> Sequence[APIRouter]:
    """The API's routes."""
    from publications.api import commands, page, reads

    return [commands.router, reads.router, page.router]


service = Service(
    "publications",
    settings=Settings,
    routers=routers,
    consumers=[consumers.events],
    due=publishing.due,
    migrations=Path(__file__).parents[1] / "migrations",
)

if __name__ == "__main__":
    service.main()
