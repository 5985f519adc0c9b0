"""What every story is told with: commands of three outcomes, waits that end, and what they are told about."""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, TypeVar

from superwizja.chaos.caller import LEFT, Caller, Stopped
from superwizja.demo.client import Lost, NotInTime, Persona, Refusal

OFTEN_LEFT = 0.08
"""The share of commands left unknown where the story does well without."""

BRIEFLY, FOR_A_WHILE = 2.0, 20.0
"""Seconds."""

OFFICE = Persona("coordinator", "00000000-0000-4000-8000-000000000001")
EDITOR = Persona("editor", "00000000-0000-4000-8000-000000000002")
AUTHOR = Persona("author", "00000000-0000-4000-8000-000000000003")

T = TypeVar("T")


class BrokenOff(Exception):
    """The story cannot go on: what it rests on is unknown, was refused, or did not come in time."""


class Told(NamedTuple):
    """What became of a command. `code`: of an expected refusal."""

    outcome: Literal["acknowledged", "refused", "unknown"]
    answer: Mapping[str, Any] = {}
    code: str = ""

    @property
    def done(self) -> bool:
        """Whether it took effect for sure."""
        return self.outcome == "acknowledged"

    @property
    def unknown(self) -> bool:
        """Whether nobody knows."""
        return self.outcome == "unknown"


@dataclass(frozen=True)
class Released:
    """A conclusion that may be cited, as far as a lane knows; any of the people may take consent back."""

    id: str
    cycle_id: str
    people: tuple[str, ...]
    on: date


@dataclass(eq=False)
class World:
    """A programme with all that its stories share, among lanes too."""

    programme: str
    centre: str
    supervisors: list[str]
    tied: str
    journal: str = ""
    issues: int = 0
    stories: int = 0
    released: list[Released] = field(default_factory=list)
    runs: list[tuple[str, date]] = field(default_factory=list)
    office: Persona = OFFICE
    editor: Persona = EDITOR
    author: Persona = AUTHOR

    @property
    def coordinator(self) -> Persona:
        """The programme's own coordinator."""
        return self.office._replace(programme=self.programme)

    @property
    def manager(self) -> Persona:
        """Whoever runs the centre."""
        return Persona("centre_manager", self.centre, centre=self.centre)


@dataclass(eq=False)
class Story:
    """One telling. `begins`: its first day, long past; `waits`: seconds for what another service's event brings.

    For a while after one was late, others are waited for only briefly: the load is to go on, whatever is away.
    """

    caller: Caller
    rng: random.Random
    world: World
    number: int
    waits: float

    def __post_init__(self) -> None:
        """Choose the first day."""
        self.begins = date(2022, 10, 3) + timedelta(weeks=self.rng.randrange(60))

    @property
    def patience(self) -> float:
        """Seconds for what another service's event brings, as things are."""
        return BRIEFLY if time.monotonic() < self.caller.late_until else self.waits

    def late(self) -> None:
        """Count what did not come in time."""
        self.caller.counts.late += 1
        self.caller.late_until = time.monotonic() + FOR_A_WHILE

    def day(self, later: int) -> str:
        """So many days after the first one, as a body holds it."""
        return (self.begins + timedelta(days=later)).isoformat()

    def chance(self, share: float) -> bool:
        """True in this share of all cases."""
        return self.rng.random() < share

    async def say(
        self,
        who: Persona,
        service: str,
        path: str,
        /,
        *,
        expected: Collection[str] = (),
        wait_out: Collection[str] = (),
        left: float = OFTEN_LEFT,
        **body: Any,
    ) -> Told:
        """A command, whatever becomes of it. `expected`: refusals that the story can explain.

        Raises BrokenOff for a refusal that it cannot explain, which is kept, and for an event that does not come.
        """
        try:
            answer = await self.caller.command(
                who, service, path, body, wait_out=wait_out, within=self.patience, left=left
            )
        except Lost:
            return Told("unknown")
        except Refusal as refusal:
            if refusal.code in expected:
                return Told("refused", code=refusal.code)
            if refusal.code in wait_out:
                if not self.caller.stopping.is_set():
                    self.late()
            else:
                self.caller.refused_unexpectedly(refusal, service, path, body)
            raise BrokenOff(str(refusal)) from refusal
        return Told("acknowledged", answer)

    async def do(
        self, who: Persona, service: str, path: str, /, *, wait_out: Collection[str] = (), **body: Any
    ) -> Mapping[str, Any]:
        """A command that the story rests on. Raises BrokenOff unless it took effect."""
        told = await self.say(who, service, path, wait_out=wait_out, left=LEFT, **body)
        if not told.done:
            raise BrokenOff(f"{path}: {told.outcome}")
        return told.answer

    async def insist(
        self,
        who: Persona,
        service: str,
        path: str,
        /,
        *,
        done_if: Collection[str] = (),
        wait_out: Collection[str] = (),
        **body: Any,
    ) -> Told:
        """A command that is given anew, under a key of its own, if its outcome is unknown.

        `done_if`: refusals of the second one which mean that the first took effect. Raises BrokenOff as `say`, and
        where the second one's outcome is unknown too.
        """
        told = await self.say(who, service, path, wait_out=wait_out, **body)
        if told.unknown:
            told = await self.say(who, service, path, expected=done_if, wait_out=wait_out, **body)
            if told.unknown:
                raise BrokenOff(path)
        return told

    async def read(self, who: Persona, service: str, path: str) -> Any:
        """Read something that is there. Raises BrokenOff."""
        return await self.until(who, service, path, lambda _: True)

    async def until(self, who: Persona, service: str, path: str, seen: Callable[[Any], bool]) -> Any:
        """Read again until it is seen. Raises BrokenOff when it is late."""
        try:
            return await self.caller.until(who, service, path, seen, within=self.patience)
        except NotInTime as late:
            if self.caller.stopping.is_set():
                raise Stopped from late
            self.late()
            raise BrokenOff(str(late)) from late
        except Lost as lost:
            raise BrokenOff(str(lost)) from lost
        except Refusal as refusal:
            self.caller.refused_unexpectedly(refusal, service, path, {})
            raise BrokenOff(str(refusal)) from refusal

    def claim(self, true: bool, what: str, **seen: Any) -> None:
        """Keep what should be true and is not."""
        if not true:
            self.caller.note("", what, "claim", {"at": time.time(), **seen})


async def at_once(*work: Coroutine[Any, Any, T]) -> list[T]:
    """All results, once everyone has ended, however they ended; then the first failure is raised."""
    results = await asyncio.gather(*work, return_exceptions=True)
    failures = [each for each in results if isinstance(each, BaseException)]
    for failure in sorted(failures, key=lambda each: isinstance(each, BrokenOff)):
        raise failure
    return [each for each in results if not isinstance(each, BaseException)]
