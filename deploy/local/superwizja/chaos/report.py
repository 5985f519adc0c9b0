"""What a run under faults came to: tables at the terminal, and build/chaos.json.

The file's shape; times are seconds since 1970 unless they are called seconds, bytes are bytes:

    seed, minutes, began, ended, held      held: every finding holds and no goal is missed
    schedule   what was planned, as the schedule tells it: the same seed gives the same list
    left_out   kinds of faults that were asked for and that this machine does not allow: without root no disk is filled
    faults     [{kind, target, began, ended, recovered, recovery (seconds), detail}] as they were struck
    load       {commands, rate (a second), acknowledged, refused, unknown, retried, replayed, seconds,
                mismatches [text], unexpected [text], refusals [{status, code, ground, number}]}
    figures    {lost, doubled, inversions, redeliveries, repeated, skipped, empty (checks that compared nothing), kills,
                faults, records, commands}
    goals      [{figure, value, goal, unit, holds}], holds null where it was not judged
    memory     [{kind, second, last, share}]: median resident bytes of two quarters, empty in a short run; told, not
               judged, since processes are killed and catch up: `superwizja chaos trials --only memory` judges it
    findings   [{name, compared, holds, number (of differences), differences [text, at most 100], notes [text],
                about {text: {id, kind}}}]
    judging    {waited (seconds until quiet), seconds, quiet (null, or what was still under way)}
    trail      null, or the story of the first event that broke: {of, finding, difference, at, commands, outbox,
               records, inbox, parked, faults}, each a list of rows
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from superwizja.chaos.goals import Goal, by_kind, goals, percentile, recoveries
from superwizja.chaos.heard import Heard, Sample
from superwizja.chaos.memory import Growth, growth
from superwizja.chaos.oracle import Verdict
from superwizja.chaos.struck import Struck
from superwizja.chaos.trail import Trail, first_broken
from superwizja.chaos.words import number, say
from superwizja.verify.finding import Finding

FILE = Path("build/chaos.json")
KEPT = 100
"""Differences of each finding that the file keeps."""

SHOWN = 5


@dataclass
class Outcome:
    """A whole run. `schedule`: what was planned, of JSON; `left_out`: faults that the machine does not allow.

    `more`: goals beside those that every run has.
    """

    seed: int
    minutes: float
    began: float
    ended: float
    struck: Sequence[Struck]
    heard: Heard
    verdict: Verdict
    schedule: Sequence[Any] = ()
    samples: Sequence[Sample] = ()
    more: Sequence[Goal] = ()
    left_out: Sequence[str] = ()
    grown: list[Growth] = field(init=False)
    goals: list[Goal] = field(init=False)
    trail: Trail | None = field(init=False)

    def __post_init__(self) -> None:
        """Work out what follows from the rest."""
        self.grown = growth(self.samples)
        self.goals = [*goals(self.verdict.figures, self.struck, minutes=self.minutes), *self.more]
        self.trail = first_broken(self.verdict)

    @property
    def held(self) -> bool:
        """Whether every finding holds and no goal is missed."""
        return self.verdict.holds and all(goal.holds is not False for goal in self.goals)

    @property
    def load(self) -> dict[str, float]:
        """The load in numbers."""
        heard = self.heard
        commands = heard.acknowledged + heard.refused + heard.unknown
        return {
            "commands": commands,
            "rate": round(commands / heard.seconds, 1) if heard.seconds else 0.0,
            "acknowledged": heard.acknowledged,
            "refused": heard.refused,
            "unknown": heard.unknown,
            "retried": heard.retried,
            "replayed": heard.replayed,
        }


def write(outcome: Outcome, file: Path = FILE) -> None:
    """Write everything as JSON, for machines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told(outcome), enc_hook=str), indent=1) + b"\n")


def told(outcome: Outcome) -> dict[str, Any]:
    """The file's content."""
    heard, verdict = outcome.heard, outcome.verdict
    return {
        "seed": outcome.seed,
        "minutes": outcome.minutes,
        "began": outcome.began,
        "ended": outcome.ended,
        "held": outcome.held,
        "schedule": list(outcome.schedule),
        "left_out": list(outcome.left_out),
        "faults": [_fault(each) for each in outcome.struck],
        "load": {
            **outcome.load,
            "seconds": heard.seconds,
            "mismatches": heard.mismatches,
            "unexpected": heard.unexpected,
            "refusals": [
                {"status": status, "code": code, "ground": ground, "number": times}
                for (status, code, ground), times in heard.refusals.most_common()
            ],
        },
        "figures": verdict.figures,
        "goals": [goal._asdict() for goal in outcome.goals],
        "memory": [each._asdict() | {"share": each.share} for each in outcome.grown],
        "findings": [_finding(each) for each in verdict.findings],
        "judging": {"waited": verdict.waited, "seconds": verdict.seconds, "quiet": verdict.testimony.quiet},
        "trail": None if outcome.trail is None else dataclasses.asdict(outcome.trail),
    }


def _fault(fault: Struck) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "target": fault.target,
        "began": fault.began,
        "ended": fault.ended,
        "recovered": fault.recovered,
        "recovery": fault.recovery,
        "detail": dict(fault.detail),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    kept = finding.differences[:KEPT]
    return {
        "name": finding.name,
        "compared": finding.compared,
        "holds": finding.holds,
        "number": len(finding.differences),
        "differences": kept,
        "notes": finding.notes[:KEPT],
        "about": {text: finding.about[text]._asdict() for text in kept if text in finding.about},
    }


class Report:
    """Prints a run in one language."""

    def __init__(self, console: Console, lang: str) -> None:
        self.console, self.lang = console, lang

    def say(self, key: str, **values: object) -> str:
        """A text in the language."""
        return say(self.lang, key, **values)

    def number(self, value: float) -> str:
        """A number as the language writes it, to a tenth."""
        return number(self.lang, round(value, 1))

    def seconds(self, value: float | None) -> str:
        """A time as the language writes it; nothing for None."""
        return "" if value is None else self.say("seconds", number=self.number(value))

    def show(self, outcome: Outcome) -> None:
        """Everything; where something broke, also the seed, the schedule and the trail."""
        verdict = outcome.verdict
        self.console.print(self._faults(outcome))
        if outcome.left_out:
            self._line(self.say("left_out", names=", ".join(outcome.left_out)), "yellow")
        self.console.print(self._load(outcome))
        if outcome.grown:
            self.console.print(self._memory(outcome))
        self.console.print(self._findings(verdict))
        self.console.print(self._goals(outcome))
        waited, seconds = self.number(verdict.waited), self.number(verdict.seconds)
        self.console.print(self.say("judged", waited=waited, seconds=seconds, seed=outcome.seed), highlight=False)
        for finding in verdict.findings:
            self._differences(finding)
        if outcome.held:
            minutes, kills = self.number(outcome.minutes), self.number(verdict.figures["kills"])
            self.console.print(self.say("held", minutes=minutes, kills=kills), style="bold green", highlight=False)
        else:
            self._broken(outcome)

    def _table(self, title: str, *columns: str) -> Table:
        table = Table(title=self.say(title), title_justify="left")
        for place, column in enumerate(columns):
            table.add_column(self.say(column), justify="right" if place else "left")
        return table

    def _faults(self, outcome: Outcome) -> Table:
        table = self._table("faults", "kind", "times", "kills", "p50", "p95", "max", "unseen")
        for kind, each in by_kind(outcome.struck).items():
            seen = recoveries(each)
            times = [percentile(seen, percent) if seen else None for percent in (50, 95, 100)]
            kills = sum(fault.kills for fault in each)
            unseen = len(each) - len(seen)
            row = (self.number(len(each)), self.number(kills), *map(self.seconds, times))
            table.add_row(kind, *row, self.number(unseen) if unseen else "")
        kills = sum(fault.kills for fault in outcome.struck)
        table.add_row("", self.number(len(outcome.struck)), self.number(kills), style="bold")
        return table

    def _load(self, outcome: Outcome) -> Table:
        table = self._table("load", "figure", "value")
        for key, value in outcome.load.items():
            table.add_row(self.say(key), self.number(value))
        for key in ("records", "repeated", "skipped"):
            table.add_row(self.say(key), self.number(outcome.verdict.figures[key]))
        return table

    def _memory(self, outcome: Outcome) -> Table:
        table = self._table("memory", "process", "second_quarter", "last_quarter", "growth")
        for each in outcome.grown:
            sizes = [self.say("megabytes", number=self.number(size / 1e6)) for size in (each.second, each.last)]
            share = self.say("percent", number=self.number(100 * each.share))
            table.add_row(each.kind, *sizes, share)
        return table

    def _goals(self, outcome: Outcome) -> Table:
        table = self._table("goals", "figure", "value", "goal", "verdict")
        for goal in outcome.goals:
            value = "" if goal.value is None else f"{self.number(goal.value)} {goal.unit}".strip()
            style = {True: "green", False: "red", None: "yellow"}[goal.holds]
            verdict = self.say({True: "reached", False: "missed", None: "open"}[goal.holds])
            name = self.say(goal.figure) if goal.figure.startswith("goal_") else goal.figure
            table.add_row(name, value, f"{goal.goal} {goal.unit}".strip(), f"[{style}]{verdict}[/]")
        return table

    def _findings(self, verdict: Verdict) -> Table:
        table = self._table("oracle", "check", "what", "count", "verdict")
        table.columns[1].justify = "left"
        for finding in verdict.findings:
            style = "green" if finding.holds else "red"
            word = self.say("holds" if finding.holds else "differs", number=len(finding.differences))
            table.add_row(finding.name, self.say(finding.name), self.number(finding.compared), f"[{style}]{word}[/]")
        return table

    def _differences(self, finding: Finding) -> None:
        for line in finding.differences[:SHOWN]:
            self._line(f"{finding.name}: {line}", "red")
        if len(finding.differences) > SHOWN:
            self._line(self.say("more", number=len(finding.differences) - SHOWN), "red")
        for note in finding.notes[:SHOWN]:
            self._line(f"{finding.name}: {note}", "yellow")

    def _broken(self, outcome: Outcome) -> None:
        missed = [goal.figure.removeprefix("goal_") for goal in outcome.goals if goal.holds is False]
        names = ", ".join([*outcome.verdict.broken, *missed])
        self._line(self.say("not_held", names=names), "bold red")
        self._line(self.say("seed", seed=outcome.seed), "bold")
        if outcome.schedule:
            self._line(self.say("schedule"), "bold")
            for each in outcome.schedule:
                self._line(f"  {each}", "")
        if outcome.trail is not None:
            self._line(self.say("trail"), "bold")
            for line in outcome.trail.lines():
                self._line(line, "")

    def _line(self, text: str, style: str) -> None:
        self.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
