"""Damaged feeds: refused by reason, nothing crashes, nothing is invented, and other feeds do not notice."""

import random
from collections.abc import Callable

import pytest

import alpine
from foedus.wire import FeedChunk

SECONDS = 300


def truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def flip(data: bytes, rng: random.Random) -> bytes:
    position = rng.randrange(len(data))
    return data[:position] + bytes([data[position] ^ 1 << rng.randrange(8)]) + data[position + 1 :]


def empty(data: bytes, rng: random.Random) -> bytes:
    return b""


def noise(data: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(len(data))


def damaged(feed: str, damage: Callable[[bytes, random.Random], bytes], share: float) -> list[FeedChunk]:
    rng = random.Random(f"{feed}{share}")
    return [
        chunk._replace(data=damage(chunk.data, rng)) if chunk.feed == feed and rng.random() < share else chunk
        for chunk in alpine.chunks(SECONDS)
    ]


@pytest.fixture(scope="module")
def sound() -> alpine.Run:
    return alpine.run(alpine.chunks(SECONDS), SECONDS)


def icaos(run: alpine.Run, member: str) -> list[int]:
    return sorted({int(icao24) for icao24 in run.stations[member].node.view().picture.icao24})


@pytest.mark.parametrize("damage", [truncate, flip, empty, noise])
@pytest.mark.parametrize("feed", ["CH-RX", "IT-RADAR-1"])
def test_a_damaged_feed_is_refused_by_reason_and_invents_no_aircraft(
    sound: alpine.Run, feed: str, damage: Callable[[bytes, random.Random], bytes]
) -> None:
    run = alpine.run(damaged(feed, damage, 1.0), SECONDS)
    member = feed[:2]
    before = next(f for f in sound.stations[member].node.view().feeds if f.feed == feed)
    after = next(f for f in run.stations[member].node.view().feeds if f.feed == feed)
    assert before.plots > 20
    assert before.refused == ()
    if damage is empty:
        assert (after.plots, after.refused) == (0, ())
    elif damage is noise and after.plots == 0 and not after.refused:
        # Noise may begin like a long ASTERIX block: its bytes wait for the end that the length announces.
        assert feed.startswith("IT-RADAR")
    else:
        assert after.refused
        assert all(count > 0 and reason for reason, count in after.refused)
    # A flipped bit inside an address or a code is no error that any format could show, but it names one
    # aircraft only: whatever else stands in the picture is an aircraft of the sound run.
    strangers = [icao24 for icao24 in icaos(run, member) if icao24 not in icaos(sound, member)]
    assert len(strangers) <= (after.plots if damage is flip else 0)


def test_damage_at_one_member_changes_nothing_at_a_member_that_it_does_not_reach(sound: alpine.Run) -> None:
    """DE gets nothing of CH's radar-free feed but rows; its own tracks stay the same to the bit."""
    run = alpine.run(damaged("CH-RX", noise, 1.0), SECONDS)
    assert [sent for sent in run.stream("FR") if sent.sender == "DE"] == [
        sent for sent in sound.stream("FR") if sent.sender == "DE"
    ]
    assert run.stream("FR") != sound.stream("FR")


def test_a_feed_that_recovers_is_tracked_again(sound: alpine.Run) -> None:
    bad = damaged("CH-RX", noise, 1.0)
    middle = alpine.START_NS + 100 * 10**9
    feed = [
        broken if broken.time_ns < middle else good
        for broken, good in zip(bad, alpine.chunks(SECONDS), strict=True)
    ]
    run = alpine.run(feed, SECONDS)
    assert set(icaos(run, "CH")) == set(icaos(sound, "CH"))
