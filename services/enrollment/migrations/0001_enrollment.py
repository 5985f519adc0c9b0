"""Everything of enrollment: programmes, centres, people, groups with their applications, hours and mailings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "enrollment_0001"
down_revision = None
branch_labels = ("enrollment",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attended",
        sa.Column("source_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("programme_id", sa.Uuid),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "person_id"),
    )
    op.create_index("ix_attended_programme_id", "attended", ["programme_id"])
    op.create_table(
        "centre",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("terc", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "mailing",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("programme_id", sa.Uuid),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mailing_programme_id", "mailing", ["programme_id"])
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("issue_id", sa.Uuid, nullable=False),
        sa.Column("recipients", sa.Integer, nullable=False),
        sa.Column("reachable", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["mailing.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delivery_issue_id", "delivery", ["issue_id"])
    op.create_table(
        "programme",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("commissioner_id", sa.Uuid),
        sa.Column("funder", sa.Text),
        sa.Column("provider", sa.Text),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("audience", JSONB, nullable=False),
        sa.Column("supervision", JSONB),
        sa.Column("training", JSONB),
        sa.Column("targets", JSONB, nullable=False),
        sa.Column("areas", JSONB, nullable=False),
        sa.Column("offer_validity_seconds", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["commissioner_id"], ["centre.id"]),
        sa.ForeignKeyConstraint(["parent_id"], ["programme.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "supervisor",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("relation", sa.Text, nullable=False),
        sa.Column("certificates", JSONB, nullable=False),
        sa.Column("ties", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("centre_id", sa.Uuid, nullable=False),
        sa.Column("profession", sa.Text, nullable=False),
        sa.Column("social_worker", sa.Boolean, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        sa.ForeignKeyConstraint(["id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_worker_centre_id", "worker", ["centre_id"])
    op.create_table(
        "invitation",
        sa.Column("programme_id", sa.Uuid, nullable=False),
        sa.Column("centre_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("answered_on", sa.Date),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"]),
        sa.PrimaryKeyConstraint("programme_id", "centre_id"),
    )
    op.create_table(
        "support_group",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("programme_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("track", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("centre_id", sa.Uuid),
        sa.Column("minimum", sa.Integer, nullable=False),
        sa.Column("maximum", sa.Integer, nullable=False),
        sa.Column("terc", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("area", sa.Text),
        sa.Column("cohort", sa.Text, nullable=False),
        sa.Column("offer_validity_seconds", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("seats_taken", sa.Integer, nullable=False),
        sa.Column("offers_out", sa.Integer, nullable=False),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("leaders", JSONB, nullable=False),
        sa.Column("conflicts", JSONB, nullable=False),
        sa.Column("formed_on", sa.Date),
        sa.Column("starts_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("seats_taken + offers_out <= maximum", name="support_group_never_overfull"),
        sa.CheckConstraint("seats_taken >= 0 AND offers_out >= 0 AND waiting >= 0", name="support_group_counts"),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_support_group_programme_id", "support_group", ["programme_id"])
    op.create_index(
        "support_group_leaders",
        "support_group",
        ["leaders"],
        postgresql_using="gin",
        postgresql_ops={"leaders": "jsonb_path_ops"},
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("programme_id", sa.Uuid, nullable=False),
        sa.Column("track", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("centre_id", sa.Uuid),
        sa.Column("social_worker", sa.Boolean, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("zone_rank", sa.SmallInteger, nullable=False),
        sa.Column("submitted_on", sa.Date, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("ground", sa.Text),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("waited", sa.Boolean, nullable=False),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True)),
        sa.Column("enrolled_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.ForeignKeyConstraint(["group_id"], ["support_group.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("application_of_group", "application", ["group_id", "id"])
    op.create_index(
        "application_one_per_group",
        "application",
        ["group_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('seated', 'waitlisted', 'offered', 'accepted')"),
    )
    op.create_index(
        "application_one_seat",
        "application",
        ["person_id", "programme_id", "track"],
        unique=True,
        postgresql_where=sa.text("active"),
    )
    op.create_index(
        "application_rank",
        "application",
        ["group_id", "zone_rank", "submitted_on", "id"],
        postgresql_where=sa.text("status = 'waitlisted'"),
    )
    op.create_index("ix_application_person_id", "application", ["person_id"])
    op.create_index("ix_application_programme_id", "application", ["programme_id"])
    op.create_table(
        "refused_assignment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("programme_id", sa.Uuid, nullable=False),
        sa.Column("supervisor_id", sa.Uuid, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["support_group.id"]),
        sa.ForeignKeyConstraint(["supervisor_id"], ["supervisor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_refused_assignment_programme_id", "refused_assignment", ["programme_id"])
