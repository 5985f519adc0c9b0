"""The group's contract over HTTP: signatures and revisions."""

from typing import Literal, Self
from uuid import UUID

from chassis.web import Body, Db, RecordedDate, View, problems, router_for
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sessions import use_cases
from sessions.api.fields import People, Signatory, Supervisor

router = router_for("sessions")


class Signed(Body):
    """Signatures under the current contract: the caller's, or those of `people`, on paper, recorded by a leader."""

    signed_on: RecordedDate
    form: Literal["paper", "electronic"]
    people: People | None = None

    @model_validator(mode="after")
    def others_sign_on_paper(self) -> Self:
        """Nobody signs electronically for somebody else."""
        if self.people and self.form != "paper":
            raise only_on_paper()
        return self


class Unsigned(View):
    """How many people have yet to sign the current contract."""

    unsigned: int


class Revised(Body):
    """A new version of the contract."""

    revised_on: RecordedDate


def only_on_paper() -> PydanticCustomError:
    """What is wrong with an electronic signature that somebody else records."""
    told = {
        "pl": "Za inne osoby można zapisać tylko to, co podpisały na papierze.",
        "en": "Of other people only what they signed on paper can be recorded.",
    }
    return PydanticCustomError("only_on_paper", "only on paper", told)


@router.post("/v1/cycles/{cycle_id}/contract/signatures", responses=problems(403, 404, 409))
async def sign_contract(cycle_id: UUID, body: Signed, db: Db, who: Signatory) -> Unsigned:
    """Sign the group's contract, or record who signed it on paper."""
    unsigned = await use_cases.sign_contract(db, cycle_id, body.people, on=body.signed_on, form=body.form, by=who)
    return Unsigned(unsigned=unsigned)


@router.post("/v1/cycles/{cycle_id}/contract/revision", responses=problems(403, 404, 409))
async def revise_contract(cycle_id: UUID, body: Revised, db: Db, who: Supervisor) -> Unsigned:
    """Give the contract a new version, which everyone signs anew."""
    return Unsigned(unsigned=await use_cases.revise_contract(db, cycle_id, on=body.revised_on, by=who))
