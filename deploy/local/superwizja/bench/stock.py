"""The same effects event by event, as others write it: `python -m superwizja.bench.stock WAY URL KAFKA TOPIC GROUP`.

WAY is `orm` (FastStream with SQLAlchemy's ORM) or `asyncpg` (aiokafka and asyncpg by hand). Both lose nothing: an
offset is committed after its event's transaction, and what comes again finds its version in the inbox.
"""

import asyncio
import sys
import time
from datetime import date
from uuid import UUID

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer
from contracts import sessions
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from pydantic import BaseModel
from sqlalchemy import BigInteger, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAME = "bench"

COMMIT_EVERY = 1.0
"""Seconds between two commits of offsets by hand: an offset with every event would cost another round trip."""


class Attendance(BaseModel):
    """One person at one session."""

    person_id: UUID
    status: str
    minutes: int


class SessionCompleted(BaseModel):
    """The contract's event, as FastStream reads it by default."""

    cycle_id: UUID
    session_id: UUID
    ordinal: int
    held_on: date
    minutes: int
    leaders: list[UUID]
    attendance: list[Attendance]


class Base(DeclarativeBase):
    """The mapped tables."""


class Remembered(Base):
    """The last version of an aggregate that was applied."""

    __tablename__ = "inbox"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    aggregate: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]


class Effect(Base):
    """What an event leaves behind."""

    __tablename__ = "effect"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[UUID]
    aggregate: Mapped[UUID]
    version: Mapped[int]
    session_id: Mapped[UUID]
    held_on: Mapped[date]
    minutes: Mapped[int]
    present: Mapped[int]


async def orm(url: str, bootstrap_servers: str, topic: str, group: str) -> None:
    """A FastStream subscriber with a session of the ORM for each message, until SIGTERM."""
    engine = create_async_engine(url)
    transactions = async_sessionmaker(engine, expire_on_commit=False)
    broker = KafkaBroker(bootstrap_servers, logger=None)

    @broker.subscriber(topic, group_id=group, auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR)
    async def on_session_completed(event: SessionCompleted, message: KafkaMessage) -> None:
        key, version = UUID(message.headers["ce_subject"]), int(message.headers["ce_version"])
        async with transactions.begin() as db:
            known = await db.scalar(
                select(Remembered)
                .where(Remembered.consumer == NAME, Remembered.topic == topic, Remembered.aggregate == key)
                .with_for_update()
            )
            if known is None:
                known = Remembered(consumer=NAME, topic=topic, aggregate=key, version=0)
                db.add(known)
            if version <= known.version:
                return
            effect = Effect(
                event_id=UUID(message.headers["ce_id"]),
                aggregate=key,
                version=version,
                session_id=event.session_id,
                held_on=event.held_on,
                minutes=event.minutes,
                present=len(event.attendance),
            )
            db.add(effect)
            known.version = version

    try:
        await FastStream(broker, logger=None).run()
    finally:
        await engine.dispose()


LOCK = "SELECT version FROM inbox WHERE consumer = $1 AND topic = $2 AND aggregate = $3 FOR UPDATE"
MAKE = "INSERT INTO inbox (consumer, topic, aggregate, version) VALUES ($1, $2, $3, $4)"
REMEMBER = "UPDATE inbox SET version = $4 WHERE consumer = $1 AND topic = $2 AND aggregate = $3"
KEEP = """
    INSERT INTO effect (event_id, aggregate, version, session_id, held_on, minutes, present)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def by_hand(url: str, bootstrap_servers: str, topic: str, group: str) -> None:
    """aiokafka's `getone` and a transaction of asyncpg for each message, until it is killed."""
    decode = msgspec.json.Decoder(sessions.SessionCompleted).decode
    db = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap_servers,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    committed = time.monotonic()
    async for record in consumer:
        headers = dict(record.headers)
        key, version = UUID(headers["ce_subject"].decode()), int(headers["ce_version"])
        event_id, event = UUID(headers["ce_id"].decode()), decode(record.value)
        async with db.transaction():
            known = await db.fetchval(LOCK, NAME, topic, key)
            if known is None or version > known:
                present = len(event.attendance)
                effect = event_id, key, version, event.session_id, event.held_on, event.minutes, present
                await db.execute(KEEP, *effect)
                await db.execute(MAKE if known is None else REMEMBER, NAME, topic, key, version)
        if time.monotonic() - committed > COMMIT_EVERY:
            await consumer.commit()
            committed = time.monotonic()


WAYS = {"orm": orm, "asyncpg": by_hand}


if __name__ == "__main__":
    asyncio.run(WAYS[sys.argv[1]](*sys.argv[2:]))
