"""Claims about `foedus drill sweep`: what it writes, what it prints, and that it goes on where it stopped."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from foedus.cli.main import cli
from foedus.drill import sweep, sweep_rows

ROOT = Path(__file__).parents[2]
SMALL = str(ROOT / "drills" / "small.toml")
PACT = str(ROOT / "drills" / "pacts" / "small-open.toml")

MINUTES = (None, 2.0, 4.0, -1.0, 6.0)
"""By seed; the runs are stand-ins here, tests/drill plays real ones."""


def stand_in(work, job):
    values = dict.fromkeys(sweep_rows.SCHEMA.names, "")
    values |= {"pact": job.pact, "seed": job.seed, "event": "E1", "member": "SUD", "false_warnings": 0}
    minutes = MINUTES[job.seed % 5]
    values |= {"known_min": minutes, "shown_min": minutes, "acknowledged_min": None}
    return pa.RecordBatch.from_pylist([values], schema=sweep_rows.SCHEMA)


class Here:
    def __init__(self, workers):
        pass

    def work(self, function, tasks):
        return ((task.number, function(task)) for task in tasks)


@pytest.fixture
def swept(monkeypatch, tmp_path):
    monkeypatch.setattr(sweep_rows.DrillWork, "__call__", stand_in)
    monkeypatch.setattr(sweep, "Processes", Here)

    def run(*more, folder="s"):
        arguments = ["drill", "sweep", SMALL, "--pact", PACT, "-o", str(tmp_path / folder), *more]
        return CliRunner().invoke(cli, arguments)

    return run


def test_the_summary_counts_a_run_without_a_warning_and_one_that_came_too_late(swept):
    done = swept("--runs", "20", "--seed", "0", "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["runs"] == 20
    line = answer["lines"][0]
    assert (line["event"], line["member"], line["runs"], line["warned"]) == ("E1", "SUD", 20, 12)
    assert (line["shown_min_p10"], line["shown_min_median"], line["shown_min_p90"]) == (None, 2.0, 6.0)


def test_people_read_that_it_is_an_exercise(swept):
    done = swept("--runs", "5")
    assert done.exit_code == 0, done.output
    assert "EXERCISE" in done.stdout
    assert "3 of 5" in done.stdout


def test_another_sweep_in_the_same_folder_is_refused_in_words(swept):
    assert swept("--runs", "5").exit_code == 0
    again = swept("--runs", "6")
    assert again.exit_code == 1
    assert "the header of another sweep" in str(again.exception)


def test_a_pact_that_there_is_not_is_named(swept):
    done = swept("--pact", "us-mars")
    assert done.exit_code != 0
    assert "us-mars" in str(done.exception)
