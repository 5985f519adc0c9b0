"""One programme from its opening to its figures, as its people would walk it."""

from uuid import UUID, uuid4

from contracts.enrollment import GroupFormed, MailingCounted
from contracts.publications import DeliveryRequested
from contracts.sessions import Attendance, CycleCompleted, SessionCompleted

from .steps import (
    DAY,
    LODZ,
    RADOM,
    ZGIERZ,
    a_centre,
    a_group,
    a_programme,
    a_supervisor,
    act,
    apply,
    assign,
    form,
    get,
    post,
    published,
    types,
    workers,
)


async def test_a_programme_from_its_opening_to_its_figures(enrollment):
    programme = await a_programme(enrollment)
    centre = await a_centre(enrollment)
    invitations = f"/v1/programmes/{programme}/invitations"
    await post(enrollment, "coordinator", invitations, {"centre_id": str(centre)}, 201)
    await post(enrollment, "coordinator", invitations, {"centre_id": str(centre)}, 409)
    answer = {"answer": "joined", "answered_on": DAY}
    await post(enrollment, "centre_manager", f"{invitations}/{centre}/answer", answer, 200, centre=centre)
    await post(enrollment, "centre_manager", f"{invitations}/{centre}/answer", answer, 409, centre=centre)

    supervisor = await a_supervisor(enrollment)
    group = await a_group(enrollment, programme, maximum=3)
    first, second, third = await workers(enrollment, 3, centre=centre, social_worker=True)
    (fourth,) = await workers(enrollment, 1, terc=RADOM)
    (fifth,) = await workers(enrollment, 1, terc=ZGIERZ)
    (outsider,) = await workers(enrollment, 1, contact="none")
    assert (await apply(enrollment, group, outsider)) | {"id": 0} == {
        "id": 0,
        "outcome": "ineligible",
        "ground": "programme.audience",
    }
    seats = {person: (await apply(enrollment, group, person))["id"] for person in (first, second, third)}
    late = {person: await apply(enrollment, group, person) for person in (fourth, fifth)}
    assert {one["outcome"] for one in late.values()} == {"waitlisted"}

    await form(enrollment, group, 409)
    assert await assign(enrollment, group, supervisor) == {"outcome": "assigned", "ground": None}
    await form(enrollment, group)
    (formed,) = await published(enrollment, GroupFormed)
    assert formed.members == tuple(sorted((first, second, third)))
    assert (formed.leaders, formed.place.zone, formed.shape.maximum) == ((supervisor,), "city", 3)

    # The surroundings come before elsewhere, whoever came first.
    await act(enrollment, group, seats[third], "withdrawal", third)
    own = await get(enrollment, "participant", "/v1/applications", person=fifth)
    assert [one["status"] for one in own["items"]] == ["offered"]
    await act(enrollment, group, late[fifth]["id"], "acceptance", fifth)

    attendance = tuple(
        Attendance(person_id=person, status="attended" if minutes else "absent", minutes=minutes)
        for person, minutes in ((first, 300), (second, 0), (fifth, 240))
    )
    await enrollment.deliver(
        SessionCompleted(
            cycle_id=group,
            session_id=uuid4(),
            ordinal=1,
            held_on=formed.starts_on,
            minutes=300,
            leaders=(supervisor,),
            attendance=attendance,
        ),
        CycleCompleted(
            cycle_id=group,
            completed_on=formed.starts_on,
            sessions=1,
            minutes=300,
            threshold_percent=80,
            attendance=(),
        ),
        DeliveryRequested(
            issue_id=uuid4(),
            delivery_id=uuid4(),
            issue="Numer (przykład)",
            url="/issues/example",
            people=(first, second, uuid4()),
            centres=(centre,),
        ),
        programme_id=programme,
    )
    (mailing,) = await published(enrollment, MailingCounted)
    assert (mailing.recipients, mailing.reachable) == (4, 2)

    figures = await get(enrollment, "partner", f"/v1/figures/{programme}", programme=programme)
    assert figures == {
        "figures": {
            "centres_invited": 1,
            "centres_joined": 1,
            "groups_formed": 1,
            "training_groups_formed": 0,
            "supervisor_training_groups_formed": 0,
            "groups_completed": 1,
            "applications": 6,
            "applications_waitlisted": 2,
            "applications_ineligible": 1,
            "seats_taken": 3,
            "people_enrolled": 4,
            "offers_made": 1,
            "offers_expired": 0,
            "withdrawals": 1,
            "hours_minutes": 540,
            "mail_recipients": 4,
        },
        "months": {"2022-10": {"groups_formed": 1}},
        "refusals": {"programme.audience": 1},
    }
    told = types(await enrollment.published(), "ApplicationSubmitted", "ApplicationDecided", "CentreRegistered")
    assert told == [
        "ProgrammeOpened",
        "CentreInvited",
        "CentreJoined",
        "SupervisorCertified",
        "GroupOpened",
        *["ParticipantEnrolled"] * 3,
        *["ParticipantWaitlisted"] * 2,
        "SupervisorAssigned",
        "GroupFormed",
        "ParticipantWithdrawn",
        "SeatOffered",
        "SeatAccepted",
        "ParticipantEnrolled",
        "GroupCompleted",
        "MailingCounted",
    ]


async def test_two_programmes_of_different_shapes_run_side_by_side(enrollment):
    centre = await a_centre(enrollment, ZGIERZ)
    whole = await a_programme(enrollment)
    bare = {"audience": [], "targets": [], "areas": [], "training": None}
    part = await a_programme(enrollment, **bare, parent_id=str(whole), commissioner_id=str(centre))
    shown = await get(enrollment, "participant", f"/v1/programmes/{part}")
    assert (shown["parent_id"], shown["commissioner_id"], shown["training"]) == (str(whole), str(centre), None)
    (person,) = await workers(enrollment, centre=centre, contact="none")
    assert (await apply(enrollment, await a_group(enrollment, part), person))["outcome"] == "seated"
    assert (await apply(enrollment, await a_group(enrollment, whole), person))["outcome"] == "ineligible"
    listed = await get(enrollment, "participant", "/v1/programmes?limit=1")
    assert (len(listed["items"]), listed["next"]) == (1, listed["items"][0]["id"])
    following = await get(enrollment, "participant", f"/v1/programmes?limit=1&after={listed['next']}")
    assert ([one["id"] for one in following["items"]], following["next"]) == ([str(part)], None)


async def test_targets_are_replaced(enrollment):
    programme = await a_programme(enrollment)
    targets = {"targets": [{"indicator": "sessions_completed", "value": 1800}]}
    shown = await post(enrollment, "coordinator", f"/v1/programmes/{programme}/targets", targets, 200)
    assert shown["targets"] == targets["targets"]
    assert types(await enrollment.published()) == ["ProgrammeOpened", "TargetsChanged"]


async def test_supervisors_take_trainings_of_their_own(enrollment):
    programme = await a_programme(enrollment)
    group = await a_group(enrollment, programme, track="training", audience="supervisors")
    supervisor = await a_supervisor(enrollment)
    assert (await apply(enrollment, group, supervisor, role="supervisor"))["outcome"] == "seated"
    (person,) = await workers(enrollment)
    assert (await apply(enrollment, group, person))["ground"] == "programme.audience"
    trainer = await a_supervisor(enrollment, "psychotherapy")
    assert (await assign(enrollment, group, trainer, leads_as="trainer"))["outcome"] == "assigned"


async def test_reads_of_groups_and_applications(enrollment):
    programme = await a_programme(enrollment)
    group = await a_group(enrollment, programme, terc=ZGIERZ)
    await a_group(enrollment, programme, track="training")
    (person,) = await workers(enrollment)
    made = await apply(enrollment, group, person)
    path = f"/v1/groups?programme_id={programme}&track=supervision&status=forming"
    (listed,) = (await get(enrollment, "participant", path))["items"]
    assert (listed["id"], listed["seats_taken"], listed["zone"], listed["area"]) == (
        str(group),
        1,
        "surroundings",
        LODZ,
    )
    assert "conflicts" not in await get(enrollment, "participant", f"/v1/groups/{group}")
    assert (await get(enrollment, "coordinator", f"/v1/groups/{group}"))["conflicts"] == []
    (shown,) = (await get(enrollment, "coordinator", f"/v1/groups/{group}/applications"))["items"]
    assert (shown["id"], shown["person_id"], shown["status"]) == (made["id"], str(person), "seated")
    assert UUID(shown["programme_id"]) == programme
