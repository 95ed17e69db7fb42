"""Claims about warnings at the member that warns: one life each, told completely, and never two."""

import math

import msgspec
import pytest
from warn_scenes import CANCEL, DUTY, EXPIRE, NONE, RAISE, RENEW, T0, Run, S, events, sure, threats, tracks

from foedus.limits import WARNINGS_MAX
from foedus.model import TrackClass
from foedus.watch.sent import CANCEL_TICKS, ENTRY_MOVED_NS
from foedus.watch.states import OPEN, RECEIVED, SENT, WarningEvent, WarningState
from foedus.watch.warn import SENT_MAX, AckOutcome
from foedus.wire import Ack


def test_every_state_and_event_stands_in_the_tables():
    for table in (SENT, RECEIVED):
        assert list(table) == list(WarningState)
        for moves in table.values():
            assert all(isinstance(event, WarningEvent) for event in moves)
    assert all(not SENT[state] for state in (WarningState.CANCELLED, WarningState.EXPIRED))
    assert [state for state in WarningState if EXPIRE in SENT[state]] == list(OPEN)


def test_a_warning_is_raised_at_the_first_tick_that_suffices():
    run = Run()
    assert run.tick(tracks(7), sure(probability=0.4)) == []
    (change,) = run.tick(tracks(7), sure())
    assert change.event is RAISE
    assert change.recipient == "CH"
    assert change.warning.known_ns == change.warning.raised_ns == T0 + 5 * S
    assert not change.warning.late


def test_the_message_says_the_tearline_and_nothing_finer():
    run = Run()
    (change,) = run.tick(tracks(7, lat=46.1234, lon=-8.5678), sure(entry_s=203.4, probability=0.87))
    message = change.message
    assert message.warning == "IT-CH-0001"
    assert (message.revision, message.state, message.mode) == (1, "RAISED", "RECORDING")
    assert (message.clause, message.to, message.zone) == ("W1", "CH", "CH")
    assert (message.lat_cell_deg, message.lon_cell_deg) == (46.1, -8.6)
    assert message.entry_ns == T0 + 200 * S
    assert message.probability_percent == 90
    assert message.expires_ns == T0 + 120 * S


def test_class_zone_and_horizon_bound_the_duty():
    for seen, threat in (
        (tracks(7, cls=TrackClass.COOPERATIVE), sure()),
        (tracks(7), sure(zone=1)),
        (tracks(7), sure(entry_s=301.0)),
    ):
        assert Run().tick(seen, threat) == []


def test_a_standing_threat_is_renewed_every_renew_s_and_never_raised_again():
    run = Run()
    changes = run.ticks(25, tracks(7), sure(inside=True, entry_s=0.0))
    assert events(changes) == [RAISE, RENEW, RENEW, RENEW, RENEW]
    assert [change.message.revision for change in changes] == [1, 2, 3, 4, 5]
    assert {change.message.entry_ns for change in changes} == {T0}
    assert len({change.warning.id for change in changes}) == 1


def test_a_moved_entry_time_is_told_at_once_but_not_more_often_than_every_ten_seconds():
    run = Run()
    run.tick(tracks(7), sure(entry_s=200.0))
    assert run.tick(tracks(7), sure(entry_s=20.0)) == []
    changes = run.tick(tracks(7), sure(entry_s=20.0))
    assert events(changes) == [RENEW]
    assert abs(changes[0].message.entry_ns - (T0 + 200 * S)) > ENTRY_MOVED_NS


def test_an_entry_time_that_jumps_to_and_fro_is_not_told_each_time():
    run = Run()
    changes = [
        change
        for i in range(60)  # five minutes, estimates a minute apart
        for change in run.tick(tracks(7), sure(entry_s=300.0 - 5 * i + (40.0 if i % 2 else -20.0)))
    ]
    assert len(changes) <= 1 + 60 * 5 / 30 + 2  # the raise, the periodic renewals, hardly more


def test_an_entry_is_told_at_once_and_keeps_its_time():
    run = Run()
    run.ticks(3, tracks(7), sure(entry_s=200.0))
    (change,) = run.tick(tracks(7), sure(inside=True, entry_s=0.0))
    assert change.message.entry_ns == T0 + 20 * S  # 15 s, rounded to ten
    later = run.ticks(9, tracks(7), sure(inside=True, entry_s=0.0))
    assert {change.message.entry_ns for change in later} == {T0 + 20 * S}


def test_a_threat_that_falls_for_good_is_cancelled_once():
    run = Run()
    run.tick(tracks(7), sure())
    changes = run.ticks(10, tracks(7), NONE)
    assert events(changes) == [CANCEL]
    assert changes[0].message.state == "CANCELLED"
    assert changes[0].message.revision == 2
    assert changes[0].message.probability_percent == 0
    assert run.book.open_warnings() == ()


def test_a_threat_between_the_thresholds_neither_raises_nor_cancels():
    run = Run()
    assert run.ticks(5, tracks(7), sure(probability=0.4)) == []
    run.tick(tracks(7), sure())
    assert set(events(run.ticks(20, tracks(7), sure(probability=0.4)))) == {RENEW}


def test_a_flickering_threat_gives_one_warning():
    run = Run()
    for _ in range(20):
        run.tick(tracks(7), sure())
        run.ticks(CANCEL_TICKS - 1, tracks(7), NONE)
    assert len(run.book.sent_warnings()) == 1
    assert run.book.sent_warnings()[0].open


def test_an_identified_track_is_cancelled():
    run = Run()
    run.tick(tracks(7), sure())
    assert events(run.ticks(5, tracks(7, cls=TrackClass.COOPERATIVE), sure())) == [CANCEL]


def test_a_vanished_track_is_not_cancelled_but_expires():
    run = Run()
    run.tick(tracks(7), sure())
    changes = run.ticks(40, tracks(), NONE)
    assert events(changes) == [EXPIRE]
    assert changes[0].message.state == "EXPIRED"
    assert changes[0].warning.sent_ns == T0 + 120 * S


def test_a_new_track_where_the_lost_one_should_be_continues_its_warning():
    run = Run()
    run.tick(tracks(7, lat=46.0, north=70.0), sure())
    run.ticks(3, tracks(), NONE)
    there = math.degrees(70.0 * 20.0 / 6_371_008.8)
    changes = run.ticks(12, tracks(9, lat=46.0 + there, north=70.0), sure())
    assert set(events(changes)) == {RENEW}
    assert [record.track for record in run.book.open_warnings()] == [9]


def test_a_new_track_far_away_gets_a_warning_of_its_own():
    run = Run()
    run.tick(tracks(7, lat=46.0), sure())
    run.tick(tracks(), NONE)
    assert events(run.tick(tracks(9, lat=46.2), sure())) == [RAISE]


def test_an_old_neighbour_does_not_inherit_the_warning_of_a_lost_track():
    run = Run()
    run.tick(tracks(7, 9), sure())
    changes = run.ticks(10, tracks(9), NONE)
    assert events(changes) == []  # not cancelled because the neighbour is harmless
    assert [record.track for record in run.book.open_warnings()] == [7]


def test_two_members_are_warned_each_under_its_own_count():
    other = msgspec.structs.replace(DUTY, to="FR", clause="W2")
    run = Run(DUTY, other)
    changes = run.tick(tracks(7), sure())
    assert [change.message.warning for change in changes] == ["IT-CH-0001", "IT-FR-0001"]
    assert [change.recipient for change in changes] == ["CH", "FR"]


def test_two_duties_to_one_member_for_one_zone_give_one_warning():
    run = Run(DUTY, msgspec.structs.replace(DUTY, clause="W9", probability=0.6))
    changes = run.tick(tracks(7), sure())
    assert [change.message.clause for change in changes] == ["W1"]


def test_a_routed_duty_goes_to_the_hub_for_the_member():
    run = Run(msgspec.structs.replace(DUTY, via="HUB"))
    (change,) = run.tick(tracks(7), sure())
    assert (change.recipient, change.message.to) == ("HUB", "CH")
    assert run.book.acked(Ack("IT-CH-0001", 1, "stored", run.now, ""), "CH") is AckOutcome.NOT_THE_RECIPIENT
    assert run.book.acked(Ack("IT-CH-0001", 1, "stored", run.now, ""), "HUB") is AckOutcome.TAKEN


def test_a_duty_no_longer_in_force_lets_its_warning_expire():
    run = Run()
    run.tick(tracks(7), sure())
    run.duties = (msgspec.structs.replace(DUTY, zone=3),)
    assert events(run.ticks(40, tracks(7), sure())) == [EXPIRE]


def test_acknowledgements_are_taken_once_in_any_order():
    run = Run()
    run.tick(tracks(7), sure())
    acks = [Ack("IT-CH-0001", 1, step, T0 + i * S, "duty officer" if step == "acknowledged" else "")
            for i, step in enumerate(("acknowledged", "shown", "stored"), 1)]  # fmt: skip
    assert run.book.acked(acks[0], "CH") is AckOutcome.TAKEN
    for ack in (*acks, *acks):
        assert run.book.acked(ack, "CH") is AckOutcome.KNOWN
    (record,) = run.book.open_warnings()
    assert (record.stored_ns, record.shown_ns, record.acknowledged_ns) == (T0 + S,) * 3
    assert record.person == "duty officer"


@pytest.mark.parametrize(
    ("ack", "sender", "outcome"),
    [
        (Ack("IT-CH-0002", 1, "stored", T0, ""), "CH", AckOutcome.UNKNOWN),
        (Ack("IT-CH-0001", 1, "stored", T0, ""), "FR", AckOutcome.NOT_THE_RECIPIENT),
        (Ack("IT-CH-0001", 2, "stored", T0, ""), "CH", AckOutcome.NEVER_SENT),
        (Ack("IT-CH-0001", 0, "stored", T0, ""), "CH", AckOutcome.NEVER_SENT),
        (Ack("IT-CH-0001", 1, "read", T0, ""), "CH", AckOutcome.NO_STEP),
        (Ack("IT-CH-0001", 1, "acknowledged", T0, ""), "CH", AckOutcome.NO_PERSON),
    ],
)
def test_a_wrong_acknowledgement_changes_nothing_and_is_counted(ack, sender, outcome):
    run = Run()
    run.tick(tracks(7), sure())
    before = run.book.sent_warnings()
    assert run.book.acked(ack, sender) is outcome
    assert run.book.sent_warnings() == before
    assert run.book.counts() == ((outcome.value, 1),)


def test_a_full_book_forgets_closed_warnings_first_and_never_an_open_one():
    run = Run()
    numbers = tuple(range(1, SENT_MAX + 3))
    everyone = threats(*((row, 0, 100.0, 0.9, False) for row in range(len(numbers))))
    assert len(run.tick(tracks(*numbers), everyone)) == SENT_MAX
    assert run.book.counts() == (("warning not raised: WARNINGS_MAX open", 2),)
    kept = threats(*((row, 0, 100.0, 0.9, False) for row in range(1, len(numbers))))
    changes = run.ticks(CANCEL_TICKS, tracks(*numbers), kept)
    assert [(change.event, change.warning.track) for change in changes] == [
        (CANCEL, 1),
        (RAISE, numbers[-2]),
    ]
    raised = changes[-1].warning
    assert raised.known_ns == T0
    assert raised.late  # 15 s after knowledge, 10 s allowed: the record proves it
    assert "IT-CH-0001" not in [record.id for record in run.book.sent_warnings()]
    assert len(run.book.sent_warnings()) == SENT_MAX
    assert 2 * SENT_MAX == WARNINGS_MAX
