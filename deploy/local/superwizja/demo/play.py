"""What every part of the script shares: the platform, the plan, who acts in which role, and what has come about."""

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid5

from superwizja.demo.client import NotInTime, Persona, Platform
from superwizja.demo.plan import Plan
from superwizja.demo.pools import Conclusion, Pool, Source
from superwizja.demo.progress import Stages

MADE_UP = UUID("0d3c5e0a-6a55-5d0e-8f0e-6a1c2b9f7d44")
T = TypeVar("T")


def somebody(role: str, name: str) -> Persona:
    """A made-up member of the office, who is not in any register."""
    return Persona(role, str(uuid5(MADE_UP, f"{role}/{name}")))


@dataclass(eq=False)
class Play:
    """One run of the script. `suffix` makes codes unique on a platform that was played on before.

    `areas`: set once an area's centres have answered and its workers are enrolled.
    """

    platform: Platform
    plan: Plan
    stages: Stages
    suffix: str = ""
    programme: str = ""
    zgierz: str = ""
    office: Persona = field(default_factory=lambda: somebody("coordinator", "biuro projektów"))
    editor: Persona = field(default_factory=lambda: somebody("editor", "redakcja"))
    author: Persona = field(default_factory=lambda: somebody("author", "autorka"))
    conclusions: Pool[Conclusion] = field(default_factory=Pool)
    withheld: Pool[Conclusion] = field(default_factory=Pool)
    runs: Pool[Source] = field(default_factory=Pool)
    titles: dict[int, "asyncio.Future[str]"] = field(default_factory=dict)
    scenes: list[str] = field(default_factory=list)
    areas: dict[str, asyncio.Event] = field(init=False)
    cycles: "Cycles" = field(init=False)

    def __post_init__(self) -> None:
        """Begin to know areas and cycles."""
        self.areas = {centre.place.area: asyncio.Event() for centre in self.plan.centres}
        self.cycles = Cycles(self)

    @property
    def coordinator(self) -> Persona:
        """The programme's own coordinator, whose role reaches nothing else."""
        return somebody("coordinator", "UNICEF 2022-2024")._replace(programme=self.programme)

    async def enrollment(self, who: Persona, path: str, /, **body: Any) -> dict[str, Any]:
        """A command to enrollment."""
        return await self.platform.command(who, "enrollment", path, body)

    async def sessions(self, who: Persona, path: str, /, **body: Any) -> dict[str, Any]:
        """A command to sessions."""
        return await self.platform.command(who, "sessions", path, body)

    async def trainings(self, who: Persona, path: str, /, **body: Any) -> dict[str, Any]:
        """A command to trainings."""
        return await self.platform.command(who, "trainings", path, body)

    async def publications(self, who: Persona, path: str, /, **body: Any) -> dict[str, Any]:
        """A command to publications."""
        return await self.platform.command(who, "publications", path, body)

    def scene(self, name: str) -> None:
        """A scripted scene went as it should."""
        self.scenes.append(name)
        self.stages.advance("scenes")


class Cycles:
    """Waits until sessions has planned the cycles of groups that formed: one list for all who wait."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.known: dict[str, set[str]] = {}
        self.waiting: dict[str, int] = {}
        self.looking = asyncio.Lock()

    async def planned(self, who: Persona, programme: str, group_id: str, *, within: float = 60.0) -> None:
        """Return once the cycle can be read. Raises NotInTime."""
        known = self.known.setdefault(programme, set())
        deadline, pause = asyncio.get_running_loop().time() + within, 0.15
        while group_id not in known:
            if asyncio.get_running_loop().time() > deadline:
                raise NotInTime(f"the cycle of group {group_id} is not planned after {within:.0f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, 0.8)
            async with self.looking:
                if group_id not in known:
                    cycles = await self.play.platform.read_all(who, "sessions", "cycles", programme_id=programme)
                    known.update(cycle["id"] for cycle in cycles)


async def all_of(work: Iterable[Awaitable[T]], *, at_once: int) -> list[T]:
    """The results of all, begun in order, so many under way at a time; the first failure ends the rest."""
    turns = asyncio.Semaphore(at_once)

    async def one(each: Awaitable[T]) -> T:
        async with turns:
            return await each

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(each)) for each in work]
    return [task.result() for task in tasks]
