"""The processes of the service: `python -m sessions.main api|worker|migrate`."""

from collections.abc import Sequence
from pathlib import Path

from chassis.service import Service
from fastapi import APIRouter

from sessions import consumers
from sessions.settings import Settings


def routers() -> Sequence[APIRouter]:
    """The API's routes."""
    from sessions import api

    return api.routers


service = Service(
    "sessions",
    settings=Settings,
    routers=routers,
    consumers=[consumers.events],
    migrations=Path(__file__).parents[1] / "migrations",
)

if __name__ == "__main__":
    service.main()
