"""The processes of the trainings service: `python -m trainings.main api|worker|migrate`."""

from pathlib import Path

from chassis.service import Service

from trainings import api, consumers
from trainings.settings import Settings

service = Service(
    "trainings",
    settings=Settings,
    routers=[api.router],
    consumers=[consumers.events],
    migrations=Path(__file__).parents[1] / "migrations",
)

if __name__ == "__main__":
    service.main()
