"""Claims about the way of a sent warning: repeated in time, by two ways, never confirmed by anybody else."""

import msgspec
import pytest
from warn_scenes import CANCEL, DUTY, NONE, T0, Run, S, events, sure, tracks

from foedus.limits import ESCALATIONS_KEPT_MAX
from foedus.watch.delivery import REPEAT_NS, REPEATS_MAX, SHOWN_NS, Escalated, delivery
from foedus.watch.inbox import Inbox, Outcome
from foedus.watch.relay import AGAIN_NS, WarnRelay
from foedus.watch.sent import CANCEL_TICKS
from foedus.watch.warn import AckOutcome
from foedus.wire import Ack

ID = "IT-CH-0001"
ASKING = msgspec.structs.replace(DUTY, retry=2, then="notify_council")


def raised(*duties):
    run = Run(*duties)
    (change,) = run.tick(tracks(7), sure())
    run.book.beat(T0)
    return run, change


def beat(run, after_s, way=""):
    return run.book.beat(T0 + round(after_s * S), lambda record: way)


def ack(run, step, revision=1, *, after_s=0.1, sender="CH", person=""):
    return run.book.acked(Ack(ID, revision, step, T0 + round(after_s * S), person), sender)


def word(run, after_s):
    return delivery(run.book.sent_warnings()[0], T0 + round(after_s * S)).word


# ---------------------------------------------------------------- repeats


def test_what_nobody_stored_is_sent_again_in_the_same_words_with_growing_gaps_and_an_end():
    run, change = raised()
    times = []
    while run.book.next_due_ns() is not None:
        due_ns = run.book.next_due_ns()
        letters = run.book.beat(due_ns)
        assert all(letter.message == change.message for letter in letters)
        times += [(due_ns - T0) / S for _ in letters]
    assert times == [2, 6, 14, 30, 62, 126]
    assert len(times) == REPEATS_MAX


def test_what_is_stored_is_not_sent_again_and_wakes_nobody():
    run, _ = raised()
    ack(run, "stored")
    assert run.book.next_due_ns() == T0 + SHOWN_NS
    assert beat(run, 3) == []
    ack(run, "acknowledged", person="duty officer")
    beat(run, 4)
    assert run.book.next_due_ns() is None


def test_an_acknowledgement_of_an_older_revision_does_not_stop_the_repeats_of_the_newest():
    run, _ = raised()
    run.now = T0 + 30 * S
    assert len(run.tick(tracks(7), sure())) == 1
    run.book.beat(T0 + 30 * S)
    ack(run, "stored", 1)
    assert [letter.message.revision for letter in beat(run, 32)] == [2]
    ack(run, "stored", 2)
    assert beat(run, 40) == []


def test_a_warning_to_oneself_is_never_sent():
    run, _ = raised(msgspec.structs.replace(DUTY, to="IT"))
    assert beat(run, 100) == []
    assert word(run, 1) == "stored"
    assert word(run, 5) == "not shown"


# ---------------------------------------------------------------- the word for it


def test_the_sender_sees_within_five_seconds_that_a_warning_was_not_shown():
    run, _ = raised()
    assert word(run, 1) == "sent"
    ack(run, "stored")
    assert word(run, 3) == "stored"
    assert run.book.next_due_ns() <= T0 + 5 * S
    assert word(run, 5) == "not shown"


def test_each_step_has_its_word_and_its_word_when_it_is_overdue():
    run, _ = raised()
    assert word(run, 2) == "not stored"
    ack(run, "stored")
    ack(run, "shown", after_s=3)
    assert word(run, 5) == "shown"
    beat(run, 5)
    assert run.book.next_due_ns() == T0 + round(DUTY.ack_s * S)
    assert word(run, DUTY.ack_s) == "not acknowledged"
    ack(run, "acknowledged", after_s=20, person="duty officer")
    assert word(run, 21) == "acknowledged"


def test_a_link_that_dies_later_shows_too():
    run, _ = raised()
    ack(run, "acknowledged", person="duty officer")
    run.now = T0 + 30 * S
    run.tick(tracks(7), sure())
    assert word(run, 31) == "acknowledged"
    assert word(run, 32) == "not stored"


# ---------------------------------------------------------------- nobody acknowledges


def test_without_a_persons_answer_it_is_repeated_as_often_as_the_clause_says_and_then_escalated():
    run, _ = raised(ASKING)
    ack(run, "stored")
    ack(run, "shown")
    seen = []
    while run.book.next_due_ns() is not None and len(seen) < 9:
        due_ns = run.book.next_due_ns()
        seen.append(((due_ns - T0) / S, len(run.book.beat(due_ns))))
    assert seen == [(15.0, 1), (30.0, 1), (45.0, 0)]
    assert run.book.escalations() == (
        Escalated(warning=ID, clause="W1", then="notify_council", time_ns=T0 + 45 * S),
    )
    assert run.book.sent_warnings()[0].acknowledged_ns == 0, "an escalation is nobody's acknowledgement"


@pytest.mark.parametrize("step", ["acknowledged", "cancel"])
def test_an_answer_or_an_end_escalates_nothing(step):
    run, _ = raised(ASKING)
    if step == "cancel":
        assert events(run.ticks(CANCEL_TICKS, tracks(7), NONE)) == [CANCEL]
    else:
        ack(run, step, person="duty officer")
    for after_s in range(16, 200, 5):
        beat(run, after_s)
    assert run.book.escalations() == ()


def test_a_clause_that_says_nothing_of_it_escalates_nothing():
    run, _ = raised()
    for after_s in range(0, 200, 5):
        beat(run, after_s)
    assert run.book.escalations() == ()


def test_the_oldest_escalations_go_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr("foedus.watch.warn.ESCALATIONS_KEPT_MAX", 1)
    other = msgspec.structs.replace(ASKING, to="FR")
    run = Run(ASKING, other)
    run.tick(tracks(7), sure())
    for after_s in (15, 30, 45):
        beat(run, after_s)
    assert [one.warning for one in run.book.escalations()] == ["IT-FR-0001"]
    assert ESCALATIONS_KEPT_MAX > 1


# ---------------------------------------------------------------- two ways


def test_the_second_way_is_taken_at_the_first_repeat_and_kept_to_the_end():
    run, _ = raised()
    letters = beat(run, 2, "HUB")
    assert [(letter.recipient, letter.message.same) for letter in letters] == [("CH", ""), ("HUB", ID)]
    assert ack(run, "stored", sender="HUB") is AckOutcome.TAKEN
    (end,) = run.ticks(CANCEL_TICKS, tracks(7), NONE)
    assert [letter.recipient for letter in end.letters] == ["CH", "HUB"]
    assert {letter.message.state for letter in end.letters} == {"CANCELLED"}


def test_nobody_acknowledges_who_was_not_asked():
    run, _ = raised()
    assert ack(run, "stored", sender="HUB") is AckOutcome.NOT_THE_RECIPIENT
    beat(run, 2, "HUB")
    assert ack(run, "acknowledged", sender="FR", person="x") is AckOutcome.NOT_THE_RECIPIENT


def both_ways(run):
    """(direct message, the same as the hub passes it on) after the first repeat."""
    direct, copy = beat(run, 2, "HUB")
    relayed = WarnRelay("HUB", mode="RECORDING").relay(
        copy.message, "IT", T0 + 2 * S, clause="W2", meet_directly=True
    )
    return direct.message, relayed.message


@pytest.mark.parametrize("first", ["direct", "hub"])
def test_a_warning_that_comes_by_two_ways_is_shown_once_and_answered_on_both(first):
    run, _ = raised()
    direct, copy = both_ways(run)
    box = Inbox("CH", mode="RECORDING")
    messages = [("IT", direct), ("HUB", copy)]
    receipts = [
        box.received(message, sender, T0 + 3 * S)
        for sender, message in (messages if first == "direct" else messages[::-1])
    ]
    assert [receipt.show for receipt in receipts] == [True, False]
    assert all(receipt.ack.step == "stored" for receipt in receipts)
    assert [record.sender for record in box.to_show()] == ["IT"]
    assert box.received(direct, "IT", T0 + 4 * S).outcome is Outcome.DUPLICATE


def test_a_copy_that_comes_later_is_told_that_it_is_on_the_screen_already():
    run, _ = raised()
    direct, copy = both_ways(run)
    box = Inbox("CH", mode="RECORDING")
    box.received(direct, "IT", T0 + 3 * S)
    box.shown(f"IT/{ID}", T0 + 4 * S)
    assert box.received(copy, "HUB", T0 + 5 * S).caught_up == (
        Ack("HUB-CH-R0001", 1, "shown", T0 + 4 * S, ""),
    )


def test_a_hub_cannot_call_off_what_the_originator_told():
    run, _ = raised()
    direct, copy = both_ways(run)
    box = Inbox("CH", mode="RECORDING")
    box.received(direct, "IT", T0 + 3 * S)
    box.received(copy, "HUB", T0 + 3 * S)
    forged = msgspec.structs.replace(copy, revision=2, state="CANCELLED")
    box.received(forged, "HUB", T0 + 4 * S)
    assert [(record.sender, record.open) for record in box.to_show()] == [("IT", True)]


def test_the_hubs_copy_stands_alone_once_the_direct_one_has_run_out():
    run, _ = raised()
    direct, copy = both_ways(run)
    box = Inbox("CH", mode="RECORDING")
    box.received(direct, "IT", T0 + 3 * S)
    renewed = msgspec.structs.replace(copy, revision=2, state="RENEWED", expires_ns=T0 + 300 * S)
    box.received(renewed, "HUB", T0 + 40 * S)
    box.tick(T0 + 130 * S)
    assert [record.sender for record in box.to_show()] == ["IT", "HUB"]
    assert [record.sender for record in box.open_warnings()] == ["HUB"]


@pytest.mark.parametrize(
    ("sender", "fields"),
    [
        ("FR", {}),  # whose ids do not begin so
        ("IT", {"raised_ns": T0 - 10 * S}),
        ("IT", {"zone": "CH-2"}),
        ("IT", {"track_class": 1}),
    ],
)
def test_two_different_warnings_are_never_taken_for_one(sender, fields):
    run, _ = raised()
    direct, copy = both_ways(run)
    box = Inbox("CH", mode="RECORDING")
    assert box.received(msgspec.structs.replace(direct, **fields), sender, T0 + 3 * S).show
    assert box.received(copy, "HUB", T0 + 3 * S).show
    assert len(box.to_show()) == 2


def test_a_hub_names_no_originator_to_those_who_meet_only_through_it():
    run, _ = raised()
    _, copy = beat(run, 2, "HUB")
    relay = WarnRelay("HUB", mode="RECORDING")
    refused = relay.relay(copy.message, "IT", T0 + 2 * S, clause="W2")
    assert refused.reason == "an originator's id where none may be told"
    lying = msgspec.structs.replace(copy.message, same="FR-CH-0001")
    assert relay.relay(lying, "IT", T0 + 2 * S, clause="W2", meet_directly=True).message is None


def test_what_the_originator_repeats_the_hub_passes_on_again():
    _, change = raised(msgspec.structs.replace(DUTY, via="HUB"))
    relay = WarnRelay("HUB", mode="RECORDING")
    first = relay.relay(change.message, "IT", T0, clause="W2").message
    assert relay.relay(change.message, "IT", T0 + AGAIN_NS - 1, clause="W2").message is None
    assert relay.relay(change.message, "IT", T0 + REPEAT_NS, clause="W2").message == first


def test_what_the_guard_held_back_is_not_sent_again():
    run, _ = raised()
    run.book.held_back(ID, "CH")
    assert beat(run, 2) == []
    assert run.book.counts() == (("warning held back by the guard", 1),)
