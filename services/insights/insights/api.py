"""Figures over HTTP: for coordinators, operators and partners, who see numbers and never a person."""

from typing import Annotated
from uuid import UUID

from chassis.web import Db, Person, caller, problems, router_for
from fastapi import Depends, Request

from insights import queries
from insights.readers import READERS, may_read
from insights.ticker import Latest, Ticker

router = router_for("insights")
Reader = Annotated[Person, Depends(caller(*READERS))]


@router.get("/v1/programmes", responses=problems(403))
async def list_programmes(db: Db, who: Reader) -> list[queries.Programme]:
    """Every programme that insights has heard of and the caller may read."""
    return [each for each in await queries.programmes(db) if may_read(who, each.id)]


@router.get("/v1/figures/{programme_id}", responses=problems(403, 404))
async def show_figures(programme_id: UUID, db: Db, who: Reader) -> queries.Figures:
    """What a programme adds up to, from events only."""
    return await queries.figures(db, _readable(who, programme_id))


@router.get("/v1/indicators/{programme_id}", responses=problems(403, 404))
async def show_indicators(programme_id: UUID, db: Db, who: Reader) -> queries.Indicators:
    """A programme's figures against its targets, by month and by city."""
    return await queries.indicators(db, _readable(who, programme_id))


@router.get("/v1/latest", responses=problems(403))
async def list_latest(request: Request, who: Reader) -> list[Latest]:
    """The latest events on the topics, the newest first, with their public fields only."""
    ticker: Ticker = request.app.state.ticker
    return ticker.latest(*(each for each in ticker.events if may_read(who, each)))


def _readable(who: Person, programme_id: UUID) -> UUID:
    """Raises ProgrammeNotFound for a programme that the caller may not read."""
    if not may_read(who, programme_id):
        raise queries.ProgrammeNotFound
    return programme_id
