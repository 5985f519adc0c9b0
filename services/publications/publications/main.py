"""The processes of the publications service: `python -m publications.main api|worker|migrate`."""

from pathlib import Path

from chassis.service import Service

from publications import consumers
from publications.api import commands, page, reads
from publications.settings import Settings
from publications.use_cases import publishing

service = Service(
    "publications",
    settings=Settings,
    routers=[commands.router, reads.router, page.router],
    consumers=[consumers.events],
    due=publishing.due,
    migrations=Path(__file__).parents[1] / "migrations",
)

if __name__ == "__main__":
    service.main()
