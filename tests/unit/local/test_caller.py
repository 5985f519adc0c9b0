"""The load's commands, against a server that loses answers: what is written down, and when."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from superwizja.chaos.caller import Caller, Pace, Stopped
from superwizja.chaos.stories.story import BrokenOff, Story, World
from superwizja.demo.client import Lost, Persona, Refusal
from superwizja.demo.ledger import Ledger, read
from superwizja.runtime import Runtime

ME = Persona("participant", "0198f3a0-0000-7000-8000-000000000001")
Answer = Callable[[web.Request], Awaitable[web.Response]]


def problem(code: str, status: int = 409) -> web.Response:
    return web.json_response({"type": f"urn:superwizja:problem:{code}", "detail": ""}, status=status)


def in_turn(*answers: web.Response) -> Answer:
    left = list(answers)

    async def answer(_: web.Request) -> web.Response:
        return left.pop(0)

    return answer


@asynccontextmanager
async def a_caller(folder: Path, answer: Answer) -> AsyncIterator[Caller]:
    """A caller that cuts nothing off by itself, and the platform that answers it."""
    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    runtime = Runtime(profile="test", folder=folder, ports={"gateway": port})
    ledger = Ledger(folder / "ledger.jsonl", at_once=True)
    try:
        async with Caller(runtime, ledger, NoChance(), rate=None, patience=5) as caller:
            yield caller
    finally:
        await runner.cleanup()


class NoChance(random.Random):
    """Draws keys, and no fate."""

    def random(self) -> float:
        return 0.999


def outcomes(folder: Path) -> list[tuple[str, int, int]]:
    return [(entry.outcome, entry.attempts, entry.lost) for entry in read(folder / "ledger.jsonl")]


async def test_a_command_is_written_down_before_it_is_sent(tmp_path: Path) -> None:
    seen = []

    async def answer(_: web.Request) -> web.Response:
        seen.extend(outcomes(tmp_path))
        return web.json_response({"id": "x"}, status=201)

    async with a_caller(tmp_path, answer) as caller:
        await caller.command(ME, "enrollment", "groups", {"name": "g"})
    assert seen == [("unknown", 0, 0)]
    (entry,) = read(tmp_path / "ledger.jsonl")
    assert (entry.outcome, entry.ids, entry.body, entry.answer) == ("acknowledged", ("x",), {"name": "g"}, {"id": "x"})
    assert (entry.operation, entry.path) == ("/groups", "groups")
    assert 0 < entry.asked_at <= entry.answered_at


async def test_a_refusal_settles_what_was_sent_once_and_nothing_after_a_lost_answer(tmp_path: Path) -> None:
    answers = in_turn(problem("not-forming"), problem("unavailable", 503), problem("not-forming"))
    async with a_caller(tmp_path, answers) as caller:
        for _ in range(2):
            with pytest.raises(Refusal):
                await caller.command(ME, "enrollment", "groups", {})
    assert outcomes(tmp_path) == [("refused", 1, 0), ("unknown", 2, 1)]
    assert (caller.counts.refused, caller.counts.unknown, caller.counts.retried) == (1, 1, 1)


async def test_a_command_that_is_cut_off_stays_unknown_until_it_is_settled_under_its_key(tmp_path: Path) -> None:
    keys = []

    async def answer(request: web.Request) -> web.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            await asyncio.Event().wait()
        return web.json_response({"id": "x"}, status=201)

    async with a_caller(tmp_path, answer) as caller:
        caller.fates["k"] = "cut"
        with pytest.raises(Lost):
            # A fate is drawn by `command`: this one was given its own.
            await super(Caller, caller).command(ME, "enrollment", "groups", {}, key="k")
        assert outcomes(tmp_path) == [("unknown", 1, 1)]
        caller.fates.clear()
        await caller.settle(caller.unknown[0])
    assert outcomes(tmp_path) == [("acknowledged", 2, 1)]
    assert set(keys) == {"k"}
    assert (caller.counts.unknown, caller.counts.acknowledged, caller.unknown) == (0, 1, [])


async def test_who_answers_otherwise_the_second_time_is_found_out(tmp_path: Path) -> None:
    made = [web.json_response({"id": each}, status=201) for each in "xxy"]
    async with a_caller(tmp_path, in_turn(*made)) as caller:
        caller.rng = random.Random(0)
        caller.rng.random = lambda: 0.0299  # type: ignore[method-assign]  # replayed, and no fate
        await caller.command(ME, "enrollment", "groups", {}, left=0)
        ((_, known),) = caller.replays
        await caller.replay(known)
        assert caller.mismatches == []
        await caller.replay(known)
    assert [each.answer for each in caller.mismatches] == [{"id": "y"}]


async def test_a_refusal_that_a_story_does_not_expect_is_kept_and_one_that_it_expects_is_not(tmp_path: Path) -> None:
    async with a_caller(tmp_path, in_turn(problem("already-applied"), problem("group-not-found", 404))) as caller:
        world = World(programme="p", centre="c", supervisors=[], tied="")
        story = Story(caller, random.Random(1), world, number=1, waits=1)
        told = await story.say(ME, "enrollment", "groups/g/applications", expected=("already-applied",))
        assert (told.outcome, told.code) == ("refused", "already-applied")
        with pytest.raises(BrokenOff):
            await story.say(ME, "enrollment", "groups/g/applications", expected=("already-applied",))
    assert [each.code for each in caller.unexpected] == ["group-not-found"]


async def test_no_command_is_begun_once_the_load_is_to_end(tmp_path: Path) -> None:
    async with a_caller(tmp_path, in_turn()) as caller:
        caller.stopping.set()
        with pytest.raises(Stopped):
            await caller.command(ME, "enrollment", "groups", {})
    assert read(tmp_path / "ledger.jsonl") == []


async def test_commands_are_let_through_evenly_and_what_was_missed_is_not_made_up_for() -> None:
    pace = Pace(50)
    began = time.monotonic()
    await asyncio.gather(*(pace.turn() for _ in range(11)))
    assert time.monotonic() - began >= 0.19
    pace.next = began - 60
    began = time.monotonic()
    await asyncio.gather(*(pace.turn() for _ in range(3)))
    assert time.monotonic() - began >= 0.03
