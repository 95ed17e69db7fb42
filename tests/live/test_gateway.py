"""The gateway through Starlette's in-memory client: what a console is told, and what it is refused."""

import asyncio
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import numpy as np
import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect
from views import START_NS, make_hello, make_picture, make_provenance, make_view, make_warning

with warnings.catch_warnings():
    # Starlette asks for httpx2, which is younger than the pinned set; httpx does what these tests need.
    warnings.filterwarnings("ignore", message="Using `httpx`")
    from starlette.testclient import TestClient

from foedus.errors import LimitError, SetupError
from foedus.limits import CONSOLE_BODY_BYTES_MAX, CONSOLE_CLIENTS_MAX, PERSON_CHARACTERS_MAX
from foedus.live import gateway as gateway_module
from foedus.live.frame import COLUMNS, HEADER, MAGIC, VERSION, encode_frame
from foedus.live.gateway import Gateway, listen, make_app, serve_config
from foedus.model import SECOND_NS, Identity, TrackClass, Tracks, unpack_callsign
from foedus.watch.delivery import Escalated
from foedus.wire import Act

ORIGIN = "http://127.0.0.1"
SOCKET = "ws://127.0.0.1"  # the client would ask for ws://testserver


def decode(frame: bytes) -> tuple[tuple[int, ...], dict[str, np.ndarray]]:
    """A second reading of the frame, by offsets written out here."""
    header = struct.unpack_from("<IHHIIqII", frame)
    at, rows, columns = header[2], header[3], {}
    for name, dtype in COLUMNS:
        columns[name] = np.frombuffer(frame, dtype, rows, at)
        assert at % 8 == 0
        at += (rows * np.dtype(dtype).itemsize + 7) // 8 * 8
    assert at == len(frame)
    return header, columns


@contextmanager
def serving(*gateways: Gateway) -> Iterator[TestClient]:
    with TestClient(make_app(gateways, title="Alpine"), base_url=ORIGIN) as client:
        yield client


def make_gateway(member: str = "CH", acts: list[Act] | None = None) -> Gateway:
    return Gateway(
        make_hello(member), provenance=make_provenance, act=(acts if acts is not None else []).append
    )


def read_all(client: TestClient, member: str) -> dict[str, bytes]:
    """One message of each topic, as a console that has just connected gets them."""
    found: dict[str, bytes] = {}
    with client.websocket_connect(f"{SOCKET}/{member}/ws") as socket:
        while "picture" not in found:
            message = socket.receive()
            if message.get("bytes"):
                found["picture"] = message["bytes"]
            else:
                text = message["text"]
                found[msgspec.json.decode(text)["topic"]] = text.encode()
    return found


# ---------------------------------------------------------------------------------------------------- frame


def test_a_frame_gives_back_every_column_of_the_picture():
    picture = make_picture(10)
    header, columns = decode(encode_frame(picture, time_ns=START_NS, sequence=7))
    assert header == (MAGIC, VERSION, HEADER.size, 10, 7, START_NS, 0, 0)
    np.testing.assert_array_equal(columns["number"], picture.number)
    np.testing.assert_allclose(columns["lat"] * 1e-7, np.degrees(picture.lat_rad), atol=0.51e-7)
    np.testing.assert_allclose(columns["lon"] * 1e-7, np.degrees(picture.lon_rad), atol=0.51e-7)
    np.testing.assert_allclose(columns["age_s"], (START_NS - picture.time_ns) / SECOND_NS)
    np.testing.assert_array_equal(columns["sources"], picture.sources)
    assert unpack_callsign(int(columns["callsign"][1])) == "SWR101"


def test_heading_and_speed_come_from_the_velocity():
    east = np.array([0.0, 100.0, 0.0, -3.0, 0.0, np.nan])
    north = np.array([50.0, 0.0, -7.0, -3.0, 0.0, np.nan])
    picture = make_picture(6)._replace(velocity_east_m_s=east, velocity_north_m_s=north)
    _, columns = decode(encode_frame(picture, time_ns=START_NS, sequence=1))
    np.testing.assert_allclose(columns["heading_deg"], [0, 90, 180, 225, np.nan, np.nan])
    np.testing.assert_allclose(columns["speed_m_s"], [50, 100, 7, 18**0.5, 0, np.nan], rtol=1e-6)


def test_an_empty_picture_is_a_frame_without_rows():
    header, _ = decode(encode_frame(Tracks.empty(), time_ns=START_NS, sequence=1))
    assert header[3] == 0


def test_a_row_without_position_is_left_out_and_counted():
    picture = make_picture(3)
    picture.lat_rad[1] = np.nan
    header, columns = decode(encode_frame(picture, time_ns=START_NS, sequence=1))
    assert header[6] == 1
    np.testing.assert_array_equal(columns["number"], [1, 3])


def test_the_declared_identity_travels_with_its_row_and_is_pending_where_nobody_said_anything():
    picture = make_picture(3)
    picture.lat_rad[0] = np.nan
    identity = np.array([Identity.FRIEND, Identity.SUSPECT, Identity.PENDING], np.int8)
    _, columns = decode(encode_frame(picture, time_ns=START_NS, sequence=1, identity=identity))
    np.testing.assert_array_equal(columns["identity"], [Identity.SUSPECT, Identity.PENDING])
    _, columns = decode(encode_frame(picture, time_ns=START_NS, sequence=1))
    np.testing.assert_array_equal(columns["identity"], [Identity.PENDING] * 2)


def test_a_longitude_beyond_the_date_line_is_brought_back():
    picture = make_picture(2)._replace(lon_rad=np.radians([181.0, -190.5]))
    _, columns = decode(encode_frame(picture, time_ns=START_NS, sequence=1))
    np.testing.assert_array_equal(columns["lon"], [-1_790_000_000, 1_695_000_000])


# --------------------------------------------------------------------------------------------------- socket


def test_a_console_is_told_who_it_stands_at_then_warnings_before_the_picture():
    gateway = make_gateway()
    gateway.publish(make_view(rows=5, warnings=(make_warning(),)))
    with serving(gateway) as client:
        found = read_all(client, "CH")
    assert list(found) == ["hello", "warnings", "links", "feeds", "picture"]
    hello = msgspec.json.decode(found["hello"])
    assert (hello["member"], hello["mode"], hello["pact"]["id"]) == ("CH", "RECORDING", "alpine")
    assert msgspec.json.decode(found["warnings"])["warnings"][0]["id"] == "IT-1"


def test_a_console_is_told_of_escalations_and_has_words_for_classes_identities_and_reasons():
    gateway = make_gateway()
    due = Escalated(warning="CH-FR-1", clause="warn-entry", then="second_route", time_ns=START_NS)
    gateway.publish(make_view(rows=5)._replace(escalations=(due,)))
    with serving(gateway) as client:
        found = read_all(client, "CH")
    assert msgspec.json.decode(found["escalations"])["escalations"] == [msgspec.to_builtins(due)]
    hello = msgspec.json.decode(found["hello"])
    assert [hello["classes"][one] for one in TrackClass] == [one.name.lower() for one in TrackClass]
    assert [hello["identities"][one] for one in Identity] == [one.name.lower() for one in Identity]
    assert dict(hello["reasons"])["inside_zone"] == "It is inside the zone."


def test_a_warning_is_told_in_every_language_behind_the_words_of_the_mode():
    gateway = make_gateway()
    gateway.publish(make_view(warnings=(make_warning(),)))
    with serving(gateway) as client:
        texts = client.get("/CH/api/warnings/IT-1/texts").json()["texts"]
        assert client.get("/CH/api/warnings/FR-1/texts").status_code == 404
    assert [one["language"] for one in texts] == ["ar", "de", "en", "fr", "he", "it"]
    assert [one["direction"] for one in texts] == ["rtl", "ltr", "ltr", "ltr", "rtl", "ltr"]
    english = texts[2]["text"]
    assert english.startswith("TEST TEST TEST - ")
    assert "TICINO" in english
    assert "Italy" in english


def test_a_member_gets_no_byte_of_another_members_data():
    swiss, italian = make_gateway("CH"), make_gateway("IT")
    swiss.publish(make_view(rows=5, first_number=1, member="CH", warnings=(make_warning(id="SECRET-CH"),)))
    italian.publish(make_view(rows=5, first_number=777_001, member="IT"))
    with serving(swiss, italian) as client:
        to_swiss, to_italian = read_all(client, "CH"), read_all(client, "IT")
        foreign = client.post("/IT/api/warnings/SECRET-CH/shown")
    assert b"it-receivers" not in b"".join(to_swiss.values())
    assert b"ch-receivers" not in b"".join(to_italian.values())
    assert b"SECRET-CH" not in b"".join(to_italian.values())
    assert set(decode(to_swiss["picture"])[1]["number"]).isdisjoint(
        decode(to_italian["picture"])[1]["number"]
    )
    assert foreign.status_code == 404


def test_a_slow_console_gets_the_newest_picture_and_no_queue():
    gateway = make_gateway()
    gateway.publish(make_view(rows=1))
    with serving(gateway) as client, client.websocket_connect(SOCKET + "/CH/ws") as socket:
        while not socket.receive().get("bytes"):
            pass

        def publish_many() -> None:  # in one turn of the loop: the socket cannot take any of them in between
            for step in range(1, 101):
                gateway.publish(make_view(rows=1, step=step))

        client.portal.call(publish_many)
        while not (data := socket.receive().get("bytes")):
            pass
        assert decode(data)[0][4] == 101
        client.portal.call(gateway.publish, make_view(rows=1, step=101))
        while not (data := socket.receive().get("bytes")):
            pass
        assert decode(data)[0][4] == 102


def test_what_did_not_change_is_not_sent_again():
    gateway = make_gateway()
    view = make_view(rows=1, warnings=(make_warning(),))
    gateway.publish(view)
    with serving(gateway) as client, client.websocket_connect(SOCKET + "/CH/ws") as socket:
        while not socket.receive().get("bytes"):
            pass
        client.portal.call(gateway.publish, view)
        assert socket.receive().get("bytes")


def test_the_end_of_the_recording_reaches_consoles_that_come_later_too():
    gateway = make_gateway()
    gateway.publish(make_view(rows=1))
    gateway.finish("recording ended")
    with serving(gateway) as client, client.websocket_connect(SOCKET + "/CH/ws") as socket:
        topics = [msgspec.json.decode(text) for text in iter_texts(socket, 5)]
    assert {"topic": "state", "state": "recording ended"} in topics


def iter_texts(socket, count):
    while count:
        message = socket.receive()
        if message.get("text"):
            count -= 1
            yield message["text"]


def test_the_console_after_the_last_allowed_one_is_refused_with_the_reason(monkeypatch):
    assert CONSOLE_CLIENTS_MAX == gateway_module.CONSOLE_CLIENTS_MAX
    monkeypatch.setattr(gateway_module, "CONSOLE_CLIENTS_MAX", 2)
    gateway = make_gateway()
    gateway.publish(make_view(rows=1))
    with serving(gateway) as client:
        with (
            client.websocket_connect(SOCKET + "/CH/ws") as one,
            client.websocket_connect(SOCKET + "/CH/ws") as two,
        ):
            assert one.receive()["text"]
            assert two.receive()["text"]
            with (
                client.websocket_connect(SOCKET + "/CH/ws") as three,
                pytest.raises(WebSocketDisconnect) as closed,
            ):
                three.receive_text()
            assert closed.value.code == 1013
            assert "already has 2 consoles" in closed.value.reason
        assert gateway.refused_clients == 1
        with client.websocket_connect(SOCKET + "/CH/ws") as four:  # a place is free again
            assert four.receive()["text"]


def test_a_console_that_takes_nothing_is_dropped_and_counted(monkeypatch):
    monkeypatch.setattr(gateway_module, "CONSOLE_SEND_S_MAX", 0.01)
    gateway = make_gateway()

    async def serve() -> None:
        never = asyncio.Event()
        coming = [{"type": "websocket.connect"}]

        async def receive():
            return coming.pop() if coming else await never.wait()

        async def send(message):
            if message["type"] == "websocket.send":
                await never.wait()

        await gateway.serve_socket(WebSocket({"type": "websocket"}, receive, send))

    asyncio.run(serve())
    assert gateway.dropped_clients == 1
    assert gateway.clients == 0


def test_a_console_that_talks_is_hung_up_on():
    gateway = make_gateway()
    with serving(gateway) as client, client.websocket_connect(SOCKET + "/CH/ws") as socket:
        socket.receive()
        socket.send_text("give me IT")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1008


# -------------------------------------------------------------------------------------------------- requests


def test_provenance_names_sensors_parties_and_clauses():
    with serving(make_gateway()) as client:
        answer = client.get("/CH/api/tracks/12")
        missing = client.get("/CH/api/tracks/99999")
    assert answer.json()["contributions"][1]["clause"] == "share-civil"
    assert answer.json()["releases"][1] == {"party": "IT", "form": "none", "clause": ""}
    assert missing.status_code == 404


def test_an_acknowledgement_becomes_one_act_however_often_it_is_sent():
    acts: list[Act] = []
    gateway = make_gateway(acts=acts)
    gateway.publish(make_view(warnings=(make_warning(),)))
    with serving(gateway) as client:
        for expected in (202, 200):
            answer = client.post("/CH/api/warnings/IT-1/acknowledge", json={"person": " duty officer "})
            assert answer.status_code == expected
        assert client.post("/CH/api/warnings/IT-1/shown").status_code == 202
        assert client.post("/CH/api/warnings/IT-1/shown").status_code == 200
    assert acts == [Act("acknowledge", "IT-1", "duty officer"), Act("shown", "IT-1", "")]


def test_a_warning_acknowledged_before_is_not_acknowledged_again():
    acts: list[Act] = []
    gateway = make_gateway(acts=acts)
    gateway.publish(make_view(warnings=(make_warning(acknowledged_ns=START_NS, person="x"),)))
    with serving(gateway) as client:
        answer = client.post("/CH/api/warnings/IT-1/acknowledge", json={"person": "y"})
    assert answer.json()["already"] is True
    assert acts == []


def test_a_full_intake_is_told_and_the_act_can_be_repeated():
    def refuse(_: Act) -> None:
        raise LimitError(name="INTAKE_MAX", limit=1, asked=2)

    gateway = Gateway(make_hello("CH"), provenance=make_provenance, act=refuse)
    gateway.publish(make_view(warnings=(make_warning(),)))
    with serving(gateway) as client:
        for _ in range(2):
            answer = client.post("/CH/api/warnings/IT-1/shown")
            assert answer.status_code == 503
    assert "INTAKE_MAX" in answer.json()["error"]


@pytest.mark.parametrize(
    ("warning", "body", "status", "word"),
    [
        ("IT-1", b'{"person": ""}', 400, "printable"),
        ("IT-1", b'{"person": "a\\nb"}', 400, "printable"),
        ("IT-1", b'{"person": "%s"}' % (b"x" * (PERSON_CHARACTERS_MAX + 1)), 400, "printable"),
        ("IT-1", b'{"person": 7}', 400, "person"),
        ("IT-1", b'{"person": "a", "more": 1}', 400, "more"),
        ("IT-1", b"\xff\xfe", 400, "expected"),
        ("IT-1", b" " * (CONSOLE_BODY_BYTES_MAX + 1), 413, "bytes"),
        ("IT-9", b'{"person": "a"}', 404, "no such warning"),
        ("OUT-1", b'{"person": "a"}', 409, "recipient"),
    ],
)
def test_a_bad_acknowledgement_says_what_was_expected(warning, body, status, word):
    acts: list[Act] = []
    gateway = make_gateway(acts=acts)
    gateway.publish(make_view(warnings=(make_warning(), make_warning(id="OUT-1", direction="sent"))))
    with serving(gateway) as client:
        answer = client.post(f"/CH/api/warnings/{warning}/acknowledge", content=body)
    assert answer.status_code == status
    assert word in answer.json()["error"]
    assert acts == []


# ----------------------------------------------------------------------------------------- who may ask at all


def test_a_page_of_another_origin_can_neither_listen_nor_acknowledge():
    acts: list[Act] = []
    gateway = make_gateway(acts=acts)
    gateway.publish(make_view(warnings=(make_warning(),)))
    with serving(gateway) as client:
        for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
            headers = {"Origin": origin}
            assert client.post("/CH/api/warnings/IT-1/shown", headers=headers).status_code == 403
            with (
                pytest.raises(WebSocketDisconnect),
                client.websocket_connect(SOCKET + "/CH/ws", headers=headers),
            ):
                pass
        assert acts == []
        with client.websocket_connect(SOCKET + "/CH/ws", headers={"Origin": ORIGIN}) as socket:
            assert socket.receive()["text"]
        assert client.post("/CH/api/warnings/IT-1/shown", headers={"Origin": ORIGIN}).status_code == 202


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "localhost@evil.example"]
)
def test_a_name_that_is_not_this_machines_is_refused(host):
    with serving(make_gateway()) as client:
        answer = client.get("/CH/api/tracks/1", headers={"Host": host})
    assert answer.status_code == 403
    assert "answers to" in answer.text


@pytest.mark.parametrize("host", ["localhost:8080", "[::1]:80", "LOCALHOST"])
def test_every_loopback_name_is_accepted(host):
    with serving(make_gateway()) as client:
        assert client.get("/CH/api/tracks/1", headers={"Host": host}).status_code == 200


def test_every_answer_forbids_foreign_scripts_and_frames():
    with serving(make_gateway()) as client:
        for path in ("/", "/CH/", "/_members", "/nothing-here"):
            policy = client.get(path).headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "frame-ancestors 'self'" in policy
            assert "unsafe" not in policy


def test_the_index_lists_every_member_and_unknown_members_are_not_found():
    with serving(make_gateway("CH"), make_gateway("IT")) as client:
        listed = client.get("/_members").json()
        assert client.get("/XX/").status_code == 404
    assert [card["member"] for card in listed["members"]] == ["CH", "IT"]


def test_without_a_built_console_the_page_says_what_to_type(monkeypatch, tmp_path):
    monkeypatch.setattr(gateway_module, "WEB", tmp_path)
    with serving(make_gateway()) as client:
        answer = client.get("/CH/")
    assert answer.status_code == 503
    assert "make demo" in answer.text


def test_only_built_files_may_be_kept_by_a_browser(monkeypatch, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "console-1a2b.js").write_text("1")
    (tmp_path / "console.html").write_text("<p>")
    monkeypatch.setattr(gateway_module, "WEB", tmp_path)
    with serving(make_gateway()) as client:
        kept = client.get("/_web/assets/console-1a2b.js").headers["cache-control"]
        others = [client.get(path) for path in ("/CH/", "/CH/api/tracks/1", "/_web/assets/none.js")]
    assert "immutable" in kept
    assert [answer.headers["cache-control"] for answer in others] == ["no-store"] * 3


def test_a_port_that_is_taken_is_one_sentence():
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SetupError, match=f"port {port}.*--port"):
            listen("127.0.0.1", port)


def test_pictures_are_not_deflated():
    config = serve_config(make_app([make_gateway()], title="Alpine"), "127.0.0.1", 0)
    assert config.ws_per_message_deflate is False
