"""Centres and their workers, and the names of people until they are erased."""

from typing import Annotated, Self
from uuid import UUID

from chassis.ids import new_id
from chassis.web import Body, Created, Db, Page, Paging, Person, RecordedDate, View, caller, problems, router_for
from contracts.enrollment import CentreKind
from fastapi import Depends
from pydantic import Field, model_validator

from enrollment import queries
from enrollment.api.values import Code, Coordinator, Done, Email, Phone, PlaceOrCounty, Reader, Text, unknown_place
from enrollment.domain import centres as domain
from enrollment.domain.places import is_county
from enrollment.domain.programmes import Contact
from enrollment.queries.people import CentreView, PersonView, WorkerView
from enrollment.use_cases import centres

router = router_for("enrollment")
Manager = Annotated[Person, Depends(caller("centre_manager"))]
CentreReader = Annotated[Person, Depends(caller("coordinator", "centre_manager"))]
Acquaintance = Annotated[Person, Depends(caller("coordinator", "supervisor", "trainer"))]


class CentreBody(Body):
    """A centre; `terc` is a commune's or a district's code, or a county's, which a PCPR alone may have."""

    name: Text
    kind: CentreKind
    terc: PlaceOrCounty
    email: Email | None = None

    @model_validator(mode="after")
    def county_for_pcpr(self) -> Self:
        """Counties have a PCPR; everything else belongs to a commune."""
        if is_county(self.terc) and self.kind != "PCPR":
            raise unknown_place()
        return self


class WorkerBody(Body):
    """A worker: `contact` with clients from Ukraine, `social_worker` as a legal status."""

    name: Text
    email: Email
    phone: Phone | None = None
    profession: Code
    social_worker: bool
    contact: Contact


class WorkersBody(Body):
    """Workers of a centre."""

    workers: list[WorkerBody] = Field(min_length=1, max_length=200)


class ErasureBody(Body):
    """When the worker was erased."""

    erased_on: RecordedDate


class CreatedMany(View):
    """The identities of what was made, in the order of the request."""

    ids: list[UUID]


@router.post("/v1/centres", status_code=201, responses=problems(403))
async def register_centre(body: CentreBody, db: Db, who: Coordinator) -> Created:
    """Make a centre known."""
    centre = domain.Centre(new_id(), body.name, body.kind, body.terc, body.email)
    await centres.register_centre(db, centre)
    return Created(id=centre.id)


@router.get("/v1/centres", responses=problems(403))
async def list_centres(db: Db, who: Reader, paging: Paging) -> Page[CentreView]:
    """All centres."""
    return await queries.people.centres(db, paging)


@router.get("/v1/centres/{centre_id}", responses=problems(403, 404))
async def show_centre(centre_id: UUID, db: Db, who: Reader) -> CentreView:
    """One centre."""
    return await queries.people.the_centre(db, centre_id)


@router.post("/v1/centres/{centre_id}/workers", status_code=201, responses=problems(403, 404))
async def enrol_workers(centre_id: UUID, body: WorkersBody, db: Db, who: Manager) -> CreatedMany:
    """Record workers of one's own centre; each id is the person's everywhere."""
    workers = [
        (
            domain.Person(person_id := new_id(), one.name, one.email, one.phone),
            domain.Worker(person_id, centre_id, one.profession, one.social_worker, one.contact),
        )
        for one in body.workers
    ]
    await centres.enrol_workers(db, centre_id, workers, by=who)
    return CreatedMany(ids=[person.id for person, _ in workers])


@router.get("/v1/centres/{centre_id}/workers", responses=problems(403, 404))
async def list_workers(centre_id: UUID, db: Db, who: CentreReader, paging: Paging) -> Page[WorkerView]:
    """The workers of a centre with their names and contacts."""
    await centres.the_centre(db, centre_id, by=who)
    return await queries.people.workers(db, centre_id, paging)


@router.post("/v1/workers/{worker_id}/erasure", responses=problems(403, 404, 409))
async def erase_worker(worker_id: UUID, body: ErasureBody, db: Db, who: Coordinator) -> Done:
    """Destroy a worker's name and contacts for good, at their request; only a coordinator of everything may."""
    await centres.erase_worker(db, worker_id, on=body.erased_on, by=who)
    return Done(status="erased")


@router.get("/v1/people/{person_id}", responses=problems(403, 404))
async def show_person(person_id: UUID, db: Db, who: Acquaintance) -> PersonView:
    """Who somebody is, for those who may know."""
    return await queries.people.the_person(db, person_id, by=who)
