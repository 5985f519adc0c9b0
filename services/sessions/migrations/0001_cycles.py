"""Cycles, their sessions and their conclusions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "sessions_0001"
down_revision = None
branch_labels = ("sessions",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cycle",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme_id", sa.Uuid),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("formed_on", sa.Date),
        sa.Column("dissolved_on", sa.Date),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("quorum", sa.Integer, nullable=False),
        sa.Column("threshold_percent", sa.Integer, nullable=False),
        sa.Column("members", JSONB, nullable=False),
        sa.Column("leaders", JSONB, nullable=False),
        sa.Column("conflicts", JSONB, nullable=False),
        sa.Column("contract", JSONB, nullable=False),
        sa.Column("refused_locks", JSONB, nullable=False),
        sa.CheckConstraint("status in ('awaited', 'active', 'completed', 'dissolved')", name="cycle_status"),
    )
    op.create_index("cycle_programme", "cycle", ["programme_id", "id"])
    for people in ("leaders", "members"):
        op.create_index(
            f"cycle_{people}", "cycle", [people], postgresql_using="gin", postgresql_ops={people: "jsonb_path_ops"}
        )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cycle_id", sa.Uuid, sa.ForeignKey("cycle.id"), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("planned_on", sa.Date, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("held_on", sa.Date),
        sa.Column("venue", sa.Text),
        sa.Column("leaders", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("roster", JSONB, nullable=False),
        sa.Column("themes", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("methods", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("case_rounds", sa.Integer, nullable=False),
        sa.UniqueConstraint("cycle_id", "ordinal", name="session_ordinal"),
        sa.CheckConstraint("status in ('planned', 'in_progress', 'completed')", name="session_status"),
        sa.CheckConstraint("(status = 'planned') = (held_on is null)", name="session_held"),
    )
    op.create_table(
        "conclusion",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cycle_id", sa.Uuid, sa.ForeignKey("cycle.id"), nullable=False, index=True),
        sa.Column("session_id", sa.Uuid, sa.ForeignKey("session.id")),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.Column("attendees", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("practice_before", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("practice_recommended", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("statements", JSONB, nullable=False),
        sa.Column("locks", JSONB, nullable=False),
        sa.Column("released_on", sa.Date),
        sa.Column("revocations", sa.Integer, nullable=False),
        sa.CheckConstraint("status in ('awaiting', 'released', 'withheld', 'revoked')", name="conclusion_status"),
    )


def downgrade() -> None:
    for table in ("conclusion", "session", "cycle"):
        op.drop_table(table)
