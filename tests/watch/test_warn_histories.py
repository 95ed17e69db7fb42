"""Whatever threats come and go, and whatever the link loses, repeats or reorders, the invariants hold."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.model import SECOND_NS, TrackClass, Tracks
from foedus.watch.inbox import Inbox
from foedus.watch.sent import Duty
from foedus.watch.states import SENT, WarningEvent, WarningState
from foedus.watch.threat import Threats
from foedus.watch.warn import WarnBook

S = SECOND_NS
T0 = 1_533_123_000 * S
TICK = 5 * S
DUTIES = tuple(
    Duty(
        zone=zone,
        zone_id=f"Z{zone}",
        to=to,
        clause=f"W{zone}{to}",
        classes=(TrackClass.UNIDENTIFIED,),
        horizon_s=300.0,
        probability=probability,
        within_s=10.0,
        renew_s=20.0,
        expires_s=45.0,
        ack_s=15.0,
    )
    for zone, to, probability in ((0, "CH", 0.5), (0, "CH", 0.3), (0, "FR", 0.8), (1, "CH", 0.5))
)

SIGHTING = st.tuples(
    st.integers(1, 5),  # track number
    st.integers(0, 3),  # place: cells of some 4 km, so that lost tracks are found again or not
    st.sampled_from([TrackClass.UNIDENTIFIED, TrackClass.UNIDENTIFIED, TrackClass.COOPERATIVE]),
    st.lists(st.tuples(st.integers(0, 2), st.floats(0.01, 1.0), st.floats(0.0, 400.0)), max_size=2),
)
HISTORY = st.lists(
    st.lists(SIGHTING, max_size=4, unique_by=lambda sighting: sighting[0]), min_size=1, max_size=40
)


def columns(sightings):
    """(tracks, threats) of one tick, ordered as the tracker and the kernel order them."""
    sightings = sorted(sightings, key=lambda sighting: sighting[0])
    n = len(sightings)
    tracks = Tracks.empty(n)._replace(
        number=np.array([sighting[0] for sighting in sightings], np.int32),
        lat_rad=np.array([math.radians(46.0 + 0.04 * sighting[1]) for sighting in sightings]),
        lon_rad=np.full(n, 0.15),
        track_class=np.array([sighting[2] for sighting in sightings], np.int8),
    )
    rows = []
    for row, (_, _, _, levels) in enumerate(sightings):
        best = {zone: (probability, entry_s) for zone, probability, entry_s in levels}
        rows += [(row, zone, best[zone][1], best[zone][0], best[zone][1] == 0.0) for zone in sorted(best)]
    kinds = (np.int32, np.int32, np.float64, np.float64, np.bool_)
    threats = Threats(
        *(np.array([row[i] for row in rows], kind) for i, kind in enumerate(kinds)),
        *([np.zeros(len(rows))] * 5),
    )
    return tracks, threats


def play(history):
    """(book, [(time, change)]) after the history and enough empty ticks for everything to end."""
    book, told, now_ns = WarnBook("IT", mode="RECORDING"), [], T0
    for sightings in history + [[]] * 12:
        tracks, threats = columns(sightings)
        told += [(now_ns, change) for change in book.assess(tracks, threats, DUTIES, now_ns=now_ns)]
        keys = [(record.track, record.duty.zone, record.duty.to) for record in book.open_warnings()]
        assert len(keys) == len(set(keys)), "two open warnings of one track, zone and member"
        now_ns += TICK
    return book, told


@settings(max_examples=150)
@given(HISTORY)
def test_every_warning_is_raised_once_counts_up_follows_the_table_and_ends(history):
    book, told = play(history)
    assert book.open_warnings() == ()
    for record in book.sent_warnings():
        life = [change for _, change in told if change.warning.id == record.id]
        assert life[0].event is WarningEvent.RAISE
        assert [change.message.revision for change in life] == list(range(1, len(life) + 1))
        assert [change.event for change in life].count(WarningEvent.RAISE) == 1
        assert life[-1].event in (WarningEvent.CANCEL, WarningEvent.EXPIRE)
        state = WarningState.NEW
        for change in life:
            state = SENT[state][change.event]
            assert change.message.state == state.name
        assert len({change.recipient for change in life}) == 1, "an end goes to whom the warning went"
        assert len({(change.message.zone, change.message.raised_ns) for change in life}) == 1


@settings(max_examples=150)
@given(HISTORY)
def test_no_warning_outlives_its_expiry_unrenewed(history):
    _, told = play(history)
    expires_ns = {}
    for time_ns, change in told:
        assert time_ns <= expires_ns.get(change.warning.id, time_ns) + TICK
        expires_ns[change.warning.id] = change.message.expires_ns


@settings(max_examples=150)
@given(HISTORY, st.randoms(use_true_random=False))
def test_no_revision_is_shown_twice_and_nothing_after_its_end(history, link):
    _, told = play(history)
    messages = [change.message for _, change in told if change.recipient == "CH"]
    sent = messages + [message for message in messages if link.random() < 0.3]
    link.shuffle(sent)
    sent = [message for message in sent if link.random() > 0.2]
    box, shown, ended = Inbox("CH", mode="RECORDING"), [], []
    for message in sent:
        receipt = box.received(message, "IT", T0)
        if receipt.show:
            assert message.warning not in ended
            shown.append((message.warning, message.revision))
        if message.state in ("CANCELLED", "EXPIRED") and receipt.ack:
            ended.append(message.warning)
    assert len(shown) == len(set(shown))
    for record in box.warnings():
        revisions = [message.revision for message in sent if message.warning == record.warn.warning]
        assert record.warn.revision == max(revisions), "the newest that arrived is what counts"


@settings(max_examples=100)
@given(HISTORY)
def test_the_same_history_gives_the_same_messages(history):
    assert [change.message for _, change in play(history)[1]] == [
        change.message for _, change in play(history)[1]
    ]
