"""What operators see of parked events, and how they ask for them to be taken up again."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Path
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from chassis.errors import NotFound, Says
from chassis.tables import due, parked, redrive
from chassis.web.bodies import View
from chassis.web.problems import problems
from chassis.web.routing import Db, caller, router_for
from chassis.web.tokens import Person

router = router_for("operations")
Operator = Annotated[Person, Depends(caller("operator"))]


ConsumerName = Annotated[str, Path(pattern="^[a-z][a-z-]{0,39}$")]


class NothingParked(NotFound):
    """No event of this aggregate is parked for this consumer."""

    says = Says("Nic tu nie czeka.", "Nothing is parked here.")


class ParkedAggregate(View):
    """An aggregate whose events wait, from a version on, and why."""

    consumer: str
    topic: str
    aggregate: UUID
    from_version: int
    events: int
    cause: str
    parked_at: datetime


class ParkedDueWork(View):
    """A piece of due work that failed too often."""

    kind: str
    subject: UUID
    attempts: int
    cause: str


class Parked(View):
    """Everything that waits for an operator."""

    items: list[ParkedAggregate]
    due: list[ParkedDueWork]


class ParkedEvent(View):
    """One parked event as it came: ids and codes, never a name."""

    version: int
    type: str
    topic: str
    cause: str
    attempts: int
    headers: dict[str, str]
    body: str


class ParkedEvents(View):
    """The parked events of one aggregate, in version order."""

    items: list[ParkedEvent]


@router.get("/v1/parked", responses=problems(403))
async def list_parked(db: Db, who: Operator) -> Parked:
    """What waits, by aggregate, the longest first."""
    first = (
        select(
            parked.c.consumer,
            parked.c.topic,
            parked.c.aggregate,
            func.min(parked.c.version).label("from_version"),
            func.count().label("events"),
            func.min(parked.c.parked_at).label("parked_at"),
        )
        .group_by(parked.c.consumer, parked.c.topic, parked.c.aggregate)
        .subquery()
    )
    rows = await db.execute(
        select(first, parked.c.cause)
        .join(
            parked,
            (parked.c.consumer == first.c.consumer)
            & (parked.c.topic == first.c.topic)
            & (parked.c.aggregate == first.c.aggregate)
            & (parked.c.version == first.c.from_version),
        )
        .order_by(first.c.parked_at)
        .limit(200)
    )
    failed = await db.execute(
        select(due.c.kind, due.c.subject, due.c.attempts, due.c.cause).where(due.c.parked_at.is_not(None)).limit(200)
    )
    return Parked(
        items=[ParkedAggregate.model_validate(row) for row in rows],
        due=[ParkedDueWork.model_validate(row) for row in failed],
    )


@router.get("/v1/parked/{consumer}/{aggregate}", responses=problems(403, 404))
async def show_parked(consumer: ConsumerName, aggregate: UUID, db: Db, who: Operator) -> ParkedEvents:
    """The events of one aggregate that wait. Raises NothingParked."""
    rows = await db.execute(
        select(parked)
        .where(parked.c.consumer == consumer, parked.c.aggregate == aggregate)
        .order_by(parked.c.topic, parked.c.version)
        .limit(200)
    )
    items = [
        ParkedEvent(
            version=row.version,
            type=row.type,
            topic=row.topic,
            cause=row.cause,
            attempts=row.attempts,
            headers=_texts(row.headers),
            body=row.body.decode(errors="replace"),
        )
        for row in rows
    ]
    if not items:
        raise NothingParked
    return ParkedEvents(items=items)


@router.post("/v1/parked/{consumer}/{aggregate}/redrive", status_code=202, responses=problems(403, 404))
async def redrive_parked(consumer: ConsumerName, aggregate: UUID, db: Db, who: Operator) -> dict[str, int]:
    """Have the worker take an aggregate's parked events up again, in version order. Raises NothingParked."""
    waiting = select(func.count()).where(parked.c.consumer == consumer, parked.c.aggregate == aggregate)
    number = (await db.execute(waiting)).scalar_one()
    if number == 0:
        raise NothingParked
    await db.execute(
        insert(redrive)
        .values(consumer=consumer, aggregate=aggregate)
        .on_conflict_do_update(
            index_elements=[redrive.c.consumer, redrive.c.aggregate], set_={"asked_at": func.clock_timestamp()}
        )
    )
    return {"events": number}


def _texts(headers: bytes) -> dict[str, str]:
    pairs: list[Any] = msgspec.msgpack.decode(headers)
    return {name: value.decode(errors="replace") for name, value in pairs}
