"""Runs a service's process as `python -m <service>.main` does, with a clock of its own, able to crash at will.

`python -m superwizja.chaos.launcher <service> api|worker|migrate`. The process looks for the file that CHAOS_CRASH_FILE
names whenever it comes to one of these points, and where the file holds the point's name, removes it and kills itself:

- `publish-mark`: the broker has acknowledged events of the outbox, and they are not yet marked as published;
- `effect-commit`: the effects of a batch of events are committed, and the offsets of the batch are not.

The chassis is wrapped in this process only; it knows nothing of crashes. The clock of its Python is ahead by as many
seconds as CHAOS_CLOCK_AHEAD says, or behind; what librdkafka and OpenSSL read is right.
"""

import os
import runpy
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args

import time_machine

Point = Literal["publish-mark", "effect-commit"]
POINTS: tuple[Point, ...] = get_args(Point)
CRASH_FILE = "CHAOS_CRASH_FILE"
CLOCK_AHEAD = "CHAOS_CLOCK_AHEAD"


def arm(file: Path, point: Point) -> None:
    """Have the process that looks at this file crash when it next comes to the point; it never reads half a name."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(point)
    part.replace(file)


def crash_if_armed(file: Path, point: Point) -> None:
    """Kill this process, without any ado, where the file names the point; of those that look, one removes it."""
    try:
        if file.read_text() != point:
            return
        file.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def crash_between_publish_and_mark(file: Path) -> None:
    """Wrap the statement that marks events: the relay runs it when the broker has acknowledged them."""
    from asyncpg import Connection
    from chassis import relay

    fetch = Connection.fetch

    async def crashing(self: Any, query: str, *args: Any, **more: Any) -> list[Any]:
        if query == relay.PUBLISHED:
            crash_if_armed(file, "publish-mark")
        rows: list[Any] = await fetch(self, query, *args, **more)
        return rows

    Connection.fetch = crashing


def crash_between_effect_and_commit(file: Path) -> None:
    """Wrap what FastStream is handed: when it returns, the effects are committed, and next come the offsets."""
    from chassis.inbox import Inbox
    from chassis.subscribing import Subscription

    handle, take = Inbox._handle, Subscription.take
    effective: set[Inbox] = set()

    async def handling(self: Inbox, db: Any, fresh: Any) -> None:
        await handle(self, db, fresh)
        if fresh:
            effective.add(self)

    async def crashing(self: Subscription, raw: Any) -> None:
        effective.discard(self.inbox)
        await take(self, raw)
        if self.inbox in effective:
            crash_if_armed(file, "effect-commit")

    Inbox._handle = handling  # type: ignore[method-assign]  # wrapped from outside is what this module is for
    Subscription.take = crashing  # type: ignore[method-assign]  # likewise


def main() -> None:
    """Run what the command line names."""
    service, *arguments = sys.argv[1:]
    if ahead := os.environ.get(CLOCK_AHEAD):
        time_machine.travel(timedelta(seconds=int(ahead))).start()
    told = os.environ.get(CRASH_FILE)
    if told and arguments == ["worker"]:
        crash_between_publish_and_mark(Path(told))
        crash_between_effect_and_commit(Path(told))
    module = f"{service}.main"
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
