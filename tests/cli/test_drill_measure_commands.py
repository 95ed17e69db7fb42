"""`foedus drill measure` and `foedus drill improve` at the command line; runs are handed in."""

import msgspec
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from tests.drill.tiny_drill import ROOT, tiny

from foedus.cli.main import cli

SMALL = ROOT / "drills" / "small.toml"


def call(*words):
    result = CliRunner().invoke(cli, ["drill", *map(str, words)])
    return result, result.stdout


@pytest.fixture
def handed(monkeypatch):
    """Every play of a drill gives the same run."""
    run = tiny("open")
    monkeypatch.setattr("foedus.drill.simulation.play", lambda *_, **__: run)
    return run


def test_measure_gives_every_measure_as_json_and_as_parquet(handed, tmp_path):
    words = ("measure", SMALL, "--pact", "small-casus", "--seeds", 2, "--also", "failures")
    result, out = call(*words, "--parquet", tmp_path / "t", "--json")
    assert result.exit_code == 0, result.output
    answer = msgspec.json.decode(out)
    assert answer["seeds"] == [1, 2]
    assert answer["minutes"][0]["shown"]["seeds"] == 2
    assert answer["pact_digest"] == handed.pact_digest
    table = pq.read_table(tmp_path / "t" / "balances.parquet")
    assert table.column("member").to_pylist() == [one["member"] for one in answer["balances"]]
    assert (tmp_path / "t" / "failures.parquet").is_file()
    assert not (tmp_path / "t" / "pictures.parquet").exists()


def test_measure_prints_tables_for_people(handed):
    result, out = call("measure", SMALL, "--pact", "small-open")
    assert result.exit_code == 0, result.output
    assert "EXERCISE" in out
    for word in ("minutes before arrival", "duties to warn", "given and received", "met 1"):
        assert word in out


def test_measure_refuses_a_capital_an_attacker_and_a_time_that_the_drill_has_not():
    for words, found in (
        (("--orientation", "SUDX"), "SUDX"),
        (("--orientation", "SUD", "--attacker", "SUD"), "SUD"),
        (("--every", "2"), "2"),
    ):
        result, _ = call("measure", SMALL, "--pact", "small-open", *words)
        assert result.exit_code == 1
        assert found in str(result.exception)


def test_improve_prints_the_front_and_how_far_the_search_went(handed):
    result, out = call("improve", SMALL, "--pact", "small-casus", "--tries", 1)
    assert result.exit_code == 0, result.output
    assert "As the text stands SUD has" in out
    assert "it is no advice" in out
    assert "1 played" in out
    _, as_json = call("improve", SMALL, "--pact", "small-casus", "--tries", 1, "--json")
    assert msgspec.json.decode(as_json)["base"]["terms"] == []
    assert handed.seed == 1


def test_improve_refuses_a_member_and_an_event_that_do_not_belong_together():
    gulf = ROOT / "drills" / "gulf.toml"
    for words in (("--for", "QX"), ("--event", "DOH"), ("--for", "SA", "--event", "DOH")):
        result, _ = call("improve", gulf, "--pact", "rsc", *words)
        assert result.exit_code == 1, words
