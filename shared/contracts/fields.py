"""The class of each field of an event, and the bounded texts that an event may carry.

`public` may reach partners, `internal` stays on internal topics, `personal` may be on no topic at all.
"""

from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from msgspec import Meta

T = TypeVar("T")

Public = Annotated[T, Meta(extra_json_schema={"x-class": "public"})]
Internal = Annotated[T, Meta(extra_json_schema={"x-class": "internal"})]
Personal = Annotated[T, Meta(extra_json_schema={"x-class": "personal"})]

PersonId = Annotated[UUID, Meta(extra_json_schema={"x-class": "internal"})]
"""A person of the platform, as in a token's `sub`; who that is, enrollment alone knows."""

Name = Annotated[str, Meta(min_length=1, max_length=200, extra_json_schema={"x-class": "public"})]
"""What a thing is called: a programme, a centre, a title, an issue. Never a person."""

Code = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,59}$", max_length=60, extra_json_schema={"x-class": "public"})]
"""A value of a list that may grow: a theme, a method, a practice. Consumers accept codes that they do not know."""

Ground = Annotated[
    str, Meta(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)*$", max_length=60, extra_json_schema={"x-class": "public"})
]
"""The rule that an answer rests on: `reg-2016.3.2`, `std.1.4`, `programme.audience`."""

Terc = Annotated[str, Meta(pattern="^[0-9]{4}([0-9]{3})?$", max_length=7, extra_json_schema={"x-class": "public"})]
"""A code of the TERC register: seven digits for a commune or a Warsaw district, four for a county."""

Moment = Annotated[datetime, Meta(tz=True, extra_json_schema={"x-class": "public"})]
"""A point in time with its zone."""
