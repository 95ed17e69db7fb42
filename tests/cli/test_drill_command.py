"""`foedus drill`: run, check and script at the command line."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from foedus.cli.drill_files import pact_named
from foedus.cli.main import cli
from foedus.drill.reading import read_drill
from foedus.drill.script import parse_csv
from foedus.errors import InputError

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "drills" / "small.toml"


def call(*words):
    result = CliRunner().invoke(cli, ["drill", *map(str, words)])
    return result, result.stdout


@pytest.fixture
def tiny(tmp_path):
    """The small drill, over before anybody arrives but for the first minutes, with its pacts beside it."""
    text = SMALL.read_text("utf-8").replace("lasts_s = 600.0", "lasts_s = 300.0")
    text = text.replace("after_s = 560.0", "after_s = 240.0")
    (tmp_path / "tiny.toml").write_text(text)
    (tmp_path / "pacts").symlink_to(ROOT / "drills" / "pacts")
    return tmp_path / "tiny.toml"


def test_run_prints_minutes_per_capital_and_the_term_that_cost_the_lost_ones(tiny, tmp_path):
    words = ("run", tiny, "--pact", "small-casus", "--tries", "1", "--journals", tmp_path / "j", "--json")
    result, out = call(*words)
    assert result.exit_code == 0, result.output
    answer = msgspec.json.decode(out)
    rows = {row["pact"]: row for row in answer["rows"]}
    assert (answer["drill"], answer["seeds"]) == ("small", [1])
    assert rows["ideal"]["shown_min"] > rows["small-casus"]["shown_min"] > 0.2
    assert rows["small-casus"]["digest"] != rows["ideal"]["digest"]
    (loss,) = answer["losses"]
    assert [cost["term"] for cost in loss["costs"]] == ["C1.determined_by"]
    assert sorted(path.name for path in (tmp_path / "j" / "small-casus-1").glob("*.journal")) == [
        "HUB.journal", "NOR.journal", "SUD.journal",
    ]  # fmt: skip


def test_check_says_what_pacts_say_of_the_events():
    result, out = call("check", ROOT / "drills" / "gulf.toml", "--pact", "rsc")
    assert result.exit_code == 0, result.output
    assert "rsc: DOH on QA: C1 no: C1.by: IL is not among IR, IR-ALIGNED" in out
    assert "rsc: E19 on SA: C1 undetermined: C1.by: nobody has said who the attacker is" in out
    _, as_json = call("check", ROOT / "drills" / "gulf.toml", "--pact", "rsc", "--json")
    assert [msgspec.json.decode(line)["met"] for line in as_json.splitlines()] == [
        "undetermined",
        "no",
        "yes",
    ]


def test_a_broken_drill_is_exit_1_with_its_line():
    result, _ = call("check", ROOT / "tests" / "bad" / "drill" / "sensor_twice.toml")
    assert result.exit_code == 1
    assert "sensor_twice.toml:21: site[2].sensor.id" in str(result.exception)


def test_script_prints_what_reads_in_again(tmp_path):
    _, out = call("script", SMALL)
    assert parse_csv(out, file="small.csv") == read_drill(SMALL).inject
    (tmp_path / "small.csv").write_text(out)
    _, toml = call("script", tmp_path / "small.csv", "--to", "toml")
    assert toml.count("[[inject]]") == 4
    _, as_json = call("script", SMALL, "--json")
    assert [msgspec.json.decode(line)["number"] for line in as_json.splitlines()] == ["1", "2", "3", "4"]


def test_a_pact_is_found_by_its_name():
    assert pact_named("us-sa-2025+warn", SMALL).version == "2025-11-draft-B"
    assert pact_named("small-open", SMALL).pact == "small-open"
    with pytest.raises(InputError, match=r"found 'rcs'; expected a file, or one of .*did you mean rsc"):
        pact_named("rcs", SMALL)
