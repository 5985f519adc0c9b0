"""What happens while it happens: a bar of the time under faults, and a line for each fault."""

import time

from rich.console import Console
from rich.progress import TaskProgressColumn, TimeRemainingColumn

from superwizja.chaos.words import say
from superwizja.cli.bar import Bar


class Told(Bar):
    """Called with what begins; an empty text means that the faults are over."""

    def __init__(self, console: Console, lang: str, seconds: float) -> None:
        super().__init__(console, TaskProgressColumn(), TimeRemainingColumn())
        self.lang = lang
        self.task = self.bar.add_task(say(lang, "starting"), total=seconds)
        self.began: float | None = None

    def __call__(self, what: str) -> None:
        """Tell of something that begins."""
        if self.began is None:
            self.began = time.monotonic()
        passed = time.monotonic() - self.began
        what = what or say(self.lang, "resting")
        self.console.print(f"{int(passed) // 60:3d}:{int(passed) % 60:02d}  {what}", highlight=False, markup=False)
        self.bar.update(self.task, completed=passed, description=what)
