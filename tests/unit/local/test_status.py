"""A part that does not move is shown in words: what it is, since when, what it waits for, stuck or an outage."""

from typing import get_args

import pytest
from chassis.vitals import Cause
from superwizja.cli.here import Here
from superwizja.cli.status import Health, wait_words

LOCK = {
    "part": "relay",
    "seconds": 7.4,
    "cause": "lock",
    "detail": "outbox: pid 4711 (psql) (marks)",
    "server": None,
}
AWAY = {
    "part": "consumer sessions",
    "seconds": 9.9,
    "cause": "silent",
    "detail": "127.0.0.1:9092",
    "server": "kafka",
}


def test_a_stuck_part_and_an_outage_read_differently_in_both_languages() -> None:
    assert wait_words(Here(lang="pl"), LOCK) == "relay stoi od 7 s: czeka na blokadę outbox: pid 4711 (psql) (marks)"
    assert wait_words(Here(lang="en"), AWAY) == (
        "consumer sessions has been waiting for kafka for 10 s (outage): no answer 127.0.0.1:9092"
    )


@pytest.mark.parametrize("cause", get_args(Cause))
@pytest.mark.parametrize("lang", ["pl", "en"])
def test_every_cause_has_words(cause: str, lang: str) -> None:
    assert "here" in wait_words(Here(lang=lang), LOCK | {"cause": cause, "detail": "here"})


def test_a_process_is_stuck_where_no_server_is_to_blame() -> None:
    assert Health((LOCK, AWAY)).stuck
    assert not Health((AWAY,)).stuck
    assert Health((AWAY,)).well is False
    assert Health().well
    assert not Health(mute="ReadTimeout").well
