"""Facts that a person records at a console: what becomes of them, and what is refused in which words."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from views import START_NS, make_hello, make_provenance, make_stand, make_view

with warnings.catch_warnings():
    # Starlette asks for httpx2, which is younger than the pinned set; httpx does what these tests need.
    warnings.filterwarnings("ignore", message="Using `httpx`")
    from starlette.testclient import TestClient

from foedus.errors import LimitError
from foedus.limits import CONSOLE_BODY_BYTES_MAX, PERSON_CHARACTERS_MAX
from foedus.live.gateway import Gateway, make_app
from foedus.wire import Happened

ORIGIN = "http://127.0.0.1"
CASUS = {"person": " duty officer ", "what": "casus", "of": "C1", "says": "yes"}


@contextmanager
def serving(*gateways: Gateway) -> Iterator[TestClient]:
    with TestClient(make_app(gateways, title="Alpine"), base_url=ORIGIN) as client:
        yield client


def make_gateway(member: str = "CH", told: list[Happened] | None = None, reason: str = "") -> Gateway:
    def tell(item: Happened) -> str:
        if told is not None and not reason:
            told.append(item)
        return reason

    gateway = Gateway(make_hello(member), provenance=make_provenance, act=lambda _: None, tell=tell)
    gateway.publish(make_view(pact=make_stand()))
    return gateway


def test_a_fact_goes_to_this_members_node_only_with_who_recorded_it_and_when():
    swiss: list[Happened] = []
    italian: list[Happened] = []
    with serving(make_gateway("CH", swiss), make_gateway("IT", italian)) as client:
        answer = client.post("/CH/api/facts", json=CASUS)
    assert answer.status_code == 202
    assert answer.json() == {"what": "casus", "of": "C1", "at_ns": START_NS, "by": "CH"}
    assert swiss == [Happened("casus", "C1", START_NS, "CH", "yes", (), "duty officer")]
    assert italian == []


def test_of_two_facts_under_one_picture_the_later_one_has_the_later_time():
    told: list[Happened] = []
    with serving(make_gateway(told=told)) as client:
        client.post("/CH/api/facts", json=CASUS)
        client.post("/CH/api/facts", json=CASUS | {"says": "no"})
    assert [(one.says, one.at_ns - START_NS) for one in told] == [("yes", 0), ("no", 1_000)]


def test_what_another_party_did_can_be_recorded_but_not_a_casus_in_its_name():
    told: list[Happened] = []
    with serving(make_gateway(told=told)) as client:
        exit_ = {"person": "x", "what": "exit", "of": "alpine", "by": "IT"}
        assert client.post("/CH/api/facts", json=exit_).status_code == 202
        answer = client.post("/CH/api/facts", json=CASUS | {"by": "IT"})
        pair = CASUS | {"what": "suspended", "of": "S1", "says": "", "as_to": ["CH", "IT"]}
        assert client.post("/CH/api/facts", json=pair).status_code == 202
    assert answer.status_code == 422
    assert answer.json()["error"] == "not recorded: a casus is declared here by CH only"
    assert [(one.what, one.by, one.as_to) for one in told] == [
        ("exit", "IT", ()),
        ("suspended", "CH", ("CH", "IT")),
    ]


def test_a_fact_that_names_nothing_in_the_text_is_refused_in_words():
    with serving(make_gateway(reason="of 'C9': no such casus; expected one of C1")) as client:
        answer = client.post("/CH/api/facts", json=CASUS)
    assert answer.status_code == 422
    assert answer.json()["error"] == "not recorded: of 'C9': no such casus; expected one of C1"


def test_nothing_is_recorded_before_the_first_picture_or_after_the_last():
    told: list[Happened] = []
    early = Gateway(
        make_hello("CH"),
        provenance=make_provenance,
        act=lambda _: None,
        tell=lambda item: told.append(item) or "",
    )
    late = make_gateway("IT", told)
    late.finish("recording ended")
    with serving(early, late) as client:
        first = client.post("/CH/api/facts", json=CASUS)
        last = client.post("/IT/api/facts", json=CASUS)
    assert (first.status_code, first.json()["error"]) == (409, "not recorded: no picture yet")
    assert (last.status_code, last.json()["error"]) == (409, "not recorded: recording ended")
    assert told == []


def test_a_full_intake_is_told_and_the_fact_can_be_repeated():
    def refuse(_: Happened) -> str:
        raise LimitError(name="INTAKE_MAX", limit=1, asked=2)

    gateway = Gateway(make_hello("CH"), provenance=make_provenance, act=lambda _: None, tell=refuse)
    gateway.publish(make_view())
    with serving(gateway) as client:
        answer = client.post("/CH/api/facts", json=CASUS)
    assert answer.status_code == 503
    assert "INTAKE_MAX" in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (msgspec.json.encode(CASUS | {"person": ""}), 400, "printable"),
        (msgspec.json.encode(CASUS | {"person": "a\nb"}), 400, "printable"),
        (msgspec.json.encode(CASUS | {"person": "x" * (PERSON_CHARACTERS_MAX + 1)}), 400, "printable"),
        (b'{"person": "a", "what": "casus"}', 400, "of"),
        (b'{"person": "a", "of": "C1"}', 400, "what"),
        (msgspec.json.encode(CASUS | {"at_ns": 0}), 400, "at_ns"),
        (msgspec.json.encode(CASUS | {"says": True}), 400, "says"),
        (b"\xff\xfe", 400, "expected"),
        (b" " * (CONSOLE_BODY_BYTES_MAX + 1), 413, "bytes"),
    ],
)
def test_a_bad_fact_says_what_was_expected(body, status, word):
    told: list[Happened] = []
    with serving(make_gateway(told=told)) as client:
        answer = client.post("/CH/api/facts", content=body)
    assert answer.status_code == status
    assert word in answer.json()["error"]
    assert told == []


def test_a_page_of_another_origin_records_nothing():
    told: list[Happened] = []
    with serving(make_gateway(told=told)) as client:
        for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
            answer = client.post("/CH/api/facts", json=CASUS, headers={"Origin": origin})
            assert answer.status_code == 403
        assert client.get("/CH/api/facts").status_code == 405
        assert told == []
        assert client.post("/CH/api/facts", json=CASUS, headers={"Origin": ORIGIN}).status_code == 202
    assert len(told) == 1


def test_a_console_is_told_how_the_pact_stands():
    with serving(make_gateway()) as client, client.websocket_connect("ws://127.0.0.1/CH/ws") as socket:
        topics = {}
        while "pact" not in topics:
            message = socket.receive()
            if message.get("text"):
                told = msgspec.json.decode(message["text"])
                topics[told["topic"]] = told
    assert topics["pact"]["pact"]["in_force"] == "yes"
    assert topics["pact"]["pact"]["casus"][0]["id"] == "border-threat"
