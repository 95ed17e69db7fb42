"""Claims about a node among partners: what it takes and refuses, and warnings through the hub."""

import msgspec
import numpy as np
import pytest

import alpine
from foedus.audit import decode_leaf
from foedus.model import SECOND_NS, Reports
from foedus.network import Network, Target, Waypoint
from foedus.pact.reading.text import parse_pact
from foedus.partners import ROW_AGE_MAX_NS
from foedus.station import Station
from foedus.wire import Ack, Act, Batch, Picture, Received, Tick, Warn, decode_message, encode, pack_columns

NOW_NS = alpine.START_NS + 60 * SECOND_NS
PARTIES = 5


def row(**changes: object) -> Reports:
    """One possible row, with some columns changed."""
    base = Reports.empty(1, PARTIES)._replace(
        number=np.array([7], np.int32),
        time_ns=np.array([NOW_NS - SECOND_NS], np.int64),
        form=np.array([4], np.int8),
        lat_rad=np.array([0.82]),
        lon_rad=np.array([0.13]),
        height_m=np.array([10_000.0]),
        position_sigma_m=np.array([50.0]),
        height_sigma_m=np.array([50.0]),
        velocity_sigma_m_s=np.array([5.0]),
        icao24=np.array([0x4B1234], np.int32),
    )
    return base._replace(
        **{name: np.full(1, value, getattr(base, name).dtype) for name, value in changes.items()}
    )


def picture(reports: Reports, **changes: object) -> bytes:
    _, pact, _ = alpine.documents()
    message = Picture(NOW_NS, pact.digest, ("S1",), pack_columns(reports))
    return encode(msgspec.structs.replace(message, **changes))


def ch(body: bytes, *, sender: str = "FR", sequence: int = 1) -> Station:
    station = alpine.make_stations()["CH"]
    station.advance(Batch(NOW_NS, (Received(sender, sequence, body),)))
    return station


def test_a_possible_row_is_in_the_picture_with_its_clause() -> None:
    node = ch(picture(row())).node
    assert node.refused == {}
    view = node.view()
    assert view.picture.icao24.tolist() == [0x4B1234]
    (contribution,) = node.provenance(int(view.picture.number[0])).contributions
    assert (contribution.origin, contribution.clause, contribution.form) == ("FR", "S1", "track")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"lat_rad": np.nan}, "lat_rad"),
        ({"lat_rad": 1.6}, "lat_rad"),
        ({"lon_rad": np.inf}, "lon_rad"),
        ({"height_m": 1e9}, "height_m"),
        ({"velocity_up_m_s": -np.inf}, "velocity_up_m_s"),
        ({"position_sigma_m": 0.0}, "position_sigma_m"),
        ({"position_sigma_m": np.nan}, "position_sigma_m"),
        ({"number": 0}, "number"),
        ({"form": 5}, "form"),
        ({"form": 0}, "form"),
        ({"clause": 1}, "clause"),
        ({"clause": -1}, "clause"),
        ({"track_class": 6}, "track_class"),
        ({"icao24": 1 << 24}, "icao24"),
        ({"time_ns": NOW_NS + 1}, "time_ns"),
    ],
)
def test_an_impossible_row_refuses_the_whole_message_by_its_column(
    changes: dict[str, object], word: str
) -> None:
    node = ch(picture(row(**changes))).node
    ((party, reason),) = node.refused
    assert party == "FR"
    assert f"row 0: {word}: found" in reason
    assert len(node.view().picture.number) == 0


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "message from FR"),
        (b"\xc1\xc1", "message from FR"),
        (picture(row())[:-3], "message from FR"),
        (picture(row(), pact="0" * 64), "in force here"),
        (picture(row(), clauses=("ZZ",)), "clause ids of the pact in force"),
        (picture(row(), time_ns=NOW_NS + 11 * SECOND_NS), "clock"),
    ],
)
def test_a_message_that_cannot_be_is_refused_by_reason(body: bytes, word: str) -> None:
    ((_, reason),) = ch(body).node.refused
    assert word in reason


def test_repeated_and_missing_messages_are_counted_and_reported() -> None:
    station = ch(picture(row()))
    late = (Received("FR", 1, picture(row())), Received("FR", 5, picture(row())))
    station.advance(Batch(NOW_NS, late))
    assert station.node.dropped() == {"message missing, FR": 3, "message repeated, FR": 1}


def test_a_stranger_is_refused() -> None:
    assert list(ch(picture(row()), sender="XX").node.refused) == [("XX", "not a party of the pact")]


def test_rows_that_are_not_renewed_leave_the_picture() -> None:
    station = ch(picture(row()))
    station.advance(Batch(NOW_NS + ROW_AGE_MAX_NS - 2 * SECOND_NS, (Tick(),)))
    assert len(station.node.view().picture.number) == 1
    station.advance(Batch(NOW_NS + ROW_AGE_MAX_NS + SECOND_NS, (Tick(),)))
    assert len(station.node.view().picture.number) == 0


def sigma_with_hub(member: str, other: str) -> float:
    """The sigma of a silent aircraft that a partner and the hub both report to a member, 50 m each."""
    station = alpine.make_stations()[member]
    silent = row(icao24=-1)
    batch = (
        Received(other, 1, picture(silent)),
        Received("HUB", 1, picture(silent, clauses=("S5",))),
    )
    station.advance(Batch(NOW_NS, batch))
    view = station.node.view()
    assert station.node.refused == {}
    assert view.picture.sources.tolist() == [1 << station.node.parties.index(other) | 1 << 4]
    return float(view.picture.position_sigma_m[0])


def test_a_row_of_the_hub_is_independent_of_those_whose_data_the_pact_keeps_out_of_it() -> None:
    assert sigma_with_hub("DE", "CH") == pytest.approx(50.0 * 0.65**0.5)  # only IT's can be behind the hub's
    assert sigma_with_hub("CH", "FR") == 50.0  # anybody's might be


# ---------------------------------------------------------------- warnings through the hub


def southward() -> Network:
    """The alpine network with its radars given to DE and its silent aircraft flying from CH into IT."""
    network, _, _ = alpine.documents()
    (target,) = network.target
    path = (
        Waypoint(after_s=0, lat_deg=46.3, lon_deg=8.75, height_m=1200),
        Waypoint(after_s=1081, lat_deg=45.62, lon_deg=8.7, height_m=900),
    )
    return msgspec.structs.replace(
        network,
        feed=tuple(
            msgspec.structs.replace(feed, member="DE") if feed.id.startswith("IT-RADAR") else feed
            for feed in network.feed
            if not feed.id.endswith("-RX")
        ),
        target=(Target(id=target.id, start=target.start, waypoint=path),),
    )


@pytest.fixture(scope="module")
def relayed() -> alpine.Run:
    from foedus.drill.source import feed_chunks

    network = southward()
    chunks = feed_chunks(
        network, alpine.START_NS, alpine.START_NS + 900 * SECOND_NS, vectors=alpine.vectors()
    )
    return alpine.run(chunks, 900, stations=alpine.make_stations(network=network))


def warns(run: alpine.Run, sender: str, recipient: str) -> list[Warn]:
    messages = [decode_message(sent.body) for sent in run.stream(recipient) if sent.sender == sender]
    return [message for message in messages if isinstance(message, Warn)]


def test_a_warning_for_it_goes_through_the_hub_and_does_not_tell_from_whom(relayed: alpine.Run) -> None:
    assert warns(relayed, "DE", "IT") == []
    (first, *_) = [warn for warn in warns(relayed, "DE", "HUB") if warn.to == "IT"]
    (passed, *_) = warns(relayed, "HUB", "IT")
    assert (first.warning, first.clause) == ("DE-IT-0001", "W1")
    assert (passed.warning, passed.clause, passed.state) == ("HUB-IT-R0001", "W2", "RAISED")
    assert all(b"DE-" not in sent.body for sent in relayed.stream("IT"))


def test_the_recipients_disk_answers_to_the_originator_under_its_own_id(relayed: alpine.Run) -> None:
    answers = [decode_message(sent.body) for sent in relayed.stream("DE") if sent.sender == "HUB"]
    stored = [ack for ack in answers if isinstance(ack, Ack)]
    assert stored
    assert {(ack.warning, ack.step) for ack in stored} == {("DE-IT-0001", "stored")}
    (sent,) = [w for w in relayed.stations["DE"].node.view().warnings if w.party == "IT"]
    assert sent.stored_ns > 0
    assert sent.shown_ns == sent.acknowledged_ns == 0


def test_a_person_acknowledges_and_the_originator_learns_who(relayed: alpine.Run) -> None:
    stations = relayed.stations
    now_ns = alpine.START_NS + 901 * SECOND_NS
    (received,) = [w for w in stations["IT"].node.view().warnings if w.direction == "received"]
    record = stations["IT"].advance(Batch(now_ns, (Act("acknowledge", received.id, "duty officer"),)))
    for sender, recipient in (("IT", "HUB"), ("HUB", "DE")):
        (out,) = [message for message in record.outgoing if message.recipient == recipient]
        record = stations[recipient].advance(Batch(now_ns, (Received(sender, out.sequence, out.body),)))
    (sent,) = [w for w in stations["DE"].node.view().warnings if w.party == "IT"]
    assert (sent.acknowledged_ns, sent.person) == (now_ns, "duty officer")


def test_whoever_is_threatened_is_warned_once_and_nobody_else_at_all(relayed: alpine.Run) -> None:
    # The aircraft starts inside CH, so DE owes CH a warning of its own.
    for member, count in (("CH", 1), ("FR", 0), ("HUB", 0), ("IT", 1)):
        views = relayed.stations[member].node.view().warnings
        received = [w for w in views if w.direction == "received"]
        assert len(received) == count, member


def test_the_guard_refused_nothing_in_a_sound_run(relayed: alpine.Run) -> None:
    assert all(station.node.refused == {} for station in relayed.stations.values())
    assert relayed.sent


# ---------------------------------------------------------------- a pact that lapses


def test_a_lapsed_pact_stops_everything_and_the_totals_stay() -> None:
    _, pact, texts = alpine.documents()
    text = texts.pact_text.replace(
        "in_force = 2018-01-01", "in_force = 2018-01-01\nuntil = 2018-08-01T11:32:00Z"
    )
    lapsing = parse_pact(text, file="lapsing.toml")
    assert lapsing.digest != pact.digest
    run = alpine.run(alpine.chunks(240), 240, stations=alpine.make_stations(pact=lapsing))
    last_step = max(sent.step for sent in run.sent)
    assert last_step < len(run.records["CH"])
    received = sum(link.received_rows for link in run.stations["CH"].node.view().links)
    released = sum(
        link.released_rows
        for name, station in run.stations.items()
        if name != "CH"
        for link in station.node.view().links
        if link.party == "CH"
    )
    assert released == received > 300
    withheld = next(link for link in run.stations["FR"].node.view().links if link.party == "CH").withheld
    assert [clause for clause, _ in withheld] == ["T1"]
    assert all(
        not decode_leaf(data, where=name).refused
        for name, records in run.records.items()
        for record in records
        for _, data, _ in record.leaves
    )
