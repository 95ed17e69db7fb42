"""Confirming, coasting, merging, doubting: what a picture must and must not contain, scene by scene."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from track_scenes import ADSB, Course, doubts_of, drive, look, seconds

from foedus.geo import MEAN_RADIUS_M, ecef_from_geodetic
from foedus.model import F64, SECOND_NS, Plots, Sensor, SensorKind, TrackClass, TrackStatus, concatenate, take
from foedus.track import Tracker
from foedus.track.table import BALLISTIC, LEAPT, SHARED_ADDRESS, TURN, UNCONFIRMED

RADAR = Sensor(
    id="radar",
    kind=SensorKind.RADAR,
    lat_deg=46.5,
    lon_deg=8.0,
    height_m=500.0,
    period_s=4.0,
    range_max_m=200e3,
    clutter_per_scan=20.0,
)
OTHER = Sensor(
    id="other",
    kind=SensorKind.RADAR,
    lat_deg=46.3,
    lon_deg=9.0,
    height_m=500.0,
    period_s=5.0,
    range_max_m=200e3,
)
NETWORK = (RADAR, OTHER, ADSB)


def clutter(random: np.random.Generator, *, per_turn: int, until_s: float) -> Plots:
    """Plots of nothing, even over the radar's disc, at heights up to 15 km."""
    count = int(per_turn * until_s / RADAR.period_s)
    plots = Plots.empty(count)
    plots.time_ns[:] = np.sort(random.integers(1, round(until_s * SECOND_NS), count))
    plots.range_m[:] = 200e3 * np.sqrt(random.random(count))
    plots.azimuth_rad[:] = random.uniform(0.0, 2.0 * math.pi, count)
    plots.height_m[:] = np.minimum(random.uniform(0.0, 15e3, count), plots.range_m)
    return plots


def numbers_over_time(
    sensors: tuple[Sensor, ...], plots: Plots, *, until_s: float
) -> tuple[list[int], Tracker]:
    """Every number that was ever shown, in order, and the tracker at the end."""
    tracker = Tracker(sensors)
    shown: dict[int, None] = {}
    before_ns = -SECOND_NS
    for now_s in np.arange(2.0, until_s + 2.0, 2.0):
        now_ns = seconds(float(now_s))
        tracker.step(take(plots, (plots.time_ns > before_ns) & (plots.time_ns <= now_ns)), now_ns=now_ns)
        before_ns = now_ns
        shown.update(dict.fromkeys(tracker.tracks().number.tolist()))
    return list(shown), tracker


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_minutes_of_clutter_alone_confirm_nothing(seed: int) -> None:
    """15,000 plots of nothing; one track in ten thousand may be false, and some 15,000 are started."""
    plots = clutter(np.random.default_rng(seed), per_turn=100, until_s=600.0)
    numbers, tracker = numbers_over_time((RADAR,), plots, until_s=600.0)
    assert tracker.counts.started > 10_000
    assert len(numbers) <= 2


def test_clutter_does_not_keep_a_flight_from_being_confirmed() -> None:
    random = np.random.default_rng(3)
    flight = look((RADAR,), 0, Course(46.9, 7.5), random, until_s=120.0, detection=0.9)
    plots = concatenate([clutter(random, per_turn=100, until_s=120.0), flight])
    tracks = drive((RADAR,), plots, until_s=120.0).tracks()
    lat, lon = Course(46.9, 7.5).at(np.array([120.0]))
    gap = np.hypot(tracks.lat_rad - lat, (tracks.lon_rad - lon) * math.cos(lat[0])) * MEAN_RADIUS_M
    assert np.count_nonzero(gap < 2_000.0) == 1


def test_an_outage_of_one_of_two_radars_drops_no_track_and_changes_no_number() -> None:
    random = np.random.default_rng(4)
    courses = [Course(46.2 + 0.15 * n, 7.9 + 0.1 * n, east_m_s=150.0) for n in range(6)]
    parts = [look(NETWORK, i, c, random, until_s=160.0, detection=0.9) for c in courses for i in (0, 1)]
    plots = concatenate(parts)
    silent = (plots.sensor == 0) & (plots.time_ns > 60e9) & (plots.time_ns < 100e9)
    numbers, tracker = numbers_over_time(NETWORK[:2], take(plots, ~silent), until_s=160.0)
    assert tracker.counts.dropped == 0
    assert sorted(numbers) == tracker.tracks().number.tolist() == [1, 2, 3, 4, 5, 6]


def test_an_outage_of_the_only_radar_is_not_held_against_its_tracks() -> None:
    """Twenty seconds of silence are five looks missed: of a radar that is off they say nothing."""
    random = np.random.default_rng(5)
    plots = look((RADAR,), 0, Course(46.9, 7.5), random, until_s=120.0)
    silent = (plots.time_ns > 60e9) & (plots.time_ns < 80e9)
    numbers, tracker = numbers_over_time((RADAR,), take(plots, ~silent), until_s=120.0)
    assert tracker.counts.dropped == 0
    assert numbers == [1]


def test_duplicates_become_one_and_the_elder_number_stays() -> None:
    """The two radars report one flight so that each begins its own track; then both see what both see."""
    random = np.random.default_rng(6)
    course = Course(46.7, 7.6)
    first = look(NETWORK, 0, course, random, until_s=100.0)
    second = look(NETWORK, 2, course._replace(icao24=0x4B1234), random, until_s=100.0, from_s=20.0)
    second = take(second, (second.time_ns < 40e9) | (second.time_ns > 50e9))
    second.lat_rad[second.time_ns < 44e9] += 800.0 / MEAN_RADIUS_M  # an error that a silence ends
    numbers, tracker = numbers_over_time(NETWORK, concatenate([first, second]), until_s=100.0)
    assert numbers == [1, 2]
    assert tracker.counts.merged + tracker.counts.dropped == 1
    assert tracker.tracks().number.tolist() == [1]
    assert tracker.tracks().icao24.tolist() == [0x4B1234]


def test_an_outage_is_not_taken_for_blindness() -> None:
    random = np.random.default_rng(4)
    courses = [Course(46.2 + 0.15 * n, 7.9 + 0.1 * n, east_m_s=150.0) for n in range(6)]
    plots = concatenate([look(NETWORK, i, c, random, until_s=160.0) for c in courses for i in (0, 1)])
    off = (plots.sensor == 0) & (plots.time_ns > 80e9)
    told = drive(NETWORK[:2], take(plots, ~off), until_s=160.0).sensor_health()[0]
    assert told.detection > 0.9
    assert told.faults == ()


@pytest.mark.parametrize("lon_deg", [6.7, 8.1])
@pytest.mark.parametrize("seed", range(5))
def test_two_aircraft_five_hundred_metres_apart_never_merge(seed: int, lon_deg: float) -> None:
    random = np.random.default_rng(seed)
    sharp = (Sensor(**{**_fields(RADAR), "azimuth_sigma_deg": 0.08}),)
    lead = Course(46.7, lon_deg)
    wing = lead._replace(lat_deg=46.7 + math.degrees(500.0 / MEAN_RADIUS_M))
    plots = concatenate([look(sharp, 0, c, random, until_s=240.0, phase_s=1.2) for c in (lead, wing)])
    plots.height_m[:] += random.normal(0.0, 5.0, len(plots.height_m))
    numbers, tracker = numbers_over_time(sharp, plots, until_s=240.0)
    assert tracker.tracks().number.tolist() == [1, 2]
    assert numbers == [1, 2]
    assert tracker.counts.merged == 0
    north = tracker.tracks().lat_rad
    assert abs(north[0] - north[1]) * MEAN_RADIUS_M > 300.0


def _fields(sensor: Sensor) -> dict[str, object]:
    return {name: getattr(sensor, name) for name in sensor.__struct_fields__}


def test_a_faded_track_gets_its_number_back_by_its_address_after_five_minutes() -> None:
    random = np.random.default_rng(7)
    course = Course(46.7, 6.6, icao24=0x4B2222)
    plots = concatenate(
        [
            look(NETWORK, 2, course, random, until_s=60.0),
            look(NETWORK, 2, course, random, from_s=360.0, until_s=400.0),
            look(NETWORK, 2, Course(46.0, 8.0, icao24=0x4B3333), random, until_s=400.0),
        ]
    )
    numbers, tracker = numbers_over_time(NETWORK, plots, until_s=400.0)
    assert sorted(numbers) == [1, 2]
    assert tracker.counts.dropped == 1
    assert tracker.tracks().icao24.tolist().count(0x4B2222) == 1


@pytest.mark.parametrize("period_s", [4.0, 10.0])
def test_a_faded_track_gets_its_number_back_by_its_place_within_a_minute(period_s: float) -> None:
    """Through the cone of silence of its only radar: out of coverage for some 45 s."""
    cone = (Sensor(**{**_fields(RADAR), "period_s": period_s, "elevation_max_deg": 65.0}),)
    course = Course(46.5, 7.7)
    plots = look(cone, 0, course, np.random.default_rng(8), until_s=240.0)
    inside = plots.height_m - 500.0 > plots.range_m * math.sin(math.radians(65.0))
    gap_s = np.diff(plots.time_ns[~inside]).max() * 1e-9
    assert 36.0 < gap_s < 55.0
    _, tracker = numbers_over_time(cone, take(plots, ~inside), until_s=240.0)
    assert tracker.tracks().number.tolist() == [1]


def test_an_aircraft_that_only_says_where_it_is_amid_radars_is_marked_and_kept() -> None:
    random = np.random.default_rng(9)
    real = Course(46.8, 8.1, icao24=0x4B0001)
    ghost = Course(46.4, 8.3, icao24=0x4B0002)
    parts = [look(NETWORK, i, real, random, until_s=180.0, detection=0.9) for i in range(3)]
    parts.append(look(NETWORK, 2, ghost, random, until_s=180.0))
    numbers, tracker = numbers_over_time(NETWORK, concatenate(parts), until_s=180.0)
    assert sorted(numbers) == [1, 2]
    tracks = tracker.tracks()
    by_address = dict(zip(tracks.icao24.tolist(), tracks.number.tolist(), strict=True))
    doubts = doubts_of(tracker)
    assert doubts[by_address[ghost.icao24]] >> UNCONFIRMED & 1 == 1
    assert doubts[by_address[real.icao24]] == 0


def test_two_aircraft_with_one_address_are_both_tracked_and_both_marked() -> None:
    random = np.random.default_rng(10)
    courses = [Course(46.9, 7.6, icao24=0x4B0F0F), Course(46.2, 8.4, east_m_s=-190.0, icao24=0x4B0F0F)]
    other = Course(46.5, 8.9, icao24=0x4B0A0A)
    plots = concatenate([look(NETWORK, 2, c, random, until_s=120.0) for c in (*courses, other)])
    numbers, tracker = numbers_over_time(NETWORK, plots, until_s=120.0)
    assert sorted(numbers) == [1, 2, 3]
    tracks, doubts = tracker.tracks(), doubts_of(tracker)
    for number, icao24 in zip(tracks.number.tolist(), tracks.icao24.tolist(), strict=True):
        assert doubts[number] >> SHARED_ADDRESS & 1 == (1 if icao24 == 0x4B0F0F else 0)
        assert doubts[number] >> LEAPT & 1 == 0


def _turning(time_s: F64) -> F64:
    """Level at 220 m/s; straight, then a full circle of 3 degrees a second from 60 s on, then straight."""
    rate, speed = math.radians(3.0), 220.0
    angle = rate * np.clip(time_s - 60.0, 0.0, 120.0)
    straight_m = speed * (np.minimum(time_s, 60.0) + np.maximum(time_s - 180.0, 0.0))
    north = straight_m + speed / rate * np.sin(angle)
    east = speed / rate * (1.0 - np.cos(angle))
    lat = math.radians(46.7) + north / MEAN_RADIUS_M
    lon = math.radians(8.3) + east / (MEAN_RADIUS_M * math.cos(math.radians(46.7)))
    return ecef_from_geodetic(lat, lon, np.full(len(time_s), 9_000.0))


@pytest.mark.parametrize("seed", range(5))
def test_a_turn_of_three_degrees_a_second_keeps_its_number(seed: int) -> None:
    random = np.random.default_rng(seed)
    course = Course(46.7, 8.3)
    plots = look((RADAR,), 0, course, random, until_s=240.0, detection=0.95, ecef=_turning)
    numbers, _ = numbers_over_time((RADAR,), plots, until_s=240.0)
    assert numbers == [1]
    half = drive((RADAR,), plots, until_s=176.0)
    bank = half._time.desk.banks[int(np.flatnonzero(half._time.desk.tracks["number"] == 1)[0])]
    assert bank.probability[TURN] > 0.3
    assert math.degrees(abs(bank.state[TURN, 6])) == pytest.approx(3.0, abs=1.0)


def _arc(time_s: F64) -> F64:
    """Up at 1,100 m/s from 25 km, over the top at 75 km, and down again; no air up there to speak of."""
    from scipy.integrate import solve_ivp

    start = ecef_from_geodetic(
        np.array([math.radians(47.0)]), np.array([math.radians(7.4)]), np.array([25e3])
    )[0]
    up = start / np.linalg.norm(start)
    east = np.array([-math.sin(math.radians(7.4)), math.cos(math.radians(7.4)), 0.0])
    spin = np.array([0.0, 0.0, 7.292115e-5])

    def motion(_t: float, y: F64) -> F64:
        r = np.linalg.norm(y[:3])
        brake = 0.5 * 1.225 * math.exp(-(r - MEAN_RADIUS_M) / 7_400.0) * 3e-4 * np.linalg.norm(y[3:])
        turn = 2.0 * np.cross(spin, y[3:]) + np.cross(spin, np.cross(spin, y[:3]))
        return np.concatenate([y[3:], -3.986004418e14 / r**3 * y[:3] - turn - brake * y[3:]])

    begin = np.concatenate([start, 1_000.0 * up + 500.0 * east])
    flown = solve_ivp(motion, (0.0, 230.0), begin, t_eval=time_s, rtol=1e-9, atol=1e-3)
    return flown.y[:3].T


@pytest.mark.parametrize("seed", range(5))
def test_a_ballistic_arc_has_one_number_and_is_taken_for_what_it_is(seed: int) -> None:
    far = (Sensor(**{**_fields(RADAR), "range_max_m": 400e3, "height_sigma_m": 150.0}),)
    random = np.random.default_rng(seed)
    plots = look(far, 0, Course(47.0, 7.4), random, until_s=160.0, ecef=_arc)
    numbers, tracker = numbers_over_time(far, plots, until_s=160.0)
    assert numbers == [1]
    desk = tracker._time.desk
    row = int(np.flatnonzero(desk.tracks["number"] == 1)[0])
    assert desk.banks[row].probability[BALLISTIC] > 0.9
    assert tracker.tracks().status.tolist() == [TrackStatus.CONFIRMED]
    assert tracker.tracks().track_class.tolist() == [TrackClass.BALLISTIC]


def _steep(climb_m_s: float) -> Callable[[F64], F64]:
    """Level at 250 m/s for 20 s, a steady climb or descent for a minute, and level again."""

    def places(time_s: F64) -> F64:
        height = (2_000.0 if climb_m_s > 0 else 14_000.0) + climb_m_s * np.clip(time_s - 20.0, 0.0, 60.0)
        lon = math.radians(7.4) + 250.0 * time_s / (MEAN_RADIUS_M * math.cos(math.radians(46.4)))
        return ecef_from_geodetic(np.full(len(time_s), math.radians(46.4)), lon, height)

    return places


@pytest.mark.parametrize("climb_m_s", [120.0, 220.0, -150.0])
def test_what_climbs_or_dives_steeply_under_its_wings_is_never_said_to_be_ballistic(climb_m_s: float) -> None:
    radar = (Sensor(**{**_fields(RADAR), "height_sigma_m": 150.0}),)
    for seed in range(3):
        plots = look(
            radar, 0, Course(46.4, 7.4), np.random.default_rng(seed), until_s=140.0, ecef=_steep(climb_m_s)
        )
        tracker, said = Tracker(radar), []
        for now_s in range(4, 144, 4):
            due = (plots.time_ns > seconds(now_s - 4.0)) & (plots.time_ns <= seconds(float(now_s)))
            tracker.step(take(plots, due), now_ns=seconds(float(now_s)))
            said += tracker.tracks().track_class.tolist()
        assert len(said) > 20
        assert set(said) == {TrackClass.UNIDENTIFIED}
