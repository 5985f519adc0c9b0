"""Facts, as the events tell them: rows that are counted when they are read, and refer to nothing.

A fact has its natural key, so that two tellings are one row, and each event has its own columns, so that the order of
arrival makes no difference; what arrives before the thing that it belongs to is joined once that is there. The tables
have no schema: a connection's search_path says which generation is meant (see generations.py).
"""

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()


def of_programme(**options: object) -> Column[object]:
    """The programme that a fact belongs to, as its event's envelope has it."""
    return Column("programme_id", Uuid, nullable=False, **options)  # type: ignore[arg-type]  # options are Column's own


programme = Table(
    "programme",
    metadata,
    of_programme(primary_key=True),
    Column("code", Text),
    Column("name", Text),
    Column("funder", Text),
    Column("provider", Text),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("targets", JSONB),
    Column("areas", JSONB),
)
"""`targets`: [{indicator, value}], `areas`: [{name, city, surroundings, reason}], as the contracts have them."""

invitation = Table(
    "invitation",
    metadata,
    of_programme(primary_key=True),
    Column("centre_id", Uuid, primary_key=True),
    Column("joined", Boolean),
)

group = Table(
    "group",
    metadata,
    Column("group_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("name", Text),
    Column("track", Text),
    Column("audience", Text),
    Column("terc", Text),
    Column("zone", Text),
    Column("area", Text),
    Column("formed_on", Date),
    Column("completed_on", Date),
    Column("dissolved_on", Date),
)
"""`area` is the city of the priority area that `terc` lies in, or null."""

application = Table(
    "application",
    metadata,
    Column("application_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("group_id", Uuid),
    Column("person_id", Uuid),
    Column("track", Text),
    Column("submitted_on", Date),
    Column("ineligible", Boolean),
    Column("waitlisted", Boolean),
    Column("enrolled_on", Date),
    Column("withdrawn_on", Date),
)
"""`waitlisted`: ever. `withdrawn_on` frees the seat that `enrolled_on` took."""

session = Table(
    "session",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("cycle_id", Uuid),
    Column("held_on", Date),
    Column("minutes", Integer),
)
"""Completed sessions only; a cycle's id is its group's."""

attendance = Table(
    "attendance",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("cycle_id", Uuid),
    Column("held_on", Date),
    Column("minutes", Integer),
)
"""One person at one completed session; minutes are 0 for who was absent."""

cycle = Table(
    "cycle",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("completed_on", Date),
)

conclusion = Table(
    "conclusion",
    metadata,
    Column("conclusion_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("recorded_on", Date),
    Column("released_on", Date),
    Column("withheld_on", Date),
)

title = Table(
    "title",
    metadata,
    Column("title_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("name", Text),
    Column("audience", Text),
    Column("developed_on", Date),
    Column("published_on", Date),
)

run = Table(
    "run",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("group_id", Uuid),
    Column("audience", Text),
    Column("held_on", Date),
    Column("minutes", Integer),
)
"""Completed runs only."""

run_attendance = Table(
    "run_attendance",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("audience", Text),
    Column("minutes", Integer),
)

certificate = Table(
    "certificate",
    metadata,
    Column("certificate_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("issued_on", Date),
    Column("revoked_on", Date),
)

issue = Table(
    "issue",
    metadata,
    Column("issue_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("name", Text),
    Column("year", SmallInteger),
    Column("quarter", SmallInteger),
    Column("published_on", Date),
    Column("articles", Integer),
    Column("recipients", Integer),
)

article = Table(
    "article",
    metadata,
    Column("article_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("issue_id", Uuid),
    Column("submitted_on", Date),
    Column("dropped", Boolean),
)

mailing = Table(
    "mailing",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    of_programme(index=True),
    Column("issue_id", Uuid),
    Column("recipients", Integer),
)

happening = Table(
    "happening",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    of_programme(),
    Column("code", Text, nullable=False),
    Column("ground", Text),
)
"""What is only counted: `code` is a figure, or `refusal` with the ground of an answer that the programme recorded."""

Index("happening_counted", happening.c.programme_id, happening.c.code)
