"""The event tables of the services' READMEs: what a service says that it publishes and consumes."""

import re
from pathlib import Path
from typing import Literal, NamedTuple

Direction = Literal["publishes", "consumes"]

HEAD = "| direction | topic | event |"


class Row(NamedTuple):
    """One line of a table: `| consumes | enrollment.events | GroupFormed |`."""

    direction: str
    topic: str
    event: str


def event_table(readme: str) -> list[Row]:
    """The rows of the table under `## Events`, in their order; none where there is no such table."""
    _, _, section = readme.partition("\n## Events\n")
    section, _, _ = section.partition("\n## ")
    _, _, table = section.partition(HEAD)
    rows = [
        [cell.strip(" `") for cell in line.strip("| ").split("|")]
        for line in table.strip().splitlines()
        if line.startswith("|") and not re.fullmatch(r"[|:\- ]+", line)
    ]
    return [Row(*cells) for cells in rows]


def written(rows: list[Row]) -> str:
    """The table of these rows, as a README holds it."""
    return "\n".join([HEAD, "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in rows)])


def consumed(services: Path) -> dict[str, list[Row]]:
    """What each service under the folder consumes by its own README, in the order of the services' names."""
    return {
        readme.parent.name: [row for row in event_table(readme.read_text("utf-8")) if row.direction == "consumes"]
        for readme in sorted(services.glob("*/README.md"))
    }
