"""What is no event of ours, or one that cannot be read, stands in nobody's way."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from contracts import enrollment, publications, sessions, trainings
from contracts.cloudevents import headers_of
from contracts.event import Actor, Envelope, Event
from contracts.topics import TOPICS
from superwizja import tokens
from superwizja.demo.client import Platform
from superwizja.demo.ledger import Ledger, file_of
from superwizja.demo.play import somebody
from superwizja.runtime import SERVICES, Runtime
from superwizja.verify.quiet import CONSUMES

from .conftest import Played, assert_all_hold, evidence_of, findings

KNOWN: dict[str, type[Event]] = {
    enrollment.TOPIC: enrollment.GroupFormed,
    sessions.TOPIC: sessions.SessionCompleted,
    trainings.TOPIC: trainings.RunCompleted,
    publications.TOPIC: publications.IssueFreezeRequested,
}


def an_envelope(name: str, key: UUID) -> Envelope:
    """Of an aggregate's first event, sent by nobody that we know."""
    return Envelope(
        id=uuid4(),
        type=name,
        time=datetime.now(UTC),
        key=key,
        version=1,
        programme_id=uuid4(),
        correlation_id=uuid4(),
        actor=Actor(role="service", service="somebody-else"),
    )


@pytest.fixture
async def poisoned(runtime: Runtime, played: Played, producer: AIOKafkaProducer) -> dict[str, UUID]:
    """Four kinds of poison on each topic; the keys of the events of a known type that do not decode."""
    keys = {topic.name: uuid4() for topic in TOPICS}
    for topic, key in keys.items():
        broken = headers_of(an_envelope(KNOWN[topic].type, key), source="somebody-else", schema="urn:x")
        await producer.send(topic, b'{"group_id": "no', key=str(key).encode(), headers=broken)
        stranger = uuid4()
        unknown = headers_of(
            an_envelope("pl.elsewhere.unheard-of.v9", stranger), source="somebody-else", schema="urn:x"
        )
        await producer.send(topic, b"{}", key=str(stranger).encode(), headers=unknown)
        await producer.send(topic, b"\x00\xff", key=b"\xfe", headers=[("ce_id", b"\xff\xfe"), ("binary", b"\x80\x00")])
        await producer.send(topic, msgspec.json.encode({"hello": "world"}), key=None)
    await producer.flush()
    return keys


async def test_poison_is_parked_and_seen_and_its_neighbours_go_on(runtime: Runtime, poisoned: dict[str, UUID]) -> None:
    before = (await evidence_of(runtime)).rows("insights", "attendance")
    parked = await _parked(runtime)
    for service in SERVICES:
        expected = {str(poisoned[topic]) for topic in CONSUMES[service] if _listens(service, topic)}
        assert expected <= set(parked[service]), service
    programme, centre = await _something_new(runtime)
    await _counted(runtime, programme, "centres_joined")
    found = await findings(runtime)
    assert_all_hold(found)
    assert any(str(key) in note for key in poisoned.values() for note in found["inbox"].notes)
    assert found["outbox"].notes
    assert (await evidence_of(runtime)).rows("insights", "attendance") == before
    assert centre


def _listens(service: str, topic: str) -> bool:
    """Whether the service handles the type that was broken; what it does not handle it does not decode."""
    return {
        enrollment.TOPIC: service in ("sessions", "trainings", "insights"),
        sessions.TOPIC: service in ("enrollment", "trainings", "publications", "insights"),
        trainings.TOPIC: service in ("enrollment", "publications", "insights"),
        publications.TOPIC: service == "sessions",
    }[topic]


async def _parked(runtime: Runtime) -> dict[str, list[str]]:
    """The aggregates that each service says are parked."""
    key = tokens.signing_key(runtime.key_file)
    token = tokens.mint(key, runtime.issuer, uuid4(), [tokens.role("operator")])
    found = {}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http:
        for service in SERVICES:
            async with http.get(f"{runtime.api(service)}/v1/parked") as answer:
                assert answer.status == 200
                found[service] = [item["aggregate"] for item in (await answer.json())["items"]]
    return found


async def _something_new(runtime: Runtime) -> tuple[str, str]:
    """A centre joins a new programme, after the poison."""
    office = somebody("coordinator", "po truciźnie")
    async with Platform(runtime, Ledger(file_of(runtime.folder))) as platform:
        body = {"code": f"po_truciznie_{uuid4().hex[:8]}", "name": "Projekt po truciźnie (dane przykładowe)"}
        programme = (await platform.command(office, "enrollment", "programmes", body))["id"]
        a_centre = {"name": "Ośrodek (dane przykładowe)", "kind": "OPS", "terc": "1465028"}
        centre = (await platform.command(office, "enrollment", "centres", a_centre))["id"]
        invitations = f"programmes/{programme}/invitations"
        await platform.command(office, "enrollment", invitations, {"centre_id": centre})
        manager = somebody("centre_manager", "kierownictwo")._replace(centre=centre)
        answer = {"answer": "joined", "answered_on": "2023-01-09"}
        await platform.command(manager, "enrollment", f"{invitations}/{centre}/answer", answer)
    return programme, centre


async def _counted(runtime: Runtime, programme: str, code: str) -> None:
    """Wait until insights counts one of these."""
    deadline = time.monotonic() + 30
    operator = somebody("operator", "dyżur")
    async with Platform(runtime, Ledger(file_of(runtime.folder))) as platform:
        while True:
            answer = await platform.until(operator, "insights", f"figures/{programme}", lambda _: True)
            if answer["figures"][code] == 1:
                return
            assert time.monotonic() < deadline, answer
            await asyncio.sleep(0.2)
