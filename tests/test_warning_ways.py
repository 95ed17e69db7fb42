"""Claims about warnings between stations: by two ways, called by people, ended after the pact, in crowds."""

import msgspec
import numpy as np
import pytest

import alpine
from foedus.guard import Guard, Passed, Refused
from foedus.model import TrackClass
from foedus.node import Node
from foedus.outflow import NO_EVIDENCE
from foedus.station import Station
from foedus.watch.tearline import REASONS, ended
from foedus.watchkeeping import Watchkeeping
from foedus.wire import Act, Called, Send, Warn
from three_members import SHARE
from warning_net import (
    HIDDEN,
    HUB_WARNS,
    MEMBERS_WARN,
    ROUTE,
    Net,
    S,
    aircraft,
    pact_of,
    two_ways,
    warned,
)

LOST = (("IT", "CH"), ("CH", "IT"))


# ---------------------------------------------------------------- two ways


def test_when_the_direct_way_is_lost_the_hub_carries_it_within_five_seconds() -> None:
    net = warned(two_ways(), cut=LOST)
    assert net.received("CH") == ()
    net.wait(4.9)
    (shown,) = net.received("CH")
    assert (shown.party, shown.state) == ("HUB", "raised")
    (sent,) = [one for one in net.warnings("IT") if one.party == "CH"]
    assert sent.delivery in ("stored", "not shown")
    net.act("CH", "acknowledge", shown.id, "duty officer")
    (sent,) = [one for one in net.warnings("IT") if one.party == "CH"]
    assert (sent.delivery, sent.person) == ("acknowledged", "duty officer")
    assert net.refused == []


def test_when_only_the_answers_are_lost_it_comes_twice_and_is_shown_once() -> None:
    net = warned(two_ways(), cut=(("CH", "IT"),))
    assert [one.party for one in net.received("CH")] == ["IT"]
    net.wait(4.9)
    assert len(net.told("IT", "CH")) == 2
    assert {message.same for message in net.told("HUB", "CH")} == {"IT-CH-0001"}
    assert [one.party for one in net.received("CH")] == ["IT"]
    (sent,) = [one for one in net.warnings("IT") if one.party == "CH"]
    assert sent.stored_ns > 0


def test_the_cancel_goes_by_every_way_that_a_message_took() -> None:
    net = warned(two_ways(), cut=LOST)
    net.wait(3)
    (sent,) = [one for one in net.warnings("IT") if one.party == "CH"]
    net.cut = set()
    net.act("IT", "cancel", sent.id, "duty officer")
    assert net.told("IT", "CH")[-1].state == net.told("HUB", "CH")[-1].state == "CANCELLED"
    assert {one.state for one in net.received("CH")} == {"cancelled"}


@pytest.mark.parametrize("clauses", [(ROUTE,), (HIDDEN,)], ids=["a route forbids it", "the hub may not know"])
def test_no_second_way_is_taken_that_the_pact_does_not_open(clauses: tuple[str, ...]) -> None:
    lost = (("IT", "CH"), ("HUB", "CH")) if clauses == (ROUTE,) else LOST
    net = warned(pact_of(SHARE, MEMBERS_WARN, HUB_WARNS, *clauses), cut=lost)
    net.wait(40)
    ways = {recipient for sender, recipient, m in net.sent if isinstance(m, Warn) and sender == "IT"}
    assert ways == ({"HUB"} if clauses == (ROUTE,) else {"CH"})
    assert all(message.same == "" for message in net.told("HUB", "CH"))
    assert net.refused == []


def test_without_a_hub_that_owes_the_warning_there_is_one_way() -> None:
    net = warned(pact_of(SHARE, MEMBERS_WARN), cut=LOST)
    net.wait(10)
    assert net.told("IT", "HUB") == []


def test_a_clause_that_names_a_second_route_opens_it_without_a_share() -> None:
    asking = MEMBERS_WARN + ', on_no_ack = { retry = 0, then = "second_route" }'
    net = warned(pact_of(SHARE, asking, HUB_WARNS, HIDDEN), cut=LOST)
    net.wait(4)
    assert [one.party for one in net.received("CH")] == ["HUB"]
    assert net.refused == []


def test_the_guard_refuses_a_copy_that_the_hub_may_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watchkeeping, "_may_know", lambda self, tables, evidence: True)
    net = warned(pact_of(SHARE, MEMBERS_WARN, HUB_WARNS, HIDDEN), cut=LOST)
    net.wait(3)
    assert net.told("IT", "HUB") == []
    assert "may not be sent to HUB" in net.refused[0]


def test_through_the_hub_only_a_lost_message_is_passed_on_again() -> None:
    net = warned(pact_of(SHARE, MEMBERS_WARN, HUB_WARNS, ROUTE), cut=(("HUB", "CH"),))
    assert net.received("CH") == ()
    net.cut = set()
    net.wait(3)
    assert [one.party for one in net.received("CH")] == ["HUB"]


# ---------------------------------------------------------------- after the pact


@pytest.mark.parametrize(("back", "state"), [(True, "cancelled"), (False, "expired")])
def test_the_end_of_a_warning_reaches_who_was_warned_after_the_pact_has_ended(back: bool, state: str) -> None:
    net = warned(two_ways())
    net.tick(2)
    net.tell("exit", "trio", by="IT")
    before = len(net.sent)
    turned = aircraft([45.8], [7.5], start_ns=alpine.START_NS, turn_ns=net.now_ns)
    net.aircraft = turned if back else aircraft([], [], start_ns=alpine.START_NS)
    net.tick(30)
    assert {one.state for one in net.received("CH")} == {state}
    after = [(s, r, m) for s, r, m in net.sent[before:] if "IT" in (s, r)]
    assert {m.state for _, _, m in after if isinstance(m, Warn)} == {state.upper()}
    assert not any(type(m).__name__ == "Picture" for _, _, m in after)
    assert net.refused == []
    (sent,) = [one for one in net.warnings("IT") if one.party == "CH"]
    assert sent.delivery != "not stored"


def test_the_end_goes_through_the_hub_as_well() -> None:
    net = warned(pact_of(SHARE, MEMBERS_WARN, HUB_WARNS, ROUTE))
    net.tell("exit", "trio", by="IT")
    net.tick(30)
    assert [one.state for one in net.received("CH")] == ["expired"]


def test_after_the_pact_the_guard_lets_out_the_bare_end_of_what_it_passed_and_nothing_else() -> None:
    net = warned(two_ways())
    told = net.told("IT", "CH")[-1]
    net.tell("exit", "trio", by="IT")
    guard = net.stations["IT"]._guard

    def check(message: Warn, recipient: str = "CH") -> Passed | Refused:
        return guard.check(Send(recipient, message, NO_EVIDENCE, ()), time_ns=net.now_ns)

    end = ended(told, "CANCELLED")
    for fields in (
        {"lat_cell_deg": told.lat_cell_deg + 0.1},
        {"entry_ns": told.entry_ns + 10 * S},
        {"track_class": 1},
        {"zone": "Z-IT"},
        {"warning": "IT-CH-0002"},
        {"revision": told.revision},
        {"probability_percent": 90},
        {"state": "RENEWED"},
    ):
        assert isinstance(check(msgspec.structs.replace(end, **fields)), Refused), fields
    assert isinstance(check(end, "FR"), Refused)
    assert check(end) == Passed(1)
    assert check(end) == Passed(1), "once more, if it was lost"
    assert isinstance(check(ended(end, "EXPIRED")), Refused)
    assert isinstance(Guard(two_ways(), "IT").check(Send("CH", end, NO_EVIDENCE, ()), time_ns=0), Refused)


# ---------------------------------------------------------------- people


def call(net: Net, name: str = "C1", **fields: object) -> None:
    item = Called(name, "Z-CH", int(TrackClass.BALLISTIC), 46.5, 7.5, net.now_ns + 60 * S, "Duty Officer")
    net.give("IT", msgspec.structs.replace(item, **fields))


def test_a_warning_of_people_needs_two_and_goes_to_the_owner_of_the_zone_only() -> None:
    net = Net(two_ways())
    net.tick()
    call(net)
    assert net.told("IT", "CH") == []
    net.act("IT", "second", "C1", "duty officer")
    assert net.told("IT", "CH") == []
    net.act("IT", "second", "C1", "supervisor")
    (message,) = net.told("IT", "CH")
    assert (message.basis, message.state, message.detail) == ("person", "RAISED", None)
    assert net.told("IT", "FR") == net.told("IT", "HUB") == []
    assert [one.basis for one in net.received("CH")] == ["person"]
    (view,) = net.stations["IT"].node.view().calls
    assert (view.state, view.by, view.seconded_by) == ("sent", "Duty Officer", "supervisor")
    assert view.warnings == ("IT-CH-0001",)
    net.act("IT", "cancel", "IT-CH-0001", "anybody")
    assert [one.state for one in net.received("CH")] == ["cancelled"]
    assert net.refused == []


def test_calls_lapse_are_withdrawn_or_refused_and_the_console_is_told_why() -> None:
    net = Net(two_ways())
    net.tick()
    call(net)
    call(net, "C2", zone="")
    call(net, "C3")
    net.act("IT", "withdraw", "C3", "another")
    net.wait(121)
    net.tick()
    views = net.stations["IT"].node.view().calls
    assert [(one.state, one.reason) for one in views] == [
        ("lapsed", "nobody seconded it within 120 s"),
        ("refused", "no zone"),
        ("withdrawn", "by another"),
    ]
    assert net.stations["IT"].node.dropped()["call refused: no zone"] == 1
    assert net.told("IT", "CH") == []


def test_the_guard_wants_two_persons_behind_a_called_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foedus.watch.calls.same_person", lambda one, other: False)  # the planted bug
    net = Net(two_ways())
    net.tick()
    call(net)
    net.act("IT", "second", "C1", "DUTY OFFICER")
    assert net.told("IT", "CH") == []
    assert net.refused == ["a called warning without two persons"]


def test_no_act_on_a_received_warning_but_shown_and_acknowledge_counts_for_anything() -> None:
    net = warned(two_ways())
    (one,) = net.received("CH")
    for verb in ("cancel", "second", "withdraw", "nonsense"):
        net.act("CH", verb, one.id, "duty officer")
    (after,) = net.received("CH")
    assert (after.state, after.acknowledged_ns) == (one.state, 0)


# ---------------------------------------------------------------- the guard and the first message


def test_nothing_is_raised_that_could_not_be_called_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Watchkeeping, "_tell", lambda self, change, evidence: self._sends(change.letters)
    )  # forgets the cancel
    net = warned(two_ways())
    assert net.told("IT", "CH") == []
    assert net.refused == ["a first message without a cancel that could follow"]


def test_guard_and_sender_know_the_same_reasons() -> None:
    from foedus import guard_warning

    assert guard_warning._REASONS == REASONS


# ---------------------------------------------------------------- crowds, and once more the same


def test_five_hundred_warnings_of_one_tick_are_shown_once_each_and_called_off_all() -> None:
    start = "2018-08-01T11:31:00Z"
    late = MEMBERS_WARN + f", since = {start}"
    net = Net(pact_of(SHARE, late))
    lat, lon = (
        axis.ravel().tolist() for axis in np.meshgrid(np.linspace(46.0, 47.4, 25), np.linspace(6.4, 9.8, 20))
    )
    net.aircraft = aircraft(lat, lon, start_ns=net.now_ns)
    net.tick(12)
    raised = [one for one in net.warnings("IT") if one.party == "CH"]
    assert len(raised) == 500
    assert len({one.raised_ns for one in raised}) == 1
    shown = net.received("CH")
    assert sorted(one.id for one in shown) == sorted(f"IT:{one.id}" for one in raised)
    net.give("CH", *(Act("shown", one.id, "") for one in shown))
    acks = [(ack.warning, ack.step) for ack in net.acks("CH", "IT")]
    assert len(acks) == len({*acks}) == 1_000
    assert {one.delivery for one in net.warnings("IT") if one.party == "CH"} == {"shown"}
    net.give("IT", *(Act("cancel", one.id, "duty officer") for one in raised))
    assert [one.state for one in net.received("CH")] == ["cancelled"] * 500
    net.tick(2)
    assert len(net.received("CH")) == 500, "nothing is raised again"


def test_beats_calls_and_repeats_replay_to_the_same_effects() -> None:
    net = warned(two_ways(), cut=LOST)
    call(net)
    net.act("IT", "second", "C1", "supervisor")
    net.wait(20)
    network, _, _ = alpine.documents()
    for member, station in net.stations.items():
        again = Station(Node(network, two_ways(), member), two_ways())
        for batch in net.batches[member]:
            again.advance(batch)
        assert again._effects == station._effects
