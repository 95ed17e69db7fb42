"""Nodes run one text that stands alone: a copy is written out whole, a draft with brackets is refused."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from foedus.cli.main import cli
from foedus.cli.run import load, load_pact
from foedus.errors import InputError
from foedus.pact.reading.inherit import flatten
from foedus.pact.reading.text import parse_pact, read_pact

ROOT = Path(__file__).parents[2]
ALPINE = ROOT / "pacts" / "alpine.toml"
NETWORK = (ROOT / "networks" / "alpine.toml").read_text()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the Alpine pact that says nothing of its own but its head and its parties."""
    text = ALPINE.read_text()
    (tmp_path / "up.toml").write_text(text)
    head = text[: text.index("[[zone]]")]
    first = head.index("[[party]]")
    (tmp_path / "copy.toml").write_text(f'{head[:first]}[based_on]\nfile = "up.toml"\n\n{head[first:]}')
    return tmp_path / "copy.toml"


def test_a_copy_runs_as_a_text_that_stands_alone(copied: Path) -> None:
    pact, text = load_pact(copied)
    assert pact == flatten(read_pact(copied)) == parse_pact(text, file="journal")
    assert pact.clause == read_pact(ALPINE).clause
    assert "based_on" not in text


def test_a_text_that_stands_alone_runs_as_it_is_written() -> None:
    pact, text = load_pact(ALPINE)
    assert text == ALPINE.read_text()
    assert pact == read_pact(ALPINE)


def test_the_journal_keeps_the_text_that_the_nodes_run(copied: Path) -> None:
    network = copied.parent / "network.toml"
    network.write_text(NETWORK.replace('pact = "../pacts/alpine.toml"', 'pact = "copy.toml"'))
    _, pact, texts = load(network)
    assert texts.pact_file == str(copied)
    assert parse_pact(texts.pact_text, file=texts.pact_file).digest == pact.digest


def test_a_draft_with_open_brackets_does_not_run(tmp_path: Path) -> None:
    draft = ROOT / "tests" / "good_draft.toml"
    words = "found a draft with open brackets: G, N; expected one text without them; `foedus pact expand`"
    with pytest.raises(InputError, match=words):
        load_pact(draft)
    network = tmp_path / "network.toml"
    network.write_text(NETWORK.replace('pact = "../pacts/alpine.toml"', f'pact = "{draft}"'))
    result = CliRunner().invoke(cli, ["run", str(network), "--no-console"])
    assert result.exit_code == 1
    assert "open brackets: G, N" in str(result.exception)
