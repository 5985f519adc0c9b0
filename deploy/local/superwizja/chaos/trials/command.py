"""superwizja chaos trials: each row of the table on a platform of its own, one after the other."""

import asyncio
import random
import secrets
import time
import traceback
from typing import Annotated

import typer

from superwizja.cli.here import here

PROFILE = "trials"
"""A profile of its own, whose data are removed at each start."""


def register(app: typer.Typer) -> None:
    """Add this subcommand."""
    app.command()(trials)


def trials(
    context: typer.Context,
    only: Annotated[
        str, typer.Option(help="Które próby / which trials: recovery,broker,kafka,database,rebuild,memory.")
    ] = "recovery,database,kafka,broker,rebuild,memory",
    number: Annotated[
        int | None, typer.Option("--trials", min=1, help="Ile razy (recovery 15, broker 50) / how many times.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=5, help="Ile sekund (bez Kafki 600, bez bazy 60, memory 3600) / how many seconds."),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=1, help="Ile na sekundę (broker 1000, kafka 100, memory 30, database 20) / how many a second."
        ),
    ] = None,
    events: Annotated[int, typer.Option(min=1000, help="Zdarzenia do przebudowy / events to rebuild from.")] = 200_000,
    seed: Annotated[int | None, typer.Option(help="Ziarno losowania / seed.")] = None,
) -> None:
    """Próby pojedynczych awarii na świeżej platformie / trials of single faults on a fresh platform."""
    # Imported here, so that the other subcommands start without what the trials need.
    from superwizja.chaos.trials import rows
    from superwizja.chaos.trials.table import FILE, show, write
    from superwizja.chaos.trials.words import say

    me = here(context)
    chosen = [name.strip() for name in only.split(",") if name.strip()]
    for name in chosen:
        if name not in rows.ROWS:
            known = ", ".join(rows.ROWS)
            me.err.print(say(me.lang, "unknown", name=name, known=known), style="red", markup=False)
            raise typer.Exit(2)
    seed = secrets.randbelow(10_000) if seed is None else seed
    me.out.print(say(me.lang, "seed", seed=seed), highlight=False)
    asked = rows.Asked(
        rng=random.Random(seed),
        told=lambda what: me.out.print(f"  {time.strftime('%H:%M:%S')} {what}", highlight=False, markup=False),
        trials=number,
        seconds=seconds,
        rate=rate,
        events=events,
    )
    began, done = time.time(), []
    for name in chosen:
        me.out.print(say(me.lang, "begins", title=say(me.lang, name)), highlight=False)
        try:
            trial = asyncio.run(rows.on_a_rig(PROFILE, name, asked))
        except Exception as error:
            # It is told as what it is, a trial that did not hold, and the others are made.
            trial = rows.unfinished(name, "".join(traceback.format_exception(error)))
            me.err.print(trial.detail["error"], style="red", markup=False, highlight=False)
        done.append(trial)
        show(me.out, me.lang, trial)
        write(done, seed, began, time.time())
    me.out.print(say(me.lang, "written", file=FILE), highlight=False)
    if not all(trial.held for trial in done):
        raise typer.Exit(1)
