"""status: every process, whether it is ready and why not, and what waits in it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import typer
from prometheus_client.parser import text_string_to_metric_families
from rich.markup import escape
from rich.table import Table

from superwizja.cli.here import Here, here
from superwizja.cli.words import WORDS
from superwizja.counts import KINDS
from superwizja.runtime import Running

STYLES = {"ready": "green", "done": "dim", "backing_off": "red", "stuck": "red", "stopped": "dim"}
# Metrics of the chassis, summed over their labels, and the word that shows each.
SHOWN = {
    "consumer_lag": ("lag", "lag"),
    "outbox_depth": ("outbox", "depth"),
    "parked_events": ("parked_count", "count"),
}


@dataclass(frozen=True)
class Health:
    """How a process is: what its parts wait for, as /health/ready tells it; `mute` is why it did not answer."""

    waits: tuple[Mapping[str, Any], ...] = ()
    mute: str | None = None

    @property
    def well(self) -> bool:
        """Whether nothing waits; a process without a probe is."""
        return not self.waits and self.mute is None

    @property
    def stuck(self) -> bool:
        """Whether something waits although the servers answer."""
        return any(wait["server"] is None for wait in self.waits)


def wait_words(me: Here, wait: Mapping[str, Any]) -> str:
    """What a part waits for, how long, and whether it is stuck or a server is away."""
    step = f"step_{wait['detail']}"
    detail = me.say(step) if step in WORDS else escape(wait["detail"])
    why = me.say(f"why_{wait['cause']}", detail=detail).strip()
    told = {"part": wait["part"], "seconds": round(wait.get("seconds", 0)), "why": why}
    return me.say("is_stuck", **told) if wait["server"] is None else me.say("is_out", server=wait["server"], **told)


def register(app: typer.Typer) -> None:
    """Add this subcommand."""
    app.command()(status)


def state_words(me: Here, state: str) -> str:
    """A process's state as people read it."""
    return me.say("starting_state" if state == "starting" else state)


def status(context: typer.Context) -> None:
    """Pokaż procesy / show the processes: state, memory, readiness, what waits; exit 1 unless all are well."""
    me = here(context)
    runtime = me.runtime()
    rows = [each for each in (runtime.supervisor, *runtime.processes) if each is not None]
    found = asyncio.run(_look_at(rows))
    table = Table(title=runtime.gateway, title_justify="left")
    for column in ("process_name", "pid", "state", "port_column", "restarts", "memory", "notes"):
        right = column in ("pid", "port_column", "restarts", "memory")
        table.add_column(me.say(column), justify="right" if right else "left", no_wrap=column != "notes")
    total, well = 0, True
    for each, (health, metrics) in zip(rows, found, strict=True):
        memory = _memory(each)
        total += memory
        state = each.state if each.state != "ready" or health.well else "stuck" if health.stuck else "not_ready"
        well &= state in ("ready", "done") or each is runtime.supervisor
        table.add_row(
            each.name,
            str(each.pid or ""),
            f"[{STYLES.get(state, 'yellow')}]{state_words(me, state)}",
            str(each.port or ""),
            str(each.restarts or ""),
            f"{memory / 1e6:.0f} MB" if memory else "",
            "; ".join(_notes(me, each, health, metrics)),
        )
    table.add_section()
    table.add_row(me.say("total"), "", "", "", "", f"{total / 1e6:.0f} MB", "")
    # Read by a program or kept in a file, nothing need be cut off.
    if not me.out.is_terminal:
        me.out.width = 140
    me.out.print(table)
    if not well:
        raise typer.Exit(1)


def _notes(me: Here, each: Running, health: Health, metrics: Mapping[str, float]) -> list[str]:
    notes = [me.say("mute", error=health.mute)] if health.mute else []
    notes += [wait_words(me, wait) for wait in health.waits]
    if each.exit_code not in (None, 0) and each.state != "ready":
        notes.append(me.say("exit_code", code=each.exit_code))
    for metric, (key, value) in SHOWN.items():
        if metric in metrics and (metrics[metric] or metric != "parked_events"):
            notes.append(me.say(key, **{value: int(metrics[metric])}))
    return notes


def _memory(each: Running) -> int:
    """What a process and its children hold for themselves, bytes: what they share is counted once or not at all."""
    process = each.process()
    if process is None or each.name == "supervisor":
        return process.memory_info().rss if process else 0
    try:
        family = [process, *process.children(recursive=True)]
        return sum(_own(member) for member in family)
    except psutil.NoSuchProcess:
        return 0


def _own(process: psutil.Process) -> int:
    """Proportional set size where the kernel tells it, else the resident set."""
    try:
        full = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(full, "pss", 0) or full.rss)


async def _look_at(rows: list[Running]) -> list[tuple[Health, dict[str, float]]]:
    """For each process how it is, and its metrics."""
    async with httpx.AsyncClient(trust_env=False, timeout=6) as client:
        return list(await asyncio.gather(*(_ask(client, each) for each in rows)))


async def _ask(client: httpx.AsyncClient, each: Running) -> tuple[Health, dict[str, float]]:
    if each.name.rsplit(".", 1)[0] not in KINDS or each.pid is None:
        return Health(), {}
    address = f"http://127.0.0.1:{each.port}"
    try:
        ready = await client.get(f"{address}/health/ready")
        measured = await client.get(f"{address}/metrics", follow_redirects=True)
    except httpx.HTTPError as error:
        return Health(mute=type(error).__name__), {}
    metrics: dict[str, float] = {}
    for family in text_string_to_metric_families(measured.text):
        for sample in family.samples:
            if sample.name in SHOWN:
                metrics[sample.name] = metrics.get(sample.name, 0) + sample.value
    return Health(tuple(ready.json().get("waits", ()))), metrics
