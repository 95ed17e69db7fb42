"""Claims about warnings at the member warned: taken once, shown once, dead when they are over."""

import math

import msgspec
import pytest

from foedus.model import SECOND_NS
from foedus.watch.inbox import INBOX_MAX, Inbox, Outcome
from foedus.wire import Ack, Warn

S = SECOND_NS
T0 = 1_533_123_000 * S

WARN = Warn(
    warning="IT-CH-0001",
    revision=1,
    state="RAISED",
    mode="RECORDING",
    clause="W1",
    to="CH",
    zone="CH",
    track_class=0,
    lat_cell_deg=46.1,
    lon_cell_deg=-8.6,
    raised_ns=T0,
    entry_ns=T0 + 200 * S,
    probability_percent=90,
    expires_ns=T0 + 120 * S,
)


def but(**fields):
    return msgspec.structs.replace(WARN, **fields)


def inbox():
    return Inbox("CH", mode="RECORDING")


def test_a_first_warning_is_shown_and_acknowledged_as_stored():
    box = inbox()
    receipt = box.received(WARN, "IT", T0 + S)
    assert receipt.outcome is Outcome.NEW
    assert receipt.show
    assert receipt.ack == Ack("IT-CH-0001", 1, "stored", T0 + S, "")
    assert [record.key for record in box.open_warnings()] == ["IT/IT-CH-0001"]


def test_the_same_message_again_is_acknowledged_again_and_not_shown_again():
    box = inbox()
    box.received(WARN, "IT", T0 + S)
    receipt = box.received(WARN, "IT", T0 + 9 * S)
    assert (receipt.outcome, receipt.show) == (Outcome.DUPLICATE, False)
    assert receipt.ack == Ack("IT-CH-0001", 1, "stored", T0 + 9 * S, "")


def test_one_id_from_two_senders_is_two_warnings():
    box = inbox()
    assert box.received(WARN, "IT", T0).show
    assert box.received(WARN, "FR", T0).show


def test_a_renewal_is_shown_and_an_older_revision_is_not():
    box = inbox()
    box.received(WARN, "IT", T0)
    assert box.received(but(revision=3, state="RENEWED"), "IT", T0 + S).show
    late = box.received(but(revision=2, state="RENEWED"), "IT", T0 + 2 * S)
    assert (late.outcome, late.show) == (Outcome.OLDER, False)
    assert box.open_warnings()[0].warn.revision == 3


def test_a_cancel_of_what_was_shown_is_shown():
    box = inbox()
    box.received(WARN, "IT", T0)
    receipt = box.received(but(revision=2, state="CANCELLED"), "IT", T0 + S)
    assert (receipt.outcome, receipt.show) == (Outcome.UPDATED, True)
    assert box.open_warnings() == ()


def test_a_cancel_that_comes_first_keeps_its_warning_from_being_shown():
    box = inbox()
    cancel = box.received(but(revision=2, state="CANCELLED"), "IT", T0)
    assert (cancel.outcome, cancel.show) == (Outcome.NEW, False)
    assert cancel.ack is not None
    assert not box.received(WARN, "IT", T0 + S).show
    assert box.open_warnings() == ()


def test_nothing_follows_a_cancel():
    box = inbox()
    box.received(WARN, "IT", T0)
    box.received(but(revision=2, state="CANCELLED"), "IT", T0)
    receipt = box.received(but(revision=3, state="RENEWED"), "IT", T0)
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "renewed after it was cancelled")


def test_a_warning_expires_here_without_a_message():
    box = inbox()
    box.received(WARN, "IT", T0)
    box.tick(T0 + 120 * S - 1)
    assert len(box.open_warnings()) == 1
    box.tick(T0 + 120 * S)
    assert box.open_warnings() == ()


def test_a_warning_that_comes_after_its_expiry_is_kept_and_not_shown():
    box = inbox()
    receipt = box.received(WARN, "IT", T0 + 120 * S)
    assert (receipt.outcome, receipt.show) == (Outcome.NEW, False)
    assert box.open_warnings() == ()


def test_the_cancel_of_what_had_run_out_is_kept_and_not_shown():
    box = inbox()
    box.received(WARN, "IT", T0)
    box.tick(T0 + 120 * S)
    receipt = box.received(but(revision=2, state="CANCELLED"), "IT", T0 + 121 * S)
    assert (receipt.outcome, receipt.show) == (Outcome.UPDATED, False)
    assert box.warnings()[0].state.name == "CANCELLED"


def test_a_late_renewal_revives_what_ran_out():
    box = inbox()
    box.received(WARN, "IT", T0)
    box.tick(T0 + 200 * S)
    assert box.received(but(revision=2, state="RENEWED", expires_ns=T0 + 300 * S), "IT", T0 + 201 * S).show
    assert len(box.open_warnings()) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"mode": "EXERCISE"}, "mode is not RECORDING"),
        ({"mode": ""}, "mode is not RECORDING"),
        ({"to": "FR"}, "addressed to another member"),
        ({"to": ""}, "no member to warn"),
        ({"zone": ""}, "no zone"),
        ({"clause": ""}, "no clause"),
        ({"warning": ""}, "no usable id"),
        ({"warning": "x" * 65}, "no usable id"),
        ({"warning": "IT-CH-\u0660001"}, "no usable id"),
        ({"revision": 0}, "revision below 1"),
        ({"state": "NEW"}, "unknown state"),
        ({"state": "raised"}, "unknown state"),
        ({"lat_cell_deg": math.nan}, "no area"),
        ({"lat_cell_deg": math.inf}, "no area"),
        ({"lat_cell_deg": 90.1}, "no area"),
        ({"lon_cell_deg": 46.15}, "no area"),
        ({"track_class": 7}, "unknown class"),
        ({"probability_percent": 95}, "probability off its steps"),
        ({"probability_percent": 110}, "probability off its steps"),
        ({"entry_ns": T0 + 1}, "entry time off its steps"),
        ({"expires_ns": T0}, "ends before it begins"),
        ({"expires_ns": T0 + 86_401 * S}, "holds for more than a day"),
    ],
)
def test_what_may_not_be_taken_is_refused_counted_and_not_acknowledged(fields, reason):
    box = inbox()
    receipt = box.received(but(**fields), "IT", T0)
    assert (receipt.outcome, receipt.reason, receipt.show, receipt.ack) == (
        Outcome.REFUSED,
        reason,
        False,
        None,
    )
    assert box.counts() == ((f"warning refused: {reason}", 1),)
    assert box.warnings() == ()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"lat_cell_deg": 46.2}, "two contents under one revision"),
        ({"revision": 2, "state": "RENEWED", "zone": "CH-2"}, "another warning under a known id"),
        ({"revision": 2, "state": "RENEWED", "raised_ns": T0 + S}, "another warning under a known id"),
        ({"revision": 2, "state": "RAISED"}, "raised after it was raised"),
    ],
)
def test_an_id_means_one_warning_for_ever(fields, reason):
    box = inbox()
    box.received(WARN, "IT", T0)
    assert box.received(but(**fields), "IT", T0).reason == reason
    assert [record.warn for record in box.warnings()] == [WARN]


def test_shown_is_told_once_and_a_person_acknowledges_once():
    box = inbox()
    box.received(WARN, "IT", T0)
    assert box.shown("IT/IT-CH-0001", T0 + S) == Ack("IT-CH-0001", 1, "shown", T0 + S, "")
    assert box.shown("IT/IT-CH-0001", T0 + 2 * S) is None
    first = box.acknowledge("IT/IT-CH-0001", "duty officer", T0 + 3 * S)
    assert first == Ack("IT-CH-0001", 1, "acknowledged", T0 + 3 * S, "duty officer")
    assert box.acknowledge("IT/IT-CH-0001", "another", T0 + 4 * S) == first


def test_acts_on_unknown_warnings_and_by_nobody_are_counted():
    box = inbox()
    box.received(WARN, "IT", T0)
    assert box.acknowledge("FR/IT-CH-0001", "duty officer", T0) is None
    assert box.shown("nonsense", T0) is None
    assert box.acknowledge("IT/IT-CH-0001", "", T0) is None
    assert box.counts() == (
        ("acknowledgement without a person", 1),
        ("act on an unknown warning", 2),
    )


def test_a_full_inbox_forgets_closed_warnings_first_and_refuses_rather_than_drop_an_open_one():
    box = inbox()
    for i in range(INBOX_MAX):
        assert box.received(but(warning=f"IT-CH-{i}"), "IT", T0).show
    refused = box.received(but(warning="one more"), "IT", T0)
    assert (refused.outcome, refused.ack) == (Outcome.REFUSED, None)
    box.received(but(warning="IT-CH-5", revision=2, state="CANCELLED"), "IT", T0)
    assert box.received(but(warning="one more"), "IT", T0).show
    assert "IT/IT-CH-5" not in [record.key for record in box.warnings()]
    assert len(box.open_warnings()) == INBOX_MAX
    assert box.counts() == (
        ("closed warning forgotten: WARNINGS_MAX reached", 1),
        ("warning refused: inbox full: WARNINGS_MAX open", 1),
    )
