"""Check 8 and its neighbour: figures rebuilt from the topics, as insights tells them, and as the services do."""

from typing import Any
from uuid import UUID

from superwizja.runtime import SERVICES
from superwizja.verify.evidence import Evidence
from superwizja.verify.finding import Finding
from superwizja.verify.fold import Programme, folded
from superwizja.verify.history import told

SUMMED = ("groups_formed", "sessions_completed", "runs_completed", "training_groups_trained", "attendances")
"""Figures of cities that add up to the whole; people may be in more than one city."""


def rebuilt(evidence: Evidence) -> Finding:
    """8. Indicators rebuilt from zero are the live ones; cities add up to totals, months to what they count."""
    finding = Finding("indicators")
    parked = [
        (row["topic"], row["aggregate"], row["parked_from"])
        for row in evidence.rows("insights", "inbox")
        if row["parked_from"] is not None
    ]
    programmes = folded(told(evidence.records, without=parked))
    for programme in evidence.programmes:
        whole = programmes.get(programme, Programme())
        live = evidence.told.get(("insights", programme))
        if live is None:
            finding.expect(False, f"insights knows no programme {programme}")
            continue
        finding.same(f"{programme} figure", whole.figures(), live["figures"])
        finding.same(f"{programme} refusals", dict(whole.refusals), live["refusals"])
        finding.same(f"{programme} month", _flat(whole.months()), _flat(live["months"]))
        _cities(finding, programme, whole, evidence.indicators.get(programme) or {})
    return finding


def _cities(finding: Finding, programme: UUID, whole: Programme, live: dict[str, Any]) -> None:
    cities = live.get("cities", [])
    figures = whole.figures()
    for code in SUMMED:
        total = sum(city["figures"].get(code, 0) for city in cities)
        finding.expect(total == figures[code], f"{programme} {code}: cities add up to {total} of {figures[code]}")
    told_of = {city["terc"]: city["figures"] for city in cities}
    for area, counted in whole.by_area().items():
        told_here = {code: told_of.get(area, {}).get(code, 0) for code in counted}
        finding.same(f"{programme} city {area}", counted, told_here)


def _flat(months: dict[str, dict[str, int]]) -> dict[tuple[str, str], int]:
    """Months and codes with a number; zero is the same as nothing."""
    return {(month, code): number for month, codes in months.items() for code, number in codes.items() if number}


def services_agree(evidence: Evidence) -> Finding:
    """What each service says of a programme is what insights says."""
    finding = Finding("services")
    for programme in evidence.programmes:
        live = evidence.told.get(("insights", programme)) or {"figures": {}, "months": {}, "refusals": {}}
        refusals: dict[str, int] = {}
        for service in SERVICES:
            said = evidence.told.get((service, programme))
            if service == "insights" or said is None:
                continue
            codes = said["figures"].keys()
            shown = {code: live["figures"].get(code) for code in codes}
            finding.same(f"{service} {programme} figure", dict(said["figures"]), shown)
            months, of_months = _flat(live["months"]), _flat(said["months"])
            told_codes = {code for codes in said["months"].values() for code in codes}
            shown_months = {key: number for key, number in months.items() if key[1] in told_codes}
            finding.same(f"{service} {programme} month", of_months, shown_months)
            for ground, number in said["refusals"].items():
                refusals[ground] = refusals.get(ground, 0) + number
        finding.same(f"{programme} refusals", refusals, dict(live["refusals"]))
    return finding
