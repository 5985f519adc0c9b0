"""The root README's table of services says what the code does.

A cell names events, or the topic alone where all that the service publishes or consumes of it is meant.
"""

import re
from pathlib import Path

import pytest
from contracts.readme import Row, event_table
from contracts.schema import events

ROOT = Path(__file__).parents[2]
SERVICES = sorted(project.parent.name for project in (ROOT / "services").glob("*/pyproject.toml"))
HEAD = "| service | decides | publishes | consumes |"
TOPIC_OF = {event.__name__: event.topic for event in events()}


def rows(readme: str) -> dict[str, list[str]]:
    """The cells of each service's row, by its name; a README without the table fails here."""
    assert HEAD in readme, f"README.md has no table that begins with {HEAD}"
    lines = readme.partition(HEAD)[2].partition("\n\n")[0].strip().splitlines()
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[1:]]
    return {re.sub(r"\W*([a-z]+).*", r"\1", row[0]): row[1:] for row in cells}


def table() -> dict[str, list[str]]:
    readme = ROOT / "README.md"
    return rows(readme.read_text("utf-8") if readme.exists() else "")


def named(cell: str) -> tuple[set[str], set[str]]:
    """The topics and the events that a cell names."""
    return set(re.findall(r"\b[a-z]+\.events\b", cell)), set(re.findall(r"\b(?:[A-Z][a-z0-9]+){2,}\b", cell))


def of_the_service(service: str, direction: str) -> list[Row]:
    """What the service's own README tells, which test_service_readmes holds against the code."""
    readme = (ROOT / "services" / service / "README.md").read_text("utf-8")
    return [row for row in event_table(readme) if row.direction == direction]


def test_the_table_has_a_row_for_each_service() -> None:
    assert sorted(table()) == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_a_row_says_what_the_service_decides(service: str) -> None:
    assert table()[service][0]


@pytest.mark.parametrize("direction", ["publishes", "consumes"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_row_tells_the_events_that_the_service_publishes_and_consumes(service: str, direction: str) -> None:
    topics, names = named(table()[service][("publishes", "consumes").index(direction) + 1])
    assert names <= TOPIC_OF.keys()
    true = of_the_service(service, direction)
    assert topics | {TOPIC_OF[name] for name in names} == {row.topic for row in true}
    in_full = sorted(row.event for row in true if row.topic not in topics)
    assert sorted(name for name in names if TOPIC_OF[name] not in topics) == in_full


def test_a_table_is_read_whatever_its_decoration() -> None:
    readme = f"""# Superwizja

{HEAD}
| --- | --- | --- | --- |
| [`sessions`](services/sessions/README.md) | what happened | `sessions.events` | `GroupFormed`, `GroupDissolved` |
| **insights** | what it adds up to | | `enrollment.events`, `sessions.events` |

Words.
"""
    assert rows(readme) == {
        "sessions": ["what happened", "`sessions.events`", "`GroupFormed`, `GroupDissolved`"],
        "insights": ["what it adds up to", "", "`enrollment.events`, `sessions.events`"],
    }
    assert named("`sessions.events`, `GroupFormed`, GroupDissolved and words") == (
        {"sessions.events"},
        {"GroupFormed", "GroupDissolved"},
    )
