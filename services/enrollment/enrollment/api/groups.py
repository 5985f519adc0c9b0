"""Groups from opening to their end, and who leads them."""

from datetime import date
from typing import Literal, Self
from uuid import UUID

from chassis.ids import new_id
from chassis.web import Body, Created, Db, Page, Paging, RecordedDate, View, problems, router_for
from contracts.enrollment import Audience, LeadsAs, Track
from pydantic import Field, model_validator

from enrollment import queries
from enrollment.api.supervisors import ends_too_soon
from enrollment.api.values import Code, Coordinator, Done, Place, Reader, Text
from enrollment.domain.groups import Group
from enrollment.domain.places import place_of
from enrollment.domain.programmes import Programme
from enrollment.queries.groups import GroupInFull, GroupStatus, GroupView
from enrollment.use_cases import groups, programmes

router = router_for("enrollment")


class GroupBody(Body):
    """A group; its numbers are the programme's unless it has its own within them."""

    programme_id: UUID
    name: Text
    track: Track
    audience: Audience = "workers"
    centre_id: UUID | None = None
    minimum: int | None = Field(default=None, ge=1, le=1000)
    maximum: int | None = Field(default=None, ge=1, le=1000)
    terc: Place
    cohort: Code

    def group(self, programme: Programme) -> Group:
        """The group that is to be opened. Raises NoSuchTrack."""
        shape = programme.shape_of(self.track)
        place = place_of(self.terc, programme.areas)
        return Group(
            id=new_id(),
            programme_id=programme.id,
            name=self.name,
            track=self.track,
            audience=self.audience,
            minimum=self.minimum or shape.minimum,
            maximum=self.maximum or shape.maximum,
            terc=self.terc,
            zone=place.zone,
            area=place.area,
            cohort=self.cohort,
            offer_validity_seconds=programme.offer_validity_seconds,
            centre_id=self.centre_id,
        )


class FormationBody(Body):
    """When the group formed, and when it is to meet for the first time."""

    formed_on: RecordedDate
    starts_on: date

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """It starts no sooner than it forms."""
        if self.starts_on < self.formed_on:
            raise ends_too_soon()
        return self


class CompletionBody(Body):
    """When the last training of the group was over."""

    completed_on: RecordedDate


class DissolutionBody(Body):
    """When the group ended before its time."""

    dissolved_on: RecordedDate


class LeaderBody(Body):
    """Who is to lead, as what, from which day on."""

    supervisor_id: UUID
    leads_as: LeadsAs
    since: RecordedDate


class ReplacementBody(Body):
    """Who is to lead instead, from which day on."""

    supervisor_id: UUID
    since: RecordedDate


class Assignment(View):
    """Whether somebody may lead; if not, the rule that refuses."""

    outcome: Literal["assigned", "refused"]
    ground: str | None


@router.post("/v1/groups", status_code=201, responses=problems(403, 404, 409))
async def open_group(body: GroupBody, db: Db, who: Coordinator) -> Created:
    """Open a group for applications."""
    programme = await programmes.the_programme(db, body.programme_id, by=who)
    group = body.group(programme)
    await groups.open_group(db, group, programme)
    return Created(id=group.id)


@router.get("/v1/groups", responses=problems(403))
async def list_groups(
    db: Db,
    who: Reader,
    paging: Paging,
    programme_id: UUID | None = None,
    track: Track | None = None,
    status: GroupStatus | None = None,
) -> Page[GroupView]:
    """Groups, of one programme, track or status where that is asked for."""
    return await queries.groups.groups(db, paging, programme_id=programme_id, track=track, status=status)


@router.get("/v1/groups/{group_id}", responses=problems(403, 404))
async def show_group(group_id: UUID, db: Db, who: Reader) -> GroupInFull | GroupView:
    """One group; its coordinator sees the conflicts of its leaders too."""
    return await queries.groups.the_group(db, group_id, by=who)


@router.post("/v1/groups/{group_id}/formation", responses=problems(403, 404, 409))
async def form_group(group_id: UUID, body: FormationBody, db: Db, who: Coordinator) -> Done:
    """Form a group with its members and leaders."""
    await groups.form_group(db, group_id, formed_on=body.formed_on, starts_on=body.starts_on, by=who)
    return Done(status="formed")


@router.post("/v1/groups/{group_id}/dissolution", responses=problems(403, 404, 409))
async def dissolve_group(group_id: UUID, body: DissolutionBody, db: Db, who: Coordinator) -> Done:
    """End a group before its time."""
    await groups.dissolve_group(db, group_id, on=body.dissolved_on, by=who)
    return Done(status="dissolved")


@router.post("/v1/groups/{group_id}/completion", responses=problems(403, 404, 409))
async def close_group(group_id: UUID, body: CompletionBody, db: Db, who: Coordinator) -> Done:
    """Complete a training group, to which nothing more is taught."""
    await groups.close_group(db, group_id, on=body.completed_on, by=who)
    return Done(status="completed")


@router.post("/v1/groups/{group_id}/leaders", status_code=201, responses=problems(403, 404, 409))
async def assign_leader(group_id: UUID, body: LeaderBody, db: Db, who: Coordinator) -> Assignment:
    """Let somebody lead, through the gates of rules 4 and 5."""
    ground = await groups.assign_leader(db, group_id, body.supervisor_id, body.leads_as, since=body.since, by=who)
    return Assignment(outcome="refused" if ground else "assigned", ground=ground)


@router.post(
    "/v1/groups/{group_id}/leaders/{supervisor_id}/replacement", status_code=201, responses=problems(403, 404, 409)
)
async def replace_leader(
    group_id: UUID, supervisor_id: UUID, body: ReplacementBody, db: Db, who: Coordinator
) -> Assignment:
    """Let somebody lead instead of somebody else, through the same gates."""
    ground = await groups.replace_leader(db, group_id, supervisor_id, body.supervisor_id, since=body.since, by=who)
    return Assignment(outcome="refused" if ground else "assigned", ground=ground)
