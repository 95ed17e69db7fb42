"""Small scenes for the tests of the tracker and the fuser."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from foedus.geo import MEAN_RADIUS_M, ecef_from_geodetic, geodetic_from_ecef
from foedus.model import F64, SECOND_NS, PlotKind, Plots, Sensor, SensorKind, Tracks, concatenate, take
from foedus.track import Tracker

RADAR = Sensor(
    id="radar",
    kind=SensorKind.RADAR,
    lat_deg=46.0,
    lon_deg=8.0,
    height_m=500.0,
    period_s=4.0,
    range_max_m=300_000.0,
    elevation_sigma_deg=0.2,
)
RECEIVER = Sensor(
    id="receiver",
    kind=SensorKind.RECEIVER,
    lat_deg=46.0,
    lon_deg=8.0,
    height_m=500.0,
    period_s=4.0,
    range_max_m=400_000.0,
)
ADSB = Sensor(
    id="adsb",
    kind=SensorKind.RECEIVER,
    lat_deg=46.5,
    lon_deg=8.0,
    height_m=500.0,
    period_s=2.0,
    range_max_m=400e3,
    position_sigma_m=30.0,
)
SENSORS = (RADAR, RECEIVER)


def seconds(value: float) -> int:
    return round(value * SECOND_NS)


def report(
    time_s: float,
    lat_deg: float,
    lon_deg: float,
    *,
    height_m: float = math.nan,
    icao24: int = -1,
    mode_a: int = -1,
    sensor: int = 1,
) -> Plots:
    """One geodetic plot."""
    plots = Plots.empty(1)
    plots.time_ns[0] = seconds(time_s)
    plots.sensor[0] = sensor
    plots.kind[0] = PlotKind.GEODETIC
    plots.lat_rad[0] = math.radians(lat_deg)
    plots.lon_rad[0] = math.radians(lon_deg)
    plots.height_m[0] = height_m
    plots.icao24[0] = icao24
    plots.mode_a[0] = mode_a
    return plots


def polar(time_s: float, range_m: float, azimuth_deg: float, *, elevation_deg: float = math.nan) -> Plots:
    """One polar plot of the radar."""
    plots = Plots.empty(1)
    plots.time_ns[0] = seconds(time_s)
    plots.range_m[0] = range_m
    plots.azimuth_rad[0] = math.radians(azimuth_deg)
    plots.elevation_rad[0] = math.radians(elevation_deg)
    return plots


def flight(
    *,
    lat_deg: float,
    lon_deg: float,
    east_m_s: float,
    north_m_s: float = 0.0,
    times_s: Sequence[float],
    icao24: int = -1,
    height_m: float = 9_000.0,
    noise: np.random.Generator | None = None,
    sigma_m: float = 60.0,
) -> Plots:
    """Geodetic plots of one straight flight that is at (lat, lon) at time 0."""
    parts = []
    for time_s in times_s:
        east, north = noise.normal(0.0, sigma_m, 2) if noise else (0.0, 0.0)
        lat = lat_deg + math.degrees((north_m_s * time_s + north) / MEAN_RADIUS_M)
        turn = (east_m_s * time_s + east) / (MEAN_RADIUS_M * math.cos(math.radians(lat_deg)))
        parts.append(report(time_s, lat, lon_deg + math.degrees(turn), height_m=height_m, icao24=icao24))
    return concatenate(parts)


class Course(NamedTuple):
    """Where a flight is: straight in latitude and longitude from (lat, lon) at time 0."""

    lat_deg: float
    lon_deg: float
    east_m_s: float = 200.0
    north_m_s: float = 0.0
    height_m: float = 9_000.0
    icao24: int = -1

    def at(self, time_s: F64) -> tuple[F64, F64]:
        """Latitude and longitude in radians."""
        lat = math.radians(self.lat_deg)
        turn = self.east_m_s * time_s / (MEAN_RADIUS_M * math.cos(lat))
        return lat + self.north_m_s * time_s / MEAN_RADIUS_M, math.radians(self.lon_deg) + turn


class Error(NamedTuple):
    """What a sensor adds to everything it measures, and its sigmas over those of its description."""

    range_m: float = 0.0
    azimuth_rad: float = 0.0
    time_s: float = 0.0
    scale: float = 1.0


EXACT = Error()


def look(
    sensors: Sequence[Sensor],
    index: int,
    course: Course,
    random: np.random.Generator,
    *,
    until_s: float,
    from_s: float = 0.0,
    phase_s: float | None = None,
    error: Error = EXACT,
    detection: float = 1.0,
    ecef: Callable[[F64], F64] | None = None,
) -> Plots:
    """What one sensor says of one flight: a plot a period from phase_s (or any) on, with the noise it claims.

    ecef: places (n, 3) at times (n,) instead of the course's.
    """
    sensor = sensors[index]
    phase_s = random.uniform(0.0, sensor.period_s) if phase_s is None else phase_s
    times = np.arange(from_s + phase_s, until_s, sensor.period_s)
    times = times[random.random(len(times)) < detection]
    count = len(times)
    lat, lon = course.at(times)
    plots = Plots.empty(count)
    plots.time_ns[:] = np.round((times + error.time_s) * SECOND_NS)
    plots.sensor[:] = index
    plots.icao24[:] = course.icao24
    places = ecef(times) if ecef else ecef_from_geodetic(lat, lon, np.full(count, course.height_m))
    seen = geodetic_from_ecef(places)
    plots.height_m[:] = seen[:, 2] + random.normal(0.0, sensor.height_sigma_m, count)
    noise = error.scale * random.normal(size=(2, count))
    if sensor.kind is SensorKind.RECEIVER:
        plots.kind[:] = PlotKind.GEODETIC
        plots.lat_rad[:] = seen[:, 0] + noise[0] * sensor.position_sigma_m / MEAN_RADIUS_M
        east = noise[1] * sensor.position_sigma_m / (MEAN_RADIUS_M * np.cos(seen[:, 0]))
        plots.lon_rad[:] = seen[:, 1] + east
        return plots
    site = [np.array([value]) for value in (math.radians(sensor.lat_deg), math.radians(sensor.lon_deg))]
    away = places - ecef_from_geodetic(site[0], site[1], np.array([sensor.height_m]))
    sin_lat, cos_lat, sin_lon, cos_lon = (float(f(v[0])) for v in site for f in (np.sin, np.cos))
    east_m = away @ np.array([-sin_lon, cos_lon, 0.0])
    north_m = away @ np.array([-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat])
    plots.range_m[:] = np.linalg.norm(away, axis=1) + error.range_m + noise[0] * sensor.range_sigma_m
    turn = np.arctan2(east_m, north_m) + error.azimuth_rad
    plots.azimuth_rad[:] = (turn + noise[1] * math.radians(sensor.azimuth_sigma_deg)) % (2.0 * math.pi)
    return plots


def drive(
    sensors: Sequence[Sensor], plots: Plots, *, until_s: float, step_s: float = 4.0, log: bool = False
) -> Tracker:
    """A tracker that has been given the plots step by step."""
    tracker = Tracker(tuple(sensors), log=log)
    before_ns = -SECOND_NS
    for now_s in np.arange(step_s, until_s + step_s, step_s):
        now_ns = seconds(float(now_s))
        tracker.step(take(plots, (plots.time_ns > before_ns) & (plots.time_ns <= now_ns)), now_ns=now_ns)
        before_ns = now_ns
    return tracker


def doubts_of(tracker: Tracker) -> dict[int, int]:
    """Bit set of table.DOUBTS of each live track, by number."""
    desk = tracker._time.desk
    live = desk.tracks["number"] > 0
    return dict(zip(desk.tracks["number"][live].tolist(), desk.tracks["doubts"][live].tolist(), strict=True))


def rows(count: int, *, time_s: float = 0.0, first_number: int = 1, spacing_deg: float = 0.5) -> Tracks:
    """Confirmed tracks of one party, side by side, flying east at 200 m/s with 100 m and 10 m/s."""
    tracks = Tracks.empty(count)
    lon = np.radians(7.0 + spacing_deg * np.arange(count))
    return tracks._replace(
        number=np.arange(first_number, first_number + count, dtype=np.int32),
        time_ns=np.full(count, seconds(time_s)),
        status=np.full(count, 1, np.int8),
        lat_rad=np.full(count, math.radians(46.5)),
        lon_rad=lon + 200.0 * time_s / (MEAN_RADIUS_M * math.cos(math.radians(46.5))),
        height_m=np.full(count, 9_000.0),
        velocity_east_m_s=np.full(count, 200.0),
        position_sigma_m=np.full(count, 100.0),
        height_sigma_m=np.full(count, 50.0),
        velocity_sigma_m_s=np.full(count, 10.0),
        track_class=np.zeros(count, np.int8),
    )


def same(one: Tracks | Plots, other: Tracks | Plots) -> bool:
    """Equal to the byte."""
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))
