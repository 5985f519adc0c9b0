"""verify is seen to fail: what is damaged in a copy, or missing from what it compares, it names."""

import dataclasses
from collections.abc import Callable
from uuid import UUID

import asyncpg
import msgspec
import pytest
from contracts import enrollment, sessions
from contracts.event import Envelope
from superwizja.demo.ledger import Entry
from superwizja.runtime import Runtime
from superwizja.verify.checks import found_in
from superwizja.verify.evidence import Evidence, tables_of
from superwizja.verify.sources import Database, Read

from .conftest import Played, assert_all_hold, evidence_of


class Damaged(Database):
    """A copy of a database that nobody else sees: a transaction that damages, is looked at, and is rolled back."""

    def __init__(self, url: str, damage: str) -> None:
        super().__init__(url)
        self.damage = damage

    async def __aenter__(self) -> "Damaged":
        self.connection = await asyncpg.connect(self.url, server_settings={"search_path": "live, public"})
        self.transaction = self.connection.transaction()
        await self.transaction.start()
        await self.connection.execute(self.damage)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.transaction.rollback()
        await self.connection.close()


@pytest.fixture(scope="module")
async def sound(runtime: Runtime, played: Played) -> Evidence:
    """What verify finds of a platform on which everything is right."""
    evidence = await evidence_of(runtime)
    assert_all_hold({finding.name: finding for finding in found_in(evidence)})
    return evidence


def broken(evidence: Evidence) -> set[str]:
    """The names of the checks that do not hold."""
    return {finding.name for finding in found_in(evidence) if not finding.holds}


CITED = "SELECT id FROM conclusion WHERE status = 'released' AND jsonb_array_length(locks) > 0 LIMIT 1"

IN_A_DATABASE = {
    "a row of hours is deleted": (
        "enrollment",
        "DELETE FROM attended WHERE (source_id, person_id) ="
        " (SELECT source_id, person_id FROM attended WHERE source = 'session' LIMIT 1)",
        "attendance",
    ),
    "insights has forgotten one person's attendance": (
        "insights",
        "DELETE FROM attendance WHERE (session_id, person_id) = (SELECT session_id, person_id FROM attendance LIMIT 1)",
        "attendance",
    ),
    "a roster says other minutes": (
        "sessions",
        "UPDATE session SET roster = jsonb_set(roster, '{0,minutes}', '17') WHERE id ="
        " (SELECT id FROM session WHERE status = 'completed' LIMIT 1)",
        "attendance",
    ),
    "somebody has a second seat": (
        "enrollment",
        "DROP INDEX application_one_seat; DROP INDEX application_one_per_group;"
        "UPDATE support_group SET status = 'active';"
        "INSERT INTO application SELECT gen_random_uuid(), (SELECT id FROM support_group WHERE track = a.track"
        " AND programme_id = a.programme_id AND id <> a.group_id LIMIT 1), programme_id, track, person_id, centre_id,"
        " social_worker, zone, zone_rank, submitted_on, status, ground, active, waited, offer_expires_at, enrolled_on,"
        " ended_on FROM application a WHERE status = 'seated' AND track = 'supervision'"
        " AND (SELECT count(*) FROM support_group g WHERE g.programme_id = a.programme_id AND g.track = a.track) > 1"
        " LIMIT 1",
        "enrolment",
    ),
    "an application is in no state that there is": (
        "enrollment",
        "UPDATE application SET status = 'lost' WHERE id = (SELECT id FROM application LIMIT 1)",
        "enrolment",
    ),
    "a group counts a seat too many": (
        "enrollment",
        "UPDATE support_group SET seats_taken = seats_taken - 1 WHERE id ="
        " (SELECT id FROM support_group WHERE seats_taken > 0 LIMIT 1)",
        "enrolment",
    ),
    "a consumer has skipped an event": (
        "trainings",
        "UPDATE inbox SET version = version - 1 WHERE (consumer, topic, aggregate) ="
        " (SELECT consumer, topic, aggregate FROM inbox WHERE topic = 'sessions.events' LIMIT 1)",
        "inbox",
    ),
    "a consumer has never heard of an aggregate": (
        "insights",
        "DELETE FROM inbox WHERE (consumer, topic, aggregate) ="
        " (SELECT consumer, topic, aggregate FROM inbox WHERE parked_from IS NULL LIMIT 1)",
        "inbox",
    ),
    "an event is applied and parked at once": (
        "publications",
        "INSERT INTO parked (consumer, topic, aggregate, version, type, headers, body, cause, attempts)"
        " SELECT consumer, topic, aggregate, version, 'x', '', '', 'x', 1 FROM inbox WHERE parked_from IS NULL LIMIT 1",
        "inbox",
    ),
    "a meeting of a cycle is missing": (
        "sessions",
        "UPDATE session SET ordinal = 99 WHERE id = (SELECT id FROM session LIMIT 1)",
        "ordinals",
    ),
    "a certificate was not issued": (
        "trainings",
        "DELETE FROM certificate WHERE id = (SELECT id FROM certificate LIMIT 1)",
        "certificates",
    ),
    "an event was committed and never published": (
        "publications",
        "UPDATE outbox SET event_id = gen_random_uuid() WHERE position = (SELECT min(position) FROM outbox)",
        "outbox",
    ),
    "an article cites what was withheld": (
        "publications",
        "UPDATE article SET conclusion_id = gen_random_uuid() WHERE id = (SELECT article.id FROM article"
        " JOIN issue ON issue.id = article.issue_id WHERE article.conclusion_id IS NOT NULL"
        " AND article.status = 'accepted' AND issue.status = 'distributed' LIMIT 1)",
        "consents",
    ),
    "a consent to what an article cites is gone": (
        "sessions",
        f"UPDATE conclusion SET statements = statements - 0 WHERE id = ({CITED})",
        "consents",
    ),
    "somebody refused what an article cites": (
        "sessions",
        f"UPDATE conclusion SET statements = jsonb_set(statements, '{{0,said}}', '\"refused\"') WHERE id = ({CITED})",
        "consents",
    ),
    "somebody withdrew what an article cites": (
        "sessions",
        "UPDATE conclusion SET statements = statements || jsonb_set(statements->0, '{said}', '\"revoked\"')"
        f" WHERE id = ({CITED})",
        "consents",
    ),
    "an acknowledged command has left nothing": (
        "enrollment",
        "DELETE FROM idempotency WHERE (person, operation, key) ="
        " (SELECT person, operation, key FROM idempotency LIMIT 1)",
        "ledger",
    ),
}


@pytest.mark.parametrize("name", IN_A_DATABASE)
async def test_a_damaged_copy_of_a_database_is_named(runtime: Runtime, sound: Evidence, name: str) -> None:
    service, damage, check = IN_A_DATABASE[name]
    tables = await tables_of(service, Damaged(runtime.database_url(service), damage))
    damaged = dataclasses.replace(
        sound, tables=sound.tables | {(service, table): rows for table, rows in tables.items()}
    )
    assert check in broken(damaged)
    assert broken(sound) == set()


def without(evidence: Evidence, gone: Callable[[Read], bool]) -> Evidence:
    """The evidence, but for the first event of which that is true, and for every repetition of it."""
    lost = next(read.envelope for read in evidence.records if gone(read))
    assert lost is not None
    kept = [read for read in evidence.records if read.envelope is None or read.envelope.id != lost.id]
    return dataclasses.replace(evidence, records=kept)


def test_an_event_missing_from_a_topic_is_named(sound: Evidence) -> None:
    lost = without(sound, lambda read: isinstance(read.event, sessions.SessionCompleted))
    assert {"outbox", "versions", "attendance", "indicators"} <= broken(lost)


def test_an_event_that_nobody_committed_is_named(sound: Evidence) -> None:
    real = next(read for read in sound.records if isinstance(read.event, enrollment.GroupOpened) and read.envelope)
    assert real.envelope is not None
    ghost = Read(real.topic, real.partition, 10**9, _another(real), real.event, own=True)
    assert "outbox" in broken(dataclasses.replace(sound, records=[*sound.records, ghost]))


def _another(read: Read) -> Envelope:
    assert read.envelope is not None
    return msgspec.structs.replace(read.envelope, id=UUID(int=1), version=read.envelope.version + 10_000)


def test_events_out_of_order_are_named(sound: Evidence) -> None:
    by_key: dict[object, list[int]] = {}
    for at, read in enumerate(sound.records):
        if read.envelope is not None:
            by_key.setdefault((read.topic, read.envelope.key), []).append(at)
    one, other = next(places for places in by_key.values() if len(places) > 2)[:2]
    records = list(sound.records)
    records[one], records[other] = records[other], records[one]
    assert "versions" in broken(dataclasses.replace(sound, records=records))


def test_a_figure_that_insights_tells_wrongly_is_named(sound: Evidence) -> None:
    told = {
        (service, programme): {**said, "figures": {**said["figures"], "attendances": 1}}
        if said and service == "insights"
        else said
        for (service, programme), said in sound.told.items()
    }
    assert {"indicators", "services"} <= broken(dataclasses.replace(sound, told=told))


def test_a_refused_command_that_had_an_effect_is_named(sound: Evidence) -> None:
    ledger = [_refused(entry) if entry.operation == "/groups" else entry for entry in sound.ledger]
    assert "ledger" in broken(dataclasses.replace(sound, ledger=ledger))


def _refused(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, outcome="refused", status=409)
