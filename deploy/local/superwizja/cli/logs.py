"""logs: the processes' logs, merged by time, filtered, and followed."""

import heapq
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from superwizja.cli.here import Here, here
from superwizja.runtime import Runtime

LEVELS = ("debug", "info", "warning", "error", "critical")
ALIASES = {"warn": "warning", "fatal": "critical", "log": "info"}
STYLES = {"warning": "yellow", "error": "red", "critical": "red"}
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")

Line = tuple[str, str, str]
"""When (ISO, or that of the line before), which process, and the line itself."""


def register(app: typer.Typer) -> None:
    """Add this subcommand."""
    app.command()(logs)


def logs(
    context: typer.Context,
    processes: Annotated[list[str] | None, typer.Argument(help="np. / e.g. sessions, sessions.worker, kafka")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Pokazuj nowe / go on with new ones.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Ostatnie z każdego / last of each.")] = 50,
    level: Annotated[str, typer.Option(help=f"Od poziomu / from: {', '.join(LEVELS)}")] = "debug",
    grep: Annotated[str, typer.Option(help="Tylko pasujące do wyrażenia / matching a regular expression.")] = "",
) -> None:
    """Pokaż dzienniki / show the logs, merged by time."""
    me = here(context)
    if level not in LEVELS:
        raise typer.BadParameter(", ".join(LEVELS), param_hint="--level")
    folder = Runtime.read(me.profile).folder / "logs"
    names = tuple(processes or ())
    files = [file for file in sorted(folder.glob("*.log")) if not names or _named(file.stem, names)]
    if not files:
        me.fail("no_log", names=" ".join(names))
    pattern = re.compile(grep)

    def show(found: Line) -> None:
        if pattern.search(found[2]) and _severe(found[2], level):
            _print(me, found)

    ends = {}
    last = []
    for file in files:
        text = file.read_bytes()
        ends[file] = len(text)
        last.append(list(_dated(file.stem, text.decode(errors="replace").splitlines()))[-lines if lines else 10**9 :])
    for found in heapq.merge(*last):
        show(found)
    while follow:
        time.sleep(0.3)
        for file in [*files, *(new for new in folder.glob("*.log") if new not in ends)]:
            if not names or _named(file.stem, names):
                for found in _dated(file.stem, _new_lines(file, ends)):
                    show(found)


def _named(process: str, names: tuple[str, ...]) -> bool:
    return any(name in (process, *_prefixes(process)) for name in names)


def _prefixes(process: str) -> list[str]:
    """`sessions.worker.1` is also meant by `sessions.worker` and by `sessions`."""
    parts = process.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _new_lines(file: Path, ends: dict[Path, int]) -> list[str]:
    """The whole lines that were written since last time."""
    size = file.stat().st_size
    begin = ends.get(file, 0) if size >= ends.get(file, 0) else 0
    with file.open("rb") as log:
        log.seek(begin)
        whole, newline, _ = log.read().rpartition(b"\n")
    ends[file] = begin + len(whole) + len(newline)
    return whole.decode(errors="replace").splitlines() if newline else []


def _dated(process: str, lines: list[str]) -> Iterator[Line]:
    """A line without a time of its own belongs to the one before."""
    when = ""
    for line in lines:
        if found := TIMESTAMP.search(line[:400]):
            when = found.group().replace(" ", "T")
        yield when, process, line


def _level(line: str) -> str | None:
    if line.startswith("{"):
        try:
            named = str(json.loads(line).get("level", "info"))
        except ValueError:
            return None
    else:
        found = re.search(r"\b(DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL|LOG)\b", line[:80])
        named = found.group().lower() if found else ""
    return ALIASES.get(named, named) or None


def _severe(line: str, least: str) -> bool:
    """Lines without a level, such as tracebacks, are shown whatever was asked for."""
    level = _level(line)
    return level not in LEVELS or LEVELS.index(level) >= LEVELS.index(least)


def _print(me: Here, found: Line) -> None:
    _, process, line = found
    text = Text(f"{process:<24} ", style="cyan")
    text.append(line, style=STYLES.get(_level(line) or "", "default"))
    me.out.print(text, soft_wrap=True)
