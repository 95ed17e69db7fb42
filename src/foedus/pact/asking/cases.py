"""Cases: what a pact is expected to say in a situation, in sentences, kept next to the pact as tests of it.

pact = "../rsc.toml"                  # or pacts = ["../rsc.toml", "../us-qa.toml"]

[[case]]
name = "An attack by a member is no casus"
situation = { at = 2025-09-09, event = "attack", attacker = "IL", victim = "QA", class = "ballistic" }
expect = ["the United States does not warn Qatar"]
because = "C1.by"                      # optional: a term on which the answer has to rest
follows = ["M1"]                       # optional: exactly the remedies that violations have opened by then
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from foedus.document import Place, error_at, parse_document
from foedus.errors import InputError
from foedus.pact.asking.claim_truth import Hearing
from foedus.pact.asking.claims import Claim, parse_claim
from foedus.pact.asking.opinion import opinion, spell, told
from foedus.pact.clauses import Pact, Sentence
from foedus.pact.meaning.situation import Situation
from foedus.pact.meaning.situation_words import check_situation
from foedus.pact.words import Truth


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One situation, and the claims that have to hold in it."""

    name: Sentence
    situation: Situation
    expect: Annotated[tuple[Sentence, ...], msgspec.Meta(min_length=1)]
    because: Sentence | None = None
    """A clause or term, such as `C1.by`, on which at least one of the answers has to rest."""
    follows: tuple[str, ...] | None = None
    """The remedies that violations have opened by the time of the situation, and no others."""


class CaseFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cases of one pact, or of several together. Paths are relative to the case file."""

    case: Annotated[tuple[Case, ...], msgspec.Meta(min_length=1)]
    pact: Sentence | None = None
    pacts: tuple[Sentence, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one expectation of one case."""

    file: str
    case: str
    expect: str
    passed: bool
    found: str  # yes, undetermined or no: the truth of the claim without its `not`
    grounds: tuple[str, ...]
    clauses: tuple[str, ...]  # by which it is as it is
    why: str  # what is wrong; empty where it passed


def parse_cases(text: str, *, file: str) -> CaseFile:
    """The cases in a TOML text; DocumentError with line and path for the first mistake."""
    cases = parse_document(text, CaseFile, file=file)
    named = [*cases.pacts] if cases.pact is None else [cases.pact, *cases.pacts]
    if not named:
        raise error_at(text, (), file=file, found="neither pact nor pacts", expected='pact = "../NAME.toml"')
    return cases


def paths_of(cases: CaseFile) -> tuple[str, ...]:
    """The pacts that the cases are about, as the file names them."""
    return cases.pacts if cases.pact is None else (cases.pact, *cases.pacts)


def run_cases(cases: CaseFile, pacts: Sequence[Pact], *, file: str, text: str) -> tuple[Outcome, ...]:
    """What became of every expectation; DocumentError for a case that cannot be understood."""
    hearing = Hearing(pacts)
    outcomes: list[Outcome] = []
    for index, case in enumerate(cases.case):
        place: Place = ("case", index)
        check_situation(case.situation, pacts, file=file, text=text, place=(*place, "situation"))
        claims = [
            _claim(sentence, pacts, place=(*place, "expect", number), file=file, text=text)
            for number, sentence in enumerate(case.expect)
        ]
        outcomes += _because(case, [_outcome(hearing, case, claim, file) for claim in claims])
        if case.follows is not None:
            outcomes.append(_followed(case, case.follows, pacts, file))
    return tuple(outcomes)


def _followed(case: Case, expected: tuple[str, ...], pacts: Sequence[Pact], file: str) -> Outcome:
    """Whether the remedies that violations have opened are those that the case names."""
    opened = [one for pact in pacts for duty in opinion(pact, case.situation).owed for one in duty.follows]
    found = dict.fromkeys(one.partition(":")[0] for one in opened)
    passed = sorted(found) == sorted(expected)
    said = f"expected: {', '.join(expected) or 'none'}; found: {', '.join(found) or 'none'}"
    return Outcome(
        file=file,
        case=case.name,
        expect=f"what follows from violations: {', '.join(expected) or 'nothing'}",
        passed=passed,
        found=spell(Truth.YES if passed else Truth.NO),
        grounds=tuple(dict.fromkeys(opened)),
        clauses=tuple(found),
        why="" if passed else said,
    )


def _claim(sentence: str, pacts: Sequence[Pact], *, place: Place, file: str, text: str) -> Claim:
    try:
        claim = parse_claim(sentence, pacts)
    except InputError as error:
        found = f"{error.found} in {error.where}"
        raise error_at(text, place, file=file, found=found, expected=error.expected) from None
    if claim.when is not None:
        expected = "a claim without `of any attack` and the like: the situation says what it is about"
        raise error_at(text, place, file=file, found=repr(sentence), expected=expected)
    return claim


def _outcome(hearing: Hearing, case: Case, claim: Claim, file: str) -> Outcome:
    heard = hearing.core(claim, case.situation)
    said = {Truth.YES: "it is so", Truth.NO: "it is not so", Truth.UNDETERMINED: "it is undetermined"}
    passed = heard.truth == claim.wanted
    return Outcome(
        file=file,
        case=case.name,
        expect=claim.sentence,
        passed=passed,
        found=spell(heard.truth),
        grounds=told(heard.grounds),
        clauses=heard.clauses,
        why="" if passed else f"expected: {said[claim.wanted]}; found: {said[heard.truth]}",
    )


def _because(case: Case, outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes of one case, the first failed if none of them rests on what the case names."""
    if case.because is None or any(_rests_on(one, case.because) for one in outcomes):
        return outcomes
    why = "; ".join(part for part in (outcomes[0].why, f"it does not rest on {case.because}") if part)
    return [msgspec.structs.replace(outcomes[0], passed=False, why=why), *outcomes[1:]]


def _rests_on(outcome: Outcome, term: str) -> bool:
    """Whether some ground is about that term or that clause, or the clause is among those that decide."""
    about = [ground.partition(":")[0] for ground in outcome.grounds]
    return term in outcome.clauses or any(one == term or one.startswith(f"{term}.") for one in about)
