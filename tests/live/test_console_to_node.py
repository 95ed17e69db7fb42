"""From a press at the console to the node's tables: journaled with the person's name, acted on, replayed."""

import warnings
from pathlib import Path

import msgspec
from views import make_hello

with warnings.catch_warnings():
    # Starlette asks for httpx2, which is younger than the pinned set; httpx does what these tests need.
    warnings.filterwarnings("ignore", message="Using `httpx`")
    from starlette.testclient import TestClient

import alpine
from foedus.audit import decode_leaf
from foedus.cli.run import load
from foedus.journal import Header, Store
from foedus.live.bus import Bus
from foedus.live.gateway import Gateway, make_app
from foedus.live.member import LiveMember
from foedus.live.session import Session
from foedus.live.web import open_gateways
from foedus.model import SECOND_NS
from foedus.node import Node
from foedus.station import Station
from foedus.wire import Batch, Happened, Input, Tick, Warn, decode_batch, decode_message

REVOKED = alpine.ROOT / "networks" / "alpine-revoked.toml"
DECLARE = {"person": "duty officer", "what": "casus", "of": "C1", "says": "yes"}


def make_swiss(path: Path) -> tuple[LiveMember, Bus]:
    network, pact, texts = load(REVOKED)
    bus = Bus(("CH", "IT"))
    header = Header(member="CH", version="test", **texts._asdict())
    store = Store.open(path, writable=True) if path.exists() else Store.create(path, header)
    return LiveMember(Station(Node(network, pact, "CH"), pact), store, bus), bus


def waiting(bus: Bus) -> list[Input]:
    intake = bus.mailboxes["CH"].intake
    return [intake.get_nowait() for _ in range(intake.qsize())]


def kinds(member: LiveMember) -> list[str]:
    return [decode_leaf(data, where="CH").kind for _, data, _ in member.store.leaves()]


def test_a_casus_declared_at_the_console_opens_what_it_scopes_and_is_replayed(tmp_path: Path) -> None:
    member, bus = make_swiss(tmp_path / "CH.journal")
    gateway = Gateway(
        make_hello("CH"),
        provenance=member.station.node.provenance,
        act=member.act,
        tell=member.tell,
    )
    member.take([Tick()], alpine.START_NS)
    gateway.publish(member.station.node.view())
    with TestClient(make_app([gateway], title="Alpine"), base_url="http://127.0.0.1") as client:
        wrong = client.post("/CH/api/facts", json=DECLARE | {"of": "C7"})
        left = client.post("/CH/api/facts", json=DECLARE | {"what": "left", "of": "HUB"})
        assert waiting(bus) == []
        right = client.post("/CH/api/facts", json=DECLARE)
    assert wrong.status_code == left.status_code == 422
    assert wrong.json()["error"] == (
        "not recorded: of 'C7': no such casus; expected one of C1 (did you mean C1?)"
    )
    assert left.json()["error"] == "not recorded: of 'HUB': no such party; expected one of CH, IT"
    assert right.status_code == 202
    told = waiting(bus)
    assert told == [Happened("casus", "C1", alpine.START_NS, "CH", "yes", (), "duty officer")]
    assert kinds(member) == []
    member.take([*told, Tick()], alpine.START_NS + alpine.TICK_NS)
    assert kinds(member) == ["picture"]
    stand = member.station.node.view().pact
    assert stand is not None
    assert (stand.casus[0].stand, stand.casus[0].by, stand.facts[0].person) == ("met", "CH", "duty officer")
    member.close()
    again, _ = make_swiss(tmp_path / "CH.journal")
    assert again.station.node.view().pact == stand
    again.close()


def test_a_journal_from_before_facts_had_a_person_is_still_read() -> None:
    old = msgspec.msgpack.encode([5, [["happened", "casus", "C1", 3, "CH", "yes", []]]])
    assert decode_batch(old) == Batch(5, (Happened("casus", "C1", 3, "CH", "yes"),))


def test_every_member_of_a_session_has_a_console_that_records_facts_for_its_own_node(tmp_path: Path) -> None:
    network, pact, texts = load(REVOKED)
    session = Session(network, pact, texts, tmp_path)
    open_gateways(session, speed=None, bounds=(45.0, 6.0, 48.0, 10.0))
    gateways = [member.gateway for member in session.members.values() if member.gateway is not None]
    for gateway, member in zip(gateways, session.members.values(), strict=True):
        gateway.publish(member.station.node.view()._replace(time_ns=alpine.START_NS))
    with TestClient(make_app(gateways, title="Alpine"), base_url="http://127.0.0.1") as client:
        assert client.post("/IT/api/facts", json=DECLARE).status_code == 202
    sizes = {member: box.intake.qsize() for member, box in session.bus.mailboxes.items()}
    assert sizes == {"CH": 0, "IT": 1}
    assert session.bus.mailboxes["IT"].intake.get_nowait() == Happened(
        "casus", "C1", alpine.START_NS, "IT", "yes", (), "duty officer"
    )
    session.close()


def test_two_persons_at_an_italian_console_warn_switzerland_and_one_alone_does_not(tmp_path: Path) -> None:
    network, pact, texts = alpine.documents()
    session = Session(network, pact, texts, tmp_path)
    open_gateways(session, speed=None, bounds=(45.0, 6.0, 48.0, 10.0))
    italy = session.members["IT"]
    assert italy.gateway is not None
    (zone, *_) = [one for one in pact.zone if one.owner == "CH"]
    lat, lon = zone.polygon[0]
    asked = {"zone": zone.id, "class": "unidentified", "lat_cell_deg": lat, "lon_cell_deg": lon}

    def step(seconds: int) -> list[Warn]:
        intake = session.bus.mailboxes["IT"].intake
        inputs = [intake.get_nowait() for _ in range(intake.qsize())]
        italy.take([*inputs, Tick()], alpine.START_NS + seconds * SECOND_NS)
        italy.gateway.publish(italy.station.node.view())  # type: ignore[union-attr]
        swiss = session.bus.mailboxes["CH"].intake
        bodies = [decode_message(swiss.get_nowait().body) for _ in range(swiss.qsize())]  # type: ignore[union-attr]
        return [body for body in bodies if isinstance(body, Warn)]

    assert step(0) == []
    with TestClient(make_app([italy.gateway], title="Alpine"), base_url="http://127.0.0.1") as client:
        own = {**asked, "zone": next(one.id for one in pact.zone if one.owner == "IT")}
        assert (
            "warn Italy (IT)"
            in client.post("/IT/api/calls", json=own | {"entry_in_s": 100, "person": "watch 1"}).json()[
                "prompt"
            ]
        )
        called = client.post("/IT/api/calls", json=asked | {"entry_in_s": 100, "person": "watch 1"})
        assert called.json()["recipients"] == ["CH"]
        call = f"/IT/api/calls/{called.json()['call']}/second"
        assert step(5) == []  # one person alone
        wrong = client.post(call, json={"mode": "LIVE", "person": "watch 2"})
        assert "this console runs RECORDING" in wrong.json()["error"]
        assert client.post(call, json={"mode": "RECORDING", "person": "watch 2"}).status_code == 202
        (warn,) = step(10)
        assert (warn.basis, warn.zone, warn.state, warn.mode) == ("person", zone.id, "RAISED", "RECORDING")
        cancel = client.post(f"/IT/api/warnings/{warn.warning}/cancel", json={"person": "watch 1"})
        assert cancel.status_code == 202, cancel.text
        (ended,) = step(15)
        assert (ended.warning, ended.state) == (warn.warning, "CANCELLED")
    session.close()
