"""How far tracks are outside the corridors in which those who answer are expected."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from foedus.errors import LimitError
from foedus.geo import MEAN_RADIUS_M
from foedus.limits import ROUTES_MAX
from foedus.model import F64


class Routes(NamedTuple):
    """The legs of all corridors, one per row: straight in latitude and longitude, the short way round."""

    lat_rad: F64  # (legs, 2) of both ends
    lon_rad: F64  # (legs, 2)
    half_width_m: F64  # (legs,)


def make_routes(lines_deg: Sequence[Sequence[tuple[float, float]]], half_widths_m: Sequence[float]) -> Routes:
    """Routes from centre lines of two or more (latitude, longitude) in degrees, and their half widths.

    LimitError beyond ROUTES_MAX.
    """
    if len(lines_deg) > ROUTES_MAX:
        raise LimitError(name="ROUTES_MAX", limit=ROUTES_MAX, asked=len(lines_deg))
    legs, widths_m = [], []
    for line, half_width_m in zip(lines_deg, half_widths_m, strict=True):
        assert len(line) >= 2
        points = np.radians(np.array(line, np.float64))
        points[:, 1] = np.unwrap(points[:, 1])
        legs.append(np.stack([points[:-1], points[1:]], axis=1))  # (legs, ends, coordinates)
        widths_m += [half_width_m] * (len(line) - 1)
    ends = np.concatenate(legs) if legs else np.empty((0, 2, 2))
    return Routes(ends[:, :, 0].copy(), ends[:, :, 1].copy(), np.array(widths_m, np.float64))


def widths_outside(routes: Routes, lat_rad: F64, lon_rad: F64) -> tuple[F64, F64]:
    """For each place, (metres beyond the edge of the corridor it is least outside of, the same in widths).

    Negative inside, infinite where there are no corridors. On the mean sphere, flat about the place: within
    0.5 % of the distance for corridors that are near; far ones only have to be far.
    """
    if len(routes.half_width_m) == 0:
        nowhere = np.full(len(lat_rad), np.inf)
        return nowhere, nowhere
    turn = np.round((lon_rad[:, None] - routes.lon_rad[None, :, 0]) / (2.0 * np.pi)) * 2.0 * np.pi
    scale = MEAN_RADIUS_M * np.cos(lat_rad)[:, None]
    x = [(routes.lon_rad[None, :, end] + turn - lon_rad[:, None]) * scale for end in (0, 1)]
    y = [(routes.lat_rad[None, :, end] - lat_rad[:, None]) * MEAN_RADIUS_M for end in (0, 1)]
    dx, dy = x[1] - x[0], y[1] - y[0]
    share = -(x[0] * dx + y[0] * dy) / np.maximum(1e-6, dx * dx + dy * dy)
    share = np.clip(share, 0.0, 1.0)
    beyond_m = np.hypot(x[0] + share * dx, y[0] + share * dy) - routes.half_width_m
    widths = beyond_m / (2.0 * routes.half_width_m)
    nearest, rows = np.argmin(widths, axis=1), np.arange(len(lat_rad))
    return beyond_m[rows, nearest], widths[rows, nearest]
