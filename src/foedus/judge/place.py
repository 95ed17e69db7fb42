"""The judge's own geometry: is a point, or all of a cell, or none of it, inside a zone?

Polygons as docs/pact.md, Head, has them: sides straight in latitude and longitude, a point inside when an odd
number of sides lie east of it. A row that was rounded says only in which cell its object was, so that the
answer has three values.
"""

from typing import Final

import numpy as np

from foedus.model import F64, I8
from foedus.pact.clauses import Zone

OUT: Final = 0
MAYBE: Final = 1
IN: Final = 2

EDGE_DEG: Final = 1e-7
"""Half the width of the box that stands for an exact position: a centimetre, more than radians lose."""

EARTH_M: Final = 6_371_000.0
"""Radius of the sphere on which the judge measures distances; 0.3 % off, where it allows kilometres."""


def away_m(lat_rad: F64, lon_rad: F64, lat: float, lon: float) -> F64:
    """Great-circle distances from points to one point, all in radians (haversine)."""
    half = np.sin((lat_rad - lat) / 2) ** 2 + np.cos(lat_rad) * np.cos(lat) * np.sin((lon_rad - lon) / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def inside(zone: Zone, lat_deg: F64, lon_deg: F64, half_deg: F64) -> I8:
    """OUT, MAYBE or IN of each box of that half width in the polygon, shape (n,); no look at the band."""
    corners = np.asarray(zone.polygon, np.float64)
    origin = corners[0, 1]
    xs = _turned(corners[:, 1], origin)
    ys = corners[:, 0]
    x, y, half = _turned(lon_deg, origin)[:, None], lat_deg[:, None], half_deg[:, None]
    dx, dy = np.roll(xs, -1) - xs, np.roll(ys, -1) - ys
    north, north_next = ys > y, np.roll(ys, -1) > y
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = xs + (y - ys) * dx / dy
    odd = np.sum((north != north_next) & (crossing > x), axis=1) % 2
    # a side touches a box unless one of three axes keeps them apart (separating axis theorem)
    touches = (np.minimum(xs, xs + dx) <= x + half) & (np.maximum(xs, xs + dx) >= x - half)
    touches &= (np.minimum(ys, ys + dy) <= y + half) & (np.maximum(ys, ys + dy) >= y - half)
    touches &= np.abs(dx * (y - ys) - dy * (x - xs)) <= half * (np.abs(dx) + np.abs(dy))
    return np.where(touches.any(axis=1), MAYBE, np.where(odd == 1, IN, OUT)).astype(np.int8)


def _turned(lon_deg: F64, origin: float) -> F64:
    """Longitudes within 180 degrees of the origin; no zone spans more."""
    return np.asarray(origin + (lon_deg - origin + 180.0) % 360.0 - 180.0)


def in_band(zone: Zone, height_m: F64, half_m: F64, *, unknown: int) -> I8:
    """OUT, MAYBE or IN of each height, give or take half_m, in the zone's band; `unknown` where it is NaN."""
    floor = -np.inf if zone.floor_m is None else zone.floor_m
    ceiling = np.inf if zone.ceiling_m is None else zone.ceiling_m
    if not np.isfinite(floor) and not np.isfinite(ceiling):
        return np.full(len(height_m), IN, np.int8)
    low, high = height_m - half_m, height_m + half_m
    sure = (low >= floor) & (high < ceiling)
    never = (high < floor) | (low >= ceiling)
    found = np.where(sure, IN, np.where(never, OUT, MAYBE))
    return np.where(np.isnan(height_m), unknown, found).astype(np.int8)
