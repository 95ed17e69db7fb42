"""Truth between its rows and tracks after theirs, against closed forms on a sphere of motion made by PROJ."""

import numpy as np
import pyproj
import pytest
from score_scenes import SECOND_NS, enu_to_geodetic, table, track_row, truth_row

from foedus.errors import LimitError
from foedus.model import I64
from foedus.score import states as states_module
from foedus.score.states import NONE, track_states, tracks_at, truth_at, truth_states
from foedus.score.tables import Truth, truth_from_table, updates_from_table

TO_ECEF = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


def ns(*times_s: float) -> I64:
    return np.array([round(t * SECOND_NS) for t in times_s], np.int64)


def ecef(place_deg: tuple[float, float, float]) -> object:
    lat, lon, height = place_deg
    return np.array(TO_ECEF.transform(lon, lat, height))


def circle(*, with_velocity: bool, lon_deg: float = 8.0) -> tuple[Truth, object]:
    """A turn of 3 deg/s at 230 m/s, rows every 4 s; and the exact place at any time, in ECEF."""
    rate, speed = np.radians(3.0), 230.0
    radius = speed / rate

    def at(time_s: float) -> tuple[float, float, float]:
        turn = rate * time_s
        east, north = radius * np.sin(turn), radius * np.cos(turn)
        lat, lon, height = enu_to_geodetic(east, north, 9_000.0, lat_deg=46.0, lon_deg=lon_deg)
        return float(lat), float(lon), float(height)

    rows = []
    for time_s in np.arange(0.0, 61.0, 4.0):
        lat, lon, height = at(time_s)
        step = (np.array(ecef(at(time_s + 0.01))) - np.array(ecef(at(time_s - 0.01)))) / 0.02
        a, b = np.radians([lat, lon])
        frame = [
            [-np.sin(b), np.cos(b), 0.0],
            [-np.sin(a) * np.cos(b), -np.sin(a) * np.sin(b), np.cos(a)],
            [np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)],
        ]
        east, north, up = np.array(frame) @ step
        speeds = {"velocity_east_m_s": east, "velocity_north_m_s": north, "velocity_up_m_s": up}
        row = truth_row(time_s, "A", lat, lon, height_m=height, **speeds)
        if not with_velocity:
            row = {name: value for name, value in row.items() if not name.startswith("velocity")}
        rows.append(row)
    return truth_from_table(table(rows)), lambda time_s: ecef(at(time_s))


def gaps_m(truth: Truth, exact: object) -> object:
    times = np.arange(0.0, 60.1, 0.5)
    row, place, _ = truth_at(truth, np.zeros(len(times), np.int64), ns(*times))
    assert (row != NONE).all()
    found = [ecef((np.degrees(a), np.degrees(b), c)) for a, b, c in place]
    return np.linalg.norm(np.array(found) - np.array([exact(t) for t in times]), axis=1)


@pytest.mark.parametrize("lon_deg", [8.0, 180.0])
def test_a_turn_between_rows_is_kept_to_within_a_metre(lon_deg: float) -> None:
    truth, exact = circle(with_velocity=True, lon_deg=lon_deg)
    assert gaps_m(truth, exact).max() < 0.1


def test_without_velocities_a_straight_line_cuts_the_turn() -> None:
    truth, exact = circle(with_velocity=False)
    gaps = gaps_m(truth, exact)
    assert gaps.max() == pytest.approx(230.0 * np.radians(3.0) * 4.0**2 / 8.0, rel=0.02)  # a t^2 / 8
    row, _, velocity = truth_at(truth, np.zeros(1, np.int64), ns(1.0))
    assert row[0] == 0
    assert np.isnan(velocity).all()


def test_velocity_between_rows_turns_with_the_target() -> None:
    truth, _ = circle(with_velocity=True)
    _, _, velocity = truth_at(truth, np.zeros(3, np.int64), ns(0.0, 2.0, 20.0))
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    np.testing.assert_allclose(speed, 230.0, rtol=2e-3)
    heading = np.degrees(np.arctan2(velocity[:, 0], velocity[:, 1]))
    np.testing.assert_allclose(heading, [90.0, 96.0, 150.0], atol=0.1)


def test_a_target_does_not_count_in_a_gap_nor_before_its_first_nor_after_its_last_row() -> None:
    times = [10.0, 14.0, 18.0, 26.0, 35.0, 39.0]
    truth = truth_from_table(table([truth_row(t, "A", 46.0, 8.0) for t in times]))
    assert truth.gap_ns[0] == 8 * SECOND_NS
    asked = ns(9.9, 10.0, 12.0, 18.0, 22.0, 26.0, 26.1, 34.9, 35.0, 39.0, 39.1)
    row, _, _ = truth_at(truth, np.zeros(len(asked), np.int64), asked)
    assert row.tolist() == [NONE, 0, 0, 2, 2, 3, NONE, NONE, 4, 5, NONE]


def test_a_track_flies_on_from_its_newest_row_until_it_is_too_old_or_dropped() -> None:
    speeds = {"velocity_east_m_s": 200.0, "velocity_north_m_s": 100.0}
    rows = [
        track_row(0.0, 7, 46.0, 179.999, **speeds),
        track_row(4.0, 7, 46.01, 179.99, **speeds),
        track_row(0.0, 9, 10.0, 10.0),
        track_row(3.0, 9, 10.0, 10.0, status="DROPPED"),
    ]
    updates = updates_from_table(table(rows))
    asked = ns(-1.0, 0.0, 3.0, 4.0, 33.9, 34.0)
    row, place, velocity = tracks_at(updates, np.zeros(6, np.int64), asked, keep_ns=30 * SECOND_NS)
    assert row.tolist() == [NONE, 0, 0, 1, 1, NONE]
    lat, lon, height = enu_to_geodetic(600.0, 300.0, 9_000.0, lat_deg=46.0, lon_deg=179.999)
    np.testing.assert_allclose(np.degrees(place[2, :2]), (lat, lon), atol=1e-9)
    assert lon < 0.0
    assert place[2, 2] == pytest.approx(height)
    np.testing.assert_allclose(velocity[2], (200.0, 100.0, 0.0), atol=0.03)
    row, _, _ = tracks_at(updates, np.ones(3, np.int64), ns(0.0, 2.9, 3.0), keep_ns=30 * SECOND_NS)
    assert row.tolist() == [2, 2, NONE]


def test_states_come_by_time_and_then_by_item() -> None:
    truth = truth_from_table(
        table([truth_row(t, name, 46.0, 8.0) for name in "BA" for t in (0.0, 5.0, 10.0)])
    )
    states = truth_states(truth, ns(5.0, 10.0, 15.0))
    assert states.step.tolist() == [0, 0, 1, 1]
    assert states.item.tolist() == [0, 1, 0, 1]
    assert states.starts.tolist() == [0, 2, 4, 4]
    tracks = updates_from_table(table([track_row(4.0, 3, 46.0, 8.0), track_row(9.0, 1, 46.0, 8.0)]))
    states = track_states(tracks, ns(0.0, 5.0, 10.0, 15.0), keep_ns=7 * SECOND_NS)
    assert [tracks.numbers[i] for i in states.item] == [3, 1, 3, 1]
    assert states.step.tolist() == [1, 2, 2, 3]


def test_a_score_of_more_states_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states_module, "SCORE_STATES_MAX", 3)
    truth = truth_from_table(table([truth_row(t, "A", 46.0, 8.0) for t in (0.0, 5.0, 10.0)]))
    truth_states(truth, ns(0.0, 5.0, 10.0))
    with pytest.raises(LimitError, match="SCORE_STATES_MAX"):
        truth_states(truth, ns(0.0, 2.0, 5.0, 10.0))
