"""A title: a training as a syllabus, from its development to the one that takes its place."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from chassis.errors import Conflict, NotFound, Refused, says
from contracts.enrollment import Audience
from contracts.event import Event
from contracts.trainings import TitleDeveloped, TitlePublished, TitleSuperseded

NeedKind = Literal["worker_need", "family_problem"]
NeedBasis = Literal["predicted", "diagnosed"]
TitleStatus = Literal["in_development", "developed", "published", "superseded"]


class TitleNotFound(NotFound):
    """There is no such title in a programme of the caller."""

    says = says(pl="Nie ma takiego szkolenia.", en="There is no such training title.")


class TitleNeedsMissing(Refused):
    """A title is published only when it names at least one worker's need and one family problem (rule 16)."""

    ground = "programme.title-needs"
    says = says(
        pl="Szkolenie nie odpowiada jeszcze na potrzebę pracowników i zarazem na problem rodzin "
        "(potrzeby pracowników: {worker_needs}, problemy rodzin: {family_problems}).",
        en="The title does not yet answer a need of the workers and a problem of the families at once "
        "(workers' needs: {worker_needs}, family problems: {family_problems}).",
    )


class TitleUndeveloped(Refused):
    """No run of a title that is not developed, or was not yet on the run's date (rule 16)."""

    ground = "programme.title-developed"
    says = says(
        pl="Szkolenie nie jest jeszcze opracowane: nie można go realizować.",
        en="The title is not developed yet: it cannot be run.",
    )


class TitleGaveWay(Conflict):
    """A superseded title is run no more and changes no more."""

    says = says(
        pl="To szkolenie zostało zastąpione innym.",
        en="This title has been superseded by another.",
    )


class TitleOutOfTurn(Conflict):
    """What was asked for does not follow from the title's state."""

    says = says(
        pl="Na to nie pora w tym stanie szkolenia.",
        en="The title's state does not allow it ({status}).",
    )


class TitleDatesReversed(Conflict):
    """A title is published no earlier than it is developed."""

    says = says(
        pl="Szkolenie zostało opracowane dopiero {developed_on}.",
        en="The title was developed only on {developed_on}.",
    )


class TitleUnfitToReplace(Conflict):
    """Only another developed title of the same programme and audience takes a title's place."""

    says = says(
        pl="To szkolenie nie może zastąpić wskazanego: potrzebne jest inne, opracowane, "
        "z tego samego projektu i dla tych samych odbiorców.",
        en="This title cannot take the other's place: it takes another one, developed, "
        "of the same programme and for the same audience.",
    )


@dataclass(eq=False)
class Need:
    """What a title answers, as a code: a need of the workers or a problem of the families."""

    kind: NeedKind
    code: str
    basis: NeedBasis


@dataclass(eq=False)
class Title:
    """A training that a programme develops, for workers or apart for supervisors, with the needs that it answers."""

    id: UUID
    programme_id: UUID
    name: str
    audience: Audience
    status: TitleStatus = "in_development"
    developed_on: date | None = None
    published_on: date | None = None
    superseded_by: UUID | None = None
    needs: list[Need] = field(default_factory=list)
    version: int = 0

    def tie(self, kind: NeedKind, code: str, basis: NeedBasis) -> None:
        """Name a need that the title answers; the same one again takes the new basis.

        Raises TitleOutOfTurn once the title is published: what it answers has then been announced.
        """
        if self.status not in ("in_development", "developed"):
            raise TitleOutOfTurn(status=self.status)
        for need in self.needs:
            if (need.kind, need.code) == (kind, code):
                need.basis = basis
                return
        self.needs.append(Need(kind, code, basis))

    def develop(self, on: date) -> list[Event]:
        """The syllabus is there: from this date on the title may be run. Raises TitleOutOfTurn."""
        if self.status != "in_development":
            raise TitleOutOfTurn(status=self.status)
        self.status, self.developed_on = "developed", on
        return [TitleDeveloped(title_id=self.id, name=self.name, audience=self.audience, developed_on=on)]

    def publish(self, on: date) -> list[Event]:
        """Announce a developed title. Raises TitleOutOfTurn, TitleDatesReversed, TitleNeedsMissing."""
        if self.status != "developed" or self.developed_on is None:
            raise TitleOutOfTurn(status=self.status)
        if on < self.developed_on:
            raise TitleDatesReversed(developed_on=self.developed_on)
        worker_needs, family_problems = self._codes("worker_need"), self._codes("family_problem")
        if not worker_needs or not family_problems:
            raise TitleNeedsMissing(worker_needs=len(worker_needs), family_problems=len(family_problems))
        self.status, self.published_on = "published", on
        return [
            TitlePublished(
                title_id=self.id,
                name=self.name,
                audience=self.audience,
                published_on=on,
                worker_needs=worker_needs,
                family_problems=family_problems,
            )
        ]

    def give_way(self, to: "Title") -> list[Event]:
        """A published title is run no more, another takes its place. Raises TitleOutOfTurn, TitleUnfitToReplace."""
        if self.status != "published":
            raise TitleOutOfTurn(status=self.status)
        fit = (to.programme_id, to.audience) == (self.programme_id, self.audience) and to is not self
        if not fit or to.status not in ("developed", "published"):
            raise TitleUnfitToReplace
        self.status, self.superseded_by = "superseded", to.id
        return [TitleSuperseded(title_id=self.id, by_title_id=to.id)]

    def may_be_run(self) -> None:
        """Raises TitleUndeveloped before the title is developed, TitleGaveWay after another took its place."""
        if self.status == "in_development":
            raise TitleUndeveloped
        if self.status == "superseded":
            raise TitleGaveWay

    def _codes(self, kind: NeedKind) -> tuple[str, ...]:
        return tuple(sorted(need.code for need in self.needs if need.kind == kind))
