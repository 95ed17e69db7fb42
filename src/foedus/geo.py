"""WGS-84 geometry in kernels: geodetic, earth-centred (ECEF) and local east-north-up coordinates.

Scalars in, scalars out, so that other kernels can call them; the array functions at the end are for callers
outside kernels. Constants: NIMA TR8350.2, third edition, table 3.1.
"""

import math

import numpy as np

from foedus.jit import kernel, part
from foedus.model import F64

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1.0 / 298.257223563
SEMI_MINOR_M = SEMI_MAJOR_M * (1.0 - FLATTENING)
ECCENTRICITY_2 = FLATTENING * (2.0 - FLATTENING)
SECOND_ECCENTRICITY_2 = ECCENTRICITY_2 / (1.0 - ECCENTRICITY_2)
MEAN_RADIUS_M = 6_371_008.8  # (2a + b) / 3
EFFECTIVE_RADIUS_M = MEAN_RADIUS_M * 4.0 / 3.0
"""Radius of the earth under standard refraction, ITU-R P.834: rays then travel straight."""


@kernel
def geodetic_to_ecef(lat_rad: float, lon_rad: float, height_m: float) -> tuple[float, float, float]:
    """(x, y, z) in metres. Hofmann-Wellenhof, GNSS (2008), equation 8.4."""
    sin_lat = math.sin(lat_rad)
    cos_lat = math.cos(lat_rad)
    normal_m = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY_2 * sin_lat * sin_lat)
    horizontal_m = (normal_m + height_m) * cos_lat
    z_m = (normal_m * (1.0 - ECCENTRICITY_2) + height_m) * sin_lat
    return horizontal_m * math.cos(lon_rad), horizontal_m * math.sin(lon_rad), z_m


@part
def ecef_to_normal(x_m: float, y_m: float, z_m: float) -> tuple[float, float, float, float]:
    """(x, y, z of the ellipsoid's upward unit normal below a point, height above the ellipsoid).

    Bowring's form, once repeated, with square roots in place of angles; Hofmann-Wellenhof, GNSS (2008),
    equations 8.9 to 8.12. Errors below 1e-8 m up to 100 km. On the axis of the earth the longitude is 0.
    """
    horizontal_m = math.sqrt(x_m * x_m + y_m * y_m)
    sin_reduced, cos_reduced = z_m * SEMI_MAJOR_M, horizontal_m * SEMI_MINOR_M
    sin_lat = cos_lat = 0.0
    for _ in range(2):
        scale = 1.0 / math.sqrt(sin_reduced * sin_reduced + cos_reduced * cos_reduced)
        sin_reduced *= scale
        cos_reduced *= scale
        sin_lat = z_m + SECOND_ECCENTRICITY_2 * SEMI_MINOR_M * (sin_reduced * sin_reduced * sin_reduced)
        cos_lat = horizontal_m - ECCENTRICITY_2 * SEMI_MAJOR_M * (cos_reduced * cos_reduced * cos_reduced)
        scale = 1.0 / math.sqrt(sin_lat * sin_lat + cos_lat * cos_lat)
        sin_lat *= scale
        cos_lat *= scale
        sin_reduced, cos_reduced = (1.0 - FLATTENING) * sin_lat, cos_lat
    # N (1 - e^2 sin^2) = a sqrt(1 - e^2 sin^2); the sum of both projections is well conditioned everywhere.
    foot_m = SEMI_MAJOR_M * math.sqrt(1.0 - ECCENTRICITY_2 * sin_lat * sin_lat)
    height_m = horizontal_m * cos_lat + z_m * sin_lat - foot_m
    if horizontal_m == 0.0:
        return cos_lat, 0.0, sin_lat, height_m
    return cos_lat * (x_m / horizontal_m), cos_lat * (y_m / horizontal_m), sin_lat, height_m


@kernel
def ecef_to_geodetic(x_m: float, y_m: float, z_m: float) -> tuple[float, float, float]:
    """(latitude, longitude, height) of a point, see ecef_to_normal."""
    x, y, sin_lat, height_m = ecef_to_normal(x_m, y_m, z_m)
    return math.atan2(sin_lat, math.sqrt(x * x + y * y)), math.atan2(y, x), height_m


@kernel
def enu_to_ecef_vector(
    east: float, north: float, up: float, lat_rad: float, lon_rad: float
) -> tuple[float, float, float]:
    """A vector given in the local frame at (lat, lon), turned into the earth-centred frame; any unit."""
    sin_lat, cos_lat = math.sin(lat_rad), math.cos(lat_rad)
    sin_lon, cos_lon = math.sin(lon_rad), math.cos(lon_rad)
    outward = cos_lat * up - sin_lat * north
    return (
        cos_lon * outward - sin_lon * east,
        sin_lon * outward + cos_lon * east,
        sin_lat * up + cos_lat * north,
    )


@kernel
def ecef_to_enu_vector(
    x: float, y: float, z: float, lat_rad: float, lon_rad: float
) -> tuple[float, float, float]:
    """An earth-centred vector turned into (east, north, up) at (lat, lon); any unit."""
    sin_lat, cos_lat = math.sin(lat_rad), math.cos(lat_rad)
    sin_lon, cos_lon = math.sin(lon_rad), math.cos(lon_rad)
    outward = cos_lon * x + sin_lon * y
    return (
        cos_lon * y - sin_lon * x,
        cos_lat * z - sin_lat * outward,
        cos_lat * outward + sin_lat * z,
    )


@kernel
def metres_per_radian(lat_rad: float) -> tuple[float, float]:
    """East and north metres per radian of longitude and latitude: the radii of curvature.

    Hofmann-Wellenhof, GNSS (2008), chapter 8.
    """
    sin_lat = math.sin(lat_rad)
    curvature = 1.0 - ECCENTRICITY_2 * sin_lat * sin_lat
    east_m_rad = SEMI_MAJOR_M / math.sqrt(curvature) * math.cos(lat_rad)
    return east_m_rad, SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / (curvature * math.sqrt(curvature))


@kernel
def distance_m(lat_a_rad: float, lon_a_rad: float, lat_b_rad: float, lon_b_rad: float) -> float:
    """Great-circle distance on the mean sphere (haversine); within 0.6 % of the ellipsoid."""
    half_lat = math.sin(0.5 * (lat_b_rad - lat_a_rad))
    half_lon = math.sin(0.5 * (lon_b_rad - lon_a_rad))
    h = half_lat * half_lat + math.cos(lat_a_rad) * math.cos(lat_b_rad) * half_lon * half_lon
    return 2.0 * MEAN_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


@kernel
def _fill_ecef(lat_rad: F64, lon_rad: F64, height_m: F64, out_m: F64) -> None:
    for i in range(lat_rad.shape[0]):
        x_m, y_m, z_m = geodetic_to_ecef(lat_rad[i], lon_rad[i], height_m[i])
        out_m[i, 0] = x_m
        out_m[i, 1] = y_m
        out_m[i, 2] = z_m


@kernel
def _fill_geodetic(ecef_m: F64, out: F64) -> None:
    for i in range(ecef_m.shape[0]):
        lat_rad, lon_rad, height_m = ecef_to_geodetic(ecef_m[i, 0], ecef_m[i, 1], ecef_m[i, 2])
        out[i, 0] = lat_rad
        out[i, 1] = lon_rad
        out[i, 2] = height_m


def ecef_from_geodetic(lat_rad: F64, lon_rad: F64, height_m: F64) -> F64:
    """Columns (n,) of latitude, longitude, height as (n, 3) metres."""
    out_m = np.empty((lat_rad.shape[0], 3))
    _fill_ecef(lat_rad, lon_rad, height_m, out_m)
    return out_m


def geodetic_from_ecef(ecef_m: F64) -> F64:
    """(n, 3) metres as (n, 3) latitude, longitude (radians) and height (metres)."""
    out = np.empty_like(ecef_m)
    _fill_geodetic(ecef_m, out)
    return out
