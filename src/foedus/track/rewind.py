"""Late plots in their place: copies of the desk, and the plots that have been taken since."""

from typing import Any, Final, NamedTuple

import numpy as np

from foedus.limits import LATE_PLOTS_MAX, LATE_S_MAX
from foedus.model import I64, SECOND_NS, Plots, concatenate, take
from foedus.track.scan import SLICE_NS, restore, track_plots
from foedus.track.table import HIGH, LOGGED, NEVER, UPDATE, Desk, make_pairs

COPY_NS: Final = 16 * SECOND_NS
"""How often the desk is copied: 3 kB a track. The first late plot costs the work of at most LATE_S_MAX and
this; where plots keep coming late, a copy as far back as they reach is kept, too."""
LATE_NS: Final = LATE_S_MAX * SECOND_NS
LOG_ROWS_MIN: Final = 4_096

_BY_ROW: Final = ("tracks", "banks", "looked_ns", "free")
_WHOLE: Final = ("head", "counts", "refused", "sites", "clutter", "clutter_ns", "normal", "lost")
"""Fields of Desk that the past has left: by row of the tracks, and whole."""
_TIES: Final = (
    "callsign",
    "mode_a",
    "icao24",
    "lon_rad",
    "lat_rad",
    "baro_m",
    "height_m",
    "azimuth_rad",
    "range_m",
)


class _Copy(NamedTuple):
    """What the past had left on the desk when all slices up to time_ns had been taken."""

    time_ns: int
    rows: int  # of the tracks
    parts: dict[str, Any]  # the bytes of fields of Desk; those by row may be longer


class _Batch(NamedTuple):
    """Plots that were taken together."""

    plots: Plots
    first_ns: int  # ends of the first and the last of their slices
    last_ns: int


def slice_end(time_ns: I64) -> I64:
    """The end of the slice in which each instant lies."""
    return -(-time_ns // SLICE_NS) * SLICE_NS


def _bytes_of(desk: Desk, name: str) -> Any:
    """A field of the desk as bytes: numpy copies records field by field, which takes five times as long."""
    return getattr(desk, name).reshape(-1).view(np.uint8)


def _sizes(desk: Desk, rows: int) -> dict[str, int]:
    """How many bytes of each field by row the first rows take."""
    return {name: rows * getattr(desk, name)[:1].nbytes for name in _BY_ROW}


def _make_copy(desk: Desk, time_ns: int, old: _Copy | None) -> _Copy:
    """A copy of the desk, in the memory of one that is no longer wanted where it is large enough."""
    rows = int(desk.head[HIGH])
    sizes = _sizes(desk, rows)
    if old is None or any(len(old.parts[name]) < size for name, size in sizes.items()):
        parts: dict[str, Any] = {name: np.empty(size + size // 4, np.uint8) for name, size in sizes.items()}
        parts.update({name: np.empty(getattr(desk, name).nbytes, np.uint8) for name in _WHOLE})
    else:
        parts = old.parts
    for name, size in sizes.items():
        parts[name][:size] = _bytes_of(desk, name)[:size]
    for name in _WHOLE:
        parts[name][...] = _bytes_of(desk, name)
    return _Copy(time_ns, rows, parts)


def _put_back(desk: Desk, copy: _Copy) -> None:
    for name, size in _sizes(desk, copy.rows).items():
        _bytes_of(desk, name)[:size] = copy.parts[name][:size]
    for name in _WHOLE:
        _bytes_of(desk, name)[...] = copy.parts[name]
    restore(desk)


def _sort(plots: Plots) -> I64:
    """Rows by (slice, sensor, time), those of one instant by what they say: the order of arrival is lost."""
    ends = slice_end(plots.time_ns)
    order = np.lexsort((plots.time_ns, plots.sensor, ends))
    time_ns, sensor = plots.time_ns[order], plots.sensor[order]
    if np.any((time_ns[1:] == time_ns[:-1]) & (sensor[1:] == sensor[:-1])):
        ties = [getattr(plots, name) for name in _TIES]
        order = np.lexsort((*ties, plots.time_ns, plots.sensor, ends))
    return order


class Rewinder:
    """The desk of a tracker, driven through time; `taken_ns` is the end of the last slice that was taken."""

    def __init__(self, desk: Desk, *, log: bool) -> None:
        self.desk = desk
        self.taken_ns = NEVER
        self.rewinds = 0
        self._pairs = make_pairs()
        self._log = log
        self._copies = [_make_copy(desk, NEVER, None)]
        self._unused: list[_Copy] = []
        self._depth_ns = 0  # how late plots have been lately
        self._recent: list[_Batch] = []  # all plots of slices since the oldest copy

    @property
    def oldest_ns(self) -> int:
        """A plot whose slice began earlier can no longer be put in its place."""
        return self._copies[0].time_ns

    def take(self, plots: Plots, until_ns: int) -> None:
        """Take plots of whole slices up to until_ns, none that begins before oldest_ns, in any order."""
        if len(plots.time_ns) > 0:
            ends = slice_end(plots.time_ns)
            batch = _Batch(plots, int(ends.min()), int(ends.max()))
            self._recent.append(batch)
            self._depth_ns = self._depth_ns * 7 // 8 // SLICE_NS * SLICE_NS
            if batch.first_ns <= self.taken_ns:
                begin_ns = batch.first_ns - SLICE_NS
                self._depth_ns = max(self._depth_ns, self.taken_ns - begin_ns)
                plots = self._set_back(begin_ns)
        self._advance(plots, until_ns)
        self._forget(until_ns)

    def drain(self) -> Any:
        """The rows of the log, which is empty then; what a later rewind does anew will be logged anew."""
        rows = self.desk.log[: self.desk.head[LOGGED]].copy()
        self.desk.head[LOGGED] = 0
        for copy in self._copies:
            copy.parts["head"].view(np.int64)[LOGGED] = 0
        return rows

    def _set_back(self, begin_ns: int) -> Plots:
        """Put the desk back to before begin_ns; all plots since then."""
        self.rewinds += 1
        while self._copies[-1].time_ns > begin_ns:
            self._unused.append(self._copies.pop())
        copy = self._copies[-1]
        _put_back(self.desk, copy)
        self.taken_ns = copy.time_ns
        every = concatenate([batch.plots for batch in self._recent if batch.last_ns > copy.time_ns])
        return take(every, slice_end(every.time_ns) > copy.time_ns)

    def _advance(self, plots: Plots, until_ns: int) -> None:
        """Take plots in order and copy the desk on the way, where a late plot may still want the copy."""
        order = _sort(plots)
        self._make_log(len(order))
        done = 0
        for copy_ns in self._copy_times(until_ns):
            upto = int(np.searchsorted(slice_end(plots.time_ns)[order], copy_ns, side="right"))
            track_plots(self.desk, self._pairs, plots, order[done:upto], copy_ns)
            self._keep_copy(copy_ns)
            done = upto
        track_plots(self.desk, self._pairs, plots, order[done:], until_ns)
        self.taken_ns = until_ns

    def _copy_times(self, until_ns: int) -> list[int]:
        """When to copy on the way to until_ns: every COPY_NS, and as far back as plots have been late."""
        first_ns = max(self.taken_ns + 1, until_ns - LATE_NS - COPY_NS - SLICE_NS)
        times = list(range(-(-first_ns // COPY_NS) * COPY_NS, until_ns + 1, COPY_NS))
        near_ns = until_ns - self._depth_ns
        if self._depth_ns > 0 and near_ns >= first_ns and near_ns not in times:
            times = sorted([*times, near_ns])
        return times

    def _keep_copy(self, time_ns: int) -> None:
        """Copy the desk; of the copies between the multiples of COPY_NS only the newest is kept."""
        if time_ns % COPY_NS != 0:
            for copy in [copy for copy in self._copies[1:] if copy.time_ns % COPY_NS != 0]:
                self._copies.remove(copy)
                self._unused.append(copy)
        self._copies.append(_make_copy(self.desk, time_ns, self._unused.pop() if self._unused else None))
        del self._unused[1:]

    def _forget(self, now_ns: int) -> None:
        """Drop copies that no plot may want any more, and the plots before the oldest copy."""
        while len(self._copies) > 1 and self._copies[1].time_ns <= now_ns - LATE_NS - SLICE_NS:
            self._unused.append(self._copies.pop(0))
        self._recent = [batch for batch in self._recent if batch.last_ns > self.oldest_ns]
        while (
            len(self._copies) > 1 and sum(len(batch.plots.time_ns) for batch in self._recent) > LATE_PLOTS_MAX
        ):
            self._unused.append(self._copies.pop(0))
            self._recent = [batch for batch in self._recent if batch.last_ns > self.oldest_ns]

    def _make_log(self, more: int) -> None:
        """Room for so many more updates in the log, and for the end of every track."""
        needed = int(self.desk.head[LOGGED]) + more + 2 * int(self.desk.head[HIGH])
        if self._log and needed > len(self.desk.log):
            log = np.zeros(max(LOG_ROWS_MIN, 2 * needed), UPDATE).view(np.recarray)
            log[: len(self.desk.log)] = self.desk.log
            self.desk = self.desk._replace(log=log)
