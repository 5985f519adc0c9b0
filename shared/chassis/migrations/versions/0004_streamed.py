"""What is inserted into the outbox is published to whoever streams it: the relays."""

from alembic import op

revision = "chassis_0004"
down_revision = "chassis_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE PUBLICATION outbox FOR TABLE outbox (position, shard, aggregate, time, headers, body)"
        " WITH (publish = 'insert')"
    )
