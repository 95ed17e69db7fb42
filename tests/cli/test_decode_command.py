"""Claims about `foedus decode`: output, exit codes, output file."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from foedus.cli.decode import decode
from foedus.errors import DocumentError, FoedusError
from foedus.feeds.asterix_encode import encode_034_north, encode_048
from foedus.feeds.recording import load_recording
from foedus.model import DAY_NS, Plots

DAY = 18_537 * DAY_NS  # 2020-10-02


def recording(path: Path) -> str:
    plots = Plots.empty(3)._replace(
        time_ns=DAY + np.arange(3) * 1_000_000_000, range_m=np.full(3, 1e4), azimuth_rad=np.full(3, 0.5)
    )
    file = path / "radar.ast"
    file.write_bytes(encode_034_north(DAY, 20, 129) + encode_048(plots, 20, 129) + b"\x30\x00\x20\xf0")
    return str(file)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(decode, arguments)


def test_records_of_each_kind_are_counted_and_refusals_are_no_failure(tmp_path: Path) -> None:
    result = run(recording(tmp_path), "--start", "2020-10-02", "--json")
    assert result.exit_code == 0
    summary = json.loads(result.output)
    assert summary["accepted"] == {"034 north marker": 1, "048 target report": 3}
    assert summary["refused"] == {"truncated at end of stream": 1}
    assert (summary["first_ns"], summary["last_ns"]) == (DAY, DAY + 2_000_000_000)
    assert summary["sensors_made_up"] is True


def test_people_get_a_table_and_are_told_once_of_made_up_sites(tmp_path: Path) -> None:
    result = run(recording(tmp_path))
    assert result.exit_code == 0
    assert "048 target report" in result.output
    assert "refused: truncated at end of stream" in result.output
    assert result.output.count("made up") == 1


def test_plots_are_written_and_read_back(tmp_path: Path) -> None:
    output = str(tmp_path / "plots.parquet")
    assert run(recording(tmp_path), "--start", "2020-10-02", "-o", output).exit_code == 0
    assert load_recording(output).plots.time_ns.tolist() == [DAY, DAY + 10**9, DAY + 2 * 10**9]


def test_the_first_records_are_shown_as_json_lines(tmp_path: Path) -> None:
    result = run(recording(tmp_path), "--items", "2")
    north, target = [json.loads(line) for line in result.output.splitlines()]
    assert (north["category"], target["category"]) == (34, 48)
    assert target["items"]["010"]["fields"] == [
        {"name": "SAC", "raw": 20, "value": 20},
        {"name": "SIC", "raw": 129, "value": 129},
    ]


def test_a_file_of_which_nothing_is_accepted_exits_with_1(tmp_path: Path) -> None:
    file = tmp_path / "noise.ast"
    file.write_bytes(b"\x30\x00\x08\xf0\x14\x81\x00\x01")
    result = run(str(file))
    assert result.exit_code == 1
    assert "refused: 048 item 140 runs past the end of its block" in result.output


@pytest.mark.parametrize(
    "arguments", [[], ["x", "--format", "q"], ["x", "-o", "y.txt"], ["x", "--start", "noon"]]
)
def test_a_wrong_call_exits_with_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_bad_file_is_one_sentence(tmp_path: Path) -> None:
    result = run(str(tmp_path / "none"))
    assert isinstance(result.exception, FoedusError)
    assert "No such file" in str(result.exception)


def test_a_bad_sensor_file_is_named(tmp_path: Path) -> None:
    sensors = tmp_path / "sensors.toml"
    sensors.write_text("[[sensor]]\nid = 5\n")
    result = run(recording(tmp_path), "--sensors", str(sensors))
    assert isinstance(result.exception, DocumentError)
    assert "sensors.toml" in str(result.exception)
