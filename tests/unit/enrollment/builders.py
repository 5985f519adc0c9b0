"""Made-up programmes, groups and people, as small as a rule needs them."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from contracts.enrollment import PriorityArea, Shape, Target
from enrollment.domain import seats
from enrollment.domain.applications import Applicant, Application
from enrollment.domain.groups import Group
from enrollment.domain.programmes import Programme
from enrollment.domain.supervisors import Certificate, Member, Supervisor, Tie

PROGRAMME = UUID("01900000-0000-7000-8000-000000000001")
DAY = date(2022, 10, 3)
NOW = datetime(2022, 10, 3, 12, tzinfo=UTC)
WARSAW = PriorityArea(name="Warszawa", city="1465011", surroundings=("1432052", "1418"), reason="migration")


def a_shape(**more):
    told = {"minimum": 5, "maximum": 15, "meetings": 10, "minutes": 300, "quorum": 3, "threshold_percent": 80}
    return Shape(**(told | more))


def a_programme(**more):
    told = {
        "id": PROGRAMME,
        "code": "example",
        "name": "Projekt (przykład)",
        "audience": ("has", "may_have"),
        "supervision": a_shape(),
        "training": a_shape(meetings=1),
        "targets": (Target(indicator="groups_formed", value=180),),
        "areas": (WARSAW,),
    }
    return Programme(**(told | more))


def a_group(*, taken=0, **more):
    told = {
        "id": uuid4(),
        "programme_id": PROGRAMME,
        "name": "Grupa (przykład)",
        "track": "supervision",
        "audience": "workers",
        "minimum": 2,
        "maximum": 3,
        "terc": "1465011",
        "zone": "city",
        "area": "1465011",
        "cohort": "october_2022",
        "offer_validity_seconds": 60,
    }
    group = Group(**(told | more))
    for _ in range(taken):
        an_application(group)
    return group


def an_applicant(**more):
    told = {"person_id": uuid4(), "audience": "workers", "zone": "city", "centre_id": uuid4(), "contact": "has"}
    return Applicant(**(told | more))


def an_application(group, applicant=None, *, on=DAY) -> Application:
    return seats.receive(group, uuid4(), applicant or an_applicant(), a_programme(), on=on)[0]


def a_certificate(kind="social_work", valid_from=date(2020, 1, 1), valid_to=None):
    return Certificate(uuid4(), kind, valid_from, valid_to)


def a_supervisor(*certificates, ties=()):
    return Supervisor(uuid4(), "contract", certificates or (a_certificate(),), tuple(ties))


def a_tie(kind="employment", since=date(2019, 1, 1), until=None, *, centre_id=None, person_id=None):
    return Tie(uuid4(), kind, since, until, centre_id, person_id)


def a_member(*, social_worker=False, centre_id=None, since=DAY):
    return Member(uuid4(), centre_id or uuid4(), social_worker, since)


def types(events):
    return [type(event).__name__ for event in events]
