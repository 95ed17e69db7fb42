"""Stone Soup 1.9.1 on the plots of a scenario: prepares them, runs the worker, reads its tracks.

Stone Soup tracks in the plane that touches the ellipsoid amid the sensors, with one measurement model per
sensor (its place and the rotation of its own horizon). Elevations are freed of refraction first, so that its
straight geometry is exact. Only plots of radars with elevation are given to it.
"""

import math
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.flights import ecef_to_enu, enu_to_ecef
from bench.scenario import CENTRE_LAT_DEG, CENTRE_LON_DEG, START_NS, Scenario
from foedus.geo import EFFECTIVE_RADIUS_M, ecef_from_geodetic, geodetic_from_ecef
from foedus.model import F64, I64, SECOND_NS, Sensor, SensorKind

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
VARIANTS = ("gnn2d", "kdtree")
CENTRE_LAT, CENTRE_LON = np.radians([CENTRE_LAT_DEG]), np.radians([CENTRE_LON_DEG])


class PeerRun(NamedTuple):
    """What Stone Soup did within its limit."""

    variant: str
    q: float
    reached_s: float  # of the scenario
    plots: int
    wall_s: float
    cpu_s: float
    tracks: Any  # Arrow table of track rows


def axes(lat: F64, lon: F64) -> F64:
    """(3, 3) east, north, up at a place as ECEF unit vectors, one row each."""
    return np.vstack([enu_to_ecef(unit[None, :], lat, lon)[0] for unit in np.eye(3)])


def _origin() -> F64:
    return ecef_from_geodetic(CENTRE_LAT, CENTRE_LON, np.zeros(1))[0]


def straight_elevation(sensor: Sensor, range_m: F64, azimuth_rad: F64, elevation_rad: F64) -> F64:
    """Elevation without refraction: of the point there whose height is what the 4/3 earth shows."""
    base = EFFECTIVE_RADIUS_M + sensor.height_m
    wanted_m = (
        np.sqrt(base**2 + range_m**2 + 2.0 * base * range_m * np.sin(elevation_rad)) - EFFECTIVE_RADIUS_M
    )
    lat, lon = np.radians([sensor.lat_deg]), np.radians([sensor.lon_deg])
    site = ecef_from_geodetic(lat, lon, np.array([float(sensor.height_m)]))[0]
    straight = elevation_rad.copy()
    for _ in range(4):  # Newton, with the slope of a flat earth
        level = range_m * np.cos(straight)
        line = np.stack(
            [level * np.sin(azimuth_rad), level * np.cos(azimuth_rad), range_m * np.sin(straight)], 1
        )
        height_m = geodetic_from_ecef(site + enu_to_ecef(line, lat, lon))[:, 2]
        straight += (wanted_m - height_m) / np.maximum(level, 0.05 * range_m)
        straight = np.clip(straight, -0.5 * math.pi, 0.5 * math.pi)
    return straight


def prepare(scenario: Scenario) -> dict[str, Any]:
    """The worker's input: plots in order of time, sensors in the common frame."""
    plots = scenario.plots
    radar = np.array([sensor.kind is SensorKind.RADAR for sensor in scenario.sensors])[plots.sensor]
    rows = np.flatnonzero(radar & ~np.isnan(plots.elevation_rad) & (plots.time_ns >= START_NS))
    rows = rows[np.argsort(plots.time_ns[rows], kind="stable")]
    common = axes(CENTRE_LAT, CENTRE_LON)
    elevation = plots.elevation_rad[rows].copy()
    sites, rotations, sigmas = [], [], []
    for index, sensor in enumerate(scenario.sensors):
        lat, lon = np.radians([sensor.lat_deg]), np.radians([sensor.lon_deg])
        place = ecef_from_geodetic(lat, lon, np.array([float(sensor.height_m)]))[0]
        sites.append(common @ (place - _origin()))
        rotations.append(axes(lat, lon) @ common.T)
        angles = math.radians(sensor.elevation_sigma_deg), math.radians(sensor.azimuth_sigma_deg)
        sigmas.append((*angles, sensor.range_sigma_m))
        own = plots.sensor[rows] == index
        polar = plots.range_m[rows][own], plots.azimuth_rad[rows][own], elevation[own]
        elevation[own] = straight_elevation(sensor, *polar)
    return {
        "time_s": (plots.time_ns[rows] - START_NS) / SECOND_NS,
        "sensor": plots.sensor[rows].astype(np.int64),
        "range_m": plots.range_m[rows],
        "azimuth_rad": plots.azimuth_rad[rows],
        "elevation_rad": elevation,
        "sites_m": np.array(sites),
        "rotations": np.array(rotations),
        "sigmas": np.array(sigmas),
    }


def track_table(time_s: F64, number: I64, state: F64, covariance: F64) -> Any:
    """Rows in the common frame as an Arrow table of track rows: geodetic, covariance in the local frame."""
    import pyarrow as pa

    common = axes(CENTRE_LAT, CENTRE_LON)
    position = _origin() + state[:, :3] @ common
    lat, lon, height_m = geodetic_from_ecef(np.ascontiguousarray(position)).T
    east, north, up = ecef_to_enu(state[:, 3:] @ common, lat, lon).T
    turns = np.empty((len(lat), 3, 3))  # from the common frame to the local one
    for j in range(3):
        turns[:, :, j] = ecef_to_enu(np.broadcast_to(common[j], (len(lat), 3)), lat, lon)
    local = np.empty((len(lat), 6, 6))
    for a in (0, 3):
        for b in (0, 3):
            local[:, a : a + 3, b : b + 3] = (
                turns @ covariance[:, a : a + 3, b : b + 3] @ turns.swapaxes(1, 2)
            )
    upper = local[:, *np.triu_indices(6)]
    return pa.table(
        {
            "time_ns": START_NS + np.round(time_s * SECOND_NS).astype(np.int64),
            "number": number.astype(np.int32),
            "status": pa.array(["CONFIRMED"] * len(lat), pa.string()),
            "lat_deg": np.degrees(lat),
            "lon_deg": np.degrees(lon),
            "height_m": height_m,
            "velocity_east_m_s": east,
            "velocity_north_m_s": north,
            "velocity_up_m_s": up,
            "covariance": pa.array(list(upper), pa.list_(pa.float64())),
        }
    )


def run_peer(
    scenario: Scenario, *, variant: str, q: float, sector_s: float, limit_s: float, python: Path = PYTHON
) -> PeerRun:
    """Stone Soup on a scenario, for about limit_s seconds of wall; RuntimeError says why it failed."""
    if not python.exists():
        raise RuntimeError(f"no Stone Soup at {python}: `make bench-track` installs it into .venv-bench")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "plots.npz", Path(folder) / "tracks.npz"
        np.savez(given, **prepare(scenario))
        command = [str(python), "-m", "bench.stonesoup_worker", str(given), str(found)]
        command += ["--variant", variant, "--q", str(q), "--sector", str(sector_s), "--limit", str(limit_s)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
            timeout=3.0 * limit_s + 120.0,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"Stone Soup ended with {done.returncode}: {done.stderr[-2000:]}")
        with np.load(found) as arrays:
            table = track_table(arrays["time_s"], arrays["number"], arrays["state"], arrays["covariance"])
            return PeerRun(
                variant,
                q,
                float(arrays["reached_s"]),
                int(arrays["plots"]),
                float(arrays["wall_s"]),
                float(arrays["cpu_s"]),
                table,
            )
