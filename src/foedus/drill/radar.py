"""A simulated rotating primary radar: range and azimuth of what the beam passes, with errors and clutter.

It measures no height: category 048 has no item for elevation, and what answers no interrogation reports none.
It sees the simulated aircraft only; the recorded ones are left to the receivers.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from foedus.drill.sensors import in_view, site_ecef_m
from foedus.geo import ecef_from_geodetic, ecef_to_enu_vector
from foedus.model import SECOND_NS, PlotKind, Plots, Sensor, concatenate, take
from foedus.network import Target, utc_ns

TURN: Final = 2.0 * math.pi
CLUTTER_RANGE_M_MIN: Final = 5_000.0
"""Nearer returns are blanked, as radars do."""


class Path(NamedTuple):
    """A simulated aircraft's way: straight between waypoints in latitude, longitude and height."""

    time_ns: tuple[int, ...]
    lat_rad: tuple[float, ...]
    lon_rad: tuple[float, ...]
    height_m: tuple[float, ...]


def make_path(target: Target) -> Path:
    """The path of a target of the network file."""
    start_ns = utc_ns(target.start, where=f"target {target.id}: start")
    return Path(
        tuple(start_ns + round(point.after_s * SECOND_NS) for point in target.waypoint),
        tuple(math.radians(point.lat_deg) for point in target.waypoint),
        tuple(math.radians(point.lon_deg) for point in target.waypoint),
        tuple(point.height_m for point in target.waypoint),
    )


def position(path: Path, time_ns: int) -> tuple[float, float, float] | None:
    """Latitude, longitude (rad) and height (m) at a time; None before the start and after the end."""
    if not path.time_ns[0] <= time_ns <= path.time_ns[-1]:
        return None
    leg = max(1, int(np.searchsorted(path.time_ns, time_ns)))
    share = (time_ns - path.time_ns[leg - 1]) / (path.time_ns[leg] - path.time_ns[leg - 1])

    def between(values: tuple[float, ...]) -> float:
        return values[leg - 1] + share * (values[leg] - values[leg - 1])

    return between(path.lat_rad), between(path.lon_rad), between(path.height_m)


def north_ns(sensor: Sensor, scan: int) -> int:
    """When the beam points north for the scan-th time since 1970; the longitude keeps radars out of step."""
    period_ns = round(sensor.period_s * SECOND_NS)
    return scan * period_ns + round(sensor.lon_deg % 1.0 * period_ns)


def scan_at(sensor: Sensor, time_ns: int) -> int:
    """The last scan that begins at or before a time."""
    return (time_ns - north_ns(sensor, 0)) // round(sensor.period_s * SECOND_NS)


def _polar(sensor: Sensor, point: tuple[float, float, float]) -> tuple[float, float]:
    """Slant range (m) and azimuth (rad) of a point, along the straight line."""
    lat_rad, lon_rad = math.radians(sensor.lat_deg), math.radians(sensor.lon_deg)
    ecef_m = ecef_from_geodetic(*(np.array([value]) for value in point))[0] - site_ecef_m(sensor)
    east_m, north_m, up_m = ecef_to_enu_vector(
        float(ecef_m[0]), float(ecef_m[1]), float(ecef_m[2]), lat_rad, lon_rad
    )
    return math.sqrt(east_m**2 + north_m**2 + up_m**2), math.atan2(east_m, north_m) % TURN


def _plot(time_ns: int, sensor_index: int, range_m: float, azimuth_rad: float) -> Plots:
    plot = Plots.empty(1)
    return plot._replace(
        time_ns=np.array([time_ns], np.int64),
        sensor=np.array([sensor_index], np.int32),
        kind=np.array([PlotKind.POLAR], np.int8),
        range_m=np.array([range_m]),
        azimuth_rad=np.array([azimuth_rad % TURN]),
    )


def _target_plot(
    sensor: Sensor, sensor_index: int, path: Path, begin_ns: int, generator: np.random.Generator
) -> Plots | None:
    """The plot of a target in the scan that begins at begin_ns; draws the same numbers, seen or not."""
    chance, range_error, azimuth_error = generator.random(), *generator.standard_normal(2)
    time_ns, point, azimuth_rad, range_m = begin_ns, None, 0.0, 0.0
    for _ in range(2):  # where it is when the beam comes: the beam is 1e5 times faster than its bearing moves
        point = position(path, time_ns)
        if point is None:
            return None
        range_m, azimuth_rad = _polar(sensor, point)
        time_ns = begin_ns + round(azimuth_rad / TURN * sensor.period_s * SECOND_NS)
    assert point is not None
    ecef_m = ecef_from_geodetic(*(np.array([value]) for value in point))
    if chance >= sensor.detection_probability or not in_view(sensor, ecef_m, np.array([point[2]]))[0]:
        return None
    return _plot(
        time_ns,
        sensor_index,
        range_m + float(range_error) * sensor.range_sigma_m,
        azimuth_rad + float(azimuth_error) * math.radians(sensor.azimuth_sigma_deg),
    )


def scan_plots(
    sensor: Sensor,
    paths: Sequence[Path],
    *,
    sensor_index: int,
    begin_ns: int,
    generator: np.random.Generator,
) -> Plots:
    """The plots of one scan in order of time: targets, and false plots spread evenly in range and azimuth."""
    found = [_target_plot(sensor, sensor_index, path, begin_ns, generator) for path in paths]
    plots = [plot for plot in found if plot is not None]
    for _ in range(int(generator.poisson(sensor.clutter_per_scan))):
        turn = float(generator.random())
        range_m = float(generator.uniform(CLUTTER_RANGE_M_MIN, sensor.range_max_m))
        time_ns = begin_ns + round(turn * sensor.period_s * SECOND_NS)
        plots.append(_plot(time_ns, sensor_index, range_m, turn * TURN))
    if not plots:
        return Plots.empty()
    joined = concatenate(plots)
    return take(joined, np.argsort(joined.time_ns, kind="stable"))
