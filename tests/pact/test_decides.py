"""What decides: counted over situations, the same as by whole texts, with a witness that holds (F16)."""

import json
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from foedus.cli.main import cli
from foedus.errors import LimitError
from foedus.limits import READINGS_MAX
from foedus.model import TrackClass
from foedus.pact.clauses import Done
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.situation import Situation
from foedus.pact.meaning.universe import universe
from foedus.pact.negotiating.assumed import as_in_force
from foedus.pact.negotiating.decides import next_dates, what_decides
from foedus.pact.reading.text import parse_pact, read_pact
from foedus.pact.variants import choose, combinations_of, expand
from foedus.pact.words import Truth
from naive_negotiation import random_draft

DRAFT = Path(__file__).parents[2] / "pacts" / "negotiations" / "us-sa-draft.toml"
AT = datetime(2023, 10, 1, tzinfo=UTC)


def foedus(*arguments):
    return CliRunner().invoke(cli, ["pact", *map(str, arguments)])


def factors(draft, at=AT):
    return {one.what: one for one in what_decides(draft, at=at).factors}


def with_clauses(draft, **changes):
    return msgspec.structs.replace(
        draft,
        clause=tuple(
            msgspec.structs.replace(clause, **changes[clause.id]) if clause.id in changes else clause
            for clause in draft.clause
        ),
    )


# ---------------------------------------------------------------- exactness


def owed(variant, situation):
    """The duties of a whole text in one situation, without clause ids."""
    reading = as_in_force(variant, at=AT)
    asked = msgspec.structs.replace(situation, at=reading.at, facts=reading.facts)
    return {
        (duty.debtor, creditor, duty.kind, duty.says, duty.truth)
        for duty in reading.evaluator.duties(asked)
        if duty.truth != Truth.NO
        for creditor in duty.creditors or ("",)
    }


def naive_brackets(draft):
    """bracket -> (situations, share), by evaluating every whole variant in every situation."""
    found = {}
    all_choices = [dict(one) for one in combinations_of(draft)]
    variants = [choose(draft, choices) for choices in all_choices]
    cells = universe(variants, at=AT)
    day = Situation(at=AT)
    effects = []
    for variant in variants:
        always = owed(variant, day)
        effects.append([always] + [owed(variant, cell.situation) ^ always for cell in cells])
    weights = [1] + [cell.weight for cell in cells]
    for bracket in draft.bracket:
        groups = {}
        for choices, effect in zip(all_choices, effects, strict=True):
            rest = tuple(choice for name, choice in choices.items() if name != bracket.id)
            groups.setdefault(rest, []).append(effect)
        changed = [
            [any(one[i] != group[0][i] for one in group) for i in range(len(weights))]
            for group in groups.values()
        ]
        ever = sum(w for i, w in enumerate(weights) if any(row[i] for row in changed))
        pairs = sum(w for row in changed for w, differs in zip(weights, row, strict=True) if differs)
        found[bracket.id] = (ever, pairs / (sum(weights) * len(changed)))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_brackets_count_the_same_as_whole_variants_in_every_situation(seed):
    text, *_ = random_draft(np.random.default_rng(seed))
    draft = parse_pact(text, file="small.toml")
    found = factors(draft)
    for name, (situations, share) in naive_brackets(draft).items():
        assert found[name].situations == situations
        assert found[name].share == pytest.approx(share)
        assert bool(found[name].witness) == (situations > 0)


def test_the_random_drafts_have_brackets_that_change_something_and_brackets_that_do_not():
    counts = [
        situations
        for seed in range(25)
        for situations, _ in naive_brackets(
            parse_pact(random_draft(np.random.default_rng(seed))[0], file="small.toml")
        ).values()
    ]
    assert sum(count > 0 for count in counts) > 10
    assert sum(count == 0 for count in counts) > 3


# ---------------------------------------------------------------- the mission rows


def test_f16_the_bracket_and_the_approval_with_most_effect_come_first():
    decision = what_decides(read_pact(DRAFT), at=AT)
    shares = [one.share for one in decision.factors]
    assert shares == sorted(shares, reverse=True)
    assert [one.what for one in decision.factors if one.gate] == [
        "US:signature",
        "SA:signature",
        "SA:royal_decree",
    ]
    assert decision.sentence.startswith(
        "Before anything is owed or flows, US:signature, SA:signature, SA:royal_decree are needed. "
        "Of what is still open WARNING decides most: in 50 of 271 kinds of situation"
    )


def test_f16_the_witness_of_the_first_bracket_holds():
    first = factors(read_pact(DRAFT))["WARNING"]
    assert "At US's imminent attack on SA's land" in first.witness
    assert "with WARNING:duty US owes SA warn" in first.witness
    situation = Situation(at=AT, event="imminent", attacker="US", victim="SA", object="land")
    for choices, warned in product(combinations_of(read_pact(DRAFT)), (True, False)):
        choices["WARNING"] = "duty" if warned else "none"
        variant = choose(read_pact(DRAFT), choices)
        kinds = {kind for _, _, kind, _, _ in owed(variant, situation)}
        assert ("warn" in kinds) == warned


def test_f16_the_dates_that_come_next_are_told():
    draft = read_pact(DRAFT)
    assert [(one.milestone, one.days) for one in next_dates(draft, at=AT)] == [("VISIT", 61)]
    assert next_dates(draft, at=datetime(2023, 12, 1, tzinfo=UTC))[0].days == 0
    assert next_dates(draft, at=datetime(2023, 12, 2, tzinfo=UTC)) == ()


def test_f01_ties_decide_only_where_the_guarantee_is_linked_to_them():
    found = factors(read_pact(DRAFT))
    assert found["TIES"].situations == found["NORMALISATION"].situations > 0
    assert found["TIES"].share == found["NORMALISATION"].share
    linked = factors(choose(read_pact(DRAFT), {"NORMALISATION": "linked"}))
    free = factors(choose(read_pact(DRAFT), {"NORMALISATION": "independent"}))
    assert linked["TIES"].share == pytest.approx(2 * found["TIES"].share)
    assert "TIES" not in free


def test_f05_the_senate_decides_half_of_the_readings_and_all_of_the_treaty():
    found = factors(read_pact(DRAFT))
    senate, signature = found["US:senate_advice_and_consent"], found["US:signature"]
    assert not senate.gate
    assert 0.4 * signature.share < senate.share < 0.6 * signature.share
    treaty = factors(choose(read_pact(DRAFT), {"GUARANTEE": "treaty"}))
    assert treaty["US:senate_advice_and_consent"].gate


def test_an_approval_that_has_been_given_decides_no_more():
    draft = read_pact(DRAFT)
    done = (Done(step="royal_decree", evidence="invented", on=datetime(2023, 9, 30, tzinfo=UTC)),)
    assert "SA:royal_decree" not in factors(with_clauses(draft, V3={"done": done}))


def test_a_treaty_without_its_senate_step_is_told_to_be_never_in_force():
    draft = read_pact(DRAFT)
    treaty = msgspec.structs.replace(draft, basis=msgspec.structs.replace(draft.basis, form="treaty"))
    decision = what_decides(treaty, at=AT)
    assert decision.missing == ("US:senate_advice_and_consent",)  # in the variants on the other way
    found = {one.what: one for one in decision.factors}
    assert found["US:senate_advice_and_consent"].situations > 0
    assert found["US:legislature_notice"].situations == 0


def test_steps_that_are_unknown_are_named_and_never_taken_as_given():
    decision = what_decides(with_clauses(read_pact(DRAFT), V3={"steps": ("unknown",)}), at=AT)
    assert decision.unknown == ("SA",)
    assert "SA:unknown" not in [one.what for one in decision.factors]
    warning = next(one for one in decision.factors if one.what == "WARNING")
    assert "US may owe SA warn" in warning.witness


# ---------------------------------------------------------------- what counts as a change


def test_a_standing_duty_is_one_thing_and_not_one_for_every_event():
    bases = factors(read_pact(DRAFT))["BASES"]
    assert bases.situations == 1
    assert bases.witness.startswith("On an ordinary day")


def test_a_change_of_what_flows_counts_too():
    draft = read_pact(DRAFT)
    shut = with_clauses(draft, S2={"option": ("BASES:barred",)})
    assert "US gives SA tracks as region" in factors(shut)["BASES"].witness
    only_cruise = with_clauses(
        draft, S2={"option": ("BASES:barred",), "classes": (TrackClass.CRUISE,)}, B1={"option": ()}
    )
    assert (
        "US gives SA cruise tracks as region after 60 s, in SA-BOX" in factors(only_cruise)["BASES"].witness
    )


def test_a_text_without_brackets_has_its_approvals_left():
    variant = expand(read_pact(DRAFT))[0]
    decision = what_decides(variant, at=AT)
    assert {one.kind for one in decision.factors} == {"approval", "milestone"}
    assert decision.readings == 2


def test_more_readings_than_the_limit_are_refused():
    draft = read_pact(DRAFT)
    wide = msgspec.structs.replace(
        draft,
        bracket=(*draft.bracket, *(msgspec.structs.replace(draft.bracket[0], id=f"W{i}") for i in range(5))),
    )
    with pytest.raises(LimitError, match=f"READINGS_MAX is {READINGS_MAX}, but 1024"):
        what_decides(wide, at=AT)


def test_a_text_without_approvals_is_read_as_if_in_force():
    draft = read_pact(DRAFT)
    bare = msgspec.structs.replace(
        draft, clause=tuple(clause for clause in draft.clause if clause.id not in ("V1", "V2", "V3"))
    )
    reading = as_in_force(expand(bare)[0], at=AT)
    day = Situation(at=reading.at, facts=reading.facts)
    assert reading.evaluator.in_force(day).truth == Truth.YES
    assert Evaluator(expand(bare)[0]).in_force(day).truth == Truth.NO


# ---------------------------------------------------------------- the command


def test_the_command_ranks_and_tells_the_next_date():
    result = foedus("what-decides", DRAFT, "--at", "2023-10-01")
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "Of what is still open WARNING decides most" in said
    assert "Next: VISIT, 2023-12-01, in 61 days" in said


def test_json_has_the_decision_first():
    lines = [
        json.loads(line)
        for line in foedus("what-decides", DRAFT, "--at", "2023-10-01", "--json").output.splitlines()
    ]
    assert lines[0]["line"] == "decision"
    assert [line["what"] for line in lines if line["line"] == "factor"][5:7] == ["WARNING", "GUARANTEE"]
    assert [line["milestone"] for line in lines if line["line"] == "date"] == ["VISIT"]
