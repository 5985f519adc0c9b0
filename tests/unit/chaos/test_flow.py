"""Whether everything has arrived is asked until it has, whoever does not answer meanwhile."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError
from superwizja.chaos import flow
from superwizja.runtime import SERVICES, Runtime

ENDED = [
    OSError("refused"),
    KafkaConnectionError("no broker"),
    asyncpg.CannotConnectNowError("starting up"),
    # Of a connection that the server ended in the moment before it was used.
    asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
]


@pytest.mark.parametrize("error", ENDED, ids=lambda error: type(error).__name__)
async def test_a_server_that_does_not_answer_is_asked_again(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = [error, *[True] * len(SERVICES)]

    async def has(*_: object) -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    monkeypatch.setattr(flow, "_has", has)
    runtime = Runtime(profile="made_up", folder=tmp_path)
    assert await flow.arrived(runtime, flow.Mark({}, {}), within=10) is not None
    assert answers == []
