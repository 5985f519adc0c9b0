"""The processes of the insights service: `python -m insights.main api|worker|migrate|rebuild`."""

from pathlib import Path

from chassis.service import Service

from insights import api, consumers
from insights.settings import Settings

service = Service(
    "insights",
    settings=Settings,
    routers=[api.router],
    consumers=[consumers.events],
    migrations=Path(__file__).parents[1] / "migrations",
)

if __name__ == "__main__":
    service.main()
