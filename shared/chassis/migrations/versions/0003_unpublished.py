"""What waits to be published is in a narrow table of its own; the outbox is written once and not touched again.

A trigger fills it, so that processes of the release before, which know nothing of it, may still write. Their relays
mark in `published_at`, which stays until the next release; what they published meanwhile is published once more.
"""

import sqlalchemy as sa
from alembic import op

revision = "chassis_0003"
down_revision = "chassis_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unpublished",
        sa.Column("shard", sa.SmallInteger(), primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True),
        postgresql_with={"autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "10000"},
    )
    op.execute(
        """
        CREATE FUNCTION outbox_is_unpublished() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO unpublished VALUES (NEW.shard, NEW.position); RETURN NULL; END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER outbox_is_unpublished AFTER INSERT ON outbox
        FOR EACH ROW EXECUTE FUNCTION outbox_is_unpublished()
        """
    )
    op.execute("INSERT INTO unpublished SELECT shard, position FROM outbox WHERE published_at IS NULL")
    op.drop_index("outbox_waiting", "outbox")
