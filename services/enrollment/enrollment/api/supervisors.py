"""Supervisors, their certificates and ties."""

from datetime import date
from typing import Self
from uuid import UUID

from chassis.ids import new_id
from chassis.web import Body, Created, Db, Page, Paging, RecordedDate, problems, router_for
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from enrollment import queries
from enrollment.api.values import Code, Coordinator, Done, Email, Phone, Text
from enrollment.domain.centres import Person
from enrollment.domain.supervisors import Certificate, CertificateKind, Supervisor, Tie, TieKind
from enrollment.queries.people import SupervisorView
from enrollment.use_cases import supervisors

router = router_for("enrollment")


class SupervisorBody(Body):
    """A supervisor; `relation` is a code of how they work with the society."""

    name: Text
    email: Email
    phone: Phone | None = None
    relation: Code


class CertificateBody(Body):
    """A supervisor's certificate, valid on both days too."""

    certificate: CertificateKind
    valid_from: RecordedDate
    valid_to: date | None = None

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """It ends no sooner than it begins."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ends_too_soon()
        return self


class TieBody(Body):
    """A tie to all of a centre or to one person; both days are within it."""

    kind: TieKind
    centre_id: UUID | None = None
    person_id: UUID | None = None
    since: RecordedDate
    until: date | None = None

    @model_validator(mode="after")
    def to_one(self) -> Self:
        """To either a centre or a person, and ending no sooner than it begins."""
        if (self.centre_id is None) == (self.person_id is None):
            raise PydanticCustomError(
                "one_of_two",
                "{en}",
                {"pl": "Podaj albo centre_id, albo person_id.", "en": "Give either centre_id or person_id."},
            )
        if self.until is not None and self.until < self.since:
            raise ends_too_soon()
        return self


class EndBody(Body):
    """The first day without the tie."""

    ended_on: RecordedDate


def ends_too_soon() -> PydanticCustomError:
    """A period whose last day is before its first."""
    return PydanticCustomError(
        "ends_too_soon",
        "{en}",
        {"pl": "Koniec jest wcześniejszy niż początek.", "en": "The end is before the beginning."},
    )


@router.post("/v1/supervisors", status_code=201, responses=problems(403))
async def register_supervisor(body: SupervisorBody, db: Db, who: Coordinator) -> Created:
    """Make a supervisor known; the id is the person's everywhere."""
    person = Person(new_id(), body.name, body.email, body.phone)
    await supervisors.register_supervisor(db, person, Supervisor(person.id, body.relation))
    return Created(id=person.id)


@router.get("/v1/supervisors", responses=problems(403))
async def list_supervisors(db: Db, who: Coordinator, paging: Paging) -> Page[SupervisorView]:
    """All supervisors with their certificates and ties."""
    return await queries.people.supervisors(db, paging)


@router.post("/v1/supervisors/{supervisor_id}/certificates", status_code=201, responses=problems(403, 404))
async def certify_supervisor(supervisor_id: UUID, body: CertificateBody, db: Db, who: Coordinator) -> Created:
    """Record a certificate."""
    certificate = Certificate(new_id(), body.certificate, body.valid_from, body.valid_to)
    await supervisors.certify(db, supervisor_id, certificate)
    return Created(id=certificate.id)


@router.post("/v1/supervisors/{supervisor_id}/ties", status_code=201, responses=problems(403, 404))
async def tie_supervisor(supervisor_id: UUID, body: TieBody, db: Db, who: Coordinator) -> Created:
    """Record a tie (rule 4); groups that the supervisor leads learn of the conflicts that it makes."""
    tie = Tie(new_id(), body.kind, body.since, body.until, body.centre_id, body.person_id)
    await supervisors.tie(db, supervisor_id, tie)
    return Created(id=tie.id)


@router.post("/v1/supervisors/{supervisor_id}/ties/{tie_id}/end", responses=problems(403, 404, 409))
async def end_tie(supervisor_id: UUID, tie_id: UUID, body: EndBody, db: Db, who: Coordinator) -> Done:
    """End a tie; the conflicts that it made are cleared."""
    await supervisors.end_tie(db, supervisor_id, tie_id, on=body.ended_on)
    return Done(status="ended")
