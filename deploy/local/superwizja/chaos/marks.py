"""The names that the load plants, made to be found again, and every place of a platform where they lie."""

import asyncio
import mmap
import re
from collections.abc import AsyncIterator
from pathlib import Path

from superwizja.runtime import Runtime
from superwizja.verify.sources import Database, databases

MARK = re.compile(rb"Uczestniczka \d{5,}|uczestnictwo\d{5,}@example\.org|\+486\d{8}")
SIEVE = ["%Uczestniczka %", "%uczestnictwo%", "%+486%"]
"""What a planted name, address and number look like, and what every row with one holds."""

CONTACTS = "enrollment public.person"
"""The one place where they belong."""

COLUMNS = """
    SELECT format('%I.%I', nspname, relname) AS table, string_agg(format(
        CASE WHEN atttypid = 'bytea'::regtype THEN 'encode(%I, ''escape'')' ELSE '%I::text' END, attname), ', ') AS row
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relkind = 'r' AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
        AND attnum > 0 AND NOT attisdropped
    GROUP BY nspname, relname
    UNION SELECT 'pg_stats', 'tablename, attname, most_common_vals::text, histogram_bounds::text'
"""
"""Every table, and what PostgreSQL keeps of their values to plan by."""


def somebody(number: int) -> dict[str, str]:
    """The name and contacts of the person of this number, who is made up; three marks, of nobody else."""
    return {
        "name": f"Uczestniczka {number:05d} (osoba zmyślona)",
        "email": f"uczestnictwo{number:05d}@example.org",
        "phone": f"+48{600_000_000 + number}",
    }


def marks_in(text: bytes | mmap.mmap) -> set[str]:
    """The marks in a text of whatever kind."""
    return {found.group().decode() for found in MARK.finditer(text)}


async def places(runtime: Runtime) -> dict[str, set[str]]:
    """Where marks lie, by place: every table of every database, every segment of Kafka, every log."""
    found = {
        f"{service} {table}": marks
        for service, database in databases(runtime).items()
        async for table, marks in _in_tables(database)
    }
    for file in sorted(runtime.folder.rglob("*.log*")):
        if marks := await asyncio.to_thread(_in_file, file):
            found[str(file.relative_to(runtime.folder))] = marks
    return found


async def _in_tables(database: Database) -> AsyncIterator[tuple[str, set[str]]]:
    async with database:
        for each in await database.rows(COLUMNS):
            row = f"concat_ws(' ', {each['row']})"
            statement = f"SELECT {row} AS row FROM {each['table']} WHERE {row} LIKE ANY ($1)"  # noqa: S608 - quoted names
            rows = await database.rows(statement, SIEVE)
            if marks := set().union(*(marks_in(one["row"].encode()) for one in rows)):
                yield each["table"], marks


def _in_file(file: Path) -> set[str]:
    """The marks in a file; Kafka may delete a segment, and a log may be empty."""
    try:
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return marks_in(content)
    except (FileNotFoundError, ValueError):
        return set()
