"""Claims about signing in: who acts is who gave the secret, guessing is slow, nobody is shut out for ever."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from views import make_hello, make_provenance, make_view, make_warning

from keys import SECRET, in_mode, people_of

with warnings.catch_warnings():
    # Starlette asks for httpx2, which is younger than the pinned set; httpx does what these tests need.
    warnings.filterwarnings("ignore", message="Using `httpx`")
    from starlette.testclient import TestClient

import alpine
from foedus.errors import SetupError
from foedus.limits import SIGN_IN_WAITING_MAX, SIGNED_IN_MAX
from foedus.live.gateway import Gateway, make_app
from foedus.live.sign_in import SESSION_S, TRIES_FREE, WAIT_S_MAX, SignInDesk
from foedus.network import Mode
from foedus.people import People
from foedus.wire import Act, Happened

NETWORK = alpine.documents()[0]
PEOPLE = people_of(NETWORK, "CH", "officer-1", "officer-2")
RIGHT = {"person": "officer-1", "secret": SECRET}
WRONG = {"person": "officer-1", "secret": "wrong horse battery"}


class Scene:
    """One gateway, a clock that a test moves, and what came of the acts."""

    def __init__(self, people: People | None = PEOPLE, mode: str = "RECORDING") -> None:
        self.now_s = 1_000.0
        self.acts: list[Act | Happened] = []
        self.gateway = Gateway(
            make_hello("CH", mode=mode),
            provenance=make_provenance,
            act=self.acts.append,
            tell=self.tell,
            people=people,
        )
        self.gateway.sign_ins._now_s = lambda: self.now_s
        self.gateway.publish(make_view(warnings=(make_warning(),)))

    def tell(self, item: Happened) -> str:
        self.acts.append(item)
        return ""

    @contextmanager
    def client(self) -> Iterator[TestClient]:
        with TestClient(make_app([self.gateway], title="Alpine"), base_url="http://127.0.0.1") as client:
            yield client


def sign_in(client: TestClient, asked: dict[str, str] = RIGHT) -> Any:
    return client.post("/CH/api/sign-in", json=asked)


def acknowledge(client: TestClient, **body: str) -> Any:
    return client.post("/CH/api/warnings/IT-1/acknowledge", json=body)


def test_an_act_carries_the_name_of_the_session_and_not_that_of_the_body() -> None:
    scene = Scene()
    with scene.client() as client:
        assert acknowledge(client, person="the general").status_code == 401
        assert sign_in(client).json()["person"] == "officer-1"
        assert acknowledge(client, person="the general").status_code == 202
        fact = {"what": "casus", "of": "C1", "says": "yes", "person": "the general"}
        assert client.post("/CH/api/facts", json=fact).status_code == 202
    assert [act.person for act in scene.acts] == ["officer-1", "officer-1"]


def test_without_a_session_nothing_is_done_whatever_cookie_is_shown() -> None:
    scene = Scene()
    with scene.client() as client:
        client.cookies.set("foedus_RECORDING_alpine_CH", "guessed", path="/CH/")
        assert acknowledge(client).status_code == 401
        fact = {"what": "casus", "of": "C1", "says": "yes"}
        assert client.post("/CH/api/facts", json=fact).status_code == 401
        assert client.get("/CH/api/sign-in").json() == {
            "person": "",
            "role": "",
            "needed": True,
            "mode": "RECORDING",
            "ends_in_s": 0.0,
        }
    assert scene.acts == []


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_names_mode_and_member() -> None:
    with Scene().client() as client:
        cookie = sign_in(client).headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "foedus_RECORDING_alpine_CH"
    assert {"HttpOnly", "Path=/CH/", "SameSite=strict", f"Max-Age={int(SESSION_S)}"} <= set(rest.split("; "))
    assert len(rest.split(";")[0]) >= 43  # 256 bits


def test_signing_out_ends_the_session_also_for_whoever_kept_its_cookie() -> None:
    scene = Scene()
    with scene.client() as client:
        sign_in(client)
        kept = client.cookies["foedus_RECORDING_alpine_CH"]
        assert client.post("/CH/api/sign-out").json()["person"] == ""
        client.cookies.set("foedus_RECORDING_alpine_CH", kept, path="/CH/")
        assert acknowledge(client).status_code == 401


def test_a_session_ends_with_the_watch() -> None:
    scene = Scene()
    with scene.client() as client:
        sign_in(client)
        scene.now_s += SESSION_S - 1
        assert client.get("/CH/api/sign-in").json()["ends_in_s"] == pytest.approx(1.0)
        assert acknowledge(client).status_code == 202
        scene.now_s += 2
        assert acknowledge(client).status_code == 401


@pytest.mark.parametrize(
    "asked",
    [
        WRONG,
        RIGHT | {"person": "officer-2x"},
        RIGHT | {"secret": ""},
        RIGHT | {"secret": "x" * 257},
        RIGHT | {"person": ""},
    ],
)
def test_a_wrong_person_and_a_wrong_secret_are_refused_in_the_same_words(asked: dict[str, str]) -> None:
    with Scene().client() as client:
        answer = sign_in(client, asked)
        assert (answer.status_code, answer.json()) == (401, {"error": "wrong person or secret"})
        assert "set-cookie" not in answer.headers


def test_a_stranger_costs_a_guesser_as_much_as_a_known_person(monkeypatch: pytest.MonkeyPatch) -> None:
    from foedus.live import sign_in as module

    checked = []
    monkeypatch.setattr(module, "is_theirs", lambda person, secret: checked.append(person.id) or True)
    with Scene().client() as client:
        assert sign_in(client, RIGHT | {"person": "nobody"}).status_code == 401
    assert len(checked) == 1


def test_wrong_secrets_wait_longer_each_time_but_never_more_than_a_minute() -> None:
    scene = Scene()
    waits = []
    with scene.client() as client:
        for _ in range(TRIES_FREE + 10):
            assert sign_in(client, WRONG).status_code == 401
            late = sign_in(client, RIGHT)
            if late.status_code == 429:
                waits.append(int(late.headers["Retry-After"]))
                scene.now_s += waits[-1]
            else:
                client.post("/CH/api/sign-out")
                break
        assert waits == []  # a right secret in between starts the count anew
        for _ in range(TRIES_FREE + 10):
            assert sign_in(client, WRONG).status_code == 401
            tries = scene.gateway.sign_ins._tries["officer-1"]
            waits.append(tries.next_s - scene.now_s)
            scene.now_s = tries.next_s
        assert waits == [0, 0, 1, 2, 4, 8, 16, 32, *[WAIT_S_MAX] * (len(waits) - 8)]
        assert sign_in(client).status_code == 200  # the duty officer is not shut out


def test_a_try_during_the_wait_is_not_checked_and_does_not_lengthen_it() -> None:
    scene = Scene()
    with scene.client() as client:
        for _ in range(TRIES_FREE):
            sign_in(client, WRONG)
        for _ in range(20):
            late = sign_in(client, WRONG)
            assert late.status_code == 429
            assert "try again in 1 s" in late.json()["error"]
        assert sign_in(client, RIGHT | {"person": "officer-2"}).status_code == 200  # others do not wait
        scene.now_s += 1.0
        assert sign_in(client).status_code == 200


def test_sessions_are_bounded_and_the_oldest_ends() -> None:
    scene = Scene()
    with scene.client() as client:
        sign_in(client)
        first = client.cookies["foedus_RECORDING_alpine_CH"]
        for _ in range(SIGNED_IN_MAX):
            sign_in(client)
        assert len(scene.gateway.sign_ins._sessions) == SIGNED_IN_MAX
        assert acknowledge(client).status_code == 202
        client.cookies.clear()
        client.cookies.set("foedus_RECORDING_alpine_CH", first, path="/CH/")
        assert acknowledge(client).status_code == 401


def test_a_crowd_at_the_door_is_told_to_try_again() -> None:
    scene = Scene()
    scene.gateway.sign_ins._waiting = SIGN_IN_WAITING_MAX
    with scene.client() as client:
        assert sign_in(client).status_code == 503


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"person": "officer-1"}', b'{"person": 1, "secret": 2}', b"x" * 5_000]
)
def test_a_try_that_cannot_be_read_is_refused_and_repeats_no_secret(body: bytes) -> None:
    with Scene().client() as client:
        answer = client.post("/CH/api/sign-in", content=body)
    assert answer.status_code in (400, 413)
    assert "officer" not in answer.text


def test_a_sign_in_from_another_page_is_refused() -> None:
    with Scene().client() as client:
        answer = client.post("/CH/api/sign-in", json=RIGHT, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403


def test_where_nobody_is_listed_names_are_as_typed() -> None:
    scene = Scene(people=None)
    with scene.client() as client:
        assert sign_in(client).json() == {
            "error": "this member lists no people: names are taken as they are typed"
        }
        assert client.get("/CH/api/sign-in").json()["needed"] is False
        assert acknowledge(client, person=" duty officer ").status_code == 202
        assert acknowledge(client).status_code == 400
    assert scene.gateway.hello.sign_in is False
    assert [act.person for act in scene.acts] == ["duty officer"]


def test_a_member_that_lists_nobody_lets_nobody_in() -> None:
    with Scene(people=people_of(NETWORK, "CH")).client() as client:
        assert sign_in(client).status_code == 401
        assert acknowledge(client, person="duty officer").status_code == 401


def test_a_live_console_without_people_is_not_made() -> None:
    with pytest.raises(SetupError, match="needs people who sign in: list them with `foedus people add"):
        Scene(people=None, mode="LIVE")


def test_people_of_another_mode_have_no_desk() -> None:
    live = people_of(in_mode(NETWORK, Mode.LIVE), "CH", "officer-1")
    with pytest.raises(AssertionError):
        SignInDesk(live, member="CH", mode="RECORDING")
