"""Seeded air pictures in closed form, and what rotating radars make of them."""

import math
from typing import NamedTuple

import numpy as np

from foedus.geo import EFFECTIVE_RADIUS_M, MEAN_RADIUS_M, ecef_from_geodetic
from foedus.model import F64, SECOND_NS, Plots, Sensor, SensorKind, concatenate, take

CENTRE_LAT_DEG = 47.0
CENTRE_LON_DEG = 8.0


class Truth(NamedTuple):
    """Targets that fly straight, turn once between two instants, and fly straight; every column (n,)."""

    lat_rad: F64
    lon_rad: F64
    height_m: F64
    speed_m_s: F64
    heading_rad: F64
    turn_rad_s: F64
    turn_start_s: F64
    turn_end_s: F64
    climb_m_s: F64


class Scenario(NamedTuple):
    """Plots in time order with the sensors that saw them, and the truth."""

    truth: Truth
    sensors: tuple[Sensor, ...]
    plots: Plots
    target: np.ndarray  # index of the target of each plot, -1 for clutter
    duration_s: float


def make_truth(rng: np.random.Generator, *, targets: int, width_m: float) -> Truth:
    """70 % airliners, 22 % fast, turning at 2 to 5 degrees a second, 6 % low and fast, 2 % very fast."""
    kind = rng.choice(4, size=targets, p=[0.70, 0.22, 0.06, 0.02])
    pick = np.array(kind)
    low = np.array([200.0, 200.0, 150.0, 900.0])[pick]
    high = np.array([260.0, 600.0, 300.0, 1_500.0])[pick]
    floor = np.array([8_000.0, 2_000.0, 100.0, 20_000.0])[pick]
    ceiling = np.array([12_500.0, 15_000.0, 1_000.0, 60_000.0])[pick]
    turning = (kind == 1) | (rng.random(targets) < 0.2) & (kind == 0)
    rate = np.where(kind == 1, rng.uniform(2.0, 5.0, targets), 1.0) * rng.choice([-1.0, 1.0], targets)
    start = rng.uniform(10.0, 200.0, targets)
    east, north = rng.uniform(-0.5, 0.5, (2, targets)) * width_m
    lat = math.radians(CENTRE_LAT_DEG) + north / MEAN_RADIUS_M
    return Truth(
        lat_rad=lat,
        lon_rad=math.radians(CENTRE_LON_DEG) + east / (MEAN_RADIUS_M * np.cos(lat)),
        height_m=rng.uniform(floor, ceiling),
        speed_m_s=rng.uniform(low, high),
        heading_rad=rng.uniform(0.0, 2.0 * math.pi, targets),
        turn_rad_s=np.where(turning, np.radians(rate), 0.0),
        turn_start_s=start,
        turn_end_s=start + rng.uniform(10.0, 40.0, targets),
        climb_m_s=np.where(kind == 0, rng.choice([0.0, 0.0, 0.0, 8.0, -8.0], targets), 0.0),
    )


def _flown(truth: Truth, time_s: F64) -> tuple[F64, F64]:
    """(east, north) metres from the start at time_s, on the tangent plane of the start."""
    before = np.minimum(time_s, truth.turn_start_s)
    inside = np.clip(time_s, truth.turn_start_s, truth.turn_end_s) - truth.turn_start_s
    after = np.maximum(time_s - truth.turn_end_s, 0.0)
    rate = np.where(truth.turn_rad_s == 0.0, 1e-12, truth.turn_rad_s)
    turned = truth.heading_rad + rate * inside
    radius = truth.speed_m_s / rate
    east = truth.speed_m_s * before * np.sin(truth.heading_rad)
    north = truth.speed_m_s * before * np.cos(truth.heading_rad)
    east = (
        east
        + radius * (np.cos(truth.heading_rad) - np.cos(turned))
        + truth.speed_m_s * after * np.sin(turned)
    )
    north = (
        north
        + radius * (np.sin(turned) - np.sin(truth.heading_rad))
        + truth.speed_m_s * after * np.cos(turned)
    )
    return east, north


def position(truth: Truth, time_s: F64) -> tuple[F64, F64, F64]:
    """(latitude, longitude, height) of every target at its own time_s (n,)."""
    east, north = _flown(truth, time_s)
    lat = truth.lat_rad + north / MEAN_RADIUS_M
    lon = truth.lon_rad + east / (MEAN_RADIUS_M * np.cos(truth.lat_rad))
    return lat, lon, truth.height_m + truth.climb_m_s * time_s


def make_radars(rng: np.random.Generator, *, radars: int, width_m: float) -> tuple[Sensor, ...]:
    """Radars on a grid over the area: 4 to 12 s, 50 to 100 m, 0.08 to 0.15 degrees, elevation 0.15 to 0.3."""
    across = math.ceil(math.sqrt(radars))
    down = math.ceil(radars / across)
    sensors = []
    for index in range(radars):
        east = ((index % across + 0.5) / across - 0.5) * width_m
        north = ((index // across + 0.5) / down - 0.5) * width_m
        lat = CENTRE_LAT_DEG + math.degrees(north / MEAN_RADIUS_M)
        sensors.append(
            Sensor(
                id=f"R{index}",
                kind=SensorKind.RADAR,
                lat_deg=lat,
                lon_deg=CENTRE_LON_DEG + math.degrees(east / (MEAN_RADIUS_M * math.cos(math.radians(lat)))),
                height_m=float(rng.uniform(50.0, 800.0)),
                period_s=float(rng.uniform(4.0, 12.0)),
                range_max_m=350_000.0,
                range_sigma_m=float(rng.uniform(50.0, 100.0)),
                azimuth_sigma_deg=float(rng.uniform(0.08, 0.15)),
                elevation_sigma_deg=float(rng.uniform(0.15, 0.3)),
            )
        )
    return tuple(sensors)


def _polar(sensor: Sensor, lat: F64, lon: F64, height_m: F64) -> tuple[F64, F64, F64]:
    """(slant range, azimuth, elevation as refracted by the 4/3 earth) of points from a sensor."""
    site_lat, site_lon = math.radians(sensor.lat_deg), math.radians(sensor.lon_deg)
    site = ecef_from_geodetic(np.array([site_lat]), np.array([site_lon]), np.array([float(sensor.height_m)]))[
        0
    ]
    x, y, z = (ecef_from_geodetic(lat, lon, height_m) - site).T
    east = -math.sin(site_lon) * x + math.cos(site_lon) * y
    outward = math.cos(site_lon) * x + math.sin(site_lon) * y
    north = -math.sin(site_lat) * outward + math.cos(site_lat) * z
    distance = np.sqrt(x * x + y * y + z * z)
    base = EFFECTIVE_RADIUS_M + sensor.height_m
    rise = (EFFECTIVE_RADIUS_M + height_m) ** 2 - base**2 - distance**2
    return (
        distance,
        np.arctan2(east, north) % (2.0 * math.pi),
        np.arcsin(np.clip(rise / (2.0 * distance * base), -1, 1)),
    )


def _turn_plots(
    rng: np.random.Generator, truth: Truth, sensor: Sensor, index: int, start_s: float, clutter: float
) -> tuple[Plots, F64]:
    """What one turn of one radar sees: plots and the target of each."""
    targets = len(truth.lat_rad)
    _, azimuth, _ = _polar(sensor, *position(truth, np.full(targets, start_s)))
    time_s = start_s + azimuth / (2.0 * math.pi) * sensor.period_s
    distance, azimuth, elevation = _polar(sensor, *position(truth, time_s))
    seen = (
        (distance < sensor.range_max_m)
        & (elevation > 0.0)
        & (rng.random(targets) < sensor.detection_probability)
    )
    rows = np.flatnonzero(seen)
    noise = int(rng.poisson(clutter))
    plots = Plots.empty(len(rows) + noise)
    real = slice(0, len(rows))
    plots.range_m[real] = distance[rows] + rng.normal(0.0, sensor.range_sigma_m, len(rows))
    plots.azimuth_rad[real] = azimuth[rows] + rng.normal(
        0.0, math.radians(sensor.azimuth_sigma_deg), len(rows)
    )
    plots.elevation_rad[real] = elevation[rows] + rng.normal(
        0.0, math.radians(sensor.elevation_sigma_deg), len(rows)
    )
    plots.range_m[len(rows) :] = sensor.range_max_m * np.sqrt(rng.uniform(0.01, 1.0, noise))
    plots.azimuth_rad[len(rows) :] = rng.uniform(0.0, 2.0 * math.pi, noise)
    plots.elevation_rad[len(rows) :] = np.radians(rng.uniform(0.2, 10.0, noise))
    plots.azimuth_rad[:] %= 2.0 * math.pi
    times = np.concatenate(
        [time_s[rows], start_s + plots.azimuth_rad[len(rows) :] / (2 * math.pi) * sensor.period_s]
    )
    plots.time_ns[:] = np.round(times * SECOND_NS).astype(np.int64)
    plots.sensor[:] = index
    return plots, np.concatenate([rows, np.full(noise, -1)])


def make_scenario(
    *, seed: int, targets: int, radars: int, duration_s: float, width_m: float, clutter: float
) -> Scenario:
    """Plots of all radars; clutter is the mean number of false plots per turn."""
    rng = np.random.default_rng(seed)
    truth = make_truth(rng, targets=targets, width_m=width_m)
    sensors = make_radars(rng, radars=radars, width_m=width_m)
    parts, owners = [], []
    for index, sensor in enumerate(sensors):
        for turn in range(int(duration_s / sensor.period_s)):
            plots, owner = _turn_plots(rng, truth, sensor, index, turn * sensor.period_s, clutter)
            parts.append(plots)
            owners.append(owner)
    plots, target = concatenate(parts), np.concatenate(owners)
    order = np.argsort(plots.time_ns, kind="stable")
    return Scenario(truth, sensors, take(plots, order), target[order], duration_s)


LARGE = {
    "seed": 1,
    "targets": 2_000,
    "radars": 12,
    "duration_s": 120.0,
    "width_m": 1_500_000.0,
    "clutter": 60.0,
}
