"""Routes that own their transaction: who calls, the idempotency key, the use case, the answer, one commit."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID

import structlog
from contracts.event import Actor, Role
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Forbidden, Invalid, Says, told
from chassis.ids import new_id
from chassis.outages import is_outage, is_victim
from chassis.outbox import Cause
from chassis.tables import idempotency
from chassis.web.messages import FIELD
from chassis.web.problems import Unavailable
from chassis.web.tokens import Person

log = structlog.get_logger()

TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

ATTEMPTS = 3
"""How often a request is carried out before its caller is told to come back."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class IdempotencyKeyMissing(Invalid):
    """A command without an identity could take effect twice."""

    says = FIELD["idempotency_key_missing"]


class IdempotencyKeyReused(Invalid):
    """Another command was sent under the same key."""

    says = Says(
        "Pod tym kluczem Idempotency-Key wysłano już inne polecenie. Użyj nowego klucza.",
        "Another command was sent under this Idempotency-Key. Use a new key.",
    )


class WrongRole(Forbidden):
    """None of the caller's roles may do this."""

    says = Says("Dozwolone role: {roles}.", "Roles that may: {roles}.")


class Transaction(APIRoute):
    """One request, one transaction, committed before the answer is sent; whatever is raised rolls it back.

    A command is done, and its answer kept under its key in the same transaction. Where the key is taken already, what
    was done is rolled back and the kept answer given: the first time, the common one, costs one statement.
    What PostgreSQL rolled back as a deadlock's victim is carried out again: it has had no effect, and the body is here.
    """

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's own handling of the route."""
        answer = super().get_route_handler()
        commands = "POST" in (self.methods or ())

        async def handle(request: Request) -> Response:
            who = await request.app.state.tokens.person(request.headers.get("authorization"))
            request.state.who = who
            attempt = 1
            while True:
                try:
                    async with request.app.state.sessions() as db:
                        request.state.db = db
                        if not commands:
                            return await answer(request)
                        return await self._command(request, db, who, answer)
                except Exception as error:
                    if is_victim(error) and attempt < ATTEMPTS:
                        attempt += 1
                        continue
                    if is_outage(error):
                        log.warning("a request is told to come back", operation=self.name, error=told(error))
                        raise Unavailable from error
                    raise

        return handle

    async def _command(self, request: Request, db: AsyncSession, who: Person, answer: Handler) -> Response:
        db.info["cause"] = Cause(
            actor=Actor(role="participant", id=who.id),
            correlation_id=_correlation(request),
            traceparent=_traceparent(request),
        )
        key = request.headers.get("idempotency-key", "")
        if not 1 <= len(key) <= 100:
            raise IdempotencyKeyMissing("Idempotency-Key")
        digest = hashlib.sha256(f"{request.url.path}?{request.url.query}\n".encode() + await request.body()).digest()
        identity = {"person": who.id, "operation": self.name, "key": key}
        try:
            response = await answer(request)
            keep = {"request": digest, "status": response.status_code, "answer": bytes(response.body)}
            if (await db.execute(KEEP, identity | keep)).first() is not None:
                await db.commit()
                return response
        except Exception as error:
            if is_outage(error):
                raise
            await db.rollback()
            kept = await _kept(db, identity, digest)
            if kept is None:
                raise
            return kept
        await db.rollback()
        kept = await _kept(db, identity, digest)
        assert kept is not None
        return kept


KEEP = insert(idempotency).on_conflict_do_nothing().returning(idempotency.c.key)
"""Keeps an answer with its effect; a twin under the same key that is under way is waited for, and comes first."""

KEPT = select(idempotency.c.request, idempotency.c.status, idempotency.c.answer).where(
    *(idempotency.c[name] == bindparam(name) for name in ("person", "operation", "key"))
)


async def _kept(db: AsyncSession, identity: dict[str, Any], digest: bytes) -> Response | None:
    """The answer that was kept under a key. Raises IdempotencyKeyReused where it was kept for another command."""
    kept = (await db.execute(KEPT, identity)).first()
    if kept is None:
        return None
    if kept.request != digest:
        raise IdempotencyKeyReused("Idempotency-Key")
    return Response(kept.answer, kept.status, {"Idempotent-Replayed": "true"}, "application/json")


def _traceparent(request: Request) -> str | None:
    """The caller's trace, if it is one: nothing else of a request's text travels with events."""
    sent = request.headers.get("traceparent", "")
    return sent if TRACEPARENT.fullmatch(sent) else None


def _correlation(request: Request) -> UUID:
    try:
        return UUID(request.headers.get("x-correlation-id", ""))
    except ValueError:
        return new_id()


def router_for(service: str, *, public: bool = False) -> APIRouter:
    """A service's routes. `public`: pages that anyone may read, without a token and without a transaction of ours."""
    return APIRouter(route_class=APIRoute if public else Transaction, tags=[service])


async def _db(request: Request) -> AsyncSession:
    db: AsyncSession = request.state.db
    return db


Db = Annotated[AsyncSession, Depends(_db)]
"""The request's transaction."""


def caller(*roles: Role) -> Callable[[Request], Awaitable[Person]]:
    """Who calls, in the first of these roles that they have. Raises WrongRole (403)."""

    async def check(request: Request) -> Person:
        # A dependency that is not async would cost a thread's hand-over for each request.
        who: Person = request.state.who
        role = who.first_of(roles)
        if role is None:
            raise WrongRole(roles=", ".join(roles))
        person = Person(who.id, who.grants, role)
        db: AsyncSession = request.state.db
        cause: Cause | None = db.info.get("cause")
        if cause is not None:
            actor = Actor(role=role, id=who.id)
            db.info["cause"] = Cause(actor=actor, correlation_id=cause.correlation_id, traceparent=cause.traceparent)
        return person

    return check
