"""Titles, groups and courses as a test wants them: made up, with what it does not say filled in."""

from datetime import date
from uuid import UUID, uuid4

from contracts.enrollment import Audience
from trainings.domain.certificates import Course
from trainings.domain.runs import Run, TrainingGroup
from trainings.domain.titles import Title

PROGRAMME = UUID(int=1)


def a_title(*, needs: bool = True, developed_on: date | None = None, audience: Audience = "workers") -> Title:
    title = Title(id=uuid4(), programme_id=PROGRAMME, name="Rozmowa przez tłumacza (przykład)", audience=audience)
    if needs:
        title.tie("worker_need", "working_with_an_interpreter", "diagnosed")
        title.tie("family_problem", "language_barrier", "predicted")
    if developed_on:
        title.develop(developed_on)
    return title


def a_group(*, threshold_percent: int = 80, audience: Audience = "workers") -> TrainingGroup:
    return TrainingGroup(
        group_id=uuid4(),
        programme_id=PROGRAMME,
        audience=audience,
        threshold_percent=threshold_percent,
        formed_on=date(2023, 1, 10),
    )


def a_run(*, trainers: int = 1) -> tuple[Title, Run]:
    title = a_title(developed_on=date(2023, 1, 1))
    people = [uuid4() for _ in range(trainers)]
    run, _ = Run.scheduled(uuid4(), title, a_group(), on=date(2023, 2, 1), minutes=360, trainers=people)
    return title, run


def a_course(*, minutes: int = 3000, threshold_percent: int = 80) -> Course:
    cycle_id = uuid4()
    return Course("cycle", cycle_id, cycle_id, PROGRAMME, minutes, threshold_percent)
