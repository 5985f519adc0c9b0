"""Where titles, runs, certificates and what other services told of are kept."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import registry, relationship

from trainings.domain.certificates import Certificate
from trainings.domain.runs import Attended, Run, TrainingGroup
from trainings.domain.titles import Need, Title

mapper = registry()
metadata = mapper.metadata

title = Table(
    "title",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("developed_on", Date),
    Column("published_on", Date),
    Column("superseded_by", Uuid, ForeignKey("title.id")),
    Column("version", Integer, nullable=False),
)

need = Table(
    "need",
    metadata,
    Column("title_id", Uuid, ForeignKey("title.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("basis", Text, nullable=False),
)
"""What a title answers: rule 16 wants one of each kind before it is published."""

run = Table(
    "run",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False, index=True),
    Column("title_id", Uuid, ForeignKey("title.id"), nullable=False),
    Column("group_id", Uuid, ForeignKey("training_group.group_id"), nullable=False),
    Column("audience", Text, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("minutes", Integer, CheckConstraint("minutes > 0", name="run_lasts"), nullable=False),
    Column("threshold_percent", Integer, nullable=False),
    Column("trainers", ARRAY(Uuid), nullable=False),
    Column("status", Text, nullable=False),
    Column("held_on", Date),
    Column("version", Integer, nullable=False),
)

Index(
    "run_one_per_group_and_title",
    run.c.group_id,
    run.c.title_id,
    unique=True,
    postgresql_where=text("status <> 'cancelled'"),
)

attended = Table(
    "attended",
    metadata,
    Column("run_id", Uuid, ForeignKey("run.id"), primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("minutes", Integer, nullable=False),
)

certificate = Table(
    "certificate",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False, index=True),
    Column("person_id", Uuid, nullable=False),
    Column("of", Text, nullable=False),
    Column("of_id", Uuid, nullable=False),
    Column("group_id", Uuid, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("revoked_on", Date),
    Column("reason", Text),
    Column("version", Integer, nullable=False),
    UniqueConstraint("person_id", "of", "of_id", name="certificate_one_per_person_and_course"),
)

training_group = Table(
    "training_group",
    metadata,
    Column("group_id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False),
    Column("audience", Text, nullable=False),
    Column("threshold_percent", Integer, nullable=False),
    Column("formed_on", Date, nullable=False),
    Column("dissolved_on", Date),
)
"""Formed groups of the training track, from enrollment."""

member = Table(
    "member",
    metadata,
    Column("group_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("since", Date, nullable=False),
    Column("until", Date),
)
"""Who belongs to a training group, and from when to when (both days counted)."""

session_attended = Table(
    "session_attended",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("session_id", Uuid, primary_key=True),
    Column("minutes", Integer, nullable=False),
)
"""How long each person was at each supervision session, corrections applied: what a cycle's certificate rests on."""

session_theme = Table(
    "session_theme",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("programme_id", Uuid, nullable=False, index=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("held_on", Date, nullable=False),
)
"""The themes of supervision sessions, each once a session: needs are counted from them."""

ended_cycle = Table(
    "ended_cycle",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False),
    Column("completed_on", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("threshold_percent", Integer, nullable=False),
)
"""Cycles that are complete, and what earns a certificate of them: a later correction is measured against it."""

mapper.map_imperatively(Need, need)
mapper.map_imperatively(Title, title, properties={"needs": relationship(Need, lazy="selectin", order_by=need.c.code)})
mapper.map_imperatively(Attended, attended)
mapper.map_imperatively(
    Run, run, properties={"attendance": relationship(Attended, lazy="selectin", order_by=attended.c.person_id)}
)
mapper.map_imperatively(TrainingGroup, training_group)
mapper.map_imperatively(Certificate, certificate)
