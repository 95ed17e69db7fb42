"""Cases are kept with the pacts and hold; what a case file says wrongly is told with its place."""

from pathlib import Path

import pytest
from pact_parts import COMMON, assist, casus, pact, share

from foedus.cli.pact_test import case_files, run_file
from foedus.errors import DocumentError
from foedus.pact.asking.cases import Outcome, parse_cases, paths_of, run_cases
from foedus.pact.clauses import Remedy

PACTS = Path(__file__).parents[2] / "pacts"
FILES = sorted(PACTS.glob("**/cases/*.toml"))
TEXT = pact(casus(by=("XX", "CC")), assist(by="BB"), share())

HEAD = 'pact = "../tests.toml"\n'
CASE = """
[[case]]
name = "A case"
situation = { at = 2025-09-09, event = "attack", attacker = "XX", victim = "AA" }
expect = ["BB assists AA"]
"""


def run(text: str) -> tuple[Outcome, ...]:
    return run_cases(parse_cases(text, file="cases.toml"), [TEXT], file="cases.toml", text=text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_the_pacts_say_what_their_cases_expect(path: Path) -> None:
    outcomes = run_file(path)
    assert outcomes
    assert [(one.case, one.expect, one.why, one.grounds) for one in outcomes if not one.passed] == []


def test_every_pact_has_cases() -> None:
    tried = {
        (path.parent / name).resolve()
        for path in FILES
        for name in paths_of(parse_cases(path.read_text("utf-8"), file=str(path)))
    }
    pacts = {
        path.resolve()  # drafts under negotiation have open brackets; what they become is asked there
        for path in PACTS.glob("**/*.toml")
        if path.parent.name not in ("cases", "negotiations")
    }
    assert pacts - tried == set()


def test_a_case_that_holds_passes_and_names_what_decides() -> None:
    (one,) = run(HEAD + CASE)
    assert (one.passed, one.found, one.clauses, one.why) == (True, "yes", ("A1", "C1"), "")


FOLLOWING = """
[[case]]
name = "A case"
situation = { at = 2025-09-09, event = "attack", attacker = "XX", victim = "AA", elapsed_s = 61 }
expect = ["BB assists AA"]
follows = ["M1"]
"""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("", "", ""),
        ("elapsed_s = 61", "elapsed_s = 60", "expected: M1; found: none"),
        ('follows = ["M1"]', "follows = []", "expected: none; found: M1"),
    ],
)
def test_a_case_says_which_remedies_a_violation_has_opened(old: str, new: str, why: str) -> None:
    amends = Remedy(id="M1", on=("A1",), then="account", by="BB", to="attacked", within_s=60.0, **COMMON)
    text = pact(casus(by=("XX",)), assist(by="BB", within_s=60.0), amends)
    cases = HEAD + FOLLOWING.replace(old, new)
    found = run_cases(parse_cases(cases, file="cases.toml"), [text], file="cases.toml", text=cases)
    assert [(one.expect, one.passed) for one in found[:1]] == [("BB assists AA", True)]
    assert (found[1].passed, found[1].why) == (not why, why)
    assert len(found) == 2


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("BB assists", "CC assists", "expected: it is so; found: it is not so"),
        ("BB assists", "BB does not assist", "expected: it is not so; found: it is so"),
        ('"XX"', '"unattributed"', "expected: it is so; found: it is undetermined"),
        (
            "BB assists",
            "it is undetermined whether BB assists",
            "expected: it is undetermined; found: it is so",
        ),
    ],
)
def test_a_case_that_does_not_hold_says_what_was_found(old: str, new: str, why: str) -> None:
    (one,) = run(HEAD + CASE.replace(old, new))
    assert (one.passed, one.why) == (False, why)


@pytest.mark.parametrize(
    ("attacker", "said", "because", "passed"),
    [
        ("IL", "BB does not assist AA", "C1.by", True),
        ("IL", "BB does not assist AA", "C1", True),
        ("IL", "BB does not assist AA", "C1.object", False),
        ("IL", "BB does not assist AA", "C", False),
        ("XX", "BB assists AA", "A1", True),
        ("XX", "BB assists AA", "S1", False),
        ("unattributed", "it is undetermined whether BB assists AA", "C1.by", True),
    ],
)
def test_an_answer_has_to_rest_on_what_the_case_names(
    attacker: str, said: str, because: str, passed: bool
) -> None:
    text = (
        HEAD
        + CASE.replace('"XX"', f'"{attacker}"').replace("BB assists AA", said)
        + f'because = "{because}"\n'
    )
    (one,) = run(text)
    assert one.passed is passed
    assert passed or one.why == f"it does not rest on {because}"


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "found", "expected"),
    [
        (HEAD, "", 0, "", "neither pact nor pacts", "pact ="),
        ("BB assists AA", "BB asists AA", 6, "case[1].expect[1]", "'asists'", "did you mean assists?"),
        ("BB assists AA", "BQ assists AA", 6, "case[1].expect[1]", "'BQ'", "AA"),
        (
            "BB assists AA",
            "BB assists AA of any attack",
            6,
            "case[1].expect[1]",
            "'BB assists AA of any attack'",
            "the situation says what it is about",
        ),
        ('victim = "AA"', 'victim = "AQQ"', 5, "case[1].situation.victim", "'AQQ'", "one of AA, BB"),
        ('event = "attack"', 'event = "atack"', 5, "case[1].situation.event", "'atack'", "attack"),
        ('expect = ["BB assists AA"]', "expect = []", 6, "case[1].expect", "an array of 0", "at least 1"),
        ("name =", "nam =", 4, "case[1].nam", "unknown key 'nam'", "did you mean name?"),
    ],
)
def test_a_mistake_in_a_case_file_is_told_with_its_place(
    old: str, new: str, line: int, path: str, found: str, expected: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        run((HEAD + CASE).replace(old, new))
    assert (caught.value.line, caught.value.path) == (line, path)
    assert found in caught.value.found
    assert expected in caught.value.expected


def test_the_cases_of_a_pact_are_those_that_name_it() -> None:
    (alpine,) = case_files(PACTS / "alpine.toml")
    assert alpine == PACTS / "cases" / "alpine.toml"
    assert case_files(alpine) == (alpine,)
    rsc = case_files(PACTS / "library" / "rsc.toml")
    assert {path.name for path in rsc} >= {"rsc.toml", "doha-together.toml"}
    assert set(case_files(PACTS)) == set(FILES)
