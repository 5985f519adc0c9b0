"""The migrated database is what the tables say."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from chassis.testing import Harness
from publications.tables import metadata
from sqlalchemy import Connection


async def test_the_migrations_make_the_tables(publications: Harness) -> None:
    def differences(connection: Connection) -> Any:
        own = set(metadata.tables)
        told = {"include_name": lambda name, kind, _: kind != "table" or name in own}
        return compare_metadata(MigrationContext.configure(connection, opts=told), metadata)

    async with publications.db() as db:
        connection = await db.connection()
        assert await connection.run_sync(differences) == []
