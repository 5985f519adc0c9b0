"""Where verify looks: databases in read-only transactions, topics from offset zero, APIs as an operator."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from contracts.cloudevents import NotAnEnvelope, envelope_of
from contracts.event import Envelope, Event, published_by
from contracts.topics import TOPICS

from superwizja import tokens
from superwizja.runtime import AUDIENCE, SERVICES, Runtime

PARTITIONS = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
OPERATOR = UUID("6f0a1c52-1f0f-5f3a-9c57-2a5f3f6f4d10")


class Read(msgspec.Struct, frozen=True):
    """A record as it lies on its topic. `own`: it says that the topic's owner sent it."""

    topic: str
    partition: int
    offset: int
    envelope: Envelope | None
    event: Event | None
    own: bool
    body: bytes = b""


class Database:
    """One service's database; every statement runs in a transaction that cannot write."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql+asyncpg://", "postgresql://")

    async def __aenter__(self) -> "Database":
        """Connect. The facts of insights lie in a schema of their own, which others do not have."""
        self.connection = await asyncpg.connect(
            self.url, server_settings={"default_transaction_read_only": "on", "search_path": "live, public"}
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self.connection.close()

    async def rows(self, statement: str, *values: object) -> list[Mapping[str, Any]]:
        """What a statement answers."""
        found: list[Mapping[str, Any]] = await self.connection.fetch(statement, *values)
        return found

    async def number(self, statement: str) -> int:
        """The one number that a statement answers."""
        found: int = await self.connection.fetchval(statement)
        return found


def databases(runtime: Runtime) -> dict[str, Database]:
    """Every service's database, not yet connected."""
    return {service: Database(runtime.database_url(service)) for service in SERVICES}


async def topics(bootstrap_servers: str) -> list[Read]:
    """Every record of every topic, each partition in order."""
    known = {
        topic.name: {name: msgspec.json.Decoder(cls).decode for name, cls in _types(topic.name)} for topic in TOPICS
    }
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers, enable_auto_commit=False, auto_offset_reset="earliest", group_id=None
    )
    await consumer.start()
    try:
        consumer.assign(PARTITIONS)
        ends = {part: end for part, end in (await consumer.end_offsets(PARTITIONS)).items() if end > 0}
        found: list[Read] = []
        done: dict[TopicPartition, int] = {}
        while any(done.get(part, 0) < end for part, end in ends.items()):
            for part, records in (await consumer.getmany(timeout_ms=500)).items():
                found += [_read(part.topic, record, known[part.topic]) for record in records]
                done[part] = records[-1].offset + 1
        return sorted(found, key=lambda read: (read.topic, read.partition, read.offset))
    finally:
        await consumer.stop()


def _types(topic: str) -> Iterable[tuple[str, type[Event]]]:
    return published_by(topic).items()


def _read(topic: str, record: Any, known: Mapping[str, Any]) -> Read:
    at = (topic, record.partition, record.offset)
    try:
        envelope = envelope_of(record.headers)
    except NotAnEnvelope:
        return Read(*at, envelope=None, event=None, own=False)
    owner = f"/superwizja/{topic.removesuffix('.events')}"
    sources = [(value or b"").decode(errors="replace") for name, value in record.headers if name == "ce_source"]
    own = owner in sources
    event = None
    if envelope.type in known:
        try:
            event = known[envelope.type](record.value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            event = None
    return Read(*at, envelope=envelope, event=event, own=own, body=record.value or b"")


class Apis:
    """The services' APIs through the gateway, as an operator sees them."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        key = tokens.signing_key(runtime.key_file)
        token = tokens.mint(key, runtime.issuer, OPERATOR, [tokens.role("operator")], audience=AUDIENCE)
        self.headers = {"Authorization": f"Bearer {token}"}

    async def figures(self, programmes: Sequence[UUID]) -> dict[tuple[str, UUID], dict[str, Any] | None]:
        """What each service says of each programme; None where it says that it knows of none."""
        async with aiohttp.ClientSession(headers=self.headers, trust_env=False) as http:
            asked = [(service, programme) for service in SERVICES for programme in programmes]
            paths = [f"{self.runtime.api(service)}/v1/figures/{programme}" for service, programme in asked]
            answers = await asyncio.gather(*(_get(http, path) for path in paths))
            return dict(zip(asked, answers, strict=True))

    async def indicators(self, programmes: Sequence[UUID]) -> dict[UUID, dict[str, Any] | None]:
        """What insights says of each programme's targets and cities."""
        async with aiohttp.ClientSession(headers=self.headers, trust_env=False) as http:
            paths = [f"{self.runtime.api('insights')}/v1/indicators/{programme}" for programme in programmes]
            return dict(zip(programmes, await asyncio.gather(*(_get(http, path) for path in paths)), strict=True))


async def _get(http: aiohttp.ClientSession, path: str) -> dict[str, Any] | None:
    async with http.get(path) as answer:
        if answer.status == 404:
            return None
        answer.raise_for_status()
        found: dict[str, Any] = msgspec.json.decode(await answer.read())
        return found
