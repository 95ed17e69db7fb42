"""Documents of claims: the closed schema, and one broken document for each mistake that a person can make."""

from pathlib import Path

import pytest

from foedus.errors import DocumentError
from foedus.pact.incidents.claim_document import parse_claims

FOLDER = Path(__file__).parents[2] / "incidents" / "claims"

GOOD = """\
foedus = 1
title = "tests"
[[claim]]
id = "K1"
claimant = "QA"
against = "US"
clause = "W1"
asked = "violated"
incident = "i.toml"
pact = "p.toml"
"""
ON_A_LEDGER = GOOD.replace('incident = "i.toml"\npact = "p.toml"\n', 'ledger = "l.jsonl"\n')


def test_the_documents_of_the_repository_read() -> None:
    files = sorted(FOLDER.glob("*.toml"))
    assert len(files) == 2
    found = [parse_claims(file.read_text("utf-8"), file=str(file)) for file in files]
    assert [[one.id for one in file.claims] for file in found] == [["K2", "K3", "K4", "K5"], ["K1"]]


def test_several_claims_stand_in_one_document() -> None:
    second = GOOD[GOOD.index("[[claim]]") :].replace("K1", "K2")
    assert [one.id for one in parse_claims(GOOD + second, file="f").claims] == ["K1", "K2"]


@pytest.mark.parametrize(
    ("text", "line", "path", "words"),
    [
        (GOOD.replace("claimant", "claiment"), 5, "claim[1].claiment", "unknown key"),
        (GOOD.replace('"violated"', '"guilty"'), 8, "claim[1].asked", "'guilty'"),
        (GOOD + GOOD[GOOD.index("[[claim]]") :], 12, "claim[2].id", "K1 again"),
        (GOOD.replace('pact = "p.toml"\n', ""), 3, "claim[1]", "no key 'pact'"),
        (GOOD.replace("incident", "#incident"), 3, "claim[1]", "neither incident nor ledger"),
        (GOOD + 'ledger = "l"\n', 3, "claim[1]", "incident and ledger"),
        (GOOD + "entries = [1]\n", 11, "claim[1].entries", "a claim that rests on an incident"),
        (GOOD + "at = 2025-09-09\n", 11, "claim[1].at", "a claim that rests on an incident"),
        (ON_A_LEDGER + 'known = ["a"]\n', 10, "claim[1].known", "a claim that rests on a ledger"),
        (ON_A_LEDGER + "as_if = 2025-09-09\n", 10, "claim[1].as_if", "a claim that rests on a ledger"),
        (ON_A_LEDGER + 'add_clause = ["c"]\n', 10, "claim[1].add_clause", "no key 'pact'"),
        (ON_A_LEDGER + "at = 2025-09-09T10:00:00\n", 10, "claim[1].at", "an offset from UTC"),
        (GOOD[: GOOD.index("[[claim]]")] + "claim = []\n", 3, "claim", "claim"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_place(text: str, line: int, path: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_claims(text, file="f.toml")
    assert (caught.value.line, caught.value.path) == (line, path)
    assert words in str(caught.value)
