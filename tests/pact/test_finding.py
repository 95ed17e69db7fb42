"""Claims: fulfilled, violated, not owed, undetermined, and the lines on which each rests."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from incident_parts import attribution, fact, gulf, incident, warning
from pact_parts import casus

from foedus.pact.incidents.added import with_clauses
from foedus.pact.incidents.claim_document import Claim
from foedus.pact.incidents.finding import fault_in, find
from foedus.pact.incidents.incident import parse_incident
from foedus.pact.reading.text import read_pact

ROOT = Path(__file__).parents[2]


def claimed(**more: Any) -> Claim:
    fields = {"id": "K1", "claimant": "QA", "against": "US", "clause": "W1", "asked": "violated"}
    return Claim(**{**fields, "incident": "i", "pact": "p", **more})


CLAIM = claimed()


def doha(clause: str, **slices: tuple[str, ...]):  # type: ignore[no-untyped-def]
    path = ROOT / "incidents" / "doha-2025.toml"
    added = ROOT / "incidents" / "clauses" / "warn-against-any.toml"
    text = read_pact(ROOT / "pacts" / "library" / "rsc.toml")
    if clause == "W2":
        text = with_clauses(text, added.read_text("utf-8"), file=added.name)
    file = parse_incident(path.read_text("utf-8"), file="doha-2025.toml")
    return find(claimed(clause=clause, **slices), file, text)


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
    claims = [claimed(attackers=one) for one in (("IL",), ("IR",), ())]
    assert [find(one, file, text).finding for one in claims] == ["not_owed", "violated", "undetermined"]


def test_a_party_to_whom_the_clause_owes_nothing_is_told_so() -> None:
    found = find(claimed(claimant="SA"), incident(), gulf(warning()))
    assert (found.finding, found.because) == ("not_owed", "W1 obliges US to nothing toward SA here")


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"claimant": "XX"}, ("claimant",)),
        ({"against": "XX"}, ("against",)),
        ({"clause": "W9"}, ("clause",)),
        ({"known": ("a", "z")}, ("known", 1)),
        ({"done": ("z",)}, ("done", 0)),
        ({"attackers": ("z",)}, ("attackers", 0)),
    ],
)
def test_a_claim_that_names_nobody_has_a_fault_at_that_place(
    more: dict[str, Any], place: tuple[str | int, ...]
) -> None:
    fault = fault_in(claimed(**more), incident(), gulf(warning()))
    assert fault is not None
    assert fault.place == place
    assert "one of" in fault.expected
    with pytest.raises(AssertionError):
        find(claimed(**more), incident(), gulf(warning()))


def test_a_claim_may_be_judged_as_if_it_had_been_another_day() -> None:
    path = ROOT / "incidents" / "abqaiq-2019.toml"
    file = parse_incident(path.read_text("utf-8"), file=path.name)
    text = read_pact(ROOT / "pacts" / "library" / "rsc.toml")
    asked = claimed(claimant="SA", attackers=("IR",))
    assert find(asked, file, text).finding == "not_owed"  # the construct had not begun
    later = msgspec.structs.replace(asked, as_if=date(2024, 9, 14))
    assert find(later, file, text).finding == "undetermined"  # no account says what the hub knew
