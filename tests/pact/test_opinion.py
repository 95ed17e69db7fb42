"""What a pact says of a situation: who owes and gets what, why, why not, and what it depends on.

The mission's rows are named: F01, F05, F06, F14, F15, F18, F20, F23; the acceptance tests 3, 4, 5 and 9.
"""

from pathlib import Path

import pytest
from pact_parts import (
    COMMON,
    NOW,
    adversary,
    approval,
    assist,
    attack,
    casus,
    day,
    fact,
    milestone,
    pact,
    party,
    share,
    suspend,
    warn,
    zone,
)

from foedus.pact.asking.opinion import Opinion, opinion, roster_on, together
from foedus.pact.clauses import Basis, Clause, Exit, Pact, Regard, Share, Term
from foedus.pact.force import time_ns_of
from foedus.pact.meaning.situation import Situation
from foedus.pact.reading.text import read_pact

LIBRARY = Path(__file__).parents[2] / "pacts" / "library"


def owed(found: Opinion) -> list[tuple[str, str, str, tuple[str, ...], str]]:
    return [(one.clause, one.debtor, one.kind, one.creditors, one.truth) for one in found.owed]


def why_not(found: Opinion, clause: str) -> tuple[str, ...]:
    return next(one.grounds for one in found.unspoken if one.clause == clause)


def test_f01_the_missing_condition_is_named() -> None:
    text = pact(casus(), assist(by="BB"), suspend(precedent="M1"), milestone=(milestone(),))
    before = opinion(text, attack())
    assert before.owed == ()
    assert why_not(before, "A1") == ("Q1: waits for M1: Something happens.",)
    met = attack(facts=(fact("met", "M1", "2025-09-01"),))
    assert owed(opinion(text, met)) == [("A1", "BB", "assist", ("AA",), "yes")]
    day_before = attack(facts=(fact("met", "M1", "2025-09-10"),))
    assert opinion(text, day_before).owed == ()


def test_f05_a_treaty_without_its_senate_step_owes_nothing_and_says_what_is_missing() -> None:
    term = Term(id="T1", **COMMON)
    parties = (party("US", "guarantor"), party("SA", "ally"))
    basis = Basis(instrument="treaty", form="treaty", binding="law", evidence="stylised")

    def asked(*clauses: Clause) -> Opinion:
        text = pact(casus(of="any"), assist(by="US"), term, *clauses, party=parties, basis=basis)
        return opinion(text, attack(victim="SA"))

    signed = ("signature", "2025-01-01")
    without = asked(approval("V1", "US", ("signature",), signed))
    assert (without.in_force, without.owed) == ("no", ())
    assert ("US", "senate_advice_and_consent", "") in without.missing
    route = ("signature", "senate_advice_and_consent")
    pending = asked(approval("V1", "US", route, signed))
    assert pending.missing == (("US", "senate_advice_and_consent", "V1"),)
    assert pending.owed == ()
    done = asked(approval("V1", "US", route, signed, ("senate_advice_and_consent", "2025-02-01")))
    assert (done.in_force, done.missing) == ("yes", ())
    assert owed(done) == [("A1", "US", "assist", ("SA",), "yes")]


def test_f06_every_obligation_is_told_with_how_far_it_binds() -> None:
    text = pact(casus(), assist(by="BB"), assist("A2", by="CC", binding="political"))
    assert [(one.clause, one.binding) for one in opinion(text, attack()).owed] == [
        ("A1", "law"),
        ("A2", "political"),
    ]


def test_f14_one_state_off_one_list_changes_only_what_is_scoped_to_it() -> None:
    def asked(*lists: object, victim: str) -> Opinion:
        text = pact(casus(by=("adversaries",)), assist(by="HH"), adversary=lists)
        return opinion(text, attack("XX", victim))

    both = (adversary("AA", "XX"), adversary("BB", "XX"))
    assert len(asked(*both, victim="AA").owed) == len(asked(*both, victim="BB").owed) == 1
    one = asked(both[1], victim="AA")
    assert one.owed == ()
    assert why_not(one, "C1") == ("C1.by: XX is not among adversaries",)
    assert len(asked(both[1], victim="BB").owed) == 1
    assert [(entry.id, entry.adversaries) for entry in one.roster if entry.adversaries] == [("BB", ("XX",))]


def test_f15_what_rests_on_an_undisclosed_term_names_it() -> None:
    text = pact(casus("C7", by=("unknown",)), assist(casus="C7", by="BB"), share(casus="C7"))
    found = opinion(text, attack())
    assert [(one.truth, one.stage, one.depends_on) for one in found.owed] == [
        ("undetermined", "created", ("C7.by",))
    ]
    assert {one.depends_on for one in found.given} == {("C7.by",)}
    assert {one.truth for one in found.given} == {"undetermined"}
    assert [(one.clause, one.truth, one.depends_on) for one in found.unspoken] == [
        ("C7", "undetermined", ("C7.by",)),
        ("A1", "undetermined", ("C7.by",)),
        ("S1", "undetermined", ("C7.by",)),
    ]


@pytest.mark.parametrize("second", [-1, 0, 1])
def test_f18_and_acceptance_4_a_revoked_order_owes_nothing_from_that_second(second: int) -> None:
    text = read_pact(LIBRARY / "eo-14353.toml")
    revoked = fact("exit", text.pact, "2025-11-05T12:00:00+00:00", by="US")
    at = day(f"2025-11-05T{'11:59:59' if second < 0 else f'12:00:0{second}'}+00:00")
    found = opinion(text, attack("IL", "QA", at=at, facts=(revoked,), elapsed_s=60.0))
    stands = {one.clause: one.truth for one in found.owed}
    if second < 0:
        assert stands["A1"] == "yes"
        assert found.in_force == "yes"
    else:
        assert stands == {}
        assert found.in_force == "no"
        assert any(ground.startswith("T1.exit") for ground in found.in_force_grounds)


def test_f20_to_regard_an_attack_as_a_threat_is_told_apart_from_assisting() -> None:
    regard = Regard(id="G1", casus="C1", by="HH", regarded_as="threat_to_own_peace", **COMMON)
    found = opinion(pact(casus(), regard), attack())
    assert [(one.kind, one.says) for one in found.owed] == [("regard", "threat_to_own_peace")]


def test_f23_the_roster_of_any_day() -> None:
    parties = (party("AA"), party("BB", since=day("2021-01-01")), party("CC", until=day("2022-01-01")))
    text = pact(share(taker="member"), party=parties)

    def on(time: str) -> list[str]:
        return [one.id for one in roster_on(text, time_ns=time_ns_of(day(time))) if one.on_roster == "yes"]

    assert on("2020-06-01") == ["AA", "CC"]
    assert on("2021-01-01") == ["AA", "BB", "CC"]
    assert on("2022-01-01") == ["AA", "BB"]
    rsc = read_pact(LIBRARY / "rsc.toml")
    roles = {one.id: one.role for one in roster_on(rsc, time_ns=time_ns_of(day("2024-01-01")))}
    assert (roles["US"], roles["QA"], roles["KW"]) == ("hub", "member", "observer")


def test_acceptance_3_designation_alone_yields_no_duty_of_defence() -> None:
    text = read_pact(LIBRARY / "mnna.toml")
    noticed = fact("approved", "legislature_notice", "2025-01-01", by="US")
    for attacker in ("IR", "IL", "unattributed"):
        for event in ("attack", "threat", "none"):
            found = opinion(
                text, Situation(at=NOW, event=event, attacker=attacker, victim="SA", facts=(noticed,))
            )  # type: ignore[arg-type]
            assert found.in_force == "yes"
            assert [one for one in found.owed if one.kind not in ("cooperate",)] == []
            assert found.given == ()


def test_acceptance_5_under_the_construct_a_member_attack_yields_no_duty_and_names_the_term() -> None:
    found = opinion(read_pact(LIBRARY / "rsc.toml"), attack("IL", "QA"))
    assert [one for one in found.owed if one.kind != "cooperate"] == []
    assert why_not(found, "W1") == ("C1.by: IL is not among IR, IR-ALIGNED",)
    assert all(one.truth == "no" for one in found.given)


def test_acceptance_9_an_unknown_attacker_leaves_it_undetermined_and_never_no() -> None:
    found = opinion(read_pact(LIBRARY / "rsc.toml"), attack("unattributed", "QA"))
    assert [(one.clause, one.truth) for one in found.owed if one.kind == "warn"] == [("W1", "undetermined")]


def test_every_clause_is_heard_or_told_why_not() -> None:
    text = pact(casus(by=("XX",)), assist(), warn(casus="C1"), share(casus="C1"), zone=(zone("AA", "AA"),))
    for attacker in ("XX", "BB", "unattributed"):
        found = opinion(text, attack(attacker))
        heard = {one.clause for one in found.owed if one.truth == "yes"}
        heard |= {one.clause for one in found.given if one.truth == "yes"}
        heard |= {"C1"} if attacker == "XX" else set()
        assert heard | {one.clause for one in found.unspoken} == {"C1", "A1", "W1", "S1"}
        assert all(one.grounds for one in found.unspoken)


def test_the_grounds_of_the_whole_pact_are_told_once() -> None:
    text = pact(casus(), assist(), Term(id="T1", in_force=day("2030-01-01"), **COMMON))
    found = opinion(text, attack())
    assert found.in_force_grounds == ("T1.in_force: begins 2030-01-01",)
    assert found.unspoken == ()


def test_a_duty_says_deadline_word_seconds_and_clock() -> None:
    text = pact(warn(within_s="immediately"), words={"immediately": 120.0}, zone=(zone("AA", "AA"),))
    duty = opinion(text, attack()).owed[0]
    assert (duty.within, duty.within_s, duty.clock, duty.stage_says) == (
        "immediately",
        120.0,
        "knowledge",
        "due in 120 s",
    )


def named(name: str, *clauses: Clause, **more: object) -> Pact:
    return pact(*clauses, pact=name, **more)


def test_together_is_every_duty_and_of_each_pair_the_most() -> None:
    low: Share = share(form=2)
    first = opinion(named("one", casus(), assist(by="BB"), low), attack())
    second = opinion(named("two", share("S9", form=4)), attack())
    duties, given = together([first, second])
    assert [(duty.clause, source) for duty, source in duties] == [("A1", "one")]
    assert {(flow.form, source) for flow, source in given} == {("track", "two")}


def test_an_exit_with_notice_leaves_the_duty_until_it_is_over() -> None:
    term = Term(id="T1", in_force=day("2020-01-01"), exit=Exit(notice_d=30.0, by="any"), **COMMON)
    text = pact(casus(), assist(by="BB"), term)
    left = (fact("exit", "tests", "2025-09-01", by="BB"),)
    assert len(opinion(text, attack(at=day("2025-09-30"), facts=left)).owed) == 1
    assert opinion(text, attack(at=day("2025-10-01"), facts=left)).owed == ()
