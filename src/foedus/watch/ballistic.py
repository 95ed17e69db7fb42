"""Where and when ballistic objects come down: areas in which the public is to be warned.

The estimate of a track, as its columns give it, is carried to the ground (ballistic_kernels.py). Tracks have
no full covariance: position and velocity count as equally uncertain in every horizontal direction, errors of
position and of velocity as independent. The vertical velocity, for which there is no sigma, counts as
uncertain as the horizontal one, and by as much more as the height is more uncertain than the position.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from foedus.geo import metres_per_radian
from foedus.model import F64, I32, SECOND_NS, Bool, TrackClass, Tracks, take
from foedus.watch.ballistic_kernels import arrival_areas_kernel, distance_kernel, mass_kernel

VARIANCE_M2_MIN: Final = 10.0**2
"""An arrival area is never smaller than what stands on it."""

BEYOND_SIGMAS: Final = 7.0
"""A zone that lies wholly this far to one side of an area gets nothing of it."""

GAUSS_NODES: Final = 24
"""Nodes along each side of a zone; its mass is then within 1e-4 (tests, against scipy)."""


class ArrivalAreas(NamedTuple):
    """Where what falls comes down: a Gaussian on the ground and in time; one row per object that does."""

    row: I32  # of the tracks given
    lat_rad: F64  # centre
    lon_rad: F64
    semi_major_m: F64  # one sigma; 0.39 of the probability lies inside that ellipse, 0.86 inside twice it
    semi_minor_m: F64
    orientation_rad: F64  # of the major axis, clockwise from true north, 0 to pi
    arrival_s: F64  # from now; 0 for what must be down already
    arrival_sigma_s: F64


def falling(tracks: Tracks) -> Bool:
    """Which tracks are ballistic objects of which enough is known to follow their fall."""
    known: Bool = tracks.track_class == TrackClass.BALLISTIC
    if known.any():
        for column in (
            tracks.height_m,
            tracks.velocity_east_m_s,
            tracks.velocity_north_m_s,
            tracks.velocity_up_m_s,
            tracks.position_sigma_m,
            tracks.height_sigma_m,
            tracks.velocity_sigma_m_s,
        ):
            known &= np.isfinite(column)
    return known


def arrival_areas(tracks: Tracks, *, now_ns: int) -> ArrivalAreas:
    """Where the ballistic objects come down that do within FALL_S_MAX, in the order of the rows."""
    rows = np.flatnonzero(falling(tracks))
    starts, out, found = _starts(take(tracks, rows)), np.zeros((len(rows), 7)), np.zeros(len(rows), np.bool_)
    arrival_areas_kernel(starts, np.empty(6), np.empty(5), np.empty(6), np.empty((6, 6)), out, found)
    rows, out = rows[found], out[found]
    east, both, north = (
        np.maximum(out[:, 3], VARIANCE_M2_MIN),
        out[:, 4],
        np.maximum(out[:, 5], VARIANCE_M2_MIN),
    )
    middle, half = 0.5 * (east + north), np.hypot(0.5 * (east - north), both)
    age_s = (now_ns - tracks.time_ns[rows]) / SECOND_NS
    return ArrivalAreas(
        row=rows.astype(np.int32),
        lat_rad=out[:, 0].copy(),
        lon_rad=out[:, 1].copy(),
        semi_major_m=np.sqrt(middle + half),
        semi_minor_m=np.sqrt(np.maximum(middle - half, VARIANCE_M2_MIN)),
        orientation_rad=np.mod(0.5 * math.pi - 0.5 * np.arctan2(2.0 * both, east - north), math.pi),
        arrival_s=np.maximum(0.0, out[:, 2] - age_s),
        arrival_sigma_s=np.sqrt(out[:, 6]),
    )


def _starts(tracks: Tracks) -> F64:
    """Rows of `arrival_areas_kernel`."""
    ratio = np.maximum(1.0, tracks.height_sigma_m / np.maximum(1.0, tracks.position_sigma_m))
    return np.column_stack(
        [
            tracks.lat_rad,
            tracks.lon_rad,
            tracks.height_m,
            tracks.velocity_east_m_s,
            tracks.velocity_north_m_s,
            tracks.velocity_up_m_s,
            tracks.position_sigma_m,
            tracks.position_sigma_m,
            tracks.height_sigma_m,
            tracks.velocity_sigma_m_s,
            tracks.velocity_sigma_m_s,
            tracks.velocity_sigma_m_s * ratio,
        ]
    )


def legendre_nodes() -> F64:
    """(GAUSS_NODES, 2): nodes of Gauss and Legendre over 0 to 1, and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(GAUSS_NODES)
    return np.column_stack([0.5 * (nodes + 1.0), 0.5 * weights])


_NODES = legendre_nodes()


def mass_inside(areas: ArrivalAreas, i: int, lat_rad: F64, lon_rad: F64) -> tuple[float, float]:
    """(probability that object i comes down in a polygon, metres from its centre to the polygon).

    The polygon, radians, is a zone's: its longitudes run the short way from vertex to vertex. Its sides are
    straight in latitude and longitude; the plane is that of threat_kernels.py, at the centre of the area.
    """
    east_m_rad, north_m_rad = metres_per_radian(float(areas.lat_rad[i]))
    turn = 2.0 * math.pi
    middle_rad = 0.5 * (lon_rad.min() + lon_rad.max())
    centre_rad = areas.lon_rad[i] + turn * math.floor((middle_rad - areas.lon_rad[i]) / turn + 0.5)
    x, y = (lon_rad - centre_rad) * east_m_rad, (lat_rad - areas.lat_rad[i]) * north_m_rad
    sine, cosine = math.sin(areas.orientation_rad[i]), math.cos(areas.orientation_rad[i])
    along = (x * sine + y * cosine) / areas.semi_major_m[i]
    across = (x * cosine - y * sine) / areas.semi_minor_m[i]
    for side in (along, -along, across, -across):
        if side.min() > BEYOND_SIGMAS:
            return 0.0, distance_kernel(x, y)
    return mass_kernel(along, across, _NODES), distance_kernel(x, y)
