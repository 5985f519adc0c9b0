"""What a programme adds up to, from enrollment's own tables."""

from typing import Annotated
from uuid import UUID

from chassis.web import Db, Person, caller, problems, router_for
from fastapi import Depends

from enrollment import queries
from enrollment.domain.programmes import ProgrammeNotFound
from enrollment.queries.figures import FiguresView

router = router_for("enrollment")
Counter = Annotated[Person, Depends(caller("coordinator", "operator", "partner"))]


@router.get("/v1/figures/{programme_id}", responses=problems(403, 404))
async def show_figures(programme_id: UUID, db: Db, who: Counter) -> FiguresView:
    """A programme's figures, by month and by ground of refusal."""
    if not any(who.holds(role, programme=programme_id) for role in ("coordinator", "operator", "partner")):
        raise ProgrammeNotFound
    await queries.programmes.the_programme(db, programme_id)
    return await queries.figures.figures(db, programme_id)
