"""A part that does not move although it has work and its servers answer ends the process; an outage does not."""

import asyncio
from collections.abc import Callable

import pytest
from chassis import vitals as vitals_module
from chassis.database import Sessions
from chassis.settings import ServiceSettings
from chassis.vitals import Part, Stuck, Vitals


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals_module, "MEASURE_EVERY", 0.05)


def a_part(progress: Callable[[], int], waiting: int) -> Part:
    async def work() -> int:
        return waiting

    return Part("relay", progress, work)


def soon_stuck(settings: ServiceSettings, **more: object) -> ServiceSettings:
    return settings.model_copy(update={"stuck_after": 0.5, **more})


async def test_no_progress_with_work_and_servers_that_answer_is_stuck(
    settings: ServiceSettings, sessions: Sessions, topics: str
) -> None:
    vitals = Vitals(soon_stuck(settings), sessions, kafka=True)
    vitals.parts.append(a_part(lambda: 7, waiting=3))
    with pytest.raises(Stuck):
        await asyncio.wait_for(vitals.watch(), 30)
    assert vitals.stuck == "relay"


@pytest.mark.parametrize(("waiting", "step"), [(0, 0), (3, 1)], ids=["nothing to do", "it moves"])
async def test_idling_and_moving_are_not_stuck(
    settings: ServiceSettings, sessions: Sessions, waiting: int, step: int
) -> None:
    done = 0

    def progress() -> int:
        nonlocal done
        done += step
        return done

    vitals = Vitals(soon_stuck(settings), sessions, kafka=True)
    vitals.parts.append(a_part(progress, waiting))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(vitals.watch(), 2)
    assert vitals.stuck is None


async def test_a_broker_that_is_away_is_an_outage_and_is_named(settings: ServiceSettings, sessions: Sessions) -> None:
    vitals = Vitals(soon_stuck(settings, kafka_bootstrap_servers="127.0.0.1:1"), sessions, kafka=True)
    vitals.parts.append(a_part(lambda: 7, waiting=3))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(vitals.watch(), 3)
    assert vitals.stuck is None
    assert vitals.parts[0].waits_for == "kafka"
