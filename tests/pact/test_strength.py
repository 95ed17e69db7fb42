"""The partial orders: of words, of time limits, of demands, of sets of demands."""

from itertools import product

import pytest

from foedus.pact.comparing.strength import (
    BINDING_ORDER,
    CLOCK_ORDER,
    DISCRETION_ORDER,
    FORM_ORDER,
    LEVEL_ORDER,
    Deadline,
    Demand,
    Order,
    Same,
    deadline_at_least,
    demands_at_least,
    demands_order,
    joined,
    order_of,
    word_at_least,
    word_order,
)
from foedus.pact.words import REGARD_ORDER, STANDARD_ORDER, Truth

ORDERS = (
    REGARD_ORDER,
    STANDARD_ORDER,
    DISCRETION_ORDER,
    BINDING_ORDER,
    LEVEL_ORDER,
    CLOCK_ORDER,
    FORM_ORDER,
)


def words_of(order):
    return sorted({word for pair in order for word in pair})


@pytest.mark.parametrize("order", ORDERS)
def test_each_order_of_words_is_a_partial_order(order):
    words = words_of(order)
    at_least = {(a, b) for a, b in product(words, words) if word_at_least(order, a, b) == Truth.YES}
    assert all((a, a) in at_least for a in words)
    assert not [(a, b) for a, b in at_least if a != b and (b, a) in at_least]
    assert not [(a, b, c) for a, b in at_least for x, c in at_least if x == b and (a, c) not in at_least]


def test_the_ladder_of_standards_is_that_of_the_texts():
    assert word_order(STANDARD_ORDER, "all_steps_available", "decide_jointly") == Order.STRONGER
    assert (
        word_order(STANDARD_ORDER, "act_to_meet_common_danger", "assist_as_deemed_necessary") == Order.WEAKER
    )
    assert (
        word_order(STANDARD_ORDER, "all_lawful_and_appropriate", "act_to_meet_common_danger")
        == Order.INCOMPARABLE
    )
    assert word_order(REGARD_ORDER, "threat_to_own_peace", "dangerous_to_own_peace") == Order.INCOMPARABLE


def test_an_unknown_word_is_beaten_by_the_top_and_beats_the_bottom_and_else_cannot_be_told():
    assert word_at_least(STANDARD_ORDER, "all_steps_available", "unknown") == Truth.YES
    assert word_at_least(STANDARD_ORDER, "unknown", "decide_jointly") == Truth.YES
    assert word_at_least(STANDARD_ORDER, "unknown", "act_to_meet_common_danger") == Truth.UNDETERMINED
    assert word_order(STANDARD_ORDER, "unknown", "unknown") == Order.UNKNOWN
    assert word_order(STANDARD_ORDER, "unknown", "act_to_meet_common_danger") == Order.UNKNOWN


def test_the_four_answers_and_the_fifth():
    found = {(a, b): order_of(at_least=a, at_most=b) for a, b in product((Truth.YES, Truth.NO), repeat=2)}
    assert found == {
        (Truth.YES, Truth.YES): Order.EQUAL,
        (Truth.YES, Truth.NO): Order.STRONGER,
        (Truth.NO, Truth.YES): Order.WEAKER,
        (Truth.NO, Truth.NO): Order.INCOMPARABLE,
    }
    assert order_of(at_least=Truth.NO, at_most=Truth.UNDETERMINED) == Order.UNKNOWN


def test_stronger_here_and_weaker_there_is_incomparable():
    assert joined([Order.STRONGER, Order.EQUAL]) == Order.STRONGER
    assert joined([Order.STRONGER, Order.WEAKER]) == Order.INCOMPARABLE
    assert joined([Order.STRONGER, Order.UNKNOWN]) == Order.UNKNOWN
    assert joined([]) == Order.EQUAL


def test_a_shorter_limit_is_stronger_and_a_longer_lead_is():
    assert deadline_at_least(Deadline("60", 60), Deadline("90", 90)) == Truth.YES
    assert deadline_at_least(Deadline("90", 90), Deadline("60", 60)) == Truth.NO
    day, week = Deadline("d", 86_400, ahead=True), Deadline("w", 604_800, ahead=True)
    assert deadline_at_least(week, day) == Truth.YES
    assert deadline_at_least(day, week) == Truth.NO
    assert deadline_at_least(day, Deadline("60", 60)) == Truth.YES  # before it beats after it


def test_no_limit_is_the_weakest_and_an_unknown_one_cannot_be_told():
    assert deadline_at_least(Deadline("60", 60), Deadline()) == Truth.YES
    assert deadline_at_least(Deadline(), Deadline("60", 60)) == Truth.NO
    assert deadline_at_least(Deadline("unknown"), Deadline()) == Truth.YES
    assert deadline_at_least(Deadline("unknown"), Deadline("60", 60)) == Truth.UNDETERMINED
    assert deadline_at_least(Deadline("unknown"), Deadline("unknown")) == Truth.UNDETERMINED


def demand(**changed):
    fields = {
        "kind": "assist", "matter": "", "debtor": "A", "creditors": ("B",), "says": "decide_jointly",
        "discretion": "executive", "deadline": Deadline(), "clock": "event", "source": "", "binding": "law",
        "measures": (), "modified": (), "least": Truth.YES, "most": Truth.YES, "clause": "A1", "unknown": (),
    }  # fmt: skip
    return Demand(**(fields | changed))


def test_more_in_one_part_and_less_in_another_is_incomparable():
    one = demand(says="all_steps_available", binding="none")
    assert demands_order([one], [demand()]) == Order.INCOMPARABLE


def test_two_demands_together_cover_what_one_owes_to_two():
    both = demand(creditors=("B", "C"))
    apart = [demand(creditors=("B",)), demand(creditors=("C",))]
    assert demands_order(apart, [both]) == Order.EQUAL
    assert demands_order(apart[:1], [both]) == Order.WEAKER


def test_a_weaker_clause_beside_a_stronger_one_changes_nothing():
    strong = demand(says="all_steps_available")
    assert demands_order([strong, demand()], [strong]) == Order.EQUAL


def test_what_hangs_on_a_fact_stands_between_owed_and_not_owed():
    perhaps = demand(least=Truth.UNDETERMINED, most=Truth.UNDETERMINED)
    assert demands_order([demand()], [perhaps]) == Order.STRONGER
    assert demands_order([perhaps], []) == Order.STRONGER


def test_what_hangs_on_an_unknown_term_cannot_be_told():
    hidden = demand(least=Truth.NO, most=Truth.YES, unknown=("C1.by",))
    assert demands_order([demand()], [hidden]) == Order.UNKNOWN
    assert demands_order([hidden], []) == Order.UNKNOWN
    assert demands_order([hidden], [hidden]) == Order.UNKNOWN
    assert demands_at_least([demand()], [hidden]) == Truth.YES  # it is owed, whatever the other turns out


def test_the_unknown_of_a_clause_that_both_versions_share_is_the_same_unknown():
    hidden = demand(least=Truth.NO, most=Truth.YES, unknown=("C1.by",), deadline=Deadline("unknown"))
    whole = Same(frozenset(["A1"]), frozenset(["A1"]))
    assert demands_order([hidden], [hidden], same=whole) == Order.EQUAL
    more = demand(deadline=Deadline("unknown"), says="all_steps_available")
    less = demand(deadline=Deadline("unknown"))
    assert demands_order([more], [less], same=Same(frozenset(["A1"]))) == Order.STRONGER
    assert demands_order([more], [less]) == Order.UNKNOWN


def test_a_duty_that_a_reservation_modifies_cannot_be_told_beside_one_that_none_does():
    assert demands_order([demand(modified=("R1",))], [demand()]) == Order.UNKNOWN
    named = Same(frozenset(["A1"]))
    assert demands_order([demand(modified=("R1",))], [demand(modified=("R1",))], same=named) == Order.EQUAL
