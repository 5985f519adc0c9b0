"""What a command is compared with: the same statements, and nothing else.

`python -m superwizja.bench.plain_api fastapi|asgi URL PORT`: FastAPI and SQLAlchemy as their own guides put them
together, or a bare ASGI application on asyncpg. Neither asks who calls, or whether they may, or whether what they send
makes sense; neither logs, measures, or knows what a refusal is.
"""

import hashlib
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from chassis.tables import idempotency, outbox
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Receive, Scope, Send

POOL = 10
"""Connections to the database: as many as a process of ours has."""

NOBODY = UUID(int=0)
OPERATION = "change_targets"
TYPE = "pl.superwizja.enrollment.targets-changed.v1"


class Target(BaseModel):
    """What a programme set out to reach."""

    indicator: str
    value: int


class Targets(BaseModel):
    """The body of the command."""

    targets: list[Target]


class View(BaseModel):
    """A programme as it is answered."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str
    name: str
    parent_id: UUID | None
    commissioner_id: UUID | None
    funder: str | None
    provider: str | None
    starts_on: date | None
    ends_on: date | None
    audience: list[str]
    supervision: dict[str, Any] | None
    training: dict[str, Any] | None
    targets: list[Target]
    areas: list[dict[str, Any]]
    offer_validity_seconds: int


class Base(DeclarativeBase):
    """What SQLAlchemy's guide begins with."""

    type_annotation_map = {dict[str, Any]: JSONB, list[Any]: JSONB}  # noqa: RUF012  # as SQLAlchemy has it


class Programme(Base):
    """The row that the command changes."""

    __tablename__ = "programme"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[UUID | None]
    commissioner_id: Mapped[UUID | None]
    funder: Mapped[str | None]
    provider: Mapped[str | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    audience: Mapped[list[Any]]
    supervision: Mapped[dict[str, Any] | None]
    training: Mapped[dict[str, Any] | None]
    targets: Mapped[list[Any]]
    areas: Mapped[list[Any]]
    offer_validity_seconds: Mapped[int]
    version: Mapped[int]


def an_event(programme_id: UUID, version: int, targets: list[dict[str, Any]]) -> dict[str, Any]:
    """The row of the outbox."""
    event_id, now = uuid4(), datetime.now(UTC)
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(event_id),
        "ce_type": TYPE,
        "ce_source": "/superwizja/enrollment",
        "ce_time": now.isoformat(),
        "ce_subject": str(programme_id),
        "ce_dataschema": "urn:superwizja:schema:enrollment:targets-changed:v1",
        "ce_partitionkey": str(programme_id),
        "ce_version": str(version),
        "ce_correlationid": str(event_id),
        "ce_actorrole": "coordinator",
        "content-type": "application/json",
        "ce_programmeid": str(programme_id),
    }
    return {
        "event_id": event_id,
        "shard": programme_id.int % 16,
        "aggregate": programme_id,
        "version": version,
        "type": TYPE,
        "time": now,
        "headers": json.dumps(headers).encode(),
        "body": json.dumps({"programme_id": str(programme_id), "targets": targets}).encode(),
    }


def fastapi(url: str) -> FastAPI:
    """FastAPI and SQLAlchemy."""
    engine = create_async_engine(url, pool_size=POOL, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    keep = insert_unless_there(idempotency).on_conflict_do_nothing().returning(idempotency.c.key)
    app = FastAPI()

    async def session() -> AsyncIterator[AsyncSession]:
        async with sessions() as db:
            yield db

    @app.post("/v1/programmes/{programme_id}/targets")
    async def change_targets(
        programme_id: UUID,
        body: Targets,
        request: Request,
        db: Annotated[AsyncSession, Depends(session)],
        idempotency_key: Annotated[str, Header()],
    ) -> Response:
        programme = await db.get(Programme, programme_id, with_for_update={"key_share": True})
        if programme is None:
            raise HTTPException(404)
        programme.targets = [target.model_dump() for target in body.targets]
        programme.version += 1
        await db.flush()
        await db.execute(insert(outbox), an_event(programme_id, programme.version, programme.targets))
        await db.refresh(programme)
        answer = View.model_validate(programme).model_dump_json().encode()
        kept = {
            "person": NOBODY,
            "operation": OPERATION,
            "key": idempotency_key,
            "request": hashlib.sha256(await request.body()).digest(),
            "status": 200,
            "answer": answer,
        }
        if (await db.execute(keep, kept)).first() is None:
            raise HTTPException(409)
        await db.commit()
        return Response(answer, media_type="application/json")

    return app


COLUMNS = ", ".join(View.model_fields)
READ = f"SELECT {COLUMNS}, version FROM programme WHERE id = $1"  # noqa: S608  # our names
LOCK = f"{READ} FOR NO KEY UPDATE"
CHANGE = "UPDATE programme SET targets = $1::jsonb, version = $2 WHERE id = $3"
RECORD = """
    INSERT INTO outbox (event_id, shard, aggregate, version, type, time, headers, body)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING position
"""
KEEP = """
    INSERT INTO idempotency (person, operation, key, request, status, answer) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING RETURNING key
"""
VALUES = ("audience", "supervision", "training", "targets", "areas")


class Bare:
    """An ASGI application and nothing below it but asyncpg."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pool: asyncpg.Pool[asyncpg.Record]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer whatever comes as the one command that there is."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        key = dict(scope["headers"])[b"idempotency-key"].decode()
        answer = await self._change_targets(UUID(scope["path"].split("/")[3]), key, body)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Receive, send: Send) -> None:
        async def as_it_was(_: Any) -> None:
            """A transaction leaves nothing to be undone: what the pool would say is no part of the command."""

        assert (await receive())["type"] == "lifespan.startup"
        async with asyncpg.create_pool(self.url, min_size=POOL, max_size=POOL, reset=as_it_was) as self.pool:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _change_targets(self, programme_id: UUID, key: str, body: bytes) -> bytes:
        targets = json.loads(body)["targets"]
        async with self.pool.acquire() as db, db.transaction():
            version = (await db.fetchrow(LOCK, programme_id))["version"] + 1
            await db.execute(CHANGE, json.dumps(targets), version, programme_id)
            await db.fetchval(RECORD, *an_event(programme_id, version, targets).values())
            row = dict(await db.fetchrow(READ, programme_id))
            row |= {name: json.loads(row[name]) for name in VALUES if row[name] is not None}
            del row["version"]
            answer = json.dumps(row, default=str).encode()
            digest = hashlib.sha256(body).digest()
            assert await db.fetchval(KEEP, NOBODY, OPERATION, key, digest, 200, answer) == key
        return answer


def main(kind: str, url: str, port: str) -> None:
    """Serve one of the two until SIGTERM, as uvicorn does where its own extras are installed."""
    app = fastapi(url) if kind == "fastapi" else Bare(url.replace("postgresql+asyncpg://", "postgresql://"))
    uvicorn.run(app, port=int(port), loop="uvloop", http="httptools", log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
