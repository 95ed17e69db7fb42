"""LocaRDS: times of arrival of ADS-B messages at five receivers each, multilaterated, tracked, and compared.

M. Schaefer, M. Strohmeier, M. Leonardi, V. Lenders: LocaRDS, a localization reference data set. Sensors 21
(2021), 5516. The positions that the aircraft broadcast are the reference.
"""

import csv
import json
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from bench.accuracy_picture import Truth
from bench.multilateration import SOLVED, Fixes, locate
from foedus.geo import MEAN_RADIUS_M, ecef_from_geodetic
from foedus.model import F64, I64, SECOND_NS, PlotKind, Plots, Sensor, SensorKind

SETS: Final = (1, 2, 5, 6)
SENSOR_FILE: Final = "mlat/locards_sensors.csv"
STARTS_DEG: Final = ((0.0, 0.0), (1.5, 0.0), (-1.5, 0.0), (0.0, 2.0), (0.0, -2.0))
"""Starts of the search around the middle of the receivers: amid, and 160 km to each side."""
FIX_SIGMA_M: Final = 60.0
"""Of one fix per axis: 15 to 30 m of residual times the median dilution of 1.4, and the wrong height."""
PERIOD_S: Final = 30.0
"""Median gap between two messages of one aircraft that five receivers heard: 26 to 49 s in the four sets."""


class Messages(NamedTuple):
    """The messages of one set; n messages of k receivers."""

    time_ns: I64  # (n,)
    aircraft: I64  # (n,)
    lat_rad: F64  # (n,) broadcast
    lon_rad: F64
    baro_m: F64  # (n,) broadcast
    receivers_m: F64  # (n, k, 3)
    arrival_s: F64  # (n, k) after the first receiver named
    middle_rad: F64  # (n, 2) latitude and longitude amid the receivers


def load(folder: Path, number: int) -> Messages:
    """The messages of a set, in order of time."""
    with (folder / SENSOR_FILE).open(encoding="utf-8") as file:
        sites = {
            int(row["serial"]): tuple(float(row[name]) for name in ("latitude", "longitude", "height"))
            for row in csv.DictReader(file)
        }
    with (folder / f"mlat/locards_set_{number}.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: float(row["timeAtServer"]))
    heard = [json.loads(row["measurements"]) for row in rows]
    place = np.array([[sites[receiver] for receiver, _, _ in row] for row in heard])
    stamp_ns = np.array([[time_ns for _, time_ns, _ in row] for row in heard], np.int64)
    lat, lon = np.radians(place[:, :, 0]), np.radians(place[:, :, 1])
    ecef_m = ecef_from_geodetic(lat.ravel(), lon.ravel(), place[:, :, 2].ravel().copy())

    def column(name: str) -> F64:
        return np.array([float(row[name]) for row in rows])

    return Messages(
        time_ns=np.round(column("timeAtServer") * SECOND_NS).astype(np.int64),
        aircraft=column("aircraft").astype(np.int64),
        lat_rad=np.radians(column("latitude")),
        lon_rad=np.radians(column("longitude")),
        baro_m=column("baroAltitude"),
        receivers_m=ecef_m.reshape(*stamp_ns.shape, 3),
        arrival_s=(stamp_ns - stamp_ns[:, :1]) / SECOND_NS,
        middle_rad=np.stack([lat.mean(axis=1), lon.mean(axis=1)], axis=1),
    )


def fix_all(messages: Messages) -> Fixes:
    """A fix of every message, at its pressure altitude."""
    starts = tuple(messages.middle_rad + np.radians(offset) for offset in STARTS_DEG)
    return locate(messages.receivers_m, messages.arrival_s, messages.baro_m, starts)


def fix_error_m(messages: Messages, fixes: Fixes) -> F64:
    """Horizontal distance from the broadcast position."""
    north_m = (fixes.lat_rad - messages.lat_rad) * MEAN_RADIUS_M
    east_m = (fixes.lon_rad - messages.lon_rad) * MEAN_RADIUS_M * np.cos(messages.lat_rad)
    return np.hypot(north_m, east_m)


def plots_of(messages: Messages, fixes: Fixes, *, addressed: bool) -> Plots:
    """Geodetic plots of the solved messages."""
    rows = np.flatnonzero(fixes.code == SOLVED)
    plots = Plots.empty(len(rows))
    return plots._replace(
        time_ns=messages.time_ns[rows],
        kind=np.full(len(rows), PlotKind.GEODETIC, np.int8),
        lat_rad=fixes.lat_rad[rows],
        lon_rad=fixes.lon_rad[rows],
        baro_m=messages.baro_m[rows],
        icao24=messages.aircraft[rows].astype(np.int32) if addressed else plots.icao24,
    )


def sensors_of(messages: Messages) -> tuple[Sensor, ...]:
    """The network of receivers as one sensor, at its middle."""
    lat, lon = np.degrees(messages.middle_rad.mean(axis=0))
    return (
        Sensor(
            id="LocaRDS",
            kind=SensorKind.RECEIVER,
            lat_deg=float(lat),
            lon_deg=float(lon),
            height_m=400.0,
            period_s=PERIOD_S,
            range_max_m=600_000.0,
            position_sigma_m=FIX_SIGMA_M,
        ),
    )


def truth_of(messages: Messages) -> Truth:
    """The broadcast positions."""
    order = np.lexsort((messages.time_ns, messages.aircraft))
    unknown = np.full(len(order), np.nan)
    return Truth(
        messages.time_ns[order],
        messages.aircraft[order],
        messages.lat_rad[order],
        messages.lon_rad[order],
        messages.baro_m[order],
        unknown,
        unknown,
    )
