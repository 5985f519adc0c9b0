"""The command `superwizja`: the whole platform on one machine, for people."""

import os
from typing import Annotated

import typer

from superwizja.bench import command as bench
from superwizja.chaos import command as chaos
from superwizja.cli import events, logs, parked, platform, status, token
from superwizja.cli.here import Here
from superwizja.demo import command as demo
from superwizja.verify import command as verify

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Superwizja na jednym komputerze / on one machine, without Docker."
)


@app.callback()
def everywhere(
    context: typer.Context,
    profile: Annotated[
        str, typer.Option(envvar="SUPERWIZJA_PROFILE", help="Odrębne dane i procesy / data and processes apart.")
    ] = "default",
    lang: Annotated[str, typer.Option(envvar="SUPERWIZJA_LANG", help="pl | en")] = "pl",
) -> None:
    """What holds for every subcommand."""
    if not profile.replace("-", "").replace("_", "").isalnum() or profile == "cache":
        raise typer.BadParameter(profile, param_hint="--profile")
    if lang not in ("pl", "en"):
        raise typer.BadParameter("pl | en", param_hint="--lang")
    # Child processes of this call mean the same profile.
    os.environ["SUPERWIZJA_PROFILE"] = profile
    context.obj = Here(profile, lang)


for subcommands in (platform, status, logs, token, events, parked, demo, verify, chaos, bench):
    subcommands.register(app)
