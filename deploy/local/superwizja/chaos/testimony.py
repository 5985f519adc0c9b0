"""Everything that the oracle judges: verify's evidence, and what only a run under faults needs."""

import asyncio
import dataclasses
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from contracts import publications

from superwizja.chaos.heard import Heard, Planted
from superwizja.chaos.struck import Struck
from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.evidence import Evidence, gather
from superwizja.verify.history import Aggregate
from superwizja.verify.quiet import CONSUMES
from superwizja.verify.sources import PARTITIONS, Database, databases

MADE: dict[str, dict[str, str]] = {
    "enrollment": {
        "programme": "SELECT id FROM programme",
        "centre": "SELECT id FROM centre",
        "worker": "SELECT id FROM worker",
        "supervisor": "SELECT id FROM supervisor",
    },
    "trainings": {
        "title": "SELECT id FROM title",
        "run": "SELECT id FROM run",
        "certified": "SELECT id, person_id, of, of_id, revoked_on FROM certificate",
    },
    "publications": {
        "journal": "SELECT id FROM journal",
        "issue": "SELECT id, status FROM issue",
        "article": "SELECT id, status FROM article",
    },
}
"""What commands make, beside the tables that verify reads."""


@dataclass
class Testimony:
    """`evidence` as it lies there; `pages` are the answers of published issues' addresses (0: none came).

    `consuming`: by consumer, what is missing of its group, empty when every partition has a member.
    `quiet`: what was still under way when patience ended, None when nothing was.
    """

    evidence: Evidence
    heard: Heard = field(default_factory=Heard)
    planted: Planted = field(default_factory=Planted)
    struck: list[Struck] = field(default_factory=list)
    pages: dict[UUID, int] = field(default_factory=dict)
    consuming: dict[str, str] = field(default_factory=dict)
    quiet: str | None = None

    def __post_init__(self) -> None:
        """Find the aggregates that the rig poisoned."""
        self.poisoned: set[Aggregate] = {
            (read.topic, read.envelope.key)
            for read in self.evidence.records
            if read.envelope is not None and (read.topic, read.partition, read.offset) in self.planted.poison
        }

    def clean(self) -> Evidence:
        """The evidence without what the rig put there: poison, and the consumers' rows of poisoned aggregates."""
        if not self.planted.poison:
            return self.evidence
        records = [
            read
            for read in self.evidence.records
            if (read.topic, read.partition, read.offset) not in self.planted.poison
        ]
        tables = dict(self.evidence.tables)
        for service in SERVICES:
            for table in ("inbox", "parked"):
                rows = self.evidence.rows(service, table)
                tables[service, table] = [r for r in rows if (r["topic"], r["aggregate"]) not in self.poisoned]
        return dataclasses.replace(self.evidence, records=records, tables=tables)


async def testify(runtime: Runtime, heard: Heard, planted: Planted, struck: list[Struck]) -> Testimony:
    """Read everything of a platform that should be quiet."""
    evidence = await gather(runtime)
    for service, statements in MADE.items():
        evidence.tables |= await _made(service, databases(runtime)[service], statements)
    published = {
        read.event.issue_id: read.event.url
        for read in evidence.records
        if isinstance(read.event, publications.IssuePublished) and read.own
    }
    pages, consuming = await asyncio.gather(_pages(published), _consuming(runtime))
    return Testimony(evidence, heard, planted, struck, pages, consuming)


async def _made(service: str, database: Database, statements: dict[str, str]) -> dict[tuple[str, str], list[Any]]:
    async with database:
        return {(service, table): list(await database.rows(statement)) for table, statement in statements.items()}


async def _pages(published: dict[UUID, str]) -> dict[UUID, int]:
    """What the address of each issue answers: its status, 0 where nothing or another page came."""
    turns = asyncio.Semaphore(8)
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(trust_env=False, timeout=timeout) as http:

        async def see(issue: UUID, url: str) -> int:
            try:
                async with turns, http.get(url) as answer:
                    text = await answer.text()
                    return answer.status if answer.status != 200 or f"urn:uuid:{issue}" in text else 0
            except (aiohttp.ClientError, TimeoutError):
                return 0

        answers = await asyncio.gather(*(see(issue, url) for issue, url in published.items()))
    return dict(zip(published, answers, strict=True))


async def _consuming(runtime: Runtime) -> dict[str, str]:
    """What each consumer's group lacks: members, or members for some partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=runtime.bootstrap_servers)
    await admin.start()
    try:
        return {service: await _lacks(admin, service) for service in SERVICES}
    finally:
        await admin.close()


async def _lacks(admin: AIOKafkaAdminClient, service: str) -> str:
    wanted = {(part.topic, part.partition) for part in PARTITIONS if part.topic in CONSUMES[service]}
    held: set[tuple[str, int]] = set()
    for answer in await admin.describe_consumer_groups([service]):
        for _, _, _, _, _, members, *_ in answer.groups:
            for *_, assigned in members:
                decoded = ConsumerProtocolMemberAssignment.decode(assigned)
                held |= {(topic, number) for topic, numbers in decoded.assignment for number in numbers}
    if missing := wanted - held:
        return f"nobody has {len(missing)} of {len(wanted)} partitions"
    return ""
