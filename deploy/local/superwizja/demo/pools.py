"""What one part of the script leaves for another: released conclusions and completed runs, for the issues to cite."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from superwizja.demo.client import Persona

T = TypeVar("T", bound="Source")


@dataclass(frozen=True)
class Source:
    """Something that an article may rest on, since a day, and who would write about it."""

    id: str
    since: date
    author: Persona


@dataclass(frozen=True)
class Conclusion(Source):
    """A released conclusion; `consenting` is somebody whose consent it rests on."""

    cycle_id: str
    consenting: Persona


@dataclass
class Pool(Generic[T]):
    """Sources in the order in which they came; each is taken once."""

    waiting: list[T] = field(default_factory=list)
    closed: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def put(self, source: T) -> None:
        """Leave one."""
        async with self.changed:
            self.waiting.append(source)
            self.changed.notify_all()

    async def close(self) -> None:
        """No more will come: who waits takes what there is."""
        async with self.changed:
            self.closed = True
            self.changed.notify_all()

    async def take(self, number: int, *, by: date) -> list[T]:
        """So many of those that came about by that day, as soon as there are so many; fewer once it is closed."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.closed or len(self._until(by)) >= number)
            taken = self._until(by)[:number]
            self.waiting = [source for source in self.waiting if source not in taken]
            return taken

    def _until(self, by: date) -> list[T]:
        return [source for source in self.waiting if source.since <= by]
