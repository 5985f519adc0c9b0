"""chaos bad-inputs: requests and records that nobody should send, against a platform of its own."""

import json
import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from superwizja.cli.here import Here, here
from superwizja.runtime import Runtime

PROFILE = "badinputs"
FILE = Path("build/bad-inputs.json")


def register(app: typer.Typer) -> None:
    """Add this subcommand."""
    app.command("bad-inputs")(bad_inputs)


def bad_inputs(
    context: typer.Context,
    count: Annotated[
        int, typer.Option(min=2, help="Ile, po połowie żądań i rekordów / requests and records.")
    ] = 100_000,
    seed: Annotated[int, typer.Option(help="To samo ziarno, te same dane / same seed, same inputs.")] = 1,
    port: Annotated[
        int | None, typer.Option(envvar="SUPERWIZJA_PORT", help="Adres wszystkiego / of all; 8080.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Zostaw platformę / leave the platform running.")] = False,
) -> None:
    """Zepsute żądania i rekordy na własnych danych / bad requests and records on data of its own."""
    # Imported here, so that the other subcommands start without what this needs.
    from superwizja.chaos.badinputs.run import run
    from superwizja.chaos.badinputs.words import say
    from superwizja.cli import platform

    outer = here(context)
    me = Here(PROFILE if outer.profile == "default" else outer.profile, outer.lang)
    os.environ["SUPERWIZJA_PROFILE"] = me.profile
    platform.stop(me)
    shutil.rmtree(Runtime.read(me.profile).folder, ignore_errors=True)
    try:
        runtime = platform.start(me, port=port)
        prepare(runtime, me)
        result = run(runtime, count, seed, me.out, me.lang)
    finally:
        if not keep:
            platform.stop(me)
    result.show(me.out, me.lang)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(result.document(), ensure_ascii=False, indent=1))
    me.out.print(say(me.lang, "kept", file=FILE))
    raise typer.Exit(0 if result.held else 1)


def prepare(runtime: Runtime, me: Here) -> None:
    """Play the small programmes, so that there is something to reach."""
    import uvloop

    from superwizja.demo.performance import play
    from superwizja.demo.sizes import SMALL

    uvloop.run(play(me.out, me.lang, runtime, SMALL))
