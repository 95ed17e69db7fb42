"""The tracker: plots of one's own sensors in, tracks out; a pure function of what it was given in order.

Plots that come late are put in their place: the desk is set back to a copy that is older than they are, and
the plots since are taken again, in order. So any order of arrival within LATE_S_MAX gives the same tracks.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from foedus.errors import LimitError
from foedus.limits import LATE_S_MAX, SENSORS_MAX, TRACKS_MAX
from foedus.model import F64, I64, SECOND_NS, Plots, Sensor, Tracks, concatenate, take
from foedus.track.picture import HEIGHT_SIGMA_MAX_M, fill_tracks, fill_updates, list_confirmed
from foedus.track.rewind import Rewinder, slice_end
from foedus.track.scan import SLICE_NS
from foedus.track.table import (
    BEYOND_NOW,
    COUNT_ASSOCIATED,
    COUNT_CANDIDATES_CUT,
    COUNT_CLUSTERS_CUT,
    COUNT_CONFIRMED,
    COUNT_DROPPED,
    COUNT_MERGED,
    COUNT_PLOTS,
    COUNT_STARTED,
    FREE_ROWS,
    HIGH,
    MODELS,
    NO_SENSOR,
    REASONS,
    TOO_OLD,
    Rows,
    make_desk,
)
from foedus.track.trust import find_faults

NOW_SLACK_NS: Final = SECOND_NS
"""How far a plot may lie beyond now: clocks of receivers run 5-10 ms apart, some feeds round to a second."""

_DTYPES = tuple(column.dtype for column in Plots.empty())


class TrackerCounts(NamedTuple):
    """What became of all plots and tracks so far; plots = associated + started + refused + waiting."""

    plots: int
    associated: int
    started: int  # tracks, each from one plot
    confirmed: int  # tracks
    dropped: int  # confirmed tracks that ended
    merged: int  # confirmed tracks that proved to be another one
    waiting: int  # plots of the half second that is not over
    refused: tuple[tuple[str, int], ...]  # (reason, plots), sorted, only reasons that occurred
    candidates_cut: int  # plots with more tracks around than TRACK_CANDIDATES_MAX, PAIR_LOOKS_MAX
    clusters_cut: int  # times that an assignment stopped at ASSIGNMENT_TRACKS_MAX tracks
    rewinds: int  # steps that brought plots older than the step before


class SensorHealth(NamedTuple):
    """What the tracker has learnt of one sensor. A bias is measured minus true, and taken off every plot."""

    id: str
    plots: int  # that were taken as plots
    refused: tuple[tuple[str, int], ...]  # (reason, plots), sorted
    range_bias_m: float  # 0 until it is known well enough
    azimuth_bias_rad: float
    time_bias_s: float
    range_bias_sigma_m: float  # NaN while nothing is known
    azimuth_bias_sigma_rad: float
    time_bias_sigma_s: float
    misfit: float  # mean squared distance per dimension of the plots of confirmed tracks; 1 as described
    detection: float  # share of the looks at confirmed tracks in coverage that gave a plot; NaN unknown
    faults: tuple[str, ...]  # of trust.FAULTS


class Updates(NamedTuple):
    """Confirmed tracks as each plot has left them, one row per update; every column has n rows."""

    time_ns: I64
    number: I64
    status: I64  # TrackStatus: CONFIRMED, or DROPPED in the last row of a track
    lat_rad: F64
    lon_rad: F64
    height_m: F64  # NaN unknown
    velocity_m_s: F64  # (n, 3) east, north, up
    covariance: F64  # (n, 21) upper triangle, row by row: east, north, up in m, then in m/s
    model_probability: F64  # (n, 4) cv_low, cv_high, turn, ballistic
    quality: F64  # probability that the track exists
    sensors: I64  # bit set
    icao24: I64  # -1 unknown
    mode_a: I64  # -1 unknown
    callsign: I64  # 0 unknown
    doubts: I64  # bit set of table.DOUBTS


class Tracker:
    """Tracks of a list of sensors; a sensor's place in the list is its number in Plots and its bit in Tracks.

    log: keep the updates of confirmed tracks for `drain_updates`.
    Raises LimitError for more than SENSORS_MAX sensors.
    """

    def __init__(self, sensors: tuple[Sensor, ...], *, number_first: int = 1, log: bool = False) -> None:
        if len(sensors) > SENSORS_MAX:
            raise LimitError(name="SENSORS_MAX", limit=SENSORS_MAX, asked=len(sensors))
        assert number_first >= 1
        self._sensors = sensors
        self._time = Rewinder(make_desk(sensors, number_first=number_first), log=log)
        self._rows = np.zeros(TRACKS_MAX, np.int64)
        self._now_ns = 0
        self._waiting = Plots.empty()  # plots of the slice that is not over
        self._refused = np.zeros((len(sensors) + 1, len(REASONS)), np.int64)  # last row: of no sensor

    def step(self, plots: Plots, *, now_ns: int) -> None:
        """Take plots, in any order, then age all tracks to now_ns, which never runs back.

        A plot is used once the half second in which it lies is over, so tracks do not depend on how plots are
        split into steps, nor on their order. A plot up to LATE_S_MAX older than the last now_ns is put in its
        place; older ones are refused and counted.
        """
        assert now_ns >= self._now_ns
        plots = self._admit(_native(plots), now_ns)
        self._now_ns = now_ns
        until_ns = now_ns // SLICE_NS * SLICE_NS
        due = slice_end(plots.time_ns) <= until_ns
        if due.all():
            self._waiting = Plots.empty()
        else:
            self._waiting, plots = take(plots, ~due), take(plots, due)
        self._time.take(plots, until_ns)

    def _admit(self, plots: Plots, now_ns: int) -> Plots:
        """The plots that may be taken, after those that waited; the others are counted."""
        nowhere = (plots.sensor < 0) | (plots.sensor >= len(self._sensors))
        old = plots.time_ns < self._now_ns - LATE_S_MAX * SECOND_NS
        old |= slice_end(np.maximum(plots.time_ns, 0)) - SLICE_NS < self._time.oldest_ns
        beyond = plots.time_ns > now_ns + NOW_SLACK_NS
        good = ~(nowhere | old | beyond)
        if not good.all():
            self._refused[-1, NO_SENSOR] += np.count_nonzero(nowhere)
            for reason, wrong in ((BEYOND_NOW, beyond & ~nowhere), (TOO_OLD, old & ~beyond & ~nowhere)):
                np.add.at(self._refused[:, reason], plots.sensor[wrong], 1)
            plots = take(plots, good)
        return concatenate([self._waiting, plots]) if len(self._waiting.time_ns) else plots

    def tracks(self) -> Tracks:
        """Confirmed and coasting tracks by number, each as it was at its newest plot."""
        desk = self._time.desk
        rows = self._rows[: list_confirmed(desk.head, desk.tracks, self._rows)]
        rows = rows[np.argsort(desk.tracks["number"][rows], kind="stable")]
        out = Tracks.empty(len(rows))
        fill_tracks(desk, rows, self._now_ns, out)
        return out

    def drain_updates(self) -> Updates:
        """Every update of a confirmed track since the last call, in the order in which they were done.

        After late plots, the updates of the time to which the tracker went back are given again.
        """
        rows = self._time.drain()
        count = len(rows)
        position, velocity, covariance = np.empty((count, 3)), np.empty((count, 3)), np.empty((count, 21))
        fill_updates(rows, position, velocity, covariance)
        known = (rows["height_known"] == 1) & (covariance[:, 11] <= HEIGHT_SIGMA_MAX_M**2)
        return Updates(
            time_ns=rows["time_ns"],
            number=rows["number"],
            status=rows["status"],
            lat_rad=position[:, 0],
            lon_rad=position[:, 1],
            height_m=np.where(known, position[:, 2], math.nan),
            velocity_m_s=velocity,
            covariance=covariance,
            model_probability=rows["probability"].reshape(count, MODELS),
            quality=1.0 / (1.0 + np.exp(-rows["score"])),
            sensors=rows["sensors"],
            icao24=rows["icao24"],
            mode_a=rows["mode_a"],
            callsign=rows["callsign"],
            doubts=rows["doubts"],
        )

    def tentative(self) -> int:
        """How many tracks are not confirmed yet."""
        desk = self._time.desk
        confirmed = list_confirmed(desk.head, desk.tracks, self._rows)
        return int(desk.head[HIGH] - desk.head[FREE_ROWS]) - confirmed

    def sensor_health(self) -> tuple[SensorHealth, ...]:
        """What has been learnt of each sensor, in the order of the list."""
        refused = self._all_refused()
        return tuple(
            _health(sensor, self._time.desk.sites[i : i + 1], refused[i])
            for i, sensor in enumerate(self._sensors)
        )

    def _all_refused(self) -> I64:
        """Plots refused so far: (sensors + 1, reasons), those of no sensor last."""
        refused = self._refused.copy()
        refused[: len(self._sensors)] += self._time.desk.refused[: len(self._sensors)]
        return refused

    @property
    def counts(self) -> TrackerCounts:
        """What became of all plots so far."""
        count = self._time.desk.counts.tolist()
        refused = self._all_refused().sum(axis=0)
        waiting = len(self._waiting.time_ns)
        return TrackerCounts(
            plots=count[COUNT_PLOTS] + int(self._refused.sum()) + waiting,
            associated=count[COUNT_ASSOCIATED],
            started=count[COUNT_STARTED],
            confirmed=count[COUNT_CONFIRMED],
            dropped=count[COUNT_DROPPED],
            merged=count[COUNT_MERGED],
            waiting=waiting,
            refused=_by_reason(refused),
            candidates_cut=count[COUNT_CANDIDATES_CUT],
            clusters_cut=count[COUNT_CLUSTERS_CUT],
            rewinds=self._time.rewinds,
        )


def _by_reason(refused: I64) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((reason, n) for reason, n in zip(REASONS, refused.tolist(), strict=True) if n))


def _health(sensor: Sensor, sites: Rows, refused: I64) -> SensorHealth:
    site = sites[0]
    bias, sigma = site["bias"].tolist(), site["bias_sigma"].tolist()
    return SensorHealth(
        id=sensor.id,
        plots=int(site["plots"]),
        refused=_by_reason(refused),
        range_bias_m=bias[0],
        azimuth_bias_rad=bias[1],
        time_bias_s=bias[2],
        range_bias_sigma_m=sigma[0] or math.nan,
        azimuth_bias_sigma_rad=sigma[1] or math.nan,
        time_bias_sigma_s=sigma[2] or math.nan,
        misfit=float(site["misfit"]),
        detection=float(site["had"] / site["due"]) if site["due"] > 0.0 else math.nan,
        faults=find_faults(sites),
    )


def _native(plots: Plots) -> Plots:
    """The plots in the one memory layout for which the kernels are compiled: contiguous, writable."""
    return Plots._make(_as_needed(column, dtype) for column, dtype in zip(plots, _DTYPES, strict=True))


def _as_needed(column: Any, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    if column.dtype is dtype and column.flags.carray:
        return column
    return np.require(column, dtype, ("C", "W", "A"))
