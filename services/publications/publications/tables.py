"""The tables of publications; the domain's classes are mapped onto them. Texts live here and nowhere else."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import registry, relationship

from publications.domain.article import Article
from publications.domain.issue import Delivery, Issue, Journal, Lock

mapper = registry()
metadata = mapper.metadata

programme = Table(
    "programme",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(200), nullable=False),
)
"""Programmes that were opened."""

conclusion = Table(
    "conclusion",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    Column("consent", String(10), nullable=False),
    CheckConstraint("consent in ('released', 'withdrawn')", name="conclusion_consent"),
)
"""Conclusions that were ever released, and whether consent to them stands: what sessions told last."""

lead = Table(
    "lead",
    metadata,
    Column("source", String(10), primary_key=True),
    Column("source_id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False),
    Column("group_id", Uuid, nullable=False),
    Column("held_on", Date, nullable=False),
    CheckConstraint("source in ('session', 'run')", name="lead_source"),
)
"""What took place and may be worth writing about: one lead a completed session or run."""

Index("lead_programme", lead.c.programme_id, lead.c.source_id)

subscriber = Table(
    "subscriber",
    metadata,
    Column("programme_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("through", Uuid, primary_key=True),
    Column("kind", String(10), nullable=False),
    CheckConstraint("kind in ('person', 'centre')", name="subscriber_kind"),
)
"""Who is told of a programme's issues: who is enrolled, `through` each of their groups, and the centres that joined."""

forgotten = Table("forgotten", metadata, Column("person_id", Uuid, primary_key=True))
"""Who was erased: told of no issue any more, also where their enrolment is heard of later than their erasure."""

journal = Table(
    "journal",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("issn", String(9), unique=True),
)

issue = Table(
    "issue",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False),
    Column("journal_id", Uuid, ForeignKey("journal.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("quarter", SmallInteger, nullable=False),
    Column("edition", String(10), nullable=False),
    Column("status", String(20), nullable=False),
    Column("publish_on", Date),
    Column("published_on", Date),
    Column("version", Integer, nullable=False),
    UniqueConstraint("journal_id", "year", "quarter", "edition", name="issue_one_per_quarter"),
    CheckConstraint("quarter between 1 and 4", name="issue_quarter"),
    CheckConstraint("edition in ('regular', 'special')", name="issue_edition"),
)

Index("issue_programme", issue.c.programme_id, issue.c.id)

conclusion_lock = Table(
    "conclusion_lock",
    metadata,
    Column("issue_id", Uuid, ForeignKey("issue.id"), primary_key=True),
    Column("conclusion_id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("answer", String(10)),
    Column("ground", String(60)),
)
"""What an issue asked sessions to lock, and the answers."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("issue_id", Uuid, ForeignKey("issue.id"), nullable=False),
    Column("recipients", Integer),
    Column("reachable", Integer),
)
"""Parts of an issue's recipients that enrollment was asked to tell, and its counts."""

Index("delivery_issue", delivery.c.issue_id)

recipient = Table(
    "recipient",
    metadata,
    Column("issue_id", Uuid, ForeignKey("issue.id"), primary_key=True),
    Column("subscriber_id", Uuid, primary_key=True),
    Column("delivery_id", Uuid, ForeignKey("delivery.id"), nullable=False),
)
"""Who was told of which issue: nobody twice."""

article = Table(
    "article",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme_id", Uuid, nullable=False),
    Column("issue_id", Uuid, ForeignKey("issue.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("title", String(200), nullable=False),
    Column("byline", String(200)),
    Column("body", Text, nullable=False),
    Column("submitted_on", Date, nullable=False),
    Column("submitted_by", Uuid, nullable=False),
    Column("run_id", Uuid),
    Column("cycle_id", Uuid),
    Column("conclusion_id", Uuid),
    Column("status", String(10), nullable=False),
    Column("decided_on", Date),
    Column("ground", String(60)),
    Column("version", Integer, nullable=False),
    CheckConstraint("(cycle_id is null) = (conclusion_id is null)", name="article_cites"),
)

Index("article_issue", article.c.issue_id, article.c.id)
Index("article_programme", article.c.programme_id)
Index("article_author", article.c.submitted_by)
Index("article_conclusion", article.c.conclusion_id, postgresql_where=article.c.conclusion_id.is_not(None))

mapper.map_imperatively(Journal, journal)
mapper.map_imperatively(Lock, conclusion_lock)
mapper.map_imperatively(Delivery, delivery)
mapper.map_imperatively(
    Issue,
    issue,
    properties={
        "journal": relationship(Journal, lazy="selectin"),
        "locks": relationship(
            Lock, lazy="selectin", cascade="all, delete-orphan", order_by=conclusion_lock.c.conclusion_id
        ),
        "deliveries": relationship(Delivery, lazy="selectin", cascade="all, delete-orphan", order_by=delivery.c.id),
    },
)
mapper.map_imperatively(Article, article)
