"""Claims about the tracker, each with its smallest scene."""

import math

import numpy as np
import pytest
from track_scenes import RADAR, RECEIVER, SENSORS, flight, polar, report, same, seconds

from foedus.errors import LimitError
from foedus.geo import MEAN_RADIUS_M
from foedus.limits import LATE_S_MAX, SENSORS_MAX, TENTATIVE_PER_SENSOR_MAX, TRACKS_MAX
from foedus.model import Plots, TrackClass, Tracks, TrackStatus, concatenate, take
from foedus.track import Tracker
from foedus.track.lifecycle import KEEP_NS

EVERY_4_S = [4.0 * n for n in range(20)]


def _track(plots: Plots, *, until_s: float, step_s: float = 5.0) -> Tracker:
    tracker = Tracker(SENSORS)
    before_ns = -1
    for now_s in np.arange(step_s, until_s + step_s, step_s):
        now_ns = seconds(float(now_s))
        tracker.step(take(plots, (plots.time_ns > before_ns) & (plots.time_ns <= now_ns)), now_ns=now_ns)
        before_ns = now_ns
    return tracker


def _without(tracks: Tracks, icao24: int) -> Tracks:
    return take(tracks, tracks.icao24 != icao24)


def test_a_straight_flight_becomes_one_track_with_its_velocity_and_height() -> None:
    noise = np.random.default_rng(1)
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=220.0, north_m_s=30.0, times_s=EVERY_4_S, noise=noise)
    tracks = _track(plots, until_s=80).tracks()
    assert tracks.number.tolist() == [1]
    assert tracks.velocity_east_m_s[0] == pytest.approx(220.0, abs=30.0)
    assert tracks.velocity_north_m_s[0] == pytest.approx(30.0, abs=30.0)
    assert tracks.height_m[0] == pytest.approx(9_000.0, abs=30.0)
    assert tracks.sources[0] == 1 << 1
    assert tracks.track_class[0] == TrackClass.UNIDENTIFIED


def test_a_polar_plot_and_a_report_of_one_place_make_one_track() -> None:
    tracker = Tracker(SENSORS)
    for turn in range(6):
        now = 4.0 * turn
        parts = [
            report(now + 1.0, 46.5, 8.0, height_m=6_000.0),
            polar(now + 1.1, 55_846.0, 0.0, elevation_deg=5.46),
        ]
        tracker.step(concatenate(parts), now_ns=seconds(now + 4.0))
    tracks = tracker.tracks()
    assert len(tracks.number) == 1
    assert tracks.sources[0] == 0b11


def test_unaddressed_plots_confirm_at_the_third_look_and_addressed_reports_at_the_second() -> None:
    for icao24, looks in ((-1, 3), (0xABC, 2)):
        tracker = Tracker(SENSORS)
        for look in range(looks):
            assert len(tracker.tracks().number) == 0
            tracker.step(report(4.0 * look, 46.5, 8.0, icao24=icao24), now_ns=seconds(4.0 * look))
        assert len(tracker.tracks().number) == 1
        assert tracker.tentative() == 0


def test_many_plots_within_half_a_period_are_one_look() -> None:
    plots = concatenate([report(0.05 * n, 46.5, 8.0, icao24=0xABC) for n in range(39)])
    tracker = _track(plots, until_s=5)
    assert len(tracker.tracks().number) == 0
    assert tracker.tentative() == 1


def test_two_reports_of_one_address_in_half_a_second_are_one_aircraft() -> None:
    plots = flight(
        lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=[0.5 * n + 0.1 for n in range(100)], icao24=0xABC
    )
    again = plots._replace(time_ns=plots.time_ns + seconds(0.2))
    tracker = _track(concatenate([plots, again]), until_s=50)
    assert tracker.tracks().number.tolist() == [1]
    assert tracker.counts.started == 1


def test_reports_much_quicker_than_the_period_still_confirm() -> None:
    plots = concatenate([report(0.5 * n, 46.5, 8.0, icao24=0xABC) for n in range(20)])
    assert len(_track(plots, until_s=10).tracks().number) == 1


def test_looks_stay_with_their_track_when_rows_close_up() -> None:
    # The lone plot ends at 10 s and the flight moves into its row: 9.6 and 11.6 s are its looks, no more.
    parts = [report(0.0, 45.0, 9.0), *[report(t, 46.5, 8.0) for t in (9.6, 10.6, 11.6, 12.6)]]
    tracker = _track(concatenate(parts), until_s=13.0, step_s=0.5)
    assert tracker.tentative() == 1
    assert len(tracker.tracks().number) == 0


def test_a_lone_plot_is_forgotten_after_two_and_a_half_periods() -> None:
    tracker = Tracker(SENSORS)
    tracker.step(report(0.0, 46.5, 8.0), now_ns=seconds(10.0))
    assert tracker.tentative() == 1
    tracker.step(Plots.empty(), now_ns=seconds(10.0) + KEEP_NS)
    assert tracker.tentative() == 0


def test_a_silent_track_coasts_then_ends_and_its_number_is_not_used_again() -> None:
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S[:10])
    tracker = _track(plots, until_s=40)
    last_s = EVERY_4_S[9]
    assert tracker.tracks().status.tolist() == [TrackStatus.CONFIRMED]
    tracker.step(Plots.empty(), now_ns=seconds(last_s + 10.5))
    assert tracker.tracks().status.tolist() == [TrackStatus.COASTING]
    tracker.step(Plots.empty(), now_ns=seconds(last_s + 24.0))
    assert len(tracker.tracks().number) == 1
    tracker.step(Plots.empty(), now_ns=seconds(last_s + 24.0) + KEEP_NS)
    assert len(tracker.tracks().number) == 0
    assert tracker.counts.dropped == 1
    later = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=[100.0 + t for t in EVERY_4_S])
    tracker.step(later, now_ns=seconds(180.0))
    assert tracker.tracks().number.tolist() == [2]


def test_crossing_flights_keep_their_numbers() -> None:
    noise = np.random.default_rng(3)
    times = [4.0 * n for n in range(-15, 16)]
    flights = [
        flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, north_m_s=side, times_s=times, noise=noise)
        for side in (80.0, -80.0)
    ]
    for plots in flights:
        plots.time_ns[:] += seconds(60.0)
    tracker = Tracker(SENSORS)
    both = concatenate(flights)
    tracker.step(take(both, both.time_ns <= seconds(40.0)), now_ns=seconds(40.0))
    north_at_first = dict(
        zip(tracker.tracks().number.tolist(), tracker.tracks().velocity_north_m_s > 0, strict=True)
    )
    tracker.step(take(both, both.time_ns > seconds(40.0)), now_ns=seconds(120.0))
    tracks = tracker.tracks()
    assert tracks.number.tolist() == [1, 2]
    assert dict(zip(tracks.number.tolist(), tracks.velocity_north_m_s > 0, strict=True)) == north_at_first


def test_splitting_a_step_on_half_seconds_changes_no_byte() -> None:
    noise = np.random.default_rng(4)
    plots = concatenate(
        [
            flight(
                lat_deg=46.0 + 0.05 * n, lon_deg=8.0, east_m_s=150.0 + 5 * n, times_s=EVERY_4_S, noise=noise
            )
            for n in range(20)
        ]
    )
    plots.time_ns[:] += noise.integers(0, 39, len(plots.time_ns)) * seconds(0.1)
    plots.sensor[::2] = 0
    one = Tracker(SENSORS)
    one.step(plots, now_ns=seconds(90.0))
    assert same(one.tracks(), _track(plots, until_s=90, step_s=0.5).tracks())
    assert same(one.tracks(), _track(plots, until_s=90, step_s=7.5).tracks())


def test_a_slice_ends_on_the_half_second_for_every_sensor() -> None:
    noise = np.random.default_rng(6)
    first = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S, noise=noise)
    second = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S, noise=noise)
    second.sensor[:] = 0
    second.time_ns[:] += seconds(0.1)  # the sensor that comes first in order sees it later, in the next slice
    plots = concatenate([first, second])
    one = Tracker(SENSORS)
    one.step(plots, now_ns=seconds(80.0))
    assert same(one.tracks(), _track(plots, until_s=80, step_s=0.5).tracks())


def test_the_order_of_plots_inside_a_step_changes_no_byte() -> None:
    noise = np.random.default_rng(5)
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S, noise=noise)
    one, other = Tracker(SENSORS), Tracker(SENSORS)
    one.step(plots, now_ns=seconds(90.0))
    other.step(take(plots, noise.permutation(len(plots.time_ns))), now_ns=seconds(90.0))
    assert same(one.tracks(), other.tracks())


def test_moving_an_addressed_flight_leaves_the_others_their_numbers_and_places() -> None:
    """Clutter and registration are learnt from all plots, so bytes may change: by far less than the sigma.

    Towards partners it stays exact: trackers of their own serve them (tests/test_non_interference.py).
    """
    others = concatenate(
        [
            flight(lat_deg=46.3, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S),
            flight(lat_deg=46.7, lon_deg=8.0, east_m_s=180.0, times_s=EVERY_4_S, icao24=0x111),
        ]
    )
    pictures = []
    for lat in (46.5, 46.701, 46.301, 46.305):
        # It comes up three looks later: on top of either of the others it must not touch them.
        altered = flight(
            lat_deg=lat, lon_deg=8.0, east_m_s=201.0, times_s=EVERY_4_S[3:], icao24=0x222, height_m=11_000.0
        )
        pictures.append(_without(_track(concatenate([others, altered]), until_s=80).tracks(), 0x222))
    first = pictures[0]
    assert len(first.number) == 2
    for picture in pictures[1:]:
        assert picture.number.tolist() == first.number.tolist()
        assert picture.icao24.tolist() == first.icao24.tolist()
        gap_m = np.hypot(picture.lat_rad - first.lat_rad, picture.lon_rad - first.lon_rad) * MEAN_RADIUS_M
        assert (gap_m < 0.1 * first.position_sigma_m).all()


def test_the_first_plot_with_an_address_claims_the_track_that_flew_there() -> None:
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S)
    plots.icao24[8:] = 0x333
    tracks = _track(plots, until_s=80).tracks()
    assert tracks.number.tolist() == [1]
    assert tracks.icao24.tolist() == [0x333]
    assert tracks.track_class.tolist() == [TrackClass.COOPERATIVE]


def test_an_address_does_not_claim_a_track_that_still_has_its_own_plots() -> None:
    silent = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S)
    passing = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S[8:], icao24=0x444)
    tracks = _track(concatenate([silent, passing]), until_s=80).tracks()
    assert tracks.icao24.tolist() == [-1, 0x444]


def test_a_plot_without_address_prefers_the_track_without() -> None:
    silent = flight(lat_deg=46.502, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S)
    known = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S, icao24=0x555)
    known.time_ns[:] += seconds(0.1)
    tracker = _track(concatenate([silent, known]), until_s=80)
    assert tracker.tracks().icao24.tolist().count(-1) == 1
    assert len(tracker.tracks().number) == 2


def test_a_known_address_far_off_starts_a_track_of_its_own_and_leaves_the_first_alone() -> None:
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S, icao24=0x666)
    tracker = _track(plots, until_s=80)
    before = tracker.tracks()
    tracker.step(report(81.0, 48.5, 8.0, icao24=0x666), now_ns=seconds(82.0))
    assert same(before, tracker.tracks())
    assert tracker.counts.refused == ()
    assert tracker.tentative() == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lat_rad": 2.0}, "impossible value"),
        ({"lat_rad": math.inf}, "impossible value"),
        ({"lon_rad": -4.0}, "impossible value"),
        ({"lat_rad": math.nan}, "no position"),
        ({"height_m": 2e6}, "impossible value"),
        ({"height_m": -math.inf}, "impossible value"),
        ({"sensor": 2}, "no such sensor"),
        ({"sensor": -1}, "no such sensor"),
        ({"time_ns": seconds(83.0)}, "time lies beyond now"),
        ({"time_ns": np.iinfo(np.int64).max}, "time lies beyond now"),
        ({"time_ns": seconds(80.0 - LATE_S_MAX) - 1}, "too old"),
        ({"time_ns": np.iinfo(np.int64).min}, "too old"),
        ({"kind": 0}, "no position"),
        ({"kind": 0, "range_m": 60e3, "azimuth_rad": math.nan}, "no position"),
        ({"kind": 0, "range_m": -1.0, "azimuth_rad": 1.0}, "impossible value"),
        ({"kind": 0, "range_m": 0.0, "azimuth_rad": 1.0}, "impossible value"),
        ({"kind": 0, "range_m": 601e3, "azimuth_rad": 1.0}, "impossible value"),
        ({"kind": 0, "range_m": 60e3, "azimuth_rad": 7.0}, "impossible value"),
        ({"kind": 0, "range_m": 60e3, "azimuth_rad": 1.0, "elevation_rad": 2.0}, "impossible value"),
        ({"kind": 0, "range_m": 2e3, "azimuth_rad": 1.0, "height_m": 30e3}, "impossible value"),
    ],
)
def test_an_impossible_plot_is_counted_by_reason_and_never_tracked(
    change: dict[str, float], reason: str
) -> None:
    tracker = Tracker(SENSORS)
    tracker.step(flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S), now_ns=seconds(80.0))
    before = tracker.tracks()
    bad = report(81.0, 46.5, 8.0, height_m=9_000.0)
    for column, value in change.items():
        getattr(bad, column)[0] = value
    tracker.step(bad, now_ns=seconds(81.0))
    assert tracker.counts.refused == ((reason, 1),)
    assert tracker.tentative() == 0
    assert len(tracker.tracks().number) == len(before.number)
    counts = tracker.counts
    assert counts.plots == counts.associated + counts.started + 1


def test_a_late_plot_sharpens_the_track_and_does_not_set_it_back() -> None:
    times = [t for t in EVERY_4_S if t != 40.0]
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=times)
    late = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=[71.0])
    tracker = _track(plots, until_s=80)
    before = tracker.tracks()
    tracker.step(late, now_ns=seconds(80.5))
    after = tracker.tracks()
    assert after.time_ns.tolist() == before.time_ns.tolist()
    assert after.position_sigma_m[0] < before.position_sigma_m[0]
    assert abs(after.lon_rad[0] - before.lon_rad[0]) * 6.37e6 < 20.0
    assert tracker.counts.associated == len(times)


def test_a_radar_without_height_gives_no_height() -> None:
    tracker = Tracker((RADAR,))
    tracker.step(
        concatenate([polar(4.0 * n, 15_000.0 + 400.0 * n, 20.0) for n in range(10)]), now_ns=seconds(40.0)
    )
    tracks = tracker.tracks()
    assert len(tracks.number) == 1
    assert math.isnan(tracks.height_m[0])
    assert math.isnan(tracks.velocity_up_m_s[0])
    known = tracks._replace(height_m=tracks.time_ns, velocity_up_m_s=tracks.time_ns)
    assert all(np.isfinite(column).all() for column in known)


def test_a_height_that_nothing_measures_does_not_drift_without_end() -> None:
    tracker = Tracker((RADAR,))
    for n in range(400):
        azimuth = 20.0 + 0.1 * n
        tracker.step(polar(4.0 * n, 100_000.0, azimuth), now_ns=seconds(4.0 * n))
    tracks = tracker.tracks()
    assert tracks.number.tolist() == [1]
    assert tracks.height_sigma_m[0] < 6_000.0


def _spread_out(count: int) -> Plots:
    """Plots of one second all over the world, each with an address of its own, from the second sensor."""
    plots = Plots.empty(count)
    plots.time_ns[:] = seconds(1.0)
    plots.sensor[:] = 1
    plots.kind[:] = 1
    plots.lat_rad[:] = np.radians(np.linspace(-80.0, 80.0, count))
    plots.lon_rad[:] = np.radians(np.linspace(-179.0, 179.0, count) * 97.0 % 360.0 - 180.0)
    plots.icao24[:] = np.arange(count)
    return plots


def test_a_full_table_refuses_and_counts_and_keeps_what_it_has() -> None:
    plots = _spread_out(TRACKS_MAX + 1_000)
    plots.sensor[:] = np.arange(len(plots.sensor)) // TENTATIVE_PER_SENSOR_MAX
    tracker = Tracker((RECEIVER,) * 5)
    tracker.step(plots, now_ns=seconds(1.0))
    assert tracker.tentative() == TRACKS_MAX
    assert tracker.counts.refused == (("track table full", 1_000),)


def test_one_sensor_cannot_fill_the_table_of_all() -> None:
    tracker = Tracker(SENSORS)
    tracker.step(_spread_out(TENTATIVE_PER_SENSOR_MAX + 1_000), now_ns=seconds(1.0))
    assert tracker.tentative() == TENTATIVE_PER_SENSOR_MAX
    assert tracker.counts.refused == (("track table full", 1_000),)
    tracker.step(polar(1.6, 60_000.0, 30.0), now_ns=seconds(2.0))
    assert tracker.tentative() == TENTATIVE_PER_SENSOR_MAX + 1


def test_candidates_beyond_the_limit_are_counted() -> None:
    tracker = Tracker(SENSORS)
    crowd = concatenate([report(1.0, 46.5 + 1e-5 * n, 8.0) for n in range(40)])
    tracker.step(crowd, now_ns=seconds(2.0))
    tracker.step(report(5.0, 46.5, 8.0), now_ns=seconds(6.0))
    assert tracker.counts.candidates_cut > 0


def test_a_crowd_in_one_place_is_cut_and_counted() -> None:
    crowd = Plots.empty(4_000)
    for column, values in zip(crowd, report(1.0, 46.5, 8.0), strict=True):
        column[:] = values[0]
    tracker = Tracker(SENSORS)
    for turn in range(3):
        crowd.time_ns[:] = seconds(1.0 + 4.0 * turn) + np.arange(
            4_000
        )  # else they are the same plot, repeated
        tracker.step(crowd, now_ns=seconds(2.0 + 4.0 * turn))
    counts = tracker.counts
    assert counts.candidates_cut > 4_000
    assert counts.clusters_cut == 0
    assert counts.plots == counts.associated + counts.started


def test_more_sensors_than_bits_are_refused() -> None:
    with pytest.raises(LimitError, match="SENSORS_MAX"):
        Tracker((RADAR,) * (SENSORS_MAX + 1))


def test_numbers_start_where_told() -> None:
    tracker = Tracker(SENSORS, number_first=500)
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S)
    tracker.step(plots, now_ns=seconds(90.0))
    assert tracker.tracks().number.tolist() == [500]


def test_read_only_and_strided_columns_are_taken() -> None:
    plots = flight(lat_deg=46.5, lon_deg=8.0, east_m_s=200.0, times_s=EVERY_4_S)
    frozen = Plots._make(np.repeat(column, 2)[::2] for column in plots)
    for column in frozen:
        column.flags.writeable = False
    one, other = Tracker(SENSORS), Tracker(SENSORS)
    one.step(plots, now_ns=seconds(90.0))
    other.step(frozen, now_ns=seconds(90.0))
    assert same(one.tracks(), other.tracks())
