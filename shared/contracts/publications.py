"""Published by the publications service: what was learned, from a submission to an issue that can be read."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec

from contracts.event import Event
from contracts.fields import Ground, Internal, Name, PersonId, Public

TOPIC = "publications.events"

Edition = Literal["regular", "special"]
Quarter = Annotated[int, msgspec.Meta(ge=1, le=4, extra_json_schema={"x-class": "public"})]


class CitedConclusion(msgspec.Struct, frozen=True, kw_only=True):
    """A conclusion that an accepted article rests on."""

    cycle_id: Public[UUID]
    conclusion_id: Public[UUID]


class PublicationsFact(Event, frozen=True, kw_only=True):
    """An event of publications."""

    topic: ClassVar[str] = TOPIC


class IssueOpened(PublicationsFact, frozen=True, kw_only=True):
    """An issue of a quarter takes submissions."""

    aggregate: ClassVar[str] = "issue"

    issue_id: Public[UUID]
    journal: Name
    name: Name
    year: Public[int]
    quarter: Quarter
    edition: Public[Edition]


class SubmissionReceived(PublicationsFact, frozen=True, kw_only=True):
    """A piece was submitted to an issue. `source_id` is the conclusion or the run that it rests on."""

    aggregate: ClassVar[str] = "article"

    article_id: Public[UUID]
    issue_id: Public[UUID]
    kind: Public[Literal["experience", "good_practice", "account"]]
    source: Public[Literal["conclusion", "run", "free"]]
    source_id: Public[UUID | None] = None
    submitted_on: Public[date]


class ArticleAccepted(PublicationsFact, frozen=True, kw_only=True):
    """A submission will be in its issue, if consent still stands when the issue freezes."""

    aggregate: ClassVar[str] = "article"

    article_id: Public[UUID]
    issue_id: Public[UUID]
    accepted_on: Public[date]


class ArticleRejected(PublicationsFact, frozen=True, kw_only=True):
    """A submission will not be published."""

    aggregate: ClassVar[str] = "article"

    article_id: Public[UUID]
    issue_id: Public[UUID]
    rejected_on: Public[date]


class ArticleDropped(PublicationsFact, frozen=True, kw_only=True):
    """An article left its issue because a consent that it rests on does not stand."""

    aggregate: ClassVar[str] = "article"

    article_id: Public[UUID]
    issue_id: Public[UUID]
    ground: Ground


class IssueFreezeRequested(PublicationsFact, frozen=True, kw_only=True):
    """Publications asks sessions to lock every conclusion that this issue cites."""

    aggregate: ClassVar[str] = "issue"

    issue_id: Public[UUID]
    issue: Name
    conclusions: Public[tuple[CitedConclusion, ...]]


class IssueFrozen(PublicationsFact, frozen=True, kw_only=True):
    """The issue's content is settled: these articles and no others."""

    aggregate: ClassVar[str] = "issue"

    issue_id: Public[UUID]
    articles: Public[tuple[UUID, ...]]
    dropped: Public[int]


class IssueScheduled(PublicationsFact, frozen=True, kw_only=True):
    """A frozen issue has a date of publication."""

    aggregate: ClassVar[str] = "issue"

    issue_id: Public[UUID]
    publish_on: Public[date]


class IssuePublished(PublicationsFact, frozen=True, kw_only=True):
    """The issue can be read at `url`: this is sent after that address answered 200, never before."""

    aggregate: ClassVar[str] = "issue"

    issue_id: Public[UUID]
    journal: Name
    name: Name
    year: Public[int]
    quarter: Quarter
    edition: Public[Edition]
    articles: Public[int]
    url: Annotated[str, msgspec.Meta(max_length=300, extra_json_schema={"x-class": "public"})]
    published_on: Public[date]


class DeliveryRequested(PublicationsFact, frozen=True, kw_only=True):
    """Publications asks enrollment to tell these recipients (people and centres) that an issue can be read."""

    aggregate: ClassVar[str] = "issue"

    issue_id: Public[UUID]
    delivery_id: Public[UUID]
    issue: Name
    url: Annotated[str, msgspec.Meta(max_length=300, extra_json_schema={"x-class": "public"})]
    people: Internal[tuple[PersonId, ...]] = ()
    centres: Public[tuple[UUID, ...]] = ()


class IssueDistributed(PublicationsFact, frozen=True, kw_only=True):
    """Every delivery of an issue was answered."""

    aggregate: ClassVar[str] = "issue"

    issue_id: Public[UUID]
    recipients: Public[int]
    reachable: Public[int]
