"""When a pact and its clauses speak: approvals, exits, rosters, suspension, declarations."""

import pytest
from pact_parts import (
    COMMON,
    adversary,
    approval,
    assist,
    casus,
    day,
    fact,
    milestone,
    pact,
    party,
    share,
    suspend,
    warn,
)

from foedus.pact.clauses import Basis, Exit, Pact, Term
from foedus.pact.force import (
    Fact,
    adversaries,
    edition,
    in_force,
    missing_steps,
    not_suspended,
    on_roster,
    roster,
    time_ns_of,
)
from foedus.pact.words import Truth


def truth(text: Pact, on: str, *facts: Fact) -> Truth:
    return in_force(text, time_ns=time_ns_of(day(on)), facts=facts).truth


def grounds(text: Pact, on: str, *facts: Fact) -> list[str]:
    return [ground.term for ground in in_force(text, time_ns=time_ns_of(day(on)), facts=facts).grounds]


def instrument(form: str) -> Basis:
    return Basis(instrument="x", binding="law", evidence="stylised", form=form)  # type: ignore[arg-type]


DRAFT = Term(id="T1", **COMMON)


def test_a_draft_without_approvals_is_never_in_force() -> None:
    assert truth(pact(DRAFT), "2030-01-01") == Truth.NO


def test_a_term_holds_its_first_instant_and_not_its_last() -> None:
    text = pact(Term(id="T1", in_force=day("2020-01-01"), until=day("2021-01-01"), **COMMON))
    assert [truth(text, on) for on in ("2019-12-31T23:59:59+00:00", "2020-01-01", "2021-01-01")] == [
        Truth.NO,
        Truth.YES,
        Truth.NO,
    ]


def test_the_last_approval_brings_a_pact_into_force() -> None:
    text = pact(
        DRAFT,
        approval("V1", "AA", ("signature",), ("signature", "2020-01-01")),
        approval("V2", "BB", ("signature", "ratification"), ("signature", "2020-01-01")),
    )
    ratified = fact("approved", "ratification", "2020-06-01", by="BB")
    assert truth(text, "2020-07-01") == Truth.NO
    assert grounds(text, "2020-07-01") == ["V2.ratification"]
    assert truth(text, "2020-05-31", ratified) == Truth.NO
    assert truth(text, "2020-06-01", ratified) == Truth.YES
    assert truth(text, "2020-07-01", fact("approved", "ratification", "2020-06-01", by="AA")) == Truth.NO


def test_f05_a_treaty_without_its_senate_step_never_activates() -> None:
    parties = (party("US", "guarantor"), party("SA", "ally"))
    signed = approval("V1", "US", ("signature",), ("signature", "2020-01-01"))
    for term in (DRAFT, Term(id="T1", in_force=day("2020-01-01"), **COMMON)):
        text = pact(term, signed, party=parties, basis=instrument("treaty"))
        assert truth(text, "2100-01-01") == Truth.NO
        assert grounds(text, "2100-01-01") == ["US.senate_advice_and_consent"]
        assert missing_steps(text, time_ns=time_ns_of(day("2100-01-01"))) == (
            ("US", "senate_advice_and_consent", ""),
        )
    agreement = pact(DRAFT, signed, party=parties, basis=instrument("executive_agreement"))
    assert truth(agreement, "2100-01-01") == Truth.YES


def test_f10_a_designation_waits_thirty_days_after_notice() -> None:
    text = pact(
        DRAFT,
        approval("V1", "US", ("legislature_notice",), ("legislature_notice", "2025-11-18"), wait_d=30.0),
        party=(party("US", "guarantor"), party("SA", "ally")),
        basis=instrument("designation"),
    )
    assert [truth(text, on) for on in ("2025-12-17", "2025-12-18")] == [Truth.NO, Truth.YES]


def test_a_step_on_an_unknown_day_is_undetermined_unless_the_term_has_a_date() -> None:
    done = approval("V1", "AA", ("ratification",), ("ratification", None))
    assert truth(pact(DRAFT, done), "2025-01-01") == Truth.UNDETERMINED
    assert truth(pact(done), "2025-01-01") == Truth.YES
    assert truth(pact(DRAFT, approval("V1", "AA", ("unknown",))), "2025-01-01") == Truth.UNDETERMINED


def leaving(notice_d: float | str, **more: object) -> Term:
    return Term(
        id="T1",
        in_force=day("2020-01-01"),
        exit=Exit(notice_d=notice_d, **more),
        **COMMON,  # type: ignore[arg-type]
    )


def test_f18_a_revoked_order_ends_at_the_second_of_its_revocation() -> None:
    parties = (party("US", "guarantor"), party("QA", "ally"))
    text = pact(leaving(0.0, by="US"), party=parties)
    revoked = fact("exit", "tests", "2025-09-09T12:00:00+00:00", by="US")
    assert truth(text, "2025-09-09T11:59:59+00:00", revoked) == Truth.YES
    assert truth(text, "2025-09-09T12:00:00+00:00", revoked) == Truth.NO
    assert truth(text, "2025-09-10", fact("exit", "tests", "2025-09-09", by="QA")) == Truth.YES  # no right to


def test_a_year_of_notice_is_a_year_and_the_rest_go_on_without_who_left() -> None:
    text = pact(leaving(365.0))
    notice = fact("exit", "tests", "2024-01-01", by="AA")
    early, late = (time_ns_of(day(on)) for on in ("2024-12-30", "2024-12-31"))
    assert on_roster(text, "AA", time_ns=early, facts=(notice,)).truth == Truth.YES
    assert on_roster(text, "AA", time_ns=late, facts=(notice,)).truth == Truth.NO
    assert truth(text, "2025-06-01", notice) == Truth.YES
    assert roster(text, time_ns=late, facts=(notice,)) == ("BB", "CC", "HH")


def test_an_exit_whose_terms_are_unknown_leaves_it_undetermined() -> None:
    notice = fact("exit", "tests", "2024-01-01", by="AA")
    text = pact(leaving("unknown"), party=(party("AA"), party("BB")))
    assert truth(text, "2024-02-01", notice) == Truth.UNDETERMINED
    needs = pact(leaving(0.0, needs=("senate_advice_and_consent",)), party=(party("AA"), party("BB")))
    assert truth(needs, "2024-02-01", notice) == Truth.UNDETERMINED
    consent = fact("approved", "senate_advice_and_consent", "2024-01-15", by="AA")
    assert truth(needs, "2024-02-01", notice, consent) == Truth.NO


def test_f23_the_roster_of_any_day_can_be_asked() -> None:
    text = pact(
        party=(
            party("AA"),
            party("BB", since=day("2023-01-01")),
            party("CC", until=day("2024-01-01")),
            party("HH", "hub"),
        )
    )
    on = {
        when: roster(text, time_ns=time_ns_of(day(when)))
        for when in ("2022-06-01", "2023-06-01", "2024-06-01")
    }
    assert on == {
        "2022-06-01": ("AA", "CC", "HH"),
        "2023-06-01": ("AA", "BB", "CC", "HH"),
        "2024-06-01": ("AA", "BB", "HH"),
    }
    back = (fact("left", "AA", "2025-01-01"), fact("joined", "AA", "2025-03-01"))
    assert "AA" not in roster(text, time_ns=time_ns_of(day("2025-02-01")), facts=back)
    assert "AA" in roster(text, time_ns=time_ns_of(day("2025-04-01")), facts=back)


def test_adversaries_are_those_of_the_day_and_of_the_party() -> None:
    text = pact(
        adversary=(
            adversary("AA", "XX", until=day("2023-03-10")),
            adversary("BB", "XX"),
            adversary("AA", "CC", since=day("2024-01-01")),
        )
    )
    assert adversaries(text, "AA", time_ns=time_ns_of(day("2023-03-09"))) == ("XX",)
    assert adversaries(text, "AA", time_ns=time_ns_of(day("2023-03-10"))) == ()
    assert adversaries(text, "AA", time_ns=time_ns_of(day("2024-01-01"))) == ("CC",)
    assert adversaries(text, "BB", time_ns=time_ns_of(day("2024-01-01"))) == ("XX",)


# ---------------------------------------------------------------- suspension


def free(text: Pact, on: str, a: str = "AA", b: str = "BB", *facts: Fact) -> Truth:
    clause = next(one for one in text.clause if one.id == "A1")
    return not_suspended(text, clause, between=(a, b), time_ns=time_ns_of(day(on)), facts=facts).truth


def test_f01_a_clause_sleeps_until_its_milestone_is_recorded() -> None:
    text = pact(casus(), assist(), suspend(precedent="M1"), milestone=(milestone(),))
    met = fact("met", "M1", "2025-05-01")
    assert free(text, "2025-04-30", "AA", "BB", met) == Truth.NO
    assert free(text, "2025-05-01", "AA", "BB", met) == Truth.YES
    judged = not_suspended(text, text.clause[1], between=("AA", "BB"), time_ns=0)
    assert judged.grounds[0].term == "Q1"
    assert "M1" in judged.grounds[0].found
    written = pact(casus(), assist(), suspend(precedent="M1"), milestone=(milestone(met=day("2025-05-01")),))
    assert (free(written, "2025-04-30"), free(written, "2025-05-01")) == (Truth.NO, Truth.YES)


def test_a_condition_subsequent_ends_a_clause() -> None:
    text = pact(casus(), assist(), suspend(subsequent="M1"), milestone=(milestone(),))
    met = fact("met", "M1", "2025-05-01")
    assert (free(text, "2025-04-30", "AA", "BB", met), free(text, "2025-05-01", "AA", "BB", met)) == (
        Truth.YES,
        Truth.NO,
    )


def test_a_suspension_as_to_one_pair_leaves_all_others() -> None:
    text = pact(casus(), assist(), suspend(as_to=(("AA", "BB"),), since=day("1986-08-11")))
    assert free(text, "2025-01-01", "AA", "BB") == free(text, "2025-01-01", "BB", "AA") == Truth.NO
    assert free(text, "2025-01-01", "AA", "CC") == Truth.YES
    assert free(text, "1986-08-10", "AA", "BB") == Truth.YES


def test_the_newest_recorded_suspension_or_resumption_counts() -> None:
    text = pact(casus(), assist())
    facts = (
        fact("resumed", "A1", "2025-03-01", by="AA"),
        fact("suspended", "A1", "2025-02-01", by="AA", as_to=("AA", "BB")),
    )
    assert free(text, "2025-02-15", "AA", "BB", *facts) == Truth.NO
    assert free(text, "2025-02-15", "AA", "CC", *facts) == Truth.YES
    assert free(text, "2025-03-15", "AA", "BB", *facts) == Truth.YES


# ---------------------------------------------------------------- what a node applies


def test_a_node_applies_a_casus_only_when_somebody_entitled_has_declared_it() -> None:
    text = pact(casus(determined_by="hub"), share(casus="C1"), share("S2"))

    def speaks(*facts: Fact) -> tuple[bool, ...]:
        return edition(text, time_ns=time_ns_of(day("2025-09-09")), facts=facts).speaks[1:3]

    assert speaks() == (False, True)
    assert speaks(fact("casus", "C1", "2025-09-08", by="AA", says="yes")) == (False, True)
    assert speaks(fact("casus", "C1", "2025-09-08", by="HH", says="yes")) == (True, True)
    assert speaks(fact("casus", "C1", "2025-09-08", by="HH", says="unknown")) == (False, True)
    over = (
        fact("casus", "C1", "2025-09-07", by="HH", says="yes"),
        fact("casus", "C1", "2025-09-08", by="HH", says="no"),
    )
    assert speaks(*over) == (False, True)


def test_a_node_bars_the_pair_between_whom_a_share_is_suspended() -> None:
    text = pact(share(taker="any"), suspend(on=("S1",), as_to=(("AA", "HH"),)), warn())
    found = edition(text, time_ns=time_ns_of(day("2025-09-09")))
    assert found.barred[0] == (("AA", "HH"), ("HH", "AA"))
    assert found.barred[1:] == ((), (), ())
    assert found.speaks == (True, True, True, True)


@pytest.mark.parametrize("form", ["treaty", "executive_order"])
def test_what_the_instrument_asks_of_a_party_is_asked_of_that_party_only(form: str) -> None:
    text = pact(approval("V1", "AA", ("signature",), ("signature", "2020-01-01")), basis=instrument(form))
    assert truth(text, "2025-01-01") == Truth.YES
