"""What waits to be published is found in the order in which it is sent, whatever the planner believes of it."""

import sqlalchemy as sa
from alembic import op

revision = "chassis_0002"
down_revision = "chassis_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["shard", sa.text("(position + 0)")],
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.drop_index("outbox_unpublished", "outbox")
