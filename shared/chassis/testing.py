"""A service under test: its real database, its real consumers and its real API, without Kafka and without sockets."""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope, Event, Role, published_by
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import event as hook
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import migrating
from chassis.consuming import Record
from chassis.due import DueWorker
from chassis.ids import new_id
from chassis.inbox import Inbox
from chassis.outbox import Cause
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.tables import outbox

ISSUER, AUDIENCE = "https://issuer.example", "superwizja"
KEY = RSAKey.generate_key(2048, {"kid": "test"})


def a_token(
    role: Role, *, person: UUID | None = None, programme: UUID | None = None, centre: UUID | None = None, **claims: Any
) -> str:
    """A token of one role, valid for an hour; `claims` replace those that it would have."""
    grant = {"role": role, "programme": programme and str(programme), "centre": centre and str(centre)}
    now = int(time.time())
    told = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(person or uuid4()),
        "iat": now,
        "exp": now + 3600,
        "roles": [grant],
    }
    return jwt.encode({"alg": "RS256", "kid": "test"}, told | claims, KEY, algorithms=["RS256"])


def key_of(event: Event) -> UUID:
    """The aggregate that an event belongs to, by the name of its aggregate."""
    name = {"mailing": "issue_id"}.get(event.aggregate, f"{event.aggregate}_id")
    key: UUID = getattr(event, name)
    return key


def settings_for(service: Service, database_url: str, **more: Any) -> ServiceSettings:
    """Settings of a service under test, on this database."""
    told: dict[str, Any] = {
        "database_url": database_url,
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "issuer": ISSUER,
        "public_url": "http://public.example",
        "database_timeout": 30.0,
        "database_pool": 20,
    }
    if "public_url" not in service.settings.model_fields:
        del told["public_url"]
    return service.settings(**(told | more))


@dataclass
class Harness:
    """What a test holds of a running service."""

    service: Service
    settings: ServiceSettings
    app: FastAPI
    programme: UUID = field(default_factory=uuid4)
    versions: dict[tuple[str, UUID], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Use the sessions of the application, so that tests and requests share the database."""
        self.sessions = self.app.state.sessions
        self.inboxes = [Inbox(each, self.sessions, act_from=self.settings.act_from) for each in self.service.consumers]
        self.due_worker = DueWorker(self.service.name, self.service.due, self.sessions)

    def an_envelope(self, event: Event, **more: Any) -> Envelope:
        """The envelope of an event that another service published: the next version of its aggregate."""
        key = key_of(event)
        aggregate = event.topic, key
        self.versions[aggregate] = self.versions.get(aggregate, 0) + 1
        told: dict[str, Any] = {
            "id": new_id(),
            "type": event.type,
            "time": datetime.now(UTC),
            "key": key,
            "version": self.versions[aggregate],
            "programme_id": self.programme,
            "correlation_id": new_id(),
            "actor": Actor(role="service", service=event.topic.removesuffix(".events")),
        }
        return Envelope(**(told | more))

    def a_record(self, inbox: Inbox, event: Event, envelope: Envelope) -> Record:
        """The event as the consumer reads it from its topic, through headers and bytes."""
        headers = headers_of(envelope, source=event.topic.removesuffix(".events"), schema=event.schema())
        return inbox.consumer.read(event.topic, headers, msgspec.json.encode(event))

    async def deliver(
        self, *events: Event | tuple[Event, Envelope], twice: bool = False, **more: Any
    ) -> list[Envelope]:
        """Hand events to the service's consumers, as one batch; `twice` delivers the batch again afterwards."""
        pairs = [each if isinstance(each, tuple) else (each, self.an_envelope(each, **more)) for each in events]
        for _ in range(2 if twice else 1):
            for inbox in self.inboxes:
                mine = [pair for pair in pairs if pair[0].topic in inbox.consumer.topics]
                if mine:
                    await inbox.take([self.a_record(inbox, *pair) for pair in mine])
        return [envelope for _, envelope in pairs]

    async def published(self) -> list[Event]:
        """The events in the outbox, in the order of their recording."""
        assert self.service.topic is not None
        known = published_by(self.service.topic)
        async with self.sessions() as db:
            rows = await db.execute(select(outbox.c.type, outbox.c.body).order_by(outbox.c.position))
            return [msgspec.json.decode(body, type=known[name]) for name, body in rows]

    def client(
        self,
        role: Role,
        *,
        person: UUID | None = None,
        programme: UUID | None = None,
        centre: UUID | None = None,
        language: str = "pl",
    ) -> httpx.AsyncClient:
        """A client with a token of the role; each POST gets an idempotency key of its own unless the test gives one."""

        async def with_key(request: httpx.Request) -> None:
            if request.method == "POST":
                request.headers.setdefault("Idempotency-Key", str(uuid4()))

        token = a_token(role, person=person, programme=programme, centre=centre)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://service.example",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": language},
            event_hooks={"request": [with_key]},
            timeout=30,
        )

    @asynccontextmanager
    async def db(self) -> AsyncIterator[AsyncSession]:
        """A transaction, committed at the end, whose events are caused by the test."""
        async with self.sessions.begin() as db:
            db.info["cause"] = Cause(actor=Actor(role="coordinator", id=uuid4()), correlation_id=new_id())
            yield db

    @contextmanager
    def statements(self) -> Iterator[set[str]]:
        """The SQL that is sent in the block: each one that differs is prepared and kept by every connection."""
        seen: set[str] = set()
        engine = self.sessions.kw["bind"].sync_engine

        def note(_: object, __: object, statement: str, *___: object) -> None:
            seen.add(statement)

        hook.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            hook.remove(engine, "before_cursor_execute", note)

    async def sql(self, statement: str, **values: Any) -> Sequence[Mapping[str, Any]]:
        """Rows of a plain SQL statement."""
        async with self.sessions.begin() as db:
            result = await db.execute(text(statement), values)
            return result.mappings().all() if result.returns_rows else []

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        rows = await self.sql(f'SELECT count(*) AS number FROM "{table}"')  # noqa: S608 - a test names its table
        return int(rows[0]["number"])

    async def due(self) -> None:
        """Do all that is due now."""
        while await self.due_worker.do_next():
            pass


def migrated(service: Service) -> Callable[[str], None]:
    """What brings a database of the service up to date, in a thread of its own: a test's loop may be running."""

    def migrate(database_url: str) -> None:
        with ThreadPoolExecutor(1) as apart:
            apart.submit(migrating.run, settings_for(service, database_url), service.migrations).result()

    return migrate


@asynccontextmanager
async def running(service: Service, database_url: str, **settings: Any) -> AsyncIterator[Harness]:
    """The service on a migrated database, with an application whose tokens this module signs."""
    told = settings_for(service, database_url, **settings)
    app = service.api(told)
    app.state.tokens.keys = KeySet([KEY])
    app.state.tokens.fetched = time.monotonic()
    async with app.router.lifespan_context(app):
        yield Harness(service, told, app)
