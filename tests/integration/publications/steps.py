"""A made-up programme as the tests walk through it: what other services tell, and what people do over HTTP."""

from datetime import date
from typing import TypeVar
from uuid import UUID, uuid4

import msgspec
from chassis.testing import Harness
from contracts.enrollment import (
    CentreJoined,
    MailingCounted,
    ParticipantEnrolled,
    ParticipantErased,
    ParticipantWithdrawn,
    ProgrammeOpened,
)
from contracts.event import Event
from contracts.publications import DeliveryRequested, IssueFreezeRequested
from contracts.sessions import (
    Attendance,
    ConclusionConsentRevoked,
    ConclusionLocked,
    ConclusionLockRefused,
    ConclusionReleased,
    SessionCompleted,
)
from contracts.trainings import RunCompleted

E = TypeVar("E", bound=Event)

PROGRAMME = UUID("01900000-0000-7000-8000-000000000001")
OTHER_PROGRAMME = UUID("01900000-0000-7000-8000-000000000002")
DAY = "2023-01-10"
HELD = date(2022, 12, 5)
CONSENT = "reg-2016.3.3"


def a_programme(programme_id: UUID = PROGRAMME) -> ProgrammeOpened:
    return ProgrammeOpened(programme_id=programme_id, code="sample", name="Projekt (przykład)")


def a_session() -> SessionCompleted:
    roster = (Attendance(person_id=uuid4(), status="attended", minutes=300),)
    return SessionCompleted(
        cycle_id=uuid4(),
        session_id=uuid4(),
        ordinal=1,
        held_on=HELD,
        minutes=300,
        leaders=(uuid4(),),
        attendance=roster,
    )


def a_run() -> RunCompleted:
    return RunCompleted(
        run_id=uuid4(),
        title_id=uuid4(),
        group_id=uuid4(),
        audience="workers",
        held_on=HELD,
        minutes=360,
        threshold_percent=80,
        trainers=(uuid4(),),
        attendance=(),
    )


def a_conclusion(cycle_id: UUID | None = None) -> ConclusionReleased:
    return ConclusionReleased(cycle_id=cycle_id or uuid4(), conclusion_id=uuid4(), released_on=HELD)


def revoked(conclusion: ConclusionReleased) -> ConclusionConsentRevoked:
    return ConclusionConsentRevoked(
        cycle_id=conclusion.cycle_id,
        conclusion_id=conclusion.conclusion_id,
        person_id=uuid4(),
        revoked_on=HELD,
    )


def locked(conclusion: ConclusionReleased, issue_id: UUID) -> ConclusionLocked:
    return ConclusionLocked(
        cycle_id=conclusion.cycle_id, conclusion_id=conclusion.conclusion_id, issue_id=issue_id, issue="Numer"
    )


def lock_refused(conclusion: ConclusionReleased, issue_id: UUID) -> ConclusionLockRefused:
    return ConclusionLockRefused(
        cycle_id=conclusion.cycle_id, conclusion_id=conclusion.conclusion_id, issue_id=issue_id, ground=CONSENT
    )


def an_enrolment(person_id: UUID | None = None) -> ParticipantEnrolled:
    return ParticipantEnrolled(
        group_id=uuid4(),
        application_id=uuid4(),
        person_id=person_id or uuid4(),
        track="supervision",
        enrolled_on=HELD,
    )


def erased(person: UUID) -> ParticipantErased:
    return ParticipantErased(worker_id=person, erased_on=date(2023, 9, 1))


def withdrawn(enrolment: ParticipantEnrolled) -> ParticipantWithdrawn:
    return ParticipantWithdrawn(
        group_id=enrolment.group_id,
        application_id=enrolment.application_id,
        person_id=enrolment.person_id,
        had_seat=True,
        withdrawn_on=HELD,
    )


def a_centre() -> CentreJoined:
    return CentreJoined(programme_id=PROGRAMME, centre_id=uuid4(), terc="1465011")


def counted(request: DeliveryRequested, *, unreachable: int = 0) -> MailingCounted:
    number = len(request.people) + len(request.centres)
    return MailingCounted(
        issue_id=request.issue_id,
        delivery_id=request.delivery_id,
        recipients=number,
        reachable=number - unreachable,
    )


def a_text(**more: object) -> dict[str, object]:
    told: dict[str, object] = {
        "kind": "experience",
        "source": "free",
        "title": "Praca w grupie",
        "byline": "Autorka Zmyślona",
        "body": "Pierwszy akapit.\n\nDrugi akapit.",
        "submitted_on": DAY,
    }
    return told | more


def citing(conclusion: ConclusionReleased) -> dict[str, object]:
    return a_text(source="conclusion", source_id=str(conclusion.conclusion_id), kind="good_practice")


async def a_journal(h: Harness) -> UUID:
    async with h.client("editor") as editor:
        answer = await editor.post("/v1/journals", json={"name": "Zeszyty (przykład)"})
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])


def an_issue_body(journal_id: UUID, **more: object) -> dict[str, object]:
    told: dict[str, object] = {
        "programme_id": str(PROGRAMME),
        "journal_id": str(journal_id),
        "name": "Zima 2022",
        "year": 2022,
        "quarter": 4,
        "edition": "special",
    }
    return told | more


async def an_issue(h: Harness, **more: object) -> UUID:
    """An open issue of a journal of its own."""
    journal = await a_journal(h)
    async with h.client("editor") as editor:
        answer = await editor.post("/v1/issues", json=an_issue_body(journal, **more))
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])


async def an_article(h: Harness, issue_id: UUID, text: dict[str, object] | None = None, *, accept: bool = True) -> UUID:
    """A submission, accepted unless the test says otherwise."""
    async with h.client("author") as author:
        answer = await author.post(f"/v1/issues/{issue_id}/submissions", json=text or a_text())
        assert answer.status_code == 201, answer.text
        article_id = UUID(answer.json()["id"])
    if accept:
        async with h.client("editor") as editor:
            answer = await editor.post(f"/v1/articles/{article_id}/acceptance", json={"accepted_on": DAY})
            assert answer.status_code == 200, answer.text
    return article_id


async def command(h: Harness, issue_id: UUID, name: str, **body: object) -> int:
    """An editor's command about an issue; answers the status."""
    async with h.client("editor") as editor:
        return (await editor.post(f"/v1/issues/{issue_id}/{name}", json=body)).status_code


async def freeze(h: Harness, issue_id: UUID) -> None:
    assert await command(h, issue_id, "freeze") == 202


async def ask_for_publication(h: Harness, issue_id: UUID) -> None:
    assert await command(h, issue_id, "schedule", publish_on=DAY) == 200
    assert await command(h, issue_id, "publication", published_on=DAY) == 202


async def the_status(h: Harness, issue_id: UUID) -> str:
    async with h.client("partner") as reader:
        return str((await reader.get(f"/v1/issues/{issue_id}")).json()["status"])


async def articles_of(h: Harness, issue_id: UUID) -> dict[UUID, tuple[str, str | None]]:
    """Status and ground of each submission."""
    async with h.client("editor") as editor:
        items = (await editor.get("/v1/articles", params={"issue_id": str(issue_id)})).json()["items"]
        return {UUID(item["id"]): (item["status"], item["ground"]) for item in items}


async def all_of(h: Harness, *kinds: type[E], of: UUID | None = None) -> list[E]:
    """The events of these types, `of` one aggregate or of all."""
    rows = await h.sql(
        "SELECT type, body FROM outbox WHERE type = ANY(:types) AND (aggregate = :of OR CAST(:of AS uuid) IS NULL)"
        " ORDER BY position",
        types=[kind.type for kind in kinds],
        of=of,
    )
    return [msgspec.json.decode(row["body"], type=next(k for k in kinds if k.type == row["type"])) for row in rows]


async def asked_to_lock(h: Harness, issue_id: UUID) -> list[UUID]:
    requests = await all_of(h, IssueFreezeRequested, of=issue_id)
    return [asked.conclusion_id for event in requests for asked in event.conclusions]
