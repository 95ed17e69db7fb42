"""NEES against numpy, and against what chance must give when errors are drawn from the covariances."""

import numpy as np
import pytest
from score_scenes import enu_to_geodetic, table, track_row, truth_row

from foedus.model import F64
from foedus.score.consistency import FULL, HORIZONTAL, count_not_positive, nees, summarise
from foedus.score.score import Settings, score_picture
from foedus.score.tables import truth_from_table, updates_from_table

UPPER = np.triu_indices(6)


def pack(covariance: F64) -> F64:
    """(n, 6, 6) as (n, 21), the upper triangle row by row."""
    return np.ascontiguousarray(covariance[:, UPPER[0], UPPER[1]])


def draw(random: np.random.Generator, count: int) -> F64:
    """Covariances with everything correlated: metres and metres per second."""
    root = random.normal(size=(count, 6, 6)) * np.array([80.0, 120.0, 300.0, 5.0, 9.0, 3.0])[:, None]
    return root @ root.transpose(0, 2, 1) + np.eye(6)


def place_of(east: F64, north: F64, up: F64, *, lat_deg: float, lon_deg: float) -> F64:
    lat, lon, height = enu_to_geodetic(east, north, up, lat_deg=lat_deg, lon_deg=lon_deg)
    return np.column_stack([np.radians(lat), np.radians(lon), height])


@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(46.0, 8.0), (-70.0, 180.0)])
def test_values_are_those_of_dense_matrices(lat_deg: float, lon_deg: float) -> None:
    random = np.random.default_rng(2)
    count = 50
    covariance = draw(random, count)
    error = random.normal(size=(count, 6)) * 100.0
    track = np.tile([np.radians(lat_deg), np.radians(lon_deg), 0.0], (count, 1))
    truth = place_of(*error[:, :3].T, lat_deg=lat_deg, lon_deg=lon_deg)
    velocity = random.normal(size=(count, 3)) * 100.0
    # The truth's velocity stands in its own frame: turn it there by way of the earth-centred one.
    frame = local(np.radians(lat_deg), np.radians(lon_deg))
    truth_velocity = np.array(
        [
            local(*place[:2]) @ frame.T @ seen
            for place, seen in zip(truth, velocity + error[:, 3:], strict=True)
        ]
    )
    found = nees(truth, truth_velocity, track, velocity, pack(covariance), degrees=FULL)
    expected = np.einsum("ni,nij,nj->n", error, np.linalg.inv(covariance), error)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    axes = np.array([0, 1, 3, 4])
    found = nees(truth, truth_velocity, track, velocity, pack(covariance), degrees=HORIZONTAL)
    inverse = np.linalg.inv(covariance[:, axes[:, None], axes])
    np.testing.assert_allclose(
        found, np.einsum("ni,nij,nj->n", error[:, axes], inverse, error[:, axes]), rtol=1e-3
    )


def local(lat: float, lon: float) -> F64:
    return np.array(
        [
            [-np.sin(lon), np.cos(lon), 0.0],
            [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)],
            [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)],
        ]
    )


def test_an_unknown_height_leaves_the_horizontal_value_only() -> None:
    track = np.array([[0.8, 0.1, np.nan]])
    truth = np.array([[0.8 + 1e-5, 0.1, 9_000.0]])
    still = np.zeros((1, 3))
    covariance = pack(np.eye(6)[None] * 100.0)
    assert np.isnan(nees(truth, still, track, still, covariance, degrees=FULL)[0])
    assert nees(truth, still, track, still, covariance, degrees=HORIZONTAL)[0] == pytest.approx(
        40.6, rel=0.01
    )


def test_covariances_that_are_not_positive_definite_are_counted() -> None:
    good = np.eye(6)
    flat = np.diag([1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    crossed = np.eye(6)
    crossed[0, 5] = crossed[5, 0] = 1.5
    packed = np.vstack([pack(np.array([good, flat, crossed])), np.full((2, 21), np.nan)])
    packed[4, :3] = 1.0  # half a covariance is none
    assert count_not_positive(packed) == (1, 3)
    still = np.zeros((3, 3))
    values = nees(still, still, still, still, packed[:3], degrees=FULL)
    assert np.isnan(values).tolist() == [False, True, True]


def test_the_summary_of_consistent_values_lies_inside_its_bounds() -> None:
    random = np.random.default_rng(5)
    values, time = random.chisquare(6, 20_000), np.repeat(np.arange(200), 100)
    found = summarise(values, 6, time)
    assert found.low is not None
    assert found.low < found.mean < found.high
    assert found.inside == pytest.approx(0.95, abs=0.005)
    assert found.times_inside == pytest.approx(0.95, abs=0.05)
    proud = summarise(1.2 * values, 6, time)
    assert proud.mean > proud.high
    assert proud.times_inside < 0.6
    assert summarise(np.full(3, np.nan), 6, np.zeros(3, np.int64)).mean is None


def scene(scale: float, *, straight: bool | None) -> tuple[list[object], list[object]]:
    """200 targets at rest for 40 s; rows of tracks between the evaluation times, errors of the covariance."""
    random = np.random.default_rng(6)
    truth, tracks = [], []
    sigma = np.array([100.0, 60.0, 150.0, 6.0, 4.0, 2.0])
    packed = (scale * np.diag(sigma**2))[UPPER].tolist()
    for i in range(200):
        lat0, lon0 = 46.0 + 0.05 * (i // 20), 8.0 + 0.08 * (i % 20)
        said = {} if straight is None else {"straight": straight or i % 2 == 0}
        truth += [truth_row(t, f"T{i}", lat0, lon0, **said) for t in (0.0, 10.0, 20.0, 30.0, 40.0)]
        for time_s in (2.5, 12.5, 22.5, 32.5):
            worse = 1.0 if said.get("straight", True) else 3.0
            error = worse * sigma * random.normal(size=6)
            lat, lon, height = enu_to_geodetic(
                error[0], error[1], 9_000.0 + error[2], lat_deg=lat0, lon_deg=lon0
            )
            speeds = dict(zip(("east", "north", "up"), error[3:], strict=True))
            row = track_row(time_s, i + 1, float(lat), float(lon), height_m=float(height), covariance=packed)
            tracks.append(row | {f"velocity_{axis}_m_s": value for axis, value in speeds.items()})
    return truth, tracks


def judged(scale: float, *, straight: bool | None) -> object:
    truth, tracks = scene(scale, straight=straight)
    settings = Settings(every_s=5.0)
    return score_picture(truth_from_table(table(truth)), updates_from_table(table(tracks)), settings).score


def test_errors_as_large_as_the_covariance_says_are_consistent() -> None:
    found = judged(1.0, straight=True).covariances
    # Each row is judged once, though it stands behind the track at two evaluation times.
    assert found.full.values == found.horizontal.values == 800
    assert found.full.low < found.full.mean < found.full.high
    assert found.horizontal.low < found.horizontal.mean < found.horizontal.high
    assert (found.rows, found.unknown, found.not_positive) == (800, 0, 0)


def test_a_covariance_of_half_the_size_doubles_the_value() -> None:
    assert judged(0.5, straight=True).covariances.full.mean == pytest.approx(
        2.0 * judged(1.0, straight=True).covariances.full.mean
    )


def test_only_straight_flight_is_judged_where_the_truth_says_when() -> None:
    """Every other target manoeuvres, and its errors are three times what the covariance says."""
    found = judged(1.0, straight=False).covariances
    assert found.straight_only
    assert found.full.values == 400
    assert found.full.mean < 7.0
    assert not judged(1.0, straight=None).covariances.straight_only
