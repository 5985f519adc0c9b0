"""What every subcommand knows: the profile, the language, and where to write."""

from dataclasses import dataclass, field
from typing import NoReturn

import typer
from rich.console import Console

from superwizja.cli.words import say
from superwizja.lifecycle import CannotStart
from superwizja.runtime import Runtime


@dataclass
class Here:
    """The context of one call of the command."""

    profile: str = "default"
    lang: str = "pl"
    out: Console = field(default_factory=Console)
    err: Console = field(default_factory=lambda: Console(stderr=True))

    def say(self, key: str, **values: object) -> str:
        """A text in the language that was asked for."""
        return say(self.lang, key, **values)

    def fail(self, key: str, **values: object) -> NoReturn:
        """Say what is wrong and what to do, and end with 1."""
        self.err.print(self.say(key, **values), style="red", highlight=False, markup=False)
        raise typer.Exit(1)

    def cannot(self, why: CannotStart) -> NoReturn:
        """Say why the platform does not start."""
        self.fail(why.key, **why.values)

    def runtime(self) -> Runtime:
        """The running platform of this profile; ends with 1 where it does not run."""
        runtime = Runtime.read(self.profile)
        if not runtime.is_up():
            self.fail("not_up", profile=self.profile)
        return runtime


def here(context: typer.Context) -> Here:
    """The Here of this call."""
    found = context.find_object(Here)
    return found if found is not None else Here()
