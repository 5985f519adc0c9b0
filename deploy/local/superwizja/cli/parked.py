"""parked: what a service could not apply and keeps aside, and taking it up again."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
import typer
from rich.table import Table

from superwizja import people, tokens
from superwizja.cli.here import Here, here
from superwizja.runtime import AUDIENCE, SERVICES

parked = typer.Typer(no_args_is_help=True, help="Odłożone zdarzenia / parked events.")
Service = Annotated[str, typer.Argument(help=" | ".join(SERVICES))]


def register(app: typer.Typer) -> None:
    """Add this group of subcommands."""
    app.add_typer(parked, name="parked")


@parked.command("list")
def list_(context: typer.Context) -> None:
    """Wszystko, co odłożone / everything that is parked."""
    me = here(context)
    table = Table()
    for column in ("service", "consumer", "aggregate", "events", "error"):
        table.add_column(me.say(column), no_wrap=column == "aggregate")
    for service in SERVICES:
        answer = _ask(me, service, "GET", "/v1/parked")
        for each in answer["items"]:
            events = f"{each['events']} (v{each['from_version']}…)"
            table.add_row(service, each["consumer"], each["aggregate"], events, each["cause"])
        for each in answer.get("due", ()):
            table.add_row(service, each["kind"], each["subject"], str(each["attempts"]), each["cause"])
    if table.row_count:
        me.out.print(table)
    else:
        me.out.print(me.say("parked_none"))


@parked.command()
def show(context: typer.Context, service: Service, consumer: str, aggregate: UUID) -> None:
    """Odłożone zdarzenia jednego agregatu / one aggregate's parked events."""
    me = here(context)
    for each in _ask(me, service, "GET", f"/v1/parked/{consumer}/{aggregate}")["items"]:
        me.out.print_json(data=each)


@parked.command()
def redrive(context: typer.Context, service: Service, consumer: str, aggregate: UUID) -> None:
    """Spróbuj jeszcze raz / take them up again, in version order."""
    me = here(context)
    answer = _ask(me, service, "POST", f"/v1/parked/{consumer}/{aggregate}/redrive")
    me.out.print(me.say("redriven", answer=answer), highlight=False)


def _ask(me: Here, service: str, method: str, path: str) -> Any:
    """A service's answer to an operator; ends with 1 where it refuses."""
    runtime = me.runtime()
    if service not in SERVICES:
        raise typer.BadParameter(", ".join(SERVICES), param_hint="service")
    key = tokens.signing_key(runtime.key_file)
    who = people.one_of("operator")
    token = tokens.mint(key, runtime.issuer, who, [tokens.role("operator")], seconds=300, audience=AUDIENCE)
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": me.lang, "Idempotency-Key": str(uuid4())}
    answer = httpx.request(method, f"{runtime.api(service)}{path}", headers=headers, trust_env=False, timeout=10)
    if answer.is_error:
        me.fail("refused", service=service, status=answer.status_code, answer=answer.text)
    return answer.json()
