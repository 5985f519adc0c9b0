"""What clients send."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from chassis.web import Body, RecordedDate
from contracts.publications import Edition
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from publications.domain.article import Kind, Text

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]
"""One line of text: a name, a title, a byline."""

Prose = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
    ),
]
"""A text of paragraphs, with blank lines between them."""


class JournalBody(Body):
    """A journal; its ISSN where it has one."""

    name: Line
    issn: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{3}[0-9X]$")] | None = None


class IssueBody(Body):
    """An issue of a quarter."""

    programme_id: UUID
    journal_id: UUID
    name: Line
    year: Annotated[int, Field(ge=1900, le=2200)]
    quarter: Annotated[int, Field(ge=1, le=4)]
    edition: Edition


class SubmissionBody(Body):
    """A piece for an issue. `byline` is printed as it is given; `source_id` is the conclusion's or the run's."""

    kind: Kind
    source: Literal["conclusion", "run", "free"]
    source_id: UUID | None = None
    title: Line
    byline: Line | None = None
    body: Prose
    submitted_on: RecordedDate

    @model_validator(mode="after")
    def names_its_source(self) -> Self:
        """A source has an id, unless the piece is free."""
        if (self.source == "free") != (self.source_id is None):
            says = {
                "pl": "Pole source_id podaje się, gdy źródłem jest wniosek albo szkolenie, i tylko wtedy.",
                "en": "Give source_id when the source is a conclusion or a run, and only then.",
            }
            raise PydanticCustomError("source_id_mismatch", "{en}", says)
        return self

    def text(self) -> Text:
        """What is printed."""
        return Text(title=self.title, byline=self.byline, body=self.body)


class AcceptanceBody(Body):
    """When a submission was accepted."""

    accepted_on: RecordedDate


class RejectionBody(Body):
    """When a submission was rejected."""

    rejected_on: RecordedDate


class FreezeBody(Body):
    """Nothing: the issue says it all."""


class ScheduleBody(Body):
    """When an issue is planned to be published."""

    publish_on: date


class PublicationBody(Body):
    """When an issue was published."""

    published_on: RecordedDate
