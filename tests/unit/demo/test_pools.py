"""Sources that one part of the script leaves for another."""

import asyncio
from datetime import date

from superwizja.demo.client import Persona
from superwizja.demo.pools import Pool, Source

AUTHOR = Persona("author", "somebody")


def a_source(name: str, day: int) -> Source:
    return Source(name, date(2022, 11, day), AUTHOR)


async def test_who_takes_waits_until_there_are_enough_of_that_day() -> None:
    pool: Pool[Source] = Pool()
    taking = asyncio.create_task(pool.take(2, by=date(2022, 11, 10)))
    await pool.put(a_source("late", 20))
    await pool.put(a_source("first", 1))
    assert not taking.done()
    await pool.put(a_source("second", 10))
    assert [source.id for source in await taking] == ["first", "second"]
    assert [source.id for source in await pool.take(1, by=date.max)] == ["late"]


async def test_a_closed_pool_gives_what_it_has() -> None:
    pool: Pool[Source] = Pool()
    await pool.put(a_source("only", 1))
    taking = asyncio.create_task(pool.take(3, by=date.max))
    await pool.close()
    assert [source.id for source in await taking] == ["only"]
