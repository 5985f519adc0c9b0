from collections.abc import AsyncIterator

import pytest
from chassis.testing import Harness, running
from enrollment.main import service


@pytest.fixture
async def enrollment(fresh_database) -> AsyncIterator[Harness]:
    async with running(service, fresh_database) as harness:
        yield harness
