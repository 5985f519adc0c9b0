"""How one process is kept running, with tiny processes in place of the services."""

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from superwizja import leash
from superwizja.processes import Process
from superwizja.runtime import Running

STAYS = "import time; time.sleep(600)"
DRAINS = """
import signal, sys, time
def drain(*_):
    print("drained", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, drain)
print("listening", flush=True)
time.sleep(600)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"


def python(code: str) -> Callable[[], list[str]]:
    return lambda: leash.leashed([sys.executable, "-c", code])


async def until(true: Callable[[], bool], within: float = 20) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@asynccontextmanager
async def kept(*processes: Process) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        for process in processes:
            group.create_task(process.keep())
        try:
            yield
        finally:
            await asyncio.gather(*(process.stop() for process in processes))


def a_process(folder: Path, command: Callable[[], list[str]], name: str = "thing", **more: object) -> Process:
    return Process(Running(name=name, log=folder / f"{name}.log"), command, **more)  # type: ignore[arg-type] # fields of Process


async def test_a_crashed_process_is_restarted_ever_more_slowly(tmp_path: Path) -> None:
    births: list[float] = []

    def crashing() -> list[str]:
        births.append(time.monotonic())
        return python("raise SystemExit(3)")()

    process = a_process(tmp_path, crashing)
    async with kept(process):
        await until(lambda: len(births) >= 4)
        assert process.seen.exit_code == 3
        assert process.seen.restarts == len(births) - 1
    pauses = [later - earlier for earlier, later in itertools.pairwise(births)]
    assert pauses[2] > pauses[0] > 0.2


async def test_a_killed_process_is_there_again(tmp_path: Path) -> None:
    process = a_process(tmp_path, python(STAYS))
    async with kept(process):
        await until(process.reached.is_set)
        first = process.seen.pid
        assert process.running is not None
        process.running.kill()
        await until(lambda: process.seen.pid not in (None, first) and process.seen.state == "ready")
        assert process.seen.restarts == 1
    assert process.seen.state == "stopped"
    assert process.seen.pid is None


async def test_a_process_starts_after_what_it_waits_for(tmp_path: Path) -> None:
    order: list[str] = []

    def noted(name: str, code: str) -> Callable[[], list[str]]:
        def command() -> list[str]:
            order.append(name)
            return python(code)()

        return command

    step = a_process(tmp_path, noted("step", "import time; time.sleep(0.3)"), "step", once=True)
    server = a_process(tmp_path, noted("server", STAYS), "server", after=[step])
    async with kept(server, step):
        await until(server.reached.is_set)
        assert order == ["step", "server"]
        assert step.seen.state == "done"


async def test_a_step_that_fails_is_repeated_until_it_succeeds(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = f"import pathlib; mark = pathlib.Path({str(mark)!r}); done = mark.exists(); mark.touch(); assert done"
    step = a_process(tmp_path, python(code), once=True)
    async with kept(step):
        await until(step.reached.is_set)
    assert step.seen.restarts == 1


async def test_stopping_lets_a_process_drain(tmp_path: Path) -> None:
    process = a_process(tmp_path, python(DRAINS))
    async with kept(process):
        await until(lambda: process.seen.log.exists() and "listening" in process.seen.log.read_text())
    assert "drained" in process.seen.log.read_text()


async def test_what_does_not_drain_in_time_is_killed(tmp_path: Path) -> None:
    process = a_process(tmp_path, python(DEAF), patience=0.3)
    async with kept(process):
        await until(lambda: process.seen.log.exists() and "deaf" in process.seen.log.read_text())
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert process.seen.exit_code == -9


async def test_what_cannot_be_prepared_is_written_to_its_log_and_tried_again(tmp_path: Path) -> None:
    tries: list[int] = []

    def command() -> list[str]:
        tries.append(1)
        if len(tries) == 1:
            raise leash.DidNotStart("no room")
        return python(STAYS)()

    process = a_process(tmp_path, command)
    async with kept(process):
        await until(process.reached.is_set)
    assert "no room" in process.seen.log.read_text()


async def test_stopping_does_not_wait_for_what_was_never_started(tmp_path: Path) -> None:
    never = a_process(tmp_path, python("raise SystemExit(1)"), "never", once=True)
    waiting = a_process(tmp_path, python(STAYS), "waiting", after=[never])
    async with asyncio.timeout(10), kept(never, waiting):
        await until(lambda: never.seen.restarts > 0)
    assert waiting.seen.state == "stopped"
    with pytest.raises(FileNotFoundError):
        waiting.seen.log.read_text()
