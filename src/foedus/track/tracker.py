"""The tracker: plots of one's own sensors in, tracks out; a pure function of what it was given in order."""

from typing import NamedTuple

import numpy as np

from foedus.errors import LimitError
from foedus.limits import PLOTS_PER_BATCH_MAX, SENSORS_MAX, TRACKS_MAX
from foedus.model import Plots, Sensor, Tracks
from foedus.track.picture import fill_tracks, list_confirmed
from foedus.track.scan import SLICE_NS, admit, track_plots
from foedus.track.table import (
    COUNT_ASSOCIATED,
    COUNT_CANDIDATES_CUT,
    COUNT_CLUSTERS_CUT,
    COUNT_CONFIRMED,
    COUNT_DROPPED,
    COUNT_PLOTS,
    COUNT_REFUSED,
    COUNT_STARTED,
    NEVER,
    REASONS,
    ROWS,
    make_desk,
)

_DTYPES = tuple(column.dtype for column in Plots.empty())


class TrackerCounts(NamedTuple):
    """What became of all plots so far, and of the tracks; plots = associated + started + refused."""

    plots: int
    associated: int
    started: int  # tracks, each from one plot
    confirmed: int  # tracks
    dropped: int  # confirmed tracks that ended
    refused: tuple[tuple[str, int], ...]  # (reason, plots), sorted, only reasons that occurred
    candidates_cut: int  # plots with more tracks around than TRACK_CANDIDATES_MAX, PAIR_LOOKS_MAX
    clusters_cut: int  # times that an assignment stopped at ASSIGNMENT_TRACKS_MAX tracks


class Tracker:
    """Tracks of a list of sensors; a sensor's place in the list is its number in Plots and its bit in Tracks.

    Raises LimitError for more than SENSORS_MAX sensors.
    """

    def __init__(self, sensors: tuple[Sensor, ...], *, number_first: int = 1) -> None:
        if len(sensors) > SENSORS_MAX:
            raise LimitError(name="SENSORS_MAX", limit=SENSORS_MAX, asked=len(sensors))
        assert number_first >= 1
        self._desk = make_desk(sensors, number_first=number_first)
        self._rows = np.zeros(TRACKS_MAX, np.int64)
        self._now_ns = 0

    def step(self, plots: Plots, *, now_ns: int) -> None:
        """Take plots, in any order, then age all tracks to now_ns, which never runs back.

        Tracks do not depend on how plots in time order are split into steps, as long as a step's now_ns is a
        multiple of SLICE_NS (0.5 s). A plot up to LATE_S_MAX older than the last now_ns is still used.
        """
        assert now_ns >= self._now_ns
        self._now_ns = now_ns
        count = len(plots.time_ns)
        if count > 0:
            plots = _native(plots)
            order = np.lexsort((plots.time_ns, plots.sensor, -(-plots.time_ns // SLICE_NS)))
            while count > PLOTS_PER_BATCH_MAX:
                admit(self._desk, plots, order[:PLOTS_PER_BATCH_MAX], now_ns)
                track_plots(self._desk, PLOTS_PER_BATCH_MAX, NEVER)
                order = order[PLOTS_PER_BATCH_MAX:]
                count -= PLOTS_PER_BATCH_MAX
            admit(self._desk, plots, order, now_ns)
        track_plots(self._desk, count, now_ns)

    def tracks(self) -> Tracks:
        """Confirmed and coasting tracks by number, each as it was at its newest plot."""
        desk = self._desk
        out = Tracks.empty(list_confirmed(desk.head, desk.tracks, self._rows))
        fill_tracks(desk.tracks, self._rows, desk.sites, desk.heard_ns, self._now_ns, out)
        return out

    def tentative(self) -> int:
        """How many tracks are not confirmed yet."""
        desk = self._desk
        return int(desk.head[ROWS]) - list_confirmed(desk.head, desk.tracks, self._rows)

    @property
    def counts(self) -> TrackerCounts:
        """What became of all plots so far."""
        count = self._desk.counts.tolist()
        refused = zip(REASONS, count[COUNT_REFUSED:], strict=True)
        return TrackerCounts(
            plots=count[COUNT_PLOTS],
            associated=count[COUNT_ASSOCIATED],
            started=count[COUNT_STARTED],
            confirmed=count[COUNT_CONFIRMED],
            dropped=count[COUNT_DROPPED],
            refused=tuple(sorted((reason, n) for reason, n in refused if n)),
            candidates_cut=count[COUNT_CANDIDATES_CUT],
            clusters_cut=count[COUNT_CLUSTERS_CUT],
        )


def _native(plots: Plots) -> Plots:
    """The plots in the one memory layout for which the kernels are compiled: contiguous, writable."""
    return Plots._make(
        np.require(column, dtype, ("C", "W")) for column, dtype in zip(plots, _DTYPES, strict=True)
    )
