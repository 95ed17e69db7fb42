"""Declarations at a console: what becomes of them, and what is refused in which words."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from views import make_hello, make_provenance, make_view

with warnings.catch_warnings():
    # Starlette asks for httpx2, which is younger than the pinned set; httpx does what these tests need.
    warnings.filterwarnings("ignore", message="Using `httpx`")
    from starlette.testclient import TestClient

from foedus.errors import LimitError
from foedus.limits import SAYS_CHARACTERS_MAX
from foedus.live.gateway import Gateway, make_app
from foedus.model import Identity, TrackClass
from foedus.wire import Declared

ORIGIN = "http://127.0.0.1"
SUSPECT = {"person": " duty officer ", "identity": "suspect", "class": "uas", "says": "seen from the tower"}


@contextmanager
def serving(gateway: Gateway) -> Iterator[TestClient]:
    with TestClient(make_app([gateway], title="Alpine"), base_url=ORIGIN) as client:
        yield client


def make_gateway(told: list[Declared] | None = None, reason: str = "") -> Gateway:
    def declare(item: Declared) -> str:
        if told is not None and not reason:
            told.append(item)
        return reason

    gateway = Gateway(make_hello("CH"), provenance=make_provenance, act=lambda _: None, declare=declare)
    gateway.publish(make_view())
    return gateway


def test_a_declaration_goes_to_the_node_with_who_made_it():
    told: list[Declared] = []
    with serving(make_gateway(told)) as client:
        answer = client.post("/CH/api/tracks/7/declare", json=SUSPECT)
    assert answer.status_code == 202
    assert answer.json() == {"track": 7, "identity": "suspect", "class": "uas"}
    assert told == [Declared(7, Identity.SUSPECT, TrackClass.UAS, "duty officer", "seen from the tower")]


def test_what_is_left_out_is_not_said():
    told: list[Declared] = []
    with serving(make_gateway(told)) as client:
        client.post("/CH/api/tracks/7/declare", json={"person": "x", "class": "ballistic"})
        client.post("/CH/api/tracks/7/declare", json={"person": "x", "identity": "pending"})
    assert [(one.identity, one.track_class) for one in told] == [
        (-1, TrackClass.BALLISTIC),
        (Identity.PENDING, -1),
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("77777", SUSPECT, 404, "no such track"),
        ("7", SUSPECT | {"identity": "hostil"}, 422, "hostile"),
        ("7", SUSPECT | {"class": "balloon"}, 422, "class 'balloon'"),
        ("7", SUSPECT | {"class": "cooperative"}, 422, "class 'cooperative'"),
        ("7", {"person": "x"}, 422, "says nothing"),
        ("7", SUSPECT | {"says": "x" * (SAYS_CHARACTERS_MAX + 1)}, 422, "SAYS_CHARACTERS_MAX"),
        ("7", SUSPECT | {"says": "a\nb"}, 422, "printable"),
        ("7", SUSPECT | {"person": " "}, 400, "printable"),
        ("7", SUSPECT | {"track": 8}, 400, "track"),
        ("7", {"identity": "friend"}, 400, "printable"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused_in_words(path, body, status, words):
    told: list[Declared] = []
    with serving(make_gateway(told)) as client:
        answer = client.post(f"/CH/api/tracks/{path}/declare", json=body)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert told == []


def test_a_track_that_only_partners_see_is_refused_by_the_node():
    reason = "only partners see this track; a member declares its own"
    with serving(make_gateway(reason=reason)) as client:
        answer = client.post("/CH/api/tracks/7/declare", json=SUSPECT)
    assert (answer.status_code, answer.json()["error"]) == (409, f"not declared: {reason}")


def test_nothing_is_declared_after_the_last_picture_from_elsewhere_or_without_a_node():
    told: list[Declared] = []
    ended = make_gateway(told)
    ended.finish("recording ended")
    with serving(ended) as client:
        answer = client.post("/CH/api/tracks/7/declare", json=SUSPECT)
        assert (answer.status_code, answer.json()["error"]) == (409, "not declared: recording ended")
    with serving(make_gateway(told)) as client:
        assert (
            client.post("/CH/api/tracks/7/declare", json=SUSPECT, headers={"Origin": "null"}).status_code
            == 403
        )
        assert client.get("/CH/api/tracks/7/declare").status_code == 405
    alone = Gateway(make_hello("CH"), provenance=make_provenance, act=lambda _: None)
    with serving(alone) as client:
        assert client.post("/CH/api/tracks/7/declare", json=SUSPECT).status_code == 409
    assert told == []


def test_a_full_intake_is_told_and_the_declaration_can_be_repeated():
    def refuse(_: Declared) -> str:
        raise LimitError(name="INTAKE_MAX", limit=1, asked=2)

    gateway = Gateway(make_hello("CH"), provenance=make_provenance, act=lambda _: None, declare=refuse)
    gateway.publish(make_view())
    with serving(gateway) as client:
        answer = client.post("/CH/api/tracks/7/declare", json=SUSPECT)
    assert answer.status_code == 503
    assert "INTAKE_MAX" in answer.json()["error"]
