"""The scenario generator: flights are what they say, plots where targets are, options do what they say."""

import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pyproj
import pytest
from bench.flights import Kind, ecef_to_enu, fall, fly, make_courses, potential
from bench.scenario import (
    GHOST_ADDRESS,
    SIZES,
    START_NS,
    TRUTH_COLUMNS,
    Size,
    horizon_m,
    make_scenario,
    write_scenario,
)

from foedus.cli.recorded import read_sensors
from foedus.feeds.recording import load_recording
from foedus.geo import EFFECTIVE_RADIUS_M, geodetic_from_ecef
from foedus.model import FOOT_M, SECOND_NS, PlotKind, SensorKind

ROOT = Path(__file__).parents[2]
ALL = {
    "bias": True, "jitter_s": 0.2, "late_s": 1.0, "two_d": 0.4, "adsb": 0.6, "spoofer": True, "doppler": True,
    "addresses": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def small():
    return make_scenario("S")


@pytest.fixture(scope="module")
def medium():
    return make_scenario("M")


def digest(scenario):
    """Of every byte that a scenario hands out."""
    total = hashlib.sha256()
    for column in (
        *scenario.plots,
        scenario.target,
        scenario.arrival_ns,
        scenario.truth.nodes,
        *scenario.bias,
    ):
        total.update(np.ascontiguousarray(column).tobytes())
    return total.hexdigest()


def true_states(scenario, rows):
    """(position, velocity) of the targets of those plots, when they were seen."""
    time_s = (scenario.true_ns[rows] - START_NS) / SECOND_NS
    state = scenario.truth.at(scenario.target[rows], time_s)
    return state[:, :3], state[:, 3:]


def seen_from(sensor, position_m):
    """(east, north, up) by pyproj, which shares no code with the generator."""
    to_place = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=topocentric +ellps=WGS84 "
        f"+lat_0={sensor.lat_deg} +lon_0={sensor.lon_deg} +h_0={sensor.height_m}"
    )
    return np.array(to_place.transform(*position_m.T))


def mean_square_bounds(n):
    """Mean of n squares of standard normal numbers: five sigma to both sides."""
    return 1.0 - 5.0 * math.sqrt(2.0 / n), 1.0 + 5.0 * math.sqrt(2.0 / n)


# ---------------------------------------------------------------- flights


def test_velocity_is_the_derivative_of_position(medium):
    rng = np.random.default_rng(5)
    truth = medium.truth
    target = rng.integers(0, len(truth.kind), 4_000)
    time_s = truth.born_s[target] + rng.random(4_000) * (truth.end_s - truth.born_s)[target]
    time_s = np.floor(time_s) + rng.uniform(0.02, 0.98, 4_000)  # a turn may begin at a whole second
    step_s = 0.01
    ahead, behind = truth.at(target, time_s + step_s), truth.at(target, time_s - step_s)
    slope = (ahead[:, :3] - behind[:, :3]) / (2.0 * step_s)
    error = np.abs(slope - truth.at(target, time_s)[:, 3:]).max()
    assert error < 1e-3


def test_nothing_jumps_from_one_second_to_the_next(medium):
    truth = medium.truth
    target = np.repeat(np.arange(len(truth.kind)), 298)
    second = np.tile(np.arange(1, 299), len(truth.kind)).astype(float)
    keep = truth.alive(target, second - 1.0) & truth.alive(target, second + 1.0)
    target, second = target[keep], second[keep]
    before, after = truth.at(target, second - 1e-6), truth.at(target, second + 1e-6)
    assert np.abs(after[:, :3] - before[:, :3]).max() < 0.01
    assert np.abs(after[:, 3:] - before[:, 3:]).max() < 0.01


def test_aircraft_keep_their_speed_over_ground_and_their_turn_rate(medium):
    truth, courses = medium.truth, medium.truth.courses
    rows = np.flatnonzero(truth.kind != Kind.BALLISTIC)
    for time_s in (0.5, 77.3, 201.7):
        lat, lon, _ = geodetic_from_ecef(truth.at(rows, np.full(len(rows), time_s))[:, :3].copy()).T
        east, north, _ = ecef_to_enu(truth.at(rows, np.full(len(rows), time_s))[:, 3:], lat, lon).T
        assert np.abs(np.hypot(east, north) - courses.speed_m_s[rows]).max() < 0.05
        later = truth.at(rows, np.full(len(rows), time_s + 0.1))[:, 3:]
        east_later, north_later, _ = ecef_to_enu(later, lat, lon).T
        turned = (np.arctan2(east_later, north_later) - np.arctan2(east, north) + math.pi) % (2 * math.pi)
        turning = (courses.turn_start_s[rows] <= time_s) & (time_s < courses.turn_end_s[rows])
        asked = (courses.turn_rad_s[rows] * turning).sum(axis=1)
        assert np.abs((turned - math.pi) / 0.1 - asked).max() < 2e-4


def test_a_straight_flight_at_sea_level_is_a_geodesic_of_the_ellipsoid():
    kind = np.zeros(50, np.int8)
    rng = np.random.default_rng(3)
    lat, lon = np.radians(rng.uniform(30.0, 65.0, 50)), np.radians(rng.uniform(-20.0, 40.0, 50))
    courses = make_courses(rng, kind, lat=lat, lon=lon, duration_s=300.0)
    courses = courses._replace(
        height_m=np.zeros(50), climb_m_s=np.zeros(50), turn_rad_s=np.zeros_like(courses.turn_rad_s)
    )
    end_lat, end_lon, height_m = geodetic_from_ecef(np.ascontiguousarray(fly(courses, 300)[:, -1, :3])).T
    start = np.degrees(lon), np.degrees(lat)
    wanted_lon, wanted_lat, _ = pyproj.Geod(ellps="WGS84").fwd(
        *start, np.degrees(courses.course_rad), courses.speed_m_s * 300.0
    )
    assert np.abs(height_m).max() < 1e-3
    gap = pyproj.Geod(ellps="WGS84").inv(wanted_lon, wanted_lat, np.degrees(end_lon), np.degrees(end_lat))[2]
    assert np.max(gap) < 0.01


def energy(nodes):
    """J/kg in the rotating frame, where the Coriolis part does no work."""
    return 0.5 * (nodes[:, 3:] ** 2).sum(axis=1) + potential(nodes[:, :3])


def launched():
    return np.array([[4.35e6, 6.1e5, 4.62e6, 200.0, 500.0, 1_500.0]])


def test_an_arc_without_drag_keeps_its_energy_and_with_drag_loses_it():
    free = energy(fall(launched(), np.zeros(1), 240)[0])
    assert np.abs(free - free[0]).max() < 1e-2  # of 1.3e6 J/kg of motion
    braked = energy(fall(launched(), np.full(1, 1e-4), 240)[0])
    assert (np.diff(braked) <= 0.0).all()
    assert braked[0] - braked[-1] > 1e4


def test_an_arc_feels_the_rotation_of_the_earth():
    """Foucault's fall to the east: 1/3 omega g t^3 cos(lat), from rest at 10 km over the equator."""
    start = np.array([[6_378_137.0 + 10_000.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    end = fall(start, np.zeros(1), 40)[0, -1]
    assert end[1] == pytest.approx(7.292115e-5 * 9.78 * 40.0**3 / 3.0, rel=0.01)


def test_arcs_climb_and_fall_as_one_within_the_run(medium):
    truth = medium.truth
    rows = np.flatnonzero(truth.kind == Kind.BALLISTIC)
    assert len(rows) == 4
    for row in rows:
        assert 0.0 <= truth.born_s[row] < truth.end_s[row] < medium.duration_s
        times = np.linspace(truth.born_s[row], truth.end_s[row], 200)
        state = truth.at(np.full(200, row), times)
        lat, lon, height_m = geodetic_from_ecef(state[:, :3].copy()).T
        up = ecef_to_enu(state[:, 3:], lat, lon)[:, 2]
        assert abs(height_m[0]) < 0.01
        assert abs(height_m[-1]) < 20.0  # the second of the impact is cut by a straight line
        assert (np.diff(np.sign(up)) != 0).sum() == 1
        assert height_m.max() > 3_000.0


def test_the_kinds_have_their_shares(medium):
    assert np.bincount(medium.truth.kind).tolist() == [140, 44, 12, 4]
    courses = medium.truth.courses
    turns = (courses.turn_rad_s != 0.0).sum(axis=1)
    assert (turns[medium.truth.kind == Kind.FAST] == 4).all()
    assert 0 < (turns[medium.truth.kind == Kind.AIRLINER] == 1).sum() < 70
    rates = np.degrees(np.abs(courses.turn_rad_s[medium.truth.kind == Kind.FAST]))
    assert (rates >= 2.0).all()
    assert (rates <= 5.0).all()


def test_straight_means_that_the_velocity_stays(medium):
    courses = medium.truth.courses
    for time_s in (30.5, 150.5):
        straight = medium.truth.straight(time_s)
        turning = (
            (courses.turn_start_s < time_s) & (time_s < courses.turn_end_s) & (courses.turn_rad_s != 0.0)
        )
        assert not straight[turning.any(axis=1)].any()
        assert not straight[medium.truth.kind == Kind.BALLISTIC].any()
        assert np.abs(medium.velocity(time_s)[straight, 2]).max() < 1e-3
        assert 100 < straight.sum() < 200


# ---------------------------------------------------------------- plots


def test_the_sizes_give_the_plots_that_the_goals_were_set_with():
    for name, true, false in (("S", 706, 401), ("M", 11_470, 6_506), ("L", 104_363, 30_543)):
        target = make_scenario(name).target
        assert (target >= 0).sum() == pytest.approx(true, rel=0.02)
        assert (target < 0).sum() == pytest.approx(false, rel=0.02)
    assert set(SIZES) == {"S", "M", "L", "XL"}


def test_plots_lie_where_their_targets_are_within_the_sigmas(medium):
    squares = []
    for index, sensor in enumerate(medium.sensors):
        rows = np.flatnonzero((medium.plots.sensor == index) & (medium.target >= 0))
        position_m, _ = true_states(medium, rows)
        east, north, up = seen_from(sensor, position_m)
        range_m = np.sqrt(east**2 + north**2 + up**2)
        aside = (medium.plots.azimuth_rad[rows] - np.arctan2(east, north) + math.pi) % (2 * math.pi) - math.pi
        # The height that range and elevation show on the 4/3 earth, by the law of cosines.
        base = EFFECTIVE_RADIUS_M + sensor.height_m
        far, sine = medium.plots.range_m[rows], np.sin(medium.plots.elevation_rad[rows])
        shown_m = np.sqrt(base**2 + range_m**2 + 2.0 * base * range_m * sine) - EFFECTIVE_RADIUS_M
        height_m = geodetic_from_ecef(position_m.copy())[:, 2]
        level = np.cos(medium.plots.elevation_rad[rows])
        squares.append(
            [
                (far - range_m) / sensor.range_sigma_m,
                aside / math.radians(sensor.azimuth_sigma_deg),
                (shown_m - height_m) / (range_m * math.radians(sensor.elevation_sigma_deg) * level),
            ]
        )
    errors = np.concatenate(squares, axis=1)
    low, high = mean_square_bounds(errors.shape[1])
    assert errors.shape[1] > 10_000
    assert ((errors**2).mean(axis=1) > low).all()
    assert ((errors**2).mean(axis=1) < high).all()
    assert np.abs(errors.mean(axis=1)).max() < 5.0 / math.sqrt(errors.shape[1])


def test_a_plot_comes_when_the_antenna_points_there(medium):
    """Azimuth less rotation is the same for all plots of a radar, of targets and of nothing."""
    for index, sensor in enumerate(medium.sensors):
        # Nearer than 20 km some fly past faster than the generator's three rounds follow.
        rows = (medium.plots.sensor == index) & (medium.plots.range_m > 20_000.0)
        time_s = (medium.plots.time_ns[rows] - START_NS) / SECOND_NS
        phase = medium.plots.azimuth_rad[rows] - 2.0 * math.pi * time_s / sensor.period_s
        middle = np.angle(np.exp(1j * phase).mean())
        off = np.angle(np.exp(1j * (phase - middle)))
        assert np.abs(off).max() < 8.0 * math.radians(sensor.azimuth_sigma_deg)


def test_a_target_is_seen_at_most_once_a_turn_and_nine_times_in_ten(medium):
    seen, possible = 0, 0
    for index, sensor in enumerate(medium.sensors):
        for target in range(200):
            rows = (medium.plots.sensor == index) & (medium.target == target)
            gaps = np.diff(medium.plots.time_ns[rows]) / SECOND_NS / sensor.period_s
            away = medium.plots.range_m[rows][1:] > 20_000.0
            assert (gaps[away] > 0.8).all()
            seen += len(gaps)
            possible += int(np.round(gaps).sum()) if len(gaps) and gaps.max() < 4.5 else len(gaps)
    assert seen / possible == pytest.approx(0.9, abs=0.02)


def test_nothing_is_seen_beyond_reach_or_below_the_horizon(medium):
    hidden = 0
    for index, sensor in enumerate(medium.sensors):
        rows = np.flatnonzero((medium.plots.sensor == index) & (medium.target >= 0))
        position_m, _ = true_states(medium, rows)
        far = np.linalg.norm(seen_from(sensor, position_m), axis=0)
        height_m = geodetic_from_ecef(position_m.copy())[:, 2]
        # Law of cosines: the sight line just touches the 4/3 earth.
        site, top = EFFECTIVE_RADIUS_M + sensor.height_m, EFFECTIVE_RADIUS_M + height_m
        angle = np.arccos(EFFECTIVE_RADIUS_M / site) + np.arccos(np.minimum(1.0, EFFECTIVE_RADIUS_M / top))
        touching = np.sqrt(site**2 + top**2 - 2.0 * site * top * np.cos(angle))
        assert (far <= np.minimum(sensor.range_max_m, touching + 1e-3)).all()
        assert np.allclose(horizon_m(sensor, height_m), touching, rtol=1e-6)
        height_m = medium.position(100.0)[2]
        place = np.linalg.norm(seen_from(sensor, medium.ecef(100.0)[:, :3]), axis=0)
        hidden += int(((place < sensor.range_max_m) & (place > horizon_m(sensor, height_m))).sum())
    assert hidden > 5


def test_clutter_lies_evenly_over_the_ground(medium):
    rows = medium.target < 0
    share = (medium.plots.range_m[rows] / 350_000.0) ** 2
    counts = np.histogram(share, bins=9, range=(0.1, 1.0))[0]
    spread = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    assert spread < 30.0  # chi-square of 8 degrees: 26 is one in a thousand
    assert np.histogram(medium.plots.azimuth_rad[rows], bins=8)[0].std() < 4.0 * math.sqrt(rows.sum() / 8)


# ---------------------------------------------------------------- seeds


def test_the_same_seed_gives_the_same_bytes_in_another_process(small):
    assert digest(make_scenario("S")) == digest(small)
    assert digest(make_scenario("S", seed=2)) != digest(small)
    code = (
        "from bench.scenario import make_scenario\nfrom test_scenario import ALL, digest\n"
        "print(digest(make_scenario('S', **ALL)))"
    )
    path = os.pathsep.join(str(ROOT / folder) for folder in (".", "src", "tests/bench"))
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": path}
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    assert other.stdout.strip() == digest(make_scenario("S", **ALL))


def same_but(one, other, *names):
    """Asserts that all columns of the plots agree but for those named."""
    for name in one.plots._fields:
        if name not in names:
            assert np.array_equal(getattr(one.plots, name), getattr(other.plots, name), equal_nan=True), name


# ---------------------------------------------------------------- options


def test_bias_moves_the_same_plots_by_what_it_says(small):
    biased = make_scenario("S", bias=True)
    same_but(small, biased, "time_ns", "range_m", "azimuth_rad")
    sensor = small.plots.sensor
    assert np.allclose(biased.plots.range_m - small.plots.range_m, biased.bias.range_m[sensor])
    turned = (biased.plots.azimuth_rad - small.plots.azimuth_rad + math.pi) % (2.0 * math.pi) - math.pi
    assert np.allclose(turned, biased.bias.azimuth_rad[sensor])
    late_s = (biased.plots.time_ns - small.plots.time_ns) / SECOND_NS
    assert np.allclose(late_s, biased.bias.time_s[sensor], atol=2e-9)
    assert np.array_equal(biased.true_ns, small.plots.time_ns)
    assert np.array_equal(biased.arrival_ns, small.arrival_ns)
    assert (np.concatenate(list(small.bias)) == 0.0).all()
    errors = np.concatenate([make_scenario("S", seed=seed, bias=True).bias for seed in range(20)], axis=1)
    rms = np.sqrt((errors**2).mean(axis=1))
    assert rms == pytest.approx([80.0, math.radians(0.15), 0.1], rel=0.4)


def test_late_plots_come_in_order_of_arrival_and_are_the_same_plots(small):
    late = make_scenario("S", late_s=2.0)
    assert (np.diff(late.arrival_ns) >= 0).all()
    assert (np.diff(late.plots.time_ns) < 0).sum() > 100
    delay_s = (late.arrival_ns - late.plots.time_ns) / SECOND_NS
    assert delay_s.min() >= 0.0
    assert delay_s.mean() == pytest.approx(2.0, rel=0.15)
    assert delay_s.std() == pytest.approx(2.0, rel=0.25)
    order = np.argsort(late.plots.time_ns, kind="stable")
    assert np.array_equal(late.plots.time_ns[order], small.plots.time_ns)
    assert np.array_equal(late.plots.range_m[order], small.plots.range_m)
    assert np.array_equal(late.target[order], small.target)
    assert (small.arrival_ns == small.plots.time_ns).all()


def test_jitter_moves_whole_turns_and_leaves_the_stamps_true(small):
    shaken = make_scenario("S", jitter_s=0.3)
    assert np.array_equal(shaken.true_ns, shaken.plots.time_ns)
    sensor = shaken.sensors[0]
    rows = shaken.plots.sensor == 0
    time_s = (shaken.plots.time_ns[rows] - START_NS) / SECOND_NS
    phase = shaken.plots.azimuth_rad[rows] - 2.0 * math.pi * time_s / sensor.period_s
    off_s = (
        np.angle(np.exp(1j * (phase - np.angle(np.exp(1j * phase).mean())))) * sensor.period_s / 2 / math.pi
    )
    assert 0.15 < off_s.std() < 0.5


def test_radars_without_elevation_give_the_altitude_of_those_that_answer():
    scenario = make_scenario("M", two_d=0.5)
    blank = [bool(np.isnan(scenario.plots.elevation_rad[scenario.plots.sensor == i]).all()) for i in range(6)]
    assert sum(blank) == 3
    flat = np.array(blank)[scenario.plots.sensor]
    assert np.isnan(scenario.plots.baro_m[~flat]).all()
    assert not np.isnan(scenario.plots.elevation_rad[~flat]).any()
    assert np.isnan(scenario.plots.baro_m[scenario.target < 0]).all()
    rows = np.flatnonzero(flat & ~np.isnan(scenario.plots.baro_m))
    assert len(np.unique(scenario.target[rows])) / len(np.unique(scenario.target[flat])) == pytest.approx(
        0.8, abs=0.08
    )
    height_m = geodetic_from_ecef(true_states(scenario, rows)[0].copy())[:, 2]
    assert np.abs(scenario.plots.baro_m[rows] - height_m).max() <= 12.5 * FOOT_M + 1e-6
    steps = scenario.plots.baro_m[rows] / (25.0 * FOOT_M)
    assert np.allclose(steps, np.round(steps))


def test_adsb_reports_come_once_a_second_with_address_and_are_thirty_metres_off(small):
    scenario = make_scenario("M", adsb=0.6)
    receiver = scenario.sensors[-1]
    assert (receiver.id, receiver.kind, receiver.period_s) == ("ADSB", SensorKind.RECEIVER, 1.0)
    rows = np.flatnonzero(scenario.plots.sensor == len(scenario.sensors) - 1)
    plots = scenario.plots
    assert (plots.kind[rows] == PlotKind.GEODETIC).all()
    assert (plots.kind[plots.sensor < 6] == PlotKind.POLAR).all()
    assert np.array_equal(plots.icao24[rows], scenario.address[scenario.target[rows]])
    assert (plots.icao24[plots.sensor < 6] == -1).all()
    assert scenario.equipped.mean() == pytest.approx(0.6, abs=0.1)
    assert len(rows) == pytest.approx(0.9 * 300 * scenario.equipped.sum(), rel=0.01)
    position_m, _ = true_states(scenario, rows)
    lat, lon, height_m = geodetic_from_ecef(position_m.copy()).T
    _, _, gap_m = pyproj.Geod(ellps="WGS84").inv(
        np.degrees(lon), np.degrees(lat), np.degrees(plots.lon_rad[rows]), np.degrees(plots.lat_rad[rows])
    )
    assert math.sqrt(np.mean(gap_m**2) / 2.0) == pytest.approx(30.0, rel=0.02)
    assert np.abs(plots.baro_m[rows] - height_m).max() <= 12.5 * FOOT_M + 1e-6
    assert np.isnan(plots.height_m).all()
    base, same = make_scenario("S", adsb=0.5), small
    radar = base.plots.sensor < 3
    assert np.array_equal(base.plots.range_m[radar], same.plots.range_m)


def test_radar_plots_carry_the_addresses_of_those_that_answer(medium):
    named = make_scenario("M", addresses=True)
    same_but(medium, named, "icao24")
    wanted = np.where(named.target >= 0, named.address[named.target], -1)
    assert np.array_equal(named.plots.icao24, wanted)
    assert (named.plots.icao24 >= 0).sum() / (named.target >= 0).sum() == pytest.approx(0.8, abs=0.08)
    assert (named.address[named.truth.kind == Kind.BALLISTIC] == -1).all()
    known = named.address[named.address >= 0]
    assert len(np.unique(known)) == len(known)


def test_doppler_is_the_speed_along_the_line_of_sight(medium):
    with_rate = make_scenario("M", doppler=True)
    same_but(medium, with_rate, "range_rate_m_s")
    assert np.isnan(medium.plots.range_rate_m_s).all()
    rows = np.flatnonzero((with_rate.plots.sensor == 2) & (with_rate.target >= 0))
    target, time_s = with_rate.target[rows], (with_rate.true_ns[rows] - START_NS) / SECOND_NS
    sensor = with_rate.sensors[2]
    ahead = np.linalg.norm(seen_from(sensor, with_rate.truth.at(target, time_s + 0.05)[:, :3]), axis=0)
    behind = np.linalg.norm(seen_from(sensor, with_rate.truth.at(target, time_s - 0.05)[:, :3]), axis=0)
    error = with_rate.plots.range_rate_m_s[rows] - (ahead - behind) / 0.1
    assert error.std() == pytest.approx(2.0, rel=0.1)
    assert abs(error.mean()) < 0.3


def test_the_spoofer_flies_a_ghost_where_nothing_is_and_a_copy_sixty_kilometres_off():
    scenario = make_scenario("M", adsb=0.6, spoofer=True)
    ghost, copied = scenario.forged
    assert ghost == GHOST_ADDRESS
    assert ghost not in scenario.address
    plots = scenario.plots
    for address, nearest_m in ((ghost, 10_000.0), (copied, 1_000.0)):
        rows = np.flatnonzero((plots.icao24 == address) & (scenario.target < 0))
        assert len(rows) == pytest.approx(270, abs=30)
        assert (plots.kind[rows] == PlotKind.GEODETIC).all()
        for row in rows[::40]:
            lat, lon, _ = scenario.position((scenario.true_ns[row] - START_NS) / SECOND_NS)
            at = (
                np.full(len(lat), np.degrees(plots.lon_rad[row])),
                np.full(len(lat), np.degrees(plots.lat_rad[row])),
            )
            gap_m = pyproj.Geod(ellps="WGS84").inv(*at, np.degrees(lon), np.degrees(lat))[2]
            assert gap_m.min() > nearest_m
            if address == copied:
                real = int(np.flatnonzero(scenario.address == copied)[0])
                assert scenario.equipped[real]
                assert gap_m[real] == pytest.approx(60_000.0, abs=300.0)
    assert ((plots.icao24 == copied) & (scenario.target >= 0)).sum() > 200
    assert make_scenario("S").forged == ()
    assert len(make_scenario("S", spoofer=True).forged) == 2


# ---------------------------------------------------------------- what counts, and files


def counts_slowly(scenario, target, time_s):
    """Three detections so far, the newest no older than 25 s, and still there."""
    rows = scenario.target == target
    seen_s = (scenario.true_ns[rows] - START_NS) / SECOND_NS
    so_far = [s for s in seen_s.tolist() if s <= time_s]
    there = scenario.truth.born_s[target] <= time_s <= scenario.truth.end_s[target]
    return bool(there and len(so_far) >= 3 and max(so_far) >= time_s - 25.0)


def test_a_target_counts_from_its_third_detection_on_while_the_newest_is_recent(medium):
    times_s = np.array([0.0, 3.0, 10.0, 31.0, 155.5, 299.0])
    counting = medium.counting(times_s)
    for i, time_s in enumerate(times_s.tolist()):
        assert counting[i].tolist() == [counts_slowly(medium, target, time_s) for target in range(200)]
    assert counting[0].sum() == 0
    assert 100 < counting[4].sum() < 200


def test_arcs_are_not_seen_and_do_not_count_before_their_start_and_after_their_end():
    scenario = make_scenario(Size("near", 300, 9, 120.0, 200_000.0, 1.0))
    rows = scenario.truth.kind[scenario.target] == Kind.BALLISTIC
    rows = np.flatnonzero(rows & (scenario.target >= 0))
    time_s = (scenario.true_ns[rows] - START_NS) / SECOND_NS
    assert len(rows) > 100
    assert scenario.truth.alive(scenario.target[rows], time_s).all()
    recent = 0
    for target in np.flatnonzero(scenario.truth.kind == Kind.BALLISTIC).tolist():
        end_s = scenario.truth.end_s[target]
        before, after = scenario.counting(np.array([end_s - 1.0, end_s + 1.0]))[:, target]
        recent += int(before)
        assert not after
    assert recent > 2


def test_the_truth_table_holds_who_is_there_and_who_counts_with_position_and_velocity(small):
    table = small.truth_table(5.0)
    assert tuple(table.column_names) == TRUTH_COLUMNS
    rows = table.to_pylist()
    assert sum(row["counts"] for row in rows) == small.counting(np.arange(0.0, 120.1, 5.0)).sum()
    for row in rows[::50]:
        target, time_s = int(row["target"][1:]), (row["time_ns"] - START_NS) / SECOND_NS
        assert row["counts"] == counts_slowly(small, target, time_s)
        assert small.truth.born_s[target] <= time_s <= small.truth.end_s[target]
        lat, lon, height_m = small.position(time_s)
        assert row["lat_deg"] == pytest.approx(math.degrees(lat[target]), abs=1e-12)
        assert row["lon_deg"] == pytest.approx(math.degrees(lon[target]), abs=1e-12)
        assert row["height_m"] == pytest.approx(height_m[target], abs=1e-6)
        east, north, up = small.velocity(time_s)[target]
        found = row["velocity_east_m_s"], row["velocity_north_m_s"], row["velocity_up_m_s"]
        assert found == pytest.approx((east, north, up), abs=1e-9)
        assert row["straight"] == small.truth.straight(time_s)[target]


def test_the_files_hold_the_scenario(tmp_path):
    scenario = make_scenario("S", **ALL)
    write_scenario(scenario, tmp_path)
    sensors = read_sensors(str(tmp_path / "sensors.toml"))
    assert sensors == scenario.sensors
    recording = load_recording(tmp_path / "plots.parquet", sensors=sensors)
    assert recording.refused == ()
    for found, wanted in zip(recording.plots, scenario.plots, strict=True):
        assert np.array_equal(found, wanted, equal_nan=found.dtype.kind == "f")
    assert pq.read_table(tmp_path / "truth.parquet").equals(scenario.truth_table(1.0))
