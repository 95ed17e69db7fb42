"""Small scenes for the tests of the tracker and the fuser."""

import math
from collections.abc import Sequence

import numpy as np

from foedus.geo import MEAN_RADIUS_M
from foedus.model import SECOND_NS, PlotKind, Plots, Sensor, SensorKind, Tracks, concatenate

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
