"""A database for each test of a service, named after the folder that the test stands in."""

from collections.abc import Callable
from importlib import import_module

import pytest
from chassis.service import Service
from chassis.testing import migrated


@pytest.fixture
def fresh_database(request: pytest.FixtureRequest, new_database: Callable[[str, Callable[[str], None]], str]) -> str:
    """The address of a migrated database that is the test's own."""
    service: Service = import_module(f"{request.path.parent.name}.main").service
    return new_database(service.name, migrated(service))
