"""Every order of a withdrawal, a new consent and the freeze: what comes out in print had everyone's consent.

The same story, without the new consent, is played against the real service in the integration tests.
"""

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

from contracts.publications import IssueFrozen
from publications.domain.article import Article, CitesConclusion, Free, Text
from publications.domain.issue import Issue, Journal
from publications.domain.refusals import CONSENT, ArticleDecided

TODAY = date(2023, 1, 10)
STEPS = ("submit", "accept", "freeze", "answer")
TOLD = ("answer", "withdraw", "consent_again")


def interleavings(done: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every order of the commands here, of what sessions does, and of its events' arrival.

    hear: the next event of the conclusion's cycle arrives; hear_other: the answer about a conclusion of another cycle.
    """
    enabled = list(STEPS[sum(one in STEPS for one in done) :][:1])
    if "withdraw" not in done:
        enabled.append("withdraw")
    elif "consent_again" not in done:
        enabled.append("consent_again")
    if done.count("hear") < sum(one in TOLD for one in done):
        enabled.append("hear")
    if "answer" in done and "hear_other" not in done:
        enabled.append("hear_other")
    if not enabled:
        yield done
    for step in enabled:
        yield from interleavings((*done, step))


class Story:
    """Sessions as it promises to be, and an issue that cites one of its conclusions."""

    def __init__(self) -> None:
        journal = Journal(id=uuid4(), name="Wymyślone Zeszyty", issn=None)
        self.issue, _ = Issue.opened(
            journal, programme_id=uuid4(), name="Zima", year=2022, quarter=4, edition="special"
        )
        self.source = CitesConclusion(cycle_id=uuid4(), conclusion_id=uuid4())
        self.other = CitesConclusion(cycle_id=uuid4(), conclusion_id=uuid4())
        self.articles: list[Article] = []
        self.frozen: list[IssueFrozen] = []
        self.told: list[str] = []
        self.heard = 0
        self.released_here = True
        self.stands, self.locked, self.withdrawn = True, False, False
        self.article: Article | None = None
        for steady in (Free(), self.other):
            self.issue.accept(self._submitted(steady), on=TODAY)

    def _submitted(self, source: Free | CitesConclusion) -> Article:
        text = Text(title="Tytuł", byline=None, body="Treść")
        article, _ = self.issue.receive(text, source, kind="account", on=TODAY, by=uuid4())
        self.articles.append(article)
        return article

    def submit(self) -> None:
        if self.released_here:
            self.article = self._submitted(self.source)

    def accept(self) -> None:
        if self.article is not None and self.released_here:
            try:
                self.issue.accept(self.article, on=TODAY)
            except ArticleDecided:
                assert self.article.status == "dropped"

    def freeze(self) -> None:
        self.issue.freeze(self.articles)

    def answer(self) -> None:
        if any(lock.conclusion_id == self.source.conclusion_id for lock in self.issue.locks):
            self.locked = self.stands
            self.told.append("locked" if self.stands else "refused")

    def withdraw(self) -> None:
        if not self.locked:
            self.stands, self.withdrawn = False, True
            self.told.append("withdrawn")

    def consent_again(self) -> None:
        if not self.stands:
            self.stands = True
            self.told.append("released")

    def hear(self) -> None:
        if self.heard == len(self.told):
            return
        event, self.heard = self.told[self.heard], self.heard + 1
        match event:
            case "released":
                self.released_here = True
            case "withdrawn":
                self.released_here = False
                self.issue.take_withdrawal(self.source.conclusion_id, self.articles)
            case "locked" | "refused":
                self._take(self.source, None if event == "locked" else CONSENT)

    def hear_other(self) -> None:
        self._take(self.other, None)

    def _take(self, source: CitesConclusion, refused: str | None) -> None:
        for _ in range(2):
            for _, events in self.issue.take_lock(source.conclusion_id, self.articles, refused=refused):
                self.frozen += [event for event in events if isinstance(event, IssueFrozen)]


def test_no_order_of_events_prints_a_conclusion_whose_consent_did_not_stand_at_the_lock() -> None:
    stories = list(interleavings())
    assert len(stories) == 470
    printed_untouched = printed_after_new_consent = 0
    for steps in stories:
        story = Story()
        for step in steps:
            getattr(story, step)()
        assert story.issue.status == "frozen", steps
        [frozen] = story.frozen
        assert len(frozen.articles) >= 2, steps
        in_print = story.article is not None and story.article.id in frozen.articles
        assert story.locked or not in_print, steps
        if not story.withdrawn:
            assert in_print, steps
        printed_untouched += in_print and not story.withdrawn
        printed_after_new_consent += in_print and story.withdrawn
    assert printed_untouched
    assert printed_after_new_consent
