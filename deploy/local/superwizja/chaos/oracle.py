"""The judge of a run under faults: verify's eleven checks, and those that look at all of its history.

It reads the load's ledger, the topics from zero, the databases and the public addresses, and shares no code with the
services but the contracts.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from superwizja.chaos import commands, gates, orders
from superwizja.chaos.heard import Heard, Planted
from superwizja.chaos.struck import Struck
from superwizja.chaos.testimony import Testimony, testify
from superwizja.runtime import Runtime
from superwizja.verify.checks import found_in
from superwizja.verify.finding import Finding
from superwizja.verify.quiet import NotQuiet, wait_until_quiet

CHECKS: tuple[Callable[[Testimony], Finding], ...] = (
    orders.consumers,
    commands.heard,
    commands.made,
    commands.later,
    commands.effects,
    orders.order,
    orders.redeliveries,
    orders.parked,
    orders.poison,
    gates.seats,
    gates.contracts,
    gates.withdrawals,
    gates.readable,
    gates.certified,
)


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
    began, busy = time.monotonic(), None
    try:
        await wait_until_quiet(runtime, within=within)
    except NotQuiet as under_way:
        busy = str(under_way)
    quiet = time.monotonic()
    testimony = await testify(runtime, heard, planted or Planted(), list(struck))
    testimony.quiet = busy
    verdict = judge(testimony)
    verdict.waited, verdict.seconds = quiet - began, time.monotonic() - quiet
    return verdict


def judge(testimony: Testimony) -> Verdict:
    """What every check finds in a testimony."""
    findings = [*found_in(testimony.clean()), *(check(testimony) for check in CHECKS)]
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
        "kills": sum(each.kills for each in testimony.struck),
        "faults": len(testimony.struck),
        "records": len(testimony.evidence.records),
        "commands": len(testimony.evidence.ledger),
    }
