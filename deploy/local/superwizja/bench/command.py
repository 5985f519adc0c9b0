"""bench: how fast the platform is, as ratios to what is measured beside it."""

from pathlib import Path
from typing import Annotated

import typer

from superwizja.cli.here import here

FILE = Path("build/bench.json")
CHARTS = Path("build/bench")


def register(app: typer.Typer) -> None:
    """Add this subcommand."""
    app.command()(bench)


def bench(
    context: typer.Context,
    peers: Annotated[str, typer.Option(help="none | all: obok innych rozwiązań / beside others' work.")] = "none",
    only: Annotated[str, typer.Option(help="Tylko te części, po przecinku / these parts only.")] = "",
    rounds: Annotated[int, typer.Option(min=1, help="Rundy na przemian / alternating rounds.")] = 3,
    charts: Annotated[Path, typer.Option(help="Folder wykresów / folder of the charts.")] = CHARTS,
) -> None:
    """Zmierz platformę / measure the platform."""
    # Imported here, so that the other subcommands start without what is measured.
    from superwizja.bench import report
    from superwizja.bench.parts import GROWTH, PARTS, measured
    from superwizja.bench.words import say

    me = here(context)
    if peers not in ("none", "all"):
        raise typer.BadParameter("none | all", param_hint="--peers")
    wanted = [name for name in only.split(",") if name] or list(PARTS)
    if unknown := [name for name in wanted if name not in PARTS | GROWTH]:
        raise typer.BadParameter(f"{', '.join(unknown)} / {', '.join(PARTS | GROWTH)}", param_hint="--only")
    with report.Told(me.out, me.lang, len(wanted)) as told:
        figures = measured(wanted, rounds=rounds, with_peers=peers == "all", begins=told.part, told=told)
    report.write(figures, FILE)
    report.draw(figures, charts, me.lang)
    report.show(me.out, me.lang, figures)
    me.out.print(say(me.lang, "written", file=FILE, charts=charts), highlight=False)
    raise typer.Exit(0 if all(each.holds is not False for each in figures) else 1)
