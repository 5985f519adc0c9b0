"""Brings a service's database to the newest migration: the chassis' own tables and the service's."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from chassis.database import an_engine
from chassis.settings import ServiceSettings

OURS = Path(__file__).parent / "migrations"
LOCK = 0x4D494752


def upgrade(connection: Connection, service: Path) -> None:
    """Run what is missing of the chassis' migrations and of those in the folder `service`."""
    config = Config()
    config.set_main_option("script_location", str(OURS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{OURS / 'versions'}\n{service}")
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


async def migrate(settings: ServiceSettings, service: Path) -> None:
    """Bring the database up to date; several at once wait for each other, and again does no harm.

    Tables are made in public, and found in the service's own schema too.
    """
    schema = settings.database_schema
    engine = an_engine(settings, timeout=300.0, search_path=f"public, {schema}" if schema else None)
    async with engine.begin() as connection:
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        await connection.run_sync(upgrade, service)
    await engine.dispose()


def run(settings: ServiceSettings, service: Path) -> None:
    """The `migrate` process of a service."""
    asyncio.run(migrate(settings, service))
