"""demo: a platform of its own, both programmes played on it, the table, and verify's verdict."""

import asyncio
import os
import shutil
import signal
import time
from collections import Counter
from typing import Annotated

import typer

from superwizja.cli.here import Here, here
from superwizja.demo.client import Platform
from superwizja.demo.ledger import Ledger, file_of
from superwizja.demo.plan import make
from superwizja.demo.report import Report, Run, memory_of
from superwizja.demo.script import play_script
from superwizja.demo.sizes import FULL, SMALL, Size
from superwizja.demo.words import say
from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.checks import found_in, show
from superwizja.verify.evidence import gather
from superwizja.verify.quiet import wait_until_quiet

PROFILE = "demo"
QUIET_WITHIN = 60.0


def register(app: typer.Typer) -> None:
    """Add this subcommand."""
    app.command()(demo)


def demo(
    context: typer.Context,
    lang: Annotated[str | None, typer.Option(help="pl | en")] = None,
    leave: Annotated[bool, typer.Option("--exit", help="Zatrzymaj po wszystkim / stop when all is done.")] = False,
    small: Annotated[bool, typer.Option(help="Kilka grup zamiast 180 / a few groups only.")] = False,
    port: Annotated[
        int | None, typer.Option(envvar="SUPERWIZJA_PORT", help="Adres wszystkiego / of all; 8080.")
    ] = None,
) -> None:
    """Odegraj dwa projekty na własnych danych / play two programmes on data of its own, which are reset."""
    from superwizja.cli import platform

    if lang not in (None, "pl", "en"):
        raise typer.BadParameter("pl | en", param_hint="--lang")
    outer = here(context)
    me = Here(PROFILE if outer.profile == "default" else outer.profile, lang or outer.lang)
    os.environ["SUPERWIZJA_PROFILE"] = me.profile
    stays = me.out.is_terminal and not leave
    platform.stop(me)
    shutil.rmtree(Runtime.read(me.profile).folder, ignore_errors=True)
    held = False
    try:
        runtime = platform.start(me, port=port)
        me.out.print(say(me.lang, "intro"))
        held = _played(me, runtime, SMALL if small else FULL)
        if stays:
            me.out.print(say(me.lang, "stays"))
            signal.sigwait([signal.SIGINT, signal.SIGTERM])
    except KeyboardInterrupt:
        me.out.print()
    finally:
        platform.stop(me)
    raise typer.Exit(0 if held else 1)


def _played(me: Here, runtime: Runtime, size: Size) -> bool:
    """Play, judge, and show both; whether all held."""
    try:
        run = asyncio.run(play(me, runtime, size))
    except Exception as error:
        for failure in _leaves(error):
            me.err.print(say(me.lang, "failed", error=repr(failure)), style="red", markup=False, highlight=False)
        return False
    Report(me.out, me.lang).show(run)
    show(me.out, me.lang, run.findings)
    docs = "  ".join(f"{runtime.api(service)}/docs" for service in SERVICES)
    me.out.print(say(me.lang, "addresses", live=runtime.gateway, docs=docs), highlight=False)
    me.out.print(say(me.lang, "held" if run.held else "not_held"), style="bold green" if run.held else "bold red")
    return run.held


def _leaves(error: Exception) -> list[Exception]:
    """What went wrong in the end, where several parts of the script broke off together."""
    if isinstance(error, ExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]


async def play(me: Here, runtime: Runtime, size: Size) -> Run:
    """The script on a running platform, and what is found once it is quiet. Raises what breaks the script off."""
    began = time.monotonic()
    async with Platform(runtime, Ledger(file_of(runtime.folder))) as platform:
        played = await play_script(platform, make(size), me.out, me.lang)
        ended = time.monotonic()
    await wait_until_quiet(runtime, within=QUIET_WITHIN)
    quiet = time.monotonic()
    evidence = await gather(runtime)
    shown = [each for each in evidence.indicators.values() if each and each["figures"].get("groups_formed")]
    return Run(
        commands=platform.commands,
        reads=platform.reads,
        retries=platform.retries,
        played=ended - began,
        quiet=quiet - ended,
        scenes=len(played.scenes),
        refusals=platform.refusals,
        events=Counter(read.topic for read in evidence.records),
        indicators=sorted(shown, key=lambda each: -each["figures"]["groups_formed"]),
        findings=found_in(evidence),
        memory=memory_of(Runtime.read(runtime.profile)),
    )
