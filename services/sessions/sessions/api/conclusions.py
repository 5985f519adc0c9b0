"""Conclusions and consents over HTTP."""

from typing import Annotated, Literal, Self
from uuid import UUID

from chassis.web import Body, Created, Db, RecordedDate, View, problems, router_for
from pydantic import Field, model_validator

from sessions import queries, use_cases
from sessions.api.contract import only_on_paper
from sessions.api.fields import (
    People,
    PracticeBefore,
    PracticeRecommended,
    Reader,
    Signatory,
    Supervisor,
    TextVersion,
)
from sessions.domain.conclusion import Conclusion
from sessions.views import Conclusions

router = router_for("sessions")
PATH = "/v1/cycles/{cycle_id}/conclusions"


class Concluded(Body):
    """What a session led to, in codes; without an ordinal, what the whole course led to."""

    ordinal: Annotated[int, Field(ge=1, le=1000)] | None = None
    recorded_on: RecordedDate
    practice_before: Annotated[tuple[PracticeBefore, ...], Field(max_length=20)] = ()
    practice_recommended: Annotated[tuple[PracticeRecommended, ...], Field(max_length=20)] = ()


class Consented(Body):
    """A consent or a refusal: the caller's, or that of `people`, on paper, recorded by a leader."""

    given: bool
    given_on: RecordedDate
    form: Literal["paper", "electronic"]
    text_version: TextVersion
    people: People | None = None

    @model_validator(mode="after")
    def others_consent_on_paper(self) -> Self:
        """Nobody consents electronically for somebody else."""
        if self.people and self.form != "paper":
            raise only_on_paper()
        return self


class Revoked(Body):
    """When a consent was taken back."""

    revoked_on: RecordedDate


class Consent(View):
    """What became of the conclusion: everyone's consent releases it, one refusal or withdrawal withholds it."""

    outcome: Literal["awaiting", "released", "withheld"]

    @classmethod
    def of(cls, conclusion: Conclusion) -> "Consent":
        """The outcome of a conclusion as it is now."""
        return cls(outcome="withheld" if conclusion.status == "revoked" else conclusion.status)


@router.post(PATH, status_code=201, responses=problems(403, 404, 409))
async def record_conclusion(cycle_id: UUID, body: Concluded, db: Db, who: Supervisor) -> Created:
    """Record a conclusion, which awaits the consent of everyone who took part."""
    conclusion_id = await use_cases.record_conclusion(
        db,
        cycle_id,
        body.ordinal,
        on=body.recorded_on,
        practice_before=body.practice_before,
        practice_recommended=body.practice_recommended,
        by=who,
    )
    return Created(id=conclusion_id)


@router.get(PATH, responses=problems(403, 404))
async def list_conclusions(cycle_id: UUID, db: Db, who: Reader) -> Conclusions:
    """The conclusions of a cycle, and who is asked for consent."""
    return await queries.conclusions(db, cycle_id, who)


@router.post(f"{PATH}/{{conclusion_id}}/consents", responses=problems(403, 404, 409))
async def consent(cycle_id: UUID, conclusion_id: UUID, body: Consented, db: Db, who: Signatory) -> Consent:
    """Consent to a conclusion leaving the group, or refuse it."""
    conclusion = await use_cases.consent(
        db,
        cycle_id,
        conclusion_id,
        body.people,
        given=body.given,
        on=body.given_on,
        form=body.form,
        text_version=body.text_version,
        by=who,
    )
    return Consent.of(conclusion)


@router.post(f"{PATH}/{{conclusion_id}}/consents/revocation", responses=problems(403, 404, 409))
async def revoke_consent(cycle_id: UUID, conclusion_id: UUID, body: Revoked, db: Db, who: Signatory) -> Consent:
    """Take one's consent back, until an issue has locked the conclusion."""
    conclusion = await use_cases.revoke_consent(db, cycle_id, conclusion_id, on=body.revoked_on, by=who)
    return Consent.of(conclusion)
