"""Claims about a person's own warning: two persons, the word of the mode, and nothing sent before."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from views import START_NS, make_hello, make_provenance, make_view, make_warning

from keys import SECRET, in_mode, people_of

with warnings.catch_warnings():
    # Starlette asks for httpx2, which is younger than the pinned set; httpx does what these tests need.
    warnings.filterwarnings("ignore", message="Using `httpx`")
    from starlette.testclient import TestClient

import alpine
from foedus.errors import LimitError
from foedus.limits import CALLS_KEPT_MAX
from foedus.live.gateway import Gateway, make_app
from foedus.model import SECOND_NS, TrackClass
from foedus.network import Mode
from foedus.people import People
from foedus.view import CallView, View
from foedus.wire import Act, Called

NETWORK = alpine.documents()[0]
CALL = {
    "zone": "TICINO",
    "class": "uas",
    "lat_cell_deg": 45.97,
    "lon_cell_deg": 8.71,
    "entry_in_s": 121,
    "says": "seen from the ground",
}


class Taker:
    """A node that keeps what it is given; it must warn FR of anything in TICINO but ballistic objects."""

    def __init__(self) -> None:
        self.items: list[Called | Act] = []
        self.full = False

    def called_to(self, zone: str, track_class: int) -> str:
        return "FR" if zone == "TICINO" and track_class != TrackClass.BALLISTIC else ""

    def call(self, item: Called) -> None:
        if self.full:
            raise LimitError(name="INTAKE_MAX", limit=1, asked=2)
        self.items.append(item)

    def act(self, act: Act) -> None:
        self.items.append(act)


class Scene:
    def __init__(
        self, people: People | None = None, mode: str = "EXERCISE", view: View | None = None
    ) -> None:
        self.taker = Taker()
        self.gateway = Gateway(
            make_hello("CH", mode=mode),
            provenance=make_provenance,
            act=lambda act: None,
            people=people,
            calls=self.taker,
            called_to=self.taker.called_to,
        )
        self.gateway.publish(view or make_view())

    @contextmanager
    def client(self) -> Iterator[TestClient]:
        with TestClient(make_app([self.gateway], title="Alpine"), base_url="http://127.0.0.1") as client:
            yield client


def call(client: TestClient, **changes: Any) -> Any:
    return client.post("/CH/api/calls", json=CALL | {"person": "officer-1"} | changes)


def second(client: TestClient, subject: str, **body: str) -> Any:
    return client.post(f"/CH/api/calls/{subject}/second", json={"mode": "EXERCISE"} | body)


def sign_in(client: TestClient, person: str) -> None:
    assert client.post("/CH/api/sign-in", json={"person": person, "secret": SECRET}).status_code == 200


def test_a_call_goes_to_the_node_and_the_prompt_names_mode_recipients_class_area_and_time() -> None:
    scene = Scene()
    with scene.client() as client:
        answer = call(client)
    assert answer.status_code == 202
    said = answer.json()
    assert said["prompt"] == (
        "EXERCISE: warn France (FR) of an object of class uas that enters zone TICINO about "
        "07:02:00 UTC, seen in the 0.1 degree cell 45.9 N 8.7 E. It is sent once a second person repeats the "
        "word EXERCISE."
    )
    (item,) = scene.taker.items
    assert item == Called(
        said["call"],
        "TICINO",
        TrackClass.UAS,
        45.9,
        8.7,
        START_NS + 120 * SECOND_NS,
        "officer-1",
        "(names typed, not signed in) seen from the ground",
    )


def test_another_person_seconds_it_by_the_word_of_the_mode() -> None:
    scene = Scene()
    with scene.client() as client:
        subject = call(client).json()["call"]
        assert second(client, subject, person="officer-2").status_code == 202
    assert scene.taker.items[1] == Act("second", subject, "officer-2")


@pytest.mark.parametrize("name", ["officer-1", " Officer-1 ", "OFFICER-1"])
def test_one_person_is_not_two(name: str) -> None:
    scene = Scene()
    with scene.client() as client:
        answer = second(client, call(client).json()["call"], person=name)
    assert answer.status_code == 409
    assert answer.json()["error"] == (
        "not seconded: officer-1 made this call; another person has to second it"
    )
    assert len(scene.taker.items) == 1


def test_one_person_in_two_sessions_is_not_two_and_two_who_signed_in_are() -> None:
    network = in_mode(NETWORK, Mode.LIVE)
    scene = Scene(people_of(network, "CH", "officer-1", "officer-2"), mode="LIVE")
    with scene.client() as one, scene.client() as other:
        assert call(one, person="officer-2").status_code == 401
        sign_in(one, "officer-1")
        sign_in(other, "officer-1")
        subject = call(one, person="officer-2").json()["call"]
        assert second(one, subject, person="officer-2", mode="LIVE").status_code == 409
        assert second(other, subject, person="officer-2", mode="LIVE").status_code == 409
        sign_in(other, "officer-2")
        assert second(other, subject, mode="LIVE").status_code == 202
    called, seconded = scene.taker.items
    assert isinstance(called, Called)
    assert (called.person, called.says) == ("officer-1", "seen from the ground")
    assert seconded == Act("second", subject, "officer-2")


@pytest.mark.parametrize("word", ["LIVE", "RECORDING", "exercise", ""])
def test_a_second_without_the_word_of_the_mode_is_refused_and_told_which(word: str) -> None:
    scene = Scene()
    with scene.client() as client:
        subject = call(client).json()["call"]
        answer = second(client, subject, person="officer-2", mode=word)
        missing = client.post(f"/CH/api/calls/{subject}/second", json={"person": "officer-2"})
    assert answer.status_code == 422
    assert f"found mode {word!r}; this console runs EXERCISE" in answer.json()["error"]
    assert missing.status_code == 400
    assert len(scene.taker.items) == 1


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"zone": "TESSIN"}, 422, "zone 'TESSIN'; expected"),
        ({"zone": ""}, 422, "zone ''; expected"),
        ({"class": "dragon"}, 422, "class 'dragon'; expected"),
        ({"class": "ballistic"}, 422, "no clause in force obliges this member to warn anybody of ballistic"),
        ({"zone": "HAUTE-SAVOIE"}, 422, "no clause in force obliges"),
        ({"lat_cell_deg": 91}, 400, "lat_cell_deg"),
        ({"lon_cell_deg": "everywhere"}, 400, "lon_cell_deg"),
        ({"entry_in_s": -1}, 400, "entry_in_s"),
        ({"entry_in_s": 1e9}, 400, "entry_in_s"),
        ({"says": "x" * 501}, 400, "says"),
        ({"person": ""}, 400, "expected a name or role"),
        ({"everyone": True}, 400, "everyone"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused_before_the_node_hears_of_it(
    changes: dict[str, Any], status: int, words: str
) -> None:
    scene = Scene()
    with scene.client() as client:
        answer = call(client, **changes)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert scene.taker.items == []


@pytest.mark.parametrize("key", ["zone", "class", "lat_cell_deg", "lon_cell_deg", "entry_in_s"])
def test_a_call_without_area_class_or_time_is_refused(key: str) -> None:
    scene = Scene()
    with scene.client() as client:
        answer = client.post(
            "/CH/api/calls", json={k: v for k, v in CALL.items() if k != key} | {"person": "a"}
        )
    assert answer.status_code == 400
    assert key in answer.json()["error"]
    assert scene.taker.items == []


def test_the_edge_of_a_cell_stays_where_a_person_put_it() -> None:
    scene = Scene()
    with scene.client() as client:
        for lat, lon in ((46.0, 8.3), (-0.1, -179.9), (45.99, -8.31)):
            assert call(client, lat_cell_deg=lat, lon_cell_deg=lon).status_code == 202
    cells = [(item.lat_cell_deg, item.lon_cell_deg) for item in scene.taker.items if isinstance(item, Called)]
    assert cells == [(46.0, 8.3), (-0.1, -179.9), (45.9, -8.4)]


def test_calls_of_one_moment_have_ids_of_their_own() -> None:
    with Scene().client() as client:
        ids = [call(client).json()["call"] for _ in range(5)]
    assert len(set(ids)) == 5


def test_an_unknown_or_forgotten_call_is_not_seconded() -> None:
    scene = Scene()
    with scene.client() as client:
        first = call(client).json()["call"]
        for _ in range(CALLS_KEPT_MAX):
            call(client)
        assert second(client, first, person="officer-2").status_code == 404
        assert second(client, "C1", person="officer-2").status_code == 404
        assert client.post("/CH/api/calls/C1/withdraw", json={"person": "a"}).status_code == 404


def view_of(state: str, reason: str = "") -> CallView:
    return CallView(id="C7", zone="TICINO", track_class="uas", lat_cell_deg=45.9, lon_cell_deg=8.7,
        entry_ns=0, by="officer-1", says="", seconded_by="", state=state, reason=reason, until_ns=0,
        warnings=())  # fmt: skip


def test_a_call_from_before_a_restart_is_known_by_the_nodes_view_and_still_needs_another_person() -> None:
    scene = Scene(view=make_view()._replace(calls=(view_of("waiting"),)))
    with scene.client() as client:
        assert second(client, "C7", person="officer-1").status_code == 409
        assert second(client, "C7", person="officer-2").status_code == 202
        scene.gateway.publish(make_view()._replace(calls=(view_of("withdrawn", "by officer-1"),)))
        late = second(client, "C7", person="officer-2")
    assert (late.status_code, late.json()["error"]) == (
        409,
        "not seconded: this call is withdrawn by officer-1",
    )
    assert scene.taker.items == [Act("second", "C7", "officer-2")]


def test_one_person_withdraws_and_cancels() -> None:
    scene = Scene(view=make_view(warnings=(make_warning(id="CH-FR-0001", direction="sent", party="FR"),)))
    with scene.client() as client:
        subject = call(client).json()["call"]
        assert (
            client.post(f"/CH/api/calls/{subject}/withdraw", json={"person": "officer-1"}).status_code == 202
        )
        assert (
            client.post("/CH/api/warnings/CH-FR-0001/cancel", json={"person": "officer-1"}).status_code == 202
        )
    assert scene.taker.items[1:] == [
        Act("withdraw", subject, "officer-1"),
        Act("cancel", "CH-FR-0001", "officer-1"),
    ]


@pytest.mark.parametrize(
    ("warning", "status", "words"),
    [
        (make_warning(id="W"), 409, "IT gave this warning and cancels it"),
        (make_warning(id="W", direction="sent", state="cancelled"), 409, "it is cancelled"),
        (make_warning(id="V"), 404, "no such warning"),
    ],
)
def test_only_an_open_warning_of_ones_own_is_cancelled(warning: Any, status: int, words: str) -> None:
    scene = Scene(view=make_view(warnings=(warning,)))
    with scene.client() as client:
        answer = client.post("/CH/api/warnings/W/cancel", json={"person": "officer-1"})
    assert (answer.status_code, words in answer.json()["error"]) == (status, True)
    assert scene.taker.items == []


def test_a_full_node_and_a_node_that_takes_no_calls_say_so() -> None:
    scene = Scene()
    scene.taker.full = True
    with scene.client() as client:
        assert call(client).status_code == 503
    deaf = Gateway(make_hello("CH"), provenance=make_provenance, act=lambda act: None)
    deaf.publish(make_view(warnings=(make_warning(id="W", direction="sent"),)))
    with TestClient(make_app([deaf], title="Alpine"), base_url="http://127.0.0.1") as client:
        assert "this node takes no calls" in call(client).json()["error"]
        answer = client.post("/CH/api/warnings/W/cancel", json={"person": "officer-1"})
        assert (answer.status_code, answer.json()["error"]) == (409, "this node takes no calls")


def test_nothing_is_called_before_the_first_picture_or_after_the_end() -> None:
    scene = Scene()
    scene.gateway.finish("recording ended")
    with scene.client() as client:
        assert "no picture yet" in call(client).json()["error"]


def test_the_options_are_the_zones_and_classes_of_which_a_clause_obliges_to_warn() -> None:
    scene = Scene()
    with scene.client() as client:
        told = client.get("/CH/api/calls").json()
    assert told["mode"] == "EXERCISE"
    (zone,) = told["zones"]
    assert (zone["zone"], zone["to"], zone["name"]) == ("TICINO", "FR", "France")
    assert zone["classes"] == [one.name.lower() for one in TrackClass if one != TrackClass.BALLISTIC]


def test_a_prompt_is_read_without_anything_being_called() -> None:
    scene = Scene()
    with scene.client() as client:
        told = client.post("/CH/api/calls/prompt", json=CALL | {"person": "officer-1"})
        wrong = client.post("/CH/api/calls/prompt", json=CALL | {"zone": "BERN", "person": "officer-1"})
        assert (told.status_code, told.json()["call"]) == (200, "")
        assert second(client, told.json()["call"] or "C1", person="officer-2").status_code == 404
        called = call(client).json()
    assert told.json()["prompt"] == called["prompt"]
    assert wrong.status_code == 422
    assert "zone 'BERN'" in wrong.json()["error"]
    assert [type(item) for item in scene.taker.items] == [Called]


def test_the_second_person_reads_the_words_of_a_call_that_the_node_keeps() -> None:
    view = CallView(
        id="C7",
        zone="TICINO",
        track_class="uas",
        lat_cell_deg=45.9,
        lon_cell_deg=8.7,
        entry_ns=START_NS + 120 * SECOND_NS,
        by="officer-1",
        says="",
        seconded_by="",
        state="waiting",
        reason="",
        until_ns=START_NS + 60 * SECOND_NS,
        warnings=(),
    )
    scene = Scene(view=make_view()._replace(calls=(view,)))
    with scene.client() as client:
        told = client.get("/CH/api/calls/C7").json()
        assert client.get("/CH/api/calls/C8").status_code == 404
    assert told["prompt"].startswith(
        "EXERCISE: warn France (FR) of an object of class uas that enters zone TICINO"
    )
    assert (told["call"], told["person"], told["recipients"]) == ("C7", "officer-1", ["FR"])
    assert scene.taker.items == []
