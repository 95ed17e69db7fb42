"""What an invented sensor could see, by range and radio horizon; no mountain hides anything."""

import numpy as np

from foedus.drill.recording import StateVectors
from foedus.geo import EFFECTIVE_RADIUS_M, ecef_from_geodetic
from foedus.model import F64, I64, Bool, PlotKind, Plots, Sensor


def site_ecef_m(sensor: Sensor) -> F64:
    """The sensor's site, shape (3,)."""
    lat_rad, lon_rad = np.radians([sensor.lat_deg]), np.radians([sensor.lon_deg])
    site_m: F64 = ecef_from_geodetic(lat_rad, lon_rad, np.array([sensor.height_m]))[0]
    return site_m


def in_view(sensor: Sensor, ecef_m: F64, height_m: F64) -> Bool:
    """Whether each point, ECEF (n, 3) and its height (n,), is within range and above the radio horizon.

    Horizon of a 4/3 earth, ITU-R P.834: d = sqrt(2 R h_sensor) + sqrt(2 R h_target).
    """
    distance_m = np.linalg.norm(ecef_m - site_ecef_m(sensor), axis=1)
    sensor_m = np.sqrt(2.0 * EFFECTIVE_RADIUS_M * max(0.0, sensor.height_m))
    horizon_m = sensor_m + np.sqrt(2.0 * EFFECTIVE_RADIUS_M * np.maximum(0.0, height_m))
    visible: Bool = (distance_m <= sensor.range_max_m) & (distance_m <= horizon_m)
    return visible


def heard(sensor: Sensor, vectors: StateVectors) -> Bool:
    """Which state vectors a receiver could hear; the pressure altitude stands for the height."""
    ecef_m = ecef_from_geodetic(vectors.lat_rad, vectors.lon_rad, vectors.baro_m)
    return in_view(sensor, ecef_m, vectors.baro_m)


def receiver_plots(sensor_index: int, vectors: StateVectors, rows: I64) -> Plots:
    """The state vectors of these rows as plots of a receiver, with address and callsign."""
    plots = Plots.empty(len(rows))
    return plots._replace(
        time_ns=vectors.time_ns[rows],
        sensor=np.full(len(rows), sensor_index, np.int32),
        kind=np.full(len(rows), PlotKind.GEODETIC, np.int8),
        lat_rad=vectors.lat_rad[rows],
        lon_rad=vectors.lon_rad[rows],
        baro_m=vectors.baro_m[rows],
        icao24=vectors.icao24[rows],
        callsign=vectors.callsign[rows],
    )
