"""The processes of the trainings service: `python -m trainings.main api|worker|migrate`."""

from collections.abc import Sequence
from pathlib import Path

from chassis.service import Service
from fastapi import APIRouter

from trainings import consumers
from trainings.settings import Settings


def routers() -> Sequence[APIRouter]:
    """The API's routes."""
    from trainings import api

    return [api.router]


service = Service(
    "trainings",
    settings=Settings,
    routers=routers,
    consumers=[consumers.events],
    migrations=Path(__file__).parents[1] / "migrations",
)

if __name__ == "__main__":
    service.main()
