"""The processes of the service: `python -m sessions.main api|worker|migrate`."""

from pathlib import Path

from chassis.service import Service

from sessions import api, consumers
from sessions.settings import Settings

service = Service(
    "sessions",
    settings=Settings,
    routers=api.routers,
    consumers=[consumers.events],
    migrations=Path(__file__).parents[1] / "migrations",
)

if __name__ == "__main__":
    service.main()
