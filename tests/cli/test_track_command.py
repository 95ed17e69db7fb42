"""`foedus track` on small recordings made here."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from foedus.cli.track import track
from foedus.errors import FeedError
from foedus.feeds.plots_block import encode_plots
from foedus.geo import MEAN_RADIUS_M
from foedus.model import SECOND_NS, Plots

START_NS = 1_533_099_600 * SECOND_NS


def _recording(folder: Path) -> Path:
    """Two flights of one minute, one with an address, and one plot of that address that cannot be."""
    plots = Plots.empty(25)
    flight = np.arange(24) % 2
    turn = np.arange(24) // 2
    plots.time_ns[:24] = START_NS + turn * 5 * SECOND_NS
    plots.kind[:] = 1
    plots.lat_rad[:24] = np.radians(46.0 + 0.5 * flight)
    plots.lon_rad[:24] = np.radians(8.0) + turn * 1_000.0 / MEAN_RADIUS_M
    plots.height_m[:24] = 9_000.0
    plots.icao24[:24] = np.where(flight == 1, 0x4B1234, -1)
    plots.time_ns[24] = START_NS + 22 * SECOND_NS
    plots.lat_rad[24] = np.radians(49.0)
    plots.lon_rad[24] = np.radians(8.0)
    plots.height_m[24] = 9_000.0
    plots.icao24[24] = 0x4B1234
    path = folder / "flights.plots"
    path.write_bytes(encode_plots(plots))
    return path


def test_json_says_what_became_of_every_plot(tmp_path: Path) -> None:
    result = CliRunner().invoke(track, [str(_recording(tmp_path)), "--json"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.output)
    assert said["plots"] == 25
    assert said["tracks_started"] == 2
    assert said["tracks_confirmed"] == 2
    assert said["refused"] == {"implausible for its address": 1}
    assert said["associated"] == 22
    assert said["longest_s"] == 50.0


def test_the_output_has_one_row_per_track_and_update(tmp_path: Path) -> None:
    output = tmp_path / "tracks.parquet"
    result = CliRunner().invoke(track, [str(_recording(tmp_path)), "-o", str(output)])
    assert result.exit_code == 0, result.output
    assert "tracks confirmed" in result.output
    rows = pq.read_table(output).to_pylist()
    assert len(rows) == 10 + 11
    assert {row["icao24"] for row in rows} == {None, "4b1234"}
    assert {row["status"] for row in rows} == {"CONFIRMED"}
    last = max(rows, key=lambda row: (row["icao24"] or "", row["time_ns"]))
    assert last["lat_deg"] == pytest.approx(46.5, abs=1e-3)
    assert last["mode_a"] is None


def test_a_file_that_is_no_recording_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "nothing.bin"
    path.write_bytes(b"")
    result = CliRunner().invoke(track, [str(path)])
    assert isinstance(result.exception, FeedError)
    assert "nothing.bin" in str(result.exception)


def test_a_wrong_output_name_is_a_usage_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(track, [str(_recording(tmp_path)), "-o", "tracks.csv"])
    assert result.exit_code == 2
    assert ".parquet" in result.output
