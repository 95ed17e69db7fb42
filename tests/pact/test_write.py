"""A pact written out reads back as the same pact."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import pytest

from foedus.pact.clauses import Source
from foedus.pact.reading.text import parse_pact, read_pact
from foedus.pact.reading.write import to_toml
from random_pacts import hub_pact, random_pact

HERE = Path(__file__).parents[1]
FILES = sorted(
    [
        HERE / "good_pact.toml",
        HERE / "good_draft.toml",
        *(path for path in (HERE.parent / "pacts").rglob("*.toml") if "\n[[party]]" in path.read_text()),
    ]
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_pact_of_the_repository_reads_back_from_its_canonical_text(path: Path) -> None:
    pact = msgspec.structs.replace(read_pact(path), based_on=None)
    text = to_toml(pact)
    again = parse_pact(text, file="again.toml")
    assert again == pact
    assert again.digest == pact.digest
    assert to_toml(again) == text


@pytest.mark.parametrize("seed", range(100))
def test_random_pacts_read_back(seed: int) -> None:
    pact = (hub_pact if seed % 2 else random_pact)(Random(seed))
    assert parse_pact(to_toml(pact), file="again.toml") == pact


def test_a_clause_begins_with_id_kind_and_text() -> None:
    blocks = to_toml(read_pact(HERE / "good_draft.toml")).split("[[clause]]\n")[1:]
    assert len(blocks) == 23
    for block in blocks:
        keys = [line.partition(" = ")[0] for line in block.split("\n")[:5]]
        assert keys == ["id", "kind", "text", "cite", "basis"]


@pytest.mark.parametrize(
    "says",
    [
        'a "quote", a \\ backslash, a \' and \\u0041',
        "lines\nand\r\nreturns\tand tabs",
        "control \x00 \x1f \x7f \x85 \u2028 \ufeff",
        "Türkiye, Ελλάς, 日本, 🕊",
        "[[clause]] # no comment = 1",
        '"""',
    ],
)
def test_any_sentence_reads_back(says: str) -> None:
    pact = msgspec.structs.replace(
        read_pact(HERE / "good_pact.toml"), title=says, source=(Source(key="K", says=says),)
    )
    assert parse_pact(to_toml(pact), file="x") == pact


@pytest.mark.parametrize("number", [0.1, 1e-7, 12345678.125, 31_622_400.0, 5e-324])
def test_any_number_reads_back(number: float) -> None:
    pact = msgspec.structs.replace(read_pact(HERE / "good_pact.toml"), words={"soon": number})
    assert parse_pact(to_toml(pact), file="x").words == {"soon": number}


def test_an_instant_reads_back_to_the_microsecond() -> None:
    moment = datetime(999, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    pact = read_pact(HERE / "good_pact.toml")
    party = msgspec.structs.replace(pact.party[0], since=moment)
    pact = msgspec.structs.replace(pact, party=(party, *pact.party[1:]))
    assert parse_pact(to_toml(pact), file="x").party[0].since == moment


def test_a_float_without_fraction_is_written_short() -> None:
    pact = read_pact(HERE / "good_pact.toml")
    zone = msgspec.structs.replace(pact.zone[0], floor_m=-5000.0, ceiling_m=1e300)
    text = to_toml(msgspec.structs.replace(pact, zone=(zone, *pact.zone[1:])))
    assert "floor_m = -5000\nceiling_m = 1e+300\n" in text
    assert parse_pact(text, file="x").zone[0] == zone
