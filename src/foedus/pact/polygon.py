"""Polygons of a pact: whether one crosses itself, and whether two have area in common.

Vertices are (latitude, longitude) in degrees, shape (n, 2); sides are straight in these coordinates. These
are checks of a text; which zones hold a track is decided in kernels.py.
"""

from collections.abc import Sequence

import numpy as np

from foedus.model import F64, Bool


def vertices(polygon: Sequence[tuple[float, float]]) -> F64:
    """The vertices as (n, 2)."""
    return np.array(polygon, dtype=np.float64).reshape(-1, 2)


def area_deg2(polygon: F64) -> float:
    """Twice-signed shoelace area, halved and without its sign, in square degrees."""
    x, y = polygon[:, 1], polygon[:, 0]
    return abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))) / 2


def crosses_itself(polygon: F64) -> bool:
    """Whether two sides meet anywhere but at the vertex that neighbours share, or a side has no length."""
    ends = np.roll(polygon, -1, axis=0)
    if bool(np.any(np.all(polygon == ends, axis=1))):
        return True
    meet = _meet(polygon, ends, polygon, ends)
    n = len(polygon)
    rows = np.arange(n)
    for step in (-1, 0, 1):  # a side always meets itself and its neighbours
        meet[rows, (rows + step) % n] = False
    unique = len(np.unique(polygon, axis=0)) == n
    return bool(meet.any()) or not unique


def shape_fault(polygon: F64) -> tuple[str, str] | None:
    """(found, expected) of what makes a polygon no zone; None where it can be one."""
    if polygon[:, 1].max() - polygon[:, 1].min() > 180:
        return "a polygon wider than 180 degrees", "two zones, one on each side"
    if area_deg2(polygon) == 0:
        return "a polygon without area", "vertices that enclose an area"
    if crosses_itself(polygon):
        return "a polygon that touches or crosses itself", "a simple polygon"
    return None


def overlap(a: F64, b: F64) -> bool:
    """Whether two simple polygons have area in common; a common border is none.

    Looks for sides that cross and for vertices and middles of sides of one that lie inside the other: two
    polygons that meet only through common vertices in a stranger way may be missed.
    """
    if np.any(a.max(axis=0) <= b.min(axis=0)) or np.any(b.max(axis=0) <= a.min(axis=0)):
        return False
    if _cross(a, np.roll(a, -1, axis=0), b, np.roll(b, -1, axis=0)).any():
        return True
    return bool(_inside(_probes(a), b).any() or _inside(_probes(b), a).any())


def _probes(polygon: F64) -> F64:
    """Vertices, middles of sides and one point inside."""
    middles = (polygon + np.roll(polygon, -1, axis=0)) / 2
    border = np.concatenate([polygon, middles])
    return np.concatenate([border, _interior_point(polygon)[None, :]])


def _interior_point(polygon: F64) -> F64:
    """A point inside: half way between the first two crossings of a line at a latitude without vertices."""
    latitudes = np.unique(polygon[:, 0])
    lat = float(latitudes[:2].mean())
    ends = np.roll(polygon, -1, axis=0)
    across = (polygon[:, 0] > lat) != (ends[:, 0] > lat)
    start, end = polygon[across], ends[across]
    lon = np.sort(start[:, 1] + (lat - start[:, 0]) * (end[:, 1] - start[:, 1]) / (end[:, 0] - start[:, 0]))
    return np.array([lat, (lon[0] + lon[1]) / 2])


def _inside(points: F64, polygon: F64) -> Bool:
    """Whether each point lies inside and not on the border (within 1e-9 degrees)."""
    ends = np.roll(polygon, -1, axis=0)
    lat, lon = points[:, 0, None], points[:, 1, None]
    along = ends - polygon
    across = (polygon[:, 0] > lat) != (ends[:, 0] > lat)
    rise = np.where(along[:, 0] == 0, 1.0, along[:, 0])
    crossing = polygon[:, 1] + (lat - polygon[:, 0]) * along[:, 1] / rise
    odd: Bool = np.sum(across & (lon < crossing), axis=1) % 2 == 1
    length2 = np.sum(along * along, axis=1)
    part = np.clip(
        ((lat - polygon[:, 0]) * along[:, 0] + (lon - polygon[:, 1]) * along[:, 1]) / length2, 0, 1
    )
    near = np.hypot(lat - polygon[:, 0] - part * along[:, 0], lon - polygon[:, 1] - part * along[:, 1]) < 1e-9
    result: Bool = odd & ~near.any(axis=1)
    return result


def _turn(p: F64, q: F64, r: F64) -> F64:
    """Sign of the turn p, q, r for all pairs: p and q of shape (n, 2), r of (m, 2), result (n, m)."""
    u = q - p
    sign: F64 = np.sign(
        u[:, 0, None] * (r[None, :, 1] - p[:, 1, None]) - u[:, 1, None] * (r[None, :, 0] - p[:, 0, None])
    )
    return sign


def _cross(a: F64, a_end: F64, b: F64, b_end: F64) -> Bool:
    """Which sides of a properly cross which sides of b, shape (n, m)."""
    apart_b = _turn(a, a_end, b) * _turn(a, a_end, b_end) < 0
    apart_a = (_turn(b, b_end, a) * _turn(b, b_end, a_end) < 0).T
    result: Bool = apart_a & apart_b
    return result


def _meet(a: F64, a_end: F64, b: F64, b_end: F64) -> Bool:
    """Which sides of a have any point in common with which sides of b, shape (n, m)."""
    apart_b = _turn(a, a_end, b) * _turn(a, a_end, b_end) <= 0
    apart_a = (_turn(b, b_end, a) * _turn(b, b_end, a_end) <= 0).T
    low_a, high_a = np.minimum(a, a_end), np.maximum(a, a_end)
    low_b, high_b = np.minimum(b, b_end), np.maximum(b, b_end)
    boxes = np.all((low_a[:, None] <= high_b[None]) & (low_b[None] <= high_a[:, None]), axis=2)
    result: Bool = apart_a & apart_b & boxes
    return result
