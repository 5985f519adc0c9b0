"""Programmes, their targets, and invitations."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from chassis.ids import new_id
from chassis.web import Body, Created, Db, Page, Paging, Person, RecordedDate, caller, problems, router_for
from contracts.enrollment import PriorityArea, Shape, Target
from fastapi import Depends
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from enrollment import queries
from enrollment.api.values import Code, Coordinator, Done, Place, PlaceOrCounty, Reader, Text
from enrollment.domain.programmes import Contact, Programme
from enrollment.queries.programmes import InvitationView, ProgrammeView
from enrollment.use_cases import programmes

router = router_for("enrollment")
Manager = Annotated[Person, Depends(caller("centre_manager"))]


class ShapeBody(Body):
    """How groups of one track meet; `minutes` is the length of one meeting, `threshold_percent` earns a certificate."""

    minimum: int = Field(ge=1, le=1000)
    maximum: int = Field(ge=1, le=1000)
    meetings: int = Field(ge=1, le=500)
    minutes: int = Field(ge=1, le=1440)
    quorum: int = Field(ge=1, le=1000)
    threshold_percent: int = Field(ge=0, le=100)
    rhythm: Literal["monthly", "fortnightly", "weekly", "free"] = "monthly"

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """A minimum above the maximum, or a quorum that no group can reach, is a mistake."""
        if self.minimum > self.maximum or self.quorum > self.maximum:
            raise PydanticCustomError(
                "not_in_order",
                "{en}",
                {
                    "pl": "Minimum i kworum nie mogą być większe niż maksimum.",
                    "en": "Neither the minimum nor the quorum may be above the maximum.",
                },
            )
        return self


class TargetBody(Body):
    """What a programme set out to reach."""

    indicator: Code
    value: int = Field(ge=0, le=1_000_000_000)


class AreaBody(Body):
    """A priority city and its surroundings: communes, or whole counties."""

    name: Text
    city: Place
    surroundings: list[PlaceOrCounty] = Field(default=[], max_length=500)
    reason: Code


class ProgrammeBody(Body):
    """A programme in its shape; what it leaves out it does not have. An empty audience is everyone."""

    code: Code
    name: Text
    parent_id: UUID | None = None
    commissioner_id: UUID | None = None
    funder: Text | None = None
    provider: Text | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    audience: list[Contact] = Field(default=[], max_length=3)
    supervision: ShapeBody | None = None
    training: ShapeBody | None = None
    targets: list[TargetBody] = Field(default=[], max_length=100)
    areas: list[AreaBody] = Field(default=[], max_length=100)
    offer_validity_seconds: int = Field(default=259_200, ge=1, le=31_536_000)

    def programme(self) -> Programme:
        """The programme that is to be opened."""
        return Programme(
            id=new_id(),
            code=self.code,
            name=self.name,
            parent_id=self.parent_id,
            commissioner_id=self.commissioner_id,
            funder=self.funder,
            provider=self.provider,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            audience=tuple(dict.fromkeys(self.audience)),
            supervision=Shape(**self.supervision.model_dump()) if self.supervision else None,
            training=Shape(**self.training.model_dump()) if self.training else None,
            targets=_targets(self.targets),
            areas=tuple(
                PriorityArea(name=area.name, city=area.city, surroundings=tuple(area.surroundings), reason=area.reason)
                for area in self.areas
            ),
            offer_validity_seconds=self.offer_validity_seconds,
        )


class TargetsBody(Body):
    """All targets of a programme."""

    targets: list[TargetBody] = Field(max_length=100)


class InvitationBody(Body):
    """The centre to be invited."""

    centre_id: UUID


class AnswerBody(Body):
    """A centre's answer."""

    answer: Literal["joined", "declined"]
    answered_on: RecordedDate


@router.post("/v1/programmes", status_code=201, responses=problems(403, 404, 409))
async def open_programme(body: ProgrammeBody, db: Db, who: Coordinator) -> Created:
    """Open a programme of any shape."""
    programme = body.programme()
    await programmes.open_programme(db, programme, by=who)
    return Created(id=programme.id)


@router.get("/v1/programmes", responses=problems(403))
async def list_programmes(db: Db, who: Reader, paging: Paging) -> Page[ProgrammeView]:
    """All programmes."""
    return await queries.programmes.programmes(db, paging)


@router.get("/v1/programmes/{programme_id}", responses=problems(403, 404))
async def show_programme(programme_id: UUID, db: Db, who: Reader) -> ProgrammeView:
    """One programme."""
    return await queries.programmes.the_programme(db, programme_id)


@router.post("/v1/programmes/{programme_id}/targets", responses=problems(403, 404))
async def change_targets(programme_id: UUID, body: TargetsBody, db: Db, who: Coordinator) -> ProgrammeView:
    """Replace all targets of a programme."""
    await programmes.change_targets(db, programme_id, _targets(body.targets), by=who)
    return await queries.programmes.the_programme(db, programme_id)


@router.post("/v1/programmes/{programme_id}/invitations", status_code=201, responses=problems(403, 404, 409))
async def invite_centre(programme_id: UUID, body: InvitationBody, db: Db, who: Coordinator) -> Created:
    """Invite a centre; the invitation goes by the centre's id."""
    await programmes.invite(db, programme_id, body.centre_id, by=who)
    return Created(id=body.centre_id)


@router.get("/v1/programmes/{programme_id}/invitations", responses=problems(403, 404))
async def list_invitations(programme_id: UUID, db: Db, who: Coordinator, paging: Paging) -> Page[InvitationView]:
    """Who was invited, and what they answered."""
    await programmes.the_programme(db, programme_id, by=who)
    return await queries.programmes.invitations(db, programme_id, paging)


@router.post("/v1/programmes/{programme_id}/invitations/{centre_id}/answer", responses=problems(403, 404, 409))
async def answer_invitation(programme_id: UUID, centre_id: UUID, body: AnswerBody, db: Db, who: Manager) -> Done:
    """Join or decline, for one's own centre."""
    await programmes.answer_invitation(db, programme_id, centre_id, body.answer, on=body.answered_on, by=who)
    return Done(status=body.answer)


def _targets(bodies: list[TargetBody]) -> tuple[Target, ...]:
    return tuple(Target(indicator=one.indicator, value=one.value) for one in bodies)
