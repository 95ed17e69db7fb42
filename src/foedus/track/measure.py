"""One plot as up to three measured directions: where it lies, along which axes, how well.

Everything behind this file sees lengths in metres along unit vectors of the earth-centred frame, so one
update serves radars with and without height, and receivers. Geometry is exact on the ellipsoid; elevation is
refracted by the 4/3 earth (ITU-R P.834): it gives a height, and the height gives the true direction.
"""

import math
from typing import Final

from foedus.geo import EFFECTIVE_RADIUS_M, MEAN_RADIUS_M, ecef_to_normal, geodetic_to_ecef
from foedus.jit import part
from foedus.model import PlotKind, Plots
from foedus.track.table import IMPOSSIBLE, NO_POSITION, Plot, Site

POLAR: Final = int(PlotKind.POLAR)
GEODETIC: Final = int(PlotKind.GEODETIC)

RANGE_SLACK: Final = 1.5
"""A range beyond RANGE_SLACK times what the sensor reaches is a fault of the record, not a far target."""
RANGE_MIN_M: Final = 1.0
HEIGHT_MIN_M: Final = -2_000.0
HEIGHT_MAX_M: Final = 1_000_000.0
"""The lowest dry land lies at -430 m; above 1,000 km flies nothing that air surveillance tracks."""
BARO_SIGMA_M: Final = 100.0
"""Pressure altitude against height over the ellipsoid, added in quadrature: geoid (50 m in Europe) and
weather (30 m per 3 hPa). A bias more than a noise; neighbours share it, so it does not part what is close."""
PRIOR_SLOPE: Final = 0.08
PRIOR_HEIGHT_MAX_M: Final = 5_000.0
PRIOR_SIGMA_MAX_M: Final = 4_000.0
PRIOR_SIGMA_MIN_M: Final = 30.0
FULL_SKY_M: Final = 60_000.0
"""Height of a plot that has none: PRIOR_SLOPE of its range above the sensor, at most PRIOR_HEIGHT_MAX_M, and
as uncertain as it is high. Aircraft at long range fly at 0 to 12 km; those close by are low.
A sensor of less reach than FULL_SKY_M watches lower things in proportion: one of 6 km sees what taxies."""
SIN_ELEVATION_MAX: Final = 0.985
"""80 degrees: above it the azimuth says nothing."""
RATE_MAX_M_S: Final = 10_000.0
GATE_SIGMA: Final = 4.0
"""Half-width of every gate; notes of the floor measured at 4."""


@part
def _height_of(height_m: float, baro_m: float, sigma_m: float) -> tuple[float, float]:
    """(height, variance) of a plot, height NaN where it gives none."""
    if not math.isnan(height_m):
        return height_m, sigma_m * sigma_m
    if not math.isnan(baro_m):
        return baro_m, sigma_m * sigma_m + BARO_SIGMA_M * BARO_SIGMA_M
    return math.nan, 0.0


@part
def _prior_height(distance_m: float, site: Site) -> tuple[float, float]:
    """(height above the sensor, variance) for a plot that gives none."""
    rise_m = PRIOR_SLOPE * distance_m * min(1.0, site.range_max_m / FULL_SKY_M)
    sigma_m = max(PRIOR_SIGMA_MIN_M, min(rise_m, PRIOR_SIGMA_MAX_M))
    return min(rise_m, PRIOR_HEIGHT_MAX_M), sigma_m * sigma_m


@part
def _set_axes(plot: Plot, site: Site, sin_az: float, cos_az: float, sin_el: float) -> None:
    """Directions of a polar plot: along the beam, across it, and up in its vertical plane."""
    cos_el = math.sqrt(1.0 - sin_el * sin_el)
    a = site.axes
    for c in range(3):
        ahead = sin_az * a[0, c] + cos_az * a[1, c]
        plot.axes[0, c] = cos_el * ahead + sin_el * a[2, c]
        plot.axes[1, c] = cos_az * a[0, c] - sin_az * a[1, c]
        plot.axes[2, c] = cos_el * a[2, c] - sin_el * ahead


@part
def _place(
    plot: Plot, site: Site, range_m: float, sin_az: float, cos_az: float, height_m: float
) -> tuple[float, tuple[float, float, float]]:
    """(sine of the true elevation, the plumb line) of the point at that range, azimuth and height.

    Starts from the sphere (law of cosines) and takes two Newton steps on the ellipsoid's height, which leave
    less than a millimetre at 500 km. Fills plot.centre_m.
    """
    a = site.axes
    site_m = site.height_m
    rise = (height_m - site_m) * (2.0 * MEAN_RADIUS_M + height_m + site_m) - range_m * range_m
    sin_el = rise / (2.0 * range_m * (MEAN_RADIUS_M + site_m))
    up = (0.0, 0.0, 0.0)
    for left in range(2, -1, -1):
        sin_el = max(-SIN_ELEVATION_MAX, min(SIN_ELEVATION_MAX, sin_el))
        cos_el = math.sqrt(1.0 - sin_el * sin_el)
        slope = 0.0
        for c in range(3):
            ahead = sin_az * a[0, c] + cos_az * a[1, c]
            plot.centre_m[c] = site.position_m[c] + range_m * (cos_el * ahead + sin_el * a[2, c])
        x, y, z, got_m = ecef_to_normal(plot.centre_m[0], plot.centre_m[1], plot.centre_m[2])
        up = (x, y, z)
        if left == 0:
            break
        for c in range(3):
            ahead = sin_az * a[0, c] + cos_az * a[1, c]
            slope += up[c] * (a[2, c] - sin_el / cos_el * ahead)
        sin_el += (height_m - got_m) / (range_m * slope)
    return sin_el, up


@part
def _measure_polar(plot: Plot, site: Site) -> int:  # noqa: PLR0911 - one per reason
    range_m, azimuth = plot.range_m, plot.azimuth_rad
    if math.isnan(range_m) or math.isnan(azimuth):
        return NO_POSITION
    if not RANGE_MIN_M <= range_m <= RANGE_SLACK * site.range_max_m:
        return IMPOSSIBLE
    if not -math.pi <= azimuth <= 2.0 * math.pi:
        return IMPOSSIBLE
    range_m = max(RANGE_MIN_M, range_m - site.bias[0])
    azimuth -= site.bias[1]
    height_m, variance = _height_of(plot.height_m, plot.baro_m, site.height_sigma_m)
    elevation = plot.elevation_rad
    if not (math.isnan(elevation) or -0.5 * math.pi <= elevation <= 0.5 * math.pi):
        return IMPOSSIBLE
    by_elevation = math.isnan(height_m) and not math.isnan(elevation)
    measured = 3
    if by_elevation:
        base_m = EFFECTIVE_RADIUS_M + site.height_m
        bent = 2.0 * range_m * base_m * math.sin(elevation)
        height_m = math.sqrt(range_m * range_m + base_m * base_m + bent) - EFFECTIVE_RADIUS_M
    elif math.isnan(height_m):
        rise_m, variance = _prior_height(range_m, site)
        height_m = site.height_m + rise_m
        measured = 2
    lowest_m = HEIGHT_MIN_M
    if by_elevation:  # what flies low may seem to fly underground
        variance = (range_m * site.elevation_sigma_rad) ** 2
        lowest_m -= GATE_SIGMA * math.sqrt(variance)
    if not lowest_m <= height_m <= HEIGHT_MAX_M:
        return IMPOSSIBLE
    if height_m - site.height_m > range_m + 10.0 * math.sqrt(variance):
        return IMPOSSIBLE  # higher than far
    sin_az, cos_az = math.sin(azimuth), math.cos(azimuth)
    sin_el, up = _place(plot, site, range_m, sin_az, cos_az, height_m)
    _set_axes(plot, site, sin_az, cos_az, sin_el)
    if not by_elevation:
        for c in range(3):
            plot.axes[2, c] = up[c]
    flat_m2 = range_m * range_m * (1.0 - sin_el * sin_el)
    plot.variance_m2[0] = site.range_sigma_m**2
    plot.variance_m2[1] = flat_m2 * site.azimuth_sigma_rad**2 + 1.0
    plot.variance_m2[2] = variance
    plot.measured = measured
    plot.ranged = 1 if measured == 2 else 0
    plot.slant_m = range_m
    return 0


@part
def _measure_geodetic(plot: Plot, site: Site) -> int:
    lat, lon = plot.lat_rad, plot.lon_rad
    if math.isnan(lat) or math.isnan(lon):
        return NO_POSITION
    if not -0.5 * math.pi <= lat <= 0.5 * math.pi:
        return IMPOSSIBLE
    if not -math.pi <= lon <= math.pi:
        return IMPOSSIBLE
    height_m, variance = _height_of(plot.height_m, plot.baro_m, site.height_sigma_m)
    plot.measured = 3
    if math.isnan(height_m):
        x, y, z = geodetic_to_ecef(lat, lon, site.height_m)
        dx, dy, dz = x - site.position_m[0], y - site.position_m[1], z - site.position_m[2]
        rise_m, variance = _prior_height(math.sqrt(dx * dx + dy * dy + dz * dz), site)
        height_m = site.height_m + rise_m
        plot.measured = 2
    if not HEIGHT_MIN_M <= height_m <= HEIGHT_MAX_M:
        return IMPOSSIBLE
    x, y, z = geodetic_to_ecef(lat, lon, height_m)
    plot.centre_m[0] = x
    plot.centre_m[1] = y
    plot.centre_m[2] = z
    sin_lat, cos_lat, sin_lon, cos_lon = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
    plot.axes[0, 0] = -sin_lon
    plot.axes[0, 1] = cos_lon
    plot.axes[0, 2] = 0.0
    plot.axes[1, 0] = -sin_lat * cos_lon
    plot.axes[1, 1] = -sin_lat * sin_lon
    plot.axes[1, 2] = cos_lat
    plot.axes[2, 0] = cos_lat * cos_lon
    plot.axes[2, 1] = cos_lat * sin_lon
    plot.axes[2, 2] = sin_lat
    plot.variance_m2[0] = site.position_sigma_m**2
    plot.variance_m2[1] = site.position_sigma_m**2
    plot.variance_m2[2] = variance
    plot.ranged = 0
    plot.slant_m = 0.0
    return 0


@part
def load_plot(raw: Plots, p: int, plot: Plot) -> None:
    """Copy row p of raw."""
    plot.time_ns = raw.time_ns[p]
    plot.sensor = raw.sensor[p]
    plot.kind = raw.kind[p]
    plot.icao24 = raw.icao24[p]
    plot.mode_a = raw.mode_a[p]
    plot.callsign = raw.callsign[p]
    plot.range_m = raw.range_m[p]
    plot.azimuth_rad = raw.azimuth_rad[p]
    plot.elevation_rad = raw.elevation_rad[p]
    plot.range_rate_m_s = raw.range_rate_m_s[p]
    plot.lat_rad = raw.lat_rad[p]
    plot.lon_rad = raw.lon_rad[p]
    plot.height_m = raw.height_m[p]
    plot.baro_m = raw.baro_m[p]


@part
def measure(plot: Plot, site: Site) -> int:
    """Fill what a plot says of its place; 0, or the reason (table.REASONS) why it cannot be one."""
    if plot.kind == POLAR:
        code = _measure_polar(plot, site)
    elif plot.kind == GEODETIC:
        code = _measure_geodetic(plot, site)
    else:
        code = IMPOSSIBLE
    if code != 0:
        return code
    if abs(plot.range_rate_m_s) > RATE_MAX_M_S:
        return IMPOSSIBLE
    widest = max(plot.variance_m2[0], plot.variance_m2[1])
    if plot.ranged == 1:  # the unknown height tilts the slant range
        tilt_m = 2.0 * plot.variance_m2[2] / plot.slant_m
        widest += tilt_m * tilt_m
    plot.reach_m = GATE_SIGMA * math.sqrt(widest)
    x, y, z = plot.centre_m[0], plot.centre_m[1], plot.centre_m[2]
    scale = MEAN_RADIUS_M / max(1.0, math.sqrt(x * x + y * y + z * z))
    plot.flat_m[0] = x * scale
    plot.flat_m[1] = y * scale
    plot.flat_m[2] = z * scale
    return 0
