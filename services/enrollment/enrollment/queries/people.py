"""Centres, workers, supervisors and people, as those who may know of them read them."""

from datetime import date
from uuid import UUID

from chassis.web import Page, Person, Slice, View, page
from contracts.enrollment import CentreKind
from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.domain.centres import Centre, CentreNotFound, PersonNotFound
from enrollment.domain.programmes import Contact
from enrollment.domain.supervisors import CertificateKind, Supervisor, TieKind
from enrollment.tables import application, centre, group, person, supervisor, worker


class CentreView(View):
    """A centre; `terc` is a commune's or district's code, or a county's for a PCPR."""

    id: UUID
    name: str
    kind: CentreKind
    terc: str


class WorkerView(View):
    """A worker with name and contacts: for the centre's manager and coordinators."""

    id: UUID
    name: str
    email: str
    phone: str | None
    profession: str
    social_worker: bool
    contact: Contact


class CertificateView(View):
    """A supervisor's certificate, valid on both days too."""

    id: UUID
    certificate: CertificateKind
    valid_from: date
    valid_to: date | None


class TieView(View):
    """A supervisor's tie to a centre or a person; both days are within it."""

    id: UUID
    kind: TieKind
    centre_id: UUID | None
    person_id: UUID | None
    since: date
    until: date | None


class SupervisorView(View):
    """A supervisor with certificates and ties: for coordinators."""

    id: UUID
    name: str
    relation: str
    certificates: list[CertificateView]
    ties: list[TieView]


class PersonView(View):
    """A person's name."""

    id: UUID
    name: str


async def the_centre(db: AsyncSession, centre_id: UUID) -> CentreView:
    """One centre. Raises CentreNotFound."""
    found = await db.get(Centre, centre_id)
    if found is None:
        raise CentreNotFound
    return CentreView.model_validate(found)


async def centres(db: AsyncSession, paging: Slice) -> Page[CentreView]:
    """All centres, by id."""
    query = select(centre.c.id, centre.c.name, centre.c.kind, centre.c.terc).order_by(centre.c.id)
    if paging.after:
        query = query.where(centre.c.id > paging.after)
    rows = await db.execute(query.limit(paging.limit + 1))
    return page([CentreView.model_validate(row) for row in rows], paging)


async def workers(db: AsyncSession, centre_id: UUID, paging: Slice) -> Page[WorkerView]:
    """The workers of a centre, by id."""
    query = (
        select(
            worker.c.id,
            person.c.name,
            person.c.email,
            person.c.phone,
            worker.c.profession,
            worker.c.social_worker,
            worker.c.contact,
        )
        .join(person, person.c.id == worker.c.id)
        .where(worker.c.centre_id == centre_id)
        .order_by(worker.c.id)
    )
    if paging.after:
        query = query.where(worker.c.id > paging.after)
    rows = await db.execute(query.limit(paging.limit + 1))
    return page([WorkerView.model_validate(row) for row in rows], paging)


async def supervisors(db: AsyncSession, paging: Slice) -> Page[SupervisorView]:
    """All supervisors, by id."""
    query = select(Supervisor, person.c.name).join(person, person.c.id == supervisor.c.id).order_by(supervisor.c.id)
    if paging.after:
        query = query.where(supervisor.c.id > paging.after)
    rows = await db.execute(query.limit(paging.limit + 1))
    return page(
        [
            SupervisorView(
                id=one.id,
                name=name,
                relation=one.relation,
                certificates=[CertificateView.model_validate(certificate) for certificate in one.certificates],
                ties=[TieView.model_validate(tie) for tie in one.ties],
            )
            for one, name in rows
        ],
        paging,
    )


async def the_person(db: AsyncSession, person_id: UUID, *, by: Person) -> PersonView:
    """A person's name, for who may know it; anybody else's is PersonNotFound.

    A coordinator of everything knows everybody, a coordinator of a programme who applied to it or leads in it; a
    supervisor or trainer knows the people of the groups that they lead, and everybody themselves.
    """
    query = select(person.c.id, person.c.name).where(person.c.id == person_id)
    if not by.holds("coordinator"):
        coordinated = {grant.programme for grant in by.grants if grant.role == "coordinator" and grant.programme}
        applied = exists().where(application.c.person_id == person_id, application.c.programme_id.in_(coordinated))
        leads = exists().where(
            group.c.leaders.contains([{"supervisor_id": person_id}]), group.c.programme_id.in_(coordinated)
        )
        led = exists().where(
            application.c.person_id == person_id,
            application.c.status.in_(("seated", "accepted")),
            application.c.group_id == group.c.id,
            group.c.leaders.contains([{"supervisor_id": by.id, "until": None}]),
        )
        query = query.where(or_(person.c.id == by.id, applied, leads, led))
    found = (await db.execute(query)).first()
    if found is None:
        raise PersonNotFound
    return PersonView.model_validate(found)
