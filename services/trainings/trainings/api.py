"""Commands and reads over HTTP: parse, authorise, one use case, answer."""

from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.web import Body, Created, Db, Page, Paging, Person, RecordedDate, caller, problems, router_for
from contracts.enrollment import Audience
from contracts.event import Role
from fastapi import Depends
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from trainings import queries, use_cases
from trainings.domain.certificates import BELOW_THRESHOLD
from trainings.domain.runs import Attended, RunNotFound
from trainings.domain.titles import NeedBasis, NeedKind

router = router_for("trainings")

READERS: tuple[Role, ...] = (
    "coordinator",
    "trainer",
    "supervisor",
    "participant",
    "editor",
    "reviewer",
    "author",
)
NEED_READERS: tuple[Role, ...] = ("coordinator", "trainer", "editor")
RUN_READERS: tuple[Role, ...] = ("coordinator", "trainer")
ATTENDEES: tuple[Role, ...] = ("coordinator", "participant", "supervisor", "trainer")
FIGURE_READERS: tuple[Role, ...] = ("coordinator", "operator", "partner")

Coordinator = Annotated[Person, Depends(caller("coordinator"))]
Trainer = Annotated[Person, Depends(caller("trainer"))]
CoordinatorOrTrainer = Annotated[Person, Depends(caller(*RUN_READERS))]
Reader = Annotated[Person, Depends(caller(*READERS))]
NeedReader = Annotated[Person, Depends(caller(*NEED_READERS))]
Attendee = Annotated[Person, Depends(caller(*ATTENDEES))]
FigureReader = Annotated[Person, Depends(caller(*FIGURE_READERS))]

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]
Code = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,59}$")]
Minutes = Annotated[int, Field(ge=1, le=10_000)]


class TitleBody(Body):
    """A training to be developed."""

    programme_id: UUID
    name: Name
    audience: Audience


class NeedBody(Body):
    """What a title answers, as a code."""

    kind: NeedKind
    code: Code
    basis: NeedBasis


class DevelopmentBody(Body):
    """When the syllabus was there."""

    developed_on: RecordedDate


class PublicationBody(Body):
    """When the title was announced."""

    published_on: RecordedDate


class SupersessionBody(Body):
    """Which title takes its place."""

    by_title_id: UUID


class RunBody(Body):
    """A title for a group, with who teaches it."""

    title_id: UUID
    group_id: UUID
    planned_on: date
    minutes: Minutes
    trainers: Annotated[list[UUID], Field(min_length=1, max_length=10)]


class StartBody(Body):
    """When a run took place."""

    held_on: RecordedDate


class AttendedBody(Body):
    """How long one person was there, in minutes; 0 for who did not come."""

    person_id: UUID
    minutes: Annotated[int, Field(ge=0, le=10_000)]


class RunCompletionBody(Body):
    """How long a run took and who was there."""

    minutes: Minutes
    attendance: Annotated[list[AttendedBody], Field(max_length=500)]


class CancellationBody(Body):
    """Nothing more to say."""


def _not_a_corrections(reason: str) -> str:
    """A correction's own reason: what it revoked another correction restores, what a coordinator revoked none does."""
    if reason == BELOW_THRESHOLD:
        raise PydanticCustomError(
            "reason_of_corrections",
            "{en}",
            {
                "pl": "Ten powód zapisują tylko korekty obecności.",
                "en": "Only corrections of attendance record this reason.",
            },
        )
    return reason


class RevocationBody(Body):
    """Why and since when a certificate does not hold."""

    reason: Annotated[Code, AfterValidator(_not_a_corrections)]
    revoked_on: RecordedDate


@router.post("/v1/titles", status_code=201, responses=problems(403, 404))
async def open_title(body: TitleBody, db: Db, who: Coordinator) -> Created:
    """Begin to develop a training."""
    return Created(id=await use_cases.open_title(db, body.programme_id, body.name, body.audience, by=who))


@router.post("/v1/titles/{title_id}/needs", responses=problems(403, 404, 409))
async def tie_title(title_id: UUID, body: NeedBody, db: Db, who: Coordinator) -> queries.TitleView:
    """Tie a title to a need that it answers; the same need again takes the new basis."""
    await use_cases.tie_title(db, title_id, body.kind, body.code, body.basis, by=who)
    return await queries.the_title(db, title_id)


@router.post("/v1/titles/{title_id}/development", responses=problems(403, 404, 409))
async def develop_title(title_id: UUID, body: DevelopmentBody, db: Db, who: Coordinator) -> queries.TitleView:
    """Record that a title is developed: it may be run."""
    await use_cases.develop_title(db, title_id, on=body.developed_on, by=who)
    return await queries.the_title(db, title_id)


@router.post("/v1/titles/{title_id}/publication", responses=problems(403, 404, 409))
async def publish_title(title_id: UUID, body: PublicationBody, db: Db, who: Coordinator) -> queries.TitleView:
    """Announce a title that answers a worker's need and a family problem."""
    await use_cases.publish_title(db, title_id, on=body.published_on, by=who)
    return await queries.the_title(db, title_id)


@router.post("/v1/titles/{title_id}/supersession", responses=problems(403, 404, 409))
async def supersede_title(title_id: UUID, body: SupersessionBody, db: Db, who: Coordinator) -> queries.TitleView:
    """Let another title take a title's place."""
    await use_cases.supersede_title(db, title_id, body.by_title_id, by=who)
    return await queries.the_title(db, title_id)


@router.get("/v1/titles", responses=problems(403, 404))
async def list_titles(programme_id: UUID, db: Db, who: Reader, paging: Paging) -> Page[queries.TitleView]:
    """A programme's titles with what they answer."""
    _within(programme_id, who, READERS)
    return await queries.titles(db, programme_id, paging)


@router.get("/v1/needs", responses=problems(403, 404))
async def list_needs(programme_id: UUID, db: Db, who: NeedReader) -> Page[queries.NeedCount]:
    """The needs that a programme's titles name and its sessions' themes show, all of them."""
    _within(programme_id, who, NEED_READERS)
    return await queries.needs(db, programme_id)


@router.post("/v1/runs", status_code=201, responses=problems(403, 404, 409))
async def schedule_run(body: RunBody, db: Db, who: Coordinator) -> Created:
    """Plan a developed title for a formed training group of its audience."""
    run_id = await use_cases.schedule_run(
        db, body.title_id, body.group_id, on=body.planned_on, minutes=body.minutes, trainers=body.trainers, by=who
    )
    return Created(id=run_id)


@router.post("/v1/runs/{run_id}/start", responses=problems(403, 404, 409))
async def start_run(run_id: UUID, body: StartBody, db: Db, who: Trainer) -> queries.RunView:
    """Begin a run; only a trainer of it may."""
    await use_cases.start_run(db, run_id, on=body.held_on, by=who)
    return await queries.the_run(db, run_id)


@router.post("/v1/runs/{run_id}/completion", responses=problems(403, 404, 409))
async def complete_run(run_id: UUID, body: RunCompletionBody, db: Db, who: Trainer) -> queries.RunView:
    """Close a run with its roster; only a trainer of it may. Certificates follow from the roster at once."""
    roster = [Attended(entry.person_id, entry.minutes) for entry in body.attendance]
    await use_cases.complete_run(db, run_id, roster, minutes=body.minutes, by=who)
    return await queries.the_run(db, run_id)


@router.post("/v1/runs/{run_id}/cancellation", responses=problems(403, 404, 409))
async def cancel_run(run_id: UUID, body: CancellationBody, db: Db, who: Coordinator) -> queries.RunView:
    """Call a run off."""
    await use_cases.cancel_run(db, run_id, by=who)
    return await queries.the_run(db, run_id)


@router.get("/v1/runs", responses=problems(403, 404))
async def list_runs(programme_id: UUID, db: Db, who: CoordinatorOrTrainer, paging: Paging) -> Page[queries.RunView]:
    """A programme's runs to its coordinator; to a trainer, those that they lead."""
    _within(programme_id, who, RUN_READERS)
    coordinates = who.holds("coordinator", programme=programme_id)
    return await queries.runs(db, programme_id, paging, led_by=None if coordinates else who.id)


@router.get("/v1/runs/{run_id}", responses=problems(403, 404))
async def read_run(run_id: UUID, db: Db, who: CoordinatorOrTrainer) -> queries.RunDetails:
    """A run with its roster, to its coordinator and its trainers."""
    found = await queries.the_run_with_roster(db, run_id)
    if who.id not in found.trainers and not who.holds("coordinator", programme=found.programme_id):
        raise RunNotFound
    return found


@router.get("/v1/certificates", responses=problems(403, 404))
async def list_certificates(
    db: Db, who: Attendee, paging: Paging, programme_id: UUID | None = None
) -> Page[queries.CertificateView]:
    """One's own certificates of attendance; to a coordinator who names a programme, all of the programme."""
    if programme_id is not None and who.role == "coordinator":
        _within(programme_id, who, ATTENDEES)
        if who.holds("coordinator", programme=programme_id):
            return await queries.certificates(db, paging, programme_id=programme_id)
    return await queries.certificates(db, paging, person_id=who.id, programme_id=programme_id)


@router.post("/v1/certificates/{certificate_id}/revocation", responses=problems(403, 404, 409))
async def revoke_certificate(
    certificate_id: UUID, body: RevocationBody, db: Db, who: Coordinator
) -> queries.CertificateView:
    """Declare a certificate invalid."""
    await use_cases.revoke_certificate(db, certificate_id, body.reason, on=body.revoked_on, by=who)
    return await queries.the_certificate(db, certificate_id)


@router.get("/v1/figures/{programme_id}", responses=problems(403, 404))
async def read_figures(programme_id: UUID, db: Db, who: FigureReader) -> queries.Figures:
    """What a programme's trainings add up to."""
    _within(programme_id, who, FIGURE_READERS)
    return await queries.figures(db, programme_id)


def _within(programme_id: UUID, who: Person, allowed: tuple[Role, ...]) -> None:
    """Raises ProgrammeNotFound unless one of the roles that the route lets in reaches the programme."""
    if not any(who.holds(role, programme=programme_id) for role in allowed):
        raise use_cases.ProgrammeNotFound
