"""Positions of messages from their times of arrival: Gauss-Newton on the ellipsoid, many messages at once.

Unknown are latitude, longitude and the time of sending; the height comes from the message. Bancroft's problem
(IEEE Trans. AES 21, 1985) with one coordinate given, so three receivers would do and five leave two to spare.
"""

from typing import Final, NamedTuple

import numpy as np

from foedus.geo import ecef_from_geodetic
from foedus.model import F64, I64, Bool

LIGHT_M_S: Final = 299_792_458.0
SURFACE_REFRACTIVITY: Final = 315e-6
REFRACTIVITY_SCALE_M: Final = 7_350.0
"""Refractive index less one at sea level, and the height in which it falls to 1/e: ITU-R P.453, reference
atmosphere. Over 100 km the air delays a signal by some 20 m, and differently for each receiver."""
ROUNDS_MAX: Final = 30
STEP_END_M: Final = 0.1
STEP_MAX_M: Final = 100_000.0
RESIDUAL_MAX_M: Final = 150.0
"""Receivers with GPS stamp to some 50 ns, 15 m. Times that fit no place to ten times that are not of one
message, or one clock is wrong."""
DILUTION_MAX: Final = 10.0
"""Largest horizontal dilution of precision: 15 m of timing then become 150 m of position."""

SOLVED: Final = 0
NO_CONVERGENCE: Final = 1
NO_FIT: Final = 2
POOR_GEOMETRY: Final = 3
REASONS: Final = (
    "solved",
    "no convergence",
    "times fit no place (residual above 150 m)",
    "poor geometry (dilution above 10)",
)


class Fixes(NamedTuple):
    """What came of each message; every column has shape (n,)."""

    code: I64  # index into REASONS
    lat_rad: F64
    lon_rad: F64
    residual_m: F64  # root of the sum of squares over the degrees of freedom
    dilution: F64  # horizontal, of a timing error of one metre per receiver


def _east_north(lat_rad: F64, lon_rad: F64) -> tuple[F64, F64]:
    """Unit vectors (n, 3) east and north as ECEF."""
    zero = np.zeros_like(lat_rad)
    east = np.stack([-np.sin(lon_rad), np.cos(lon_rad), zero], axis=1)
    north = np.stack(
        [-np.sin(lat_rad) * np.cos(lon_rad), -np.sin(lat_rad) * np.sin(lon_rad), np.cos(lat_rad)], axis=1
    )
    return east, north


def _speed_m_s(height_m: F64) -> F64:
    """Mean speed of a signal that comes down from a height, shape as given."""
    ratio = np.maximum(height_m, 1.0) / REFRACTIVITY_SCALE_M
    return LIGHT_M_S / (1.0 + SURFACE_REFRACTIVITY * -np.expm1(-ratio) / ratio)


def locate(receivers_m: F64, arrival_s: F64, height_m: F64, starts_rad: tuple[F64, ...]) -> Fixes:
    """The place of each message: of all starts the end with the smallest residual.

    Hyperbolas may meet twice; the wrong meeting fits worse, as five receivers leave two to spare. Shapes as
    in `_search`, which each start is for.
    """
    best = _search(receivers_m, arrival_s, height_m, starts_rad[0])
    for start_rad in starts_rad[1:]:
        other = _search(receivers_m, arrival_s, height_m, start_rad)
        unsolved = (best.code == NO_CONVERGENCE).astype(np.int64) - (other.code == NO_CONVERGENCE)
        better = (unsolved > 0) | ((unsolved == 0) & (other.residual_m < best.residual_m))
        best = Fixes._make(np.where(better, two, one) for one, two in zip(best, other, strict=True))
    return best


def _search(receivers_m: F64, arrival_s: F64, height_m: F64, start_rad: F64) -> Fixes:
    """The place of each message nearest downhill from its start.

    receivers_m: (n, k, 3) ECEF; arrival_s: (n, k), any common zero per message; height_m: (n,) above the
    ellipsoid; start_rad: (n, 2) latitude and longitude from which the search starts.
    """
    count, heard = arrival_s.shape
    lat, lon = start_rad[:, 0].copy(), start_rad[:, 1].copy()
    path_m = (arrival_s - arrival_s.mean(axis=1, keepdims=True)) * _speed_m_s(height_m)[:, None]
    step_m = np.full(count, np.inf)
    design = np.ones((count, heard, 3))
    gap_m = np.zeros((count, heard))
    for _ in range(ROUNDS_MAX):
        place_m = ecef_from_geodetic(lat, lon, height_m)
        beam_m = place_m[:, None, :] - receivers_m
        distance_m = np.linalg.norm(beam_m, axis=2)
        east, north = _east_north(lat, lon)
        design[:, :, 0] = np.einsum("nkc,nc->nk", beam_m, east) / distance_m
        design[:, :, 1] = np.einsum("nkc,nc->nk", beam_m, north) / distance_m
        # The time of sending is linear: it takes up the mean of the gaps.
        gap_m = path_m - distance_m
        gap_m -= gap_m.mean(axis=1, keepdims=True)
        normal = np.einsum("nki,nkj->nij", design, design) + 1e-12 * np.eye(3)
        move = np.linalg.solve(normal, np.einsum("nki,nk->ni", design, gap_m)[:, :, None])[:, :2, 0]
        step_m = np.linalg.norm(move, axis=1)
        move *= np.minimum(1.0, STEP_MAX_M / np.maximum(step_m, 1e-9))[:, None]
        # Radii of curvature need not be exact: the last steps are below a metre.
        lat = np.clip(lat + move[:, 1] / 6_371_000.0, -1.5, 1.5)
        lon = lon + move[:, 0] / (6_371_000.0 * np.cos(lat))
        if np.all(step_m < STEP_END_M):
            break
    residual_m = np.sqrt((gap_m**2).sum(axis=1) / max(1, heard - 3))
    spread = np.linalg.inv(normal)
    dilution = np.sqrt(spread[:, 0, 0] + spread[:, 1, 1])
    return Fixes(_judge(step_m < STEP_END_M, residual_m, dilution), lat, lon, residual_m, dilution)


def _judge(converged: Bool, residual_m: F64, dilution: F64) -> I64:
    """The first reason that holds, per message."""
    code = np.where(dilution > DILUTION_MAX, POOR_GEOMETRY, SOLVED)
    code = np.where(residual_m > RESIDUAL_MAX_M, NO_FIT, code)
    return np.where(converged, code, NO_CONVERGENCE).astype(np.int64)
