"""What happens while it happens: a bar of the time under faults, and a line for each fault."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from superwizja.chaos.words import say


class Told:
    """Called with what begins; an empty text means that the faults are over."""

    def __init__(self, console: Console, lang: str, seconds: float) -> None:
        self.console, self.lang = console, lang
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self.task = self.bar.add_task(say(lang, "starting"), total=seconds)
        self.began: float | None = None

    def __enter__(self) -> Self:
        """Show the bar."""
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        self.bar.stop()

    def __call__(self, what: str) -> None:
        """Tell of something that begins."""
        if self.began is None:
            self.began = time.monotonic()
        passed = time.monotonic() - self.began
        what = what or say(self.lang, "resting")
        self.console.print(f"{int(passed) // 60:3d}:{int(passed) % 60:02d}  {what}", highlight=False, markup=False)
        self.bar.update(self.task, completed=passed, description=what)
