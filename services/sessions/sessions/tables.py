"""Where cycles are kept: one row with all that its gates look at, and rows for its sessions and conclusions.

What only the aggregate's own commands change is a JSON value of that one row, read and written whole.
"""

from typing import Any

import msgspec
from contracts.sessions import Attendance
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    bindparam,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry, relationship, selectinload

from sessions.domain.conclusion import Conclusion, Lock, Statement
from sessions.domain.contract import Contract
from sessions.domain.cycle import Cycle, RefusedLock
from sessions.domain.people import Leader, LeaderConflict, Member
from sessions.domain.session import Session

mapper = registry()
metadata = mapper.metadata


class Value(TypeDecorator[Any]):
    """A frozen msgspec value as JSON: it is replaced, never changed in place."""

    impl = JSONB
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value that was stored."""
        return msgspec.convert(value, self.kind)


cycle = Table(
    "cycle",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme_id", Uuid),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("formed_on", Date),
    Column("dissolved_on", Date),
    Column("minutes", Integer, nullable=False),
    Column("quorum", Integer, nullable=False),
    Column("threshold_percent", Integer, nullable=False),
    Column("members", Value(tuple[Member, ...]), nullable=False),
    Column("leaders", Value(tuple[Leader, ...]), nullable=False),
    Column("conflicts", Value(tuple[LeaderConflict, ...]), nullable=False),
    Column("contract", Value(Contract), nullable=False),
    Column("refused_locks", Value(tuple[RefusedLock, ...]), nullable=False),
    CheckConstraint("status in ('awaited', 'active', 'completed', 'dissolved')", name="cycle_status"),
)

Index("cycle_programme", cycle.c.programme_id, cycle.c.id)
Index("cycle_leaders", cycle.c.leaders, postgresql_using="gin", postgresql_ops={"leaders": "jsonb_path_ops"})
Index("cycle_members", cycle.c.members, postgresql_using="gin", postgresql_ops={"members": "jsonb_path_ops"})

session = Table(
    "session",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, ForeignKey("cycle.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("held_on", Date),
    Column("venue", Text),
    Column("leaders", ARRAY(Uuid, as_tuple=True), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("roster", Value(tuple[Attendance, ...]), nullable=False),
    Column("themes", ARRAY(Text, as_tuple=True), nullable=False),
    Column("methods", ARRAY(Text, as_tuple=True), nullable=False),
    Column("case_rounds", Integer, nullable=False),
    UniqueConstraint("cycle_id", "ordinal", name="session_ordinal"),
    CheckConstraint("status in ('planned', 'in_progress', 'completed')", name="session_status"),
    CheckConstraint("(status = 'planned') = (held_on is null)", name="session_held"),
)
"""One row an ordinal. What is told of a case has no column here."""

conclusion = Table(
    "conclusion",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, ForeignKey("cycle.id"), nullable=False, index=True),
    Column("session_id", Uuid, ForeignKey("session.id")),
    Column("recorded_on", Date, nullable=False),
    Column("attendees", ARRAY(Uuid, as_tuple=True), nullable=False),
    Column("practice_before", ARRAY(Text, as_tuple=True), nullable=False),
    Column("practice_recommended", ARRAY(Text, as_tuple=True), nullable=False),
    Column("status", Text, nullable=False),
    Column("statements", Value(tuple[Statement, ...]), nullable=False),
    Column("locks", Value(tuple[Lock, ...]), nullable=False),
    Column("released_on", Date),
    Column("revocations", Integer, nullable=False),
    CheckConstraint("status in ('awaiting', 'released', 'withheld', 'revoked')", name="conclusion_status"),
)

mapper.map_imperatively(Session, session)
mapper.map_imperatively(Conclusion, conclusion)
mapped = mapper.map_imperatively(
    Cycle,
    cycle,
    properties={
        "sessions": relationship(Session, lazy="raise", order_by=session.c.ordinal),
        "conclusions": relationship(Conclusion, lazy="raise", order_by=conclusion.c.id),
    },
)

_sessions = selectinload(mapped.attrs["sessions"].class_attribute)
_conclusions = selectinload(mapped.attrs["conclusions"].class_attribute)

just_the_cycle = select(Cycle).where(cycle.c.id == bindparam("cycle_id")).with_for_update()
"""The cycle's row, locked. Built once, as are those that follow: building them costs as much as running them."""

with_sessions = just_the_cycle.options(_sessions)
with_conclusions = just_the_cycle.options(_conclusions)
with_both = just_the_cycle.options(_sessions, _conclusions)
