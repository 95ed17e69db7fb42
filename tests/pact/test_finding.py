"""Claims: fulfilled, violated, not owed, undetermined, and the lines on which each rests."""

from pathlib import Path

import pytest
from incident_parts import attribution, fact, gulf, incident, warning
from pact_parts import casus
from test_ledger import at, clock, evidence, opened

from foedus.errors import InputError
from foedus.pact.incidents.added import with_clauses
from foedus.pact.incidents.finding import Claim, find, find_in_ledger
from foedus.pact.incidents.incident import parse_incident
from foedus.pact.incidents.ledger import Clock, Contested
from foedus.pact.reading.text import read_pact

ROOT = Path(__file__).parents[2]
CLAIM = Claim(claimant="QA", against="US", clause="W1")


def doha(clause: str, **slices: tuple[str, ...]):  # type: ignore[no-untyped-def]
    path = ROOT / "incidents" / "doha-2025.toml"
    added = ROOT / "incidents" / "clauses" / "warn-against-any.toml"
    text = read_pact(ROOT / "pacts" / "library" / "rsc.toml")
    if clause == "W2":
        text = with_clauses(text, added.read_text("utf-8"), file=added.name)
    file = parse_incident(path.read_text("utf-8"), file="doha-2025.toml")
    return find(Claim(claimant="QA", against="US", clause=clause, **slices), file, text)


def test_f28_a_claim_under_the_construct_as_reported_finds_that_nothing_was_owed() -> None:
    found = doha("W1")
    assert (found.finding, found.because) == ("not_owed", "C1.by: IL is not among IR, IR-ALIGNED")
    assert any("acknowledged IL according to israel" in line for line in found.lines)


def test_f28_a_claim_on_two_accounts_finds_a_violation_and_names_both_lines() -> None:
    found = doha("W2", known=("white_house",), done=("qatar_pm",))
    assert found.finding == "violated"
    assert [line.partition(": ")[2] for line in found.lines[:2]] == [
        "according to white_house, US knew, as the hub in [-480*, -1*] min",
        "according to qatar_pm, QA received a warning from US in [10, 10] min",
    ]
    assert found.placeholders == ("white_house hub_knows.lo", "white_house hub_knows.hi")


def test_f28_where_the_accounts_of_the_slice_differ_it_is_undetermined_and_all_are_given() -> None:
    found = doha("W2")
    assert found.finding == "undetermined"
    assert sorted(dict.fromkeys(one.finding for one in found.readings)) == ["undetermined", "violated"]


def test_f29_who_knew_and_stayed_silent_is_found_in_violation_with_the_lines() -> None:
    file = incident(fact("knows", "US", "a", [-10, -10]), fact("warn_sent", "US", "a"))
    found = find(CLAIM, file, gulf(warning()))
    assert found.finding == "violated"
    assert "no ground for the silence is recorded" in found.because
    assert found.lines[0].startswith("tests.toml:")
    assert "US knew in [-10, -10] min" in found.lines[0]
    assert "US sent a warning: it never happened" in found.lines[1]


def test_f29_a_recorded_ground_of_withholding_is_among_the_lines_and_excuses_nothing() -> None:
    file = incident(
        fact("knows", "US", "a", [-10, -10]),
        fact("warn_sent", "US", "a"),
        fact("withheld", "US", "a", [-10, 0], note="a source had to be kept"),
    )
    found = find(CLAIM, file, gulf(warning()))
    assert found.finding == "violated"
    assert "no ground" not in found.because
    assert any("kept it back" in line for line in found.lines)


def test_a_warning_in_time_is_found_fulfilled() -> None:
    file = incident(fact("knows", "US", "a", [-10, -10]), fact("warn_received", "QA", "a", [-9, -9]))
    assert find(CLAIM, file, gulf(warning())).finding == "fulfilled"


def test_who_never_knew_owed_nothing() -> None:
    file = incident(fact("knows", "US", "a"), fact("warn_sent", "US", "a"))
    assert find(CLAIM, file, gulf(warning())).finding == "not_owed"


def test_where_it_is_open_who_attacked_it_is_undetermined_never_not_owed() -> None:
    file = incident(
        attribution("a", "unknown"), fact("knows", "US", "a", [-10, -10]), fact("warn_sent", "US", "a")
    )
    found = find(CLAIM, file, gulf(casus(by=("SA",)), warning(casus="C1")))
    assert found.finding == "undetermined"
    assert "nobody has said who the attacker is" in found.because


def test_the_attribution_that_is_taken_decides() -> None:
    rows = [attribution("a", "claimed", "IL"), attribution("b", "attributed", "IR")]
    file = incident(*rows, fact("knows", "US", "a", [-10, -10]), fact("warn_sent", "US", "a"))
    text = gulf(casus(by=("IR",)), warning(casus="C1"))
    claims = [
        Claim(claimant="QA", against="US", clause="W1", attackers=one) for one in (("IL",), ("IR",), ())
    ]
    assert [find(one, file, text).finding for one in claims] == ["not_owed", "violated", "undetermined"]


def test_a_party_to_whom_the_clause_owes_nothing_is_told_so() -> None:
    found = find(Claim(claimant="SA", against="US", clause="W1"), incident(), gulf(warning()))
    assert (found.finding, found.because) == ("not_owed", "W1 obliges US to nothing toward SA here")


@pytest.mark.parametrize(
    ("claim", "where"),
    [
        (Claim(claimant="XX", against="US", clause="W1"), "claim: claimant"),
        (Claim(claimant="QA", against="XX", clause="W1"), "claim: against"),
        (Claim(claimant="QA", against="US", clause="W9"), "claim: clause"),
        (Claim(claimant="QA", against="US", clause="W1", known=("z",)), "claim: account"),
        (Claim(claimant="QA", against="US", clause="W1", attackers=("z",)), "claim: attacker"),
    ],
)
def test_a_claim_that_names_nobody_is_refused(claim: Claim, where: str) -> None:
    with pytest.raises(InputError) as caught:
        find(claim, incident(), gulf(warning()))
    assert caught.value.where == where


def test_f28_a_claim_on_a_ledger_names_its_lines_and_keeps_a_dispute_open() -> None:
    entries = [opened(), Clock(at=at(200))]
    found = find_in_ledger(entries, "one", claimant="AA", file="l.jsonl")
    assert (found.finding, len(found.lines)) == ("violated", 2)
    assert found.lines[0] == "l.jsonl:1: opened one: tests"
    disputed = [*entries, Contested(at=at(300), id="one", by="HH", says="nothing was known")]
    found = find_in_ledger(disputed, "one", claimant="AA", file="l.jsonl")
    assert found.finding == "undetermined"
    assert "violated, contested by HH: nothing was known" in found.because
    met = find_in_ledger([opened(), evidence(50, 50), clock(300)], "one", claimant="AA", file="l.jsonl")
    assert met.finding == "fulfilled"


def test_only_a_creditor_may_claim() -> None:
    with pytest.raises(InputError, match="BB"):
        find_in_ledger([opened()], "one", claimant="BB", file="l.jsonl")
    with pytest.raises(InputError, match="two"):
        find_in_ledger([opened()], "two", claimant="AA", file="l.jsonl")
