"""The load's way to the platform: each command in the ledger before it is sent and after, some of them mishandled."""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from superwizja import tokens
from superwizja.demo.client import Abandoned, Lost, Persona, Platform, Refusal, Request
from superwizja.demo.ledger import Entry, Ledger
from superwizja.runtime import AUDIENCE, Runtime

LEFT, TWINS, REPLAYED = 0.01, 0.02, 0.03
"""Shares of the commands that nobody learns the outcome of, that are sent again at once, and again much later."""

CUT_WITHIN = 0.06
"""Seconds after which, at the latest, a connection is cut on purpose: about as long as a busy platform takes."""

REPLAY_AFTER = (1.0, 90.0)
VALIDITY = 86_400
BACKDATED = 7_200
"""Seconds: tokens hold for a day, and from two hours ago on, since a fault may put a service's clock back."""


class Stopped(Exception):
    """The load is to end: no further command is begun."""


class Unexpected(msgspec.Struct, frozen=True, kw_only=True):
    """What no fault explains: a refusal, an acknowledgement or a state. `problem` is what was answered, or seen."""

    at: float
    service: str
    operation: str
    code: str
    problem: Any
    body: Any = None
    key: str = ""


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was answered in two ways under one key."""

    entry: Entry
    status: int
    answer: Any


class Counts(msgspec.Struct):
    """What became of the commands. `unknown` are those that nobody knows the outcome of, so far.

    `retried`: commands that were sent more than once; `twins` and `cut` on purpose. `late`: waits for another service's
    event that were given up; `stories` were played to their end, `broken_off` were not.
    """

    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    retried: int = 0
    replayed: int = 0
    twins: int = 0
    cut: int = 0
    late: int = 0
    stories: int = 0
    broken_off: int = 0

    @property
    def commands(self) -> int:
        """All commands whose end is known, or known to be unknown."""
        return self.acknowledged + self.refused + self.unknown


class Known(NamedTuple):
    """A command that may be sent again."""

    entry: Entry
    request: Request


class Pace:
    """Lets so many through in a second, evenly; None lets everyone through."""

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self.next = 0.0

    async def turn(self) -> None:
        """Wait for one's turn. What was missed while nobody came is not made up for."""
        if self.rate:
            now = time.monotonic()
            self.next = max(now, self.next + 1 / self.rate)
            await asyncio.sleep(self.next - now)


class Caller(Platform):
    """A Platform whose commands are paced, counted and written down whole, and mishandled in a seeded share.

    Not `mishandling`, it sends each once and waits for the answer: for what others rest on.
    """

    def __init__(
        self,
        runtime: Runtime,
        ledger: Ledger,
        rng: random.Random,
        *,
        rate: float | None,
        patience: float,
        mishandling: bool = True,
    ) -> None:
        super().__init__(runtime, ledger, patience=patience, timeout=15)
        self.mishandling = mishandling
        self.rng = rng
        self.pace = Pace(rate)
        self.counts = Counts()
        self.by_second: Counter[int] = Counter()
        self.unexpected: list[Unexpected] = []
        self.mismatches: list[Mismatch] = []
        self.unknown: list[Known] = []
        self.replays: deque[tuple[float, Known]] = deque()
        self.fates: dict[str, str] = {}
        self.begun: dict[str, int] = {}
        self.stopping = asyncio.Event()
        self.late_until = 0.0

    def authorization(self, who: Persona) -> str:
        """A bearer token that outlives the load and a clock that is put back."""
        known = self.authorizations.get(who)
        if known is None:
            scopes = {"programme": who.programme, "centre": who.centre}
            role = tokens.role(who.role, **{name: UUID(id_) for name, id_ in scopes.items() if id_})
            since = int(time.time()) - BACKDATED
            issuer, person = self.runtime.issuer, UUID(who.id)
            known = "Bearer " + tokens.mint(
                self.key, issuer, person, [role], seconds=VALIDITY, audience=AUDIENCE, iat=since
            )
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
        within: float = 20.0,
        urgent: bool = False,
        key: str | None = None,
        left: float = LEFT,
    ) -> dict[str, Any]:
        """As of every Platform, `left` being the share that nobody learns the outcome of. Raises Stopped as well."""
        await self.pace.turn()
        if self.stopping.is_set():
            raise Stopped
        key = key or str(UUID(int=self.rng.getrandbits(128), version=4))
        chance = self.rng.random()
        if self.mishandling and chance < left + TWINS:
            self.fates[key] = "cut" if chance < left / 2 else "let go" if chance < left else "twin"
        try:
            return await super().command(
                who, service, path, body, wait_out=wait_out, within=within, urgent=urgent, key=key
            )
        finally:
            self.fates.pop(key, None)

    async def _once(self, request: Request) -> tuple[int, Any]:
        fate = self.fates.get(request.headers.get("Idempotency-Key", ""))
        if fate in ("cut", "twin") and not request.attempts:
            try:
                async with asyncio.timeout(self.rng.uniform(0.0, CUT_WITHIN)):
                    return await super()._once(request)
            except TimeoutError:
                request.lost += 1
                if fate == "cut":
                    self.counts.cut += 1
                    raise Abandoned(f"{request.path}: cut off") from None
                self.counts.twins += 1
                raise Lost(f"{request.path}: cut off, to be sent again") from None
        try:
            return await super()._once(request)
        except Lost as lost:
            if fate == "let go":
                raise Abandoned(str(lost)) from lost
            raise

    def over(self, deadline: float) -> bool:
        """Nothing is waited for once the load is to end."""
        return self.stopping.is_set() or super().over(deadline)

    def asked(self, entry: Entry, request: Request) -> None:
        """Written down before it is sent: were the load itself to die, the command would be known as unknown."""
        self.begun[entry.key] = _now()
        self.ledger.write(self._whole(entry, request, None))

    def learnt(self, entry: Entry, request: Request, answer: Any = None) -> None:
        """Written down before anybody acts on it."""
        whole = msgspec.structs.replace(self._whole(entry, request, answer), answered_at=_now())
        del self.begun[entry.key]
        self.ledger.write(whole)
        self.by_second[whole.answered_at // 1000] += 1
        self.counts.retried += request.attempts > 1
        if entry.outcome == "acknowledged":
            self.counts.acknowledged += 1
            if self.rng.random() < REPLAYED:
                self.replays.append((time.monotonic() + self.rng.uniform(*REPLAY_AFTER), Known(whole, request)))
        elif entry.outcome == "refused":
            self.counts.refused += 1
        else:
            self.counts.unknown += 1
            self.unknown.append(Known(whole, request))

    def _whole(self, entry: Entry, request: Request, answer: Any) -> Entry:
        return msgspec.structs.replace(
            entry,
            asked_at=self.begun[entry.key],
            attempts=request.attempts,
            lost=request.lost,
            path=request.path.partition("/v1/")[2],
            body=msgspec.Raw(request.content or b"null"),
            answer=answer,
        )

    async def replay_until(self, stopping: asyncio.Event) -> None:
        """Send acknowledged commands again when their time has come, until told to stop."""
        while not stopping.is_set():
            due = [each for each in self.replays if each[0] <= time.monotonic()]
            for each in due:
                self.replays.remove(each)
                await self.replay(each[1])
            try:
                await asyncio.wait_for(stopping.wait(), 0.5)
            except TimeoutError:
                continue

    async def replay(self, known: Known) -> None:
        """Send an acknowledged command again: it must be answered as it was."""
        try:
            status, answer = await self._send(unsent(known.request))
        except Lost:
            self.replays.append((time.monotonic() + REPLAY_AFTER[0], known))
            return
        self.counts.replayed += 1
        if (status, answer) != (known.entry.status, known.entry.answer):
            self.mismatches.append(Mismatch(entry=known.entry, status=status, answer=answer))

    async def settle(self, known: Known) -> None:
        """Send a command of unknown outcome again, with its key, so that its outcome is known."""
        again = unsent(known.request)
        try:
            status, answer = await self._send(again)
        except Lost:
            return
        entry = msgspec.structs.replace(
            known.entry,
            status=status,
            answer=answer,
            answered_at=_now(),
            attempts=known.entry.attempts + again.attempts,
            lost=known.entry.lost + again.lost,
        )
        if status < 300:
            made = (answer["id"],) if "id" in answer and status == 201 else tuple(answer.get("ids", ()))
            entry = msgspec.structs.replace(entry, outcome="acknowledged", ids=made)
            self.counts.acknowledged += 1
        elif status < 500:
            entry = msgspec.structs.replace(entry, outcome="refused")
            self.counts.refused += 1
        else:
            self.note(entry.service, entry.operation, str(status), answer, body=entry.body, key=entry.key)
            return
        self.ledger.write(entry)
        self.unknown.remove(known)
        self.counts.unknown -= 1

    def note(self, service: str, operation: str, code: str, problem: Any, *, body: Any = None, key: str = "") -> None:
        """Keep what cannot be explained."""
        self.unexpected.append(
            Unexpected(
                at=time.time(), service=service, operation=operation, code=code, problem=problem, body=body, key=key
            )
        )

    def refused_unexpectedly(self, refusal: Refusal, service: str, path: str, body: Mapping[str, Any]) -> None:
        """Keep a refusal that cannot be explained."""
        problem = {"status": refusal.status, "ground": refusal.ground, "detail": refusal.detail}
        self.note(service, path, refusal.code or str(refusal.status), problem, body=dict(body))


def unsent(request: Request) -> Request:
    """The same request, not sent yet."""
    return Request(request.method, request.path, request.headers, request.content, request.urgent)


def _now() -> int:
    return int(time.time() * 1000)
