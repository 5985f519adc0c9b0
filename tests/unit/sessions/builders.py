"""Groups and cycles as a test wants them: made up, with what it does not say filled in."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID, uuid4

from contracts.enrollment import GroupFormed, Place, Shape
from contracts.sessions import Attendance
from sessions.domain.cycle import Cycle
from sessions.domain.session import Held

PROGRAMME = UUID(int=1)
LEADER = UUID(int=2)
ANNA, BEATA, CELINA = (UUID(int=number) for number in (11, 12, 13))
FORMED = date(2022, 10, 3)
OCTOBER, NOVEMBER, DECEMBER = date(2022, 10, 12), date(2022, 11, 12), date(2022, 12, 12)


def a_group_formed(
    members: Sequence[UUID] = (ANNA, BEATA, CELINA), leaders: Sequence[UUID] = (LEADER,), **more: Any
) -> GroupFormed:
    shape: dict[str, Any] = {
        "minimum": 1,
        "maximum": 15,
        "meetings": 3,
        "minutes": 300,
        "quorum": 2,
        "threshold_percent": 80,
    }
    shape |= {name: more.pop(name) for name in (*shape, "rhythm") if name in more}
    told: dict[str, Any] = {
        "group_id": uuid4(),
        "name": "Grupa przykładowa",
        "track": "supervision",
        "audience": "workers",
        "place": Place(terc="1465011", zone="city", area="1465011"),
        "cohort": "october_2022",
        "formed_on": FORMED,
        "starts_on": OCTOBER,
    }
    return GroupFormed(members=tuple(members), leaders=tuple(leaders), shape=Shape(**shape), **(told | more))


def a_cycle(*, signed: bool = True, completed: int = 0, **group: Any) -> Cycle:
    formed = a_group_formed(**group)
    cycle = Cycle(id=formed.group_id, programme_id=None)
    cycle.plan(formed, PROGRAMME)
    if signed:
        cycle.sign([*formed.members, *formed.leaders], on=OCTOBER, form="paper", recorded_by=LEADER)
    for session in cycle.sessions[:completed]:
        cycle.start(session.ordinal, on=session.planned_on, leaders=[LEADER])
        cycle.complete(session.ordinal, held(cycle))
    return cycle


def a_row(person: UUID, minutes: int, length: int = 300) -> Attendance:
    status: Literal["attended", "partly_attended", "absent"]
    status = "attended" if minutes == length else "partly_attended" if minutes else "absent"
    return Attendance(person_id=person, status=status, minutes=minutes)


def a_roster(*minutes: int, people: Sequence[UUID] = (ANNA, BEATA, CELINA)) -> tuple[Attendance, ...]:
    return tuple(a_row(person, spent) for person, spent in zip(people, minutes, strict=False))


def held(cycle: Cycle, roster: tuple[Attendance, ...] | None = None, **more: Any) -> Held:
    everyone = tuple(a_row(member.person_id, 300) for member in cycle.members if member.until is None)
    told: dict[str, Any] = {"minutes": 300, "attendance": everyone if roster is None else roster}
    return Held(**(told | more))
