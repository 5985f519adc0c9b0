"""Scripted scenes in supervision groups: every gate refuses at least once, and the group goes on afterwards."""

import asyncio
from datetime import timedelta

from superwizja.demo import supervision
from superwizja.demo.calendar import days_after, days_before
from superwizja.demo.cast import Supervisor, Worker
from superwizja.demo.client import NotInTime, NotRefused, Refusal
from superwizja.demo.plan import LAST_SEAT, SupervisionGroup
from superwizja.demo.play import Play
from superwizja.demo.sizes import MEETINGS

TIE = "reg-2016.4.1"
CERTIFICATES = ("std.1.1", "std.1.2")


async def the_last_seat(play: Play, group: SupervisionGroup) -> None:
    """Twenty people ask for one group's last seat at the same moment; whoever got it may have no second one."""
    first, others = group.maximum - 1, group.applicants[group.maximum - 1 :]
    for worker in group.applicants[:first]:
        await supervision.apply(play, group, worker)
    outcomes = await asyncio.gather(*(supervision.apply(play, group, worker) for worker in others[:LAST_SEAT]))
    if sorted(outcomes) != ["seated", *["waitlisted"] * (LAST_SEAT - 1)]:
        raise NotRefused(f"the last seat: {outcomes}")
    play.scene("last_seat")
    for worker in others[LAST_SEAT:]:
        await supervision.apply(play, group, worker)
    other = next(one for one in play.plan.groups if one is not group)
    body = {"submitted_on": group.begins.isoformat()}
    seated = group.seated[0].me
    path = f"groups/{other.id}/applications"
    await play.platform.refused(seated, "enrollment", path, body, status=409, code="seat-already-held")
    play.scene("one_seat")
    await supervision.form(play, group)
    await supervision.sign(play, group)
    for ordinal in range(1, MEETINGS + 1):
        await supervision.hold(play, group, ordinal)
    await _threshold(play, group)


async def _threshold(play: Play, group: SupervisionGroup) -> None:
    """Who missed three sessions of ten has no certificate; who came to all has one."""

    def of_cycle(answer: dict[str, list[dict[str, str]]]) -> bool:
        return any(item["of_id"] == group.id for item in answer["items"])

    await play.platform.until(group.seated[0].me, "trainings", "certificates", of_cycle)
    if of_cycle(await play.platform.read(group.seated[1].me, "trainings", "certificates")):
        raise NotRefused(f"a certificate below the threshold, group {group.number}")
    play.scene("threshold")


async def the_gates(play: Play, group: SupervisionGroup) -> None:
    """Too few people, nobody to lead, people who may not lead, and a contract that one member has not signed."""
    formed = {"formed_on": days_before(group.begins, 4).isoformat(), "starts_on": group.begins.isoformat()}
    formation = f"groups/{group.id}/formation"
    coordinator, platform = play.coordinator, play.platform
    for worker in group.applicants[:4]:
        await supervision.apply(play, group, worker)
    await platform.refused(coordinator, "enrollment", formation, formed, status=409, code="group-too-small")
    play.scene("below_minimum")
    for worker in group.applicants[4:]:
        await supervision.apply(play, group, worker)
    await platform.refused(coordinator, "enrollment", formation, formed, status=409, code="group-without-leader")
    play.scene("no_leader")
    await _who_may_not_lead(play, group)
    await supervision.form(play, group)
    await _someone_elses(play, group)
    absent_minded = group.seated[-1]
    await supervision.sign(play, group, but=absent_minded)
    await supervision.hold(play, group, 1)
    second = f"cycles/{group.id}/sessions/2/start"
    body = {"held_on": group.meeting(2).isoformat()}
    await platform.refused(group.leader.me, "sessions", second, body, status=409, code="contract-unsigned")
    play.scene("unsigned")
    signed_on = days_before(group.meeting(2), 1).isoformat()
    path = f"cycles/{group.id}/contract/signatures"
    await play.sessions(absent_minded.me, path, signed_on=signed_on, form="electronic")
    for ordinal in range(2, MEETINGS + 1):
        await supervision.hold(play, group, ordinal)


async def _who_may_not_lead(play: Play, group: SupervisionGroup) -> None:
    """Somebody whom a member's centre employs, and somebody without a certificate: refused, and on record."""
    since = days_before(group.begins, 4)
    numbers = (len(play.plan.supervisors) + 1, len(play.plan.supervisors) + 2)
    tied, uncertified = (Supervisor(number) for number in numbers)
    for one in (tied, uncertified):
        one.id = (await play.enrollment(play.office, "supervisors", **one.body))["id"]
    certificates = f"supervisors/{tied.id}/certificates"
    await play.enrollment(play.office, certificates, certificate="social_work", valid_from="2018-01-01")
    member = group.seated[0]
    centre = next(centre for centre in play.plan.centres if member in centre.workers)
    ties = f"supervisors/{tied.id}/ties"
    await play.enrollment(play.office, ties, kind="employment", centre_id=centre.id, since="2019-01-01")
    for one, grounds, name in ((tied, (TIE,), "tie"), (uncertified, CERTIFICATES, "certificate")):
        answer = await play.enrollment(
            play.coordinator,
            f"groups/{group.id}/leaders",
            supervisor_id=one.id,
            leads_as="leader",
            since=since.isoformat(),
        )
        if answer["outcome"] != "refused" or answer["ground"] not in grounds:
            raise NotRefused(f"{name}: {answer}")
        play.scene(name)


async def _someone_elses(play: Play, group: SupervisionGroup) -> None:
    """A participant is no coordinator, and another supervisor's group is not there."""
    body = {"formed_on": group.begins.isoformat(), "starts_on": group.begins.isoformat()}
    path = f"groups/{group.id}/formation"
    await play.platform.refused(group.seated[0].me, "enrollment", path, body, status=403, code="wrong-role")
    play.scene("wrong_role")
    stranger = next(one for one in play.plan.supervisors if one not in (group.leader, group.co_leader))
    start = f"cycles/{group.id}/sessions/1/start"
    held = {"held_on": group.begins.isoformat()}
    await play.platform.refused(stranger.me, "sessions", start, held, status=404, code="cycle-not-found")
    play.scene("not_theirs")
    tomorrow = {"held_on": (days_after(group.begins, 0) + timedelta(days=36500)).isoformat()}
    await play.platform.refused(group.leader.me, "sessions", start, tomorrow, status=422, code="invalid-fields")
    play.scene("future")


async def a_freed_seat(play: Play, group: SupervisionGroup) -> None:
    """Somebody withdraws: the first who is offered the seat lets the offer expire, another accepts."""
    for worker in group.applicants:
        await supervision.apply(play, group, worker)
    leaves = group.seated.pop()
    path = f"groups/{group.id}/applications"
    withdrawal = f"{path}/{group.applications[leaves]}/withdrawal"
    day = group.begins.replace(day=8).isoformat()
    await play.enrollment(leaves.me, withdrawal, withdrawn_on=day)
    waiting = {application: worker for worker, application in group.waiting}
    slow = await _offered(play, group, waiting, but=set())
    expired = {slow}
    while True:
        quick = await _offered(play, group, waiting, but=expired)
        try:
            accepted = {"accepted_on": day}
            await play.platform.command(
                waiting[quick].me, "enrollment", f"{path}/{quick}/acceptance", accepted, urgent=True
            )
        except Refusal:
            expired.add(quick)
        else:
            break
    play.scene("offer_accepted")
    late = f"{path}/{slow}/acceptance"
    try:
        answer = await play.enrollment(waiting[slow].me, late, accepted_on=day)
    except Refusal as refusal:
        if refusal.status != 409:
            raise NotRefused(f"an expired offer: {refusal}") from refusal
    else:
        raise NotRefused(f"an expired offer: {answer}")
    play.scene("offer_expired")
    group.seated.append(waiting[quick])
    await supervision.form(play, group)
    await supervision.sign(play, group)
    for ordinal in range(1, MEETINGS + 1):
        await supervision.hold(play, group, ordinal)


async def _offered(play: Play, group: SupervisionGroup, waiting: dict[str, Worker], *, but: set[str]) -> str:
    """The application that is offered the seat now, other than these. Raises NotInTime."""
    deadline = asyncio.get_running_loop().time() + 30
    while asyncio.get_running_loop().time() < deadline:
        path = f"groups/{group.id}/applications?limit=200"
        found = await play.platform.read(play.coordinator, "enrollment", path, urgent=True)
        offered = [one["id"] for one in found["items"] if one["status"] == "offered" and one["id"] not in but]
        if offered:
            offer: str = offered[0]
            return offer
        await asyncio.sleep(0.15)
    raise NotInTime(f"no offer to one of {len(waiting)} who wait in group {group.number}")


async def somebody_is_forgotten(play: Play, group: SupervisionGroup) -> None:
    """A member cannot be erased while the group goes on; whom the programme is not for can, and is nobody then."""
    await supervision.play_group(play, group, meetings=1)
    erased_on = {"erased_on": days_after(group.meeting(1), 1).isoformat()}
    member, nobody = group.seated[0], group.ineligible
    assert nobody is not None
    path = f"workers/{member.id}/erasure"
    await play.platform.refused(play.office, "enrollment", path, erased_on, status=409, code="still-takes-part")
    play.scene("still_takes_part")
    await play.enrollment(play.office, f"workers/{nobody.id}/erasure", **erased_on)
    again = {"submitted_on": group.begins.isoformat()}
    path = f"groups/{group.id}/applications"
    await play.platform.refused(nobody.me, "enrollment", path, again, status=404, code="person-not-found")
    play.scene("erasure")
    for ordinal in range(2, MEETINGS + 1):
        await supervision.hold(play, group, ordinal)
