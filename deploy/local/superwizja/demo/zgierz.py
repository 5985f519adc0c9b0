"""Zgierz: supervision that one centre commissioned for its own workers, within a programme of revitalisation."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from superwizja.demo.cast import Centre, Supervisor, Worker
from superwizja.demo.conclusions import consent, record
from superwizja.demo.places import ZGIERZ, communes
from superwizja.demo.play import Play
from superwizja.demo.programmes import ZGIERZ_SHAPE, system_project, zgierz

BEGINS = date(2023, 2, 6)
MEETINGS, MINUTES = ZGIERZ_SHAPE["meetings"], ZGIERZ_SHAPE["minutes"]
PEOPLE = 11
FIRST_NUMBER = 9001
DYSFUNCTIONS = ("mental_illness", "neglect_in_upbringing", "alcohol", "violence", "several_dysfunctions")


@dataclass(eq=False)
class Group:
    """The one group of the programme."""

    id: str
    leader: Supervisor
    co_leader: Supervisor
    members: list[Worker] = field(default_factory=list)


async def play_zgierz(play: Play) -> None:
    """The whole programme: one centre, one group, one conclusion of the whole course."""
    place = next(commune for commune in communes() if commune.code == ZGIERZ)
    centre = Centre(place, joins=True)
    centre.id = (await play.enrollment(play.office, "centres", **centre.body))["id"]
    parent = await play.enrollment(play.office, "programmes", **system_project(play.suffix))
    opened = zgierz(parent_id=parent["id"], commissioner_id=centre.id, suffix=play.suffix)
    play.zgierz = (await play.enrollment(play.office, "programmes", **opened))["id"]
    invitations = f"programmes/{play.zgierz}/invitations"
    await play.enrollment(play.office, invitations, centre_id=centre.id)
    answer = f"{invitations}/{centre.id}/answer"
    await play.enrollment(centre.manager, answer, answer="joined", answered_on="2023-01-09")
    group = await _group(play, centre)
    for ordinal in range(1, MEETINGS + 1):
        await _session(play, group, ordinal)
    await _conclude(play, group)


async def _group(play: Play, centre: Centre) -> Group:
    """The centre's workers apply, two supervisors lead, the group forms and signs on paper."""
    numbers = range(FIRST_NUMBER, FIRST_NUMBER + PEOPLE)
    workers = [Worker(number, "none", number % 4 > 0, "social_worker") for number in numbers]
    ids = await play.enrollment(centre.manager, f"centres/{centre.id}/workers", workers=[one.body for one in workers])
    for worker, worker_id in zip(workers, ids["ids"], strict=True):
        worker.id = worker_id
    leaders = [Supervisor(901), Supervisor(902)]
    for one in leaders:
        one.id = (await play.enrollment(play.office, "supervisors", **one.body))["id"]
        certificates = f"supervisors/{one.id}/certificates"
        await play.enrollment(play.office, certificates, certificate="social_work", valid_from="2016-03-01")
    made = await play.enrollment(
        play.office,
        "groups",
        programme_id=play.zgierz,
        name="Grupa superwizyjna MOPS Zgierz (dane przykładowe)",
        track="supervision",
        centre_id=centre.id,
        terc=ZGIERZ,
        cohort="tura_2023_02",
    )
    group = Group(made["id"], leader=leaders[0], co_leader=leaders[1], members=workers)
    path = f"groups/{group.id}"
    for worker in workers:
        await play.enrollment(worker.me, f"{path}/applications", submitted_on="2023-01-16")
    since = "2023-01-30"
    for one, leads_as in ((group.leader, "leader"), (group.co_leader, "co_leader")):
        body = {"supervisor_id": one.id, "leads_as": leads_as, "since": since}
        await play.enrollment(play.office, f"{path}/leaders", **body)
    await play.enrollment(play.office, f"{path}/formation", formed_on=since, starts_on=BEGINS.isoformat())
    await play.cycles.planned(play.office, play.zgierz, group.id)
    people = [one.id for one in workers] + [one.id for one in leaders]
    signatures = f"cycles/{group.id}/contract/signatures"
    await play.sessions(group.leader.me, signatures, signed_on=BEGINS.isoformat(), form="paper", people=people)
    return group


async def _session(play: Play, group: Group, ordinal: int) -> None:
    """A session with the social contract method and elements of Balint groups; some are led by two."""
    path = f"cycles/{group.id}/sessions/{ordinal}"
    leaders = [group.leader.id, *([group.co_leader.id] if ordinal in (2, 5, 7) else [])]
    held_on = (BEGINS + timedelta(weeks=2 * (ordinal - 1))).isoformat()
    await play.sessions(group.leader.me, f"{path}/start", held_on=held_on, leaders=leaders)
    away = group.members[ordinal % PEOPLE]
    roster = [
        {"person_id": one.id, "status": "excused", "minutes": 0}
        if one is away
        else {"person_id": one.id, "status": "attended", "minutes": MINUTES}
        for one in group.members
    ]
    await play.sessions(
        group.leader.me,
        f"{path}/completion",
        minutes=MINUTES,
        attendance=roster,
        themes=[DYSFUNCTIONS[ordinal % 5], DYSFUNCTIONS[(ordinal + 2) % 5]],
        methods=["social_contract", "balint_elements"],
        case_rounds=2,
    )
    play.stages.advance("sessions")


async def _conclude(play: Play, group: Group) -> None:
    """Individual work had dominated; there is value in alliances, teams, and meetings with the families."""
    on = BEGINS + timedelta(weeks=2 * MEETINGS)
    recommended = ["alliances", "interdisciplinary_teams", "family_meetings"]
    conclusion = await record(play, group.leader.me, group.id, None, on, ["individual_work"], recommended)
    people = [one.id for one in group.members]
    outcome = await consent(play, group.leader.me, group.id, conclusion, on, people=people)
    if outcome != "released":
        raise AssertionError(f"the conclusion of the course: {outcome}")
    play.stages.advance("conclusions")
