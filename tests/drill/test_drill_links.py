"""Links in virtual time: nothing is lost for good, order is kept, a cut holds and heals."""

from collections import defaultdict

import hypothesis.strategies as st
from hypothesis import given, settings

from foedus.drill.chance import Chance
from foedus.drill.links import GRID_NS, Links
from foedus.drill.text import Between, LinkTable
from foedus.journal import Outgoing
from foedus.model import SECOND_NS


def links(seed=1, **table):
    return Links(("A", "B", "C"), LinkTable(**table), Chance("00", seed))


def post(net, number, *, sender="A", to="B", at_s=0.0):
    net.post(sender, [Outgoing(to, number, f"{sender}{to}{number}".encode())], round(at_s * SECOND_NS))


def drain(net, until_s=600.0):
    """Every arrival until then, with its time in seconds."""
    found = []
    while (time_ns := net.next_ns()) is not None and time_ns <= until_s * SECOND_NS:
        found += [(time_ns / SECOND_NS, one) for one in net.take(time_ns)]
    return found


@settings(max_examples=40)
@given(
    st.integers(0, 1000), st.floats(0, 0.8), st.floats(0, 0.5), st.floats(0, 2),
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC"), st.floats(0, 20)), max_size=25),
)  # fmt: skip
def test_every_message_arrives_once_in_order_whatever_the_loss(seed, loss, duplicate, tail_s, posts):
    net = links(seed, loss=loss, duplicate=duplicate, tail_s=tail_s)
    sent, arrived = defaultdict(int), defaultdict(list)
    pending = sorted((one for one in posts if one[0] != one[1]), key=lambda one: one[2])
    for sender, to, at_s in pending:
        drain_into(net, arrived, at_s)
        sent[sender, to] += 1
        post(net, sent[sender, to], sender=sender, to=to, at_s=at_s)
    drain_into(net, arrived, 4_000.0)
    for pair, count in sent.items():
        assert arrived[pair] == list(range(1, count + 1)), pair


def drain_into(net, arrived, until_s):
    for _, one in drain(net, until_s):
        if not one.again:
            arrived[one.sender, one.recipient].append(one.sequence)


def test_a_message_that_is_late_holds_up_those_behind_it():
    net = links(least_s=0.0, tail_s=5.0)
    for number in range(1, 30):
        post(net, number, at_s=number / 10)
    order = [one.sequence for _, one in drain(net) if not one.again]
    assert order == list(range(1, 30))


def test_what_was_confirmed_is_sent_no_more_and_is_told_to_the_sender():
    net = links(tail_s=0.0)
    post(net, 1)
    drain(net)
    assert net.take_confirmed("A") == [("B", 1)]
    assert net.take_confirmed("A") == []
    assert net.tries("A", "B", 1) == 1


def test_a_lost_confirmation_brings_a_copy_that_is_marked_as_one():
    for seed in range(200):
        net = links(seed, loss=0.5, tail_s=0.0)
        post(net, 1)
        found = [one for _, one in drain(net)]
        assert [one.again for one in found] == [False] + [True] * (len(found) - 1)
        if len(found) > 1:
            return
    raise AssertionError("no confirmation was ever lost")


def test_a_cut_link_carries_nothing_and_a_healed_one_all():
    net = links(tail_s=0.0)
    net.cut("A", "B", cut=True)
    post(net, 1)
    post(net, 2, at_s=1.0)
    assert drain(net, 100.0) == []
    net.cut("A", "B", cut=False)
    assert [one.sequence for _, one in drain(net)] == [1, 2]


def test_a_mute_member_hears_and_says_nothing():
    net = links(tail_s=0.0)
    net.mute("A", mute=True)
    post(net, 1)
    post(net, 1, sender="B", to="A")
    assert [one.recipient for _, one in drain(net, 100.0)] == ["A"]


def test_a_member_that_is_down_confirms_nothing_and_gets_it_later():
    net = links(tail_s=0.0)
    net.down("B", down=True)
    post(net, 1)
    assert drain(net, 50.0) == []
    assert net.take_confirmed("A") == []
    net.down("B", down=False)
    assert [one.sequence for _, one in drain(net)] == [1]


def test_one_link_may_be_worse_than_the_others():
    net = Links(
        ("A", "B", "C"), LinkTable(tail_s=0.0, between=(Between(a="A", b="C", least_s=9.0),)), Chance("0", 1)
    )
    post(net, 1)
    post(net, 1, to="C")
    times = {one.recipient: time_s for time_s, one in drain(net) if not one.again}
    assert times["B"] < 1.0
    assert times["C"] >= 9.0


def test_arrivals_are_on_the_grid():
    net = links()
    for number in range(1, 9):
        post(net, number)
    assert all(round(time_s * SECOND_NS) % GRID_NS == 0 for time_s, _ in drain(net))
