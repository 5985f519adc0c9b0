"""Commands of editors and authors."""

from typing import Annotated
from uuid import UUID

from chassis.web import Created, Db, Person, caller, problems, router_for
from fastapi import Depends

from publications import queries
from publications.api.bodies import (
    AcceptanceBody,
    FreezeBody,
    IssueBody,
    JournalBody,
    PublicationBody,
    RejectionBody,
    ScheduleBody,
    SubmissionBody,
)
from publications.queries import ArticleOutcome, IssueView
from publications.use_cases import editing, publishing

router = router_for("publications")

Editor = Annotated[Person, Depends(caller("editor"))]
Contributor = Annotated[Person, Depends(caller("editor", "author", "supervisor", "trainer", "participant"))]


@router.post("/v1/journals", status_code=201, responses=problems(403, 409))
async def found_journal(body: JournalBody, db: Db, who: Editor) -> Created:
    """Found a journal."""
    return Created(id=await editing.found_journal(db, name=body.name, issn=body.issn))


@router.post("/v1/issues", status_code=201, responses=problems(403, 404, 409))
async def open_issue(body: IssueBody, db: Db, who: Editor) -> Created:
    """Open an issue: one per journal, quarter and edition."""
    issue_id = await editing.open_issue(
        db,
        programme_id=body.programme_id,
        journal_id=body.journal_id,
        name=body.name,
        year=body.year,
        quarter=body.quarter,
        edition=body.edition,
        by=who,
    )
    return Created(id=issue_id)


@router.post("/v1/issues/{issue_id}/submissions", status_code=201, responses=problems(403, 404, 409))
async def submit(issue_id: UUID, body: SubmissionBody, db: Db, who: Contributor) -> Created:
    """Submit a piece that rests on a released conclusion, on a completed run, or on nothing."""
    article_id = await editing.submit(
        db,
        issue_id,
        body.text(),
        kind=body.kind,
        source=body.source,
        source_id=body.source_id,
        on=body.submitted_on,
        by=who,
    )
    return Created(id=article_id)


@router.post("/v1/articles/{article_id}/acceptance", responses=problems(403, 404, 409))
async def accept_article(article_id: UUID, body: AcceptanceBody, db: Db, who: Editor) -> ArticleOutcome:
    """Take a submission into its issue, while it is open."""
    await editing.accept(db, article_id, on=body.accepted_on, by=who)
    return ArticleOutcome(id=article_id, status="accepted")


@router.post("/v1/articles/{article_id}/rejection", responses=problems(403, 404, 409))
async def reject_article(article_id: UUID, body: RejectionBody, db: Db, who: Editor) -> ArticleOutcome:
    """Leave a submission out for good."""
    await editing.reject(db, article_id, on=body.rejected_on, by=who)
    return ArticleOutcome(id=article_id, status="rejected")


@router.post("/v1/issues/{issue_id}/freeze", status_code=202, responses=problems(403, 404, 409))
async def freeze_issue(issue_id: UUID, body: FreezeBody, db: Db, who: Editor) -> IssueView:
    """Settle an issue's content: at once where it cites no conclusion, else after the answers about each."""
    await editing.freeze(db, issue_id, by=who)
    return await queries.one_issue(db, issue_id)


@router.post("/v1/issues/{issue_id}/schedule", responses=problems(403, 404, 409))
async def schedule_issue(issue_id: UUID, body: ScheduleBody, db: Db, who: Editor) -> IssueView:
    """Plan a frozen issue's publication."""
    await publishing.schedule_issue(db, issue_id, publish_on=body.publish_on, by=who)
    return await queries.one_issue(db, issue_id)


@router.post("/v1/issues/{issue_id}/publication", status_code=202, responses=problems(403, 404, 409))
async def publish_issue(issue_id: UUID, body: PublicationBody, db: Db, who: Editor) -> IssueView:
    """Let a scheduled issue be read; it is announced once its address has answered."""
    await publishing.ask_for_publication(db, issue_id, published_on=body.published_on, by=who)
    return await queries.one_issue(db, issue_id)
