"""Write what is generated from the contracts: `python -m contracts.generate`, also `make contracts`.

Schemas and the AsyncAPI document are written anew; an example is written once, with its version, and then stands for
ever. Where today's classes break a version that is already there, nothing is written and the exit status is 1.
"""

import json
import sys
from pathlib import Path, PurePosixPath
from typing import Any

from contracts.asyncapi import document
from contracts.compatibility import refusals
from contracts.example import example_of
from contracts.readme import consumed
from contracts.schema import Schema, events, file_of, schema_of
from contracts.topics import TOPICS

CONTRACTS = Path(__file__).parent
SERVICES = CONTRACTS.parents[1] / "services"


class Incompatible(Exception):
    """Today's classes break what is published already: a sentence for each change, with what to do instead."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def schemas() -> dict[PurePosixPath, Schema]:
    """Today's schema of each version of each event, by its file."""
    return {file_of(event): schema_of(event) for event in events()}


def committed(folder: Path) -> dict[PurePosixPath, Any]:
    """The JSON documents that lie in a folder, by their place in it."""
    return {
        PurePosixPath(file.relative_to(folder).as_posix()): json.loads(file.read_text("utf-8"))
        for file in sorted(folder.glob("*/*.json"))
    }


def generate(contracts: Path, services: Path) -> None:
    """Write schemas, missing examples and the AsyncAPI document. Raises Incompatible before it writes anything."""
    today = schemas()
    if sentences := refusals(committed(contracts / "schemas"), today):
        raise Incompatible(sentences)
    for file, schema in today.items():
        _write(contracts / "schemas" / file, schema)
    for event in events():
        golden = contracts / "examples" / file_of(event)
        if not golden.exists():
            _write(golden, example_of(event))
    _write(contracts / "asyncapi.json", document(consumed(services), committed(contracts / "examples")))


def summary(services: Path) -> str:
    """A line for each topic: how many versions of events it has, and who consumes how many of them."""
    lines = [f"{'topic':<22}{'partitions':>10}{'events':>8}  consumed by"]
    readers = consumed(services)
    for topic in TOPICS:
        counts = {name: sum(row.topic == topic.name for row in rows) for name, rows in readers.items()}
        told = ", ".join(f"{name} ({count})" for name, count in counts.items() if count) or "nobody yet"
        number = sum(event.topic == topic.name for event in events())
        lines.append(f"{topic.name:<22}{topic.partitions:>10}{number:>8}  {told}")
    return "\n".join(lines)


def _write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        generate(CONTRACTS, SERVICES)
    except Incompatible as refused:
        sys.exit("Not generated: published versions would break.\n" + "\n".join(f"- {s}" for s in refused.sentences))
    sys.stdout.write(summary(SERVICES) + "\n")
