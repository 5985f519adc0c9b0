"""Topics arrive in any order against each other: each service ends with the same facts, whatever came first."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pytest
from chassis.consuming import Record
from chassis.service import Service
from chassis.testing import Harness, migrated, running
from contracts.cloudevents import headers_of
from superwizja.runtime import Runtime
from superwizja.verify.evidence import Evidence
from superwizja.verify.history import first_tellings
from superwizja.verify.sources import Read

from .conftest import Played, evidence_of

NewDatabase = Callable[[str, Callable[[str], None]], str]

KEPT: Mapping[str, tuple[str, ...]] = {
    "insights": (),
    "sessions": (
        "SELECT id, programme_id, status, name, formed_on, minutes, quorum FROM cycle ORDER BY id",
        "SELECT c.id, m->>'person_id' AS person, m->>'since' AS since FROM cycle c, jsonb_array_elements(c.members) m"
        " ORDER BY 1, 2",
        "SELECT cycle_id, ordinal, planned_on FROM session ORDER BY 1, 2",
    ),
    "trainings": (
        "SELECT * FROM training_group ORDER BY group_id",
        "SELECT * FROM member ORDER BY group_id, person_id",
        "SELECT * FROM session_attended ORDER BY session_id, person_id",
        "SELECT * FROM session_theme ORDER BY session_id, code",
        "SELECT id, person_id, of_id, minutes, revoked_on FROM certificate ORDER BY id",
    ),
    "publications": (
        "SELECT * FROM programme ORDER BY id",
        "SELECT * FROM lead ORDER BY source_id",
        "SELECT * FROM subscriber ORDER BY programme_id, id",
        "SELECT * FROM conclusion ORDER BY id",
    ),
    "enrollment": (
        "SELECT * FROM attended ORDER BY source_id, person_id",
        "SELECT id, recipients FROM delivery ORDER BY id",
    ),
}
"""What of each service's database comes from other services' events alone, and without ids or times of its own."""


@pytest.fixture(scope="module")
async def evidence(runtime: Runtime, played: Played) -> Evidence:
    return await evidence_of(runtime)


@pytest.mark.parametrize("name", KEPT)
async def test_random_interleavings_of_the_topics_give_the_same_facts(
    evidence: Evidence, new_database: NewDatabase, name: str
) -> None:
    service: Service = import_module(f"{name}.main").service
    in_order = await _told_to(service, new_database, evidence, None)
    assert any(in_order.values())
    for seed in (1, 2):
        shuffled = await _told_to(service, new_database, evidence, seed)
        for what, rows in in_order.items():
            assert [row for row in shuffled[what] if row not in rows] == [], f"{what}, seed {seed}"
            assert len(shuffled[what]) == len(rows), f"{what}, seed {seed}"


async def _told_to(
    service: Service, new_database: NewDatabase, evidence: Evidence, seed: int | None
) -> dict[str, list[Any]]:
    """What a fresh service knows after the whole history, in the order of the topics or in a random one."""
    async with running(service, new_database(service.name, migrated(service))) as harness:
        inbox = harness.inboxes[0]
        reads = [read for read in first_tellings(evidence.records) if read.topic in inbox.consumer.topics and read.own]
        rng = random.Random(seed)
        ordered = reads if seed is None else _interleaved(reads, rng)
        while ordered:
            size = rng.randint(1, 300)
            await inbox.take([_record(harness, read) for read in ordered[:size]])
            ordered = ordered[size:]
        assert await harness.count("parked") == 0
        if service.name == "insights":
            return {"figures": await _figures(harness, evidence)}
        return {statement: [dict(row) for row in await harness.sql(statement)] for statement in KEPT[service.name]}


def _interleaved(reads: list[Read], rng: random.Random) -> list[Read]:
    """Each topic's keys in their own order, everything else at random."""
    queues: dict[object, list[Read]] = defaultdict(list)
    for read in reads:
        assert read.envelope is not None
        queues[read.topic, read.envelope.key].append(read)
    turns = [key for key, queue in queues.items() for _ in queue]
    rng.shuffle(turns)
    positions = dict.fromkeys(queues, 0)
    ordered = []
    for key in turns:
        ordered.append(queues[key][positions[key]])
        positions[key] += 1
    return ordered


def _record(harness: Harness, read: Read) -> Record:
    assert read.envelope is not None
    headers = headers_of(read.envelope, source=read.topic.removesuffix(".events"), schema="urn:superwizja:schema:any")
    return harness.inboxes[0].consumer.read(read.topic, headers, read.body)


async def _figures(harness: Harness, evidence: Evidence) -> list[Any]:
    """What insights says of each programme."""
    async with harness.client("operator") as client:
        answers = [await client.get(f"/v1/figures/{programme}") for programme in evidence.programmes]
        assert {answer.status_code for answer in answers} == {200}
        return [answer.json() for answer in answers]
