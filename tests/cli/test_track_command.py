"""`foedus track` on small recordings made here."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from foedus.cli import track_rows
from foedus.cli.score import score
from foedus.cli.track import _sensor_json, track
from foedus.errors import DocumentError, FeedError, SetupError
from foedus.feeds.asterix_encode import encode_048
from foedus.feeds.plots_block import encode_plots
from foedus.feeds.tabular import encode_table
from foedus.geo import MEAN_RADIUS_M
from foedus.model import SECOND_NS, PlotKind, Plots, Sensor, SensorKind
from foedus.track.tracker import SensorHealth

ROOT = Path(__file__).parents[2]
START_NS = 1_533_099_600 * SECOND_NS
START = "2018-08-01"
FAR_OFF = 24
RADAR = Sensor(
    id="TAR", kind=SensorKind.RADAR, lat_deg=46.0, lon_deg=8.0, height_m=500.0, period_s=4.0,
    range_max_m=200_000.0, sac=20, sic=129,
)  # fmt: skip
RADAR_FILE = """
[[sensor]]
id = "TAR"
kind = "radar"
lat_deg = 46.0
lon_deg = 8.0
height_m = 500.0
period_s = 4.0
range_min_m = 500.0
range_max_m = 200000.0
elevation_min_deg = -0.5
elevation_max_deg = 40.0
azimuth_from_deg = 300.0
azimuth_to_deg = 120.0
range_rate_sigma_m_s = 3.0
sac = 20
sic = 129
"""
POSITION = ("8D40621D58C382D690C8AC2863A7", "8D40621D58C386435CC412692AD6")
"""An even and an odd position of one address, Junzi Sun, The 1090 Megahertz Riddle (2021), 5.3."""


def flights() -> Plots:
    """Two flights of one minute, one with an address, and one plot of that address that cannot be."""
    plots = Plots.empty(25)
    flight = np.arange(24) % 2
    turn = np.arange(24) // 2
    plots.time_ns[:24] = START_NS + turn * 5 * SECOND_NS
    plots.kind[:] = PlotKind.GEODETIC
    plots.lat_rad[:24] = np.radians(46.0 + 0.5 * flight)
    plots.lon_rad[:24] = np.radians(8.0) + turn * 1_000.0 / MEAN_RADIUS_M
    plots.height_m[:] = 9_000.0
    plots.icao24[:24] = np.where(flight == 1, 0x4B1234, -1)
    plots.time_ns[FAR_OFF] = START_NS + 22 * SECOND_NS
    plots.lat_rad[FAR_OFF] = np.radians(49.0)
    plots.lon_rad[FAR_OFF] = np.radians(8.0)
    plots.icao24[FAR_OFF] = 0x4B1234
    return plots


def looks() -> Plots:
    """One flight past the radar, twelve turns, with pressure altitude and address."""
    turn = np.arange(12)
    return Plots.empty(12)._replace(
        time_ns=START_NS + turn * 4 * SECOND_NS,
        range_m=60_000.0 + turn * 800.0,
        azimuth_rad=np.full(12, 1.0),
        baro_m=np.full(12, 9_144.0),
        icao24=np.full(12, 0x4B1234, np.int32),
    )


def write_flights(folder: Path) -> str:
    path = folder / "flights.plots"
    path.write_bytes(encode_plots(flights()))
    return str(path)


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(track, list(arguments))
    assert result.exit_code == 0, result.output
    return result


def rows_of(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    output = folder / "tracks.parquet"
    run(*arguments, "-o", str(output))
    return list(pq.read_table(output).to_pylist())


def test_json_says_what_became_of_every_plot(tmp_path: Path) -> None:
    said = json.loads(run(write_flights(tmp_path), "--json").stdout)
    assert said["plots"] == 25
    assert said["tracks_started"] == 3
    assert said["tracks_confirmed"] == 2
    assert said["refused"] == {}
    assert said["associated"] == 22
    assert said["longest_s"] == 50.0
    assert said["rewinds"] == 0
    assert [sensor["id"] for sensor in said["sensors"]] == ["receiver"]
    assert said["sensors"][0]["plots"] == 25


def test_the_output_has_one_row_per_update_of_a_confirmed_track(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, write_flights(tmp_path))
    assert len(rows) == 10 + 11  # three looks until the first is confirmed, two with an address
    assert list(rows[0]) == track_rows.SCHEMA.names
    assert {row["icao24"] for row in rows} == {None, "4b1234"}
    assert {row["status"] for row in rows} == {"CONFIRMED"}
    last = max(rows, key=lambda row: (row["icao24"] or "", row["time_ns"]))
    assert last["lat_deg"] == pytest.approx(46.5, abs=1e-3)
    assert last["height_m"] == pytest.approx(9_000.0, abs=50.0)
    assert last["velocity_east_m_s"] == pytest.approx(200.0 * math.cos(math.radians(46.5)), abs=20.0)
    assert last["mode_a"] is None
    assert last["sensors"] == ["receiver"]
    assert last["doubts"] == []
    assert 0.99 < last["quality"] <= 1.0


def test_a_row_carries_its_covariance_and_its_models(tmp_path: Path) -> None:
    upper = np.triu_indices(6)
    for row in rows_of(tmp_path, write_flights(tmp_path)):
        covariance = np.zeros((6, 6))
        covariance[upper] = row["covariance"]
        covariance[upper[::-1]] = row["covariance"]
        assert np.linalg.eigvalsh(covariance).min() > 0.0
        sigma = np.sqrt(np.diag(covariance))
        assert row["position_sigma_m"] == pytest.approx(math.hypot(sigma[0], sigma[1]) / math.sqrt(2))
        assert row["height_sigma_m"] == pytest.approx(sigma[2])
        assert row["velocity_sigma_m_s"] == pytest.approx(math.hypot(sigma[3], sigma[4]) / math.sqrt(2))
        assert len(row["model_probability"]) == 4
        assert sum(row["model_probability"]) == pytest.approx(1.0)


def test_a_track_that_ends_has_a_last_row_that_says_so(tmp_path: Path) -> None:
    plots = flights()
    plots.time_ns[FAR_OFF] = START_NS + 600 * SECOND_NS
    plots.icao24[FAR_OFF] = 0x4B9999
    path = tmp_path / "flights.plots"
    path.write_bytes(encode_plots(plots))
    rows = rows_of(tmp_path, str(path))
    for number in (1, 2):
        states = [row["status"] for row in rows if row["number"] == number]
        assert states[-1] == "DROPPED"
        assert states.count("DROPPED") == 1
    ended_ns = [row["time_ns"] for row in rows if row["status"] == "DROPPED"]
    assert all(START_NS + 55 * SECOND_NS < end < START_NS + 120 * SECOND_NS for end in ended_ns)
    said = json.loads(run(str(path), "--json").stdout)
    assert (said["tracks_dropped"], said["track_updates"], said["longest_s"]) == (2, 21, 50.0)


def test_a_doubt_is_named_in_the_rows_and_counted_by_track(tmp_path: Path) -> None:
    """The same address in two places for a minute."""
    plots = flights()
    plots.icao24[:24] = 0x4B1234
    plots.lat_rad[:24:2] = np.radians(48.0)
    path = tmp_path / "two.plots"
    path.write_bytes(encode_plots(plots))
    rows = rows_of(tmp_path, str(path))
    assert rows[-1]["doubts"] == ["address in two places"]
    said = json.loads(run(str(path), "--json").stdout)
    assert said["doubts"] == {"address in two places": 2}
    assert "address in two places" in run(str(path)).stdout


def test_height_and_climb_are_null_where_nothing_gives_a_height(tmp_path: Path) -> None:
    plots = looks()._replace(baro_m=np.full(12, np.nan))
    path = tmp_path / "flat.parquet"
    path.write_bytes(encode_table(plots, (RADAR,), "parquet"))
    sensors = tmp_path / "sensors.toml"
    sensors.write_text(RADAR_FILE, "utf-8")
    rows = rows_of(tmp_path, str(path), "--sensors", str(sensors))
    assert len(rows) > 5
    assert {row["height_m"] for row in rows} == {None}
    assert {row["velocity_up_m_s"] for row in rows} == {None}


@pytest.mark.parametrize("step_s", ["0.5", "0.6", "1.3", "60"])
def test_the_length_of_a_step_changes_no_row(tmp_path: Path, step_s: str) -> None:
    """Also where the last step ends before the half second of the last plot does."""
    plots = flights()
    plots.time_ns[:] += SECOND_NS // 10
    path = tmp_path / "flights.plots"
    path.write_bytes(encode_plots(plots))
    rows = rows_of(tmp_path, str(path), "--step", step_s)
    assert len(rows) == 10 + 11
    assert rows == rows_of(tmp_path, str(path))


def test_rows_written_in_small_groups_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_flights(tmp_path)
    whole = rows_of(tmp_path, file)
    monkeypatch.setattr(track_rows, "ROWS_PER_GROUP", 5)
    assert rows_of(tmp_path, file) == whole
    assert pq.ParquetFile(tmp_path / "tracks.parquet").num_row_groups > 2


def test_score_reads_the_output(tmp_path: Path) -> None:
    output = tmp_path / "tracks.parquet"
    run(write_flights(tmp_path), "-o", str(output))
    truth = tmp_path / "truth.csv"
    lines = ["time_ns,target,lat_deg,lon_deg,height_m"]
    for turn in range(12):
        lon_deg = 8.0 + math.degrees(turn * 1_000.0 / MEAN_RADIUS_M)
        lines += [
            f"{START_NS + turn * 5 * SECOND_NS},{name},{lat},{lon_deg:.9f},9000"
            for name, lat in (("A", 46.0), ("B", 46.5))
        ]
    truth.write_text("\n".join(lines), "utf-8")
    result = CliRunner().invoke(score, [str(truth), str(output), "--from", "15", "--json"])
    assert result.exit_code == 0, result.output
    picture = json.loads(result.stdout)["pictures"][0]
    assert picture["siap"]["completeness"] == 1.0
    assert picture["siap"]["spuriousness"] == 0.0
    assert picture["covariances"]["not_positive"] == 0


def recordings() -> dict[str, bytes]:
    """One flight in every format."""
    frames = [bytes.fromhex(POSITION[min(i, 1)]) for i in range(10)]
    beast, avr = bytearray(), bytearray()
    for i, frame in enumerate(frames):
        counter = (24_000_000 * (i + 1)).to_bytes(6, "big")
        beast += b"\x1a3" + (counter + b"\x40" + frame).replace(b"\x1a", b"\x1a\x1a")
        avr += b"@" + counter.hex().encode() + frame.hex().encode() + b";\n"
    return {
        "asterix": encode_048(looks(), 20, 129),
        "beast": bytes(beast),
        "avr": bytes(avr),
        "plots": encode_plots(flights()),
        "csv": encode_table(looks(), (RADAR,), "csv"),
        "parquet": encode_table(looks(), (RADAR,), "parquet"),
    }


@pytest.mark.parametrize("format_", recordings())
def test_every_format_is_tracked(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "recording"
    path.write_bytes(recordings()[format_])
    sensors = tmp_path / "sensors.toml"
    sensors.write_text(RADAR_FILE, "utf-8")
    known = ["--sensors", str(sensors)] if format_ in ("asterix", "csv", "parquet") else []
    output = tmp_path / "tracks.parquet"
    said = json.loads(run(str(path), *known, "--start", START, "-o", str(output), "--json").stdout)
    assert said["format"] == format_
    assert said["tracks_confirmed"] >= 1
    assert pq.read_table(output).num_rows == said["track_updates"] > 0
    assert said["sensors_made_up"] is not bool(known)


def health(**values: Any) -> SensorHealth:
    known: dict[str, Any] = {
        "id": "TAR", "plots": 100, "refused": (("impossible value", 3),), "range_bias_m": 0.0,
        "azimuth_bias_rad": 0.0, "time_bias_s": 0.0, "range_bias_sigma_m": math.nan,
        "azimuth_bias_sigma_rad": math.nan, "time_bias_sigma_s": math.nan, "misfit": 1.0,
        "detection": math.nan, "faults": (),
    }  # fmt: skip
    return SensorHealth(**(known | values))


def test_a_bias_is_given_in_degrees_with_its_sigma() -> None:
    said = _sensor_json(
        health(azimuth_bias_rad=math.radians(0.2), azimuth_bias_sigma_rad=math.radians(0.01)), True
    )
    assert said["azimuth_bias_deg"] == 0.2
    assert said["azimuth_bias_sigma_deg"] == 0.01
    assert said["refused"] == {"impossible value": 3}
    assert said["detection"] is None


def test_a_bias_that_is_not_known_is_null_and_not_zero() -> None:
    said = _sensor_json(health(range_bias_sigma_m=80.0), True)
    assert said["range_bias_m"] is None
    assert said["range_bias_sigma_m"] == 80.0


def test_a_receiver_has_no_bias_of_range_or_azimuth() -> None:
    said = _sensor_json(health(range_bias_sigma_m=1e-9, time_bias_s=0.1, time_bias_sigma_s=0.01), False)
    assert said["range_bias_sigma_m"] is None
    assert said["azimuth_bias_sigma_deg"] is None
    assert (said["time_bias_s"], said["time_bias_sigma_s"]) == (0.1, 0.01)


def test_a_file_that_is_no_recording_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "nothing.bin"
    path.write_bytes(b"")
    result = CliRunner().invoke(track, [str(path)])
    assert isinstance(result.exception, FeedError)
    assert "nothing.bin" in str(result.exception)


@pytest.mark.parametrize(
    ("line", "wrong", "words"),
    [
        (
            "range_min_m = 500.0",
            "range_min_m = 250000.0",
            "sensor[1].range_min_m: found 250000; expected less",
        ),
        ("range_min_m = 500.0", "range_min_m = -1.0", "sensor[1].range_min_m"),
        ("elevation_min_deg = -0.5", "elevation_min_deg = 50.0", "sensor[1].elevation_min_deg: found 50"),
        ("azimuth_from_deg = 300.0", "azimuth_from_deg = 400.0", "sensor[1].azimuth_from_deg"),
        ("azimuth_to_deg = 120.0", "azimuth_too_deg = 120.0", "sensor[1].azimuth_too_deg"),
        ("range_rate_sigma_m_s = 3.0", "range_rate_sigma_m_s = -3.0", "sensor[1].range_rate_sigma_m_s"),
        ("sic = 129", "sic = 129" + RADAR_FILE, "sensor[2].id: found 'TAR' a second time"),
    ],
)
def test_a_mistake_in_the_sensor_file_is_an_error_with_its_place(
    tmp_path: Path, line: str, wrong: str, words: str
) -> None:
    path = tmp_path / "sensors.toml"
    path.write_text(RADAR_FILE.replace(line, wrong), "utf-8")
    result = CliRunner().invoke(track, [write_flights(tmp_path), "--sensors", str(path)])
    assert isinstance(result.exception, DocumentError)
    assert words in str(result.exception)


def test_a_sensor_file_without_sensors_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "sensors.toml"
    path.write_text("sensor = []\n", "utf-8")
    result = CliRunner().invoke(track, [write_flights(tmp_path), "--sensors", str(path)])
    assert isinstance(result.exception, DocumentError)
    assert "at least one" in str(result.exception)


def test_too_many_sensors_are_an_error_at_the_first_that_is_too_much(tmp_path: Path) -> None:
    path = tmp_path / "sensors.toml"
    path.write_text("".join(RADAR_FILE.replace("TAR", f"R{i}") for i in range(63)), "utf-8")
    result = CliRunner().invoke(track, [write_flights(tmp_path), "--sensors", str(path)])
    assert isinstance(result.exception, DocumentError)
    assert "sensor[63]: found sensor 63; expected at most 62" in str(result.exception)


def test_an_output_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    output = str(tmp_path / "missing" / "tracks.parquet")
    result = CliRunner().invoke(track, [write_flights(tmp_path), "-o", output])
    assert isinstance(result.exception, SetupError)
    assert output in str(result.exception)


def test_a_wrong_output_name_is_a_usage_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(track, [write_flights(tmp_path), "-o", "tracks.csv"])
    assert result.exit_code == 2
    assert ".parquet" in result.output


def test_the_recording_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "looks.parquet"
    path.write_bytes(encode_table(looks(), (RADAR,), "parquet"))
    result = CliRunner().invoke(track, [str(path), "-o", f"{tmp_path}/./looks.parquet"])
    assert result.exit_code == 2
    assert pq.read_table(path).num_rows == 12


def test_every_column_of_the_output_is_in_the_manual() -> None:
    page = (ROOT / "docs" / "tracking.md").read_text("utf-8")
    assert [name for name in track_rows.SCHEMA.names if f"`{name}`" not in page] == []


def test_every_field_of_a_sensor_is_in_the_manual() -> None:
    page = (ROOT / "docs" / "feeds.md").read_text("utf-8")
    assert [name for name in Sensor.__struct_fields__ if f"`{name}`" not in page] == []
