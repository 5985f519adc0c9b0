"""Where everything of enrollment is kept, and how its domain classes lie in it."""

from typing import Any

import msgspec
from contracts.enrollment import PriorityArea, Shape, Target
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry

from enrollment.domain.applications import Application
from enrollment.domain.centres import Centre, Person, Worker
from enrollment.domain.groups import Group, Leader
from enrollment.domain.mailings import Delivery, Mailing
from enrollment.domain.programmes import Contact, Invitation, Programme
from enrollment.domain.supervisors import Certificate, LeaderConflict, Supervisor, Tie

mapper = registry()
metadata = mapper.metadata


class Values(TypeDecorator[Any]):
    """Values without an identity of their own, as JSON: a tuple of targets, a shape. Replaced whole, never changed."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        """Build the values from JSON."""
        return None if value is None else msgspec.convert(value, self.kind)


programme = Table(
    "programme",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("parent_id", Uuid, ForeignKey("programme.id")),
    Column("commissioner_id", Uuid, ForeignKey("centre.id")),
    Column("funder", Text),
    Column("provider", Text),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("audience", Values(tuple[Contact, ...]), nullable=False),
    Column("supervision", Values(Shape)),
    Column("training", Values(Shape)),
    Column("targets", Values(tuple[Target, ...]), nullable=False),
    Column("areas", Values(tuple[PriorityArea, ...]), nullable=False),
    Column("offer_validity_seconds", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

invitation = Table(
    "invitation",
    metadata,
    Column("programme_id", Uuid, ForeignKey("programme.id"), primary_key=True),
    Column("centre_id", Uuid, ForeignKey("centre.id"), primary_key=True),
    Column("status", Text, nullable=False),
    Column("answered_on", Date),
)

centre = Table(
    "centre",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("terc", Text, nullable=False),
    Column("email", Text),
    Column("version", Integer, nullable=False),
)

person = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text),
)
"""Personal data, and no other table has any. No foreign key holds a worker's row: it is deleted as they are erased."""

worker = Table(
    "worker",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("centre_id", Uuid, ForeignKey("centre.id"), nullable=False, index=True),
    Column("profession", Text, nullable=False),
    Column("social_worker", Boolean, nullable=False),
    Column("contact", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
)

supervisor = Table(
    "supervisor",
    metadata,
    Column("id", Uuid, ForeignKey("person.id"), primary_key=True),
    Column("relation", Text, nullable=False),
    Column("certificates", Values(tuple[Certificate, ...]), nullable=False),
    Column("ties", Values(tuple[Tie, ...]), nullable=False),
    Column("version", Integer, nullable=False),
)

group = Table(
    "support_group",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme_id", Uuid, ForeignKey("programme.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("track", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("centre_id", Uuid, ForeignKey("centre.id")),
    Column("minimum", Integer, nullable=False),
    Column("maximum", Integer, nullable=False),
    Column("terc", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("area", Text),
    Column("cohort", Text, nullable=False),
    Column("offer_validity_seconds", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("seats_taken", Integer, nullable=False),
    Column("offers_out", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("leaders", Values(tuple[Leader, ...]), nullable=False),
    Column("conflicts", Values(frozenset[LeaderConflict]), nullable=False),
    Column("formed_on", Date),
    Column("starts_on", Date),
    Column("ended_on", Date),
    Column("version", Integer, nullable=False),
    CheckConstraint("seats_taken >= 0 AND offers_out >= 0 AND waiting >= 0", name="support_group_counts"),
    CheckConstraint("seats_taken + offers_out <= maximum", name="support_group_never_overfull"),
)
"""A group: `group` is a word of SQL."""

Index("support_group_leaders", group.c.leaders, postgresql_using="gin", postgresql_ops={"leaders": "jsonb_path_ops"})

ONE_SEAT = "application_one_seat"
ONE_APPLICATION = "application_one_per_group"

application = Table(
    "application",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("group_id", Uuid, ForeignKey("support_group.id"), nullable=False),
    Column("programme_id", Uuid, nullable=False, index=True),
    Column("track", Text, nullable=False),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("centre_id", Uuid),
    Column("social_worker", Boolean, nullable=False),
    Column("zone", Text, nullable=False),
    Column("zone_rank", SmallInteger, nullable=False),
    Column("submitted_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("ground", Text),
    Column("active", Boolean, nullable=False),
    Column("waited", Boolean, nullable=False),
    Column("offer_expires_at", DateTime(timezone=True)),
    Column("enrolled_on", Date),
    Column("ended_on", Date),
    Index("application_of_group", "group_id", "id"),
    Index(ONE_SEAT, "person_id", "programme_id", "track", unique=True, postgresql_where=text("active")),
    Index(
        ONE_APPLICATION,
        "group_id",
        "person_id",
        unique=True,
        postgresql_where=text("status IN ('seated', 'waitlisted', 'offered', 'accepted')"),
    ),
    Index(
        "application_rank",
        "group_id",
        "zone_rank",
        "submitted_on",
        "id",
        postgresql_where=text("status = 'waitlisted'"),
    ),
)

refused_assignment = Table(
    "refused_assignment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("group_id", Uuid, ForeignKey("support_group.id"), nullable=False),
    Column("programme_id", Uuid, nullable=False, index=True),
    Column("supervisor_id", Uuid, ForeignKey("supervisor.id"), nullable=False),
    Column("ground", Text, nullable=False),
    Column("since", Date, nullable=False),
)
"""Who was to lead a group and may not: a recorded outcome."""

attended = Table(
    "attended",
    metadata,
    Column("source_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("group_id", Uuid, nullable=False),
    Column("programme_id", Uuid, index=True),
    Column("held_on", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
)
"""Hours as facts: how long a person was at one session or run, corrections applied."""

mailing = Table(
    "mailing",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme_id", Uuid, index=True),
    Column("version", Integer, nullable=False),
)
"""One per issue of which publications asked to tell people."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("issue_id", Uuid, ForeignKey("mailing.id"), nullable=False, index=True),
    Column("recipients", Integer, nullable=False),
    Column("reachable", Integer, nullable=False),
)

mapper.map_imperatively(Programme, programme)
mapper.map_imperatively(Invitation, invitation)
mapper.map_imperatively(Centre, centre)
mapper.map_imperatively(Person, person)
mapper.map_imperatively(Worker, worker)
mapper.map_imperatively(Supervisor, supervisor)
mapper.map_imperatively(Group, group)
mapper.map_imperatively(Application, application)
mapper.map_imperatively(Mailing, mailing)
mapper.map_imperatively(Delivery, delivery)
