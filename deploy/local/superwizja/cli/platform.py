"""up, down, scale, rebuild and reset."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from superwizja import kafka, lifecycle
from superwizja.cli.here import Here, here
from superwizja.cli.status import STYLES, state_words
from superwizja.counts import KINDS, MOST, names, read_counts, write_counts
from superwizja.runtime import Runtime


def register(app: typer.Typer) -> None:
    """Add these subcommands."""
    for command in (up, down, scale, rebuild, reset):
        app.command()(command)


def up(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(envvar="SUPERWIZJA_PORT", help="Adres wszystkiego / of all; 8080.")
    ] = None,
    servers_only: Annotated[bool, typer.Option(help="Bez procesów usług / without the services' processes.")] = False,
    attach: Annotated[bool, typer.Option(help="Zostań; Ctrl-C zatrzymuje / stay; Ctrl-C stops.")] = False,
) -> None:
    """Uruchom platformę / start the platform, unless it runs already."""
    me = here(context)
    before = Runtime.read(me.profile).is_up()
    began = time.monotonic()
    try:
        runtime = start(me, port=port, servers_only=servers_only)
        if before:
            me.out.print(me.say("up_already", gateway=runtime.gateway))
        else:
            me.out.print(me.say("up", gateway=runtime.gateway, seconds=f"{time.monotonic() - began:.1f}"))
        if attach:
            # Ctrl-C is what ends it, also where a shell has its jobs ignore it, from the moment that it says so.
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.default_int_handler)
            me.out.print(me.say("attached"))
            signal.pause()
    except KeyboardInterrupt:
        stop(me)
        raise typer.Exit(0 if attach else 130) from None


def start(me: Here, *, port: int | None = None, servers_only: bool = False) -> Runtime:
    """Start it with a progress display, and wait until all is ready. Ends with 1 where it cannot start."""
    counts = dict.fromkeys(KINDS, 0) if servers_only else None
    try:
        if not Runtime.read(me.profile).is_up():
            with _fetching(me) as progress:
                lifecycle.fetch(progress)
        with _shown(me, "starting") as shown:
            return lifecycle.up(me.profile, port=port, counts=counts, shown=shown)
    except lifecycle.CannotStart as why:
        me.cannot(why)


def down(context: typer.Context) -> None:
    """Zatrzymaj platformę / stop the platform: it drains first."""
    me = here(context)
    me.out.print(me.say("down" if stop(me) else "down_already"))


def stop(me: Here) -> bool:
    """Stop it with a progress display; whether anything ran."""
    with _shown(me, "stopping") as shown:
        return lifecycle.down(me.profile, shown=shown)


def scale(context: typer.Context, wanted: Annotated[list[str], typer.Argument(metavar="sessions.worker=3")]) -> None:
    """Zmień liczbę procesów / change how many processes run, without dropping requests."""
    me = here(context)
    runtime = me.runtime()
    try:
        write_counts(runtime, {kind: int(count) for kind, count in (each.split("=") for each in wanted)})
    except ValueError:
        me.fail("scale_form", kinds=", ".join(KINDS), most=MOST)
    if runtime.supervisor is not None and (supervisor := runtime.supervisor.process()):
        supervisor.send_signal(signal.SIGHUP)
    expected = set(names(read_counts(runtime)))
    with _shown(me, "starting") as shown:
        deadline = time.monotonic() + 90
        while not _is(Runtime.read(me.profile), expected) and time.monotonic() < deadline:
            shown(Runtime.read(me.profile))
            time.sleep(0.1)
    if not _is(Runtime.read(me.profile), expected):
        unready = next(each for each in Runtime.read(me.profile).processes if not lifecycle.is_ready(each))
        me.fail("process", name=unready.name, log=unready.log, tail="")
    me.out.print(me.say("scaled", names=" ".join(wanted)))


def _is(runtime: Runtime, expected: set[str]) -> bool:
    """Whether exactly these replicas run and are ready."""
    replicas = {each.name: each for each in runtime.processes if each.name.rsplit(".", 1)[0] in KINDS}
    return set(replicas) == expected and all(lifecycle.is_ready(each) for each in replicas.values())


def rebuild(context: typer.Context, projection: Annotated[str, typer.Argument()] = "insights") -> None:
    """Zbuduj wskaźniki od nowa z historii / rebuild the figures from history while the old ones serve."""
    me = here(context)
    runtime = me.runtime()
    if projection != "insights":
        raise typer.BadParameter("insights", param_hint="projection")
    env = runtime.environment("insights", port=0, operated=[])
    done = subprocess.run([sys.executable, "-m", "insights.main", "rebuild"], check=False, env=env)
    raise typer.Exit(done.returncode)


def reset(context: typer.Context, yes: Annotated[bool, typer.Option("--yes", "-y")] = False) -> None:
    """Usuń dane profilu / remove the profile's data; what was downloaded stays."""
    me = here(context)
    folder = Runtime.read(me.profile).folder
    if not yes and not typer.confirm(me.say("reset_ask", profile=me.profile, folder=folder)):
        me.out.print(me.say("kept"))
        raise typer.Exit(1)
    stop(me)
    shutil.rmtree(folder, ignore_errors=True)
    me.out.print(me.say("reset_done", profile=me.profile))


@contextmanager
def _shown(me: Here, title: str) -> Iterator[Callable[[Runtime], None]]:
    """A live table of states at a terminal; a line per change elsewhere."""
    if not me.out.is_terminal:
        seen: dict[str, str] = {}
        told = ("stopped",) if title == "stopping" else ("ready", "done", "backing_off")

        def line(runtime: Runtime) -> None:
            for each in runtime.processes:
                if seen.get(each.name) != each.state and each.state in told:
                    me.out.print(f"{each.name}: {state_words(me, each.state)}", highlight=False)
                seen[each.name] = each.state

        yield line
        return
    with Live(console=me.out, refresh_per_second=8, transient=True) as live:

        def draw(runtime: Runtime) -> None:
            table = Table.grid(padding=(0, 2))
            table.title, table.title_justify = me.say(title), "left"
            for each in runtime.processes:
                words = state_words(me, each.state)
                table.add_row(each.name, f"[{STYLES.get(each.state, 'yellow')}]{words}", str(each.restarts or ""))
            live.update(table)

        yield draw


@contextmanager
def _fetching(me: Here) -> Iterator[kafka.Progress]:
    """A bar for the one download there is: Kafka's jars, the first time."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=me.out, transient=True) as bars:

        @contextmanager
        def one(name: str, size: int) -> Iterator[Callable[[int], None]]:
            if not bars.tasks:
                bars.add_task(me.say("fetching"), total=0)
            task = bars.tasks[0]
            bars.update(task.id, total=(task.total or 0) + size)
            yield lambda piece: bars.update(task.id, advance=piece)

        yield one
