"""The first generation of facts, with the inbox that guards them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "insights_0001"
down_revision = None
branch_labels = ("insights",)
depends_on = "chassis_0001"


def upgrade() -> None:
    op.execute("CREATE SCHEMA live")
    for table in ("inbox", "parked", "redrive"):
        op.execute(f"ALTER TABLE public.{table} SET SCHEMA live")
    op.create_table(
        "application",
        sa.Column("application_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid()),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("track", sa.Text()),
        sa.Column("submitted_on", sa.Date()),
        sa.Column("ineligible", sa.Boolean()),
        sa.Column("waitlisted", sa.Boolean()),
        sa.Column("enrolled_on", sa.Date()),
        sa.Column("withdrawn_on", sa.Date()),
        schema="live",
    )
    op.create_index("ix_application_programme_id", "application", ["programme_id"], schema="live")
    op.create_table(
        "article",
        sa.Column("article_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid()),
        sa.Column("submitted_on", sa.Date()),
        sa.Column("dropped", sa.Boolean()),
        schema="live",
    )
    op.create_index("ix_article_programme_id", "article", ["programme_id"], schema="live")
    op.create_table(
        "attendance",
        sa.Column("session_id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid()),
        sa.Column("held_on", sa.Date()),
        sa.Column("minutes", sa.Integer()),
        schema="live",
    )
    op.create_index("ix_attendance_programme_id", "attendance", ["programme_id"], schema="live")
    op.create_table(
        "certificate",
        sa.Column("certificate_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("issued_on", sa.Date()),
        sa.Column("revoked_on", sa.Date()),
        schema="live",
    )
    op.create_index("ix_certificate_programme_id", "certificate", ["programme_id"], schema="live")
    op.create_table(
        "conclusion",
        sa.Column("conclusion_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_on", sa.Date()),
        sa.Column("released_on", sa.Date()),
        sa.Column("withheld_on", sa.Date()),
        schema="live",
    )
    op.create_index("ix_conclusion_programme_id", "conclusion", ["programme_id"], schema="live")
    op.create_table(
        "cycle",
        sa.Column("cycle_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("completed_on", sa.Date()),
        schema="live",
    )
    op.create_index("ix_cycle_programme_id", "cycle", ["programme_id"], schema="live")
    op.create_table(
        "group",
        sa.Column("group_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("track", sa.Text()),
        sa.Column("audience", sa.Text()),
        sa.Column("terc", sa.Text()),
        sa.Column("zone", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("formed_on", sa.Date()),
        sa.Column("completed_on", sa.Date()),
        sa.Column("dissolved_on", sa.Date()),
        schema="live",
    )
    op.create_index("ix_group_programme_id", "group", ["programme_id"], schema="live")
    op.create_table(
        "happening",
        sa.Column("event_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text()),
        schema="live",
    )
    op.create_index("happening_counted", "happening", ["programme_id", "code"], schema="live")
    op.create_table(
        "invitation",
        sa.Column("programme_id", sa.Uuid(), primary_key=True),
        sa.Column("centre_id", sa.Uuid(), primary_key=True),
        sa.Column("joined", sa.Boolean()),
        schema="live",
    )
    op.create_table(
        "issue",
        sa.Column("issue_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("year", sa.SmallInteger()),
        sa.Column("quarter", sa.SmallInteger()),
        sa.Column("published_on", sa.Date()),
        sa.Column("articles", sa.Integer()),
        sa.Column("recipients", sa.Integer()),
        schema="live",
    )
    op.create_index("ix_issue_programme_id", "issue", ["programme_id"], schema="live")
    op.create_table(
        "mailing",
        sa.Column("delivery_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid()),
        sa.Column("recipients", sa.Integer()),
        schema="live",
    )
    op.create_index("ix_mailing_programme_id", "mailing", ["programme_id"], schema="live")
    op.create_table(
        "programme",
        sa.Column("programme_id", sa.Uuid(), primary_key=True),
        sa.Column("code", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("funder", sa.Text()),
        sa.Column("provider", sa.Text()),
        sa.Column("starts_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        sa.Column("targets", JSONB()),
        sa.Column("areas", JSONB()),
        schema="live",
    )
    op.create_table(
        "run",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid()),
        sa.Column("audience", sa.Text()),
        sa.Column("held_on", sa.Date()),
        sa.Column("minutes", sa.Integer()),
        schema="live",
    )
    op.create_index("ix_run_programme_id", "run", ["programme_id"], schema="live")
    op.create_table(
        "run_attendance",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.Text()),
        sa.Column("minutes", sa.Integer()),
        schema="live",
    )
    op.create_index("ix_run_attendance_programme_id", "run_attendance", ["programme_id"], schema="live")
    op.create_table(
        "session",
        sa.Column("session_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid()),
        sa.Column("held_on", sa.Date()),
        sa.Column("minutes", sa.Integer()),
        schema="live",
    )
    op.create_index("ix_session_programme_id", "session", ["programme_id"], schema="live")
    op.create_table(
        "title",
        sa.Column("title_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("audience", sa.Text()),
        sa.Column("developed_on", sa.Date()),
        sa.Column("published_on", sa.Date()),
        schema="live",
    )
    op.create_index("ix_title_programme_id", "title", ["programme_id"], schema="live")
