"""Which tracks will probably enter which zones within a horizon, and when (method: threat_kernels.py)."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from foedus.errors import LimitError
from foedus.limits import ZONE_VERTICES_MAX, ZONES_MAX
from foedus.model import F64, I32, SECOND_NS, Bool, Tracks
from foedus.watch.threat_kernels import RAYS, assess_kernel

PROBABILITY_MIN = 0.01
"""Threats below this are not listed: no duty can ask for less than a step of the warning's 10 %."""

PolygonDeg = Sequence[tuple[float, float]]


class Zones(NamedTuple):
    """Polygons one after the other; zone z has the vertices starts[z] to starts[z + 1]."""

    lat_rad: F64
    lon_rad: F64  # the short way from vertex to vertex, so beyond +-pi across the antimeridian
    starts: I32  # shape (zones + 1,)
    bounds: (
        F64  # shape (zones, 6): lat min, lon min, lat max, lon max (rad), floor, ceiling (m; infinite: none)
    )


class Threats(NamedTuple):
    """One row per (track, zone) that may meet, ordered by row and zone."""

    row: I32  # of the tracks given
    zone: I32
    entry_s: F64  # most likely seconds from now to entry, 0 if inside
    probability: F64  # of being inside or entering within the horizon
    inside: Bool  # the expected position is inside now


def make_zones(
    polygons_deg: Sequence[PolygonDeg], floors_m: Sequence[float | None], ceilings_m: Sequence[float | None]
) -> Zones:
    """Zones from polygons of (latitude, longitude) in degrees, with None for no floor or no ceiling.

    LimitError beyond ZONES_MAX zones or ZONE_VERTICES_MAX vertices; the reader checked the polygons.
    """
    if len(polygons_deg) > ZONES_MAX:
        raise LimitError(name="ZONES_MAX", limit=ZONES_MAX, asked=len(polygons_deg))
    assert len(polygons_deg) == len(floors_m) == len(ceilings_m)
    starts = np.zeros(len(polygons_deg) + 1, np.int32)
    bounds = np.empty((len(polygons_deg), 6))
    latitudes, longitudes = [np.empty(0)], [np.empty(0)]
    for zone, polygon in enumerate(polygons_deg):
        if len(polygon) > ZONE_VERTICES_MAX:
            raise LimitError(name="ZONE_VERTICES_MAX", limit=ZONE_VERTICES_MAX, asked=len(polygon))
        assert len(polygon) >= 3
        corners = np.radians(np.array(polygon, np.float64))
        lat_rad, lon_rad = corners[:, 0], np.unwrap(corners[:, 1])
        floor_m, ceiling_m = floors_m[zone], ceilings_m[zone]
        bounds[zone] = (
            lat_rad.min(),
            lon_rad.min(),
            lat_rad.max(),
            lon_rad.max(),
            -math.inf if floor_m is None else floor_m,
            math.inf if ceiling_m is None else ceiling_m,
        )
        starts[zone + 1] = starts[zone] + len(polygon)
        latitudes.append(lat_rad)
        longitudes.append(lon_rad)
    return Zones(np.concatenate(latitudes), np.concatenate(longitudes), starts, bounds)


STIR_START = 25
STIR_CLIMB = 11
"""Odd multipliers that shuffle, chosen by trial against Monte Carlo scenes (tests)."""


def _normal_quantile(probability: float) -> float:
    """The standard normal value below which this probability lies; by bisection, for a table made once."""
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if math.erfc(-middle / math.sqrt(2.0)) < 2.0 * probability:
            low = middle
        else:
            high = middle
    return low


def _gaussian_points() -> F64:
    """Fixed standard Gaussian points, shape (RAYS, 4): start of a ray (east, north), its climb, its heading.

    Heading and climb: the middles of RAYS equal parts of the probability. Start: a Vogel spiral, point r at
    the radius of quantile (r + 1/2) / RAYS and r times the golden angle. Odd multipliers shuffle start and
    climb, so that they do not depend on the heading.
    """
    golden_rad = math.pi * (3.0 - math.sqrt(5.0))
    points = np.empty((RAYS, 4))
    for k in range(RAYS):
        r = k * STIR_START % RAYS
        radius = math.sqrt(-2.0 * math.log(1.0 - (r + 0.5) / RAYS))
        points[k, :2] = radius * math.cos(golden_rad * r), radius * math.sin(golden_rad * r)
        points[k, 2] = _normal_quantile((k * STIR_CLIMB % RAYS + 0.5) / RAYS)
        points[k, 3] = _normal_quantile((k + 0.5) / RAYS)
    return points


_POINTS = _gaussian_points()


def assess(tracks: Tracks, zones: Zones, *, now_ns: int, horizon_s: float) -> Threats:
    """Every (track, zone) whose probability of entry within the horizon is at least PROBABILITY_MIN."""
    assert horizon_s > 0.0
    rows, room = len(tracks.number), len(tracks.number) * len(zones.bounds)
    state = np.empty((rows, 10))
    columns = (
        tracks.lat_rad, tracks.lon_rad, tracks.height_m,
        tracks.velocity_east_m_s, tracks.velocity_north_m_s, tracks.velocity_up_m_s,
        tracks.position_sigma_m, tracks.height_sigma_m, tracks.velocity_sigma_m_s,
        (now_ns - tracks.time_ns) / SECOND_NS,
    )  # fmt: skip
    for i, column in enumerate(columns):
        state[:, i] = column
    out = Threats(
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty(room),
        np.empty(room),
        np.empty(room, np.bool_),
    )
    room_x_m, room_y_m, fan = np.empty(ZONE_VERTICES_MAX), np.empty(ZONE_VERTICES_MAX), np.empty((RAYS, 4))
    found = assess_kernel(
        state, zones.lat_rad, zones.lon_rad, zones.starts, zones.bounds, _POINTS, float(horizon_s),
        PROBABILITY_MIN, room_x_m, room_y_m, fan,
        out.row, out.zone, out.entry_s, out.probability, out.inside,
    )  # fmt: skip
    return Threats._make(column[:found] for column in out)
