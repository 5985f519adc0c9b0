"""verify: all checks, one after the other, and a table of what they found."""

import asyncio
from typing import Annotated

import typer

from superwizja.cli.here import here


def register(app: typer.Typer) -> None:
    """Add this subcommand."""
    app.command()(verify)


def verify(
    context: typer.Context,
    within: Annotated[float, typer.Option(min=1, help="Sekundy na ciszę / seconds until quiet.")] = 60.0,
) -> None:
    """Sprawdź gwarancje na bazach, tematach i API / check the guarantees; it reads and never writes."""
    # Imported here, so that the other subcommands start without what the checks need.
    from superwizja.verify.checks import judged, show
    from superwizja.verify.quiet import NotQuiet
    from superwizja.verify.words import say

    me = here(context)
    try:
        findings = asyncio.run(judged(me.runtime(), within=within))
    except NotQuiet as busy:
        me.out.print(say(me.lang, "not_quiet", seconds=f"{within:.0f}", what=busy), style="red", markup=False)
        raise typer.Exit(1) from None
    show(me.out, me.lang, findings)
    if not all(finding.holds for finding in findings):
        raise typer.Exit(1)
