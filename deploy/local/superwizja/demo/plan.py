"""The script's data: which groups, with whom, when. The same seed gives the same plan."""

import random
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from superwizja.demo.calendar import FIRST, month
from superwizja.demo.cast import PROFESSIONS, Centre, Supervisor, Worker
from superwizja.demo.places import Commune, areas, elsewhere
from superwizja.demo.sizes import Size

SEED = 20221001
ORDER = (
    "1465011",
    "0663011",
    "1863011",
    "1261011",
    "2469011",
    "0264011",
    "3064011",
    "1465011",
    "2262011",
    "2264011",
    "2261011",
    "2061011",
    "1061011",
    "1261011",
    "",
)
"""Where each next group meets: Warszawa and Kraków twice as often as the other cities, one of fifteen elsewhere."""

LAST_SEAT = 20
"""How many people ask for the first group's last seat at the same moment."""

ERASURE, GATES, OFFERS = 2, 3, 5
"""Groups with a scene: somebody is erased; forming, leading and the contract are refused; a seat becomes free."""


@dataclass(eq=False)
class SupervisionGroup:
    """A supervision group of the programme; `applicants` are in the order in which they apply."""

    number: int
    place: Commune
    maximum: int
    begins: date
    leader: Supervisor
    co_leader: Supervisor | None
    applicants: list[Worker]
    ineligible: Worker | None
    rng: random.Random
    id: str = ""
    seated: list[Worker] = field(default_factory=list)
    waiting: list[tuple[Worker, str]] = field(default_factory=list)
    applications: dict[Worker, str] = field(default_factory=dict)

    @property
    def cohort(self) -> str:
        """The group's cohort: the month in which it begins."""
        return f"tura_{self.begins:%Y_%m}"

    @property
    def electronic(self) -> bool:
        """Whether its members sign for themselves; elsewhere the leader records what they signed on paper."""
        return self.number % 4 == 0

    def meeting(self, ordinal: int) -> date:
        """The planned day of a meeting."""
        return month(self.begins, ordinal - 1)


@dataclass(eq=False)
class TrainingGroup:
    """A training group with the titles that it is taught, each on its day."""

    number: int
    place: Commune
    maximum: int
    begins: date
    trainer: Supervisor
    applicants: list[Worker]
    supervisors: list[Supervisor]
    titles: list[int]
    rng: random.Random
    id: str = ""


@dataclass(eq=False)
class Plan:
    """Everything that the size asks for."""

    size: Size
    centres: list[Centre]
    supervisors: list[Supervisor]
    groups: list[SupervisionGroup]
    training_groups: list[TrainingGroup]
    supervisor_groups: list[TrainingGroup]
    developed: list[date]

    @property
    def workers(self) -> list[Worker]:
        """Everybody whom centres enrol."""
        return [worker for centre in self.centres for worker in centre.workers]


class _Hiring:
    """Makes workers in the centres of an area: half of them in its city, the rest around it."""

    def __init__(self, centres: list[Centre], rng: random.Random) -> None:
        self.rng = rng
        self.numbers = count(1)
        self.by_area: dict[str, list[Centre]] = {}
        for centre in centres:
            if centre.joins:
                self.by_area.setdefault(centre.place.area, []).append(centre)

    def worker(self, area: str, *, contact: str | None = None) -> Worker:
        centres = self.by_area[area]
        centre = centres[0] if area and self.rng.random() < 0.3 else self.rng.choice(centres)
        number = next(self.numbers)
        worker = Worker(
            number=number,
            contact=contact or self.rng.choice(("has", "has", "may_have")),
            social_worker=self.rng.random() < 0.55,
            profession=PROFESSIONS[0],
        )
        worker.profession = PROFESSIONS[0] if worker.social_worker else self.rng.choice(PROFESSIONS[1:])
        centre.workers.append(worker)
        return worker


def make(size: Size, seed: int = SEED) -> Plan:
    """The plan of a size."""
    rng = random.Random(seed)
    centres = _centres(size)
    hiring = _Hiring(centres, rng)
    supervisors = [Supervisor(number) for number in range(1, size.supervisors + 1)]
    groups = [_group(size, number, hiring, supervisors, rng) for number in range(size.groups)]
    groups[0].applicants += [hiring.worker(groups[0].place.area) for _ in range(LAST_SEAT)]
    groups[OFFERS].applicants += [hiring.worker(groups[OFFERS].place.area) for _ in range(2)]
    developed = [month(FIRST.replace(day=5 + number % 20), number * 12 // size.titles) for number in range(size.titles)]
    eligible = [worker for centre in centres for worker in centre.workers if worker.contact != "none"]
    rng.shuffle(eligible)
    trained = [_training(size, number, eligible, supervisors, rng) for number in range(size.training_groups)]
    own = [_of_supervisors(size, number, supervisors, rng) for number in range(size.supervisor_groups)]
    return Plan(size, centres, supervisors, groups, trained, own, developed)


def _centres(size: Size) -> list[Centre]:
    """Most in and around the priority cities; the cities themselves join, some of the others decline."""
    invited = [place for places in areas().values() for place in places[: size.communes_per_area]]
    invited += elsewhere()[: size.communes_elsewhere]
    return [
        Centre(place, joins=place.code == place.area or place.kind == "dzielnica" or number % 7 != 3)
        for number, place in enumerate(invited)
    ]


def _group(
    size: Size, number: int, hiring: _Hiring, supervisors: list[Supervisor], rng: random.Random
) -> SupervisionGroup:
    area = ORDER[number % len(ORDER)]
    maximum = 8 + number % 5
    places = [centre.place for centre in hiring.by_area[area]]
    cohort = number * size.cohorts // size.groups
    others = size.waiting[number % len(size.waiting)]
    return SupervisionGroup(
        number=number,
        place=places[0] if rng.random() < 0.6 and area else rng.choice(places),
        maximum=maximum,
        begins=month(FIRST.replace(day=rng.randint(15, 28)), cohort),
        leader=supervisors[number % size.supervisors],
        co_leader=supervisors[(number + 1) % size.supervisors] if number % 6 == 1 else None,
        applicants=[hiring.worker(area) for _ in range(maximum + others)],
        ineligible=hiring.worker(area, contact="none") if number % 6 == 2 else None,
        rng=random.Random(rng.random()),
    )


def _training(
    size: Size, number: int, eligible: list[Worker], supervisors: list[Supervisor], rng: random.Random
) -> TrainingGroup:
    area = ORDER[number % len(ORDER)]
    maximum = 8 + number % 4
    people = [eligible.pop() for _ in range(maximum + number % 3)]
    begins = month(FIRST.replace(day=rng.randint(1, 28)), 1 + number * 24 // size.training_groups)
    by_then = max(1, size.titles * min(12, (begins.year - 2022) * 12 + begins.month - 10) // 12)
    first = number % by_then
    titles = [first] if number % 3 else sorted({first, (first + 1) % by_then})
    return TrainingGroup(
        number=number,
        place=areas()[area][0] if area else elsewhere()[number % 3],
        maximum=maximum,
        begins=begins,
        trainer=supervisors[(number * 7) % size.supervisors],
        applicants=people,
        supervisors=[],
        titles=titles,
        rng=random.Random(rng.random()),
    )


def _of_supervisors(size: Size, number: int, supervisors: list[Supervisor], rng: random.Random) -> TrainingGroup:
    share = supervisors[number :: size.supervisor_groups]
    return TrainingGroup(
        number=number,
        place=areas()[ORDER[number]][0],
        maximum=15,
        begins=month(FIRST.replace(day=20), 1 + 2 * number),
        trainer=supervisors[(number + 1) % len(supervisors)],
        applicants=[],
        supervisors=share[:15],
        titles=list(range(size.supervisor_titles)),
        rng=random.Random(rng.random()),
    )
