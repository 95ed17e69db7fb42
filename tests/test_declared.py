"""A declared class and identity in a node: what partners get by it, what the console shows, the replay."""

import numpy as np
import pytest

import alpine
from foedus.model import SECOND_NS, Identity, TrackClass
from foedus.station import Station
from foedus.wire import Batch, Declared, Feed, FeedChunk, Tick, decode_batch
from three_members import SHARE, Message, Trio, pact_of

ONLY_CRUISE = SHARE + ', classes = ["cruise"]'
NO_CRUISE = 'id = "H", kind = "withhold", from = "FR", to = "CH", data = "tracks", classes = ["cruise"]'


def declared(number: int, track_class: int, *, identity: int = -1, person: str = "duty officer") -> Declared:
    return Declared(number, identity, track_class, person, "a test")


def tell(trio: Trio, member: str, item: Declared) -> None:
    trio.stations[member].advance(Batch(trio.now_ns, (item,)))


def steady(station: Station) -> int:
    """The number, in the picture, of an aircraft that this member sees by itself and for long."""
    node = station.node
    picture = node.view().picture
    own = [
        n
        for n in picture.number.tolist()
        if node.own_number(n) and picture.time_ns[picture.number == n][0] >= node.time_ns - 15 * SECOND_NS
    ]
    return own[0]


def given(messages: list[Message], sender: str, recipient: str) -> list[tuple[int, int]]:
    """(class, address) of all rows of one stream."""
    rows = []
    for one in messages:
        if (one.sender, one.recipient) == (sender, recipient):
            rows += list(zip(one.reports.track_class.tolist(), one.reports.icao24.tolist(), strict=True))
    return rows


def test_a_share_of_a_class_opens_with_the_declaration_and_closes_when_it_is_taken_back() -> None:
    trio = Trio(pact_of(ONLY_CRUISE))
    assert given(trio.play(60), "FR", "CH") == []
    node = trio.stations["FR"].node
    number = steady(trio.stations["FR"])
    tell(trio, "FR", declared(number, TrackClass.CRUISE))
    after = given(trio.play(60), "FR", "CH")
    assert after, "its plots are let through, and its track is of the class"
    assert {track_class for track_class, _ in after} == {TrackClass.CRUISE}
    assert len({address for _, address in after}) == 1
    assert node.provenance(number).declared_class == "cruise"
    tell(trio, "FR", declared(number, -1, identity=Identity.PENDING))
    assert given(trio.play(40), "FR", "CH") == []
    assert trio.refused() == []


def test_a_withheld_class_stops_with_the_declaration_for_that_partner_only() -> None:
    trio = Trio(pact_of(SHARE, NO_CRUISE))
    before = trio.play(60)
    station = trio.stations["FR"]
    number = steady(station)
    view = station.node.view()
    address = int(view.picture.icao24[view.picture.number == number][0])
    assert address in [one for _, one in given(before, "FR", "CH")]
    tell(trio, "FR", declared(number, TrackClass.CRUISE))
    after = trio.play(60)
    assert address not in [one for _, one in given(after, "FR", "CH")]
    assert (TrackClass.CRUISE, address) in given(after, "FR", "IT")
    assert given(after, "FR", "CH"), "the rest still goes"
    assert trio.refused() == []


# ---------------------------------------------------------------- one node


def batches(seconds: int) -> list[Batch]:
    """FR's feed and ticks, one batch a tick."""
    waiting: list[FeedChunk] = [one for one in alpine.chunks(seconds) if one.member == "FR"]
    found = []
    for time_ns in range(
        alpine.START_NS + alpine.TICK_NS, alpine.START_NS + seconds * SECOND_NS + 1, alpine.TICK_NS
    ):
        due = [one for one in waiting if one.time_ns <= time_ns]
        waiting = waiting[len(due) :]
        found.append(Batch(time_ns, (*(Feed(one.feed, one.data) for one in due), Tick())))
    return found


@pytest.fixture(scope="module")
def played() -> tuple[Station, list[bytes], list[bytes], int]:
    """(station, batches, digests, number): a minute, a declaration, its renewal, a minute."""
    station = alpine.make_stations()["FR"]
    records = [station.advance(batch) for batch in batches(60)]
    number = steady(station)
    for item in (
        declared(number, TrackClass.UAS, identity=Identity.SUSPECT),
        declared(number, -1, identity=Identity.HOSTILE, person="supervisor"),
    ):
        records.append(station.advance(Batch(station.node.time_ns, (item,))))
    records += [station.advance(batch) for batch in batches(90)[12:]]
    return station, [one.batch for one in records], [one.effects for one in records], number


def test_the_console_is_told_what_was_declared_by_whom_when_and_why(played) -> None:
    node, number = played[0].node, played[3]
    found = node.provenance(number)
    assert (found.identity, found.declared_class) == ("hostile", "uas")
    first, second = found.declared
    assert (first.identity, first.track_class, first.person, first.says) == (
        "suspect",
        "uas",
        "duty officer",
        "a test",
    )
    assert (second.identity, second.track_class, second.person) == ("hostile", "", "supervisor")
    assert first.time_ns == alpine.START_NS + 60 * SECOND_NS
    assert node.identities() == {number: Identity.HOSTILE}
    view = node.view()
    assert dict(zip(view.picture.number.tolist(), view.identity.tolist(), strict=True)) == {
        one: Identity.HOSTILE if one == number else Identity.PENDING for one in view.picture.number.tolist()
    }
    picture = node.view().picture
    assert picture.track_class[picture.number == number].tolist() == [TrackClass.UAS]
    others = [n for n in picture.number.tolist() if n != number]
    assert {node.provenance(n).identity for n in others} == {"pending"}


def test_a_journal_with_declarations_replays_to_the_same_digests(played) -> None:
    _, journal, digests, _ = played
    again = alpine.make_stations()["FR"]
    assert [again.advance(decode_batch(one)).effects for one in journal] == digests
    without = alpine.make_stations()["FR"]
    kept = [
        one for one in journal if not any(isinstance(item, Declared) for item in decode_batch(one).inputs)
    ]
    assert without.advance(decode_batch(kept[0])).effects == digests[0]
    assert [without.advance(decode_batch(one)).effects for one in kept[1:]][-1] != digests[-1]


def test_an_identity_is_in_no_byte_that_leaves() -> None:
    streams = []
    for identity in (Identity.FRIEND, Identity.HOSTILE):
        station = alpine.make_stations()["FR"]
        for batch in batches(60):
            station.advance(batch)
        item = declared(steady(station), -1, identity=identity)
        sent = [station.advance(Batch(station.node.time_ns, (item,)))]
        sent += [station.advance(batch) for batch in batches(75)[12:]]
        streams.append([message for record in sent for message in record.outgoing])
    assert streams[0] == streams[1]
    assert streams[0]


def test_what_cannot_be_declared_changes_nothing_and_is_counted(played) -> None:
    station = alpine.make_stations()["FR"]
    for batch in batches(60):
        station.advance(batch)
    node = station.node
    before = node.state_digest()
    for item in (declared(9_999, TrackClass.UAS), declared(steady(station), TrackClass.UAS, person="")):
        station.advance(Batch(node.time_ns, (item,)))
    assert node.identities() == {}
    assert np.array_equal(node.state_digest(), before)
    assert node.dropped()["declaration refused: not a track of one's own"] == 1
    assert node.dropped()["declaration refused: a declaration without a person"] == 1
