"""The parts of `bench.accuracy` that could lie: the solver, the fit of frames, the thinning, the names."""

import numpy as np
import pytest
from bench.accuracy_picture import Truth, name_flights, score_rows, track_as_a_node
from bench.multilateration import LIGHT_M_S, NO_FIT, POOR_GEOMETRY, SOLVED, locate

from bench import accuracy_lebl as lebl
from bench import accuracy_swiss as swiss
from foedus.drill.recording import StateVectors
from foedus.geo import ecef_from_geodetic
from foedus.model import SECOND_NS

CHANCE = 5


def _receivers(spread_deg):
    lat = np.radians(48.0 + spread_deg * np.array([0.0, 1.0, -0.8, 0.3, -0.5]))
    lon = np.radians(9.0 + spread_deg * np.array([0.0, 0.7, 1.1, -1.2, -0.9]))
    return ecef_from_geodetic(lat, lon, np.array([400.0, 700.0, 300.0, 500.0, 600.0]))


def _messages(count, spread_deg=1.0):
    chance = np.random.default_rng(CHANCE)
    place = np.radians(
        np.stack([chance.uniform(47.2, 48.8, count), chance.uniform(8.0, 10.0, count)], axis=1)
    )
    height_m = chance.uniform(3_000.0, 12_000.0, count)
    sent_m = ecef_from_geodetic(place[:, 0].copy(), place[:, 1].copy(), height_m)
    receivers_m = np.broadcast_to(_receivers(spread_deg), (count, 5, 3))
    distance_m = np.linalg.norm(sent_m[:, None] - receivers_m, axis=2)
    # Mean refractivity of an exponential atmosphere over the height, summed the slow way.
    steps_m = (np.arange(2_000) + 0.5) / 2_000.0 * height_m[:, None]
    slowing = 1.0 + np.mean(315e-6 * np.exp(-steps_m / 7_350.0), axis=1)
    arrival_s = 17.0 + distance_m * slowing[:, None] / LIGHT_M_S
    starts = (np.tile(np.radians([48.0, 9.0]), (count, 1)), np.tile(np.radians([49.5, 9.0]), (count, 1)))
    return place, height_m, receivers_m, arrival_s, starts


def test_exact_times_give_the_exact_place():
    place, height_m, receivers_m, arrival_s, starts = _messages(50)
    fixes = locate(receivers_m, arrival_s, height_m, starts)
    assert fixes.code.tolist() == [SOLVED] * 50
    assert np.abs(fixes.lat_rad - place[:, 0]).max() * 6.4e6 < 1.0
    assert np.abs(fixes.lon_rad - place[:, 1]).max() * 4.3e6 < 1.0


def test_the_dilution_is_the_error_that_timing_makes():
    place, height_m, receivers_m, arrival_s, starts = _messages(2_000)
    noise_s = np.random.default_rng(CHANCE).normal(0.0, 15.0, arrival_s.shape) / LIGHT_M_S
    fixes = locate(receivers_m, arrival_s + noise_s, height_m, starts)
    north_m = (fixes.lat_rad - place[:, 0]) * 6.371e6
    east_m = (fixes.lon_rad - place[:, 1]) * 6.371e6 * np.cos(place[:, 0])
    ratio = (north_m**2 + east_m**2) / (15.0 * fixes.dilution) ** 2
    assert ratio.mean() == pytest.approx(1.0, abs=0.1)
    assert fixes.residual_m.mean() == pytest.approx(15.0, rel=0.15)


def test_a_wrong_clock_and_receivers_in_a_heap_are_told():
    _, height_m, receivers_m, arrival_s, starts = _messages(20)
    late_s = arrival_s + np.array([0.0, 0.0, 5e-6, 0.0, 0.0])
    assert (locate(receivers_m, late_s, height_m, starts).code == NO_FIT).mean() >= 0.9
    _, height_m, receivers_m, arrival_s, starts = _messages(20, spread_deg=0.02)
    assert (locate(receivers_m, arrival_s, height_m, starts).code == POOR_GEOMETRY).mean() > 0.9


def _drive(count, *, address, vehicle, chance):
    """Reports of something that drives in circles, one a second, in the plane of the reference."""
    time_s = np.arange(count) + chance.uniform(0.0, 1.0)
    turn = 0.02 * time_s + chance.uniform(0.0, 6.0)
    speed = chance.uniform(6.0, 14.0)
    centre = chance.uniform(-800.0, 800.0, 2)
    nothing = np.zeros(count, np.int64)
    return lebl.Records(
        time_ns=np.round(time_s * SECOND_NS).astype(np.int64),
        east_m=centre[0] + speed / 0.02 * np.sin(turn),
        north_m=centre[1] - speed / 0.02 * np.cos(turn),
        velocity_east_m_s=speed * np.cos(turn),
        velocity_north_m_s=speed * np.sin(turn),
        number=nothing + address,
        icao24=nothing + address,
        ended=nothing,
        on_ground=nothing + 1,
        vehicle=nothing + vehicle,
        monitor=nothing,
    )


def test_the_fit_of_two_frames_finds_what_was_put_in():
    chance = np.random.default_rng(CHANCE)
    drives = [_drive(300, address=n, vehicle=n % 2, chance=chance) for n in range(1, 13)]
    reference = lebl.Records._make(np.concatenate(column) for column in zip(*drives, strict=True))
    put_in = lebl.Fit(1_400.0, -160.0, 0.004, 0.002, 0.3, 9.0, 0, 0.0, (0.0, 0.0))
    speed = np.hypot(reference.velocity_east_m_s, reference.velocity_north_m_s)
    lever_s = np.where(reference.vehicle == 1, 0.0, put_in.ahead_m / speed) + put_in.late_s
    east_m, north_m = lebl.into_radar_plane(
        put_in,
        reference.east_m - lever_s * reference.velocity_east_m_s,
        reference.north_m - lever_s * reference.velocity_north_m_s,
    )
    noise = chance.normal(0.0, 2.0, (2, len(east_m)))
    radar = reference._replace(east_m=east_m + noise[0], north_m=north_m + noise[1])
    found = lebl.fit_frames(radar, lebl.pair_all(radar, reference), (1_380.0, -150.0))
    assert found.east_m == pytest.approx(put_in.east_m, abs=0.5)
    assert found.north_m == pytest.approx(put_in.north_m, abs=0.5)
    assert found.turn_rad == pytest.approx(put_in.turn_rad, abs=3e-4)
    assert found.scale == pytest.approx(put_in.scale, abs=3e-4)
    assert found.late_s == pytest.approx(put_in.late_s, abs=0.05)
    assert found.ahead_m == pytest.approx(put_in.ahead_m, abs=0.5)
    assert found.axis_m == pytest.approx((2.0, 2.0), abs=0.2)


def test_the_radars_plane_is_the_inverse_of_the_fit():
    fit = lebl.Fit(1_400.0, -160.0, 0.004, 0.002, 0.0, 0.0, 0, 0.0, (0.0, 0.0))
    x, y = np.array([100.0, -700.0]), np.array([-300.0, 900.0])
    east_m = fit.east_m + (1.0 + fit.scale) * x - fit.turn_rad * y
    north_m = fit.north_m + fit.turn_rad * x + (1.0 + fit.scale) * y
    back = lebl.into_radar_plane(fit, east_m, north_m)
    assert np.allclose(back, (x, y), atol=1e-9)


def test_a_track_number_that_ended_or_was_silent_is_another_track():
    chance = np.random.default_rng(CHANCE)
    radar = _drive(30, address=7, vehicle=0, chance=chance)
    radar.ended[9] = 1
    radar.time_ns[20:] += 11 * SECOND_NS
    assert len(np.unique(lebl.own_tracks(radar, (41.0, 2.0)).number)) == 3


def _flights(count=12, length=90):
    """Straight flights by positions every 10 s."""
    chance = np.random.default_rng(CHANCE)
    rows = count * length
    time_s = np.tile(10.0 * np.arange(length), count)
    flight = np.repeat(np.arange(count), length)
    course = chance.uniform(0.0, 6.28, count)[flight]
    start = np.radians(np.stack([chance.uniform(46.5, 47.1, count), chance.uniform(7.8, 8.6, count)]))[
        :, flight
    ]
    gone_m = 220.0 * (time_s - 450.0)
    return StateVectors(
        time_ns=np.round((time_s + 1e6) * SECOND_NS).astype(np.int64),
        icao24=(flight + 1).astype(np.int32),
        callsign=np.zeros(rows, np.int64),
        lat_rad=start[0] + gone_m * np.cos(course) / 6.371e6,
        lon_rad=start[1] + gone_m * np.sin(course) / 6.371e6 / np.cos(np.radians(46.8)),
        baro_m=np.full(rows, 10_000.0) + 300.0 * flight,
        speed_m_s=np.full(rows, 220.0),
        course_rad=course,
        climb_m_s=np.zeros(rows),
    )


def test_the_thinned_flights_are_seen_once_a_turn_where_they_were_with_the_noise_that_is_stated():
    vectors = _flights()
    first_ns, end_ns = int(vectors.time_ns.min()), int(vectors.time_ns.max()) + 1
    scene = swiss.thin(vectors, first_ns=first_ns, end_ns=end_ns, seed=2, baro=True)
    again = swiss.thin(vectors, first_ns=first_ns, end_ns=end_ns, seed=2, baro=True)
    assert scene.plots.range_m.tobytes() == again.plots.range_m.tobytes()
    turns = 890.0 / swiss.RADAR.period_s
    assert len(scene.plots.time_ns) / 12 / turns == pytest.approx(0.9, abs=0.03)
    range_m, azimuth, _ = swiss.polar_of(
        swiss.RADAR, vectors.lat_rad.copy(), vectors.lon_rad.copy(), vectors.baro_m.copy()
    )
    gaps_m, gaps_rad = [], []
    for flight in range(12):
        rows = slice(90 * flight, 90 * flight + 90)
        own = np.abs(scene.plots.baro_m - vectors.baro_m[rows][0]) < 10.0
        times_ns = scene.plots.time_ns[own]
        assert np.diff(times_ns).min() > 0.9 * swiss.RADAR.period_s * SECOND_NS
        gaps_m += (
            scene.plots.range_m[own] - np.interp(times_ns, vectors.time_ns[rows], range_m[rows])
        ).tolist()
        at = np.interp(times_ns, vectors.time_ns[rows], np.unwrap(azimuth[rows]))
        gaps_rad += ((scene.plots.azimuth_rad[own] - at + np.pi) % (2.0 * np.pi) - np.pi).tolist()
    assert np.median(np.abs(gaps_m)) * 1.4826 == pytest.approx(60.0, rel=0.1)
    assert np.degrees(np.median(np.abs(gaps_rad))) * 1.4826 == pytest.approx(0.1, rel=0.12)
    phase = scene.plots.time_ns / SECOND_NS / swiss.RADAR.period_s - scene.plots.azimuth_rad / (2.0 * np.pi)
    aside = np.abs((phase + 0.5) % 1.0 - 0.5)  # turns between the beam and what it sees
    assert np.percentile(aside, 95.0) < 0.002
    assert aside.max() < 0.05  # right above the radar, where the azimuth turns within a step


def test_thinned_straight_flights_are_tracked_and_scored_to_the_end():
    vectors = _flights()
    first_ns, end_ns = int(vectors.time_ns.min()), int(vectors.time_ns.max()) + 1
    scene = swiss.thin(vectors, first_ns=first_ns, end_ns=end_ns, seed=2, baro=True)
    run = track_as_a_node((swiss.RADAR,), scene.plots, step_s=1.0)
    score = score_rows(scene.truth, run.rows, every_s=10.0, keep_s=30.0, cutoff_m=1_000.0)
    assert score.targets == 12
    assert score.truth_hours == pytest.approx(12 * 860.0 / 3_600.0, rel=0.03)  # from the third look on
    assert score.siap.completeness > 0.97
    assert score.accuracy.position_m.median < 250.0


def test_a_target_that_was_away_for_a_minute_has_another_name():
    times_s = np.array([0, 10, 20, 81, 90, 0, 10, 71], np.int64)
    unknown = np.full(8, np.nan)
    target = np.array([1, 1, 1, 1, 1, 2, 2, 2])
    truth = Truth(times_s * SECOND_NS, target, unknown, unknown, unknown, unknown, unknown)
    names = ["000001.0"] * 3 + ["000001.1"] * 2 + ["000002.0"] * 2 + ["000002.1"]
    assert name_flights(truth) == names
