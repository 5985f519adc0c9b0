"""Conclusions of sessions: recorded, then released by everyone who took part or withheld by one who refuses."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from superwizja.demo.calendar import days_after
from superwizja.demo.client import Persona
from superwizja.demo.plan import SupervisionGroup
from superwizja.demo.play import Play
from superwizja.demo.pools import Conclusion

BEFORE = ("individual_work", "crisis_response", "benefits_first", "referral", "little_reflection")
RECOMMENDED = (
    "alliances",
    "interdisciplinary_teams",
    "family_meetings",
    "work_on_relation",
    "naming_emotions",
    "interpreters",
    "peer_support",
)
TEXT_VERSION = "2022-10"


def attendees(roster: list[dict[str, Any]]) -> list[str]:
    """Who took part, and so is asked."""
    return [entry["person_id"] for entry in roster if entry["minutes"] > 0]


async def record(
    play: Play, leader: Persona, cycle_id: str, ordinal: int | None, on: date, before: list[str], after: list[str]
) -> str:
    """A leader records a conclusion; without an ordinal it is one of the whole course."""
    body: dict[str, Any] = {"recorded_on": on.isoformat(), "practice_before": before, "practice_recommended": after}
    if ordinal is not None:
        body["ordinal"] = ordinal
    made = await play.sessions(leader, f"cycles/{cycle_id}/conclusions", **body)
    conclusion_id: str = made["id"]
    return conclusion_id


async def consent(
    play: Play,
    who: Persona,
    cycle_id: str,
    conclusion_id: str,
    on: date,
    *,
    given: bool = True,
    people: Sequence[str] = (),
) -> str:
    """One person says yes or no; with `people`, a leader records what they said on paper. The outcome."""
    body: dict[str, Any] = {"given": given, "given_on": on.isoformat(), "text_version": TEXT_VERSION}
    body |= {"form": "paper", "people": people} if people else {"form": "electronic"}
    answer = await play.sessions(who, f"cycles/{cycle_id}/conclusions/{conclusion_id}/consents", **body)
    outcome: str = answer["outcome"]
    return outcome


async def conclude(play: Play, group: SupervisionGroup, ordinal: int, on: date, roster: list[dict[str, Any]]) -> None:
    """A conclusion of one session; one of every five is refused by somebody."""
    rng = group.rng
    told = sorted(rng.sample(BEFORE, 1)), sorted(rng.sample(RECOMMENDED, 2))
    conclusion_id = await record(play, group.leader.me, group.id, ordinal, on, *told)
    people = attendees(roster)
    asked_on = days_after(on, 2)
    refuses = (group.number // play.plan.size.conclusions_every + ordinal) % 5 == 0
    if refuses:
        outcome = await consent(play, Persona("participant", people[0]), group.id, conclusion_id, asked_on, given=False)
        expected = "withheld"
    elif group.electronic and ordinal == 2:
        for person in people:
            outcome = await consent(play, Persona("participant", person), group.id, conclusion_id, asked_on)
        expected = "released"
    else:
        outcome = await consent(play, group.leader.me, group.id, conclusion_id, asked_on, people=people)
        expected = "released"
    if outcome != expected:
        raise AssertionError(f"group {group.number}, session {ordinal}: {outcome} instead of {expected}")
    one = Persona("participant", people[0])
    told_of = Conclusion(conclusion_id, asked_on, group.leader.me, cycle_id=group.id, consenting=one)
    await (play.withheld if refuses else play.conclusions).put(told_of)
    play.stages.advance("conclusions")
