"""Reads of editors, contributors and reports."""

from typing import Annotated, get_args
from uuid import UUID

from chassis.web import Db, Page, Paging, Person, caller, problems, router_for
from contracts.event import Role
from fastapi import Depends

from publications import queries
from publications.domain.refusals import ArticleNotFound, IssueNotFound, ProgrammeNotFound
from publications.queries import ArticleView, FiguresView, IssueView, JournalView, LeadView, WholeArticleView

router = router_for("publications")

Anyone = Annotated[Person, Depends(caller(*get_args(Role)))]
Editor = Annotated[Person, Depends(caller("editor"))]
Reporter = Annotated[Person, Depends(caller("coordinator", "operator", "partner"))]


@router.get("/v1/journals", responses=problems(403))
async def list_journals(db: Db, who: Anyone, paging: Paging) -> Page[JournalView]:
    """All journals."""
    return await queries.journals(db, paging)


@router.get("/v1/issues", responses=problems(403))
async def list_issues(db: Db, who: Anyone, paging: Paging, programme_id: UUID | None = None) -> Page[IssueView]:
    """Issues, of one programme or of all."""
    return await queries.issues(db, paging, programme_id=programme_id)


@router.get("/v1/issues/{issue_id}", responses=problems(403, 404))
async def get_issue(issue_id: UUID, db: Db, who: Anyone) -> IssueView:
    """One issue and how far it has come."""
    return await queries.one_issue(db, issue_id)


@router.get("/v1/articles", responses=problems(403, 404))
async def list_articles(issue_id: UUID, db: Db, who: Editor, paging: Paging) -> Page[ArticleView]:
    """The submissions to an issue, without their texts."""
    issue = await queries.one_issue(db, issue_id)
    if not who.holds("editor", programme=issue.programme_id):
        raise IssueNotFound
    return await queries.articles(db, paging, issue_id=issue_id)


@router.get("/v1/articles/{article_id}", responses=problems(403, 404))
async def get_article(article_id: UUID, db: Db, who: Editor) -> WholeArticleView:
    """One submission with its text."""
    article = await queries.one_article(db, article_id)
    if not who.holds("editor", programme=article.programme_id):
        raise ArticleNotFound
    return article


@router.get("/v1/leads", responses=problems(403, 404))
async def list_leads(programme_id: UUID, db: Db, who: Editor, paging: Paging) -> Page[LeadView]:
    """Sessions and runs that took place and may be worth writing about."""
    if not who.holds("editor", programme=programme_id):
        raise ProgrammeNotFound
    return await queries.leads(db, paging, programme_id=programme_id)


@router.get("/v1/figures/{programme_id}", responses=problems(403, 404))
async def get_figures(programme_id: UUID, db: Db, who: Reporter) -> FiguresView:
    """What a programme has printed, in numbers."""
    if not any(who.holds(role, programme=programme_id) for role in ("coordinator", "operator", "partner")):
        raise ProgrammeNotFound
    return await queries.figures(db, programme_id)
