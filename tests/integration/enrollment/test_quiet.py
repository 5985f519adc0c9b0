"""When a platform counts as quiet, as far as a service's database tells."""

from uuid import uuid4

import asyncpg
from superwizja.verify.quiet import IN_A_MOMENT
from superwizja.verify.sources import Database


async def test_an_offer_that_is_about_to_expire_is_still_under_way_and_one_of_another_day_is_not(fresh_database):
    for seconds in (-1, 5, 86_400):
        await due_in(fresh_database, seconds)
    async with Database(fresh_database) as database:
        assert await database.number(IN_A_MOMENT) == 2


async def due_in(url: str, seconds: int) -> None:
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    try:
        row = "INSERT INTO due (kind, subject, at) VALUES ('offer_expires', $1, now() + $2 * interval '1 second')"
        await connection.execute(row, uuid4(), seconds)
    finally:
        await connection.close()
