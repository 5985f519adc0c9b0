"""The processes of enrollment: `python -m enrollment.main api|worker|migrate`."""

from collections.abc import Sequence
from pathlib import Path

from chassis.service import Service
from fastapi import APIRouter

from enrollment import consumers
from enrollment.settings import Settings
from enrollment.use_cases.waiting import due


def routers() -> Sequence[APIRouter]:
    """The API's routes."""
    from enrollment import api

    return api.routers


service = Service(
    "enrollment",
    settings=Settings,
    routers=routers,
    consumers=[consumers.events],
    due=due,
    migrations=Path(__file__).parents[1] / "migrations",
)

if __name__ == "__main__":
    service.main()
