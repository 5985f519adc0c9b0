"""A supervision group from its opening to its last session."""

from datetime import date
from typing import Any

from superwizja.demo.calendar import days_after, days_before
from superwizja.demo.cast import Supervisor, Worker
from superwizja.demo.conclusions import conclude
from superwizja.demo.plan import SupervisionGroup
from superwizja.demo.play import Play
from superwizja.demo.sizes import MEETINGS, MINUTES

THEMES = (
    "war_trauma",
    "loss_and_grief",
    "family_separation",
    "children_adapting",
    "language_barrier",
    "cultural_differences",
    "housing",
    "work_and_income",
    "legal_status",
    "workload",
    "helplessness",
    "boundaries",
    "cooperation",
    "prejudice",
    "several_dysfunctions",
    "violence",
)
METHODS = ("social_contract", "balint_elements", "other")


async def open_group(play: Play, group: SupervisionGroup) -> None:
    """The group takes applications."""
    made = await play.enrollment(
        play.coordinator,
        "groups",
        programme_id=play.programme,
        name=f"Grupa superwizyjna {group.number + 1:03d} – {group.place.name} (dane przykładowe)",
        track="supervision",
        maximum=group.maximum,
        terc=group.place.code,
        cohort=group.cohort,
    )
    group.id = made["id"]


async def apply(play: Play, group: SupervisionGroup, worker: Worker) -> str:
    """One person asks for a seat; what became of it."""
    submitted_on = group.begins.replace(day=1 + worker.number % 5).isoformat()
    answer = await play.enrollment(worker.me, f"groups/{group.id}/applications", submitted_on=submitted_on)
    outcome: str = answer["outcome"]
    group.applications[worker] = answer["id"]
    if outcome == "seated":
        group.seated.append(worker)
    elif outcome == "waitlisted":
        group.waiting.append((worker, answer["id"]))
    play.stages.advance("seats")
    return outcome


async def assign(play: Play, group: SupervisionGroup, supervisor: Supervisor, leads_as: str, since: date) -> None:
    """Somebody leads the group, through the gates."""
    path = f"groups/{group.id}/leaders"
    body = {"supervisor_id": supervisor.id, "leads_as": leads_as, "since": since.isoformat()}
    answer = await play.enrollment(play.coordinator, path, **body)
    if answer["outcome"] != "assigned":
        raise AssertionError(f"{leads_as} of group {group.number}: {answer}")


async def form(play: Play, group: SupervisionGroup) -> None:
    """The group forms, and its cycle is planned."""
    formed_on = days_before(group.begins, 4)
    await assign(play, group, group.leader, "leader", formed_on)
    if group.co_leader:
        await assign(play, group, group.co_leader, "co_leader", formed_on)
    await play.enrollment(
        play.coordinator,
        f"groups/{group.id}/formation",
        formed_on=formed_on.isoformat(),
        starts_on=group.begins.isoformat(),
    )
    await play.cycles.planned(play.coordinator, play.programme, group.id)


async def sign(play: Play, group: SupervisionGroup, *, but: Worker | None = None) -> None:
    """Everybody signs the contract at the first meeting: for themselves, or on paper that the leader records."""
    path = f"cycles/{group.id}/contract/signatures"
    on = group.begins.isoformat()
    members = [worker for worker in group.seated if worker is not but]
    leaders = [group.leader, *([group.co_leader] if group.co_leader else [])]
    if group.electronic:
        for one in [*(worker.me for worker in members), *(leader.me for leader in leaders)]:
            left = await play.sessions(one, path, signed_on=on, form="electronic")
    else:
        people = [worker.id for worker in members] + [leader.id for leader in leaders]
        left = await play.sessions(group.leader.me, path, signed_on=on, form="paper", people=people)
    if left["unsigned"] != (but is not None):
        raise AssertionError(f"group {group.number}: {left}")


async def start(play: Play, group: SupervisionGroup, ordinal: int, on: date) -> None:
    """A session begins; every third one of a group with a co-leader is led by both."""
    body: dict[str, Any] = {"held_on": on.isoformat(), "venue": group.place.code}
    if group.co_leader and ordinal % 3 == 1:
        body["leaders"] = [group.leader.id, group.co_leader.id]
    await play.sessions(group.leader.me, f"cycles/{group.id}/sessions/{ordinal}/start", **body)


async def complete(play: Play, group: SupervisionGroup, ordinal: int, roster: list[dict[str, Any]]) -> str:
    """A session ends with its roster; whether it counts."""
    rng = group.rng
    answer = await play.sessions(
        group.leader.me,
        f"cycles/{group.id}/sessions/{ordinal}/completion",
        minutes=MINUTES,
        attendance=roster,
        themes=sorted(rng.sample(THEMES, rng.randint(1, 3))),
        methods=sorted(rng.sample(METHODS, rng.randint(1, 2))),
        case_rounds=rng.randint(1, 3),
    )
    outcome: str = answer["outcome"]
    return outcome


def roster_of(group: SupervisionGroup, ordinal: int) -> list[dict[str, Any]]:
    """Who came: most all the time, some for a part, some not. The second member misses three of ten sessions."""
    roster: list[dict[str, Any]] = []
    for place, worker in enumerate(group.seated):
        drawn = group.rng.random()
        status, minutes = "attended", MINUTES
        if place == 1:
            status, minutes = ("absent", 0) if ordinal in (3, 5, 8) else ("attended", MINUTES)
        elif place > 3 and drawn < 0.05:
            status, minutes = "partly_attended", group.rng.choice((60, 120, 180, 240))
        elif place > 3 and drawn < 0.09:
            status, minutes = "excused", 0
        elif place > 3 and drawn < 0.12:
            status, minutes = "absent", 0
        roster.append({"person_id": worker.id, "status": status, "minutes": minutes})
    return roster


def too_few(group: SupervisionGroup) -> list[dict[str, Any]]:
    """A day on which only two came."""
    return [
        {"person_id": worker.id, "status": "attended", "minutes": MINUTES}
        if place < 2
        else {"person_id": worker.id, "status": "excused", "minutes": 0}
        for place, worker in enumerate(group.seated)
    ]


async def hold(play: Play, group: SupervisionGroup, ordinal: int) -> None:
    """One session, with what may come between its planned day and its end."""
    path = f"cycles/{group.id}/sessions/{ordinal}"
    on = group.meeting(ordinal)
    drawn = group.rng.random()
    if drawn < 0.03:
        on = days_after(on, 7)
        await play.sessions(group.leader.me, f"{path}/rescheduling", planned_on=on.isoformat())
    elif drawn < 0.06:
        on = days_after(on, 9)
        await play.sessions(group.leader.me, f"{path}/postponement", planned_on=on.isoformat())
    elif drawn < 0.075:
        await start(play, group, ordinal, on)
        await play.sessions(group.leader.me, f"{path}/cancellation")
        on = days_after(on, 6)
    elif drawn < 0.1:
        await start(play, group, ordinal, on)
        if await complete(play, group, ordinal, too_few(group)) != "inquorate":
            raise AssertionError(f"group {group.number}: two people were a quorum")
        on = days_after(on, 8)
    await start(play, group, ordinal, on)
    roster = roster_of(group, ordinal)
    if await complete(play, group, ordinal, roster) != "completed":
        raise AssertionError(f"group {group.number}: session {ordinal} was inquorate")
    play.stages.advance("sessions")
    if group.number % play.plan.size.conclusions_every == 0 and ordinal in (2, 6, MEETINGS):
        await conclude(play, group, ordinal, on, roster)
    elif drawn > 0.985:
        await _correct(play, group, ordinal, on, roster)


async def _correct(play: Play, group: SupervisionGroup, ordinal: int, on: date, roster: list[dict[str, Any]]) -> None:
    """The roster was wrong about somebody who was there."""
    wrong = roster[0]
    body = {"person_id": wrong["person_id"], "status": "partly_attended", "minutes": MINUTES - 60}
    path = f"cycles/{group.id}/sessions/{ordinal}/corrections"
    await play.sessions(group.leader.me, path, **body, corrected_on=days_after(on, 3).isoformat())


async def play_group(play: Play, group: SupervisionGroup, *, meetings: int = MEETINGS) -> None:
    """A group that was opened, as far as its meeting of that number, without the scenes that a few groups have."""
    for worker in group.applicants:
        await apply(play, group, worker)
    if group.ineligible:
        if await apply(play, group, group.ineligible) != "ineligible":
            raise AssertionError(f"group {group.number} took somebody whom the programme is not for")
        if "audience" not in play.scenes:
            play.scene("audience")
    await form(play, group)
    await sign(play, group)
    for ordinal in range(1, meetings + 1):
        await hold(play, group, ordinal)
