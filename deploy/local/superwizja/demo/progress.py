"""Progress bars, one a stage, with rate and time left; elsewhere than at a terminal, a line when a stage is done."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from superwizja.demo.words import say

STAGES = ("centres", "workers", "seats", "sessions", "conclusions", "trainings", "issues", "scenes")


class Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """The speed since the stage began."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.0f}/s" if speed else "", style="cyan")


class Stages:
    """What is under way, counted by stage."""

    def __init__(self, console: Console, lang: str, totals: dict[str, int]) -> None:
        self.console, self.lang, self.totals = console, lang, totals
        self.done = dict.fromkeys(STAGES, 0)
        self.began = time.monotonic()
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            refresh_per_second=4,
        )
        self.tasks: dict[str, TaskID] = {
            stage: self.bars.add_task(say(lang, f"stage_{stage}"), total=totals[stage], start=False) for stage in STAGES
        }

    def __enter__(self) -> Self:
        """Show them."""
        self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave them as they are."""
        self.bars.stop()

    def more(self, stage: str, number: int) -> None:
        """The stage is larger than was known."""
        self.totals[stage] += number
        self.bars.update(self.tasks[stage], total=self.totals[stage])

    def advance(self, stage: str, number: int = 1) -> None:
        """Something of the stage is done."""
        if self.done[stage] == 0:
            self.bars.start_task(self.tasks[stage])
        self.done[stage] += number
        self.bars.advance(self.tasks[stage], number)
        if self.done[stage] == self.totals[stage] and not self.console.is_terminal:
            seconds = time.monotonic() - self.began
            self.console.print(f"{seconds:5.1f} s  {say(self.lang, f'stage_{stage}')}: {self.done[stage]}")
