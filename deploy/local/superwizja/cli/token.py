"""token: a signed token of a role, for curl and for trials."""

from typing import Annotated
from uuid import UUID

import typer

from superwizja import people, tokens
from superwizja.cli.here import here
from superwizja.runtime import AUDIENCE, Runtime


def register(app: typer.Typer) -> None:
    """Add this subcommand."""
    app.command()(token)


def token(
    context: typer.Context,
    role: Annotated[str, typer.Option(help=", ".join(people.ALL_ROLES))],
    person: Annotated[UUID | None, typer.Option(help="Identyfikator osoby / a person's id.")] = None,
    centre: Annotated[UUID | None, typer.Option(help="Tylko ten ośrodek / this centre only.")] = None,
    programme: Annotated[UUID | None, typer.Option(help="Tylko ten program / this programme only.")] = None,
    seconds: Annotated[int, typer.Option(min=1, max=86400, help="Ważność / validity.")] = 3600,
) -> None:
    """Wypisz token dostępu tej roli / print an access token of this role."""
    me = here(context)
    if role not in people.ALL_ROLES:
        me.fail("role_unknown", role=role, roles=", ".join(people.ALL_ROLES))
    runtime = Runtime.read(me.profile)
    if not runtime.key_file.exists():
        me.fail("not_up", profile=me.profile)
    key = tokens.signing_key(runtime.key_file)
    roles = [tokens.role(role, programme=programme, centre=centre)]
    who = person or people.one_of(role)
    typer.echo(tokens.mint(key, runtime.issuer, who, roles, seconds=seconds, audience=AUDIENCE))
