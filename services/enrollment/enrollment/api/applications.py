"""Applications: by their own people; lists for coordinators and for oneself."""

from typing import Annotated, Literal
from uuid import UUID

from chassis.web import Body, Db, Page, Paging, Person, RecordedDate, View, caller, problems, router_for
from fastapi import Depends

from enrollment import queries
from enrollment.api.values import Coordinator, Done
from enrollment.queries.groups import ApplicationView
from enrollment.use_cases import applications

router = router_for("enrollment")
Applicant = Annotated[Person, Depends(caller("participant", "supervisor"))]


class ApplicationBody(Body):
    """When the caller applied."""

    submitted_on: RecordedDate


class WithdrawalBody(Body):
    """When the caller withdrew."""

    withdrawn_on: RecordedDate


class AcceptanceBody(Body):
    """When the caller accepted the seat."""

    accepted_on: RecordedDate


class DeclineBody(Body):
    """When the caller declined the seat."""

    declined_on: RecordedDate


class Decision(View):
    """What became of an application; `ground` is the rule where it is ineligible. Who is waitlisted has no seat."""

    id: UUID
    outcome: Literal["seated", "waitlisted", "ineligible"]
    ground: str | None


@router.post("/v1/groups/{group_id}/applications", status_code=201, responses=problems(403, 404, 409))
async def apply(group_id: UUID, body: ApplicationBody, db: Db, who: Applicant) -> Decision:
    """Ask for a seat, for oneself."""
    application = await applications.apply(db, group_id, on=body.submitted_on, by=who)
    outcome: Literal["seated", "waitlisted", "ineligible"] = (
        "waitlisted" if application.waited else "ineligible" if application.ground else "seated"
    )
    return Decision(id=application.id, outcome=outcome, ground=application.ground)


@router.get("/v1/groups/{group_id}/applications", responses=problems(403, 404))
async def list_applications(group_id: UUID, db: Db, who: Coordinator, paging: Paging) -> Page[ApplicationView]:
    """Who applied to a group of one's own programmes."""
    await queries.groups.the_group(db, group_id, by=who, own=True)
    return await queries.groups.applications(db, paging, group_id=group_id)


@router.get("/v1/applications", responses=problems(403))
async def list_own_applications(db: Db, who: Applicant, paging: Paging) -> Page[ApplicationView]:
    """One's own applications."""
    return await queries.groups.applications(db, paging, person_id=who.id)


@router.post("/v1/groups/{group_id}/applications/{application_id}/withdrawal", responses=problems(403, 404, 409))
async def withdraw(group_id: UUID, application_id: UUID, body: WithdrawalBody, db: Db, who: Applicant) -> Done:
    """Give up one's own application, whatever it has become."""
    await applications.withdraw(db, group_id, application_id, on=body.withdrawn_on, by=who)
    return Done(status="withdrawn")


@router.post("/v1/groups/{group_id}/applications/{application_id}/acceptance", responses=problems(403, 404, 409))
async def accept_seat(group_id: UUID, application_id: UUID, body: AcceptanceBody, db: Db, who: Applicant) -> Done:
    """Take the seat that one was offered."""
    await applications.accept(db, group_id, application_id, on=body.accepted_on, by=who)
    return Done(status="accepted")


@router.post("/v1/groups/{group_id}/applications/{application_id}/decline", responses=problems(403, 404, 409))
async def decline_seat(group_id: UUID, application_id: UUID, body: DeclineBody, db: Db, who: Applicant) -> Done:
    """Let the seat that one was offered go."""
    await applications.decline(db, group_id, application_id, on=body.declined_on, by=who)
    return Done(status="declined")
