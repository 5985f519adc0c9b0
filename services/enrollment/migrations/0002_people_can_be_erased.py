"""A worker can be erased: what they took part in no longer refers to who they are."""

import sqlalchemy as sa
from alembic import op

revision = "enrollment_0002"
down_revision = "enrollment_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # PostgreSQL keeps samples of a column's values as statistics; a change of type forgets those that there are.
    for column in ("name", "email", "phone"):
        op.execute(f"ALTER TABLE person ALTER {column} TYPE text, ALTER {column} SET STATISTICS 0")
    op.add_column("worker", sa.Column("version", sa.Integer, nullable=False, server_default="0"))
    op.drop_constraint("worker_id_fkey", "worker", type_="foreignkey")
    op.drop_constraint("application_person_id_fkey", "application", type_="foreignkey")
