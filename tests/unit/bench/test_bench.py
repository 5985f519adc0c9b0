"""A figure is the median of ratios against its goal; who loses, doubles or reorders events has none."""

import io
import json
import os
import re
from contextlib import nullcontext
from pathlib import Path

import pytest
from contracts.cloudevents import NotAnEnvelope
from rich.console import Console
from superwizja import bench
from superwizja.bench import parts, report
from superwizja.bench.figure import Figure, Goal, Pair, Unsound, figure, no_figure
from superwizja.bench.ground import Ground, Order
from superwizja.bench.hearing import must_be_the_event
from superwizja.bench.load import AGGREGATES, SIZE, Arrivals, events
from superwizja.bench.words import NAMES

LATE = Goal("commit to consumer at 1,000/s, p50: bare aiokafka", "ms", 3.0, 1.6)
FAST = Goal("a backlog of 200,000: bare aiokafka's send", "/s", 1.1, 1.4, least=True)


def test_a_figure_is_the_median_of_its_rounds_ratios_not_the_ratio_of_medians() -> None:
    found = figure(LATE, [Pair(2.0, 1.0), Pair(9.0, 3.0), Pair(8.0, 1.0)])
    assert (found.ratio, found.low, found.high) == (3.0, 2.0, 8.0)
    assert (found.ours, found.reference) == (8.0, 1.0)
    assert found.holds


@pytest.mark.parametrize(("goal", "ours", "holds"), [(LATE, 3.1, False), (FAST, 1.0, False), (FAST, 1.2, True)])
def test_a_goal_holds_at_most_or_at_least(goal: Goal, ours: float, holds: bool) -> None:
    assert figure(goal, [Pair(ours, 1.0)]).holds is holds


def test_what_was_not_measured_holds_no_goal_and_says_why() -> None:
    out = io.StringIO()
    report.show(Console(file=out, width=160), "pl", [no_figure(LATE, "3 of 10 lost"), figure(FAST, [Pair(3.0, 2.0)])])
    assert "3 of 10 lost" in out.getvalue()
    assert "1,50" in out.getvalue()


def test_the_table_says_on_what_machine_it_was_made() -> None:
    out = io.StringIO()
    report.show(Console(file=out, width=160), "pl", [figure(FAST, [Pair(3.0, 2.0)])])
    assert f"rdzenie: {os.cpu_count()}" in out.getvalue()


@pytest.mark.parametrize(
    ("goal", "ours", "reached"), [(LATE, 0.0, 1.0), (LATE, 6.0, 0.5), (FAST, 0.0, 0.0), (FAST, 0.55, 0.5)]
)
def test_a_bar_is_as_long_as_what_is_reached_of_the_goal_and_nothing_spent_is_all_of_it(
    goal: Goal, ours: float, reached: float
) -> None:
    assert report.reached(figure(goal, [Pair(ours, 1.0)])) == pytest.approx(reached)


def test_a_round_that_spent_nothing_has_no_end_that_could_be_drawn() -> None:
    idle = Goal("the relay's processor, idle: one core", "cores", 0.02, 0.005)
    rounds = [Pair(0.0, 1.0), Pair(0.005, 1.0), Pair(0.01, 1.0)]
    assert report.extremes(figure(idle, rounds)) == pytest.approx((2.0, 4.0))


def test_figures_are_written_as_a_list_with_what_everybody_reads(tmp_path: Path) -> None:
    report.write([figure(LATE, [Pair(2.0, 1.0)])], tmp_path / "bench.json")
    (found,) = json.loads((tmp_path / "bench.json").read_bytes())
    assert found.keys() >= {"name", "ours", "reference", "ratio", "unit", "goal", "aim", "holds"}


def test_an_event_has_its_size_and_an_aggregates_versions_have_no_gap() -> None:
    sent = list(events(3 * AGGREGATES))
    taken = {sum(len(name) + len(value) for name, value in event.headers) + len(event.body) for event in sent}
    assert taken == {SIZE}
    first = sent[0].aggregate
    assert [event.version for event in sent if event.aggregate == first] == [1, 2, 3]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda bodies: bodies[:-1], "1 of 30 lost"),
        (lambda bodies: [*bodies, bodies[4]], "1 doubled"),
        (lambda bodies: [bodies[20], *bodies[:20], *bodies[21:]], "1 out of order"),
    ],
)
def test_what_is_lost_doubled_or_out_of_order_is_told(changed, said: str) -> None:
    arrivals = Arrivals()
    arrivals.hear(changed([event.body for event in events(30, aggregates=10)]))
    with pytest.raises(Unsound, match=said):
        arrivals.must_be(30)


def test_whoever_publishes_the_record_is_what_consumers_of_the_platform_read() -> None:
    event = next(events(1))
    key = str(event.aggregate).encode()
    must_be_the_event(key, event.headers, event.body)
    in_one = [("envelope", json.dumps({name: value.decode() for name, value in event.headers}).encode())]
    with pytest.raises(NotAnEnvelope):
        must_be_the_event(key, in_one, event.body)
    with pytest.raises(Unsound, match="version 1 of an aggregate came as"):
        must_be_the_event(b"another", event.headers, event.body)


def test_every_figure_has_a_polish_name() -> None:
    folder = Path(bench.__file__).parent
    code = "".join(file.read_text() for file in folder.rglob("*.py"))
    assert set(re.findall(r'Goal\(\s*"([^"]+)"', code)) == NAMES.keys()


def test_a_part_that_breaks_off_has_no_figures_and_says_why_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPERWIZJA_CACHE", str(tmp_path / "of a fresh clone"))

    async def loses(_: Ground, __: Order) -> list[Figure]:
        raise Unsound("3 of 10 lost")

    async def measures(_: Ground, __: Order) -> list[Figure]:
        return [figure(FAST, [Pair(3.0, 2.0)])]

    monkeypatch.setattr(parts, "ground", nullcontext)
    monkeypatch.setattr(parts, "PARTS", {"one": parts.Part(loses, [LATE]), "two": parts.Part(measures, [FAST])})
    heard: list[str] = []
    late, fast = parts.measured(["one", "two"], rounds=1, with_peers=False, begins=heard.append, told=heard.append)
    assert (late.name, late.holds, late.fault) == (LATE.name, False, "Unsound: 3 of 10 lost")
    assert fast.holds
    assert heard == ["one", "Unsound: 3 of 10 lost", "two"]


def test_the_table_has_room_at_80_columns() -> None:
    out = io.StringIO()
    goals = [goal for part in (*parts.PARTS.values(), *parts.PEERS.values()) for goal in part.goals]
    report.show(Console(file=out, width=80), "pl", [figure(goal, [Pair(123_456.0, 98_765.0)]) for goal in goals])
    assert "…" not in out.getvalue()
