"""Everything that the oracle judges: verify's evidence, and what only a run under faults needs."""

import asyncio
import dataclasses
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import aiohttp
import msgspec
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from contracts import publications
from contracts.cloudevents import envelope_of
from contracts.event import Envelope

from superwizja.chaos import marks
from superwizja.chaos.heard import At, Heard, Planted
from superwizja.chaos.struck import Struck
from superwizja.demo.ledger import file_of
from superwizja.demo.ledger import read as read_ledger
from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.delivery import PUBLISHERS
from superwizja.verify.evidence import Evidence, Rows, tables_of
from superwizja.verify.history import Aggregate
from superwizja.verify.quiet import CONSUMES
from superwizja.verify.sources import PARTITIONS, Apis, Database, Read, databases, topics

REBALANCED_WITHIN = 20.0
"""Seconds within which a group that lost or got members has shared its partitions anew."""

TABLES: dict[str, dict[str, str]] = {
    "enrollment": {
        "programme": "SELECT id FROM programme",
        "centre": "SELECT id FROM centre",
        "supervisor": "SELECT id FROM supervisor",
    },
    "sessions": {"belonging": "SELECT id, members::text AS members, conflicts::text AS conflicts FROM cycle"},
    "trainings": {
        "title": "SELECT id FROM title",
        "run": "SELECT id FROM run",
        "certified": "SELECT id, person_id, of, of_id, revoked_on FROM certificate",
        "member": "SELECT group_id, person_id, until FROM member",
        "ended_cycle": "SELECT cycle_id FROM ended_cycle",
    },
    "publications": {
        "journal": "SELECT id FROM journal",
        "issue": "SELECT id, status FROM issue",
        "article": "SELECT id, status FROM article",
        "programme": "SELECT id FROM programme",
        "released": "SELECT id, consent FROM conclusion",
        "lead": "SELECT source, source_id FROM lead",
        "subscriber": "SELECT programme_id, id, through FROM subscriber",
    },
}
"""What commands make and what consumers keep, beside the tables that verify reads."""

MISSING = "SELECT event_id, headers FROM outbox WHERE event_id = ANY($1)"
decode_headers = msgspec.msgpack.Decoder(list[tuple[str, bytes]]).decode


@dataclass
class Testimony:
    """`evidence` as it lies there; `pages` are the answers of published issues' addresses (0: none of their own).

    names      by place, the planted names that lie there
    consuming  by consumer, what is missing of its group, empty when every partition has a member
    missing    envelopes of events that were committed and are not on their topic
    quiet      what was still under way when patience ended, None when nothing was
    away       why the APIs told nothing, None when they did
    """

    evidence: Evidence
    heard: Heard = field(default_factory=Heard)
    planted: Planted = field(default_factory=Planted)
    struck: list[Struck] = field(default_factory=list)
    pages: dict[UUID, int] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    consuming: dict[str, str] = field(default_factory=dict)
    missing: dict[UUID, Envelope] = field(default_factory=dict)
    quiet: str | None = None
    away: str | None = None

    @cached_property
    def poison(self) -> set[At]:
        """Records that no service sent: those of the rig, others under the same id (sent again), and foreign ones."""
        records = self.evidence.records
        ids = {read.envelope.id for read in records if read.envelope and _at(read) in self.planted.poison}
        return {_at(r) for r in records if not r.own or (r.envelope and r.envelope.id in ids)} | self.planted.poison

    @cached_property
    def poisoned(self) -> set[Aggregate]:
        """The aggregates that were poisoned: keys of which no service tells anything."""
        poison: set[Aggregate] = set()
        real: set[Aggregate] = set()
        for read in self.evidence.records:
            if read.envelope is not None:
                (poison if _at(read) in self.poison else real).add((read.topic, read.envelope.key))
        return poison - real

    @cached_property
    def clean(self) -> Evidence:
        """The evidence without poison, and without the consumers' rows of poisoned aggregates."""
        if not self.poison:
            return self.evidence
        tables = dict(self.evidence.tables)
        for service in SERVICES:
            for table in ("inbox", "parked"):
                rows = self.evidence.rows(service, table)
                tables[service, table] = [r for r in rows if (r["topic"], r["aggregate"]) not in self.poisoned]
        records = [read for read in self.evidence.records if _at(read) not in self.poison]
        return dataclasses.replace(self.evidence, records=records, tables=tables)


def _at(read: Read) -> At:
    return read.topic, read.partition, read.offset


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Millions of small objects that all stay: looking through them for garbage takes longer than judging them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def testify(runtime: Runtime, heard: Heard, planted: Planted, struck: list[Struck]) -> Testimony:
    """Read everything of a platform that should be quiet."""
    evidence = Evidence(ledger=read_ledger(file_of(runtime.folder)))
    evidence.records = await topics(runtime.bootstrap_servers)
    testimony = Testimony(evidence, heard, planted, struck)
    for service, database in databases(runtime).items():
        found = await tables_of(service, database) | await _more(database, TABLES.get(service, {}))
        evidence.tables |= {(service, table): rows for table, rows in found.items()}
        if service in PUBLISHERS:
            testimony.missing |= await _missing(database, service, evidence)
    apis = Apis(runtime)
    try:
        evidence.told = await apis.figures(evidence.programmes)
        evidence.indicators = await apis.indicators(evidence.programmes)
    except aiohttp.ClientResponseError as error:
        # As a whole it would show the token that was sent.
        testimony.away = f"{error.request_info.url.path}: {error.status} {error.message}"
    except (aiohttp.ClientError, TimeoutError) as error:
        testimony.away = repr(error)
    published = {
        read.event.issue_id: read.event.url
        for read in testimony.clean.records
        if isinstance(read.event, publications.IssuePublished) and read.own
    }
    testimony.names = await marks.places(runtime)
    testimony.pages, testimony.consuming = await asyncio.gather(_pages(published), _consuming(runtime))
    return testimony


async def _more(database: Database, statements: dict[str, str]) -> dict[str, Rows]:
    async with database:
        return {table: await database.rows(statement) for table, statement in statements.items()}


async def _missing(database: Database, service: str, evidence: Evidence) -> dict[UUID, Envelope]:
    there = {r.envelope.id for r in evidence.records if r.envelope is not None and r.topic == f"{service}.events"}
    gone = [row["event_id"] for row in evidence.rows(service, "outbox") if row["event_id"] not in there]
    async with database:
        return {
            row["event_id"]: envelope_of(decode_headers(row["headers"])) for row in await database.rows(MISSING, gone)
        }


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
    """What each consumer's group lacks after a while: members, or members for some partitions."""
    deadline = time.monotonic() + REBALANCED_WITHIN
    admin = AIOKafkaAdminClient(bootstrap_servers=runtime.bootstrap_servers)
    await admin.start()
    try:
        while True:
            lacks = {service: await _lacks(admin, service) for service in SERVICES}
            if not any(lacks.values()) or time.monotonic() > deadline:
                return lacks
            await asyncio.sleep(0.5)
    finally:
        await admin.close()


async def _lacks(admin: AIOKafkaAdminClient, service: str) -> str:
    wanted = {(part.topic, part.partition) for part in PARTITIONS if part.topic in CONSUMES[service]}
    held: set[tuple[str, int]] = set()
    for answer in await admin.describe_consumer_groups([service]):
        for _, _, _, _, _, members, *_ in answer.groups:
            for *_, assigned in members:
                if not assigned:
                    # It has joined, and is told its partitions when the others have joined, too.
                    continue
                decoded = ConsumerProtocolMemberAssignment.decode(assigned)
                held |= {(topic, number) for topic, numbers in decoded.assignment for number in numbers}
    if missing := wanted - held:
        return f"nobody has {len(missing)} of {len(wanted)} partitions"
    return ""
