"""The oracle holds on a sound run, and names each kind of damage; poison and doubled events are none."""

import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from chassis.service import Service
from contracts import enrollment, publications, sessions, trainings
from enrollment.main import service as enrollment_service
from fastapi.routing import APIRoute
from publications.main import service as publications_service
from sessions.main import service as sessions_service
from superwizja.chaos.heard import Heard, Planted
from superwizja.chaos.marks import CONTACTS, marks_in
from superwizja.chaos.oracle import Verdict, judge
from superwizja.chaos.testimony import Testimony as Left  # under its own name pytest takes it for a test
from superwizja.verify.delivery import EFFECT, SILENT
from superwizja.verify.sources import Read
from trainings.main import service as trainings_service

from .damage import (
    again,
    change,
    drop,
    each,
    early_withdrawal,
    elsewhere,
    entry,
    erased,
    forget,
    late_withdrawal,
    live,
    more,
    over_the_maximum,
    park,
    rename,
    second_seat,
    sign_last,
    swap,
    unkept,
)
from .made_up import PLANTED, a_sound_run, copied, where

SOUND = a_sound_run()


def broken(testimony: Left) -> set[str]:
    return set(judge(testimony).broken)


def differences(verdict: Verdict) -> dict[str, list[str]]:
    return {finding.name: finding.differences for finding in verdict.findings if not finding.holds}


def test_nothing_differs_in_a_sound_run_and_something_was_compared() -> None:
    verdict = judge(SOUND)
    assert differences(verdict) == {}
    idle = {finding.name for finding in verdict.findings if not finding.compared}
    assert idle == {"services", "redeliveries", "parked", "poison"}
    assert verdict.figures["empty"] == len(idle)
    assert not any(verdict.figures[name] for name in ("lost", "doubled", "inversions", "redeliveries"))


DAMAGES: dict[str, tuple[Callable[[Left], object], set[str]]] = {
    "an acknowledged command has left nothing": (lambda t: unkept(t, "/groups/*/formation"), {"ledger"}),
    "an acknowledged command's event is nowhere": (
        lambda t: drop(t, enrollment.SupervisorAssigned),
        {"ledger", "outbox", "versions", "order"},
    ),
    "a command took effect twice": (
        lambda t: again(t, enrollment.SupervisorAssigned),
        {"ledger"},
    ),
    "a signature was taken twice, as the same": (lambda t: again(t, sessions.ContractSigned), {"ledger"}),
    "a refused command had an effect": (lambda t: entry(t, "/groups", outcome="refused"), {"ledger"}),
    "an unknown command took effect twice": (
        each(
            lambda t: entry(t, "/groups/*/leaders", outcome="unknown"),
            lambda t: again(t, enrollment.SupervisorAssigned),
        ),
        {"ledger"},
    ),
    "an unknown command had an effect and kept no answer": (
        each(lambda t: unkept(t, "/groups/*/leaders"), lambda t: entry(t, "/groups/*/leaders", outcome="unknown")),
        {"ledger"},
    ),
    "a command that nobody knows was acknowledged": (rename, {"ledger"}),
    "two commands made one thing": (
        lambda t: t.evidence.ledger.append(msgspec.structs.replace(t.evidence.ledger[0], key=str(uuid4()))),
        {"ledger"},
    ),
    "a kept answer names another thing than was answered": (
        lambda t: entry(t, "/journals", ids=(str(uuid4()),)),
        {"made"},
    ),
    "what was made without an event is gone": (lambda t: forget(t, "publications", "journal"), {"made"}),
    "something is there that no answer tells of": (lambda t: more(t, "trainings", "title", id=uuid4()), {"made"}),
    "a committed event is not on its topic": (
        lambda t: drop(t, sessions.SessionCompleted),
        {"outbox", "versions", "order", "attendance"},
    ),
    "an event on a topic was never committed": (lambda t: forget(t, "publications", "outbox"), {"outbox"}),
    "two events appear in the wrong order": (
        lambda t: swap(t, sessions.ConclusionRecorded, sessions.ConclusionReleased),
        {"versions", "order"},
    ),
    "two events have one version": (
        lambda t: again(t, sessions.ConclusionReleased, version=1),
        {"versions"},
    ),
    "an aggregate lies in two partitions": (elsewhere, {"order"}),
    "a consumer has not applied the last version": (lambda t: change(t, "insights", "inbox", version=0), {"inbox"}),
    "an aggregate is parked that nobody poisoned": (
        park,
        {"parked"},
    ),
    "due work is parked": (
        lambda t: more(t, "publications", "due_parked", kind="announcement", subject=uuid4(), cause="x"),
        {"parked"},
    ),
    "a consumer had an effect twice": (
        lambda t: again(t, sessions.ConclusionLocked),
        {"effects", "answers"},
    ),
    "a request was never answered": (lambda t: drop(t, enrollment.MailingCounted), {"answers"}),
    "a cycle ended and its group did not": (lambda t: drop(t, enrollment.GroupCompleted), {"answers"}),
    "a cycle was planned twice": (lambda t: again(t, sessions.SessionScheduled), {"answers", "effects"}),
    "a consumer knows less than it was told": (lambda t: forget(t, "publications", "subscriber"), {"facts"}),
    "a consumer has taken back what was told later": (
        lambda t: change(t, "publications", "released", consent="withdrawn"),
        {"facts"},
    ),
    "a cycle has other members than its group": (
        lambda t: change(t, "sessions", "belonging", members=b"[]"),
        {"facts"},
    ),
    "a conflict of a leader was noted twice": (
        lambda t: change(t, "sessions", "belonging", conflicts=b"[{}]"),
        {"facts"},
    ),
    "an issue was asked to freeze and did not": (lambda t: drop(t, publications.IssueFrozen), {"later"}),
    "an issue was to be published and was not": (lambda t: drop(t, publications.IssuePublished), {"later"}),
    "an issue was published twice": (lambda t: again(t, publications.IssuePublished), {"later", "readable"}),
    "an issue that readers were told of cannot be read": (
        lambda t: t.pages.update(dict.fromkeys(t.pages, 404)),
        {"readable"},
    ),
    "somebody has two seats at a time": (second_seat, {"seats"}),
    "a group held one too many for a while": (over_the_maximum, {"seats", "enrolment"}),
    "an offer was accepted that nobody made": (lambda t: drop(t, enrollment.SeatOffered), {"seats"}),
    "a second session began before everybody had signed": (
        sign_last,
        {"contracts"},
    ),
    "a consent was withdrawn after its lock": (late_withdrawal, {"withdrawals", "consents"}),
    "a conclusion was locked after a withdrawal": (early_withdrawal, {"withdrawals"}),
    "a conclusion was locked that was never released": (
        lambda t: drop(t, sessions.ConclusionReleased),
        {"withdrawals"},
    ),
    "a certificate was issued twice": (lambda t: again(t, trainings.CertificateIssued), {"certified", "effects"}),
    "a certificate is in the table that nobody was told of": (
        lambda t: drop(t, trainings.CertificateIssued),
        {"certified"},
    ),
    "somebody was erased and has kept their name": (
        lambda t: t.evidence.rows("enrollment", "person").append({"id": erased(t)}),
        {"erasure"},
    ),
    "somebody has lost their name and was not erased": (
        lambda t: t.evidence.rows("enrollment", "person").pop(),
        {"erasure"},
    ),
    "publications still tells somebody who was erased": (
        lambda t: t.evidence.rows("publications", "forgotten").clear(),
        {"erasure"},
    ),
    "an article bears the name of somebody who was erased": (
        lambda t: t.evidence.tables.update({("publications", "byline"): [{"id": 1, "submitted_by": erased(t)}]}),
        {"erasure"},
    ),
    "the name of somebody who was erased is still there": (
        lambda t: t.names.update({CONTACTS: marks_in(msgspec.json.encode(PLANTED))}),
        {"names"},
    ),
    "the name of somebody who was not erased is gone": (lambda t: t.names.clear(), {"names"}),
    "a name lies where none belongs": (
        lambda t: t.names.update({"logs/enrollment.api.1.log": marks_in(msgspec.json.encode(PLANTED[1:]))}),
        {"names"},
    ),
    "insights counts something twice": (
        lambda t: [told["figures"].update(attendances=8) for told in live(t)],
        {"indicators"},
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_each_kind_of_damage_is_named(name: str) -> None:
    damage, checks = DAMAGES[name]
    damaged = copied(SOUND)
    damage(damaged)
    assert checks <= broken(damaged)
    assert broken(copied(SOUND)) == set()


OUTSIDE: dict[str, tuple[dict[str, Any], str]] = {
    "a repeated key was answered otherwise": ({"heard": Heard(mismatches=["k"])}, "heard"),
    "an answer that the story cannot explain": ({"heard": Heard(unexpected=["500"])}, "heard"),
    "something is still under way": ({"quiet": "sessions outbox 3"}, "consumers"),
    "an API is away": ({"away": "503"}, "consumers"),
    "a consumer is gone": ({"consuming": {"insights": "nobody has 16 of 16 partitions"}}, "consumers"),
    "consumers missed versions": ({"planted": Planted(gaps=2)}, "consumers"),
    "nothing was ever delivered again in a long run": ({"planted": Planted(long=True)}, "redeliveries"),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_was_heard_and_measured_is_judged(name: str) -> None:
    changes, check = OUTSIDE[name]
    assert broken(copied(SOUND, **changes)) == {check}


def test_an_event_that_is_lost_or_doubled_counts_once_among_the_figures() -> None:
    lost, doubled = copied(SOUND), copied(SOUND)
    drop(lost, trainings.CertificateIssued)
    again(doubled, sessions.ConclusionLocked)
    assert judge(lost).figures["lost"] == 1
    assert judge(doubled).figures["doubled"] == 1


def test_inversions_are_counted() -> None:
    inverted = copied(SOUND)
    swap(inverted, sessions.ConclusionRecorded, sessions.ConclusionReleased)
    assert judge(inverted).figures["inversions"] == 1


# What is no damage


def test_events_published_again_in_their_order_are_redeliveries_and_no_defect() -> None:
    again_and_again = copied(SOUND, planted=Planted(skipped=3, long=True))
    records = again_and_again.evidence.records
    of_sessions = [read for read in records if read.topic == "sessions.events"]
    records += [msgspec.structs.replace(read, offset=1000 + at) for at, read in enumerate(of_sessions[3:7])]
    verdict = judge(again_and_again)
    assert differences(verdict) == {}
    assert (verdict.figures["repeated"], verdict.figures["skipped"]) == (4, 3)


def test_events_that_the_rig_doubled_are_no_redeliveries() -> None:
    doubled = copied(SOUND)
    twins = [msgspec.structs.replace(read, offset=5000 + at) for at, read in enumerate(doubled.evidence.records)]
    doubled.evidence.records += twins
    at = frozenset((read.topic, read.partition, read.offset) for read in twins)
    verdict = judge(dataclasses.replace(doubled, planted=Planted(doubled=at)))
    assert differences(verdict) == {}
    assert verdict.figures["repeated"] == 0


def poisoned(testimony: Left, *, parked: bool) -> tuple[Left, Read]:
    """Three kinds of poison on a topic: no event at all, one that nobody knows, a known one that does not decode."""
    first = testimony.evidence.records[where(testimony, enrollment.GroupFormed)]
    assert first.envelope is not None
    stranger = msgspec.structs.replace(first.envelope, id=uuid4(), key=uuid4(), version=1)
    later = msgspec.structs.replace(stranger, time=stranger.time + timedelta(seconds=1))
    reads = [
        Read(first.topic, 3, 900, None, None, own=False),
        Read(first.topic, 3, 901, later, None, own=True, body=b"{"),
    ]
    testimony.evidence.records.extend(reads)
    for consumer in ("sessions", "trainings", "publications", "insights"):
        row = {"consumer": consumer, "topic": first.topic, "aggregate": stranger.key}
        seen = {"version": 0, "parked_from": 1} if parked else {"version": 1, "parked_from": None}
        more(testimony, consumer, "inbox", **row, **seen)
        if parked:
            more(testimony, consumer, "parked", **row, version=1, cause="x")
    planted = Planted(poison=frozenset((read.topic, read.partition, read.offset) for read in reads))
    return dataclasses.replace(testimony, planted=planted), reads[1]


@pytest.mark.parametrize("parked", [True, False])
def test_poison_that_consumers_parked_or_passed_over_is_no_defect(parked: bool) -> None:
    testimony, _ = poisoned(copied(SOUND), parked=parked)
    verdict = judge(testimony)
    assert differences(verdict) == {}
    assert {finding.name: finding.compared for finding in verdict.findings}["poison"] == 4


def test_poison_that_a_retry_put_there_twice_and_foreign_records_are_no_defect() -> None:
    testimony, twice = poisoned(copied(SOUND), parked=True)
    testimony.evidence.records.append(msgspec.structs.replace(twice, offset=950))
    assert twice.envelope is not None
    stranger = msgspec.structs.replace(twice.envelope, id=uuid4(), key=uuid4())
    foreign = msgspec.structs.replace(twice, envelope=stranger, offset=951, own=False)
    testimony.evidence.records.append(foreign)
    for consumer in ("sessions", "trainings", "publications", "insights"):
        row = {"consumer": consumer, "topic": foreign.topic, "aggregate": stranger.key, "version": 0}
        more(testimony, consumer, "inbox", **row, parked_from=1)
        more(testimony, consumer, "parked", **row | {"version": 1}, cause="x")
    assert differences(judge(testimony)) == {}


def test_a_consumer_that_has_not_met_the_poison_is_named() -> None:
    testimony, _ = poisoned(copied(SOUND), parked=True)
    forget(testimony, "insights", "inbox")
    assert broken(testimony) == {"poison"}


def test_a_record_that_the_rig_did_not_put_there_is_no_poison() -> None:
    testimony, _ = poisoned(copied(SOUND), parked=True)
    assert {"outbox", "parked"} <= broken(dataclasses.replace(testimony, planted=Planted()))


# Every command that there is


@pytest.mark.parametrize("service", [enrollment_service, sessions_service, trainings_service, publications_service])
def test_the_ledger_knows_what_every_command_of_every_service_leaves(service: Service) -> None:
    commands = {
        (service.name, re.sub(r"/\{[^}]+\}", "/*", route.path.removeprefix("/v1")))
        for router in service.routers()
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }
    assert commands
    assert commands <= {*EFFECT, *SILENT}


def test_no_command_is_both_silent_and_telling() -> None:
    assert not EFFECT.keys() & SILENT
