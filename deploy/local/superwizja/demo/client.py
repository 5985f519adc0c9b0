"""The player's way to the platform: public APIs through the gateway, as a person with a role, and nothing else."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode
from uuid import UUID, uuid4

import aiohttp
import msgspec
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from superwizja import tokens
from superwizja.demo.ledger import Entry, Ledger
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


class NotInTime(Exception):
    """What the script waits for did not come about before its deadline."""


class Platform:
    """One connection to a running platform, with counts of what went over it."""

    def __init__(self, runtime: Runtime, ledger: Ledger) -> None:
        self.runtime = runtime
        self.ledger = ledger
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
            timeout=aiohttp.ClientTimeout(total=30),
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
    ) -> dict[str, Any]:
        """Have something done, exactly once, however often it must be sent. Raises Refusal and Lost.

        `wait_out`: codes of refusals which mean that another service's event has yet to arrive; the command is sent
        again until it has, or `within` seconds are over.
        """
        key = str(uuid4())
        headers = {
            "Authorization": self.authorization(who),
            "Idempotency-Key": key,
            "X-Correlation-Id": key,
            "Content-Type": "application/json",
        }
        content = self.encode(body)
        deadline, pause = time.monotonic() + within, 0.1
        operation = IDENTITY.sub("/*", f"/{path}")
        entry = Entry(key=key, person=who.id, service=service, operation=operation, outcome="unknown")
        while True:
            try:
                status, answer = await self._send("POST", f"/api/{service}/v1/{path}", headers, content, urgent)
            except Lost:
                self.ledger.write(entry)
                raise
            if status < 300:
                self.commands += 1
                made = (answer["id"],) if "id" in answer and status == 201 else tuple(answer.get("ids", ()))
                self.ledger.write(msgspec.structs.replace(entry, outcome="acknowledged", status=status, ids=made))
                return dict(answer)
            refusal = _refusal(f"{service} {path}", status, answer)
            if refusal.code not in wait_out or time.monotonic() > deadline:
                self.commands += 1
                self.refusals[status, refusal.code, refusal.ground or ""] += 1
                self.ledger.write(msgspec.structs.replace(entry, outcome="refused", status=status))
                raise refusal
            await asyncio.sleep(pause)
            pause = min(pause * 1.6, 0.5)

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
        status, answer = await self._send("GET", f"/api/{service}/v1/{path}", headers, None, urgent)
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
            if time.monotonic() > deadline:
                raise NotInTime(f"{service} {path} after {within:.0f} s: {str(answer)[:500]}")
            await asyncio.sleep(pause)
            pause = min(pause * 1.6, 0.5)

    async def page_status(self, path: str) -> int:
        """What a public page answers to anybody."""
        self.reads += 1
        async with self.turns, self.http.get(self.runtime.gateway + path) as answer:
            return answer.status

    async def _send(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None, urgent: bool
    ) -> tuple[int, Any]:
        """One request, sent again while connections break or the service is away. Raises Lost."""
        try:
            return await self._once(method, path, headers, content, urgent)
        except Lost:
            self.retries += 1
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Lost),
            wait=wait_random_exponential(0.1, max=1.5),
            stop=stop_after_delay(PATIENCE),
            reraise=True,
        )
        answer: tuple[int, Any] = await retrying(self._once, method, path, headers, content, urgent)
        return answer

    async def _once(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None, urgent: bool
    ) -> tuple[int, Any]:
        try:
            async with (
                nullcontext() if urgent else self.turns,
                self.http.request(method, self.runtime.gateway + path, headers=headers, data=content) as answer,
            ):
                status, received = answer.status, await answer.read()
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError) as error:
            raise Lost(f"{method} {path}: {error!r}") from error
        if status in AWAY:
            raise Lost(f"{method} {path}: {status}")
        return status, self.decode(received) if received else {}


def _refusal(what: str, status: int, answer: Any) -> Refusal:
    problem = answer if isinstance(answer, dict) else {}
    code = str(problem.get("type", "")).removeprefix("urn:superwizja:problem:")
    detail = str(problem.get("detail", answer))
    if problem.get("errors"):
        detail = f"{detail} {problem['errors']}"
    return Refusal(what, status, code, problem.get("ground"), detail)
