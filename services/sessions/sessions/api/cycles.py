"""What can be read: cycles, codes, figures."""

from collections.abc import Mapping
from uuid import UUID

from chassis.web import Db, Page, Paging, problems, router_for

from sessions import queries
from sessions.api.fields import Counter, Reader
from sessions.domain.codes import METHODS, PRACTICES_BEFORE, PRACTICES_RECOMMENDED, THEMES, Label
from sessions.views import Codes, CodeView, CycleSummary, CycleView, Figures

router = router_for("sessions")


@router.get("/v1/cycles", responses=problems(403))
async def list_cycles(db: Db, who: Reader, paging: Paging, programme_id: UUID | None = None) -> Page[CycleSummary]:
    """The cycles of a coordinator's programmes; for others those that they lead or belong to."""
    return await queries.cycles(db, who, programme_id=programme_id, paging=paging)


@router.get("/v1/cycles/{cycle_id}", responses=problems(403, 404))
async def read_cycle(cycle_id: UUID, db: Db, who: Reader) -> CycleView:
    """A cycle for its coordinator, who leads it and who belongs to it."""
    return await queries.the_cycle(db, cycle_id, who)


@router.get("/v1/figures/{programme_id}", responses=problems(403, 404))
async def read_figures(programme_id: UUID, db: Db, who: Counter) -> Figures:
    """A programme in numbers."""
    return await queries.figures(db, programme_id, who)


@router.get("/v1/codes")
async def list_codes() -> Codes:
    """The themes, methods and practices that this service accepts, in both languages."""
    return Codes(
        themes=_listed(THEMES),
        methods=_listed(METHODS),
        practices_before=_listed(PRACTICES_BEFORE),
        practices_recommended=_listed(PRACTICES_RECOMMENDED),
    )


def _listed(codes: Mapping[str, Label]) -> list[CodeView]:
    return [CodeView(code=code, pl=label.pl, en=label.en) for code, label in codes.items()]
