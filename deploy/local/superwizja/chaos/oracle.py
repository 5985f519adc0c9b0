"""The judge of a run under faults: verify's checks, and those that look at all of its history.

It reads the load's ledger, the topics from zero, the databases and the public addresses, and shares no code with the
services but the contracts.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from superwizja.chaos import commands, gates, names, orders, reactions
from superwizja.chaos.heard import Heard, Planted
from superwizja.chaos.struck import Struck
from superwizja.chaos.testimony import Testimony, nothing_collected, testify
from superwizja.runtime import Runtime
from superwizja.verify.checks import found_in
from superwizja.verify.finding import Finding
from superwizja.verify.quiet import NotQuiet, wait_until_quiet
from superwizja.verify.sources import databases

CHECKS: tuple[Callable[[Testimony], Finding], ...] = (
    orders.consumers,
    commands.heard,
    commands.made,
    commands.later,
    commands.effects,
    reactions.facts,
    reactions.answers,
    orders.order,
    orders.redeliveries,
    orders.parked,
    orders.poison,
    gates.seats,
    gates.contracts,
    gates.withdrawals,
    gates.readable,
    gates.certified,
    names.names,
)


TRIED_AGAIN = "SELECT count(*) FROM due WHERE attempts > 0 AND parked_at IS NULL"
LAST_POSITION = "SELECT coalesce(max(position), 0) FROM outbox"


@dataclass
class Verdict:
    """What was found, in `seconds` of judging after the platform had fallen quiet, or had not, in `waited` seconds."""

    findings: list[Finding]
    testimony: Testimony
    waited: float = 0.0
    seconds: float = 0.0
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing at all differs."""
        return all(finding.holds for finding in self.findings)

    @property
    def broken(self) -> list[str]:
        """The names of the checks that do not hold."""
        return [finding.name for finding in self.findings if not finding.holds]


async def judged(
    runtime: Runtime,
    heard: Heard,
    struck: Sequence[Struck] = (),
    planted: Planted | None = None,
    *,
    within: float = 120.0,
) -> Verdict:
    """Wait until the platform is quiet, read everything, judge it.

    What is still under way after `within` seconds is a finding of its own, and the rest is judged as it lies there.
    """
    began = time.monotonic()
    with nothing_collected():
        while True:
            busy = await _busy(runtime, within=began + within - time.monotonic())
            quiet = time.monotonic()
            before = await _positions(runtime)
            testimony = await testify(runtime, heard, planted or Planted(), list(struck))
            # An offer that expires meanwhile makes its events: what was read is then of two times, and is read again.
            if busy is not None or await _positions(runtime) == before:
                break
        testimony.quiet = busy
        verdict = judge(testimony)
    verdict.waited, verdict.seconds = quiet - began, time.monotonic() - quiet
    return verdict


async def _busy(runtime: Runtime, *, within: float) -> str | None:
    """Wait until nothing is under way, and no due work waits to be tried again; what is, when time is over."""
    deadline = time.monotonic() + within
    while True:
        try:
            await wait_until_quiet(runtime, within=deadline - time.monotonic())
        except NotQuiet as under_way:
            return str(under_way)
        again = await _numbers(runtime, TRIED_AGAIN)
        if not any(again.values()):
            return None
        if time.monotonic() > deadline:
            return ", ".join(f"{service} due again {number}" for service, number in again.items() if number)
        await asyncio.sleep(0.5)


async def _positions(runtime: Runtime) -> dict[str, int]:
    return await _numbers(runtime, LAST_POSITION)


async def _numbers(runtime: Runtime, statement: str) -> dict[str, int]:
    found = {}
    for service, database in databases(runtime).items():
        async with database:
            found[service] = await database.number(statement)
    return found


def judge(testimony: Testimony) -> Verdict:
    """What every check finds in a testimony."""
    findings = [*found_in(testimony.clean), *(check(testimony) for check in CHECKS)]
    return Verdict(findings, testimony, figures=figures(findings, testimony))


def figures(findings: Sequence[Finding], testimony: Testimony) -> dict[str, int]:
    """The numbers that the goals are about, each command and event counted once however many checks saw it."""
    seen = {(about.kind, about.id) for finding in findings for about in finding.about.values() if about.kind}
    kinds = Counter(kind for kind, _ in seen)
    return {
        "lost": kinds["lost"],
        "doubled": kinds["doubled"],
        "inversions": kinds["inverted"],
        "repeated": orders.repeated(testimony),
        "skipped": testimony.planted.skipped,
        "redeliveries": orders.repeated(testimony) + testimony.planted.skipped,
        "empty": sum(not finding.compared for finding in findings),
        "kills": sum(each.kills for each in testimony.struck),
        "faults": len(testimony.struck),
        "records": len(testimony.evidence.records),
        "commands": len(testimony.evidence.ledger),
    }
