"""Seeded air pictures, and what rotating radars and an ADS-B receiver make of them.

`make_scenario("M", seed=1, bias=True)` in a program, `python -m bench.scenario M --out DIR` for files that
`foedus track` and `foedus score` read. Options draw from random streams of their own: with and without one,
the same targets are seen at the same looks with the same errors.
"""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.flights import (
    Kind,
    Truth,
    ecef_to_enu,
    enu_to_ecef,
    fly,
    make_courses,
    make_kinds,
    make_truth,
    scatter,
)
from foedus.geo import EFFECTIVE_RADIUS_M, MEAN_RADIUS_M, ecef_from_geodetic, geodetic_from_ecef
from foedus.model import F64, FOOT_M, I64, SECOND_NS, Bool, PlotKind, Plots, Sensor, SensorKind

START_NS = 1_767_225_600 * SECOND_NS  # 2026-01-01T00:00:00Z, second 0 of every scenario
CENTRE_LAT_DEG = 47.0
CENTRE_LON_DEG = 8.0
REACH_M = 350_000.0
DETECTION = 0.9
ANSWERING = 0.8
"""Share of the targets with a transponder; those with ADS-B are among them. Arcs never have one."""
CLUTTER_TOP_M = 15_000.0
ADSB_SIGMA_M = 30.0
BARO_STEP_M = 25.0 * FOOT_M
DOPPLER_SIGMA_M_S = 2.0
CLUTTER_DOPPLER_M_S = 300.0
COPY_OFFSET_M = 60_000.0
COUNT_LOOKS, COUNT_WINDOW_S = 3, 25.0
FIRST_ADDRESS = 0x400000
GHOST_ADDRESS = 0x7FF001

TRUTH, SITES, OPTIONS, LOOKS, ADSB, SPOOF, LATE, JITTER, BIAS, CLUTTER = range(10)
"""Random streams: a generator is seeded by (seed, stream, sensor), so that no option disturbs another."""


class Size(NamedTuple):
    """How much; clutter is the mean number of false plots per turn of a radar."""

    name: str
    targets: int
    radars: int
    duration_s: float
    width_m: float
    clutter: float


SIZES = {
    "S": Size("S", 20, 3, 120.0, 501_000.0, 7.8),
    "M": Size("M", 200, 6, 300.0, 1_221_000.0, 22.1),
    "L": Size("L", 2_000, 12, 300.0, 1_771_000.0, 55.2),
    "XL": Size("XL", 20_000, 40, 120.0, 1_548_000.0, 243.3),
}
"""Width and clutter chosen so that seed 1 gives nearly the plots with which this project's goals were set:
S 706 of targets + 401 others, M 11,470 + 6,506, L 104,363 + 30,543, XL 1,455,116 + 158,343."""


class Bias(NamedTuple):
    """What is added to every range, azimuth and time stamp of a sensor, (sensors,)."""

    range_m: F64
    azimuth_rad: F64
    time_s: F64


class Scenario(NamedTuple):
    """Plots in order of arrival with the sensors that saw them, and the truth."""

    size: Size
    truth: Truth
    sensors: tuple[Sensor, ...]
    plots: Plots
    target: I64  # of each plot, -1: clutter or forged
    arrival_ns: I64
    true_ns: I64  # when each plot was really seen: its time stamp without the bias
    bias: Bias
    address: I64  # (targets,) -1: no transponder
    equipped: Bool  # (targets,) with ADS-B
    forged: tuple[int, ...]  # addresses: the ghost's, and the one that is copied

    @property
    def duration_s(self) -> float:
        """Length of the run."""
        return self.size.duration_s

    def ecef(self, time_s: float) -> F64:
        """(targets, 6) position and velocity of all targets at one time; see Truth.alive."""
        count = len(self.truth.kind)
        return self.truth.at(np.arange(count), np.full(count, float(time_s)))

    def position(self, time_s: float) -> tuple[F64, F64, F64]:
        """(latitude, longitude, height) of all targets at one time."""
        lat, lon, height_m = geodetic_from_ecef(np.ascontiguousarray(self.ecef(time_s)[:, :3])).T
        return lat, lon, height_m

    def velocity(self, time_s: float) -> F64:
        """(targets, 3) east, north, up of all targets at one time."""
        lat, lon, _ = self.position(time_s)
        return ecef_to_enu(self.ecef(time_s)[:, 3:], lat, lon)

    def counting(self, times_s: F64) -> Bool:
        """(times, targets) who counts: from its third detection on, while the newest is at most 25 s old.

        Not after its end. Detections of all sensors, by true time. A radar that turns in 12 s and misses once
        leaves a gap of 24 s: tracking through that is what a tracker is for.
        """
        count = len(self.truth.kind)
        seen = self.target >= 0
        far = 2.0 * self.duration_s + 1_000.0
        keys = self.target[seen] * far + (self.true_ns[seen] - START_NS) / SECOND_NS
        keys.sort()
        rows = np.arange(count)
        out = np.zeros((len(times_s), count), np.bool_)
        begins = np.searchsorted(keys, rows * far, side="left")
        padded = np.concatenate([[-np.inf], keys])
        for i, time_s in enumerate(times_s.tolist()):
            so_far = np.searchsorted(keys, rows * far + time_s, side="right")
            recent = padded[so_far] >= rows * far + max(0.0, time_s - COUNT_WINDOW_S)
            enough = so_far - begins >= COUNT_LOOKS
            out[i] = enough & recent & self.truth.alive(rows, np.full(count, time_s))
        return out

    def truth_table(self, every_s: float = 1.0) -> Any:
        """All targets that are there, every so often, as an Arrow table: what `foedus score` takes as truth.

        Column `counts` says whether a target need be tracked, see counting.
        """
        import pyarrow as pa

        times_s = np.arange(0.0, self.duration_s + 1e-9, every_s)
        names = np.array([f"T{i}" for i in range(len(self.truth.kind))])
        parts = []
        every = np.arange(len(self.truth.kind))
        for time_s, counts in zip(times_s.tolist(), self.counting(times_s), strict=True):
            rows = np.flatnonzero(self.truth.alive(every, np.full(len(every), time_s)))
            state = self.truth.at(rows, np.full(len(rows), time_s))
            lat, lon, height_m = geodetic_from_ecef(np.ascontiguousarray(state[:, :3])).T
            east, north, up = ecef_to_enu(state[:, 3:], lat, lon).T
            time_ns = np.full(len(rows), START_NS + round(time_s * SECOND_NS))
            straight = self.truth.straight(time_s)[rows]
            place = (np.degrees(lat), np.degrees(lon), height_m)
            columns = (time_ns, rows, *place, east, north, up, straight, counts[rows])
            parts.append(columns)
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        target = pa.DictionaryArray.from_arrays(pa.array(columns[1], pa.int32()), pa.array(names.tolist()))
        columns[1] = target.cast(pa.string())
        return pa.table(dict(zip(TRUTH_COLUMNS, columns, strict=True)))


TRUTH_COLUMNS = (
    "time_ns", "target", "lat_deg", "lon_deg", "height_m",
    "velocity_east_m_s", "velocity_north_m_s", "velocity_up_m_s", "straight", "counts",
)  # fmt: skip


class Looks(NamedTuple):
    """What one sensor saw; true_s and target beside the plots."""

    plots: Plots
    true_s: F64
    target: I64


# ---------------------------------------------------------------- radars


def make_radars(rng: np.random.Generator, size: Size) -> tuple[Sensor, ...]:
    """Radars on a grid over the area: 4 to 12 s, 50 to 100 m, 0.08 to 0.15 degrees, elevation 0.15 to 0.3."""
    across = math.ceil(math.sqrt(size.radars))
    down = math.ceil(size.radars / across)
    sensors = []
    for index in range(size.radars):
        east = ((index % across + 0.5) / across - 0.5) * size.width_m
        north = ((index // across + 0.5) / down - 0.5) * size.width_m
        lat = CENTRE_LAT_DEG + math.degrees(north / MEAN_RADIUS_M)
        sensors.append(
            Sensor(
                id=f"R{index}",
                kind=SensorKind.RADAR,
                lat_deg=lat,
                lon_deg=CENTRE_LON_DEG + math.degrees(east / (MEAN_RADIUS_M * math.cos(math.radians(lat)))),
                height_m=float(rng.uniform(50.0, 800.0)),
                period_s=float(rng.uniform(4.0, 12.0)),
                range_max_m=REACH_M,
                range_sigma_m=float(rng.uniform(50.0, 100.0)),
                azimuth_sigma_deg=float(rng.uniform(0.08, 0.15)),
                elevation_sigma_deg=float(rng.uniform(0.15, 0.3)),
                detection_probability=DETECTION,
                clutter_per_scan=size.clutter,
            )
        )
    return tuple(sensors)


def _site(sensor: Sensor) -> tuple[F64, F64, F64]:
    """(ECEF (3,), latitude (1,), longitude (1,)) of a sensor."""
    lat, lon = np.radians([sensor.lat_deg]), np.radians([sensor.lon_deg])
    return ecef_from_geodetic(lat, lon, np.array([float(sensor.height_m)]))[0], lat, lon


def refracted_elevation(sensor: Sensor, range_m: F64, height_m: F64) -> F64:
    """Elevation in which the 4/3 earth shows a point at a slant range and height."""
    base = EFFECTIVE_RADIUS_M + sensor.height_m
    rise = (EFFECTIVE_RADIUS_M + height_m) ** 2 - base**2 - range_m**2
    return np.arcsin(np.clip(rise / (2.0 * range_m * base), -1.0, 1.0))


def polar(sensor: Sensor, position_m: F64) -> tuple[F64, F64, F64]:
    """(slant range, azimuth, refracted elevation) of ECEF points (n, 3) from a sensor."""
    site, lat, lon = _site(sensor)
    line = position_m - site
    east, north, _ = ecef_to_enu(line, lat, lon).T
    range_m = np.sqrt((line * line).sum(axis=1))
    height_m = geodetic_from_ecef(np.ascontiguousarray(position_m))[:, 2]
    return range_m, np.arctan2(east, north) % (2.0 * math.pi), refracted_elevation(sensor, range_m, height_m)


def horizon_m(sensor: Sensor, height_m: F64) -> F64:
    """Longest slant range at which the 4/3 earth does not hide a target: both tangents to it."""
    site = math.sqrt(2.0 * EFFECTIVE_RADIUS_M * sensor.height_m + sensor.height_m**2)
    high = np.maximum(height_m, 0.0)
    return site + np.sqrt(2.0 * EFFECTIVE_RADIUS_M * high + high * high)


def _look_times(
    truth: Truth, sensor: Sensor, duration_s: float, phase: float, wobble_s: F64
) -> tuple[I64, F64, F64]:
    """(targets (n,), times (n,), starts of turns): when the antenna meets what comes near, once a turn."""
    starts = (np.arange(len(wobble_s)) - 1.0 - phase) * sensor.period_s + wobble_s
    site, lat, lon = _site(sensor)
    every = truth.nodes[:, ::10]
    nearest = np.sqrt(((every[:, :, :3] - site) ** 2).sum(axis=2)).min(axis=1)
    quickest = np.sqrt((every[:, :, 3:] ** 2).sum(axis=2)).max(axis=1)
    rows = np.flatnonzero(nearest < sensor.range_max_m + 15.0 * quickest)
    target, start = np.repeat(rows, len(starts)), np.tile(starts, len(rows))

    def azimuth_at(time_s: F64) -> F64:
        inside = np.clip(time_s, 0.0, duration_s)
        east, north, _ = ecef_to_enu(truth.at(target, inside)[:, :3] - site, lat, lon).T
        return np.arctan2(east, north)

    # Unwrapped along the turns: what crosses north is met neither twice nor never.
    azimuth = azimuth_at(start + 0.5 * sensor.period_s).reshape(len(rows), -1)
    azimuth = (np.unwrap(azimuth, axis=1) + np.where(azimuth[:, :1] < 0.0, 2.0 * math.pi, 0.0)).ravel()
    for _ in range(3):  # the target moves while the antenna turns towards it
        time_s = start + azimuth / (2.0 * math.pi) * sensor.period_s
        azimuth += (azimuth_at(time_s) - azimuth + math.pi) % (2.0 * math.pi) - math.pi
    return target, start + azimuth / (2.0 * math.pi) * sensor.period_s, starts


def radar_looks(
    truth: Truth, sensor: Sensor, index: int, *, seed: int, duration_s: float, jitter_s: float
) -> Looks:
    """Everything that one radar reports of targets and of nothing; elevation and Doppler always there.

    Looks come when the antenna points at the target; jitter_s: each turn begins so much early or late
    (sigma), the stamps are right. Clutter: Poisson per turn, uniform in azimuth and in range squared (evenly
    over the ground) from a tenth of the reach on, in elevation from 0 to what lies at 15 km, in Doppler
    within 300 m/s.
    """
    rng = np.random.default_rng((seed, LOOKS, index))
    turns = math.ceil(duration_s / sensor.period_s) + 3
    phase = rng.random()
    wobble_s = np.random.default_rng((seed, JITTER, index)).normal(0.0, 1.0, turns) * jitter_s
    target, time_s, starts = _look_times(truth, sensor, duration_s, phase, wobble_s)
    lucky = rng.random(len(target)) < sensor.detection_probability
    noise = rng.normal(0.0, 1.0, (4, len(target)))
    keep = lucky & (time_s >= 0.0) & (time_s < duration_s) & truth.alive(target, time_s)
    target, time_s, noise = target[keep], time_s[keep], noise[:, keep]
    state = truth.at(target, time_s)
    range_m, azimuth, elevation = polar(sensor, state[:, :3])
    height_m = geodetic_from_ecef(np.ascontiguousarray(state[:, :3]))[:, 2]
    seen = np.flatnonzero((range_m < sensor.range_max_m) & (range_m < horizon_m(sensor, height_m)))
    false_s, false = _clutter(sensor, seed, index, starts)
    late = (false_s >= 0.0) & (false_s < duration_s)
    line = (state[seen, :3] - _site(sensor)[0]) / range_m[seen, None]
    true = (
        range_m[seen] + noise[0, seen] * sensor.range_sigma_m,
        azimuth[seen] + noise[1, seen] * math.radians(sensor.azimuth_sigma_deg),
        elevation[seen] + noise[2, seen] * math.radians(sensor.elevation_sigma_deg),
        (line * state[seen, 3:]).sum(axis=1) + noise[3, seen] * DOPPLER_SIGMA_M_S,
    )
    both = [np.concatenate([values, others]) for values, others in zip(true, false[:, late], strict=True)]
    plots = _blank(len(both[0]), index)._replace(
        range_m=both[0],
        azimuth_rad=both[1],
        elevation_rad=np.clip(both[2], -0.5 * math.pi, 0.5 * math.pi),
        range_rate_m_s=both[3],
    )
    owners = np.concatenate([target[seen], np.full(int(late.sum()), -1)])
    return Looks(plots, np.concatenate([time_s[seen], false_s[late]]), owners)


def _blank(n: int, sensor: int) -> Plots:
    """Rows of which nothing is known; the columns take no memory, and are replaced rather than written."""
    row = Plots.empty(1)._replace(sensor=np.array([sensor], np.int32))
    return Plots._make(np.broadcast_to(column, n) for column in row)


def _clutter(sensor: Sensor, seed: int, index: int, starts: F64) -> tuple[F64, F64]:
    """(times, (4, n): range, azimuth, elevation, Doppler) of the false plots of all turns."""
    rng = np.random.default_rng((seed, CLUTTER, index))
    counts = rng.poisson(sensor.clutter_per_scan, len(starts))
    n = int(counts.sum())
    range_m = sensor.range_max_m * np.sqrt(rng.uniform(0.01, 1.0, n))
    azimuth = rng.uniform(0.0, 2.0 * math.pi, n)
    top = refracted_elevation(sensor, range_m, np.full(n, CLUTTER_TOP_M))
    elevation = rng.uniform(0.0, 1.0, n) * top
    rate = rng.uniform(-CLUTTER_DOPPLER_M_S, CLUTTER_DOPPLER_M_S, n)
    times = np.repeat(starts, counts) + azimuth / (2.0 * math.pi) * sensor.period_s
    return times, np.stack([range_m, azimuth, elevation, rate])


# ---------------------------------------------------------------- options


def _baro(height_m: F64) -> F64:
    """What an altimeter in steps of 25 ft says; the air is standard, and the geoid is the ellipsoid."""
    return np.round(height_m / BARO_STEP_M) * BARO_STEP_M


def _heights(truth: Truth, looks: Looks) -> F64:
    """True height of the target of each plot, NaN for clutter."""
    real = looks.target >= 0
    state = truth.at(looks.target[real], looks.true_s[real])
    out = np.full(len(real), np.nan)
    out[real] = geodetic_from_ecef(np.ascontiguousarray(state[:, :3]))[:, 2]
    return out


def _reports(rng: np.random.Generator, position_m: F64, index: int, address: I64) -> Plots:
    """ADS-B reports of positions (n, 3), each 30 m off in both directions."""
    lat, lon, height_m = geodetic_from_ecef(np.ascontiguousarray(position_m)).T
    east, north = rng.normal(0.0, ADSB_SIGMA_M, (2, len(lat)))
    moved = enu_to_ecef(np.stack([east, north, np.zeros(len(lat))], axis=1), lat, lon) + position_m
    lat, lon, _ = geodetic_from_ecef(moved).T
    return _blank(len(lat), index)._replace(
        kind=np.full(len(lat), PlotKind.GEODETIC, np.int8),
        lat_rad=lat,
        lon_rad=lon,
        baro_m=_baro(height_m),
        icao24=address.astype(np.int32),
    )


def _seconds(rng: np.random.Generator, count: int, duration_s: float) -> tuple[I64, F64]:
    """(row, time) of a report a second of each of `count` aircraft, of which the receiver misses a tenth."""
    seconds = math.floor(duration_s)
    times = rng.random((count, 1)) + np.arange(seconds)
    heard = (rng.random((count, seconds)) < DETECTION) & (times < duration_s)
    rows = np.broadcast_to(np.arange(count)[:, None], heard.shape)
    return rows[heard], times[heard]


def _adsb_looks(
    seed: int, truth: Truth, equipped: Bool, address: I64, index: int, duration_s: float
) -> Looks:
    rng = np.random.default_rng((seed, ADSB, 0))
    # Drawn for all targets, so that another share does not move the reports of those it leaves equipped.
    target, time_s = _seconds(rng, len(equipped), duration_s)
    keep = equipped[target]
    target, time_s = target[keep], time_s[keep]
    plots = _reports(rng, truth.at(target, time_s)[:, :3], index, address[target])
    return Looks(plots, time_s, target)


def _spoofed_looks(seed: int, size: Size, truth: Truth, copied: int, address: int, index: int) -> Looks:
    """A ghost that flies straight where nothing is, and a second body of a real address 60 km to its east."""
    rng = np.random.default_rng((seed, SPOOF, 0))
    lat, lon = scatter(rng, 256, centre_lat_deg=CENTRE_LAT_DEG, centre_lon_deg=CENTRE_LON_DEG,
                       width_m=0.6 * size.width_m)  # fmt: skip
    ghosts = make_courses(rng, np.zeros(256, np.int8), lat=lat, lon=lon, duration_s=size.duration_s)
    ghosts = ghosts._replace(turn_rad_s=np.zeros_like(ghosts.turn_rad_s), climb_m_s=np.zeros(256))
    nodes = fly(ghosts, math.ceil(size.duration_s))
    middle = nodes.shape[1] // 2
    gap = np.array(
        [np.linalg.norm(truth.nodes[:, middle, :3] - place, axis=1).min() for place in nodes[:, middle, :3]]
    )
    alone = int(np.argmax(gap))
    flight = truth._replace(nodes=nodes[alone : alone + 1])
    _, ghost_s = _seconds(rng, 1, size.duration_s)
    parts = [_reports(rng, flight.at(np.zeros(len(ghost_s), np.int64), ghost_s)[:, :3], index,
                      np.full(len(ghost_s), GHOST_ADDRESS))]  # fmt: skip
    _, copy_s = _seconds(rng, 1, size.duration_s)
    if copied >= 0:
        place = truth.at(np.full(len(copy_s), copied), copy_s)[:, :3]
        lat, lon, _ = geodetic_from_ecef(np.ascontiguousarray(place)).T
        aside = enu_to_ecef(np.tile([COPY_OFFSET_M, 0.0, 0.0], (len(place), 1)), lat, lon)
        parts.append(_reports(rng, place + aside, index, np.full(len(place), address)))
    else:
        copy_s = copy_s[:0]
    plots = Plots._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Looks(plots, np.concatenate([ghost_s, copy_s]), np.full(len(plots.time_ns), -1))


def _make_bias(seed: int, size: Size, sensors: int, wanted: bool) -> Bias:
    """Sigmas 80 m, 0.15 degrees, 0.1 s; the receiver has none."""
    rng = np.random.default_rng((seed, BIAS, 0))
    draws = rng.normal(0.0, 1.0, (3, size.radars)) * np.array([[80.0], [math.radians(0.15)], [0.1]])
    out = np.zeros((3, sensors))
    if wanted:
        out[:, : size.radars] = draws
    return Bias(*out)


def _gather(parts: list[Looks], late_s: float, seed: int, bias: Bias) -> tuple[Plots, I64, I64, I64]:
    """(plots, target, arrival, true time) in order of arrival; empties `parts`, to save memory at XL."""
    true_ns = START_NS + np.round(np.concatenate([part.true_s for part in parts]) * SECOND_NS).astype(
        np.int64
    )
    arrival_ns = true_ns
    if late_s > 0.0:
        delays = [
            np.random.default_rng((seed, LATE, i)).exponential(late_s, len(part.true_s))
            for i, part in enumerate(parts)
        ]
        arrival_ns = true_ns + np.round(np.concatenate(delays) * SECOND_NS).astype(np.int64)
    order = np.argsort(arrival_ns, kind="stable")
    target = np.concatenate([part.target for part in parts])[order]
    columns: list[Any] = [list(column) for column in zip(*(part.plots for part in parts), strict=True)]
    parts.clear()
    for i, column in enumerate(columns):
        columns[i] = np.concatenate(column)[order]
        column.clear()
    plots = Plots._make(columns)
    true_ns = true_ns[order]
    plots.range_m[:] += bias.range_m[plots.sensor]
    plots.azimuth_rad[:] = (plots.azimuth_rad + bias.azimuth_rad[plots.sensor]) % (2.0 * math.pi)
    plots.time_ns[:] = true_ns + np.round(bias.time_s * SECOND_NS).astype(np.int64)[plots.sensor]
    return plots, target, arrival_ns[order], true_ns


def _as_asked(looks: Looks, truth: Truth, address: I64, flat: bool, addresses: bool, doppler: bool) -> Looks:
    """The looks of a radar that gives no elevation, an address, or no Doppler."""
    answers = np.where(looks.target >= 0, address[looks.target], -1)
    blank = _blank(len(answers), 0)
    plots = looks.plots
    if flat:
        height_m = np.where(answers >= 0, _baro(_heights(truth, looks)), np.nan)
        plots = plots._replace(elevation_rad=blank.elevation_rad, baro_m=height_m)
    if addresses:
        plots = plots._replace(icao24=answers.astype(np.int32))
    if not doppler:
        plots = plots._replace(range_rate_m_s=blank.range_rate_m_s)
    return looks._replace(plots=plots)


def make_scenario(
    size: str | Size,
    *,
    seed: int = 1,
    bias: bool = False,
    jitter_s: float = 0.0,
    late_s: float = 0.0,
    two_d: float = 0.0,
    adsb: float = 0.0,
    spoofer: bool = False,
    doppler: bool = False,
    addresses: bool = False,
) -> Scenario:
    """One seeded air picture.

    bias: radars are off by sigma 80 m, 0.15 degrees and 0.1 s (wrong time stamps); jitter_s: see radar_looks;
    late_s: mean of the exponential delay of arrival; two_d: share of radars that give no elevation but the
    pressure altitude of those 80 % of the targets that answer; adsb: share of targets that report at 1 Hz;
    addresses: radar plots carry the address of targets that answer; doppler: range rate, sigma 2 m/s;
    spoofer: two forged aircraft in the ADS-B.
    """
    size = SIZES[size] if isinstance(size, str) else size
    rng = np.random.default_rng((seed, TRUTH, 0))
    kind = make_kinds(rng, size.targets)
    lat, lon = scatter(rng, size.targets, centre_lat_deg=CENTRE_LAT_DEG, centre_lon_deg=CENTRE_LON_DEG,
                       width_m=size.width_m)  # fmt: skip
    truth = make_truth(rng, kind, lat, lon, duration_s=size.duration_s)
    sensors = make_radars(np.random.default_rng((seed, SITES, 0)), size)
    options = np.random.default_rng((seed, OPTIONS, 0))
    luck = options.random(size.targets)
    flat = options.permutation(size.radars)[: round(two_d * size.radars)]
    crewed = kind != Kind.BALLISTIC
    equipped = crewed & (luck < adsb)
    address = np.where(crewed & (luck < max(ANSWERING, adsb)), FIRST_ADDRESS + np.arange(size.targets), -1)
    parts = []
    for index, sensor in enumerate(sensors):
        looks = radar_looks(truth, sensor, index, seed=seed, duration_s=size.duration_s, jitter_s=jitter_s)
        parts.append(_as_asked(looks, truth, address, index in flat, addresses, doppler))
        del looks
    forged: tuple[int, ...] = ()
    if adsb > 0.0 or spoofer:
        sensors = (*sensors, _receiver(size))
        parts.append(_adsb_looks(seed, truth, equipped, address, size.radars, size.duration_s))
    if spoofer:
        known = np.flatnonzero(equipped if equipped.any() else address >= 0)
        copied = int(known[0]) if len(known) else -1
        forged = (GHOST_ADDRESS, *address[known[:1]].tolist())
        parts.append(_spoofed_looks(seed, size, truth, copied, forged[-1], size.radars))
    error = _make_bias(seed, size, len(sensors), bias)
    plots, target, arrival_ns, true_ns = _gather(parts, late_s, seed, error)
    return Scenario(
        size, truth, sensors, plots, target, arrival_ns, true_ns, error, address, equipped, forged
    )


def _receiver(size: Size) -> Sensor:
    """The receiver network as one sensor; it hears everything."""
    return Sensor(
        id="ADSB",
        kind=SensorKind.RECEIVER,
        lat_deg=CENTRE_LAT_DEG,
        lon_deg=CENTRE_LON_DEG,
        height_m=0.0,
        period_s=1.0,
        range_max_m=2.0 * size.width_m,
        position_sigma_m=ADSB_SIGMA_M,
        height_sigma_m=10.0,
        detection_probability=DETECTION,
    )


# ---------------------------------------------------------------- files


def sensors_toml(sensors: Sequence[Sensor]) -> str:
    """A sensor file."""
    lines = []
    for sensor in sensors:
        lines.append("[[sensor]]")
        for name in Sensor.__struct_fields__:
            value = getattr(sensor, name)
            text = f'"{value.value if isinstance(value, SensorKind) else value}"'
            lines.append(f"{name} = {value!r}" if isinstance(value, float | int) else f"{name} = {text}")
        lines.append("")
    return "\n".join(lines)


def write_scenario(scenario: Scenario, folder: Path) -> None:
    """plots.parquet (in order of arrival), sensors.toml and truth.parquet (every second)."""
    import pyarrow.parquet as pq

    from foedus.feeds.tabular import table_from_plots

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sensors.toml").write_text(sensors_toml(scenario.sensors), "utf-8")
    pq.write_table(table_from_plots(scenario.plots, scenario.sensors), folder / "plots.parquet")
    pq.write_table(scenario.truth_table(1.0), folder / "truth.parquet")


def main() -> None:
    """Write one scenario as files."""
    parser = argparse.ArgumentParser(prog="python -m bench.scenario", description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    for name in ("jitter-s", "late-s", "two-d", "adsb"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    for name in ("bias", "spoofer", "doppler", "addresses"):
        parser.add_argument(f"--{name}", action="store_true")
    asked = vars(parser.parse_args())
    folder = asked.pop("out")
    scenario = make_scenario(asked.pop("size"), **asked)
    write_scenario(scenario, folder)
    false = int((scenario.target < 0).sum())
    print(f"{folder}: {len(scenario.target) - false:,} plots of targets, {false:,} others")


if __name__ == "__main__":
    main()
