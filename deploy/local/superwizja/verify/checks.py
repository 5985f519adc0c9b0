"""All checks, and a table of what they found."""

from babel.numbers import format_decimal
from rich.console import Console
from rich.table import Table

from superwizja.runtime import Runtime
from superwizja.verify import delivery, erasure, facts, indicators
from superwizja.verify.evidence import Evidence, gather
from superwizja.verify.finding import Check, Finding
from superwizja.verify.quiet import wait_until_quiet
from superwizja.verify.words import NUMBERS, say

CHECKS: tuple[Check, ...] = (
    delivery.ledger,
    delivery.outbox,
    delivery.versions,
    delivery.inbox,
    facts.enrolment,
    facts.ordinals,
    facts.attendance,
    indicators.rebuilt,
    indicators.services_agree,
    facts.certificates,
    facts.consents,
    erasure.erasure,
)
SHOWN = 5


async def judged(runtime: Runtime, *, within: float = 60.0) -> list[Finding]:
    """Wait until the platform is quiet, then make every check. Raises NotQuiet."""
    await wait_until_quiet(runtime, within=within)
    return found_in(await gather(runtime))


def found_in(evidence: Evidence) -> list[Finding]:
    """What every check finds in the evidence."""
    return [check(evidence) for check in CHECKS]


def show(console: Console, lang: str, findings: list[Finding]) -> None:
    """A row for each check, then the first differences of those that do not hold."""
    table = Table(title=say(lang, "title"), title_justify="left")
    for column in ("check", "what", "count", "verdict"):
        table.add_column(say(lang, column), justify="right" if column == "count" else "left")
    for finding in findings:
        style = "green" if finding.holds else "red"
        verdict = "holds" if finding.holds else "differs"
        table.add_row(
            f"{NUMBERS[finding.name]} {finding.name}",
            say(lang, finding.name),
            format_decimal(finding.compared, locale="en" if lang == "en" else "pl"),
            f"[{style}]{say(lang, verdict, number=len(finding.differences))}[/]",
        )
    console.print(table)
    for finding in findings:
        for line in finding.differences[:SHOWN]:
            console.print(f"{finding.name}: {line}", style="red", markup=False, highlight=False)
        if len(finding.differences) > SHOWN:
            console.print(say(lang, "more", number=len(finding.differences) - SHOWN), style="red")
        for note in finding.notes[:SHOWN]:
            console.print(f"{finding.name}: {note}", style="yellow", markup=False, highlight=False)
    broken = [finding.name for finding in findings if not finding.holds]
    if broken:
        console.print(say(lang, "broken", names=", ".join(broken)), style="bold red")
    else:
        console.print(say(lang, "all_hold"), style="bold green")
