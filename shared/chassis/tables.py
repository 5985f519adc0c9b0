"""The tables that every service has beside its own: outbox, inbox, parked events, due work, idempotency keys."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)

metadata = MetaData()


def moment(name: str, **options: object) -> Column[object]:
    """A column of a point in time, with its zone."""
    return Column(name, DateTime(timezone=True), **options)  # type: ignore[arg-type]  # options are Column's own


outbox = Table(
    "outbox",
    metadata,
    Column("position", BigInteger, Identity(), primary_key=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("shard", SmallInteger, nullable=False),
    Column("aggregate", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", Text, nullable=False),
    moment("time", nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    moment("published_at"),
)
"""Every event, published or not: `headers` as msgpack pairs, `body` as JSON.

`published_at` is of the release before, and goes with the next.
"""

unpublished = Table(
    "unpublished",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
)
"""What of the outbox waits: a trigger adds what is inserted there, and a relay deletes what the broker acknowledged."""

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("aggregate", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("parked_from", Integer),
)
"""The last version that a consumer applied of each aggregate; from `parked_from` on, events wait in `parked`.

An aggregate is a key of one topic: a cycle on sessions.events has the id of its group on enrollment.events.
"""

parked = Table(
    "parked",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("aggregate", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("cause", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    moment("parked_at", nullable=False, server_default=func.now()),
)
"""Events that could not be applied, and those of the same aggregate behind them, in version order."""

redrive = Table(
    "redrive",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("aggregate", Uuid, primary_key=True),
    moment("asked_at", nullable=False, server_default=func.now()),
)
"""Parked aggregates that an operator asked to take up again."""

due = Table(
    "due",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    moment("at", nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("cause", Text),
    moment("parked_at"),
)
"""What must happen later: the worker takes what is due; what fails too often is parked with its cause."""

Index("due_next", due.c.at, postgresql_where=due.c.parked_at.is_(None))

idempotency = Table(
    "idempotency",
    metadata,
    Column("person", Uuid, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("request", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("answer", LargeBinary),
    moment("kept_at", nullable=False, server_default=func.now()),
)
"""Answers that were given under an idempotency key; `request` is the SHA-256 of path and body."""

Index("idempotency_age", idempotency.c.kept_at)
