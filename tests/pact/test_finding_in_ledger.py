"""Claims on a ledger: what stage and dispute lead to, and what a slice of its lines changes."""

from typing import Any

import pytest
from pact_parts import pact
from test_ledger import HASH, at, clock, evidence, opened, remedy, turned

from foedus.pact.clauses import Pact
from foedus.pact.incidents.claim_document import Claim
from foedus.pact.incidents.finding import Finding
from foedus.pact.incidents.finding_in_ledger import fault_in_ledger, find_in_ledger
from foedus.pact.incidents.ledger import Contested, Entry
from foedus.pact.incidents.ledger_lines import digests_of

DISPUTE = Contested(at=at(300), id="one", by="HH", says="nothing was known")


def claimed(**more: Any) -> Claim:
    fields = {"id": "K1", "claimant": "AA", "against": "HH", "clause": "W1", "asked": "violated"}
    return Claim(**{**fields, "ledger": "l.jsonl", **more})


def found(*entries: Entry, **more: Any) -> Finding:
    assert fault_in_ledger(claimed(**more), entries) is None
    return find_in_ledger(claimed(**more), entries, file="l.jsonl")


def test_f28_a_claim_on_a_ledger_names_its_lines_and_keeps_a_dispute_open() -> None:
    breached = found(opened(), clock(200))
    assert (breached.finding, len(breached.lines)) == ("violated", 2)
    assert breached.lines[0] == "l.jsonl:1: opened one: tests"
    disputed = found(opened(), clock(200), DISPUTE)
    assert disputed.finding == "undetermined"
    assert "violated, contested by HH: nothing was known" in disputed.because
    assert found(opened(), evidence(50, 50), clock(300)).finding == "fulfilled"


@pytest.mark.parametrize(
    ("entries", "finding"),
    [
        ((opened(),), "undetermined"),
        ((opened(owed="undetermined"), clock(500)), "undetermined"),
        ((opened(owed="undetermined"), turned(10, "not_owed")), "not_owed"),
        ((opened(), turned(10, "ended")), "not_owed"),
        ((opened(), turned(10, "suspended"), clock(500)), "undetermined"),
    ],
)
def test_each_stage_leads_to_one_finding(entries: tuple[Entry, ...], finding: str) -> None:
    assert found(*entries).finding == finding


def test_f28_a_slice_takes_its_lines_alone_and_what_it_leaves_out_is_listed() -> None:
    entries = [opened("two"), opened(), clock(200), evidence(210, 90), DISPUTE]
    assert found(*entries, obligation="one").finding == "undetermined"
    part = found(*entries, obligation="one", entries=(3,))
    assert (part.finding, [line.partition(": ")[0] for line in part.lines]) == (
        "violated",
        ["l.jsonl:2", "l.jsonl:3"],
    )
    assert [line.partition(": ")[0] for line in part.left_out] == ["l.jsonl:4", "l.jsonl:5"]
    assert found(*entries, obligation="one", entries=(4,)).finding == "fulfilled"


def test_a_line_may_be_named_by_its_digest_or_by_the_hash_of_the_evidence() -> None:
    entries = [opened(), evidence(90, 90), clock(200), DISPUTE]
    for name in (2, HASH, digests_of(entries)[1]):
        assert found(*entries, entries=(name,)).finding == "fulfilled"


def test_at_a_time_the_clock_is_read_and_what_came_later_does_not_count() -> None:
    entries = [opened(), evidence(300, 50)]
    assert found(*entries, at=at(100)).finding == "undetermined"
    late = found(*entries, at=at(200))
    assert late.finding == "violated"
    assert "on 2025-09-09T" in late.because or "on 2025-09-08T" in late.because
    assert found(*entries, at=at(300)).finding == "fulfilled"


def test_a_remedy_is_claimed_as_what_it_follows_from_is_breached() -> None:
    entries = [opened(remedies=(remedy("M1", "W1"),)), clock(120), evidence(130, 125, "one+M1.HH")]
    met = found(*entries, clause="M1")
    assert (met.finding, len(met.lines)) == ("fulfilled", 1)
    without = found(*entries, clause="M1", entries=(3,))
    assert (without.finding, without.because) == (
        "undetermined",
        "the lines that the claim takes do not open it",
    )
    assert found(*entries[:2], clause="M1", at=at(151)).finding == "violated"
    assert found(*entries[:1], clause="M1", at=at(151)).finding == "violated"  # nobody had read a clock


def test_lines_about_other_obligations_are_no_part_of_a_slice() -> None:
    entries = [opened("two"), opened(), evidence(90, 90, "two"), clock(200)]
    part = found(*entries, obligation="one", entries=(3, 4))
    assert (part.finding, len(part.lines), part.left_out) == ("violated", 2, ())


def text(version: str = "1") -> Pact:
    return pact(version=version)


@pytest.mark.parametrize(
    ("more", "place", "words"),
    [
        ({"obligation": "three"}, ("obligation",), "one of one, two"),
        ({}, ("obligation",), "the id of one of them, one, two"),
        ({"clause": "W9"}, ("obligation",), "one of one, two"),
        ({"obligation": "one", "claimant": "BB"}, ("claimant",), "one of AA"),
        ({"obligation": "one", "against": "AA"}, ("against",), "one of HH"),
        ({"obligation": "one", "clause": "W2"}, ("clause",), "one of W1"),
        ({"obligation": "one", "entries": (1, 4)}, ("entries", 1), "a line from 1 to 2"),
        ({"obligation": "one", "entries": ("f" * 64,)}, ("entries", 0), "or its digest"),
    ],
)
def test_what_a_claim_names_and_the_ledger_does_not_have_is_a_fault_at_that_place(
    more: dict[str, Any], place: tuple[str | int, ...], words: str
) -> None:
    fault = fault_in_ledger(claimed(**more), [opened(), opened("two")])
    assert fault is not None
    assert fault.place == place
    assert words in fault.expected


def test_the_text_of_a_claim_is_the_one_under_which_it_was_opened() -> None:
    assert fault_in_ledger(claimed(), [opened()], text("1")) is None
    fault = fault_in_ledger(claimed(), [opened()], text("2"))
    assert fault is not None
    assert (fault.place, fault.found) == (("pact",), "tests 2")
