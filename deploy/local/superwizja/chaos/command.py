"""chaos: the platform broken on purpose under load, and the oracle's verdict."""

import logging
import random
import signal
from typing import Annotated, NoReturn

import typer

from superwizja.chaos.badinputs import command as bad_inputs
from superwizja.chaos.trials import command as trials
from superwizja.cli.here import Here, here

PROFILE = "chaos"


def register(app: typer.Typer) -> None:
    """Add this subcommand, and those below it."""
    below = typer.Typer(invoke_without_command=True, add_completion=False)
    below.callback()(chaos)
    bad_inputs.register(below)
    trials.register(below)
    app.add_typer(below, name="chaos")


def chaos(
    context: typer.Context,
    minutes: Annotated[float, typer.Option(min=0.5, help="Czas pod awariami / time under faults.")] = 10.0,
    seed: Annotated[int | None, typer.Option(help="To samo ziarno, ten sam plan / same seed, same schedule.")] = None,
    lanes: Annotated[int, typer.Option(min=1, help="Równoległe historie obciążenia / stories side by side.")] = 9,
    faults: Annotated[str, typer.Option(help="Tylko te rodzaje, po przecinku / these kinds only.")] = "",
    plant: Annotated[str, typer.Option(help="Zasadź błąd i sprawdź wyrocznię / plant a bug: all | NAME.")] = "",
    lang: Annotated[str | None, typer.Option(help="pl | en")] = None,
) -> None:
    """Psuj platformę pod obciążeniem i osądź ją / break the platform under load, and judge it."""
    _be_ended_by_signals()
    # That brokers are away is what is asked for: aiokafka would tell of each attempt to reach them.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if context.invoked_subcommand is not None:
        return
    # Imported here, so that the other subcommands start without what the rig needs.
    import asyncio

    from superwizja.chaos import report
    from superwizja.chaos.faults import FAULTS
    from superwizja.chaos.rig import NotReady
    from superwizja.chaos.run import Order, besiege
    from superwizja.chaos.told import Told
    from superwizja.chaos.words import say
    from superwizja.lifecycle import CannotStart

    if lang not in (None, "pl", "en"):
        raise typer.BadParameter("pl | en", param_hint="--lang")
    outer = here(context)
    me = Here(PROFILE if outer.profile == "default" else outer.profile, lang or outer.lang)
    wanted = [name for name in faults.split(",") if name]
    if unknown := [name for name in wanted if name not in FAULTS]:
        raise typer.BadParameter(f"{', '.join(unknown)} / {', '.join(FAULTS)}", param_hint="--faults")
    seed = random.SystemRandom().randrange(10_000) if seed is None else seed
    if plant:
        prove(me, plant, seed, lanes)
    order = Order(
        seconds=minutes * 60,
        seed=seed,
        lanes=lanes,
        faults=wanted,
        profile=me.profile,
    )
    # What a run before this one came to is not taken for what this one did.
    report.FILE.unlink(missing_ok=True)
    me.out.print(say(me.lang, "begins", minutes=f"{minutes:g}", seed=order.seed), highlight=False)
    try:
        with Told(me.out, me.lang, order.seconds) as told:
            outcome = asyncio.run(besiege(order, told))
    except CannotStart as why:
        me.cannot(why)
    except NotReady as why:
        me.err.print(say(me.lang, "not_ready", what=why, seed=order.seed), style="red", highlight=False, markup=False)
        raise typer.Exit(1) from None
    report.write(outcome)
    report.Report(me.out, me.lang).show(outcome)
    me.out.print(say(me.lang, "written", file=report.FILE), highlight=False)
    raise typer.Exit(0 if outcome.held else 1)


def _be_ended_by_signals() -> None:
    """Ctrl-C and SIGTERM end a run at once, its platform stopped, be it in a shell that has its jobs ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


def prove(me: Here, wanted: str, seed: int, lanes: int) -> NoReturn:
    """Plant one bug, or all of them one after the other, and see whether the oracle names each."""
    import asyncio

    from superwizja.chaos import proving
    from superwizja.chaos.planting import PLANTS
    from superwizja.chaos.words import say
    from superwizja.lifecycle import CannotStart

    plants = [plant for plant in PLANTS if wanted in ("all", plant.name)]
    if not plants:
        names = ", ".join(plant.name for plant in PLANTS)
        raise typer.BadParameter(f"{wanted} / all, {names}", param_hint="--plant")

    def told(what: str) -> None:
        me.out.print(what, highlight=False, markup=False)

    told(say(me.lang, "planting", number=len(plants), seed=seed))
    try:
        proofs = asyncio.run(proving.plants_caught(plants, seed=seed, lanes=lanes, profile=me.profile, told=told))
    except CannotStart as why:
        me.cannot(why)
    proving.show(me.out, me.lang, proofs)
    told(say(me.lang, "written", file=proving.FILE))
    raise typer.Exit(0 if all(proof.caught for proof in proofs) else 1)
