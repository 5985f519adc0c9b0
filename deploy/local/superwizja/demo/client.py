"""The player's way to the platform: public APIs through the gateway, as a person with a role, and nothing else."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode
from uuid import UUID, uuid4

import aiohttp
import msgspec
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    retry_if_not_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from superwizja import tokens
from superwizja.demo.ledger import Entry, Ledger, Outcome
from superwizja.runtime import AUDIENCE, Runtime

IN_FLIGHT, URGENT = 24, 4
"""Requests under way at a time, at most: the platform shares the machine with its player. Urgent ones do not queue."""

PATIENCE = 90.0
"""Seconds in which a connection that was lost, or a service that is away, must come back."""

AWAY = {502, 503, 504}
IDENTITY = re.compile(r"/(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d+)(?=/|$)")


class Persona(NamedTuple):
    """Somebody in one role; without a programme or a centre the role reaches all of them."""

    role: str
    id: str
    programme: str | None = None
    centre: str | None = None


class Refusal(Exception):
    """The platform said no: `code` is the end of the problem's type, `ground` the rule where one refused."""

    def __init__(self, what: str, status: int, code: str, ground: str | None, detail: str) -> None:
        super().__init__(f"{what}: {status} {code} ({ground}): {detail}")
        self.status, self.code, self.ground, self.detail = status, code, ground, detail


class NotRefused(AssertionError):
    """A gate let something through, or refused it for another reason than the script expects."""


class Lost(Exception):
    """An answer did not come: whether the command took effect is not known until it is repeated."""


class Abandoned(Lost):
    """Nobody waited for the answer any longer, on purpose: the command is not repeated."""


class NotInTime(Exception):
    """What the script waits for did not come about before its deadline."""


@dataclass(eq=False)
class Request:
    """One request however often it is sent: so many `attempts`, to `lost` of which no answer came."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes | None = None
    urgent: bool = False
    attempts: int = 0
    lost: int = 0


class Platform:
    """One connection to a running platform, with counts of what went over it.

    `patience`: seconds in which a lost connection, or a service that is away, must come back; `timeout`: those after
    which an answer is lost.
    """

    def __init__(self, runtime: Runtime, ledger: Ledger, *, patience: float = PATIENCE, timeout: float = 30.0) -> None:
        self.runtime = runtime
        self.ledger = ledger
        self.patience, self.timeout = patience, timeout
        self.key = tokens.signing_key(runtime.key_file)
        self.authorizations: dict[Persona, str] = {}
        self.turns = asyncio.Semaphore(IN_FLIGHT)
        self.commands = self.reads = self.retries = 0
        self.refusals: Counter[tuple[int, str, str]] = Counter()
        self.encode = msgspec.json.Encoder().encode
        self.decode = msgspec.json.Decoder().decode

    async def __aenter__(self) -> Self:
        """Open connections, on the loop that runs."""
        self.http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=IN_FLIGHT + URGENT),
            timeout=aiohttp.ClientTimeout(total=self.timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close connections and the ledger."""
        await self.http.close()
        self.ledger.close()

    def authorization(self, who: Persona) -> str:
        """A bearer token of the person in the role, signed once."""
        known = self.authorizations.get(who)
        if known is None:
            role = tokens.role(
                who.role,
                programme=UUID(who.programme) if who.programme else None,
                centre=UUID(who.centre) if who.centre else None,
            )
            issuer = self.runtime.issuer
            known = f"Bearer {tokens.mint(self.key, issuer, UUID(who.id), [role], audience=AUDIENCE)}"
            self.authorizations[who] = known
        return known

    async def command(
        self,
        who: Persona,
        service: str,
        path: str,
        body: Mapping[str, Any],
        *,
        wait_out: Collection[str] = (),
        within: float = PATIENCE,
        urgent: bool = False,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Have something done, exactly once, however often it must be sent. Raises Refusal and Lost.

        `wait_out`: codes of refusals which mean that another service's event has yet to arrive; the command is sent
        again until it has, or `within` seconds are over. `key`: the command's identity where the caller chose one.
        """
        key = key or str(uuid4())
        headers = {
            "Authorization": self.authorization(who),
            "Idempotency-Key": key,
            "X-Correlation-Id": key,
            "Content-Type": "application/json",
        }
        request = Request("POST", f"/api/{service}/v1/{path}", headers, self.encode(body), urgent)
        deadline, pause = time.monotonic() + within, 0.1
        operation = IDENTITY.sub("/*", f"/{path}")
        entry = Entry(key=key, person=who.id, service=service, operation=operation, outcome="unknown")
        self.asked(entry, request)
        while True:
            try:
                status, answer = await self._send(request)
            except Lost:
                self.learnt(entry, request)
                raise
            if status < 300:
                self.commands += 1
                made = (answer["id"],) if "id" in answer and status == 201 else tuple(answer.get("ids", ()))
                done = msgspec.structs.replace(entry, outcome="acknowledged", status=status, ids=made)
                self.learnt(done, request, answer)
                return dict(answer)
            refusal = _refusal(f"{service} {path}", status, answer)
            if refusal.code not in wait_out or self.over(deadline):
                self.commands += 1
                self.refusals[status, refusal.code, refusal.ground or ""] += 1
                # An attempt whose answer was lost may still be under way: what a later one was told settles nothing.
                settled = not request.lost and status < 500
                outcome: Outcome = "refused" if settled else "unknown"
                self.learnt(msgspec.structs.replace(entry, outcome=outcome, status=status), request, answer)
                raise refusal
            await asyncio.sleep(pause)
            pause = min(pause * 1.6, 0.5)

    def asked(self, entry: Entry, request: Request) -> None:
        """A command is about to be sent for the first time."""

    def learnt(self, entry: Entry, request: Request, answer: Any = None) -> None:
        """What became of a command is known, or that it will not be known."""
        self.ledger.write(entry)

    def over(self, deadline: float) -> bool:
        """Whether it is too late to go on waiting; the deadline is on the monotonic clock."""
        return time.monotonic() > deadline

    async def refused(
        self,
        who: Persona,
        service: str,
        path: str,
        body: Mapping[str, Any],
        *,
        status: int,
        code: str,
        wait_out: Collection[str] = (),
    ) -> Refusal:
        """Try something that must be refused, and with which problem. Raises NotRefused."""
        try:
            answer = await self.command(who, service, path, body, wait_out=wait_out)
        except Refusal as refusal:
            if (refusal.status, refusal.code) != (status, code):
                raise NotRefused(f"{path}: {refusal} instead of {status} {code}") from refusal
            return refusal
        raise NotRefused(f"{path}: {answer} instead of {status} {code}")

    async def read(self, who: Persona, service: str, path: str, *, urgent: bool = False) -> Any:
        """Read something; `path` may end with a query. Raises Refusal and Lost."""
        headers = {"Authorization": self.authorization(who)}
        status, answer = await self._send(Request("GET", f"/api/{service}/v1/{path}", headers, urgent=urgent))
        self.reads += 1
        if status >= 300:
            raise _refusal(f"{service} {path}", status, answer)
        return answer

    async def read_all(self, who: Persona, service: str, path: str, **query: str) -> list[Any]:
        """Every item of a list, page by page."""
        items: list[Any] = []
        asked = query | {"limit": "200"}
        while True:
            page = await self.read(who, service, f"{path}?{urlencode(asked)}")
            items += page["items"]
            if not page.get("next"):
                return items
            asked["after"] = page["next"]

    async def until(
        self, who: Persona, service: str, path: str, seen: Callable[[Any], bool], *, within: float = PATIENCE
    ) -> Any:
        """Read again, ever more slowly, until it is `seen`; what is not found yet is waited for. Raises NotInTime."""
        deadline, pause = time.monotonic() + within, 0.1
        while True:
            try:
                answer = await self.read(who, service, path)
                if seen(answer):
                    return answer
            except Refusal as refusal:
                if refusal.status != 404:
                    raise
                answer = str(refusal)
            if self.over(deadline):
                raise NotInTime(f"{service} {path} after {within:.0f} s: {str(answer)[:500]}")
            await asyncio.sleep(pause)
            pause = min(pause * 1.6, 0.5)

    async def page_status(self, path: str) -> int:
        """What a public page answers to anybody."""
        self.reads += 1
        async with self.turns, self.http.get(self.runtime.gateway + path) as answer:
            return answer.status

    async def _send(self, request: Request) -> tuple[int, Any]:
        """One request, sent again while connections break or the service is away. Raises Lost."""
        try:
            return await self._once(request)
        except Abandoned:
            raise
        except Lost:
            self.retries += 1
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Lost) & retry_if_not_exception_type(Abandoned),
            wait=wait_random_exponential(0.1, max=1.5),
            stop=stop_after_delay(self.patience),
            reraise=True,
        )
        answer: tuple[int, Any] = await retrying(self._once, request)
        return answer

    async def _once(self, request: Request) -> tuple[int, Any]:
        what = f"{request.method} {request.path}"
        request.attempts += 1
        try:
            async with (
                nullcontext() if request.urgent else self.turns,
                self.http.request(
                    request.method, self.runtime.gateway + request.path, headers=request.headers, data=request.content
                ) as answer,
            ):
                status, received = answer.status, await answer.read()
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError) as error:
            request.lost += 1
            raise Lost(f"{what}: {error!r}") from error
        if status in AWAY:
            request.lost += 1
            raise Lost(f"{what}: {status}")
        return status, self.decode(received) if received else {}


def _refusal(what: str, status: int, answer: Any) -> Refusal:
    problem = answer if isinstance(answer, dict) else {}
    code = str(problem.get("type", "")).removeprefix("urn:superwizja:problem:")
    detail = str(problem.get("detail", answer))
    if problem.get("errors"):
        detail = f"{detail} {problem['errors']}"
    return Refusal(what, status, code, problem.get("ground"), detail)
