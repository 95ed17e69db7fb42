"""Who warns from what knowledge: the hub from what may go on to whom it warns, and never from more."""

import pytest

import hub_members
from foedus import knowledge
from foedus.wire import Warn
from hub_members import (
    AA_ALERT,
    AA_NOTHING,
    AA_SECRET,
    CONSTRUCT,
    HUB_WARNS,
    MEMBERS_WARN,
    Aircraft,
    Small,
    everybody_hears,
    pact_of,
)

AT_CC = Aircraft()
BY_AA = everybody_hears(AT_CC, but=lambda one: one != "AA")
SECONDS = 60


def played(*clauses: str, skies: hub_members.Skies = BY_AA, seconds: int = SECONDS) -> Small:
    return Small(pact_of(*clauses)).play(skies, seconds)


def test_a_hub_that_owes_warnings_gives_them_from_what_members_gave_it() -> None:
    small = played(*CONSTRUCT, HUB_WARNS)
    (first, *_) = small.warned("HUB", "CC")
    assert (first.warning, first.clause, first.zone, first.state) == ("HUB-CC-0001", "W1", "Z-CC", "RAISED")
    assert {one.recipient for one in small.sent if isinstance(one.body, Warn)} == {"CC"}
    assert small.refused == []
    (view,) = [w for w in small.stations["HUB"].node.view().warnings if w.direction == "sent"]
    assert view.stored_ns > 0
    assert small.onward("AA", "CC") == {3}


def test_a_hub_without_a_duty_warns_of_nothing() -> None:
    small = played(*CONSTRUCT)
    assert small.rows("HUB", "CC") > 0
    assert small.warned("HUB", "CC") == []


def test_the_hub_does_not_tell_a_party_what_that_party_gave_it() -> None:
    small = played(*CONSTRUCT, HUB_WARNS, skies=everybody_hears(AT_CC, but=lambda one: one != "CC"))
    assert small.warned("HUB", "CC") == []


def test_a_caveat_that_lets_nothing_go_on_keeps_the_hub_silent_though_it_knows() -> None:
    small = played(*CONSTRUCT, AA_NOTHING, HUB_WARNS)
    assert small.rows("AA", "HUB") > 0
    assert small.onward("AA", "CC") == {0}
    assert small.warned("HUB", "CC") == []
    also_bb = everybody_hears(AT_CC, but=lambda one: one == "CC")
    small = played(*CONSTRUCT, AA_NOTHING, HUB_WARNS, skies=also_bb)
    assert small.warned("HUB", "CC")
    assert small.refused == []


def test_a_caveat_that_lets_an_alert_go_on_lets_the_hub_warn_and_give_no_row() -> None:
    small = played(*CONSTRUCT, AA_ALERT, HUB_WARNS)
    assert small.onward("AA", "CC") == {1}
    assert small.warned("HUB", "CC")
    assert small.rows("HUB", "CC") == 0
    assert small.refused == []


def test_an_alert_goes_on_only_where_a_duty_makes_use_of_it() -> None:
    assert played(*CONSTRUCT, AA_ALERT).onward("AA", "CC") == {0}


@pytest.mark.parametrize(("obstacle", "name"), [(AA_NOTHING, "O2"), (AA_SECRET, "H1")])
def test_a_duty_notwithstanding_a_caveat_or_withhold_is_met_and_no_row_follows(
    obstacle: str, name: str
) -> None:
    assert played(*CONSTRUCT, obstacle, HUB_WARNS).warned("HUB", "CC") == []
    prevailing = f'{HUB_WARNS}, notwithstanding = ["{name}"]'
    small = played(*CONSTRUCT, obstacle, prevailing)
    assert small.onward("AA", "CC") == {1}
    assert small.warned("HUB", "CC")
    assert small.rows("HUB", "CC") == 0
    assert small.refused == []


def test_rows_that_serve_a_warning_only_touch_none_of_the_rows_that_are_given() -> None:
    prevailing = f'{HUB_WARNS}, notwithstanding = ["O2"]'
    west = Aircraft(lat_deg=46.7, lon_deg=8.501)  # BB's tracker and AA's see nearly the same place
    skies = {"AA": (AT_CC,), "BB": (west,), "CC": ()}
    both = played(*CONSTRUCT, AA_NOTHING, prevailing, skies=skies)
    alone = played(*CONSTRUCT, AA_NOTHING, prevailing, skies=skies | {"AA": ()})
    pictures = [
        [one.data for one in small.stream("CC") if not isinstance(one.body, Warn)] for small in (both, alone)
    ]
    assert pictures[0] == pictures[1]
    assert both.rows("HUB", "CC") > 0
    assert both.warned("HUB", "CC") != alone.warned("HUB", "CC")


# ---------------------------------------------------------------- what may not be known changes nothing

HIDDEN = Aircraft(lat_deg=46.5, lon_deg=7.2, east_m_s=160.0, north_m_s=120.0)  # in SECRET, toward Z-CC
SKIES = {"AA": (HIDDEN,), "BB": (AT_CC,), "CC": ()}
WITHHOLDING = (*CONSTRUCT, AA_SECRET, HUB_WARNS)


@pytest.mark.parametrize(
    "altered",
    [
        (),
        (HIDDEN._replace(lat_deg=46.2),),
        (HIDDEN, HIDDEN._replace(lat_deg=46.8), HIDDEN._replace(lon_deg=7.4)),
    ],
    ids=["removed", "moved", "multiplied"],
)
def test_what_aa_withholds_from_cc_changes_no_byte_and_no_time_of_the_warnings_that_cc_gets(
    altered: tuple[Aircraft, ...],
) -> None:
    one, other = played(*WITHHOLDING, skies=SKIES), played(*WITHHOLDING, skies=SKIES | {"AA": altered})
    assert one.stream("HUB") != other.stream("HUB"), "the change reached nobody: it would prove nothing"
    assert one.stream("CC") == other.stream("CC")
    assert one.warned("HUB", "CC")
    assert one.refused == other.refused == []


def test_a_hub_that_warned_from_all_that_it_knows_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same comparison with a planted bug, and with the guard out of the way."""
    sound = knowledge.fuse_onward

    def from_everything(*args, least, behind, **more):  # type: ignore[no-untyped-def]
        return sound(*args, least=0, behind=-1, **more)

    monkeypatch.setattr(knowledge, "fuse_onward", from_everything)
    monkeypatch.setattr("foedus.guard.Guard._fault_of_hub", lambda *_: "")
    one, other = played(*WITHHOLDING, skies=SKIES), played(*WITHHOLDING, skies=SKIES | {"AA": ()})
    assert one.stream("CC") != other.stream("CC")


def test_the_guard_stops_a_hub_that_warns_from_a_row_under_a_caveat(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = knowledge.fuse_onward

    def from_everything(*args, least, behind, **more):  # type: ignore[no-untyped-def]
        return sound(*args, least=0, behind=-1, **more)

    monkeypatch.setattr(knowledge, "fuse_onward", from_everything)
    small = played(*CONSTRUCT, AA_NOTHING, HUB_WARNS)
    assert small.warned("HUB", "CC") == []
    reasons = {why for member, _, why in small.refused if member == "HUB"}
    assert "a warning that rests on a row of which not even an alert goes on" in reasons


# ---------------------------------------------------------------- passed on, and by itself

BOTH = (*CONSTRUCT, MEMBERS_WARN, HUB_WARNS)


def test_what_a_member_has_warned_of_through_the_hub_the_hub_does_not_say_again() -> None:
    small = played(*BOTH, seconds=120)
    ids = {one.warning for one in small.warned("HUB", "CC")}
    assert ids == {"HUB-CC-R0001"}
    assert small.refused == []


def test_a_second_aircraft_beside_one_that_a_member_warned_of_is_warned_of_by_the_hub() -> None:
    beside = AT_CC._replace(lon_deg=8.56)
    skies = {"AA": (AT_CC,), "BB": (beside,), "CC": ()}
    only_aa = MEMBERS_WARN.replace('by = "member"', 'by = "AA"')
    small = played(*CONSTRUCT, only_aa, HUB_WARNS, skies=skies, seconds=120)
    assert {one.warning for one in small.warned("HUB", "CC")} == {"HUB-CC-R0001", "HUB-CC-0001"}


def test_the_hub_warns_once_the_warning_that_it_passed_on_has_run_out() -> None:
    small = Small(pact_of(*BOTH)).play(BY_AA, 60)
    small.tell("suspended", "W2", by="AA")
    small.play(BY_AA, 150)
    messages = small.warned("HUB", "CC")
    assert [one.warning for one in messages if one.state == "RAISED"] == ["HUB-CC-R0001", "HUB-CC-0001"]
    assert small.refused == []


def test_two_duties_of_the_hub_with_unlike_knowledge_warn_once_of_one_aircraft() -> None:
    prevailing = HUB_WARNS.replace("W1", "W3") + ', notwithstanding = ["O2"]'
    clauses = (*CONSTRUCT, AA_NOTHING, HUB_WARNS, prevailing)
    by_two = everybody_hears(AT_CC, but=lambda one: one == "CC")
    small = played(*clauses, skies=by_two)
    assert {one.warning for one in small.warned("HUB", "CC")} == {"HUB-CC-0001"}
    small = played(*clauses)
    assert {one.clause for one in small.warned("HUB", "CC")} == {"W3"}
    assert small.refused == []


def test_the_end_of_a_warning_leaves_though_its_track_is_gone() -> None:
    small = Small(pact_of(*CONSTRUCT, HUB_WARNS)).play(BY_AA, 40)
    small.play(everybody_hears(), 240)
    assert [one.state for one in small.warned("HUB", "CC")][-1] == "EXPIRED"
    assert small.refused == []
