"""Everything that the checks compare, gathered once: the checks themselves only look at this."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from contracts.enrollment import ProgrammeOpened
from contracts.event import Envelope, Event

from superwizja.demo.ledger import Entry, file_of
from superwizja.demo.ledger import read as read_ledger
from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.history import told
from superwizja.verify.sources import Apis, Database, Read, databases, topics

Rows = list[Mapping[str, Any]]

EVERYWHERE = {
    "outbox": (
        "SELECT event_id, aggregate, version, type, time, unpublished.position IS NULL AS published"
        " FROM outbox LEFT JOIN unpublished USING (shard, position) ORDER BY position"
    ),
    "inbox": "SELECT consumer, topic, aggregate, version, parked_from FROM inbox",
    "parked": "SELECT consumer, topic, aggregate, version, cause FROM parked",
    "due_parked": "SELECT kind, subject, cause FROM due WHERE parked_at IS NOT NULL",
    "idempotency": "SELECT person, operation, key, status, answer, kept_at FROM idempotency",
}
OWN = {
    "enrollment": {
        "application": "SELECT id, group_id, programme_id, track, person_id, status, active FROM application",
        "group": "SELECT id, track, status, minimum, maximum, seats_taken, offers_out, waiting FROM support_group",
        "attended": "SELECT source_id, person_id, minutes FROM attended",
        "worker": "SELECT id FROM worker",
        "person": "SELECT id FROM person",
    },
    "sessions": {
        "cycle": "SELECT id, status FROM cycle",
        "session": "SELECT id, cycle_id, ordinal, status, roster::text AS roster FROM session",
        "conclusion": "SELECT id, session_id, attendees, statements::text AS statements FROM conclusion",
    },
    "trainings": {
        "certificate": "SELECT id, person_id, of, of_id, revoked_on, reason FROM certificate",
        "session_attended": "SELECT session_id, person_id, minutes FROM session_attended",
    },
    "publications": {
        "cited": (
            "SELECT article.id, article.conclusion_id, issue.id AS issue_id FROM article"
            " JOIN issue ON issue.id = article.issue_id WHERE article.conclusion_id IS NOT NULL"
            " AND article.status = 'accepted' AND issue.status IN ('published', 'distributed')"
        ),
        "forgotten": "SELECT person_id FROM forgotten",
        "byline": "SELECT id, submitted_by FROM article WHERE byline IS NOT NULL",
    },
    "insights": {"attendance": "SELECT session_id, person_id, minutes FROM attendance"},
}
"""The statements whose answers are compared. Names of tables are the only thing of the services that verify knows."""


@dataclass
class Evidence:
    """What was found. `tables` are by service and name; `told` are figures by service and programme, None: unknown."""

    ledger: list[Entry] = field(default_factory=list)
    records: list[Read] = field(default_factory=list)
    tables: dict[tuple[str, str], Rows] = field(default_factory=dict)
    told: dict[tuple[str, UUID], dict[str, Any] | None] = field(default_factory=dict)
    indicators: dict[UUID, dict[str, Any] | None] = field(default_factory=dict)

    def rows(self, service: str, table: str) -> Rows:
        """The rows of one table."""
        return self.tables.get((service, table), [])

    @cached_property
    def history(self) -> list[tuple[Event, Envelope]]:
        """What happened: each event of a known type once, each aggregate's in the order of its versions."""
        return list(told(self.records))

    @property
    def programmes(self) -> list[UUID]:
        """Every programme that the topics tell of."""
        found = (read.event.programme_id for read in self.records if isinstance(read.event, ProgrammeOpened))
        return list(dict.fromkeys(found))


async def gather(runtime: Runtime) -> Evidence:
    """Read everything of a platform that is quiet."""
    evidence = Evidence(ledger=read_ledger(file_of(runtime.folder)))
    evidence.records = await topics(runtime.bootstrap_servers)
    tables = await asyncio.gather(*(tables_of(name, each) for name, each in databases(runtime).items()))
    for service, found in zip(SERVICES, tables, strict=True):
        evidence.tables |= {(service, table): rows for table, rows in found.items()}
    apis = Apis(runtime)
    evidence.told = await apis.figures(evidence.programmes)
    evidence.indicators = await apis.indicators(evidence.programmes)
    return evidence


async def tables_of(service: str, database: Database) -> dict[str, Rows]:
    """The tables of one service's database that are compared."""
    async with database:
        return {table: await database.rows(statement) for table, statement in (EVERYWHERE | OWN[service]).items()}
