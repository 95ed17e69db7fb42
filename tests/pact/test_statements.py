"""Statements about a draft: read in a closed form, answered by the text, three-valued."""

from pathlib import Path

import msgspec
import pytest

from foedus.model import Form
from foedus.pact.negotiating.statements import DUTIES, FORMS, Fault, answer, parse_statement, spell
from foedus.pact.reading.text import read_pact
from foedus.pact.variants import choose
from foedus.pact.words import Truth

DRAFT = read_pact(Path(__file__).parents[2] / "pacts" / "negotiations" / "us-sa-draft.toml")
TREATY = {"GUARANTEE": "treaty", "NORMALISATION": "linked", "BASES": "barred", "WARNING": "duty"}
BAHRAIN = {"GUARANTEE": "bahrain", "NORMALISATION": "independent", "BASES": "open", "WARNING": "none"}
TERMS = ("NUCLEAR", "STATEHOOD")


def ask(words, choices, terms=(), draft=DRAFT):
    statement = parse_statement(words, draft, TERMS)
    assert not isinstance(statement, Fault), statement
    return answer(statement, choose(draft, choices), choices, terms)


@pytest.mark.parametrize(
    ("words", "in_treaty", "in_bahrain"),
    [
        ("GUARANTEE:treaty", "YES", "NO"),
        ("not GUARANTEE:treaty", "NO", "YES"),
        ("step:US:senate_advice_and_consent", "YES", "NO"),
        ("step:SA:royal_decree", "YES", "YES"),
        ("duty:assist US SA attack by IR on land", "YES", "YES"),
        ("duty:assist US SA attack by IR on land before TIES", "NO", "YES"),
        ("duty:assist US SA threat by IR on land", "NO", "YES"),
        ("duty:assist US SA attack by IR on infra_offshore", "NO", "NO"),
        ("duty:assist SA US attack by IR on land", "NO", "NO"),  # the US lies outside the region
        ("duty:assist US SA attack by unattributed on land", "UNDETERMINED", "UNDETERMINED"),
        ("duty:assist US SA attack by OUTSIDER on territory", "YES", "YES"),
        ("duty:assist US SA attack by any on land", "NO", "NO"),  # one of all is the US itself
        ("duty:assist US SA attack by external on territory", "YES", "YES"),
        ("duty:warn US SA attack by any on territory", "YES", "NO"),
        ("duty:warn US SA attack by any on any", "NO", "NO"),  # forces abroad are no territory
        ("duty:consult SA US attack by IR on land of SA", "YES", "YES"),
        ("duty:regard US SA attack by IR on land", "YES", "YES"),
        ("flow:SA US tracks track none", "YES", "YES"),
        ("flow:US SA tracks region none", "NO", "NO"),
        ("flow:US SA tracks region none in SA-BOX", "YES", "YES"),
        ("flow:US SA tracks coarse none in SA-BOX", "NO", "NO"),
        ("flow:US SA intelligence region attack by IR", "NO", "NO"),
    ],
)
def test_the_text_answers(words, in_treaty, in_bahrain):
    assert ask(words, TREATY).truth == Truth[in_treaty]
    assert ask(words, BAHRAIN).truth == Truth[in_bahrain]
    opposite = words.removeprefix("not ") if words.startswith("not ") else f"not {words}"
    assert ask(opposite, TREATY).truth == ~Truth[in_treaty]


@pytest.mark.parametrize(
    ("words", "in_treaty", "in_bahrain"),
    [
        ("SA is warned of any attack on its territory", "YES", "NO"),
        ("US assists SA of any attack on its territory by IR", "YES", "YES"),
        ("US assists SA of any attack on its territory by IR before TIES", "NO", "YES"),
        ("US does not assist SA of any attack on its territory by IR before TIES", "YES", "NO"),
        ("US assists SA of any attack on its territory by nobody known", "UNDETERMINED", "UNDETERMINED"),
        ("it is undetermined whether US assists SA of any attack on its land by nobody known", "YES", "YES"),
        ("US regards it as grave concern of any attack on SA's land by IR", "NO", "YES"),
        ("SA gives US tracks as at least coarse", "YES", "YES"),
        ("US gives SA intelligence", "NO", "NO"),
    ],
)
def test_a_claim_is_a_statement_too(words, in_treaty, in_bahrain):
    assert ask(words, TREATY).truth == Truth[in_treaty]
    assert ask(words, BAHRAIN).truth == Truth[in_bahrain]
    assert ask(f"not {words}", TREATY).truth == ~Truth[in_treaty]


def test_a_claim_that_does_not_read_says_at_which_word():
    fault = parse_statement("US asists SA of any attack", DRAFT, TERMS)
    assert isinstance(fault, Fault)
    assert "asists" in fault.found
    fault = parse_statement("US assists SA of any attack before TIE", DRAFT, TERMS)
    assert fault.expected.startswith("a milestone")


def test_a_term_is_in_the_package_or_not_and_nothing_more_is_known_of_it():
    assert ask("NUCLEAR", TREATY, ("NUCLEAR",)).truth == Truth.YES
    assert ask("NUCLEAR", TREATY, ("STATEHOOD",)).truth == Truth.NO


def test_an_answer_names_the_clauses_that_make_it_hold():
    assert ask("duty:assist US SA attack by IR on land", TREATY).clauses == ("A1",)
    assert ask("duty:assist US SA attack by IR on land", BAHRAIN).clauses == ("A2",)
    assert ask("flow:SA US tracks track none", TREATY).clauses == ("S1",)
    assert ask("step:US:signature", BAHRAIN).clauses == ("V2",)


def changed(**changes):
    return msgspec.structs.replace(
        DRAFT,
        clause=tuple(
            msgspec.structs.replace(clause, **changes[clause.id]) if clause.id in changes else clause
            for clause in DRAFT.clause
        ),
    )


def test_an_answer_that_rests_on_an_unknown_term_names_it():
    hidden = changed(C1={"by": ("unknown",)}, S1={"form": "unknown"}, V1={"steps": ("signature", "unknown")})
    assert ask("duty:assist US SA attack by IR on land", TREATY, draft=hidden)[:2] == (
        Truth.UNDETERMINED,
        ("V1.steps", "C1.by"),
    )
    known_steps = changed(S1={"form": "unknown"})
    assert ask("flow:SA US tracks track none", TREATY, draft=known_steps)[:2] == (
        Truth.UNDETERMINED,
        ("S1.form",),
    )
    assert ask("step:US:royal_decree", TREATY, draft=hidden).truth == Truth.UNDETERMINED


def test_a_treaty_without_its_senate_step_owes_nothing_whatever_is_approved():
    treaty = msgspec.structs.replace(DRAFT, basis=msgspec.structs.replace(DRAFT.basis, form="treaty"))
    assert ask("duty:assist US SA attack by IR on land", TREATY, draft=treaty).truth == Truth.YES
    assert ask("duty:assist US SA attack by IR on land", BAHRAIN, draft=treaty).truth == Truth.NO


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("GUARANTEE:treaty", "GUARANTEE is treaty"),
        ("not NUCLEAR", "NUCLEAR is not part of the package"),
        ("step:US:senate_advice_and_consent", "US needs senate advice and consent"),
        (
            "flow:SA US tracks track none",
            "SA gives US tracks at least as track on an ordinary day, 2023-09-29",
        ),
    ],
)
def test_a_statement_is_spelt_in_plain_words(words, said):
    statement = parse_statement(words, DRAFT, TERMS)
    assert spell(statement, DRAFT) == said


def test_a_question_about_a_duty_is_spelt_with_its_situation():
    statement = parse_statement("duty:warn US SA attack by any on territory before TIES", DRAFT, TERMS)
    said = spell(statement, DRAFT)
    assert said.startswith("US owes SA warn at any attack on SA's territory")
    assert said.endswith(", before TIES")


def test_every_word_of_the_grammar_reads():
    for kind in DUTIES:
        assert not isinstance(parse_statement(f"duty:{kind} US SA attack by IR", DRAFT, TERMS), Fault)
    for form in FORMS:
        assert not isinstance(
            parse_statement(f"flow:US SA tracks {form} none with cruise", DRAFT, TERMS), Fault
        )
    assert Form.NONE.name.lower() not in FORMS
    assert isinstance(parse_statement("", DRAFT, TERMS), Fault)
    assert isinstance(parse_statement("not ", DRAFT, TERMS), Fault)
    assert isinstance(parse_statement("GUARANTEE", DRAFT, TERMS), Fault)
