"""What a check found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from superwizja.verify.evidence import Evidence

K = TypeVar("K")
V = TypeVar("V")


class About(NamedTuple):
    """What a difference is about: the id of an event, an aggregate, a command or a thing, and what befell it.

    `kind` is "lost", "doubled", "inverted" or nothing of these.
    """

    id: str
    kind: str = ""


@dataclass
class Finding:
    """One check: its number in GUARANTEES.md or a name, how many things were compared, and each that differs.

    `about` says of some differences, by their text, what their story is to be looked up by.
    """

    name: str
    compared: int = 0
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    about: dict[str, About] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def expect(self, true: bool, difference: str, about: About | None = None) -> None:
        """Compare one thing."""
        self.compared += 1
        if not true:
            self.differs(difference, about)

    def differs(self, difference: str, about: About | None = None) -> None:
        """Tell a difference."""
        self.differences.append(difference)
        if about is not None:
            self.about[difference] = about

    def same(self, what: str, expected: dict[K, V], found: dict[K, V]) -> None:
        """Compare two things that should have the same entries."""
        for key in expected.keys() | found.keys():
            self.compared += 1
            if expected.get(key) != found.get(key):
                self.differences.append(f"{what} {key}: {expected.get(key)} / {found.get(key)}")

    def once(self, what: str, each: Iterable[object]) -> None:
        """Compare that nothing occurs twice."""
        seen: set[object] = set()
        for one in each:
            self.compared += 1
            if one in seen:
                self.differences.append(f"{what} twice: {one}")
            seen.add(one)


Check = Callable[[Evidence], Finding]
