"""Titles with their needs, runs with their attendance, certificates, and what other services told of."""

import sqlalchemy as sa
from alembic import op

revision = "trainings_0001"
down_revision = None
branch_labels = ("trainings",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "title",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme_id", sa.Uuid, nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("developed_on", sa.Date),
        sa.Column("published_on", sa.Date),
        sa.Column("superseded_by", sa.Uuid, sa.ForeignKey("title.id")),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "need",
        sa.Column("title_id", sa.Uuid, sa.ForeignKey("title.id"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("basis", sa.Text, nullable=False),
    )
    op.create_table(
        "training_group",
        sa.Column("group_id", sa.Uuid, primary_key=True),
        sa.Column("programme_id", sa.Uuid, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("threshold_percent", sa.Integer, nullable=False),
        sa.Column("formed_on", sa.Date, nullable=False),
        sa.Column("dissolved_on", sa.Date),
    )
    op.create_table(
        "member",
        sa.Column("group_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme_id", sa.Uuid, nullable=False, index=True),
        sa.Column("title_id", sa.Uuid, sa.ForeignKey("title.id"), nullable=False),
        sa.Column("group_id", sa.Uuid, sa.ForeignKey("training_group.group_id"), nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("planned_on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, sa.CheckConstraint("minutes > 0", name="run_lasts"), nullable=False),
        sa.Column("threshold_percent", sa.Integer, nullable=False),
        sa.Column("trainers", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("held_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index(
        "run_one_per_group_and_title",
        "run",
        ["group_id", "title_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_table(
        "attended",
        sa.Column("run_id", sa.Uuid, sa.ForeignKey("run.id"), primary_key=True),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("minutes", sa.Integer, nullable=False),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme_id", sa.Uuid, nullable=False, index=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("of", sa.Text, nullable=False),
        sa.Column("of_id", sa.Uuid, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("revoked_on", sa.Date),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("person_id", "of", "of_id", name="certificate_one_per_person_and_course"),
    )
    op.create_table(
        "session_attended",
        sa.Column("cycle_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column("minutes", sa.Integer, nullable=False),
    )
    op.create_table(
        "session_theme",
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("programme_id", sa.Uuid, nullable=False, index=True),
        sa.Column("cycle_id", sa.Uuid, nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
    )
    op.create_table(
        "ended_cycle",
        sa.Column("cycle_id", sa.Uuid, primary_key=True),
        sa.Column("programme_id", sa.Uuid, nullable=False),
        sa.Column("completed_on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("threshold_percent", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "ended_cycle",
        "session_theme",
        "session_attended",
        "certificate",
        "attended",
        "run",
        "member",
        "training_group",
        "need",
        "title",
    ):
        op.drop_table(table)
