"""The guard's own reading of zones: which of them hold a point. Shares no logic with the zone table."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from foedus.pact.clauses import Pact, Withhold, Zone


class _Area(NamedTuple):
    name: str
    south: float
    north: float
    west: float
    east: float
    floor_m: float
    ceiling_m: float
    unknown_height: bool
    sides: tuple[tuple[float, float, float, float], ...]


def zone_finder(pact: Pact) -> Callable[[float, float, float], tuple[str, ...]]:
    """A function from latitude and longitude (degrees) and height to the zones that hold the point."""
    areas = [_area(pact, zone) for zone in pact.zone]

    def zones_at(lat: float, lon: float, height_m: float) -> tuple[str, ...]:
        return tuple(area.name for area in areas if _holds(area, lat, lon, height_m))

    return zones_at


def _area(pact: Pact, zone: Zone) -> _Area:
    corners: Sequence[tuple[float, float]] = zone.polygon
    ends = (*corners[-1:], *corners[:-1])
    banded = zone.floor_m is not None or zone.ceiling_m is not None
    withheld = any(isinstance(one, Withhold) and zone.id in one.zones for one in pact.clause)
    return _Area(
        name=zone.id,
        south=min(corner[0] for corner in corners),
        north=max(corner[0] for corner in corners),
        west=min(corner[1] for corner in corners),
        east=max(corner[1] for corner in corners),
        floor_m=-math.inf if zone.floor_m is None else zone.floor_m,
        ceiling_m=math.inf if zone.ceiling_m is None else zone.ceiling_m,
        unknown_height=withheld or not banded,
        sides=tuple((*end, *corner) for end, corner in zip(ends, corners, strict=True)),
    )


def _holds(area: _Area, lat: float, lon: float, height_m: float) -> bool:
    if not (area.south <= lat <= area.north and area.west <= lon <= area.east):
        return False
    if not (area.unknown_height if math.isnan(height_m) else area.floor_m <= height_m < area.ceiling_m):
        return False
    inside = False
    for lat_a, lon_a, lat_b, lon_b in area.sides:
        if (lat_a > lat) != (lat_b > lat):
            inside ^= lon < lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a)
    return inside
