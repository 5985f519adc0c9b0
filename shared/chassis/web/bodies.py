"""The shapes that requests and answers share: bodies, recorded dates, pages of lists."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Generic, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

T = TypeVar("T")

WARSAW = ZoneInfo("Europe/Warsaw")


class Body(BaseModel):
    """What a client sends: a field that we do not know is an error, not a typing mistake that goes unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class View(BaseModel):
    """What a client is answered."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Created(View):
    """The identity of what was made."""

    id: UUID


def today() -> date:
    """Today's date in Poland."""
    return datetime.now(WARSAW).date()


def _not_in_the_future(day: date) -> date:
    if day > today():
        raise PydanticCustomError("in_the_future", "the date must not be in the future")
    return day


RecordedDate = Annotated[date, AfterValidator(_not_in_the_future)]
"""A day on which something happened: history is recorded, so never in the future."""


class Page(View, Generic[T]):
    """A part of a list; `next` is the `after` of the next part, None at the end."""

    items: list[T]
    next: UUID | None = None


class Slice(NamedTuple):
    """Which part of a list was asked for; read one row more than `limit` to know whether there is a next part."""

    limit: int
    after: UUID | None


async def _slice(limit: Annotated[int, Query(ge=1, le=200)] = 50, after: UUID | None = None) -> Slice:
    return Slice(limit, after)


Paging = Annotated[Slice, Depends(_slice)]


def page(rows: Sequence[T], paging: Slice) -> Page[T]:
    """The page of up to `limit` rows, from `limit + 1` rows that are sorted by id; each row has an `id`."""
    items = list(rows[: paging.limit])
    return Page(items=items, next=items[-1].id if len(rows) > paging.limit else None)  # type: ignore[attr-defined]  # rows have ids
