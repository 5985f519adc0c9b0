import socket
from collections.abc import AsyncIterator

import pytest
from chassis.testing import Harness, running
from publications.main import service

from .door import Door
from .steps import PROGRAMME, a_programme


@pytest.fixture
def door() -> Door:
    """The address at which readers find issues: closed until a test opens it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Door(free.getsockname()[1])


@pytest.fixture
async def publications(fresh_database: str, door: Door) -> AsyncIterator[Harness]:
    """The service, with a programme that it has heard of."""
    async with running(service, fresh_database, public_url=door.address) as harness:
        harness.programme = PROGRAMME
        await harness.deliver(a_programme())
        yield harness
