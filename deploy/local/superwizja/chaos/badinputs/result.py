"""What came out: counts by kind and class, and every defect with what reproduces it."""

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from rich.console import Console
from rich.table import Table

from superwizja.chaos.badinputs.words import say

MOST_DEFECTS = 200
SHOWN = 10


@dataclass
class Defect:
    """Something that went wrong: what, how often, and the first request or record that shows it."""

    what: str
    kind: str
    times: int = 1
    shown_by: dict[str, str] = field(default_factory=dict)


@dataclass
class Result:
    """The figures of a run. `outcomes`: what became of records, by consumer; `lost`: sound events without effect.

    `away`: how often a server was away for a moment (503) and was asked again; `server_errors`: 5xx that stayed.
    """

    seed: int
    requests: int = 0
    records: int = 0
    sound: int = 0
    requests_seconds: float = 0.0
    records_seconds: float = 0.0
    drained_seconds: float = 0.0
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    records_by_kind: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    refused_by_broker: int = 0
    server_errors: int = 0
    away: int = 0
    lost: list[str] = field(default_factory=list)
    not_alive: list[str] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether nothing was answered 5xx or wrongly, nothing lost, and every consumer lives and is at the end."""
        return not (self.server_errors or self.lost or self.not_alive or self.defects)

    def add(self, what: str, kind: str, shown_by: dict[str, str]) -> None:
        """Keep a defect, or count it where one like it is kept."""
        like = next((each for each in self.defects if (each.what, each.kind) == (what, kind)), None)
        if like is not None:
            like.times += 1
        elif len(self.defects) < MOST_DEFECTS:
            self.defects.append(Defect(what, kind, shown_by=shown_by))

    def document(self) -> dict[str, Any]:
        """Everything, as JSON."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return told | {"held": self.held, "defects": [asdict(each) for each in self.defects]}

    def show(self, console: Console, lang: str) -> None:
        """The tables, then what is wrong."""
        if self.answers:
            console.print(self._answers(lang))
        if self.outcomes:
            console.print(self._outcomes(lang))
        console.print(
            say(
                lang,
                "took",
                requests=self.requests,
                requests_seconds=round(self.requests_seconds),
                records=self.records,
                records_seconds=round(self.records_seconds),
                drained=round(self.drained_seconds),
                away=self.away,
            ),
            highlight=False,
        )
        for defect in self.defects[:SHOWN]:
            line = say(lang, "defect", what=defect.what, kind=defect.kind, times=defect.times)
            console.print(line, style="red", markup=False, highlight=False)
        for each in (*self.lost[:SHOWN], *self.not_alive):
            console.print(each, style="red", markup=False, highlight=False)
        verdict = say(
            lang,
            "held" if self.held else "not_held",
            errors=self.server_errors,
            defects=sum(each.times for each in self.defects),
            lost=len(self.lost),
            sound=self.sound,
            dead=len(self.not_alive),
        )
        console.print(verdict, style="bold green" if self.held else "bold red", highlight=False)

    def _answers(self, lang: str) -> Table:
        classes = sorted({name for counted in self.answers.values() for name in counted}, key=_order)
        table = Table(title=say(lang, "answers", number=self.requests), title_justify="left")
        table.add_column(say(lang, "kind"))
        for name in classes:
            table.add_column(say(lang, "gateway") if name == "gateway" else name, justify="right")
        for kind, counted in sorted(self.answers.items()):
            table.add_row(kind, *(str(counted[name] or "") for name in classes))
        table.add_section()
        table.add_row("", *(str(sum(counted[name] for counted in self.answers.values())) for name in classes))
        return table

    def _outcomes(self, lang: str) -> Table:
        names = sorted({name for counted in self.outcomes.values() for name in counted})
        table = Table(title=say(lang, "outcomes", number=self.records, sound=self.sound), title_justify="left")
        table.add_column(say(lang, "consumer"))
        for name in names:
            table.add_column(say(lang, name), justify="right")
        table.add_column(say(lang, "taken"), justify="right")
        for consumer, counted in self.outcomes.items():
            table.add_row(consumer, *(str(counted[name] or "") for name in names), str(sum(counted.values())))
        return table


def _order(name: str) -> tuple[bool, str]:
    return name.startswith("gateway"), name
