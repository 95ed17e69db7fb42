"""What runs say: distributions, alarms, duties to warn, what was given; and what each part is worth."""

import msgspec
import numpy as np
import pytest
from tests.drill.tiny_drill import CASUS, OPEN, PARTNER, TINY, player, tiny

from foedus.drill.changes import apply, changes, relaxations
from foedus.drill.failures import Fault, fault_costs, faults_of, prices_of, single_points
from foedus.drill.ideal import ideal_pact
from foedus.drill.likeness import likeness, looks, truth_of
from foedus.drill.measures import (
    FORM_COLUMN,
    alarms_of,
    balances_of,
    duties_of,
    exchanges_of,
    minutes_of,
    shown_or_none_min,
    spread,
)
from foedus.drill.orientation import Approach, approaching, attackers_of, orientation
from foedus.drill.outcome import Captured
from foedus.drill.stations import text_played
from foedus.model import SECOND_NS, Reports
from foedus.pact.clauses import Share
from foedus.wire import Ack, encode

MINUTE_NS = 60 * SECOND_NS


def with_shown(run, shown_min):
    """The run with another first warning on the capital's screen; None: none."""
    (outcome,) = run.outcomes
    at_ns = 0 if shown_min is None else outcome.arrival_ns - round(shown_min * MINUTE_NS)
    return msgspec.structs.replace(run, outcomes=(msgspec.structs.replace(outcome, shown_ns=at_ns),))


# ---------------------------------------------------------------- distributions


def test_a_seed_without_warning_is_worse_than_any_and_never_left_out():
    found = spread([None, 3.0, 1.0, 2.0])
    assert (found.tenth_min, found.median_min, found.ninetieth_min) == (None, 1.0, 3.0)
    assert found.never_share == 0.25
    assert spread([None, None, 5.0]).median_min is None


def test_a_warning_after_arrival_is_none_before_it():
    found = spread([-0.1, 0.0])
    assert (found.never_share, found.ninetieth_min) == (0.5, 0.0)
    assert shown_or_none_min(with_shown(tiny("open"), -1.0), "E1", "SUD") == 0.0


def test_quantiles_are_those_of_numpys_inverted_cdf():
    values = [float(one) for one in np.random.default_rng(5).uniform(0, 9, 37)]
    found = spread(values)
    expected = np.quantile(values, [0.1, 0.5, 0.9], method="inverted_cdf")
    assert (found.tenth_min, found.median_min, found.ninetieth_min) == tuple(expected)


def test_f27_minutes_of_every_capital_are_a_distribution_over_seeds():
    runs = [with_shown(tiny("open"), one) for one in (1.0, None, 2.0, 3.0)]
    (found,) = minutes_of(runs)
    assert (found.event, found.member, found.shown.seeds) == ("E1", "SUD", 4)
    assert (found.shown.median_min, found.shown.never_share) == (1.0, 0.25)
    assert found.known.median_min == pytest.approx(tiny("open").outcomes[0].known_min)


# ---------------------------------------------------------------- missed and false


def test_missed_false_and_needless_warnings_are_told_apart():
    run = with_shown(tiny("open"), None)
    one = next(each for each in run.warned if each.member == "SUD" and each.target == "T1")
    false = msgspec.structs.replace(one, warning="false", target="")
    needless = msgspec.structs.replace(one, member="NOR", direction="received", party="SUD")
    run = msgspec.structs.replace(run, warned=(*run.warned, false, needless))
    alarms = {each.member: each for each in alarms_of([run], TINY.zone)}
    assert (alarms["SUD"].threats, alarms["SUD"].missed, alarms["SUD"].false) == (1, 1, 1)
    assert alarms["SUD"].needless == 0
    assert (alarms["NOR"].threats, alarms["NOR"].needless, alarms["NOR"].missed_share) == (0, 1, None)
    assert alarms["SUD"].false_per_hour == pytest.approx(3_600 / 200)


# ---------------------------------------------------------------- duties


def duties(name, pact, run=None):
    found = duties_of(text_played(TINY, pact), run or tiny(name))
    return {(one.clause, one.debtor): one for one in found}


def test_a_duty_to_warn_is_met_when_the_debtor_knew_and_the_warning_was_stored_in_time():
    duty = duties("open", OPEN)["W1", "NOR"]
    assert (duty.creditor, duty.stand) == ("SUD", "met")
    assert duty.due_s > 30.0  # `shortly` from its own knowledge


def test_a_duty_is_late_or_breached_by_what_the_debtors_own_console_says():
    run = tiny("open")
    late = [msgspec.structs.replace(one, stored_ns=one.stored_ns + 40 * SECOND_NS) for one in run.warned]
    assert duties("", OPEN, msgspec.structs.replace(run, warned=tuple(late)))["W1", "NOR"].stand == "late"
    silent = msgspec.structs.replace(run, warned=())
    assert duties("", OPEN, silent)["W1", "NOR"].stand == "breached"
    ignorant = msgspec.structs.replace(run, known=())
    assert duties("", OPEN, ignorant)["W1", "NOR"].stand == "not owed"


def test_a_duty_that_waits_for_a_casus_is_not_owed_until_it_is_declared():
    assert duties("casus", CASUS)["W1", "NOR"].stand == "met"
    undeclared = msgspec.structs.replace(tiny("casus"), told=())
    duty = duties("", CASUS, undeclared)["W1", "NOR"]
    assert (duty.stand, duty.because) == ("not owed", "nobody declared C1 for it")


# ---------------------------------------------------------------- given and received


def test_the_column_of_forms_is_where_the_measure_reads_it():
    assert Reports._fields[FORM_COLUMN] == "form"


def test_what_all_give_is_what_all_receive_and_an_unarrived_message_is_neither():
    run = tiny("open")
    found = exchanges_of([run])
    assert {(one.form, one.member) for one in found} >= {("track", "NOR"), ("alert", "NOR")}
    for form in ("track", "alert"):
        given, received = (sum(getattr(one, side) for one in found if one.form == form) for side in SIDES)
        assert given == received > 0
    lost = tuple(msgspec.structs.replace(one, arrived_ns=0) for one in run.sent)
    assert exchanges_of([msgspec.structs.replace(run, sent=lost)]) == ()


SIDES = ("given", "received")


def test_an_acknowledgement_discloses_nothing():
    body = encode(Ack("w", 1, "stored", 0, ""))
    ack = Captured(
        sender="SUD", recipient="NOR", sequence=1, kind="ack", sent_ns=1, arrived_ns=2, tries=1, body=body
    )
    assert exchanges_of([msgspec.structs.replace(tiny("open"), sent=(ack,))]) == ()


def test_minutes_are_given_by_who_warned_first_and_count_to_the_capitals_own_warning():
    run = tiny("open")
    found = {one.member: one for one in balances_of([run])}
    (outcome,) = run.outcomes
    assert outcome.shown_by == "NOR"
    assert found["NOR"].minutes_given == found["SUD"].minutes_received
    # Its own node warns a few seconds later, of what NOR's data show it.
    assert 0.0 < found["NOR"].minutes_given < 0.5
    alone = tuple(one for one in run.warned if one.direction != "own")
    (nor, *_) = balances_of([msgspec.structs.replace(run, warned=alone)])
    assert nor.minutes_given == pytest.approx(outcome.shown_min)
    assert found["SUD"].minutes_given == found["NOR"].minutes_received == 0.0


def test_f12_what_one_text_lets_two_give_changes_what_a_third_gets():
    """The hub is no party of the open text; under the other it gets what the two give, and gives nothing."""
    without = {one.member: one for one in balances_of([tiny("open")])}
    with_hub = {one.member: one for one in balances_of([tiny("casus")])}
    assert (without["HUB"].received, without["HUB"].given) == (0.0, 0.0)
    assert with_hub["HUB"].received > 10 * with_hub["HUB"].given


# ---------------------------------------------------------------- prices


def test_f16_the_price_of_a_term_is_paired_and_a_term_that_decides_nothing_costs_nothing():
    late = msgspec.structs.replace(
        CASUS,
        clause=tuple(
            msgspec.structs.replace(one, delay_s=20.0) if isinstance(one, Share) else one
            for one in CASUS.clause
        ),
    )
    runs = [tiny("casus")]
    (term,) = relaxations(late)
    assert (term.term, term.says) == ("S1.delay_s", "S1 at once")
    gained = {"S1.delay_s": with_shown(runs[0], 2.5)}
    (price,) = prices_of(TINY, late, [with_shown(runs[0], 1.0)], lambda *_: gained["S1.delay_s"])
    assert (price.term, price.cost_min) == ("S1.delay_s", pytest.approx(1.5))
    (nothing,) = prices_of(TINY, late, runs, lambda *_: runs[0])
    assert nothing.cost_min == 0.0


def test_every_relaxation_leaves_a_text_that_is_different_and_keeps_the_rest():
    for change in changes(TINY, text_played(TINY, PARTNER), "SUD"):
        text = apply(PARTNER, (change,))
        assert text.digest != PARTNER.digest
        assert len(text.clause) - len(PARTNER.clause) in (-1, 0, 1)


# ---------------------------------------------------------------- single points of failure


def test_f26_without_the_hub_duties_are_unfulfilled_and_the_paths_that_are_left_are_named():
    faults = (Fault("member", ("HUB",)), Fault("link", ("NOR", "SUD")))
    assert set(faults) <= set(faults_of(TINY, [tiny("casus")]))
    found = {one.parts: one for one in fault_costs(TINY, CASUS, faults, (1,), player)}
    hub = found["HUB",]  # who alone declares the casus
    assert hub.unfulfilled == ("W1 by NOR",)
    assert hub.told_by == ()
    assert hub.lost_min > 1.0
    link = found["NOR", "SUD"]
    assert (link.had_min, link.told_by) == (hub.had_min, ("HUB",))  # the way that is left
    assert link.lost_min < 0.1
    assert single_points(tuple(found.values()))[0].parts == ("HUB",)


def test_faults_are_played_on_the_same_numbers_as_the_drill_without_them():
    acts = []

    def noted(drill, pact, seed, acts_=()):
        acts.append((drill.digest, [one.inject for one in acts_]))
        return tiny("open")

    fault_costs(TINY, OPEN, (Fault("member", ("NOR",)), Fault("member", ("EST",))), (1,), noted)
    assert len({digest for digest, _ in acts}) == 1
    assert [names for _, names in acts] == [[], ["failure 1"], ["failure 2"]]


# ---------------------------------------------------------------- orientation


def test_f25_attackers_of_whom_the_text_says_the_same_are_one_kind_and_the_unknown_is_its_own():
    kinds = dict(attackers_of(TINY, PARTNER, "SUD"))
    assert kinds == {"XX": (), "NOR": (), "HUB": (), "EST": (), "unattributed": ()}
    state = PARTNER.state[0]
    second = msgspec.structs.replace(state, id="YY")
    third = msgspec.structs.replace(state, id="ZZ")
    wider = msgspec.structs.replace(PARTNER, state=(state, second, third))
    assert dict(attackers_of(TINY, wider, "SUD"))["YY"] == ("ZZ",)
    assert dict(attackers_of(TINY, wider, "SUD"))["XX"] == ()


def test_an_approach_ends_in_the_middle_of_the_zone_and_a_partner_who_attacks_tells_nobody():
    one = approaching(TINY, "SUD", 90.0, "EST", Approach(distance_m=100_000.0))
    first, last = one.target[0].waypoint
    assert (last.lat_deg, last.lon_deg) == pytest.approx((-0.5, 0.0))
    assert first.lat_deg == pytest.approx(-0.5)
    assert first.lon_deg == pytest.approx(0.9, abs=0.01)  # 100 km at 111.2 km a degree
    assert [inject.inject for inject in one.inject] == ["silent EST"]
    assert approaching(TINY, "SUD", 90.0, "XX", Approach()).inject == ()
    assert all(cue.party != "EST" for cue in one.event[0].cue)


def test_f32_the_orientation_gap_is_what_sensors_see_times_what_clauses_give():
    approach = Approach(
        distance_m=120_000.0, height_m=4_000.0, speed_m_s=800.0, attributed_after_s=5.0, cue_after_s=5.0
    )
    played = {}

    def spared(drill, pact, seed, acts=()):
        """What no clause can change is played once for each bearing; from the south that alone."""
        south = "-180-" in drill.drill
        key = (south, "" if pact.pact == "ideal" or south else (pact.pact, drill.drill[-4:]))
        if key not in played:
            played[key] = player(drill, ideal_pact(drill) if south else pact, seed)
        return played[key]

    def gap(sector, *attackers):
        return orientation(
            TINY, CASUS, "SUD", seed=1, play=spared, attackers=attackers, sectors=(sector,), approach=approach
        )

    north, unknown = gap("N", "XX", "unattributed")
    (south,) = gap("S", "XX")
    assert north.shown_min > north.alone_min + 0.3  # NOR's radar looks north, and the text lets it tell
    assert unknown.clauses_min > 0.3  # the same object: nobody can say whose, so no casus is met
    assert unknown.shown_min == pytest.approx(unknown.alone_min, abs=0.2)
    assert south.ideal_min < north.ideal_min - 0.3  # no sensor of anybody looks there


# ---------------------------------------------------------------- pictures


def test_f24_each_member_has_its_own_picture_and_commonality_says_how_much_they_share():
    short = msgspec.structs.replace(TINY, lasts_s=100.0)
    seen = looks(short, OPEN, seed=1, every_s=10.0)
    members = tuple(one.id for one in short.member)
    found = likeness(members, seen, pact="open", seed=1, every_s=10.0)
    siap = {one.member: one.siap for one in found.members}
    assert siap["HUB"] is None  # no sensor, and no party
    assert siap["NOR"].completeness > 0.7
    assert siap["NOR"].position_accuracy_m < 1_000.0
    (pair,) = found.commonality.pairs
    assert {pair.first, pair.second} == {"NOR", "SUD"}
    assert pair.common > 0.7  # SUD's own radar does not reach there: it is what NOR gives
    truth = truth_of(seen)
    speeds = np.hypot(truth.velocity_m_s[:, 0], truth.velocity_m_s[:, 1])
    assert speeds == pytest.approx(835.0, abs=10.0)


def test_nothing_in_the_air_is_judged_by_nobody():
    empty = [one._replace(lat_rad=one.lat_rad * np.nan) for one in _first_look()]
    found = likeness(("NOR",), empty, pact="p", seed=1, every_s=10.0)
    assert (found.members[0].siap, found.commonality) == (None, None)


def _first_look():
    return looks(msgspec.structs.replace(TINY, lasts_s=20.0), OPEN, seed=1, every_s=10.0)


def test_bodies_are_needed_to_count_what_was_given():
    run = tiny("open")
    bare = tuple(msgspec.structs.replace(one, body=b"") for one in run.sent)
    with pytest.raises(AssertionError, match="kept no bytes"):
        exchanges_of([msgspec.structs.replace(run, sent=bare)])
