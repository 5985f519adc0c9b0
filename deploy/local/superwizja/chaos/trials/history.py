"""A made-up history of real kinds of events, as long as one likes: sound for whoever folds it, silent for who acts.

Its groups are of the training track and its cycles are groups that no event tells of, so that no service begins
anything of its own because of it.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts import enrollment, publications, sessions, trainings
from contracts.event import Event

from superwizja.chaos.trials.outboxes import Row, row

Told = tuple[str, UUID, Event]
"""An event with its service and its aggregate's id."""

WARSAW, LODZ = "1465011", "1061011"
FIRST = date(2022, 10, 5)
SHAPE = enrollment.Shape(minimum=3, maximum=5, meetings=3, minutes=120, quorum=2, threshold_percent=80)
MEMBERS, MEETINGS = 5, 3


def opening(programme: UUID, number: int) -> list[Told]:
    """A programme with a priority area and targets."""
    area = enrollment.PriorityArea(name="Warszawa", city=WARSAW, reason="migration")
    targets = (enrollment.Target(indicator="sessions_completed", value=1800),)
    opened = enrollment.ProgrammeOpened(
        programme_id=programme,
        code=f"historia_{number}",
        name=f"Projekt z historią {number} (dane przykładowe)",
        starts_on=FIRST,
        supervision=SHAPE,
        training=SHAPE,
        targets=targets,
        areas=(area,),
    )
    return [("enrollment", programme, opened)]


def chapter(rng: random.Random) -> Iterator[Told]:
    """One group that is trained, and one cycle of supervision, from the beginning to the end."""
    people = [uuid4() for _ in range(MEMBERS)]
    on = FIRST + timedelta(days=rng.randrange(600))
    yield from _trained(people, on, rng)
    yield from _supervised(people, on, rng)
    article = uuid4()
    received = publications.SubmissionReceived(
        article_id=article, issue_id=uuid4(), kind="experience", source="free", submitted_on=on
    )
    yield "publications", article, received


def _trained(people: list[UUID], on: date, rng: random.Random) -> Iterator[Told]:
    group, title, run = uuid4(), uuid4(), uuid4()
    place = enrollment.Place(terc=WARSAW, zone="city", area=WARSAW)
    if rng.random() < 0.3:
        place = enrollment.Place(terc=LODZ, zone="elsewhere")
    yield (
        "enrollment",
        group,
        enrollment.GroupOpened(
            group_id=group,
            name="Grupa z historii (dane przykładowe)",
            track="training",
            audience="workers",
            minimum=SHAPE.minimum,
            maximum=SHAPE.maximum,
            place=place,
            cohort="first",
        ),
    )
    for number, person in enumerate([*people, uuid4()]):
        ids: dict[str, Any] = {"group_id": group, "application_id": uuid4(), "person_id": person}
        yield "enrollment", group, enrollment.ApplicationSubmitted(**ids, submitted_on=on)
        yield "enrollment", group, enrollment.ApplicationDecided(**ids, outcome="eligible")
        if number < MEMBERS:
            yield "enrollment", group, enrollment.ParticipantEnrolled(**ids, track="training", enrolled_on=on)
        else:
            yield "enrollment", group, enrollment.ParticipantWaitlisted(**ids, zone="city")
    yield (
        "enrollment",
        group,
        enrollment.GroupFormed(
            group_id=group,
            name="Grupa z historii (dane przykładowe)",
            track="training",
            audience="workers",
            place=place,
            cohort="first",
            formed_on=on,
            starts_on=on,
            shape=SHAPE,
            members=tuple(people),
            leaders=(uuid4(),),
        ),
    )
    developed = trainings.TitleDeveloped(
        title_id=title, name="Szkolenie z historii", audience="workers", developed_on=on
    )
    yield "trainings", title, developed
    yield (
        "trainings",
        run,
        trainings.RunCompleted(
            run_id=run,
            title_id=title,
            group_id=group,
            audience="workers",
            held_on=on,
            minutes=240,
            threshold_percent=80,
            trainers=(uuid4(),),
            attendance=tuple(sessions.MinutesAttended(person_id=each, minutes=240) for each in people),
        ),
    )


def _supervised(people: list[UUID], on: date, rng: random.Random) -> Iterator[Told]:
    cycle, conclusion = uuid4(), uuid4()
    for number, person in enumerate(people, start=1):
        signed = sessions.ContractSigned(
            cycle_id=cycle, person_id=person, contract_version=1, signed_on=on, form="paper", unsigned=MEMBERS - number
        )
        yield "sessions", cycle, signed
    for ordinal in range(1, MEETINGS + 1):
        session, held_on = uuid4(), on + timedelta(days=30 * ordinal)
        attendance = tuple(
            sessions.Attendance(person_id=each, status="attended" if there else "absent", minutes=120 * there)
            for each, there in ((each, rng.random() < 0.9) for each in people)
        )
        yield (
            "sessions",
            cycle,
            sessions.SessionCompleted(
                cycle_id=cycle,
                session_id=session,
                ordinal=ordinal,
                held_on=held_on,
                minutes=120,
                leaders=(uuid4(),),
                attendance=attendance,
            ),
        )
    corrected = sessions.AttendanceCorrected(
        cycle_id=cycle,
        session_id=session,
        person_id=people[0],
        held_on=held_on,
        corrected_on=held_on,
        status="attended",
        minutes=90,
        previous_minutes=attendance[0].minutes,
    )
    yield "sessions", cycle, corrected
    drawn = sessions.ConclusionRecorded(cycle_id=cycle, conclusion_id=conclusion, recorded_on=on, awaiting=MEMBERS)
    yield "sessions", cycle, drawn
    ground = "reg-2016.3.3"
    withheld = sessions.ConclusionWithheld(cycle_id=cycle, conclusion_id=conclusion, withheld_on=on, ground=ground)
    yield "sessions", cycle, withheld


def numbered(told: Iterable[Told]) -> Iterator[tuple[str, UUID, int, Event]]:
    """Events with their services, keys and versions: each aggregate's from 1 on."""
    versions: Counter[tuple[str, UUID]] = Counter()
    for service, key, event in told:
        versions[service, key] += 1
        yield service, key, versions[service, key], event


def rows(told: Iterable[Told], programme: UUID) -> Iterator[tuple[str, Row]]:
    """Events as rows of their services' outboxes."""
    for service, key, version, event in numbered(told):
        yield service, row(event, key, version, programme)
