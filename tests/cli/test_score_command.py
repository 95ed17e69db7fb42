"""`foedus score` on small files made here."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from foedus.cli.score import score
from foedus.errors import FeedError, SetupError

ROW = {"lat_deg": 46.0, "lon_deg": 8.0, "height_m": 9_000.0}
STILL = {"velocity_east_m_s": 0.0, "velocity_north_m_s": 0.0, "velocity_up_m_s": 0.0}


def files(folder: Path) -> tuple[str, str, str]:
    """One target for a minute; a picture that follows it 111 m off, and one that gives it a second number."""
    times = [5 * k * 1_000_000_000 for k in range(13)]
    truth = [{"time_ns": t, "target": "A", **ROW} for t in times]
    good = [{"time_ns": t, "number": 1, **ROW, "lat_deg": 46.001, **STILL} for t in times]
    poor = [{"time_ns": t, "number": 1 + (t > times[6]), **ROW, **STILL} for t in times]
    poor.append({**poor[0], "number": 9, "lat_deg": 47.0})
    paths = [folder / f"{name}.parquet" for name in ("truth", "good", "poor")]
    for path, rows in zip(paths, (truth, good, poor), strict=True):
        pq.write_table(pa.Table.from_pylist(rows), path)
    return str(paths[0]), str(paths[1]), str(paths[2])


def test_json_has_every_number_of_every_picture(tmp_path: Path) -> None:
    truth, good, poor = files(tmp_path)
    result = CliRunner().invoke(score, [truth, good, poor, "--json", "--keep", "4"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.output)
    first, second = said["pictures"]
    assert first["file"] == good
    assert first["gospa"]["mean_m"] == pytest.approx(111.3, abs=0.2)
    assert first["siap"]["completeness"] == 1.0
    assert (first["switches"], second["switches"]) == (0, 1)
    assert second["worst_switched"][0]["target"] == "A"
    assert second["worst_spurious"][0]["number"] == 9
    assert said["commonality"]["common"] == 1.0


def test_the_table_names_what_to_look_at(tmp_path: Path) -> None:
    truth, _, poor = files(tmp_path)
    result = CliRunner().invoke(score, [truth, poor, "--keep", "4"])
    assert result.exit_code == 0, result.output
    for words in ("GOSPA", "completeness", "target A", ": 1 number switches", "track 9", "47.0000 8.0000"):
        assert words in result.output
    assert "in common" not in result.output


def test_the_output_has_one_row_per_picture_and_evaluation_time(tmp_path: Path) -> None:
    truth, good, poor = files(tmp_path)
    output = tmp_path / "times.parquet"
    result = CliRunner().invoke(score, [truth, good, poor, "-o", str(output), "--every", "10", "--json"])
    assert result.exit_code == 0, result.output
    rows = pq.read_table(output).to_pylist()
    assert [row["file"] for row in rows] == [good] * 7 + [poor] * 7
    assert [row["time_ns"] for row in rows[:2]] == [0, 10_000_000_000]
    assert {row["truths"] for row in rows} == {1}
    assert rows[0]["gospa_m"] == pytest.approx(111.3, abs=0.2)


def test_rows_that_are_left_out_are_named_with_their_file(tmp_path: Path) -> None:
    truth, good, _ = files(tmp_path)
    rows = pq.read_table(good).to_pylist()
    rows[3]["lat_deg"] = 99.0
    pq.write_table(pa.Table.from_pylist(rows), good)
    result = CliRunner().invoke(score, [truth, good])
    assert f"{good}: 1 rows left out: lat_deg outside -90 to 90 (first in row 4)" in result.output


def test_a_file_that_cannot_be_used_is_an_error_that_names_it(tmp_path: Path) -> None:
    truth, good, _ = files(tmp_path)
    for arguments, words in (
        ([str(tmp_path / "gone"), good], "gone: found"),
        ([good, good], "good.parquet: found columns"),
        ([truth, truth], "truth.parquet: found columns"),
        ([truth, good, "--from", "100"], "more than the 100 s"),
    ):
        result = CliRunner().invoke(score, arguments)
        assert isinstance(result.exception, FeedError), result.output
        assert words in str(result.exception)
    result = CliRunner().invoke(score, [truth, good, "-o", str(tmp_path / "no" / "such.parquet")])
    assert isinstance(result.exception, SetupError)


@pytest.mark.parametrize(
    "arguments", [["-o", "times.csv"], ["--cutoff", "1"], ["--every", "0"], ["--keep", "-1"]]
)
def test_wrong_options_are_usage_errors(tmp_path: Path, arguments: list[str]) -> None:
    truth, good, _ = files(tmp_path)
    assert CliRunner().invoke(score, [truth, good, *arguments]).exit_code == 2
