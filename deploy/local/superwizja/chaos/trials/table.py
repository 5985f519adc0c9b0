"""Trials at the terminal, and as build/chaos-trials.json.

The file: {seed, began, ended (seconds since 1970), held, trials: [{name, held, detail (as each trial has it),
goals: [{figure, value, goal, unit, holds}]}]}, goals as in build/chaos.json.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from superwizja.chaos.trials.trial import Trial
from superwizja.chaos.trials.words import say
from superwizja.chaos.words import number

FILE = Path("build/chaos-trials.json")


def write(trials: Sequence[Trial], seed: int, began: float, ended: float, file: Path = FILE) -> None:
    """Write all that there is by now."""
    told = {
        "seed": seed,
        "began": began,
        "ended": ended,
        "held": all(trial.held for trial in trials),
        "trials": [
            {
                "name": trial.name,
                "held": trial.held,
                "goals": [goal._asdict() for goal in trial.figures],
                "detail": trial.detail,
            }
            for trial in trials
        ],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told, enc_hook=str), indent=1) + b"\n")


def show(out: Console, lang: str, trial: Trial) -> None:
    """One trial as a table."""
    table = Table(title=say(lang, trial.name), title_justify="left")
    for place, column in enumerate(("figure", "value", "goal", "verdict")):
        table.add_column(say(lang, column), justify="right" if place else "left")
    for goal in trial.figures:
        value = "" if goal.value is None else f"{number(lang, round(goal.value, 2))} {goal.unit}".strip()
        verdict = ""
        if goal.holds is not None:
            style, word = ("green", "reached") if goal.holds else ("red", "missed")
            verdict = f"[{style}]{say(lang, word)}[/]"
        table.add_row(say(lang, goal.figure), value, f"{goal.goal} {goal.unit}".strip() if goal.goal else "", verdict)
    out.print(table)
