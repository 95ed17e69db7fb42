"""The composition of pacts: who is meant, what the ids are, which clauses stand, and what emerges (F12)."""

from datetime import UTC, datetime

import pytest
from checking import AT, RSC, casus, clause, pact, party, share, together, warn, zone

from foedus.errors import LimitError
from foedus.pact.clauses import Casus, Caveat, Precedence, Share, Suspend, Term, Warn
from foedus.pact.force import Fact
from foedus.pact.meaning.compose import compose, composed
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.situation import Situation
from foedus.pact.reading.text import parse_pact
from foedus.pact.words import Truth

HUB = party("H", "hub")
KEEP = clause("O", "caveat", 'on = ["S1"]\norcon = true\nrel_to = "hub"')


def first(*more: str):
    return pact(party("A") + HUB + zone("A", 1), share("S1", '"member"', '"hub"'), *more, name="first")


def second(*more: str):
    give = share("S2", '"hub"', '"member"', data="picture", form="coarse")
    return pact(party("D") + HUB + zone("D", 5), give, *more, name="second")


def test_selectors_mean_the_parties_of_their_own_pact() -> None:
    whole = compose([first(KEEP), second()], at=AT)
    clauses = {one.id: one for one in whole.clause}
    assert list(clauses) == ["first-S1", "first-O", "second-S2", "TERM"]
    one, two, keep = clauses["first-S1"], clauses["second-S2"], clauses["first-O"]
    assert isinstance(one, Share)
    assert isinstance(two, Share)
    assert isinstance(keep, Caveat)
    assert (one.giver, one.taker) == (("A",), ("H",))
    assert (two.giver, two.taker) == (("H",), ("D",))
    assert keep.on == ("first-S1",)
    assert (one.binding, two.binding) == ("law", "law")  # of each pact, for the whole has none
    assert [entry.id for entry in whole.party] == ["A", "H", "D"]
    assert [entry.id for entry in whole.zone] == ["first-ZA", "second-ZD"]
    assert len([one for one in whole.clause if isinstance(one, Term)]) == 1


def test_the_roster_is_that_of_the_day() -> None:
    leaves = party("B").replace('regions = ["gulf"]', 'regions = ["gulf"]\nuntil = 2022-01-01')
    both = first(leaves)
    then = compose([both, second()], at=datetime(2021, 6, 1, tzinfo=UTC))
    now = compose([both, second()], at=AT)
    for whole, givers in ((then, ("A", "B")), (now, ("A",))):
        share_one = whole.clause[0]
        assert isinstance(share_one, Share)
        assert share_one.giver == givers
    assert "B" not in [entry.id for entry in now.party]


def test_a_pact_that_is_not_in_force_takes_no_part() -> None:
    before = compose([first(), second()], at=datetime(2019, 1, 1, tzinfo=UTC))
    assert [one.id for one in before.clause] == ["TERM"]
    draft = pact(
        party("D") + HUB, clause("V", "approval", 'by = "D"\nsteps = ["ratification"]'), name="draft"
    )
    assert "D" not in [entry.id for entry in compose([first(), draft], at=AT).party]


def test_ids_are_cut_without_collision() -> None:
    long = "a-name-of-twenty-letters"
    one = pact(
        party("A") + HUB,
        share("SHARE1", '"A"', '"hub"'),
        share("SHARE2", '"A"', '"hub"', data="plots", form="region"),
        name=long,
    )
    made = composed([one], at=AT)
    ids = [clause.id for clause in made.pact.clause]
    assert len(set(ids)) == len(ids)
    assert all(len(name) <= 24 for name in ids)
    assert made.origin[ids[0]] == (long, "SHARE1")
    assert made.origin[ids[1]] == (long, "SHARE2")


def test_external_means_external_to_its_own_pact() -> None:
    regard = clause("G", "regard", 'casus = "C"\nby = "any"\nas = "grave_concern"')
    one = pact(party("A") + party("B"), casus(), regard, name="one")
    two = pact(party("A") + party("D"), name="two")
    whole = compose([one, two], at=AT)
    trigger = next(clause for clause in whole.clause if isinstance(clause, Casus))
    assert trigger.by == ("external", "D")
    evaluator = Evaluator(whole)
    for attacker, truth in (("D", Truth.YES), ("B", Truth.NO), ("X", Truth.YES), ("unattributed", 1)):
        situation = Situation(at=AT, event="attack", attacker=attacker, victim="A")
        assert evaluator.casus("one-C", situation).truth == truth


def test_words_become_numbers_and_precedence_reaches_across() -> None:
    rule = clause("P", "precedence", 'over = ["S1"]\nunder = ["second:*"]')
    fast = "[words]\nsoon = 30.0\n"
    one = pact(
        fast,
        party("A") + party("B") + HUB + zone("B", 3),
        share("S1", '"A"', '"hub"'),
        rule,
        warn("W", '"A"', '"B"', 'within_s = "soon"'),
        name="first",
    )
    whole = compose([one, second()], at=AT)
    duty = next(clause for clause in whole.clause if isinstance(clause, Warn))
    over = next(clause for clause in whole.clause if isinstance(clause, Precedence))
    assert duty.within_s == 30.0
    assert (over.over, over.under) == (("first-S1",), ("second-S2",))


def test_suspension_and_facts_follow_their_clauses() -> None:
    milestone = '[[milestone]]\nid = "M"\nsays = "ties"\nbasis = "stylised"\n'
    wait = clause("Q", "suspend", 'on = ["S1"]\nprecedent = "M"')
    made = composed([first(milestone, wait), second()], at=AT, facts=(Fact(what="met", of="M", at=AT),))
    suspend = next(clause for clause in made.pact.clause if isinstance(clause, Suspend))
    assert (suspend.on, suspend.precedent) == (("first-S1",), "first-M")
    assert [fact.of for fact in made.facts] == ["first-M"]


def test_a_party_with_sensors_in_one_pact_keeps_them_though_it_is_a_hub_in_another() -> None:
    guard = pact(party("H", "guarantor") + party("X", "ally"), name="guard")
    made = composed([first(), guard], at=AT)
    assert next(entry.role for entry in made.pact.party if entry.id == "H") == "hub"
    assert "H" in made.sensing


def test_f12_what_two_pacts_do_together_and_neither_does_alone_is_reported() -> None:
    findings = together(first(), second())
    flows = [one for one in findings if one.severity == "note"]
    assert [one.clauses for one in flows] == [("first:S1", "second:S2")]
    assert flows[0].witness == ("Together the pacts bring A's data to D as coarse; each alone not at all.")
    assert together(first(), pact(party("D") + party("X"), name="apart")) == []


def test_f12_a_duty_that_only_the_data_of_another_pact_make_possible() -> None:
    duty = pact(party("B") + party("D") + HUB + zone("B", 3), warn("W", '"hub"', '"B"'), name="duty")
    data = pact(party("D") + HUB, share("S", '"D"', '"hub"'), name="data")
    told = [one.witness for one in together(duty, data) if one.number == "K4"]
    assert told == ["By duty alone duty:W cannot always be fulfilled; with the data of data it can."]


def test_k3_two_pacts_without_precedence_clash_and_with_it_they_do_not() -> None:
    give = pact(party("A") + party("B"), share("S", '"A"', '"B"', 'duty = "shall"'), name="give")
    keep = clause("H", "withhold", 'from = "A"\nto = "B"\ndata = "tracks"')
    hold = pact(party("A") + party("B"), keep, name="hold")
    (one,) = together(
        give,
        hold,
    ) and [f for f in together(give, hold) if f.number == "K3"]
    assert (one.severity, one.clauses) == ("error", ("give:S", "hold:H"))
    rule = clause("P", "precedence", 'over = ["H"]\nunder = ["give:S"]')
    settled = pact(party("A") + party("B"), keep, rule, name="hold")
    assert [f for f in together(give, settled) if f.number == "K3"] == []


def test_k3_two_pacts_that_give_the_same_data_in_two_forms() -> None:
    forms = [
        pact(party("A") + party("B"), share("S", '"A"', '"B"', form=form), name=form)
        for form in ("track", "coarse", "track")
    ]
    told = [f for f in together(forms[0], forms[1]) if f.number == "K3"]
    assert [one.clauses for one in told] == [("track:S", "coarse:S")]
    same = pact(party("A") + party("B"), share("S", '"A"', '"B"'), name="same")
    assert [f for f in together(forms[0], same) if f.number == "K3"] == []


def test_a_composition_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foedus.pact.meaning.compose.COMPOSED_MEMBERS_MAX", 2)
    with pytest.raises(LimitError, match="COMPOSED_MEMBERS_MAX is 2"):
        compose([first(), second()], at=AT)


def test_the_construct_composed_alone_evaluates_as_it_does_itself() -> None:
    rsc = parse_pact(RSC, file="x")
    whole = compose([rsc], at=AT)
    situation = Situation(at=AT, event="attack", attacker="IR", victim="QA", track_class=5)
    alone = {(d.debtor, d.creditors): d.truth for d in Evaluator(rsc).duties(situation) if d.clause == "W1"}
    both = {
        (d.debtor, d.creditors): d.truth for d in Evaluator(whole).duties(situation) if d.clause == "rsc-W1"
    }
    assert alone == both
    assert alone
