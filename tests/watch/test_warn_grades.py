"""Claims about how a warning rises and falls: short first, downgraded, brought back, called off, bounded."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warn_scenes import (
    CANCEL,
    DOWNGRADE,
    DUTY,
    EXPIRE,
    NONE,
    RAISE,
    RENEW,
    T0,
    Run,
    S,
    events,
    sure,
    tracks,
)

from foedus.model import TrackClass
from foedus.watch.sent import ALONE_TICKS, CANCEL_TICKS, DOWNGRADE_TICKS, RENEW_NS_MIN, Grounds
from foedus.watch.states import OPEN, WarningState
from foedus.watch.tearline import ENTRY_STEP_NS, REASONS, ended, refusal
from foedus.watch.warn import WarnBook
from foedus.wire import Called

BOTH = (Grounds(140.0, 260.0, ("unidentified", "heading_to_zone"), True),)
ONE = (Grounds(140.0, 260.0, ("heading_to_zone",), False),)


def test_the_first_message_is_short_and_the_detail_follows_at_the_next_tick():
    run = Run()
    (first,) = run.tick(tracks(7), sure(), ONE)
    (second,) = run.tick(tracks(7), sure(), ONE)
    assert (first.message.detail, second.event) == (None, RENEW)
    detail = second.message.detail
    assert detail.reasons == ("heading_to_zone",)
    assert detail.earliest_ns <= second.message.entry_ns <= detail.latest_ns
    assert detail.earliest_ns % ENTRY_STEP_NS == detail.latest_ns % ENTRY_STEP_NS == 0
    assert run.ticks(3, tracks(7), sure(), ONE) == []


def test_reasons_come_in_the_order_of_the_list():
    run = Run()
    changes = run.ticks(2, tracks(7), sure(), BOTH)
    assert changes[1].message.detail.reasons == ("heading_to_zone", "unidentified")
    assert REASONS.index("heading_to_zone") < REASONS.index("unidentified")


def test_one_kind_of_sensor_is_unconfirmed_and_sent_at_once_two_are_confirmed():
    assert Run().tick(tracks(7), sure(), ONE)[0].message.basis == "unconfirmed"
    assert Run().tick(tracks(7), sure(), BOTH)[0].message.basis == "confirmed"
    assert Run().tick(tracks(7), sure())[0].message.basis == "unconfirmed"


def test_corroboration_is_told_as_soon_as_another_message_may_go():
    run = Run()
    run.ticks(2, tracks(7), sure(), ONE)
    changes = run.ticks(3, tracks(7), sure(), BOTH)
    assert [(change.event, change.message.basis) for change in changes] == [(RENEW, "confirmed")]
    assert changes[0].warning.sent_ns == T0 + 5 * S + RENEW_NS_MIN


def test_a_threat_that_becomes_less_likely_is_downgraded_still_stands_and_comes_back():
    run = Run()
    run.tick(tracks(7), sure())
    down = run.ticks(12, tracks(7), sure(probability=0.3))
    assert events(down) == [DOWNGRADE, DOWNGRADE]  # after three ticks, and once renewed
    assert down[0].warning.sent_ns == T0 + DOWNGRADE_TICKS * 5 * S
    assert run.book.open_warnings()[0].state is WarningState.DOWNGRADED
    assert run.ticks(2, tracks(7), sure(probability=0.4)) == []  # between the thresholds nothing moves
    assert events(run.ticks(3, tracks(7), sure(probability=0.6))) == [RENEW]
    assert [record.id for record in run.book.sent_warnings()] == ["IT-CH-0001"]


def test_a_warning_that_is_no_longer_corroborated_is_downgraded_after_half_a_minute():
    run = Run()
    run.ticks(2, tracks(7), sure(), BOTH)
    assert events(run.ticks(ALONE_TICKS - 1, tracks(7), sure(), ONE)) == []
    (down,) = run.tick(tracks(7), sure(), ONE)
    assert (down.event, down.message.basis) == (DOWNGRADE, "unconfirmed")
    changes = run.ticks(3, tracks(7), sure(), BOTH)
    assert [(change.event, change.message.basis) for change in changes] == [(RENEW, "confirmed")]


def test_a_downgraded_warning_is_cancelled_or_expires_like_any_other():
    for seen, threat, count, end in ((tracks(7), NONE, CANCEL_TICKS, CANCEL), (tracks(), NONE, 25, EXPIRE)):
        run = Run()
        run.tick(tracks(7), sure())
        run.ticks(4, tracks(7), sure(probability=0.3))
        assert events(run.ticks(count, seen, threat))[-1] is end


NOISE = st.lists(
    st.tuples(st.floats(0.0, 1.0), st.booleans(), st.floats(0.0, 300.0)), min_size=1, max_size=60
)


@settings(max_examples=150)
@given(NOISE)
def test_noise_of_any_kind_gives_one_warning_and_a_bounded_number_of_messages_a_minute(noise):
    run = Run()
    changes = []
    for probability, corroborated, entry_s in noise:
        threat = sure(probability=probability, entry_s=entry_s) if probability >= 0.01 else NONE
        grounds = (Grounds(entry_s, entry_s, ("closing",), corroborated),) if probability >= 0.01 else ()
        changes += run.tick(tracks(7), threat, grounds)
        assert len(run.book.open_warnings()) <= 1
    times = [(change.warning.id, change.warning.sent_ns) for change in changes]
    for warning, sent_ns in times:
        within = [1 for one, ns in times if one == warning and sent_ns <= ns < sent_ns + 60 * S]
        assert len(within) <= 60 * S // RENEW_NS_MIN + 2  # the detail and the end are not held back
    raised = [change for change in changes if change.event is RAISE]
    cancelled = [change for change in changes if change.event is CANCEL]
    assert len(raised) <= len(cancelled) + 1
    assert len(cancelled) <= len(noise) // CANCEL_TICKS


def test_with_every_message_its_cancel_is_ready_and_is_what_is_sent():
    run = Run()
    said = None
    for change in run.ticks(10, tracks(7), sure(), BOTH):
        said = change.warning.cancel
        assert said == ended(change.message, "CANCELLED")
        assert said.revision == change.message.revision + 1
        assert said.detail is None
    (end,) = run.ticks(CANCEL_TICKS, tracks(7), NONE)
    assert end.message == said


# ---------------------------------------------------------------- people

CALLED = Called("C1", "CH", int(TrackClass.UNIDENTIFIED), 46.1, 8.5, T0 + 125 * S, "duty officer")


def test_a_called_warning_lives_until_it_expires_and_nothing_renews_it():
    run = Run()
    change = run.book.call(CALLED, DUTY, run.now)
    assert (change.event, change.message.basis, change.message.detail) == (RAISE, "person", None)
    assert change.message.entry_ns % ENTRY_STEP_NS == 0
    assert refusal(change.message, mode="RECORDING", now_ns=T0) == ""
    assert events(run.ticks(40, tracks(7), NONE)) == [EXPIRE]


def test_no_track_takes_over_a_called_warning():
    run = Run()
    run.book.call(CALLED, DUTY, run.now)
    changes = run.ticks(3, tracks(7, lat=0.0, lon=0.0), NONE)
    assert changes == []
    assert run.book.open_warnings()[0].track < 0


def test_one_person_calls_off_a_called_warning_once():
    run = Run()
    warning = run.book.call(CALLED, DUTY, run.now).warning.id
    assert run.book.cancel(warning, "", run.now) is None
    change = run.book.cancel(warning, "supervisor", run.now)
    assert (change.event, change.message.state, change.warning.cancelled_by) == (
        CANCEL,
        "CANCELLED",
        "supervisor",
    )
    assert run.book.cancel(warning, "supervisor", run.now) is None
    assert run.book.cancel("IT-CH-0009", "supervisor", run.now) is None
    assert run.book.counts() == (("cancel by a person of no warning that stands", 2), ("cancel by nobody", 1))


def test_what_a_person_called_off_is_not_raised_again_until_the_threat_has_fallen():
    run = Run()
    (raised,) = run.tick(tracks(7), sure())
    run.book.cancel(raised.warning.id, "duty officer", run.now)
    assert run.ticks(20, tracks(7), sure()) == []
    assert events(run.tick(tracks(7, 8), sure(row=1))) == [RAISE]  # another track is another matter
    run.ticks(CANCEL_TICKS, tracks(7), NONE)
    assert RAISE in events(run.tick(tracks(7), sure()))


def test_a_duty_that_ended_still_cancels_and_tells_nothing_else():
    run = Run()
    run.tick(tracks(7), sure())
    run.duties = (msgspec.structs.replace(DUTY, zone=3),)
    assert run.ticks(8, tracks(7), sure(probability=0.9)) == []
    assert events(run.ticks(CANCEL_TICKS, tracks(7), NONE)) == [CANCEL]


def test_a_full_book_takes_no_call(monkeypatch):
    monkeypatch.setattr("foedus.watch.warn.SENT_MAX", 1)
    book = WarnBook("IT", mode="RECORDING")
    assert book.call(CALLED, DUTY, T0) is not None
    assert book.call(CALLED, DUTY, T0) is None
    assert book.counts() == (("warning not raised: WARNINGS_MAX open", 1),)


# ---------------------------------------------------------------- the check at whoever gets it


def message(**fields):
    run = Run()
    change = run.ticks(2, tracks(7), sure(), BOTH)[1]
    return msgspec.structs.replace(change.message, **fields)


def detail(**fields):
    return msgspec.structs.replace(message().detail, **fields)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"basis": "certain"}, "unknown basis"),
        ({"revision": 1}, "detail in a first message"),
        ({"state": "CANCELLED"}, "detail in a message that ends a warning"),
        ({"detail": detail(earliest_ns=T0 + 1)}, "detail with times off their steps"),
        ({"detail": detail(latest_ns=T0)}, "detail with times out of order"),
        ({"detail": detail(latest_ns=T0 + 10**6 * S)}, "detail with times out of reach"),
        (
            {"detail": detail(reasons=("from the west, call 5",))},
            "detail with words that are not on the list",
        ),
        ({"detail": detail(reasons=("closing", "closing"))}, "detail with words that are not on the list"),
        ({"same": "x" * 65}, "no usable id of the originator"),
    ],
)
def test_a_detail_says_only_what_was_agreed(fields, reason):
    assert refusal(message(), mode="RECORDING", now_ns=T0) == ""
    assert refusal(message(**fields), mode="RECORDING", now_ns=T0) == reason


def test_every_open_state_can_be_downgraded():
    assert WarningState.DOWNGRADED in OPEN
    assert np.all([state.value == state.name.lower() for state in WarningState])
