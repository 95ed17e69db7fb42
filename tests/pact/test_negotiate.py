"""Negotiations: exact against a slow twin, and the claims of F02 and F09."""

import json
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from foedus.cli.main import cli
from foedus.errors import DocumentError, LimitError
from foedus.limits import CONFLICT_STEPS_MAX, PACKAGES_MAX
from foedus.pact.force import missing_steps
from foedus.pact.negotiating.conflicts import smallest_conflicts
from foedus.pact.negotiating.negotiate import negotiate
from foedus.pact.negotiating.packages import pareto
from foedus.pact.negotiating.positions import Negotiation, parse_positions, read_positions, without
from foedus.pact.reading.text import parse_pact, read_pact
from foedus.pact.variants import expand
from naive_negotiation import OPEN, Case

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "pacts" / "negotiations"
POSITIONS = EXAMPLES / "us-sa-il.toml"
DRAFT = EXAMPLES / "us-sa-draft.toml"
BAD = ROOT / "tests" / "bad" / "positions"


def foedus(*arguments):
    return CliRunner().invoke(cli, ["pact", *map(str, arguments)])


def example():
    return read_positions(POSITIONS)


def keys(packages):
    return [(tuple(one.choices.items()), one.terms) for one in packages]


# ---------------------------------------------------------------- exactness

SEEDS = range(200)


def outcomes():
    for seed in SEEDS:
        case = Case(np.random.default_rng(seed))
        yield seed, case, negotiate(case.negotiation)


def test_packages_front_and_conflicts_are_those_of_a_slow_twin_on_200_random_negotiations():
    verdicts = []
    for seed, case, outcome in outcomes():
        acceptable = case.acceptable()
        assert keys(outcome.acceptable) == acceptable, seed
        assert keys(one for one in outcome.acceptable if one.front) == case.front(), seed
        possible = [one for one in case.acceptable(least=OPEN) if one not in acceptable]
        assert keys(outcome.undetermined) == possible, seed
        conflicts = set() if acceptable else case.conflicts()
        assert {frozenset(one.requirements) for one in outcome.conflicts} == conflicts, seed
        assert len(outcome.conflicts) == len(conflicts), seed
        verdicts.append((outcome.verdict, bool(outcome.conflicts) and len(outcome.conflicts[0].requirements)))
    counts = {one: verdicts.count(one) for one in verdicts}
    assert counts["agreement possible", False] > 20
    assert sum(count for (verdict, _), count in counts.items() if verdict == "undetermined") > 5
    assert sum(count for (verdict, size), count in counts.items() if size >= 2) > 20


def test_near_misses_open_what_a_slow_twin_opens():
    for seed, case, outcome in outcomes():
        opened = {}
        for package in case.packages():
            missing = [name for name, met in case.requirements(package).items() if met < 2]
            if len(missing) == 1:
                opened[missing[0]] = opened.get(missing[0], 0) + 1
        assert {one.requirement: one.opens for one in outcome.near_misses} == opened, seed


def test_brackets_and_terms_decide_what_a_slow_twin_says():
    for seed, case, outcome in outcomes():
        good = case.acceptable()
        for name, choices in case.brackets:
            spoilt = [
                (chosen, terms)
                for chosen, terms in good
                if any(
                    (tuple((a, other if a == name else b) for a, b in chosen), terms) not in good
                    for other in choices
                )
            ]
            decider = next(one for one in outcome.deciders if one.what == name)
            assert decider.packages == len(spoilt), seed
        for name, _ in case.terms:
            other = {term: sum(term in terms for _, terms in good) for term, _ in case.terms}
            spoilt = [
                (chosen, terms)
                for chosen, terms in good
                if (chosen, tuple(t for t, _ in case.terms if (t in terms) != (t == name))) not in good
            ]
            assert next(one for one in outcome.deciders if one.what == name).packages == len(spoilt), seed
            entries = [one for one in outcome.ledger if one.kind == "concession" and one.what == name]
            assert [one.met for one in entries] == [other[name]] * len(entries)


def test_the_smallest_conflicts_are_all_of_the_least_size():
    assert smallest_conflicts([0b011, 0b110]) == (0b010,)
    assert smallest_conflicts([0b0011, 0b1100]) == (0b0101, 0b0110, 0b1001, 0b1010)
    assert smallest_conflicts([0b0011, 0b0101, 0b1010]) == (0b0011, 0b0110, 0b1001)  # each once
    assert smallest_conflicts([0b01, 0]) == ()  # some package meets everything
    assert smallest_conflicts([0b10, 0b11, 0b10]) == (0b10,)


def test_a_search_for_conflicts_that_takes_too_long_is_refused():
    apart = [sum(1 << (8 * block + bit) for bit in range(8)) for block in range(8)]
    with pytest.raises(LimitError, match=f"CONFLICT_STEPS_MAX is {CONFLICT_STEPS_MAX}"):
        smallest_conflicts(apart)


def test_the_pareto_front_keeps_equals_and_drops_what_is_bettered():
    assert pareto([((1,), (0,)), ((0,), (1,)), ((0,), (0,)), ((1,), (0,))]) == (0, 1, 3)
    assert pareto([]) == ()


def test_more_packages_than_the_limit_are_refused_before_anything_is_enumerated():
    positions, draft = example()
    wide = msgspec.structs.replace(
        draft,
        bracket=tuple(msgspec.structs.replace(draft.bracket[0], id=f"W{i}") for i in range(11)),
        clause=tuple(msgspec.structs.replace(clause, option=()) for clause in draft.clause),
    )
    with pytest.raises(LimitError, match=f"PACKAGES_MAX is {PACKAGES_MAX}, but 32768"):
        negotiate(Negotiation(positions, wide))


# ---------------------------------------------------------------- the mission rows


def test_f01_a_guarantee_that_waits_for_ties_is_not_owed_before_them():
    outcome = negotiate(example())
    assert all(one.choices["NORMALISATION"] == "linked" for one in outcome.acceptable)
    line = "US's red line: no duty to assist before there are ties"
    open_now = [one for one in outcome.near_misses if one.requirement == line]
    assert [one.package for one in open_now] == [
        "GUARANTEE:bahrain NORMALISATION:independent BASES:barred WARNING:duty + RELATIONS NUCLEAR STATEHOOD"
    ]


def test_f02_a_draft_with_brackets_expands_to_its_variants_and_each_is_checked():
    variants = expand(read_pact(DRAFT))
    assert len(variants) == 2 * 2 * 2 * 2
    result = foedus("expand", DRAFT, "--at", "2023-10-01", "--json")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [line["clauses"] for line in lines] == [len(one.clause) for one in variants]
    assert all("K2" in line["errors"] for line in lines)  # none is in force: no approval is given
    assert len({tuple(line["choices"].items()) for line in lines}) == 16


def test_f02_a_chosen_variant_is_written_as_a_text_without_brackets(tmp_path):
    chosen = ("GUARANTEE:treaty", "NORMALISATION:linked", "BASES:barred", "WARNING:duty")
    options = [word for pair in chosen for word in ("--choose", pair)]
    result = foedus("expand", DRAFT, *options, "-o", tmp_path, "--at", "2023-10-01")
    assert result.exit_code == 0, result.output
    written = read_pact(tmp_path / "us-sa-treaty-linked-barred-duty.toml")
    assert written == expand(read_pact(DRAFT))[0]
    assert not written.bracket


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--choose", "GUARANTEE:none"), 1, "'none'; expected a choice of GUARANTEE: one of treaty, bahrain"),
        (("--choose", "GUARANTE:treaty"), 1, "did you mean GUARANTEE?"),
        (("--choose", "BASES:open", "--choose", "BASES:barred"), 2, "BASES is chosen twice"),
        (("--at", "soon"), 2, "'soon' is no time"),
    ],
)
def test_f02_what_the_draft_does_not_offer_cannot_be_chosen(options, code, words):
    result = foedus("expand", DRAFT, *options)
    assert code == (result.exit_code if isinstance(result.exception, SystemExit) else 1)
    assert words in f"{result.output} {result.exception}"


def test_f05_the_way_of_the_treaty_needs_the_senate_and_the_other_does_not():
    outcome = negotiate(example())
    needed = {one.what: one for one in outcome.deciders if one.kind == "approval"}
    senate = needed["US:senate_advice_and_consent"]
    assert senate.packages == sum(one.choices["GUARANTEE"] == "treaty" for one in outcome.acceptable) == 2
    assert {"A1", "W1"} <= set(senate.duties)
    assert "A2" not in senate.duties
    for variant in expand(read_pact(DRAFT)):
        steps = [step for _, step, _ in missing_steps(variant, time_ns=0)]
        assert ("senate_advice_and_consent" in steps) == ("GUARANTEE:treaty" in variant.version)


def test_f09_the_ledger_names_demand_concession_linked_clauses_and_status():
    entries = {(one.kind, one.party, one.what): one for one in negotiate(example()).ledger}
    bases = entries["demand", "US", "BASES:barred"]
    assert (bases.status, bases.clauses, bases.met) == ("agreed", ("B1",), 4)
    warning = entries["demand", "SA", "SA is warned of any attack on its territory"]
    assert warning.clauses == ("W1", "C3")  # the duty and its casus
    assert bases.reads == "BASES is barred"
    given = entries["concession", "SA", "RELATIONS"]
    assert given.links == ("L1", "L2", "L3")
    assert given.clauses == ("C1", "G1", "A1", "V1")  # the treaty stands only with relations
    assert given.says == "Saudi Arabia establishes diplomatic relations with Israel"  # opaque: text


def lenient():
    """The example with US and IL no longer insisting on relations, nor SA on nuclear cooperation."""
    positions, draft = example()
    eased = tuple(
        msgspec.structs.replace(
            one,
            demand=tuple(
                msgspec.structs.replace(demand, status="dropped")
                if demand.statement in ("RELATIONS", "NUCLEAR")
                else demand
                for demand in one.demand
            ),
        )
        for one in positions.position
    )
    return Negotiation(msgspec.structs.replace(positions, position=eased), draft)


def test_f09_dropping_a_concession_shows_which_clauses_fall():
    negotiation = lenient()
    before = negotiate(negotiation)
    entry = next(one for one in before.ledger if (one.kind, one.what) == ("concession", "STATEHOOD"))
    assert entry.falls == ("C1", "G1", "A1", "V1")
    dropped = negotiate(Negotiation(without(negotiation.positions, "STATEHOOD"), negotiation.draft))
    assert len(dropped.acceptable) == entry.left > 0
    assert {one.choices["GUARANTEE"] for one in before.acceptable} == {"treaty", "bahrain"}
    assert {one.choices["GUARANTEE"] for one in dropped.acceptable} == {"bahrain"}


def test_f09_a_concession_without_which_nothing_is_left_names_what_then_conflicts():
    positions, draft = example()
    entry = next(
        one for one in negotiate(example()).ledger if (one.kind, one.what) == ("concession", "STATEHOOD")
    )
    dropped = negotiate(Negotiation(without(positions, "STATEHOOD"), draft))
    assert entry.left == len(dropped.acceptable) == 0
    assert entry.blocked_by == dropped.conflicts
    assert [one.parties for one in dropped.conflicts] == [("US", "SA", "IL"), ("IL", "SA")]
    assert {one.change for one in dropped.near_misses} == {
        "SA gave up link L1, no relations without steps towards statehood",
        "IL offered STATEHOOD",
    }


def test_f15_a_demand_that_rests_on_an_unknown_term_leaves_the_package_undetermined():
    positions, draft = example()
    hidden = msgspec.structs.replace(
        draft,
        clause=tuple(
            msgspec.structs.replace(clause, by=("unknown",)) if clause.id in ("C1", "C2") else clause
            for clause in draft.clause
        ),
    )
    outcome = negotiate(Negotiation(positions, hidden))
    assert outcome.verdict == "undetermined"
    assert {term for one in outcome.undetermined for term in one.rests_on} == {"C1.by", "C2.by"}


# ---------------------------------------------------------------- the command


def test_the_command_says_who_can_agree_to_what():
    result = foedus("negotiate", POSITIONS)
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "US, SA and IL can all agree to 4 of them." in said
    assert "positions, costs and links are invented" in said
    assert re.search(r"\*  GUARANTEE:treaty +3 +5 +1\.", result.output)
    assert "Without US's concession STATUS: 2 of 4 are left, and no clause falls." in said


def test_the_command_says_what_blocks_and_exits_with_1():
    result = foedus("negotiate", POSITIONS, "--drop", "NUCLEAR")
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert "2 requirements that no package meets together" in said
    assert "1. SA demands: civil nuclear cooperation; US does not offer NUCLEAR" in said
    assert "If SA dropped its demand (civil nuclear cooperation), 4 packages would be acceptable" in said


def test_the_ledger_is_printed_line_by_line():
    result = foedus("negotiate", POSITIONS, "--ledger")
    assert result.exit_code == 0
    assert "gives STATEHOOD" in result.output
    assert "agreed" in result.output


def test_json_has_one_object_a_line():
    lines = [json.loads(line) for line in foedus("negotiate", POSITIONS, "--json").output.splitlines()]
    assert lines[0]["line"] == "outcome"
    assert (lines[0]["packages"], lines[0]["verdict"]) == (256, "agreement possible")
    assert sum(line["line"] == "package" for line in lines) == 4
    assert {line["line"] for line in lines} == {"outcome", "package", "near_miss", "decider", "entry"}


def test_a_term_that_nobody_offers_cannot_be_dropped():
    result = foedus("negotiate", POSITIONS, "--drop", "OIL")
    assert result.exit_code == 2
    assert "'OIL' is none of NUCLEAR, STATUS, RELATIONS, STATEHOOD" in result.output


# ---------------------------------------------------------------- bad input

# file: (path, words in the message)
MISTAKES = {
    "unknown_bracket": ("position[1].demand[2].statement", ["'BASIS'", "did you mean BASES?"]),
    "unknown_choice": ("position[2].preference[1].statement", ["'trety'", "did you mean treaty?"]),
    "unknown_term": ("position[2].demand[3].statement", ["'NUKLEAR'", "did you mean NUCLEAR?"]),
    "unknown_side": ("position[3].party", ["'ISR'", "a party or state of the draft", "US, SA, IL, IR"]),
    "side_twice": ("position[3].party", ["SA again", "one position for each side"]),
    "unknown_key": ("position[1].redline", ["unknown key 'redline'", "did you mean red_line?"]),
    "unknown_status": ("position[1].demand[2].status", ["'settled'", "one of agreed, dropped, open"]),
    "offers_what_another_gives": (
        "position[1].concession[1].term",
        ["'STATEHOOD'", "a term that US gives: one of NUCLEAR, STATUS"],
    ),
    "offers_twice": ("position[1].concession[2].term", ["NUCLEAR again", "each at most once"]),
    "demands_twice": ("position[2].demand[3].statement", ["again", "each at most once"]),
    "term_named_as_bracket": ("term[4].id", ["BASES again", "an id of its own among terms and brackets"]),
    "term_of_nobody": ("term[2].by", ["'IR'", "a side: one of US, SA, IL"]),
    "weight_left_out": ("position[1].preference[1]", ["no weight", "a weight, as compare = 'weight'"]),
    "weight_in_an_order": ("position[3].preference[1]", ["weight 3", "no weight, as compare = 'order'"]),
    "weight_negative": ("position[1].preference[1].weight", ["-3", "a whole number from 1 to 1000"]),
    "cost_in_parts": ("position[1].concession[1].cost", ["2.5", "whole number"]),
    "link_without_then": ("link[1]", ["no key 'then'"]),
    "link_of_nobody": ("link[2].by", ["'QA'", "a side: one of US, SA, IL"]),
    "link_twice": ("link[3].id", ["L2 again", "an id of its own"]),
    "duty_without_event": ("position[2].demand[1].statement", ["duty:KIND DEBTOR CREDITOR EVENT"]),
    "duty_without_attacker": ("position[2].demand[1].statement", ["`by` an attacker", "''"]),
    "duty_unknown_kind": ("position[2].demand[1].statement", ["'asist'", "did you mean assist?"]),
    "duty_unknown_object": ("position[2].demand[1].statement", ["'plants'", "`on` an object"]),
    "duty_word_twice": ("position[2].demand[1].statement", ["pairs of words, each once"]),
    "duty_of_a_state": ("position[2].demand[1].statement", ["'IR'", "a party of the draft: one of US, SA"]),
    "flow_unknown_form": ("position[1].preference[3].statement", ["'course'", "did you mean coarse?"]),
    "step_unknown": ("position[1].preference[1].statement", ["'senate_consent'", "a step: one of signature"]),
    "milestone_unknown": ("position[1].red_line[1].statement", ["'TIE'", "did you mean TIES?"]),
    "free_words": ("position[2].demand[1].statement", ["'help after an attack'", "BRACKET:choice, TERM"]),
    "claim_unknown_verb": ("position[2].demand[2].statement", ["waned", "BRACKET:choice, TERM"]),
    "draft_missing": ("", ["no such file"]),
    "nothing_open": ("draft", ["without open brackets", "a draft with brackets, or terms"]),
    "one_side": ("position", ["an array of 1", "at least 2"]),
}


def test_every_broken_document_is_in_the_table():
    assert sorted(path.stem for path in BAD.glob("*.toml")) == sorted(MISTAKES)


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_a_broken_document_is_refused_with_its_place(name):
    path, words = MISTAKES[name]
    with pytest.raises(DocumentError) as caught:
        read_positions(BAD / f"{name}.toml")
    assert caught.value.path == path, caught.value
    for word in words:
        assert word in str(caught.value)
    if path:
        lines = (BAD / f"{name}.toml").read_text("utf-8").splitlines()
        assert caught.value.line > 0
        key = path.rpartition(".")[2].partition("[")[0]
        assert key in lines[caught.value.line - 1] or path.endswith("]")


def test_the_example_reads_from_its_text_too():
    positions, draft = example()
    assert parse_positions(POSITIONS.read_text("utf-8"), draft, file="x.toml") == positions
    with pytest.raises(DocumentError):
        parse_pact(POSITIONS.read_text("utf-8"), file="x.toml")
