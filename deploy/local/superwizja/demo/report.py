"""The table at the end: targets against what was achieved, as insights and the services say, and how the run went."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from superwizja.demo.words import number, say
from superwizja.runtime import Runtime
from superwizja.verify.finding import Finding

HOURS = {"supervision_hours": "supervision_minutes", "people_hours": "hours_minutes"}
ROWS = (
    "groups_formed",
    "groups_completed",
    "sessions_completed",
    "supervision_hours",
    "people_reached",
    "attendances",
    "people_hours",
    "seats_taken",
    "applications",
    "applications_waitlisted",
    "titles_published",
    "training_groups_trained",
    "runs_completed",
    "people_trained",
    "supervisor_titles_published",
    "supervisors_trained",
    "certificates_issued",
    "conclusions_released",
    "conclusions_withheld",
    "issues_published",
    "articles_published",
    "articles_dropped",
    "deliveries",
    "centres_invited",
    "centres_joined",
)
PLACES = {
    "groups": "groups_formed",
    "sessions": "sessions_completed",
    "people": "people_reached",
    "trained": "training_groups_trained",
    "runs": "runs_completed",
}
"""Figures of each city, by their column."""


@dataclass
class Run:
    """How it went, in numbers. Times in seconds; `refusals` by status, code and ground; `events` by topic."""

    commands: int
    reads: int
    retries: int
    played: float
    quiet: float
    scenes: int
    refusals: Counter[tuple[int, str, str]]
    events: Counter[str]
    indicators: list[dict[str, Any]]
    findings: list[Finding]
    memory: dict[str, int] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether every target was reached and every check holds."""
        targets = [target for each in self.indicators for target in each["targets"]]
        reached = all(target["achieved"] >= target["value"] for target in targets)
        return reached and bool(targets) and all(finding.holds for finding in self.findings)


def memory_of(runtime: Runtime) -> dict[str, int]:
    """Bytes that each process of the platform has for itself, with its children; shared pages are counted in parts."""
    found = {}
    for each in runtime.processes:
        process = each.process()
        if process is not None:
            found[each.name] = sum(_bytes(one) for one in (process, *process.children(recursive=True)))
    return found


def _bytes(process: psutil.Process) -> int:
    try:
        told = process.memory_full_info()
    except psutil.Error:
        return 0
    size: int = getattr(told, "pss", told.rss)
    return size


class Report:
    """Prints a run in one language."""

    def __init__(self, console: Console, lang: str) -> None:
        self.console, self.lang = console, lang

    def say(self, key: str, **values: object) -> str:
        """A text in the language."""
        return say(self.lang, key, **values)

    def number(self, value: float) -> str:
        """A number as the language writes it."""
        return number(self.lang, value)

    def show(self, run: Run) -> None:
        """All tables but verify's own."""
        for indicators in run.indicators:
            self.console.print(self._targets(indicators))
        for indicators in run.indicators:
            self.console.print(self._cities(indicators))
        self.console.print(self._refusals(run))
        self.console.print(self._memory(run.memory))
        self.console.print(self._numbers(run))

    def _table(self, title: str, *columns: str) -> Table:
        table = Table(title=title, title_justify="left")
        for place, column in enumerate(columns):
            table.add_column(self.say(column), justify="right" if place else "left")
        return table

    def _targets(self, indicators: dict[str, Any]) -> Table:
        """Every figure that there is; those with a target are green once it is reached."""
        name = indicators["programme"]["name"]
        table = self._table(self.say("targets", programme=name), "indicator", "target", "achieved")
        figures = indicators["figures"]
        targets = {target["indicator"]: target["value"] for target in indicators["targets"]}
        for code in ROWS:
            value = figures[HOURS[code]] / 60 if code in HOURS else figures.get(code, 0)
            target = targets.get(code)
            if value or target is not None:
                style = "" if target is None else "green" if value >= target else "red"
                wanted = "" if target is None else self.number(target)
                table.add_row(self.say(code), wanted, self.number(value), style=style)
        return table

    def _cities(self, indicators: dict[str, Any]) -> Table:
        name = indicators["programme"]["name"]
        table = self._table(self.say("cities", programme=name), "city", *PLACES)
        for city in indicators["cities"]:
            numbers = [city["figures"].get(code, 0) for code in PLACES.values()]
            if any(numbers):
                table.add_row(city["name"] or self.say("elsewhere"), *(self.number(each) for each in numbers))
        return table

    def _refusals(self, run: Run) -> Table:
        """By ground: the answers that the platform recorded, and those that left no trace."""
        table = self._table(self.say("refusals"), "ground", "kind", "number")
        recorded: Counter[str] = Counter()
        for indicators in run.indicators:
            recorded.update(indicators["refusals"])
        rows = [(ground, self.say("recorded"), count) for ground, count in recorded.items()]
        for (status, code, ground), count in run.refusals.items():
            rows.append((ground, self.say("http", status=status, code=code), count))
        for ground, kind, count in sorted(rows):
            table.add_row(ground or self.say("no_ground"), kind, self.number(count))
        return table

    def _memory(self, memory: dict[str, int]) -> Table:
        table = self._table(self.say("memory"), "process", "number")
        for name, size in sorted(memory.items()):
            table.add_row(name, self.say("megabytes", number=self.number(round(size / 1e6))))
        total = self.number(round(sum(memory.values()) / 1e6))
        table.add_row(self.say("total"), self.say("megabytes", number=total), style="bold")
        return table

    def _numbers(self, run: Run) -> Table:
        table = self._table(self.say("numbers"), "indicator", "number")
        for key in ("commands", "reads", "retries", "scenes"):
            table.add_row(self.say(key), self.number(getattr(run, key)))
        for topic, count in sorted(run.events.items()):
            table.add_row(f"{self.say('events')}: {topic}", self.number(count))
        table.add_row(f"{self.say('events')}: {self.say('total')}", self.number(run.events.total()))
        for key, seconds in (("time_played", run.played), ("time_quiet", run.quiet)):
            table.add_row(self.say(key), self.say("seconds", number=self.number(round(seconds, 1))))
        return table
