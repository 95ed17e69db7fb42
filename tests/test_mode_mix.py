"""Live and not live, mixed up in every way a person can try: refused each time, with the words that say so.

One row per way, tried from each mode into each other one. What is asked for stands beside each row: the mode
that came, and the mode that it came into.
"""

import asyncio
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import alpine
import keys
from foedus.errors import DocumentError, FoedusError, JournalError, SetupError
from foedus.journal import Header, Store
from foedus.live.bus import Bus
from foedus.live.keys import (
    Trust,
    key_name,
    load_people,
    load_trust,
    people_name,
    root_name,
    write_trust,
)
from foedus.live.member import LiveMember
from foedus.live.session import Session
from foedus.live.web import open_gateways
from foedus.model import SECOND_NS
from foedus.network import Mode, Network, parse_network
from foedus.node import Node
from foedus.people import people_text
from foedus.station import Station, station_of
from foedus.trust import Seal, Sealer, parse_root, root_text
from foedus.wire import Batch, Feed, FeedChunk, Received, Tick, Warn, encode
from keys import people_of, sealers_of, secrets_of, trust_of

ALPINE, PACT, TEXTS = alpine.documents()
NOW_NS = alpine.START_NS
PAIRS = [
    pytest.param(came, into, id=f"{came.value}-into-{into.value}")
    for came, into in itertools.permutations(Mode, 2)
]
WARN = Warn(
    warning="FR-CH-0001",
    revision=1,
    state="RAISED",
    mode="",
    clause="W1",
    to="CH",
    zone="Z-CH",
    track_class=0,
    lat_cell_deg=46.0,
    lon_cell_deg=8.0,
    raised_ns=NOW_NS,
    entry_ns=NOW_NS + 120 * SECOND_NS,
    probability_percent=80,
    expires_ns=NOW_NS + 300 * SECOND_NS,
)


def network_in(mode: Mode) -> Network:
    return keys.in_mode(ALPINE, mode)


SCRIPTED = {
    "recording": '[recording]\nsource = "switzerland"\nwindow_start = "2018-08-01T11:30:00Z"\n'
    'window_end = "2018-08-01T12:00:00Z"\nspeed = 20.0\nseed = 1\n',
    "target": '[[target]]\nid = "T"\nstart = "2018-08-01T11:30:00Z"\n'
    "waypoint = [{ after_s = 0, lat_deg = 46, lon_deg = 8, height_m = 0 }, "
    "{ after_s = 9, lat_deg = 46, lon_deg = 8, height_m = 0 }]\n",
    "fact": '[[fact]]\nwhat = "casus"\nof = "C1"\nat = 2018-08-01T11:33:00Z\n',
}
FEED = """
[[feed]]
id = "F"
member = "CH"
format = "plots"
sensor = [
  { id = "R", kind = "receiver", lat_deg = 46, lon_deg = 8, height_m = 0, period_s = 10, range_max_m = 1e5 },
]
"""


def network_text(mode: Mode) -> str:
    """The alpine network with one feed, as it may stand in that mode."""
    head = TEXTS.network_text.partition("[recording]")[0].replace('"RECORDING"', f'"{mode.value}"')
    return head + FEED + (SCRIPTED["recording"] if mode is Mode.RECORDING else "")


def node_in(mode: Mode, root: Trust | None = None) -> Node:
    network = network_in(mode)
    return Node(network, PACT, "CH", root=(root or trust_of(network)).root)


def header_in(mode: Mode) -> Header:
    trust = trust_of(network_in(mode))
    texts = TEXTS._replace(
        mode=mode.value, trust_file=trust.file, trust_text=trust.text, network_text=network_text(mode)
    )
    return Header(member="CH", version="test", **texts._asdict())


def received(node: Node, item: Received) -> str:
    """Why a node refused a message; it must count it, and show nothing of it."""
    node.step(Batch(NOW_NS, (item, Tick())))
    assert node.view().warnings == ()
    (what,) = [one for one, count in node.dropped().items() if count == 1]
    return what


# ------------------------------------------------------------------------------------------ the ways


def a_root_for_a_node(came: Mode, into: Mode, folder: Path) -> str:
    with pytest.raises(FoedusError) as caught:
        node_in(into, trust_of(network_in(came)))
    return str(caught.value)


def a_root_for_a_session(came: Mode, into: Mode, folder: Path) -> str:
    with pytest.raises(FoedusError) as caught:
        Session(network_in(into), PACT, TEXTS, folder, trust=trust_of(network_in(came)))
    assert list(folder.iterdir()) == []
    return str(caught.value)


def a_key_under_the_right_root(came: Mode, into: Mode, folder: Path) -> str:
    trust = trust_of(network_in(into))._replace(secrets=trust_of(network_in(came)).secrets)
    with pytest.raises(FoedusError) as caught:
        Session(network_in(into), PACT, TEXTS, folder, trust=trust)
    assert list(folder.iterdir()) == []
    return str(caught.value)


def the_folder_of_another_mode(came: Mode, into: Mode, folder: Path) -> str:
    write_trust(folder, trust_of(network_in(came)), network_in(came))
    with pytest.raises(SetupError) as caught:
        load_trust(folder, network_in(into))
    return str(caught.value)


def a_renamed_root_file(came: Mode, into: Mode, folder: Path) -> str:
    write_trust(folder, trust_of(network_in(came)), network_in(came))
    (folder / root_name(network_in(came))).rename(folder / root_name(network_in(into)))
    with pytest.raises(FoedusError) as caught:
        load_trust(folder, network_in(into))
    return str(caught.value)


def a_renamed_key_file(came: Mode, into: Mode, folder: Path) -> str:
    for mode in (came, into):
        write_trust(folder, trust_of(network_in(mode)), network_in(mode))
    os.replace(folder / key_name(network_in(came), "CH"), folder / key_name(network_in(into), "CH"))
    with pytest.raises(FoedusError) as caught:
        load_trust(folder, network_in(into))
    return str(caught.value)


def one_key_in_two_roots(came: Mode, into: Mode, folder: Path) -> str:
    shared = secrets_of(ALPINE)
    for mode in (came, into):
        again = tuple(msgspec.structs.replace(one, mode=mode) for one in shared)
        write_trust(folder, trust_of(network_in(mode), again), network_in(mode))
    with pytest.raises(FoedusError) as caught:
        load_trust(folder, network_in(into))
    assert "no key in two roots" in str(caught.value)
    return str(caught.value)


def a_renamed_people_file(came: Mode, into: Mode, folder: Path) -> str:
    text = people_text(people_of(network_in(came), "CH", "officer-1"))
    (folder / people_name(network_in(into), "CH")).write_text(text, encoding="utf-8")
    with pytest.raises(FoedusError) as caught:
        load_people(folder, network_in(into))
    return str(caught.value)


def a_journal_to_go_on_with(came: Mode, into: Mode, folder: Path) -> str:
    path = folder / "CH.journal"
    Store.create(path, header_in(came)).close()
    trust = trust_of(network_in(into))
    store = Store.open(path, writable=True)
    with pytest.raises(JournalError) as caught:
        LiveMember(Station(node_in(into), PACT), store, Bus(("CH",)), Sealer(trust.secrets["CH"]))
    store.close()
    return str(caught.value)


def a_header_that_says_another_mode(came: Mode, into: Mode, folder: Path) -> str:
    header = msgspec.structs.replace(header_in(came), network_text=network_text(into))
    with pytest.raises(JournalError) as caught:
        station_of(header, where="CH.journal")
    return str(caught.value)


def a_sealed_message(came: Mode, into: Mode, folder: Path) -> str:
    sealer = sealers_of(trust_of(network_in(came)))["FR"]
    body = encode(msgspec.structs.replace(WARN, mode=into.value))
    return received(node_in(into), Received("FR", 1, body, sealer.seal("CH", 1, body, time_ns=NOW_NS)))


def a_relabelled_message_by_a_key_of_both_modes(came: Mode, into: Mode, folder: Path) -> str:
    secrets = {mode: secrets_of(ALPINE) for mode in (came, into)}
    mine = tuple(msgspec.structs.replace(one, mode=into) for one in secrets[into])
    theirs = tuple(msgspec.structs.replace(one, mode=came) for one in secrets[came])
    sealer = sealers_of(trust_of(network_in(came), theirs))["FR"]
    body = encode(msgspec.structs.replace(WARN, mode=into.value))
    seal = msgspec.msgpack.decode(sealer.seal("CH", 1, body, time_ns=NOW_NS), type=Seal)
    relabelled = msgspec.msgpack.encode(msgspec.structs.replace(seal, mode=into.value))
    node = node_in(into, trust_of(network_in(into), mine))
    return received(node, Received("FR", 1, body, relabelled))


def a_warning_of_another_mode_under_a_good_seal(came: Mode, into: Mode, folder: Path) -> str:
    sealer = sealers_of(trust_of(network_in(into)))["FR"]
    body = encode(msgspec.structs.replace(WARN, mode=came.value))
    what = received(node_in(into), Received("FR", 1, body, sealer.seal("CH", 1, body, time_ns=NOW_NS)))
    assert "mode is not" in what
    return what


def a_message_without_a_seal(came: Mode, into: Mode, folder: Path) -> str:
    what = received(node_in(into), Received("FR", 1, encode(msgspec.structs.replace(WARN, mode=came.value))))
    assert "no seal" in what
    return what


WAYS: tuple[Callable[[Mode, Mode, Path], str], ...] = (
    a_root_for_a_node,
    a_root_for_a_session,
    a_key_under_the_right_root,
    the_folder_of_another_mode,
    a_renamed_root_file,
    a_renamed_key_file,
    one_key_in_two_roots,
    a_renamed_people_file,
    a_journal_to_go_on_with,
    a_header_that_says_another_mode,
    a_sealed_message,
    a_relabelled_message_by_a_key_of_both_modes,
    a_warning_of_another_mode_under_a_good_seal,
    a_message_without_a_seal,
)


SAY_ONLY_WHAT_IS_ASKED_FOR = (a_warning_of_another_mode_under_a_good_seal, a_message_without_a_seal)
"""What a sender may write there is endless, and each word would have a count of its own."""


@pytest.mark.parametrize(("came", "into"), PAIRS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_is_of_one_mode_is_refused_in_another_and_both_are_named(
    way: Callable[[Mode, Mode, Path], str], came: Mode, into: Mode, tmp_path: Path
) -> None:
    words = way(came, into, tmp_path)
    assert into.value in words, words
    assert came.value in words or way in SAY_ONLY_WHAT_IS_ASKED_FOR, words


def test_the_same_things_in_their_own_mode_are_taken(tmp_path: Path) -> None:
    """Else a table of refusals would prove nothing."""
    for mode in Mode:
        network, folder = network_in(mode), tmp_path / mode.value
        write_trust(folder, trust_of(network), network)
        trust = load_trust(folder, network)
        assert trust.root == trust_of(network).root
        for entry in network.member:
            text = people_text(people_of(network, entry.id, "officer-1"))
            (folder / people_name(network, entry.id)).write_text(text, encoding="utf-8")
        people = load_people(folder, network)
        session = Session(network, PACT, TEXTS, folder, trust=trust)
        open_gateways(session, speed=None, bounds=(45.0, 6.0, 48.0, 10.0), people=people)
        body = encode(msgspec.structs.replace(WARN, mode=mode.value))
        seal = sealers_of(trust)["FR"].seal("CH", 1, body, time_ns=NOW_NS)
        node = session.members["CH"].station.node
        node.step(Batch(NOW_NS, (Received("FR", 1, body, seal), Tick())))
        assert [warning.id for warning in node.view().warnings] == ["FR:FR-CH-0001"]
        assert session.members["CH"].store.header.mode == mode.value
        session.close()


# ------------------------------------------------------------------------------------------ LIVE alone


@pytest.mark.parametrize("table", SCRIPTED)
def test_nothing_recorded_simulated_or_scripted_stands_in_a_live_network(table: str) -> None:
    assert parse_network(network_text(Mode.LIVE), file="n.toml").mode is Mode.LIVE
    with pytest.raises(DocumentError) as caught:
        parse_network(network_text(Mode.LIVE) + SCRIPTED[table], file="n.toml")
    assert f"found {table} in a LIVE network; expected none: " in str(caught.value)
    assert "exercise" in str(caught.value).lower()
    parse_network(network_text(Mode.EXERCISE) + SCRIPTED[table], file="n.toml")


def test_a_recording_network_records_something() -> None:
    text = network_text(Mode.EXERCISE).replace('"EXERCISE"', '"RECORDING"')
    with pytest.raises(DocumentError, match=r"found RECORDING without a \[recording\]"):
        parse_network(text, file="n.toml")


@pytest.mark.parametrize("speed", [None, 20.0])
def test_a_recording_is_not_played_to_a_live_network_at_any_speed(
    speed: float | None, tmp_path: Path
) -> None:
    network = network_in(Mode.LIVE)
    session = Session(network, PACT, TEXTS, tmp_path, trust=trust_of(network))
    chunk = FeedChunk(NOW_NS, "CH", "CH-RX", b"")
    play = session.play(
        iter([chunk]), start_ns=NOW_NS, end_ns=NOW_NS + SECOND_NS, speed=speed, progress=lambda time_ns: None
    )
    with pytest.raises(SetupError, match="nothing recorded is played to it, at no speed"):
        asyncio.run(play)
    assert session.bus.under_way == 0
    session.close()


@pytest.mark.parametrize(
    ("late_s", "reason"), [(-600, "time lies beyond now"), (86_400, "too old")], ids=["ahead", "of yesterday"]
)
def test_replayed_bytes_that_run_ahead_of_the_clock_or_behind_it_make_no_track(
    late_s: int, reason: str
) -> None:
    """What a live feed would carry if somebody played a recording into it, faster than time or a day late."""
    node = Node(network_in(Mode.LIVE), PACT, "CH", root=trust_of(network_in(Mode.LIVE)).root)
    feeds = tuple(Feed(one.feed, one.data) for one in alpine.chunks(20) if one.member == "CH")
    for second in (0, 5, 10):
        now_ns = NOW_NS + (20 + late_s + second) * SECOND_NS
        node.step(Batch(now_ns, (*(feeds if second == 5 else ()), Tick())))
    refused = dict(node.tracker_counts.refused)
    assert list(refused) == [reason]
    assert node.tracker_counts.plots == refused[reason] > 20
    assert node.tracks_held == (0, 0)


def test_a_live_session_needs_keys_made_beforehand_and_people(tmp_path: Path) -> None:
    network = network_in(Mode.LIVE)
    with pytest.raises(SetupError, match=r"foedus trust new NETWORK_FILE --mode LIVE"):
        Session(network, PACT, TEXTS, tmp_path)
    session = Session(network, PACT, TEXTS, tmp_path, trust=trust_of(network))
    with pytest.raises(SetupError, match=r"foedus people add NETWORK_FILE CH PERSON --mode LIVE"):
        open_gateways(session, speed=None, bounds=(45.0, 6.0, 48.0, 10.0))
    session.close()
    with pytest.raises(SetupError, match="needs people who sign in"):
        load_people(None, network)
    assert load_people(None, network_in(Mode.EXERCISE)) == {}


def test_the_keys_of_a_run_without_a_folder_are_new_each_time_and_never_live(tmp_path: Path) -> None:
    roots = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        session = Session(ALPINE, PACT, TEXTS, folder)
        roots.append(parse_root(session.members["CH"].store.header.trust_text, file="header"))
        session.close()
    assert [root.mode for root in roots] == [Mode.RECORDING] * 2
    assert not {party.key for party in roots[0].party} & {party.key for party in roots[1].party}
    assert root_text(roots[0]) != root_text(roots[1])
