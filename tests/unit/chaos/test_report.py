"""The report tells everything in both languages, and the trail tells the story of the first event that broke."""

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from contracts import sessions
from rich.console import Console
from superwizja.chaos.goals import Goal, goals, part_of, percentile
from superwizja.chaos.heard import Heard, Sample
from superwizja.chaos.memory import growth
from superwizja.chaos.oracle import judge
from superwizja.chaos.report import Outcome, Report, write
from superwizja.chaos.struck import Struck
from superwizja.chaos.testimony import Testimony as Left  # under its own name pytest takes it for a test
from superwizja.chaos.trail import first_broken
from superwizja.chaos.words import WORDS, say

from .made_up import NOW, a_sound_run, copied, where

BEGAN = NOW.timestamp()


def faults() -> list[Struck]:
    """Three kills of a worker, of which one took long beside another fault, and a broker that came back after 5 s."""
    single = {"kills": 1, "single": True}
    return [
        Struck("kill_worker", "sessions.worker.1", BEGAN + 1, BEGAN + 1, BEGAN + 3, single),
        Struck("kill_worker", "sessions.worker.2", BEGAN + 20, BEGAN + 20, BEGAN + 26, single),
        Struck("kill_worker", "insights.worker.1", BEGAN + 500, BEGAN + 500, BEGAN + 620, {"kills": 1}),
        Struck("kill_broker", "broker.1", BEGAN + 700, BEGAN + 705, BEGAN + 714, single),
    ]


def lost() -> Left:
    """A run of which a completed session's event is not on its topic."""
    testimony = copied(a_sound_run(), struck=faults())
    testimony.evidence.records.pop(where(testimony, sessions.SessionCompleted))
    return testimony


def an_outcome(testimony: Left, **more: Any) -> Outcome:
    heard = Heard(acknowledged=1200, refused=30, unknown=4, retried=7, seconds=60.0)
    heard.refusals[409, "seat-already-held", "programme.one_seat"] = 30
    whole = {"seed": 7, "minutes": 10, "began": BEGAN, "ended": BEGAN + 600, "schedule": ["12.0 s kill_worker"]}
    return Outcome(**(whole | more), struck=testimony.struck, heard=heard, verdict=judge(testimony))  # type: ignore[arg-type]  # each is of its field's type


def printed(outcome: Outcome, lang: str) -> str:
    console = Console(file=io.StringIO(), width=160)
    Report(console, lang).show(outcome)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("lang", "rows"),
    [
        ("pl", ["│ polecenia ", "1 234", "20,6", "kill_worker", "bez oceny", "Wszystko się zgadza: 10 min"]),
        ("en", ["│ commands ", "1,234", "20.6", "kill_worker", "not judged", "All held: 10 min of chaos, 4 kills"]),
    ],
)
def test_a_sound_run_is_told_with_its_faults_its_load_and_its_goals(lang: str, rows: list[str]) -> None:
    told = printed(an_outcome(copied(a_sound_run(), struck=faults())), lang)
    for row in rows:
        assert row in told


@pytest.mark.parametrize("single", [True, False])
def test_a_run_after_which_something_did_not_come_back_does_not_hold(single: bool) -> None:
    never = Struck("kill_worker", "sessions.worker.1", BEGAN + 30, BEGAN + 30, None, {"kills": 1, "single": single})
    outcome = an_outcome(copied(a_sound_run(), struck=[*faults(), never]))
    assert not outcome.held
    assert "Not everything held: recovered" in printed(outcome, "en")


def test_faults_that_the_machine_does_not_allow_are_named() -> None:
    told = printed(an_outcome(copied(a_sound_run()), left_out=["disk_full"]), "en")
    assert "Left out, not possible here: disk_full" in told


def test_a_broken_run_is_told_with_its_seed_its_schedule_and_a_trail() -> None:
    told = printed(an_outcome(lost()), "en")
    assert "Not everything held: ledger, outbox" in told
    assert "Seed: 7." in told
    assert "12.0 s kill_worker" in told
    assert "Trail of the first event that broke" in told


def test_every_finding_and_goal_has_its_words_in_both_languages() -> None:
    outcome = an_outcome(copied(a_sound_run()))
    names = [finding.name for finding in outcome.verdict.findings] + [goal.figure for goal in outcome.goals]
    for name in names:
        assert say("pl", name) != say("en", name)
    assert all(polish and english for polish, english in WORDS.values())


def test_the_file_holds_everything_for_machines(tmp_path: Path) -> None:
    outcome = an_outcome(lost(), more=[Goal("bad inputs answered 5xx", 0, "0", True)])
    write(outcome, tmp_path / "build" / "chaos.json")
    found = json.loads((tmp_path / "build" / "chaos.json").read_text())
    assert (found["seed"], found["held"], found["schedule"]) == (7, False, ["12.0 s kill_worker"])
    assert [fault["recovery"] for fault in found["faults"]] == [2.0, 6.0, 120.0, 9.0]
    assert found["load"]["rate"] == 20.6
    assert found["load"]["refusals"][0]["number"] == 30
    broken = {finding["name"]: finding for finding in found["findings"] if not finding["holds"]}
    assert {"ledger", "outbox", "versions", "order"} <= broken.keys()
    (text,) = broken["outbox"]["differences"]
    assert broken["outbox"]["about"][text]["kind"] == "lost"
    assert found["goals"][0]["holds"] is False
    assert found["goals"][-1]["figure"] == "bad inputs answered 5xx"
    assert found["trail"]["records"]


# The trail


def test_the_trail_of_a_lost_event_tells_who_asked_for_it_who_has_it_and_what_was_struck() -> None:
    trail = first_broken(judge(lost()))
    assert trail is not None
    assert [row["here"] for row in trail.outbox].count("<--") == 1
    assert {row["consumer"] for row in trail.inbox} == {"enrollment", "trainings", "publications", "insights"}
    assert {row["version"] for row in trail.records} == set(range(1, len(trail.records) + 2)) - {5}
    assert [row["target"] for row in trail.faults] == ["sessions.worker.2"]
    text = "\n".join(trail.lines())
    assert "is not on the topic" in text
    assert "/cycles/*/sessions/*/completion" in text


def test_the_first_is_told_even_where_a_later_one_comes_first_in_the_list() -> None:
    testimony = copied(a_sound_run())
    for kind in (sessions.ConclusionReleased, sessions.ConclusionRecorded):
        testimony.evidence.records.pop(where(testimony, kind))
    trail = first_broken(judge(testimony))
    assert trail is not None
    assert [row["type"] for row in trail.outbox if row["here"]] == ["conclusion-recorded"]


def test_a_command_that_left_nothing_has_a_trail_too() -> None:
    testimony = copied(a_sound_run())
    ledger = testimony.evidence.ledger
    at = next(at for at, entry in enumerate(ledger) if entry.operation == "/journals")
    asked = round(BEGAN * 1000)
    ledger[at] = msgspec.structs.replace(ledger[at], key="00000000-0000-4000-8000-000000000000", asked_at=asked)
    trail = first_broken(judge(testimony))
    assert trail is not None
    assert [row["path"] for row in trail.commands] == ["/journals"]
    assert trail.commands[0]["kept"] == "no"


def test_nothing_that_broke_has_no_trail() -> None:
    assert first_broken(judge(copied(a_sound_run()))) is None


# Figures


FIGURES = {"lost": 0, "doubled": 0, "redeliveries": 4, "inversions": 0, "empty": 0, "kills": 3}


def test_recoveries_of_single_faults_are_held_to_their_goals_by_what_they_struck() -> None:
    found = {goal.figure: goal for goal in goals(FIGURES, faults(), minutes=10)}
    assert (found["goal_recovery_service"].value, found["goal_recovery_service"].holds) == (6.0, True)
    assert (found["goal_recovery_broker"].value, found["goal_recovery_broker"].holds) == (9.0, True)
    assert found["goal_recovery_database"].holds is None
    late = Struck("kill_database", "postgres.sessions", 0, 0, 10.1, {"single": True})
    never = Struck("kill_database", "postgres.sessions", 0, 0, None, {"single": True})
    for faults_struck in ([late], [never]):
        found = {goal.figure: goal for goal in goals(FIGURES, faults_struck, minutes=10)}
        assert found["goal_recovery_database"].holds is False


def test_what_only_a_long_run_comes_to_is_judged_in_a_long_run_alone() -> None:
    """As many kills, something delivered again, and something to compare for every check."""
    few = FIGURES | {"redeliveries": 0, "kills": 99, "empty": 1}
    for minutes, holds in ((10, None), (60, False)):
        found = {goal.figure: goal.holds for goal in goals(few, [], minutes=minutes)}
        assert {found[f"goal_{name}"] for name in ("kills", "redeliveries", "empty")} == {holds}


def test_a_fault_is_of_what_its_detail_says_or_its_target() -> None:
    def of(target: str, **detail: object) -> str:
        return part_of(Struck("x", target, 0, 0, None, detail))

    assert (of("sessions.api.1"), of("postgres.sessions"), of("broker.2")) == ("service", "database", "broker")
    assert of("sessions.worker.1", part="database") == "database"


def test_ninety_five_of_a_hundred_lie_at_or_below_the_percentile() -> None:
    assert percentile([float(n) for n in range(1, 101)], 95) == 95.0
    assert percentile([3.0], 50) == 3.0


def test_memory_is_the_median_of_the_last_quarter_against_the_second() -> None:
    samples = [Sample(at, f"sessions.worker.{at % 2 + 1}", 100 if at < 750 else 106) for at in range(0, 1000, 10)]
    samples += [Sample(at, "kafka", 50 + (at == 800)) for at in range(0, 1000, 10)]
    found = {each.kind: each for each in growth(samples, long_enough=900)}
    assert (found["sessions.worker"].second, found["sessions.worker"].last) == (100, 106)
    assert not found["sessions.worker"].holds
    assert found["kafka"].holds
    assert growth(samples, long_enough=2000) == []
