"""The makers and the judge of bad inputs: the same seed makes the same, and what is wrong is seen."""

import random
from itertools import islice

import pytest
from contracts.cloudevents import NotAnEnvelope, envelope_of
from superwizja.chaos.badinputs.answers import kind_of, wrong_with
from superwizja.chaos.badinputs.known import Known
from superwizja.chaos.badinputs.operations import Operation, resolved
from superwizja.chaos.badinputs.records import CHANGES, Records
from superwizja.chaos.badinputs.request import Draft, Request
from superwizja.chaos.badinputs.samples import Samples
from superwizja.chaos.badinputs.spoilt_texts import TEXTS
from superwizja.chaos.badinputs.spoilt_values import SPOILS
from superwizja.chaos.badinputs.wire import Answer

OPERATION = Operation("enrollment", "GET", "/v1/groups/{group_id}", {"group_id": {"format": "uuid"}})
OURS = {"via": "1.1 Caddy", "content-type": "application/problem+json"}
PROBLEM = b'{"type": "urn:superwizja:problem:x", "title": "t", "status": 404, "detail": "d"}'
UNNAMED = PROBLEM.replace(b"404", b"422")


def a_request(method: str = "GET", *, odd: bool = False) -> Request:
    draft = Draft(OPERATION, method, {"group_id": "1"}, [], [], odd=odd)
    return draft.request("sound", "127.0.0.1")


def test_the_same_seed_makes_the_same_records_of_every_kind() -> None:
    one, two = Records(random.Random("7")), Records(random.Random("7"))
    made = [record for _ in range(1500) for record in one.next()]
    again = [record for _ in range(1500) for record in two.next()]
    assert made == again
    assert one.sound == two.sound
    assert 40 < len(one.sound) < 120
    kinds = {record.kind for record in made}
    assert kinds >= {*SPOILS, *TEXTS, *CHANGES, "sound"} - {"huge", "name", "codec"}


def test_sound_records_are_events_and_many_others_are_none() -> None:
    records = Records(random.Random("8"))
    made = [record for _ in range(800) for record in records.next()]
    broken = 0
    for record in made:
        try:
            envelope = envelope_of([(name, value or b"") for name, value in record.headers])
        except NotAnEnvelope:
            assert record.kind != "sound"
            broken += 1
        else:
            assert envelope.version >= 1
    assert broken > 50


def test_sound_values_fit_their_schema_and_take_ids_that_belong_together() -> None:
    known = Known()
    group, person = "0183ef5a-a400-7abf-88a6-0fbb818f7405", "0183ef5a-a400-7567-800c-34a0416cfc32"
    known.learn({"id": group, "leaders": [person], "ordinal": 3}, {}, "group_id")
    assert known.ids["group_id"] == {group: None}
    assert known.ids["supervisor_id"] == {person: None}
    described = {"components": {"schemas": {"B": {"type": "object", "properties": {"n": {"enum": ["a"]}}}}}}
    schema = resolved({"type": "object", "required": ["b"], "properties": {"b": {"$ref": "#/x/B"}}}, described)
    rng = random.Random(1)
    made = [Samples(rng, known).body(schema, {})["b"] for _ in range(20)]
    assert {"n": "a"} in made
    assert all(each in ({}, {"n": "a"}) for each in made)


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (Answer(200, OURS, b"{}"), None),
        (Answer(404, OURS, PROBLEM), None),
        (Answer(500, OURS, PROBLEM), "answered 500"),
        (Answer(502, {}, b""), "answered 502"),
        (Answer(400, {"server": "Caddy"}, b"400 Bad Request"), None),
        (Answer(404, {"via": "1.1 Caddy", "content-type": "text/plain"}, b"no"), "404 is no problem document"),
        (Answer(404, OURS, b"{"), "404 is no JSON"),
        (Answer(404, OURS, b"{}"), "404 lacks type, title or detail"),
        (Answer(405, OURS, PROBLEM), "405 says that it is 404"),
        (Answer(422, OURS, UNNAMED), "422 names no field"),
        (Answer(-1), "no answer in time"),
        (Answer(0), "closed without an answer"),
    ],
)
def test_what_is_wrong_with_an_answer_is_seen(answer: Answer, wrong: str | None) -> None:
    assert wrong_with(a_request(), answer) == wrong


def test_what_is_no_http_may_be_left_without_an_answer() -> None:
    assert wrong_with(a_request(odd=True), Answer(0)) is None
    assert kind_of(Answer(0)) == "none"
    assert kind_of(Answer(400, {})) == "gateway 400"
    assert kind_of(Answer(204, OURS)) == "2xx"


def test_a_request_tells_all_that_reproduces_it() -> None:
    draft = Draft(OPERATION, "POST", {"group_id": "\x00/"}, [("a", "ą")], [("X-A", "b")], value={"n": "\ud800"})
    told = draft.request("surrogate", "127.0.0.1").told()
    assert told["head"].startswith("POST /api/enrollment/v1/groups/%00%2F?a=%C4%85 HTTP/1.1\r\n")
    assert told["body"] == '{"n": "\\ud800"}'
    assert list(islice(told, 2)) == ["kind", "operation"]
