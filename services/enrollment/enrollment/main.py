"""The processes of enrollment: `python -m enrollment.main api|worker|migrate`."""

from pathlib import Path

from chassis.service import Service

from enrollment import api, consumers
from enrollment.settings import Settings
from enrollment.use_cases.waiting import due

service = Service(
    "enrollment",
    settings=Settings,
    routers=api.routers,
    consumers=[consumers.events],
    due=due,
    migrations=Path(__file__).parents[1] / "migrations",
)

if __name__ == "__main__":
    service.main()
