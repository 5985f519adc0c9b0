from collections.abc import AsyncIterator

import pytest
from chassis.testing import Harness, running
from sessions.main import service


@pytest.fixture
async def sessions(fresh_database) -> AsyncIterator[Harness]:
    async with running(service, fresh_database) as harness:
        yield harness
