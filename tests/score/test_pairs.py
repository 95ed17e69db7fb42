"""Pairs by the grid against all pairs one by one; distances against PROJ."""

import numpy as np
import pyproj
import pytest

from foedus.errors import LimitError
from foedus.model import F64
from foedus.score import pairs as pairs_module
from foedus.score.pairs import find_pairs


def crowd(random: np.random.Generator, lat_deg: float, lon_deg: float, count: int, size_m: float) -> F64:
    """Places in a square, by PROJ's geodesics from its middle."""
    geod = pyproj.Geod(ellps="WGS84")
    away, azimuth = size_m * np.sqrt(random.random(count)), random.uniform(0.0, 360.0, count)
    lon, lat, _ = geod.fwd(np.full(count, lon_deg), np.full(count, lat_deg), azimuth, away)
    return np.column_stack([np.radians(lat), np.radians(lon), random.uniform(-500.0, 20_000.0, count)])


def one_by_one(truth: F64, track: F64, *, with_height: bool) -> F64:
    """Distances of all pairs (n, m) by PROJ's earth-centred coordinates and a local frame in numpy."""
    to_ecef = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    out = np.zeros((len(truth), len(track)))
    for i, (lat, lon, height) in enumerate(truth):
        level = np.nan_to_num(height)
        here = np.array(to_ecef.transform(np.degrees(lon), np.degrees(lat), level))
        there = to_ecef.transform(
            np.degrees(track[:, 1]), np.degrees(track[:, 0]), np.full(len(track), level)
        )
        apart = np.column_stack(there) - here
        east = apart @ np.array([-np.sin(lon), np.cos(lon), 0.0])
        north = apart @ np.array([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])
        up = np.nan_to_num(track[:, 2] - height) if with_height else 0.0
        out[i] = np.sqrt(east**2 + north**2 + up**2)
    return out


@pytest.mark.parametrize("cutoff_m", [50.0, 1_000.0, 60_000.0])
@pytest.mark.parametrize("with_height", [False, True])
@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(46.0, 8.0), (0.0, 180.0), (-90.0, 0.0), (71.0, -179.9)])
def test_the_grid_finds_all_pairs_and_no_other(
    lat_deg: float, lon_deg: float, with_height: bool, cutoff_m: float
) -> None:
    random = np.random.default_rng(3)
    truth = crowd(random, lat_deg, lon_deg, 120, 8.0 * cutoff_m)
    track = crowd(random, lat_deg, lon_deg, 150, 8.0 * cutoff_m)
    if with_height:
        truth[:, 2] *= cutoff_m / 20_000.0
        track[:, 2] *= cutoff_m / 20_000.0
    truth[::7, 2] = np.nan
    track[::5, 2] = np.nan
    found = find_pairs(truth, track, cutoff_m=cutoff_m, with_height=with_height)
    expected = one_by_one(truth, track, with_height=with_height)
    rows, columns = np.nonzero(expected < cutoff_m)
    assert len(rows) > 60
    np.testing.assert_array_equal(np.repeat(np.arange(len(truth)), np.diff(found.starts)), rows)
    np.testing.assert_array_equal(found.tracks, columns)
    np.testing.assert_allclose(found.distances_m, expected[rows, columns], rtol=1e-7, atol=1e-4)


def test_the_distance_is_the_geodesic_at_the_height_of_the_truth() -> None:
    geod = pyproj.Geod(ellps="WGS84")
    lon, lat, _ = geod.fwd(8.0, 46.0, 30.0, 900.0)
    truth = np.array([[np.radians(46.0), np.radians(8.0), 0.0]])
    track = np.array([[np.radians(lat), np.radians(lon), 12_000.0]])
    found = find_pairs(truth, track, cutoff_m=1_000.0, with_height=False)
    assert found.distances_m[0] == pytest.approx(900.0, abs=1e-4)
    truth[0, 2] = 12_000.0
    found = find_pairs(truth, track, cutoff_m=1_000.0, with_height=False)
    assert found.distances_m[0] == pytest.approx(900.0 * (1.0 + 12_000.0 / 6_380_000.0), abs=0.01)


def test_no_truth_or_no_track_is_no_pair() -> None:
    one, none = np.zeros((1, 3)), np.zeros((0, 3))
    for truth, track in ((one, none), (none, one), (none, none)):
        found = find_pairs(truth, track, cutoff_m=1_000.0, with_height=False)
        assert len(found.tracks) == 0
        assert len(found.starts) == len(truth) + 1


def test_more_pairs_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs_module, "SCORE_PAIRS_MAX", 99)
    with pytest.raises(LimitError, match="SCORE_PAIRS_MAX"):
        find_pairs(np.zeros((10, 3)), np.zeros((10, 3)), cutoff_m=1_000.0, with_height=False)
