"""Who was erased is told of nothing any more, and named nowhere as an author."""

import sqlalchemy as sa
from alembic import op

revision = "publications_0002"
down_revision = "publications_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("forgotten", sa.Column("person_id", sa.Uuid, primary_key=True))
    op.create_index("article_author", "article", ["submitted_by"])
