"""demo: a platform of its own, both programmes played on it, the table, and verify's verdict."""

import os
import shutil
import signal
from typing import Annotated

import typer

from superwizja.cli.here import Here, here
from superwizja.runtime import Runtime

PROFILE = "demo"


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
    # Imported here, so that the other subcommands start without what the player needs.
    from superwizja.cli import platform
    from superwizja.demo.performance import perform
    from superwizja.demo.sizes import FULL, SMALL
    from superwizja.demo.words import say

    if lang not in (None, "pl", "en"):
        raise typer.BadParameter("pl | en", param_hint="--lang")
    outer = here(context)
    me = Here(PROFILE if outer.profile == "default" else outer.profile, lang or outer.lang)
    os.environ["SUPERWIZJA_PROFILE"] = me.profile
    stays = me.out.is_terminal and not leave
    platform.stop(me)
    shutil.rmtree(Runtime.read(me.profile).folder, ignore_errors=True)
    held = False
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        runtime = platform.start(me, port=port)
        me.out.print(say(me.lang, "intro"))
        held = perform(me.out, me.err, me.lang, runtime, SMALL if small else FULL)
        if stays:
            me.out.print(say(me.lang, "stays"))
            signal.pause()
    except KeyboardInterrupt:
        me.out.print()
    finally:
        platform.stop(me)
    raise typer.Exit(0 if held else 1)
