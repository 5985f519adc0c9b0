"""A performance: the script on a running platform, verify's judgement, and the table."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

import uvloop
from rich.console import Console

from superwizja.demo.client import Platform
from superwizja.demo.ledger import Ledger, file_of
from superwizja.demo.plan import make
from superwizja.demo.report import Report, Run, memory_of
from superwizja.demo.script import play_script
from superwizja.demo.sizes import Size
from superwizja.demo.words import say
from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.checks import found_in, show
from superwizja.verify.evidence import gather
from superwizja.verify.quiet import wait_until_quiet

QUIET_WITHIN = 60.0


def perform(out: Console, err: Console, lang: str, runtime: Runtime, size: Size) -> bool:
    """Play, judge, and show both; whether all held."""
    try:
        # The player speaks HTTP alone; the judge reads Kafka, which aiokafka does on asyncio's own loop.
        played = uvloop.run(play(out, lang, runtime, size))
        run = asyncio.run(judge(runtime, played))
    except Exception as error:
        for failure in _leaves(error):
            err.print(say(lang, "failed", error=repr(failure)), style="red", markup=False, highlight=False)
        return False
    Report(out, lang).show(run)
    show(out, lang, run.findings)
    docs = "  ".join(f"{runtime.api(service)}/docs" for service in SERVICES)
    out.print(say(lang, "addresses", live=runtime.gateway, docs=docs), highlight=False)
    out.print(say(lang, "held" if run.held else "not_held"), style="bold green" if run.held else "bold red")
    return run.held


def _leaves(error: Exception) -> list[Exception]:
    """What went wrong in the end, where several parts of the script broke off together."""
    if isinstance(error, ExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]


@dataclass(frozen=True)
class Played:
    """The script's course, counted by who played it. Times are on the monotonic clock, in seconds."""

    began: float
    ended: float
    scenes: int
    commands: int
    reads: int
    retries: int
    refusals: Counter[tuple[int, str, str]]


async def play(out: Console, lang: str, runtime: Runtime, size: Size) -> Played:
    """Play the script on a running platform. Raises what breaks it off."""
    began = time.monotonic()
    async with Platform(runtime, Ledger(file_of(runtime.folder))) as platform:
        played = await play_script(platform, make(size), out, lang)
        return Played(
            began=began,
            ended=time.monotonic(),
            scenes=len(played.scenes),
            commands=platform.commands,
            reads=platform.reads,
            retries=platform.retries,
            refusals=platform.refusals,
        )


async def judge(runtime: Runtime, played: Played) -> Run:
    """What is found once the platform is quiet."""
    await wait_until_quiet(runtime, within=QUIET_WITHIN)
    quiet = time.monotonic()
    evidence = await gather(runtime)
    shown = [each for each in evidence.indicators.values() if each and each["figures"].get("groups_formed")]
    return Run(
        commands=played.commands,
        reads=played.reads,
        retries=played.retries,
        played=played.ended - played.began,
        quiet=quiet - played.ended,
        scenes=played.scenes,
        refusals=played.refusals,
        events=Counter(read.topic for read in evidence.records),
        indicators=sorted(shown, key=lambda each: -each["figures"]["groups_formed"]),
        findings=found_in(evidence),
        memory=memory_of(Runtime.read(runtime.profile)),
    )
