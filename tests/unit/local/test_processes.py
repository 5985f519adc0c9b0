"""A process that was asked to end does not run afterwards, whatever it was at when it was asked."""

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from superwizja.processes import Process
from superwizja.runtime import Running


def a_process(tmp_path: Path, going: threading.Event, begun: threading.Event) -> Process:
    """A process whose command is known only when `going` is set."""

    def command() -> list[str]:
        begun.set()
        going.wait(10)
        return [sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)]

    return Process(Running(name="x", state="starting", log=tmp_path / "log"), command)


def alive(tmp_path: Path) -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if str(tmp_path) in each.cmdline()]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_process_that_is_stopped_while_it_is_being_started_never_runs(tmp_path: Path) -> None:
    going, begun = threading.Event(), threading.Event()
    process = a_process(tmp_path, going, begun)
    keeping = asyncio.create_task(process.keep())
    await until(begun.is_set)
    stopping = asyncio.create_task(process.stop())
    await asyncio.sleep(0.05)
    going.set()
    await asyncio.wait_for(stopping, 10)
    assert keeping.done()
    assert not alive(tmp_path)
    assert process.seen.state == "stopped"


@pytest.mark.parametrize("after", [0.0, 0.001, 0.005, 0.05])
async def test_a_process_that_is_stopped_at_any_moment_does_not_run_afterwards(tmp_path: Path, after: float) -> None:
    going, begun = threading.Event(), threading.Event()
    going.set()
    process = a_process(tmp_path, going, begun)
    keeping = asyncio.create_task(process.keep())
    await until(begun.is_set)
    await asyncio.sleep(after)
    await asyncio.wait_for(process.stop(), 10)
    await asyncio.wait_for(keeping, 10)
    assert not alive(tmp_path)
