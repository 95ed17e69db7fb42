"""Barcelona: the surface movement radar of two hours, tracked, against multilateration of the same two hours.

Both are category 010. The decoder's plots feed the tracker; what it has no column for (track numbers, ground
bit, kind of target) is read here from the records. The reference is moved into the radar's frame by a fit,
so that the plots, our tracks and the radar's own tracks stay as they were recorded.
"""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from bench.accuracy_picture import TrackRows, Truth
from foedus.feeds.asterix import record_spans
from foedus.feeds.asterix_tables import CATEGORY_010
from foedus.geo import ecef_from_geodetic, geodetic_from_ecef
from foedus.model import F64, I64, SECOND_NS, Bool

RADAR_FILE: Final = "radar/lebl_20201002_08-10_smr_cat010.ast"
REFERENCE_FILE: Final = "radar/lebl_20201002_08-10_mlat_cat010.ast"
DAY_NS: Final = 1_601_596_800 * SECOND_NS
"""2020-10-02T00:00:00Z; the records give the time of day only."""
ORIGIN_DEG: Final = (41.29706278, 2.07844722)
"""Origin of the multilateration's plane: the airport's reference point, as public decoders of it place it."""
FIXED_RANGE_M: Final = 120.0
FIXED_S: Final = 3_600.0
"""An address that stays within so little for so long is a fixed transponder or parked for good."""
REFERENCE_GAP_S: Final = 2.5
"""The reference says nothing inside a longer gap: its period is a second."""
PERIOD_NS: Final = 1_100_000_000
"""A turn of the radar and its jitter."""
CELL_M: Final = 100.0
SEEN_M: Final = 30.0
"""A cell counts as covered where a plot of the radar lay so close to a target of the reference in it: twice
the half-length of an airliner, for a radar sees the hull and multilateration the transponder's antenna."""
TAXI_MIN_M_S: Final = 2.0
"""The course of anything slower is noise."""
ROUNDS: Final = 12
CLEAR_M: Final = 25.0
"""Pairs of a plot and a target further apart than this after the fit are not clear ones."""
REUSED_S: Final = 10.0
"""A track number of the radar that was silent for longer is another track when it comes again."""


class Records(NamedTuple):
    """Target reports of one file that have a position; every column has shape (n,)."""

    time_ns: I64
    east_m: F64
    north_m: F64
    velocity_east_m_s: F64
    velocity_north_m_s: F64
    number: I64  # of the sensor's own track
    icao24: I64  # -1 unknown
    ended: I64  # 1: the last report of its track
    on_ground: I64
    vehicle: I64
    monitor: I64  # 1: a fixed transponder, a simulated or a test target


class Fit(NamedTuple):
    """From the radar's plane to the reference's: p = shift + (1 + scale) turn(s) + late v + ahead v / |v|."""

    east_m: float
    north_m: float
    turn_rad: float  # anticlockwise
    scale: float
    late_s: float
    ahead_m: float  # how far the antenna of an aircraft lies ahead of what the radar takes for its middle
    pairs: int
    spread_m: float  # root mean square of the horizontal distance left
    axis_m: tuple[float, float]  # standard deviation left along the beam and across it


def _items(data: bytes) -> list[dict[str, int]]:
    """Offset of each item of each target report, by the reference of the item."""
    names = [item.reference for item in CATEGORY_010.items]
    found = []
    for _, spans in record_spans(data, 1 << 40):
        record = {names[slot]: offset for slot, offset in spans}
        if data[record["000"]] == 1:
            found.append(record)
    return found


def read_records(data: bytes) -> Records:
    """The target reports of a category 010 recording, and the reports that end a track without a position."""

    def number(offset: int, octets: int, *, signed: bool = False) -> int:
        return int.from_bytes(data[offset : offset + octets], "big", signed=signed)

    rows = []
    for record in _items(data):
        kind = record["020"]
        more = data[kind + 1] if data[kind] & 1 else 0
        place, speed = record.get("042", -1), record.get("202", -1)
        rows.append(
            (
                DAY_NS + number(record["140"], 3) * SECOND_NS // 128,
                number(place, 2, signed=True) if place >= 0 else np.nan,
                number(place + 2, 2, signed=True) if place >= 0 else np.nan,
                number(speed, 2, signed=True) * 0.25 if speed >= 0 else np.nan,
                number(speed + 2, 2, signed=True) * 0.25 if speed >= 0 else np.nan,
                number(record["161"], 2) & 0xFFF,
                number(record["220"], 3) if "220" in record else -1,
                data[record["170"]] >> 6 & 1,  # TRE
                data[kind] >> 2 & 1,  # GBS
                int(more >> 1 & 3 == 2),  # TOT: ground vehicle
                int(more & 0xE0 != 0),  # SIM, TST, RAB
            )
        )
    columns = list(zip(*rows, strict=True))
    kinds = (np.int64, *[np.float64] * 4, *[np.int64] * 6)
    return Records._make(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True))


def to_geodetic(east_m: F64, north_m: F64, origin_deg: tuple[float, float]) -> F64:
    """(n, 2) latitude and longitude in radians of points on the plane that touches the earth there."""
    lat, lon = np.radians(origin_deg)
    east = np.array([-np.sin(lon), np.cos(lon), 0.0])
    north = np.array([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])
    base_m = ecef_from_geodetic(np.array([lat]), np.array([lon]), np.zeros(1))
    return geodetic_from_ecef(base_m + east_m[:, None] * east + north_m[:, None] * north)[:, :2]


def shift_between(here_deg: tuple[float, float], there_deg: tuple[float, float]) -> tuple[float, float]:
    """(east, north) in metres of there on the plane at here."""
    lat, lon = np.radians(here_deg)
    points = np.radians(np.array([here_deg, there_deg]))
    ecef_m = ecef_from_geodetic(points[:, 0].copy(), points[:, 1].copy(), np.zeros(2))
    x, y, z = ecef_m[1] - ecef_m[0]
    east = -np.sin(lon) * x + np.cos(lon) * y
    north = np.cos(lat) * z - np.sin(lat) * (np.cos(lon) * x + np.sin(lon) * y)
    return float(east), float(north)


def choose(records: Records, rows: Bool | I64) -> Records:
    return Records._make(column[rows] for column in records)


def reference_of(records: Records) -> tuple[Records, Records]:
    """(addressed moving targets on the ground, fixed transponders), each ordered by address and time."""
    records = choose(records, (records.icao24 >= 0) & np.isfinite(records.east_m))
    records = choose(records, np.lexsort((records.time_ns, records.icao24)))
    again = (np.diff(records.icao24, prepend=-1) == 0) & (np.diff(records.time_ns, prepend=0) == 0)
    records = choose(records, ~again)
    fixed = records.monitor == 1
    for address in np.unique(records.icao24):
        own = records.icao24 == address
        extent_m = max(np.ptp(records.east_m[own]), np.ptp(records.north_m[own]))
        if extent_m < FIXED_RANGE_M and np.ptp(records.time_ns[own]) > FIXED_S * SECOND_NS:
            fixed |= own
    return choose(records, ~fixed & (records.on_ground == 1)), choose(records, records.monitor == 1)


class Pairs(NamedTuple):
    """Every plot with every target of the reference at its time; shape (n,)."""

    plot: I64
    address: I64
    east_m: F64  # of the target, in the plane of the reference
    north_m: F64
    velocity_east_m_s: F64
    velocity_north_m_s: F64
    nose_east: F64  # unit vector of an aircraft's course, 0 for vehicles and for what stands
    nose_north: F64


def pair_all(radar: Records, reference: Records) -> Pairs:
    """All pairs; targets are interpolated between reports at most REFERENCE_GAP_S apart."""
    parts = []
    for address in np.unique(reference.icao24):
        own = choose(reference, reference.icao24 == address)
        if len(own.time_ns) < 2:
            continue
        after = np.clip(np.searchsorted(own.time_ns, radar.time_ns), 1, len(own.time_ns) - 1)
        gap_s = (own.time_ns[after] - own.time_ns[after - 1]) / SECOND_NS
        share = (radar.time_ns - own.time_ns[after - 1]) / SECOND_NS / gap_s
        rows = np.flatnonzero((share >= 0) & (share <= 1) & (gap_s < REFERENCE_GAP_S))
        after, gap_s, share = after[rows], gap_s[rows], share[rows]
        step_e = own.east_m[after] - own.east_m[after - 1]
        step_n = own.north_m[after] - own.north_m[after - 1]
        speed_m_s = np.hypot(step_e, step_n) / gap_s
        aircraft = (own.vehicle[after] == 0) & (speed_m_s > TAXI_MIN_M_S)
        length_m = np.where(aircraft, speed_m_s * gap_s, np.inf)
        parts.append(
            Pairs(
                rows,
                np.full(len(rows), address),
                own.east_m[after - 1] + share * step_e,
                own.north_m[after - 1] + share * step_n,
                step_e / gap_s,
                step_n / gap_s,
                step_e / length_m,
                step_n / length_m,
            )
        )
    return Pairs._make(np.concatenate(column) for column in zip(*parts, strict=True))


def _design(radar: Records, pairs: Pairs) -> F64:
    """(2, pairs, 6): east and north of every pair by the six unknowns of a Fit."""
    x, y = radar.east_m[pairs.plot], radar.north_m[pairs.plot]
    one, zero = np.ones_like(x), np.zeros_like(x)
    return np.stack(
        [
            np.stack([one, zero, -y, x, pairs.velocity_east_m_s, pairs.nose_east], axis=1),
            np.stack([zero, one, x, y, pairs.velocity_north_m_s, pairs.nose_north], axis=1),
        ]
    )


def fit_frames(radar: Records, pairs: Pairs, first_m: tuple[float, float]) -> Fit:
    """Least squares over clear pairs, thinned to those again and again; first_m: where to begin."""
    x, y = radar.east_m[pairs.plot], radar.north_m[pairs.plot]
    design = _design(radar, pairs)
    seen = np.stack([pairs.east_m - x, pairs.north_m - y])
    fit = np.array([*first_m, 0.0, 0.0, 0.0, 0.0])
    gap = np.zeros((2, 0))
    clear = np.zeros(0, np.bool_)
    for turn in range(ROUNDS):
        gap = seen - design @ fit
        clear = np.hypot(gap[0], gap[1]) < max(CLEAR_M, 150.0 / (turn + 1))
        fit = np.linalg.lstsq(design[:, clear].reshape(-1, 6), seen[:, clear].reshape(-1), rcond=None)[0]
    reach_m = np.hypot(x, y)[clear]
    along = (gap[0, clear] * x[clear] + gap[1, clear] * y[clear]) / reach_m
    across = (gap[1, clear] * x[clear] - gap[0, clear] * y[clear]) / reach_m
    spread = float(np.sqrt(np.mean(along**2 + across**2)))
    east, north, turn_rad, scale, late, ahead = (float(value) for value in fit)
    sigmas = (float(along.std()), float(across.std()))
    return Fit(east, north, turn_rad, scale, late, ahead, int(clear.sum()), spread, sigmas)


def into_radar_plane(fit: Fit, east_m: F64, north_m: F64) -> tuple[F64, F64]:
    """Points of the reference's plane as the radar would give them, without its error of time."""
    dx, dy = east_m - fit.east_m, north_m - fit.north_m
    a, b = 1.0 + fit.scale, fit.turn_rad
    return (a * dx + b * dy) / (a * a + b * b), (a * dy - b * dx) / (a * a + b * b)


def _cell(east_m: F64, north_m: F64) -> I64:
    return (np.floor(east_m / CELL_M) * 100_000 + np.floor(north_m / CELL_M)).astype(np.int64)


class Seen(NamedTuple):
    """The reference in the radar's frame and time, and what the radar saw of it; shape (n,)."""

    truth: Truth
    cell: I64
    seen: Bool  # a plot lay within SEEN_M within a period


def seen_by_radar(
    radar: Records, reference: Records, pairs: Pairs, fit: Fit, site_deg: tuple[float, float]
) -> Seen:
    """The reference with the error of place and time of the fit put on it, so that the plots keep theirs."""
    late_e, late_n = pairs.velocity_east_m_s * fit.late_s, pairs.velocity_north_m_s * fit.late_s
    x, y = into_radar_plane(fit, pairs.east_m - late_e, pairs.north_m - late_n)
    near = np.hypot(x - radar.east_m[pairs.plot], y - radar.north_m[pairs.plot]) < SEEN_M
    time_ns = reference.time_ns + round(fit.late_s * SECOND_NS)
    seen = np.zeros(len(time_ns), np.bool_)
    for address in np.unique(reference.icao24):
        own = np.flatnonzero(reference.icao24 == address)
        times_ns = np.sort(radar.time_ns[pairs.plot[near & (pairs.address == address)]])
        before = np.searchsorted(times_ns, time_ns[own] - PERIOD_NS)
        seen[own] = np.searchsorted(times_ns, time_ns[own] + PERIOD_NS, side="right") > before
    east_m, north_m = into_radar_plane(fit, reference.east_m, reference.north_m)
    place = to_geodetic(east_m, north_m, site_deg)
    truth = Truth(
        time_ns=time_ns,
        target=reference.icao24,
        lat_rad=place[:, 0],
        lon_rad=place[:, 1],
        height_m=np.full(len(time_ns), np.nan),
        velocity_east_m_s=reference.velocity_east_m_s,
        velocity_north_m_s=reference.velocity_north_m_s,
    )
    return Seen(truth, _cell(east_m, north_m), seen)


def covered(seen: Seen, *, share_min: float) -> Truth:
    """The reference in cells where the radar saw at least a share of it, and saw it at all."""
    cells, which = np.unique(seen.cell, return_inverse=True)
    share = np.bincount(which, seen.seen, len(cells)) / np.bincount(which, minlength=len(cells))
    kept = (share[which] >= share_min) & (share[which] > 0.0)
    return Truth._make(column[kept] for column in seen.truth)


def own_tracks(radar: Records, site_deg: tuple[float, float]) -> TrackRows:
    """The radar's own tracks, numbers that come again as new ones."""
    order = np.lexsort((radar.time_ns, radar.number))
    radar = choose(radar, order)
    fresh = np.diff(radar.number, prepend=-1) != 0
    fresh |= np.diff(radar.time_ns, prepend=0) > REUSED_S * SECOND_NS
    fresh[1:] |= radar.ended[:-1] == 1
    number = np.cumsum(fresh)
    known = np.isfinite(radar.east_m)
    radar, number = choose(radar, known), number[known]
    place = to_geodetic(radar.east_m, radar.north_m, site_deg)
    return TrackRows(
        radar.time_ns, number, place[:, 0], place[:, 1], radar.velocity_east_m_s, radar.velocity_north_m_s
    )


def lone_plots(radar: Records, site_deg: tuple[float, float]) -> TrackRows:
    """Every plot as a track of its own: what there is to be tracked, and how well."""
    radar = choose(radar, np.isfinite(radar.east_m))
    place = to_geodetic(radar.east_m, radar.north_m, site_deg)
    numbers = np.arange(1, len(radar.time_ns) + 1)
    return TrackRows(
        radar.time_ns, numbers, place[:, 0], place[:, 1], radar.velocity_east_m_s, radar.velocity_north_m_s
    )


def measured_errors(radar: Records) -> tuple[float, float, float]:
    """(period in seconds, range sigma in metres, azimuth sigma in degrees) from the recording itself.

    Third differences of four plots in a row of one track of the radar: no motion with a steady acceleration
    is left in them, and white noise of variance s^2 becomes 20 s^2.
    """
    radar = choose(radar, np.isfinite(radar.east_m))
    radar = choose(radar, np.lexsort((radar.time_ns, radar.number)))
    gap_s = np.diff(radar.time_ns) / SECOND_NS
    same = np.diff(radar.number) == 0
    period_s = float(np.median(gap_s[same]))
    steady = same & (np.abs(gap_s - period_s) < 0.1)
    rows = np.flatnonzero(steady[:-2] & steady[1:-1] & steady[2:])
    range_m = np.hypot(radar.east_m, radar.north_m)
    azimuth = np.unwrap(np.arctan2(radar.east_m, radar.north_m))
    range_sigma, azimuth_sigma = (
        float(np.sqrt(np.mean(np.diff(column, 3)[rows] ** 2) / 20.0)) for column in (range_m, azimuth)
    )
    return period_s, range_sigma, float(np.degrees(azimuth_sigma))


def load(folder: Path, name: str) -> Records:
    """The target reports of one of the two files."""
    return read_records((folder / name).read_bytes())
