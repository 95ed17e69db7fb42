"""Registration and the faults of sensors: what the tracker says of radars whose errors are known here."""

import math

import numpy as np
import pytest
from track_scenes import ADSB, Course, Error, doubts_of, drive, look

from foedus.model import Plots, Sensor, SensorKind, concatenate, take
from foedus.track.table import SENSOR_IN_DOUBT
from foedus.track.tracker import SensorHealth

WEST = Sensor(
    id="west",
    kind=SensorKind.RADAR,
    lat_deg=46.6,
    lon_deg=7.2,
    height_m=500.0,
    period_s=4.0,
    range_max_m=250e3,
)
EAST = Sensor(
    id="east",
    kind=SensorKind.RADAR,
    lat_deg=46.4,
    lon_deg=9.1,
    height_m=700.0,
    period_s=5.0,
    range_max_m=250e3,
)
NETWORK = (WEST, EAST, ADSB)
UNTIL_S = 240.0
COURSES = [
    Course(
        lat_deg=45.9 + 0.2 * n,
        lon_deg=7.4 + 0.31 * n % 1.5,
        east_m_s=180.0 * (-1) ** n,
        north_m_s=90.0 - 45.0 * (n % 5),
    )
    for n in range(8)
]
TRUE = (
    Error(range_m=180.0, azimuth_rad=math.radians(0.25)),
    Error(range_m=-120.0, azimuth_rad=math.radians(-0.2)),
    Error(),
)


def scene(seed: int, errors: tuple[Error, Error, Error] = TRUE, *, until_s: float = UNTIL_S) -> Plots:
    """Eight flights with addresses in their reports, seen by both radars, which get the address, too."""
    random = np.random.default_rng(seed)
    parts = []
    for n, course in enumerate(COURSES):
        known = course._replace(icao24=0x4B0000 + n)
        for index in range(3):
            parts.append(look(NETWORK, index, known, random, until_s=until_s, error=errors[index]))
    return concatenate(parts)


def health(seed: int, errors: tuple[Error, Error, Error] = TRUE) -> tuple[SensorHealth, ...]:
    return drive(NETWORK, scene(seed, errors), until_s=UNTIL_S).sensor_health()


def test_biases_of_two_radars_are_found_within_three_of_their_sigmas() -> None:
    for told, error in zip(health(1), TRUE, strict=True):
        if told.id != "adsb":
            assert abs(told.range_bias_m - error.range_m) < 3.0 * told.range_bias_sigma_m
            assert abs(told.azimuth_bias_rad - error.azimuth_rad) < 3.0 * told.azimuth_bias_sigma_rad
            assert told.range_bias_sigma_m < 20.0
            assert told.azimuth_bias_sigma_rad < math.radians(0.02)


def test_the_sigmas_of_biases_are_honest() -> None:
    """Squared errors over squared sigmas: 1 where honest; 20 scenes, four biases each."""
    squares = []
    for seed in range(20):
        for told, error in zip(health(100 + seed)[:2], TRUE[:2], strict=True):
            squares.append(((told.range_bias_m - error.range_m) / told.range_bias_sigma_m) ** 2)
            squares.append(((told.azimuth_bias_rad - error.azimuth_rad) / told.azimuth_bias_sigma_rad) ** 2)
    assert len(squares) == 80
    assert 0.3 < np.mean(squares) < 1.6
    assert max(squares) < 16.0


def test_radars_without_biases_are_given_none() -> None:
    for told in health(3, (Error(), Error(), Error()))[:2]:
        assert abs(told.range_bias_m) < 3.0 * told.range_bias_sigma_m
        assert abs(told.azimuth_bias_rad) < 3.0 * told.azimuth_bias_sigma_rad
        assert told.faults == ()


def test_a_late_clock_is_found() -> None:
    late = (Error(time_s=0.4), Error(), Error())
    told = health(4, late)
    assert abs(told[0].time_bias_s - 0.4) < 3.0 * told[0].time_bias_sigma_s
    # What all clocks share is not seen, so the priors part it among them; the difference is.
    assert abs(told[0].time_bias_s - told[1].time_bias_s - 0.4) < 0.06
    assert abs(told[1].time_bias_s) < 3.0 * told[1].time_bias_sigma_s


def test_tracks_of_biased_radars_lie_where_the_flights_are_once_the_biases_are_known() -> None:
    radars = scene(5)
    radars = take(radars, (radars.sensor != 2) | (radars.time_ns < 180e9))
    tracks = drive(NETWORK, radars, until_s=UNTIL_S).tracks()
    assert len(tracks.number) == len(COURSES)
    for i, icao24 in enumerate(tracks.icao24.tolist()):
        lat, lon = COURSES[icao24 - 0x4B0000].at(np.array([tracks.time_ns[i] * 1e-9]))
        gap = math.hypot(tracks.lat_rad[i] - lat[0], (tracks.lon_rad[i] - lon[0]) * math.cos(lat[0])) * 6.37e6
        assert gap < 4.0 * tracks.position_sigma_m[i]


def test_a_drifting_radar_is_flagged_and_the_others_are_not() -> None:
    plots = scene(6)
    age_s = plots.time_ns * 1e-9
    plots.azimuth_rad[plots.sensor == 0] += (math.radians(0.001) * age_s)[plots.sensor == 0]
    told = drive(NETWORK, plots, until_s=UNTIL_S).sensor_health()
    assert "drifts" in told[0].faults
    assert told[1].faults == ()
    assert told[2].faults == ()


@pytest.mark.parametrize("addresses", [True, False])
def test_a_radar_that_is_four_times_worse_than_described_misfits(addresses: bool) -> None:
    plots = scene(7, (Error(scale=4.0), Error(), Error()))
    if not addresses:
        plots.icao24[:] = -1
    told = drive(NETWORK, plots, until_s=UNTIL_S).sensor_health()
    assert "misfits" in told[0].faults
    assert told[1].faults == ()
    assert 0.5 < told[1].misfit < 1.5


@pytest.mark.parametrize(("share", "faults"), [(0.3, ("sees less than described",)), (0.9, ())])
def test_a_radar_that_sees_a_third_of_what_it_should_is_flagged(
    share: float, faults: tuple[str, ...]
) -> None:
    plots = scene(8)
    random = np.random.default_rng(88)
    plots = take(plots, (plots.sensor != 0) | (random.random(len(plots.sensor)) < share))
    told = drive(NETWORK, plots, until_s=UNTIL_S).sensor_health()
    assert told[0].faults == faults
    assert told[0].detection == pytest.approx(share, abs=0.15)
    assert told[1].faults == ()


def test_a_track_whose_only_sensor_is_in_doubt_is_marked() -> None:
    alone = look(NETWORK, 0, Course(47.2, 6.2), np.random.default_rng(99), until_s=UNTIL_S)
    plots = concatenate([scene(9), alone])
    age_s = plots.time_ns * 1e-9
    plots.azimuth_rad[plots.sensor == 0] += (math.radians(0.001) * age_s)[plots.sensor == 0]
    tracker = drive(NETWORK, plots, until_s=UNTIL_S)
    doubts = doubts_of(tracker)
    tracks = tracker.tracks()
    assert len(tracks.number) == len(COURSES) + 1
    for number, icao24 in zip(tracks.number.tolist(), tracks.icao24.tolist(), strict=True):
        assert doubts[number] >> SENSOR_IN_DOUBT & 1 == (1 if icao24 < 0 else 0)
