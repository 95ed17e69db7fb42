"""Static checks of duties: K2, K3, K4, K9, K10, K11, K12, each with a pact in which it must fire and one in
which it must not.
"""

from datetime import UTC, datetime

import pytest
from checking import (
    AT,
    RSC,
    WORLDS,
    casus,
    clause,
    found,
    pact,
    party,
    replaced,
    share,
    warn,
    without,
    zone,
)

from foedus.errors import DocumentError, LimitError
from foedus.pact.checks import CHECKS, check_pact
from foedus.pact.meaning.world import Holder, Tie, World, parse_world
from foedus.pact.reading.text import parse_pact

HUB = party("H", "hub")
THREE = HUB + party("A") + party("B") + party("D") + zone("A", 1) + zone("B", 3) + zone("D", 5)
TWO = party("A") + party("B") + zone("A", 1) + zone("B", 3)
ONWARD = 'onward = { to = "member", max_form = "alert", strip_source = true }'


def test_the_numbers_are_those_of_the_notes() -> None:
    assert [f"K{number}" for number in range(1, 16)] == list(CHECKS)


# ---------------------------------------------------------------- K2


def test_k2_a_pact_that_is_not_in_force_is_an_error_that_names_the_missing_step() -> None:
    text = replaced(RSC, "in_force = 2022-06-01\n", "")
    text += clause("V1", "approval", 'by = "US"\nsteps = ["signature", "legislature_notice"]')
    (one,) = found(text, "K2")
    assert (one.severity, one.clauses) == ("error", ("T1", "V1"))
    assert "signature of US and legislature_notice of US" in one.witness
    assert one.change.startswith("record when these steps are taken")
    assert found(RSC, "K2") == []


def test_k2_before_entry_and_after_expiry() -> None:
    early = parse_pact(RSC, file="x")
    (one,) = [f for f in check_pact(early, at=datetime(2020, 1, 1, tzinfo=UTC)) if f.number == "K2"]
    assert "begins 2022-06-01" in one.witness
    over = replaced(RSC, 'clock = "knowledge"', 'clock = "knowledge"\nuntil = 2023-01-01')
    (two,) = found(over, "K2")
    assert (two.severity, two.clauses) == ("warning", ("W1",))
    assert "spoke until 2023-01-01" in two.witness


def test_k2_an_unknown_step_is_undetermined_not_no() -> None:
    text = replaced(RSC, "in_force = 2022-06-01\n", "")
    (one,) = found(text + clause("V1", "approval", 'by = "US"\nsteps = ["unknown"]'), "K2")
    assert one.severity == "warning"
    assert "depends on unknown V1.steps" in one.witness


# ---------------------------------------------------------------- K3


def test_k3_a_duty_to_warn_against_a_caveat_names_the_smallest_set_that_clashes() -> None:
    (one,) = found(RSC, "K3")
    assert (one.severity, one.clauses) == ("error", ("W1", "O2", "S1", "C1"))
    for clause_id in ("O2",):
        assert found(without(RSC, clause_id), "K3") == []
    assert 'notwithstanding = ["O2"] to W1' in one.change
    mended = replaced(RSC, 'clock = "knowledge"', 'clock = "knowledge"\nnotwithstanding = ["O2"]')
    assert found(mended, "K3") == []


def test_k3_a_duty_to_warn_against_a_withhold() -> None:
    parts = (TWO, warn("W", '"A"', '"B"'), clause("H1", "withhold", 'from = "A"\nto = "B"\ndata = "tracks"'))
    (one,) = found(pact(*parts), "K3")
    assert (one.severity, one.clauses) == ("error", ("W", "H1"))
    assert found(pact(TWO, warn("W", '"A"', '"B"', 'notwithstanding = ["H1"]'), parts[2]), "K3") == []
    over = clause("P", "precedence", 'over = ["H1"]\nunder = ["W"]')
    assert found(pact(*parts, over), "K3") == []
    other = clause("H1", "withhold", 'from = "A"\nto = "B"\ndata = "launch_notices"')
    assert found(pact(parts[0], parts[1], other), "K3") == []


def test_k3_what_is_withheld_only_far_from_the_warned_zone_is_a_warning() -> None:
    held = clause("H1", "withhold", 'from = "A"\nto = "B"\ndata = "tracks"\nzones = ["ZA"]')
    (one,) = found(pact(TWO, warn("W", '"A"', '"B"'), held), "K3")
    assert one.severity == "warning"


@pytest.mark.parametrize(
    ("against", "clashes"),
    [
        (clause("L", "record", 'secrecy = ["existence"]'), True),
        (clause("L", "record", 'secrecy = ["sensors"]'), False),
        (clause("L", "forbear", 'by = "any"\nacts = ["publication"]'), True),
        (clause("L", "forbear", 'by = "any"\nacts = ["aggression"]'), False),
    ],
)
def test_k3_what_is_secret_cannot_be_notified_outside(against: str, clashes: bool) -> None:
    notify = clause("N", "notify", 'by = "any"\nto = "unsc"\ncontent = "measures"\nwithin_s = 3600')
    clauses = [one.clauses for one in found(pact(TWO, notify, against), "K3")]
    assert clauses == ([("N", "L")] if clashes else [])


# ---------------------------------------------------------------- K4


def test_acceptance_7_o2_alone_makes_w1_unfulfillable_when_saudi_arabia_is_the_only_holder() -> None:
    (one,) = found(RSC, "K4")
    assert (one.severity, one.clauses) == ("error", ("W1", "O2"))
    assert "when only SA holds" in one.witness
    assert "QA" in one.witness
    assert one.change == f"let O2 pass on an alert: {ONWARD}"
    assert found(without(RSC, "O2"), "K4") == []


def test_acceptance_7_the_proposed_change_restores_the_duty() -> None:
    head, tail = RSC.split('originator = "SA"')
    assert found(head + f'originator = "SA"\n{ONWARD}' + tail, "K4") == []


def test_acceptance_7_the_duty_can_be_fulfilled_again_if_bahrain_also_holds_the_track() -> None:
    alone = parse_world((WORLDS / "sa-alone.toml").read_text("utf-8"), file="x")
    both = parse_world((WORLDS / "sa-and-bh.toml").read_text("utf-8"), file="x")
    assert [one.clauses for one in found(RSC, "K4", alone)] == [("W1", "O2")]
    (one,) = found(RSC, "K4", both)  # BH itself is attacked: SA is the only other holder
    assert "cannot warn BH as" in one.witness


def test_k4_a_debtor_to_whom_nobody_gives_anything() -> None:
    bare = pact(THREE, warn("W", '"hub"', '"member"'))
    (one,) = found(bare, "K4")
    assert "no share brings A's data to H" in one.witness or "no share brings" in one.witness
    assert one.change.startswith("add a share from =")
    assert found(pact(THREE, warn("W", '"hub"', '"member"'), share("S", '"member"', '"hub"')), "K4") == []


def test_k4_a_class_that_the_share_leaves_out() -> None:
    narrow = share("S", '"member"', '"hub"', 'classes = ["cruise"]')
    findings = found(pact(THREE, warn("W", '"hub"', '"member"'), narrow), "K4")
    assert [one.change for one in findings] == ['add "aircraft" to the classes of S']


def test_k4_data_that_come_later_than_the_deadline() -> None:
    slow = share("S", '"member"', '"hub"', "delay_s = 90")
    late = warn("W", '"hub"', '"member"', 'clock = "event"\nwithin_s = 60')
    (one,) = found(pact(THREE, late, slow), "K4")
    assert one.clauses == ("W", "S")
    assert "90 s late, and 60 s are allowed" in one.witness
    assert "within_s = 90" in one.change
    in_time = warn("W", '"hub"', '"member"', 'clock = "event"\nwithin_s = 90')
    assert found(pact(THREE, in_time, slow), "K4") == []
    known = warn("W", '"hub"', '"member"', 'clock = "knowledge"\nwithin_s = 60')
    assert found(pact(THREE, known, slow), "K4") == []


def test_k4_a_share_in_an_unknown_form_leaves_it_open() -> None:
    dim = share("S", '"member"', '"hub"', form="unknown")
    (one,) = found(pact(THREE, warn("W", '"hub"', '"member"'), dim), "K4")
    assert one.severity == "warning"
    assert "terms are unknown" in one.witness


def test_k4_whoever_owns_no_zone_cannot_be_warned() -> None:
    homeless = THREE.replace('id = "ZD"\nowner = "D"', 'id = "ZD"\nowner = "A"')
    findings = found(pact(homeless, warn("W", '"hub"', '"member"'), share("S", '"member"', '"hub"')), "K4")
    assert [one.witness for one in findings] == ["D is to be warned, but owns no zone that the clause means."]


def test_k4_neither_the_attacker_nor_the_attacked_counts_as_a_holder() -> None:
    everybody = pact(TWO, HUB, warn("W", '"hub"', '"member"'), share("S", '"A"', '"hub"'))
    (one,) = found(everybody, "K4")  # B gives the hub nothing, so A is not warned of what only B sees
    assert "only B holds" in one.witness
    assert "cannot warn A as" in one.witness


# ---------------------------------------------------------------- K9


def test_k9_an_order_that_covers_any_attacker_binds_the_guarantor_against_itself() -> None:
    parts = party("US", "guarantor") + party("QA", "ally")
    assist = clause(
        "A1", "assist", 'casus = "C"\nby = "US"\nstandard = "all_steps_available"\ndiscretion = "none"'
    )
    (one,) = found(pact(parts, casus(by='["any"]', of='["QA"]'), assist), "K9")
    assert (one.severity, one.clauses) == ("error", ("A1", "C"))
    assert "binds the attacker itself, and nobody else" in one.witness
    assert found(pact(parts, casus(by='["external"]', of='["QA"]'), assist), "K9") == []


def test_k9_with_other_debtors_it_is_a_warning() -> None:
    assist = clause(
        "A1", "assist", 'casus = "C"\nby = "any"\nstandard = "all_steps_available"\ndiscretion = "none"'
    )
    (one,) = found(pact(THREE, casus(by='["any"]'), assist), "K9")
    assert one.severity == "warning"


def test_k9_the_only_debtor_that_alone_determines_the_casus() -> None:
    judge = casus().replace('determined_by = ["each"]', 'determined_by = "A"')
    regard = clause("G", "regard", 'casus = "C"\nby = "A"\nas = "grave_concern"')
    (one,) = found(pact(TWO, judge, regard), "K9")
    assert (one.severity, one.clauses) == ("warning", ("G", "C"))
    assert found(pact(TWO, casus(), regard), "K9") == []


def test_k9_a_duty_to_a_peer_without_ties_needs_a_route() -> None:
    duty = warn("W", '"A"', '"B"')
    apart = World(tie=(Tie(between=("A", "B"), relations=False),))
    (one,) = [f for f in found(pact(TWO, HUB, duty), "K9", apart) if "no ties" in f.witness]
    assert (one.severity, one.clauses) == ("error", ("W",))
    assert 'pairs = [["A", "B"]] via = "H"' in one.change
    route = clause("R", "route", 'pairs = [["A", "B"]]\nvia = "H"\ndirect = "forbidden"')
    assert [f for f in found(pact(TWO, HUB, duty, route), "K9", apart) if "no ties" in f.witness] == []
    assert [f for f in found(pact(TWO, HUB, duty), "K9") if "no ties" in f.witness] == []


def test_k9_the_only_debtor_has_the_creditor_on_its_list_of_adversaries() -> None:
    hostile = '[[adversary]]\nof = "A"\nstate = "B"\nbasis = "stylised"\n'
    errors = [f for f in found(pact(TWO, hostile, warn("W", '"A"', '"B"')), "K9") if f.severity == "error"]
    assert [one.clauses for one in errors] == [("W",)]
    assert [f for f in found(pact(TWO, warn("W", '"A"', '"B"')), "K9") if f.severity == "error"] == []


# ---------------------------------------------------------------- K10


def test_k10_nobody_of_that_role_on_the_roster_that_day() -> None:
    gone = HUB.replace('regions = ["gulf"]', 'regions = ["gulf"]\nuntil = 2021-01-01')
    findings = found(pact(TWO, gone, warn("W", '"hub"', '"B"')), "K10")
    assert [(one.severity, one.clauses) for one in findings] == [("error", ("W",))]
    assert found(pact(TWO, HUB, warn("W", '"hub"', '"B"')), "K10") == []


def test_k10_a_hub_that_is_to_give_what_nobody_gives_it() -> None:
    (one,) = found(pact(TWO, HUB, share("S", '"hub"', '"member"')), "K10")
    assert one.clauses == ("S",)
    assert found(pact(TWO, HUB, share("S", '"hub"', '"member"'), share("U", '"A"', '"hub"')), "K10") == []


@pytest.mark.parametrize(
    ("discretion", "within", "idle"),
    [
        ("each_deems", "", True),
        ("constitutional_processes", "", True),
        ("none", "", False),
        ("each_deems", "within_s = 3600", False),
    ],
)
def test_k10_a_duty_that_no_conduct_violates(discretion: str, within: str, idle: bool) -> None:
    terms = f'casus = "C"\nby = "any"\nstandard = "act_to_meet_common_danger"\ndiscretion = "{discretion}"\n'
    findings = found(pact(TWO, casus(), clause("A1", "assist", terms + within)), "K10")
    assert [(one.severity, one.clauses) for one in findings] == ([("warning", ("A1",))] if idle else [])


# ---------------------------------------------------------------- K11


def test_k11_a_duty_that_comes_no_earlier_than_the_data_do() -> None:
    data = share("S", '"A"', '"B"', "delay_s = 60")
    (one,) = found(pact(TWO, HUB, warn("W", '"A"', '"B"', "within_s = 120"), data), "K11")
    assert (one.severity, one.clauses) == ("warning", ("W", "S"))
    assert "after 60 s" in one.witness
    assert "after 120 s" in one.witness
    assert found(pact(TWO, HUB, warn("W", '"A"', '"B"', "within_s = 30"), data), "K11") == []
    assert found(pact(TWO, HUB, warn("W", '"A"', '"B"', "within_s = 120")), "K11") == []


def test_k11_the_price_of_a_caveat_in_forms() -> None:
    prices = [one for one in found(RSC, "K11") if one.severity == "note"]
    assert [one.clauses for one in prices] == [("O2",)]  # O1 lets all through that S2 gives
    assert "SA's data to" in prices[0].witness
    assert "fall from coarse to none" in prices[0].witness


# ---------------------------------------------------------------- K12


def test_k12_f26_without_the_hub_nobody_is_warned() -> None:
    (one,) = found(RSC, "K12")
    assert one.clauses == ("W1",)
    assert one.witness.startswith("Without US nobody can fulfil W1 to IL, SA, QA")
    direct = pact(THREE, warn("W", '"member"', '"member"'))
    assert found(direct, "K12") == []


def test_k12_a_link_that_is_the_only_way_of_the_data() -> None:
    only = pact(THREE, warn("W", '"hub"', '"B"'), share("S", '"A"', '"hub"'))
    assert any("the link from A to H" in one.witness for one in found(only, "K12"))
    two = pact(THREE, warn("W", '"hub"', '"B"'), share("S", '["A", "D"]', '"hub"'))
    assert not any("the link from" in one.witness for one in found(two, "K12"))


# ---------------------------------------------------------------- worlds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('foedus = 1\nworld = "w"\n[[holder]]\nparty = "SA"\nfrom = "x"', "holder[1].from"),
        ('foedus = 1\nworld = "w"\n[[tie]]\nbetween = ["SA", "SA"]\nrelations = true', "SA twice"),
        ('world = "w"', "no key 'foedus'"),
    ],
)
def test_a_broken_world_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(DocumentError, match=r".*") as caught:
        parse_world(text, file="w.toml")
    assert words in str(caught.value)


def test_a_world_limits_who_holds_what_against_whom() -> None:
    never = World(holder=(Holder(party="SA", against=("IL",)),))
    assert found(RSC, "K4", never) == []
    assert found(RSC, "K4", World(holder=(Holder(party="SA", against=("IR",)),)))


def test_a_check_of_the_same_pact_gives_the_same_findings() -> None:
    assert found(RSC) == found(RSC)
    assert AT.tzinfo is not None


# ---------------------------------------------------------------- drafts


def test_f02_a_draft_with_brackets_is_checked_variant_by_variant() -> None:
    bracket = '[[bracket]]\nid = "Q"\nsays = "who warns"\nchoices = ["one", "other"]\n'
    one, other = (
        warn("W" + name, by, '"B"', f'option = ["Q:{name}"]')
        for name, by in (("one", '"H"'), ("other", '"A"'))
    )
    draft = pact(TWO, HUB, bracket, one, other)
    (only,) = [f for f in found(draft, "K4") if f.severity == "error"]
    assert only.clauses == ("Wone",)
    assert only.witness.startswith("With [Q:one]: ")
    idle = pact(TWO, HUB, bracket, one, other, clause("X", "cooperate", 'who = "any"\ntype = "training"'))
    (every,) = found(idle, "K10")[-1:]
    assert every.witness.startswith("No conduct violates X")


def test_a_draft_with_more_variants_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foedus.pact.checks.run.VARIANTS_CHECKED_MAX", 1)
    bracket = '[[bracket]]\nid = "Q"\nsays = "x"\nchoices = ["one", "other"]\n'
    with pytest.raises(LimitError, match="VARIANTS_CHECKED_MAX is 1"):
        found(pact(TWO, bracket, warn("W", '"A"', '"B"', 'option = ["Q:one"]')))


# ---------------------------------------------------------------- what planted bugs got past


def test_a_recipient_outside_rel_to_gets_nothing_though_the_caveat_is_not_orcon() -> None:
    open_ = clause("O", "caveat", 'on = ["S"]\norcon = false\nrel_to = ["H", "B"]')
    strict = clause("O", "caveat", 'on = ["S"]\norcon = true\nrel_to = ["H", "B"]')
    duty, give = warn("W", '"hub"', '"B"'), share("S", '"A"', '"hub"')
    assert found(pact(TWO, HUB, duty, give, open_), "K4") == []
    assert [one.clauses for one in found(pact(TWO, HUB, duty, give, strict), "K4")] == [("W", "O")]


def test_k9_a_reservation_against_attacks_by_parties_takes_the_attacker_out() -> None:
    terms = 'casus = "C"\nby = "A"\nstandard = "all_steps_available"\ndiscretion = "none"'
    parts = (TWO, casus(by='["any"]', of='["B"]'), clause("A1", "assist", terms))
    assert [one.clauses for one in found(pact(*parts), "K9")] == [("A1", "C")]
    apart = 'by = "A"\non = ["A1"]\nform = "understanding"\neffect = "exclude"\n'
    apart += 'where = { attacker = ["parties"] }'
    assert found(pact(*parts, clause("U", "reservation", apart)), "K9") == []


def test_k11_data_that_come_when_the_warning_is_due_make_it_worth_nothing() -> None:
    data = share("S", '"A"', '"B"', "delay_s = 60")
    assert found(pact(TWO, HUB, warn("W", '"A"', '"B"', "within_s = 60"), data), "K11")


def test_k12_of_two_parties_each_is_everything() -> None:
    assert found(pact(TWO, warn("W", '"A"', '"B"')), "K12") == []
