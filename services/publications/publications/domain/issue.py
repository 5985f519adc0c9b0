"""A journal's issue: open for articles, frozen by a handshake, published behind a barrier, delivered by counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from chassis.ids import new_id
from contracts.event import Event
from contracts.publications import (
    CitedConclusion,
    DeliveryRequested,
    Edition,
    IssueDistributed,
    IssueFreezeRequested,
    IssueFrozen,
    IssueOpened,
    IssuePublished,
    IssueScheduled,
    SubmissionReceived,
)

from publications.domain.article import Article, CitesConclusion, Free, Kind, Source, TellsOfRun, Text
from publications.domain.refusals import (
    CONSENT,
    DateTooEarly,
    IssueNotFrozen,
    IssueNotOpen,
    IssueNotScheduled,
    LockBroken,
    NothingAccepted,
)

RECIPIENTS_PER_DELIVERY = 500

IssueStatus = Literal["open", "freezing", "frozen", "scheduled", "publishing", "published", "distributed"]
READABLE: tuple[IssueStatus, ...] = ("publishing", "published", "distributed")
OUT: tuple[IssueStatus, ...] = ("published", "distributed")


@dataclass(eq=False, kw_only=True)
class Journal:
    """What issues are issues of."""

    id: UUID
    name: str
    issn: str | None


@dataclass(eq=False, kw_only=True)
class Lock:
    """A conclusion that sessions was asked to lock for an issue, and its answer: the first one counts."""

    conclusion_id: UUID
    cycle_id: UUID
    answer: Literal["locked", "refused"] | None = None
    ground: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Whom a programme's issues go to, by ids."""

    people: Sequence[UUID] = ()
    centres: Sequence[UUID] = ()

    def parts(self, size: int) -> Iterator["Recipients"]:
        """Everyone, in parts of at most `size`."""
        for start in range(0, len(self.people) + len(self.centres), size):
            past = max(0, start - len(self.people))
            people = self.people[start : start + size]
            yield Recipients(people=people, centres=self.centres[past : past + size - len(people)])


@dataclass(eq=False, kw_only=True)
class Delivery:
    """A part of an issue's recipients, handed to enrollment, and its answer: of how many it knows an address."""

    id: UUID
    recipients: int | None = None
    reachable: int | None = None


@dataclass(eq=False, kw_only=True)
class Issue:
    """An issue of a quarter. Its articles are aggregates of their own; whether they may enter is decided here.

    From `publishing` on the issue can be read at its address; readers are told of it only in `published`.
    """

    id: UUID
    programme_id: UUID | None
    journal: Journal
    name: str
    year: int
    quarter: int
    edition: Edition
    status: IssueStatus = "open"
    publish_on: date | None = None
    published_on: date | None = None
    locks: list[Lock] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    version: int = 0

    @classmethod
    def opened(
        cls, journal: Journal, *, programme_id: UUID, name: str, year: int, quarter: int, edition: Edition
    ) -> tuple["Issue", list[Event]]:
        """A new issue that takes submissions."""
        issue = cls(
            id=new_id(),
            programme_id=programme_id,
            journal=journal,
            name=name,
            year=year,
            quarter=quarter,
            edition=edition,
        )
        event = IssueOpened(
            issue_id=issue.id, journal=journal.name, name=name, year=year, quarter=quarter, edition=edition
        )
        return issue, [event]

    def receive(self, text: Text, source: Source, *, kind: Kind, on: date, by: UUID) -> tuple[Article, list[Event]]:
        """A new submission to this issue, with its own event. Raises IssueNotOpen."""
        self._must_be_open()
        article = Article(
            id=new_id(),
            programme_id=self.programme_id,
            issue_id=self.id,
            kind=kind,
            title=text.title,
            byline=text.byline,
            body=text.body,
            submitted_on=on,
            submitted_by=by,
        )
        match source:
            case CitesConclusion():
                article.cycle_id, article.conclusion_id = source.cycle_id, source.conclusion_id
            case TellsOfRun():
                article.run_id = source.run_id
            case Free():
                pass
        received = SubmissionReceived(
            article_id=article.id,
            issue_id=self.id,
            kind=kind,
            source="conclusion" if article.conclusion_id else "run" if article.run_id else "free",
            source_id=article.conclusion_id or article.run_id,
            submitted_on=on,
        )
        return article, [received]

    def accept(self, article: Article, *, on: date) -> list[Event]:
        """Take an article in; the events are the article's. Raises IssueNotOpen, ArticleDecided, DateTooEarly."""
        self._must_be_open()
        return article.accept(on=on)

    def freeze(self, articles: Sequence[Article]) -> list[Event]:
        """Ask sessions to lock every conclusion that an accepted article cites; freeze at once where none does.

        `articles`: all of the issue, locked. Raises IssueNotOpen, NothingAccepted.
        """
        self._must_be_open()
        if not any(article.accepted for article in articles):
            raise NothingAccepted
        cited = {a.conclusion_id: a.cycle_id for a in articles if a.accepted and a.conclusion_id and a.cycle_id}
        self.status = "freezing"
        self.locks = [Lock(conclusion_id=conclusion, cycle_id=cycle) for conclusion, cycle in sorted(cited.items())]
        if not self.locks:
            return self._settled(articles)
        asked = tuple(CitedConclusion(cycle_id=a.cycle_id, conclusion_id=a.conclusion_id) for a in self.locks)
        return [IssueFreezeRequested(issue_id=self.id, issue=self.name, conclusions=asked)]

    def take_lock(
        self, conclusion_id: UUID, articles: Sequence[Article], *, refused: str | None
    ) -> list[tuple["Issue | Article", list[Event]]]:
        """Sessions' answer about one conclusion: `refused` is the ground, None where it is locked.

        Articles that cite a refused conclusion are dropped; the last answer freezes the issue. An answer that was
        given before, or not asked for, changes nothing. `articles`: all of the issue, locked.
        """
        lock = next((lock for lock in self.locks if lock.conclusion_id == conclusion_id), None)
        if lock is None or lock.answer is not None:
            return []
        lock.answer, lock.ground = ("locked", None) if refused is None else ("refused", refused)
        recorded: list[tuple[Issue | Article, list[Event]]] = []
        if refused is not None:
            recorded += [(a, a.drop(refused)) for a in articles if a.conclusion_id == conclusion_id]
        if all(lock.answer is not None for lock in self.locks):
            recorded.append((self, self._settled(articles)))
        return recorded

    def take_withdrawal(
        self, conclusion_id: UUID, articles: Sequence[Article]
    ) -> list[tuple["Issue | Article", list[Event]]]:
        """A consent was withdrawn: what cites the conclusion is dropped, while its content is not locked.

        A withdrawal that overtakes the handshake counts as well; the refusal that follows it then finds nothing more
        to drop. Raises LockBroken where sessions had locked it: it answers such a withdrawal with a conflict, and a
        cycle's events come in order.
        """
        if any(lock.conclusion_id == conclusion_id and lock.answer == "locked" for lock in self.locks):
            raise LockBroken(f"conclusion {conclusion_id} is locked for issue {self.id} and its consent was withdrawn")
        return [(a, a.drop(CONSENT)) for a in articles if a.conclusion_id == conclusion_id]

    def _settled(self, articles: Sequence[Article]) -> list[Event]:
        self.status = "frozen"
        accepted = tuple(article.id for article in articles if article.accepted)
        dropped = sum(article.status == "dropped" for article in articles)
        return [IssueFrozen(issue_id=self.id, articles=accepted, dropped=dropped)]

    def schedule(self, *, on: date) -> list[Event]:
        """Give a frozen issue a date of publication, or another one. Raises IssueNotFrozen."""
        if self.status not in ("frozen", "scheduled"):
            raise IssueNotFrozen(status=self.status)
        self.status, self.publish_on = "scheduled", on
        return [IssueScheduled(issue_id=self.id, publish_on=on)]

    def open_to_readers(self, articles: Sequence[Article], *, published_on: date) -> None:
        """Let the issue be read at its address; nobody is told yet. Raises IssueNotScheduled, DateTooEarly.

        Asking again, while the announcement waits for the address, is harmless and may put the date right.
        """
        if self.status not in ("scheduled", "publishing"):
            raise IssueNotScheduled(status=self.status)
        earliest = max((a.decided_on for a in articles if a.accepted and a.decided_on), default=published_on)
        if published_on < earliest:
            raise DateTooEarly(date=published_on, earliest=earliest)
        self.status, self.published_on = "publishing", published_on

    def announce(self, url: str, articles: int, to: Recipients) -> list[Event]:
        """Tell the readers. The caller has seen `url` answer 200 with this issue (rule 17).

        Recipients are handed over in parts of at most 500; where there is nobody, the issue is distributed at once.
        An issue that was announced before is left alone.
        """
        if self.status != "publishing" or self.published_on is None:
            return []
        self.status = "published"
        published = IssuePublished(
            issue_id=self.id,
            journal=self.journal.name,
            name=self.name,
            year=self.year,
            quarter=self.quarter,
            edition=self.edition,
            articles=articles,
            url=url,
            published_on=self.published_on,
        )
        requests = [
            DeliveryRequested(
                issue_id=self.id,
                delivery_id=new_id(),
                issue=self.name,
                url=url,
                people=tuple(part.people),
                centres=tuple(part.centres),
            )
            for part in to.parts(RECIPIENTS_PER_DELIVERY)
        ]
        self.deliveries = [Delivery(id=request.delivery_id) for request in requests]
        return [published, *requests, *self._distributed()]

    def take_count(self, delivery_id: UUID, *, recipients: int, reachable: int) -> list[Event]:
        """Enrollment's answer to one delivery; the last one makes the issue distributed. A repeat changes nothing."""
        part = next((part for part in self.deliveries if part.id == delivery_id), None)
        if part is None or part.recipients is not None:
            return []
        part.recipients, part.reachable = recipients, reachable
        return self._distributed()

    def _distributed(self) -> list[Event]:
        if any(part.recipients is None for part in self.deliveries):
            return []
        self.status = "distributed"
        recipients = sum(part.recipients or 0 for part in self.deliveries)
        reachable = sum(part.reachable or 0 for part in self.deliveries)
        return [IssueDistributed(issue_id=self.id, recipients=recipients, reachable=reachable)]

    def _must_be_open(self) -> None:
        if self.status != "open":
            raise IssueNotOpen(status=self.status)
