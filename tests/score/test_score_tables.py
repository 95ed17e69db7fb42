"""Truth and tracks as tables: what is read, what is left out and counted, what is an error."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from score_scenes import table, track_row, truth_row

from foedus.errors import FeedError, LimitError
from foedus.score import tables as tables_module
from foedus.score.tables import load_table, read_table, truth_from_table, updates_from_table


def refused_truth(**bad: Any) -> dict[str, int]:
    rows = [truth_row(0.0, "A", 46.0, 8.0), truth_row(5.0, "A", 46.0, 8.0) | bad]
    truth = truth_from_table(table(rows))
    assert len(truth.time_ns) == 1
    return dict(truth.refused)


def refused_track(**bad: Any) -> dict[str, int]:
    rows = [track_row(0.0, 1, 46.0, 8.0), track_row(5.0, 1, 46.0, 8.0) | bad]
    updates = updates_from_table(table(rows))
    assert len(updates.time_ns) == 1
    return dict(updates.refused)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"time_ns": None}, "time_ns unknown"),
        ({"target": None}, "target unknown"),
        ({"lat_deg": None}, "lat_deg unknown"),
        ({"lat_deg": np.nan}, "lat_deg unknown"),
        ({"lat_deg": 90.1}, "lat_deg outside -90 to 90"),
        ({"lon_deg": 181.0}, "lon_deg outside -180 to 180"),
        ({"lon_deg": np.inf}, "lon_deg outside -180 to 180"),
        ({"height_m": 1e9}, "height_m outside -1,000 to 2,000,000"),
        ({"velocity_up_m_s": -np.inf}, "velocity_up_m_s outside -20,000 to 20,000"),
        ({"time_ns": 0}, "second row for the same time"),
    ],
)
def test_a_row_of_truth_that_cannot_be_is_left_out_and_counted(bad: dict[str, Any], reason: str) -> None:
    row = 1 if reason.startswith("second row") else 2
    assert refused_truth(**bad) == {f"{reason} (first in row {row})": 1}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"number": None}, "number unknown"),
        ({"status": "TENTATIVE"}, "status neither CONFIRMED nor COASTING"),
        ({"status": None}, "status neither CONFIRMED nor COASTING"),
        ({"velocity_east_m_s": None}, "velocity_east_m_s unknown"),
        ({"velocity_north_m_s": 1e5}, "velocity_north_m_s outside -20,000 to 20,000"),
    ],
)
def test_a_row_of_tracks_that_cannot_be_is_left_out_and_counted(bad: dict[str, Any], reason: str) -> None:
    assert refused_track(**bad) == {f"{reason} (first in row 2)": 1}


def test_of_two_rows_for_one_time_the_last_in_the_file_stays() -> None:
    rows = [track_row(5.0, 1, 46.0, 8.0), track_row(5.0, 1, 47.0, 8.0)]
    assert np.degrees(updates_from_table(table(rows)).place[:, 0]).tolist() == [47.0]


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = [truth_row(t, name, 46.0 + t / 100.0, 8.0) for name in ("B", "A") for t in (0.0, 5.0, 10.0)]
    one, other = truth_from_table(table(rows)), truth_from_table(table(rows[::-1]))
    assert one.names == other.names == ("A", "B")
    for a, b in zip(one[1:7], other[1:7], strict=True):
        np.testing.assert_array_equal(a, b)


def test_unknown_height_and_missing_velocities_are_unknown() -> None:
    rows = [truth_row(t, "A", 46.0, 8.0, height_m=None) for t in (0.0, 5.0)]
    rows = [{key: value for key, value in row.items() if "velocity" not in key} for row in rows]
    truth = truth_from_table(table(rows))
    assert np.isnan(truth.place[:, 2]).all()
    assert np.isnan(truth.velocity_m_s).all()
    assert not truth.straight_known


def test_files_without_a_needed_column_are_errors_that_name_both() -> None:
    whole = table([truth_row(0.0, "A", 46.0, 8.0)])
    with pytest.raises(FeedError, match=r"t\.csv: found columns .*; expected columns time_ns, target"):
        truth_from_table(whole.drop_columns(["target"]), "t.csv")
    with pytest.raises(FeedError, match="expected columns time_ns, number"):
        updates_from_table(whole, "t.csv")
    with pytest.raises(FeedError, match="each once"):
        truth_from_table(pa.table([[1], [1]], names=["time_ns", "time_ns"]))


def test_a_column_of_the_wrong_kind_is_an_error_that_names_it() -> None:
    rows = [truth_row(0.0, "A", 46.0, 8.0) | {"lat_deg": "north"}]
    with pytest.raises(FeedError, match=r"t\.csv: column lat_deg: found .*; expected double"):
        truth_from_table(table(rows), "t.csv")


def test_truth_without_a_usable_row_is_an_error_that_says_why() -> None:
    rows = [truth_row(0.0, "A", 91.0, 8.0)]
    with pytest.raises(FeedError, match="lat_deg outside"):
        truth_from_table(table(rows))
    with pytest.raises(FeedError, match="no rows"):
        truth_from_table(table([truth_row(0.0, "A", 46.0, 8.0)]).slice(0, 0))


def test_tracks_without_a_row_are_an_empty_picture() -> None:
    updates = updates_from_table(table([track_row(0.0, 1, 46.0, 8.0)]).slice(0, 0))
    assert len(updates.numbers) == 0
    assert updates.starts.tolist() == [0]


def test_a_covariance_of_the_wrong_length_is_an_error_and_none_is_unknown() -> None:
    rows = [track_row(0.0, 1, 46.0, 8.0, covariance=[1.0] * 20)]
    with pytest.raises(FeedError, match="found 20 numbers in row 1; expected 21 numbers or none"):
        updates_from_table(table(rows))
    rows = [
        track_row(0.0, 1, 46.0, 8.0, covariance=None),
        track_row(5.0, 1, 46.0, 8.0, covariance=list(range(21))),
    ]
    covariance = updates_from_table(table(rows)).covariance
    assert np.isnan(covariance[0]).all()
    assert covariance[1].tolist() == list(range(21))


def test_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    rows = [
        track_row(t, n, 46.0 + t, 8.0, covariance=[0.5 * n + k for k in range(21)])
        for n in (1, 2)
        for t in (0.0, 5.0)
    ]
    whole = table(rows)
    pa.parquet.write_table(whole, tmp_path / "tracks.parquet")
    texts = [" ".join(map(str, one)) for one in whole["covariance"].to_pylist()]
    flat = whole.drop_columns(["covariance"]).append_column("covariance", pa.array(texts))
    sink = io.BytesIO()
    pa.csv.write_csv(flat, sink)
    (tmp_path / "tracks.csv").write_bytes(sink.getvalue())
    one, other = (
        updates_from_table(load_table(str(tmp_path / f"tracks.{kind}"))) for kind in ("parquet", "csv")
    )
    for a, b in zip(one[:-1], other[:-1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_target_named_by_digits_is_a_name() -> None:
    data = b"time_ns,target,lat_deg,lon_deg\n0,007,46.0,8.0\n"
    assert truth_from_table(read_table(data, "t.csv")).names == ("007",)


def test_what_is_no_table_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"gone\.parquet: found No such file"):
        load_table(str(tmp_path / "gone.parquet"))
    with pytest.raises(FeedError, match=r"t: found .*; expected a Parquet or CSV file"):
        read_table(b"PAR1 and nothing else", "t")
    with pytest.raises(FeedError, match="expected a Parquet or CSV file"):
        read_table(b"", "t")


def test_more_targets_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_module, "SCORE_TARGETS_MAX", 1)
    rows = [truth_row(0.0, name, 46.0, 8.0) for name in "AB"]
    with pytest.raises(LimitError, match="SCORE_TARGETS_MAX"):
        truth_from_table(table(rows))
