"""Insights on a database of its own, and a history of two programmes to add up."""

from collections.abc import AsyncIterator

import pytest
from chassis.testing import Harness, running
from insights.main import service


@pytest.fixture
async def insights(fresh_database: str) -> AsyncIterator[Harness]:
    async with running(service, fresh_database) as harness:
        yield harness
