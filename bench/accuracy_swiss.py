"""The recorded Swiss day, thinned to the looks of one invented rotating radar that hears no address.

Positions of aircraft above 30,000 ft every 10 s (OpenSky Network) are the reference. The radar turns once in
PERIOD_S; what it would see of an aircraft is interpolated between two recorded positions.
"""

import gzip
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from bench.accuracy_picture import FLIGHT_GAP_S, Truth
from foedus.drill.recording import StateVectors, load_state_vectors, parse_state_vectors
from foedus.geo import ecef_from_geodetic
from foedus.model import F64, FOOT_M, I64, SECOND_NS, Plots, Sensor, SensorKind, take

DATA_FILE: Final = "picture/switzerland_20180801_842ac.json.gz"
RADAR: Final = Sensor(
    id="radar",
    kind=SensorKind.RADAR,
    lat_deg=46.8,
    lon_deg=8.2,
    height_m=1_500.0,
    period_s=11.0,
    range_max_m=250_000.0,
    range_sigma_m=60.0,
    azimuth_sigma_deg=0.1,
    detection_probability=0.9,
)
BARO_STEP_M: Final = 25.0 * FOOT_M
LOOKS: Final = 3
"""A flight counts from the look on that lets a tracker be sure of it."""
GAP_MAX_S: Final = 15.0
"""Positions further apart than a step and a half of the recording are not interpolated."""
SPEED_MAX_M_S: Final = 400.0
"""A step faster than this is a wrong position: airliners reach 320 m/s over ground with a strong wind."""


class Scene(NamedTuple):
    """What the radar saw, and the reference."""

    plots: Plots
    truth: Truth
    aircraft: int
    excluded: int  # positions left out of the reference


def load(folder: Path | None) -> StateVectors:
    """The recorded day from the folder, else from the package that ships it."""
    if folder is not None and (folder / DATA_FILE).is_file():
        path = folder / DATA_FILE
        return parse_state_vectors(gzip.decompress(path.read_bytes()), where=path.name)
    return load_state_vectors()


def busiest_hour(vectors: StateVectors) -> tuple[int, int]:
    """(first, end) of the hour, to five minutes, with the most positions."""
    step_ns = 300 * SECOND_NS
    counts = np.bincount((vectors.time_ns - vectors.time_ns.min()) // step_ns)
    hours = np.convolve(counts, np.ones(12, np.int64), mode="valid")
    first_ns = int(vectors.time_ns.min()) + int(hours.argmax()) * step_ns
    return first_ns, first_ns + 3_600 * SECOND_NS


def polar_of(sensor: Sensor, lat_rad: F64, lon_rad: F64, height_m: F64) -> tuple[F64, F64, F64]:
    """(slant range, azimuth, true elevation) of points seen from a sensor."""
    lat, lon = np.radians(sensor.lat_deg), np.radians(sensor.lon_deg)
    site_m = ecef_from_geodetic(np.array([lat]), np.array([lon]), np.array([float(sensor.height_m)]))
    x, y, z = (ecef_from_geodetic(lat_rad, lon_rad, height_m) - site_m).T
    outward = np.cos(lon) * x + np.sin(lon) * y
    east = np.cos(lon) * y - np.sin(lon) * x
    north = np.cos(lat) * z - np.sin(lat) * outward
    up = np.cos(lat) * outward + np.sin(lat) * z
    range_m = np.sqrt(x * x + y * y + z * z)
    return range_m, np.arctan2(east, north) % (2.0 * np.pi), np.arcsin(up / range_m)


def _steps(vectors: StateVectors) -> I64:
    """Rows (ordered by aircraft and time) from which the next position follows by a flight."""
    same = vectors.icao24[1:] == vectors.icao24[:-1]
    gap_s = (vectors.time_ns[1:] - vectors.time_ns[:-1]) / SECOND_NS
    where_m = ecef_from_geodetic(vectors.lat_rad.copy(), vectors.lon_rad.copy(), vectors.baro_m.copy())
    flown_m = np.linalg.norm(np.diff(where_m, axis=0), axis=1)
    return np.flatnonzero(same & (gap_s > 0) & (gap_s <= GAP_MAX_S) & (flown_m <= SPEED_MAX_M_S * gap_s))


def thin(vectors: StateVectors, *, first_ns: int, end_ns: int, seed: int, baro: bool) -> Scene:
    """The looks of RADAR from first_ns to end_ns. baro: plots carry the pressure altitude, in 25 ft."""
    inside = (vectors.time_ns >= first_ns) & (vectors.time_ns < end_ns)
    vectors = StateVectors._make(column[inside] for column in vectors)
    order = np.lexsort((vectors.time_ns, vectors.icao24))
    vectors = StateVectors._make(column[order] for column in vectors)
    rng = np.random.default_rng(seed)
    steps = _steps(vectors)
    _, azimuth, _ = polar_of(RADAR, vectors.lat_rad.copy(), vectors.lon_rad.copy(), vectors.baro_m.copy())
    # Turns of the beam less turns of the aircraft: the beam passes whenever this is whole.
    period_ns = round(RADAR.period_s * SECOND_NS)
    lead = (vectors.time_ns[steps] % period_ns) / period_ns - azimuth[steps] / (2.0 * np.pi)
    moved = (azimuth[steps + 1] - azimuth[steps] + np.pi) % (2.0 * np.pi) - np.pi
    step_ns = vectors.time_ns[steps + 1] - vectors.time_ns[steps]
    gained = step_ns / period_ns - moved / (2.0 * np.pi)
    share = (np.floor(lead) + 1.0 - lead) / np.maximum(gained, 1e-9)
    passed = np.flatnonzero(share <= 1.0)
    passed = passed[rng.random(len(passed)) < RADAR.detection_probability]
    steps, share = steps[passed], share[passed]
    time_ns = vectors.time_ns[steps] + np.round(share * step_ns[passed]).astype(np.int64)

    def between(column: F64) -> F64:
        return column[steps] + share * (column[steps + 1] - column[steps])

    height_m = between(vectors.baro_m)
    range_m, azimuth, _ = polar_of(RADAR, between(vectors.lat_rad), between(vectors.lon_rad), height_m)
    noise = rng.standard_normal((2, len(steps)))
    plots = Plots.empty(len(steps))._replace(
        time_ns=time_ns,
        range_m=range_m + noise[0] * RADAR.range_sigma_m,
        azimuth_rad=(azimuth + noise[1] * np.radians(RADAR.azimuth_sigma_deg)) % (2.0 * np.pi),
        baro_m=np.round(height_m / BARO_STEP_M) * BARO_STEP_M if baro else np.full(len(steps), np.nan),
    )
    plots = take(plots, np.argsort(time_ns, kind="stable"))
    return _scene(plots, vectors, _counts_from_ns(vectors, steps, time_ns))


def _counts_from_ns(vectors: StateVectors, seen: I64, look_ns: I64) -> I64:
    """From when each position counts: the third look at its flight; seen: rows that were looked at."""
    away = np.diff(vectors.time_ns, prepend=0) > FLIGHT_GAP_S * SECOND_NS
    flight = np.cumsum((np.diff(vectors.icao24, prepend=-1) != 0) | away)
    third_ns = np.full(int(flight.max()) + 1, np.iinfo(np.int64).max)
    for name in np.unique(flight[seen]).tolist():
        times_ns = np.sort(look_ns[flight[seen] == name])
        if len(times_ns) >= LOOKS:
            third_ns[name] = times_ns[LOOKS - 1]
    return third_ns[flight]


class Spread(NamedTuple):
    """Sizes of an error: sigma by the median (turns and wrong positions do not count), and the 95 %."""

    sigma_m: float
    p95_m: float


def reference_errors(vectors: StateVectors) -> tuple[Spread, Spread]:
    """(along, across) of the recorded positions, by third differences over four in a row as white noise."""
    order = np.lexsort((vectors.time_ns, vectors.icao24))
    vectors = StateVectors._make(column[order] for column in vectors)
    linked = np.zeros(len(order), np.bool_)
    linked[_steps(vectors)] = True
    even = linked & (np.append(np.diff(vectors.time_ns), 0) == 10 * SECOND_NS)
    rows = np.flatnonzero(even[:-3] & even[1:-2] & even[2:-1])
    where_m = ecef_from_geodetic(vectors.lat_rad.copy(), vectors.lon_rad.copy(), np.full(len(order), 11e3))
    third = where_m[rows + 3] - 3.0 * where_m[rows + 2] + 3.0 * where_m[rows + 1] - where_m[rows]
    flown = where_m[rows + 3] - where_m[rows]
    length_m = np.maximum(1.0, np.linalg.norm(flown, axis=1))[:, None]  # a stuck position flies nowhere
    ahead = flown / length_m
    up = where_m[rows] / np.linalg.norm(where_m[rows], axis=1)[:, None]
    along = np.einsum("ij,ij->i", third, ahead)
    across = np.einsum("ij,ij->i", third, np.cross(ahead, up))
    sizes = np.abs(np.stack([along, across])) / np.sqrt(20.0)
    sigma_m, p95_m = 1.4826 * np.median(sizes, axis=1), np.percentile(sizes, 95.0, axis=1)
    return Spread(float(sigma_m[0]), float(p95_m[0])), Spread(float(sigma_m[1]), float(p95_m[1]))


def _scene(plots: Plots, vectors: StateVectors, counts_from_ns: I64) -> Scene:
    """The reference holds the positions that a flight links with another one, from the third look on."""
    steps = _steps(vectors)
    linked = np.zeros(len(vectors.time_ns), np.bool_)
    linked[steps] = True
    linked[steps + 1] = True
    counted = linked & (vectors.time_ns >= counts_from_ns)
    truth = Truth(
        vectors.time_ns[counted],
        vectors.icao24[counted].astype(np.int64),
        vectors.lat_rad[counted],
        vectors.lon_rad[counted],
        vectors.baro_m[counted],
        (vectors.speed_m_s * np.sin(vectors.course_rad))[counted],
        (vectors.speed_m_s * np.cos(vectors.course_rad))[counted],
    )
    return Scene(plots, truth, len(np.unique(truth.target)), int((~linked).sum()))
