"""Areas as rings of (longitude, latitude) in degrees, as maps take them: counter-clockwise, within +-180."""

from typing import Final

CELLS_PER_DEGREE: Final = 10
"""A tearline's area is a cell of 0.1 degree (watch.tearline)."""

Ring = list[tuple[float, float]]


def cell(south_deg: float, west_deg: float) -> Ring:
    """The corners of the cell with this south-west corner, not closed; latitudes end at the poles."""
    south, west = round(south_deg * CELLS_PER_DEGREE), round(west_deg * CELLS_PER_DEGREE)
    south = min(max(south, -90 * CELLS_PER_DEGREE), 90 * CELLS_PER_DEGREE - 1)
    low, high = south / CELLS_PER_DEGREE, (south + 1) / CELLS_PER_DEGREE
    left, right = west / CELLS_PER_DEGREE, (west + 1) / CELLS_PER_DEGREE
    return [(left, low), (right, low), (right, high), (left, high)]


def rings(corners: Ring) -> list[Ring]:
    """The area inside the corners as closed rings, cut where it reaches over the antimeridian.

    RFC 7946, 3.1.6 (outer rings counter-clockwise) and 3.1.9 (no ring crosses the antimeridian). Of two
    neighbouring corners the shorter way is meant. The area holds no pole. Sutherland and Hodgman, Reentrant
    Polygon Clipping, Communications of the ACM 17 (1974).
    """
    unwrapped = _unwrap(corners)
    if _twice_area(unwrapped) < 0:
        unwrapped.reverse()
    west = min(lon for lon, _ in unwrapped)
    first = int((west + 180.0) // 360.0)
    found = []
    for turn in (first, first + 1):
        shifted = [(lon - 360.0 * turn, lat) for lon, lat in unwrapped]
        part = _clip(_clip(shifted, -180.0, east=True), 180.0, east=False)
        if len(part) > 2 and _twice_area(part) > 0:
            found.append([(round(lon, 9), round(lat, 9)) for lon, lat in [*part, part[0]]])
    return found


def _unwrap(corners: Ring) -> Ring:
    """The corners with longitudes that never jump by more than half a turn."""
    out = [corners[0]]
    for lon, lat in corners[1:]:
        step = (lon - out[-1][0] + 180.0) % 360.0 - 180.0
        out.append((out[-1][0] + step, lat))
    return out


def _twice_area(ring: Ring) -> float:
    """Twice the signed area of an open ring, positive counter-clockwise (the shoelace formula)."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)


def _clip(ring: Ring, edge: float, *, east: bool) -> Ring:
    """The part of an open ring east, or west, of a meridian."""
    out: Ring = []
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        inside = (x0 >= edge) if east else (x0 <= edge)
        if inside:
            out.append((x0, y0))
        if (x0 - edge) * (x1 - edge) < 0:
            out.append((edge, y0 + (edge - x0) * (y1 - y0) / (x1 - x0)))
    return out
