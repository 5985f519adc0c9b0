"""The migrated database is what the tables say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from enrollment.tables import metadata


async def test_the_migrations_make_the_tables(enrollment):
    def differences(connection):
        own = set(metadata.tables)
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": False,
                "include_name": lambda name, kind, _: kind != "table" or name in own,
            },
        )
        return compare_metadata(context, metadata)

    async with enrollment.db() as db:
        connection = await db.connection()
        assert await connection.run_sync(differences) == []
