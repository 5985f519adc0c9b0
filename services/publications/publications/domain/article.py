"""An article: a submission, and what was decided about it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from contracts.event import Event
from contracts.publications import ArticleAccepted, ArticleDropped, ArticleRejected

from publications.domain.refusals import ArticleDecided, DateTooEarly

Kind = Literal["experience", "good_practice", "account"]
ArticleStatus = Literal["submitted", "accepted", "rejected", "dropped"]


@dataclass(frozen=True, kw_only=True)
class CitesConclusion:
    """The article rests on a conclusion of a session or a course, released by everyone who took part."""

    cycle_id: UUID
    conclusion_id: UUID


@dataclass(frozen=True, kw_only=True)
class TellsOfRun:
    """The article rests on a completed training run."""

    run_id: UUID


@dataclass(frozen=True, kw_only=True)
class Free:
    """The article rests on nothing that the platform keeps."""


Source = CitesConclusion | TellsOfRun | Free


@dataclass(frozen=True, kw_only=True)
class Text:
    """What the author gave for print. A byline is public because its author wrote it here. Never in an event."""

    title: str
    byline: str | None
    body: str


@dataclass(eq=False, kw_only=True)
class Article:
    """One piece for one issue, undecided until an editor accepts or rejects it."""

    id: UUID
    programme_id: UUID | None
    issue_id: UUID
    kind: Kind
    title: str
    byline: str | None
    body: str
    submitted_on: date
    submitted_by: UUID
    run_id: UUID | None = None
    cycle_id: UUID | None = None
    conclusion_id: UUID | None = None
    status: ArticleStatus = "submitted"
    decided_on: date | None = None
    ground: str | None = None
    version: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the article comes out in its issue, as things stand."""
        return self.status == "accepted"

    def accept(self, *, on: date) -> list[Event]:
        """Take it in; the issue decides whether it still may (`Issue.accept`). Raises ArticleDecided, DateTooEarly."""
        self._must_be_undecided(on)
        self.status, self.decided_on = "accepted", on
        return [ArticleAccepted(article_id=self.id, issue_id=self.issue_id, accepted_on=on)]

    def reject(self, *, on: date) -> list[Event]:
        """Leave it out for good. Raises ArticleDecided, DateTooEarly."""
        self._must_be_undecided(on)
        self.status, self.decided_on = "rejected", on
        return [ArticleRejected(article_id=self.id, issue_id=self.issue_id, rejected_on=on)]

    def drop(self, ground: str) -> list[Event]:
        """A consent that it rests on does not stand: it leaves its issue, unless it was out already."""
        if self.status not in ("submitted", "accepted"):
            return []
        self.status, self.ground = "dropped", ground
        return [ArticleDropped(article_id=self.id, issue_id=self.issue_id, ground=ground)]

    def _must_be_undecided(self, on: date) -> None:
        if self.status != "submitted":
            raise ArticleDecided(status=self.status)
        if on < self.submitted_on:
            raise DateTooEarly(date=on, earliest=self.submitted_on)
