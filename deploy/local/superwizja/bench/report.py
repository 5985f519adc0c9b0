"""What was measured, for people and for machines: a table with a bar for each goal, JSON, and charts."""

import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import psutil
from rich import box
from rich.console import Console
from rich.progress import TimeElapsedColumn
from rich.progress_bar import ProgressBar
from rich.table import Table

from superwizja.bench.figure import Figure
from superwizja.bench.words import number, say, worded
from superwizja.cli.bar import Bar

BAR = 6


class Told(Bar):
    """A bar of the parts, and a line for what is being measured."""

    def __init__(self, console: Console, lang: str, parts: int) -> None:
        super().__init__(console, TimeElapsedColumn())
        self.lang = lang
        self.task = self.bar.add_task("", total=parts)
        self.begun = False
        self.begins = time.monotonic()

    def part(self, name: str) -> None:
        """A part begins; the one before is over."""
        self.bar.update(self.task, advance=1 if self.begun else 0, description=say(self.lang, name))
        self.begun = True

    def __call__(self, what: str) -> None:
        """Tell of a round."""
        passed = int(time.monotonic() - self.begins)
        self.console.print(f"{passed // 60:3d}:{passed % 60:02d}  {what}", highlight=False, markup=False)


def machine(lang: str) -> str:
    """What the figures were made on."""
    return say(
        lang,
        "machine",
        cores=os.cpu_count(),
        memory=round(psutil.virtual_memory().total / 2**30),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
    )


def write(figures: Sequence[Figure], file: Path) -> None:
    """Write every figure as JSON: a list."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(list(figures)), indent=1) + b"\n")


def show(console: Console, lang: str, figures: Sequence[Figure]) -> None:
    """A row for each figure; below it why there is none."""
    table = Table(title=say(lang, "title"), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(say(lang, "figure"), ratio=1)
    for column in ("ratio", "goal"):
        table.add_column(say(lang, column), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("", no_wrap=True)
    for each in figures:
        table.add_row(*_cells(lang, each))
    console.print(table)
    console.print(machine(lang), style="dim", highlight=False, markup=False)
    for each in figures:
        if each.fault:
            console.print(f"{worded(lang, each.name)}: {each.fault}", style="red", highlight=False, markup=False)


def _cells(lang: str, each: Figure) -> tuple[Any, ...]:
    goal = say(lang, "no_goal")
    if each.goal is not None:
        sign = "≥" if each.least else "≤"
        goal = f"{sign} {number(lang, each.goal)} ({number(lang, each.aim or each.goal)})"
    verdict = {True: "[green]✓[/]", False: "[red]✗[/]", None: ""}[each.holds]
    if each.ratio is None or each.ours is None or each.reference is None:
        return worded(lang, each.name), "", goal, "", verdict
    spread = f"{number(lang, each.low or 0)}-{number(lang, each.high or 0)}"
    return (
        f"{worded(lang, each.name)}\n[dim]{number(lang, each.ours)} : {number(lang, each.reference)} {each.unit}[/]",
        f"{number(lang, each.ratio)} [dim]({spread})[/]",
        goal,
        ProgressBar(total=1.0, completed=reached(each), width=BAR) if each.goal else "",
        verdict,
    )


def reached(each: Figure) -> float:
    """How much of its goal a figure reaches, 1.0 at most."""
    if not each.goal or each.ratio is None:
        return 0.0
    if each.ratio == 0.0:
        return 0.0 if each.least else 1.0
    return min(1.0, each.ratio / each.goal if each.least else each.goal / each.ratio)


def draw(figures: Sequence[Figure], folder: Path, lang: str) -> None:
    """An SVG of each unit's figures: the ratio against the goal, with the rounds' extremes."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Canvas

    folder.mkdir(parents=True, exist_ok=True)
    shown = [each for each in figures if each.ratio and each.goal]
    if not shown:
        return
    # The same figures make the same file; letters stay letters.
    with rc_context({"svg.hashsalt": "superwizja", "svg.fonttype": "none", "font.size": 9}):
        canvas = Canvas(figsize=(9, 0.42 * len(shown) + 1), layout="constrained")
        axes = canvas.subplots()
        names = [worded(lang, each.name) for each in shown]
        achieved = [_achieved(each, each.ratio or 0) for each in shown]
        ends = [extremes(each) for each in shown]
        errors = [
            [max(0.0, middle - low) for middle, (low, _) in zip(achieved, ends, strict=True)],
            [max(0.0, high - middle) for middle, (_, high) in zip(achieved, ends, strict=True)],
        ]
        colours = ["#2f7d4f" if each.holds else "#b3261e" for each in shown]
        axes.barh(names, achieved, xerr=errors, color=colours, height=0.6, error_kw={"ecolor": "#333", "capsize": 3})
        axes.axvline(1.0, color="#333", linewidth=1)
        axes.set_xscale("log")
        axes.invert_yaxis()
        axes.set_xlabel(f"{say(lang, 'achieved')}\n{machine(lang)}")
        axes.spines[["top", "right"]].set_visible(False)
        canvas.savefig(folder / f"goals.{lang}.svg", metadata={"Date": None})


def extremes(each: Figure) -> tuple[float, float]:
    """What the worst and the best round reached of the goal; one that spent nothing has no end, but the median's."""
    low, high = sorted(_achieved(each, ratio or each.ratio or 0) for ratio in (each.low, each.high))
    return low, high


def _achieved(each: Figure, ratio: float) -> float:
    assert each.goal
    return ratio / each.goal if each.least else each.goal / ratio
