"""A part that does not move although it has work and its servers answer ends the process; an outage does not."""

import asyncio

import pytest
from chassis import vitals as vitals_module
from chassis.progress import Progress
from chassis.settings import ServiceSettings
from chassis.vitals import Part, Stuck, Vitals, Wait
from contracts.sessions import TOPIC


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals_module, "MEASURE_EVERY", 0.05)
    monkeypatch.setattr(vitals_module, "SHOWN_AFTER", 0.2)


def watching(settings: ServiceSettings, progress: Progress, *, waiting: int, **more: object) -> Vitals:
    vitals = Vitals(settings.model_copy(update={"stuck_after": 0.5, **more}))
    vitals.parts.append(Part("relay", progress, lambda: waiting, writes=(TOPIC,)))
    return vitals


async def test_no_progress_with_work_and_servers_that_answer_is_stuck(settings: ServiceSettings, topics: str) -> None:
    vitals = watching(settings, Progress(moved=7), waiting=3)
    with pytest.raises(Stuck):
        await asyncio.wait_for(vitals.watch(), 60)
    assert vitals.stuck == "relay"


@pytest.mark.parametrize(("waiting", "step"), [(0, 0), (3, 1)], ids=["nothing to do", "it moves"])
async def test_idling_and_moving_are_not_stuck(settings: ServiceSettings, waiting: int, step: int) -> None:
    class Moving(Progress):
        def __getattribute__(self, name: str) -> object:
            if name == "moved":
                self.moved = object.__getattribute__(self, "moved") + step
            return object.__getattribute__(self, name)

    vitals = watching(settings, Moving(), waiting=waiting)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(vitals.watch(), 2)
    assert vitals.stuck is None
    assert vitals.parts[0].wait is None


async def test_a_broker_that_is_away_is_an_outage_and_is_named(settings: ServiceSettings) -> None:
    vitals = watching(settings, Progress(moved=7), waiting=3, kafka_bootstrap_servers="127.0.0.1:1")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(vitals.watch(), 3)
    assert vitals.stuck is None
    assert vitals.parts[0].wait == Wait("silent", "127.0.0.1:1", "kafka")


async def test_an_outage_that_a_part_itself_has_met_is_told_with_what_the_server_said(
    settings: ServiceSettings, topics: str
) -> None:
    """A full disk: the database answers questions, and refuses to write."""
    progress = Progress(moved=7, outage=OSError(28, "No space left on device"))
    vitals = watching(settings, progress, waiting=3)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(vitals.watch(), 3)
    wait = vitals.parts[0].wait
    assert wait is not None
    assert (wait.server, wait.cause) == ("database", "error")
    assert "No space left" in wait.detail
