"""Late plots in their place: copies of the desk, and the plots that have been taken since."""

from typing import Any, Final, NamedTuple

import numpy as np

from foedus.limits import LATE_PLOTS_MAX, LATE_S_MAX
from foedus.model import I64, SECOND_NS, Plots, concatenate, take
from foedus.track.scan import SLICE_NS, restore, track_plots
from foedus.track.table import FREE_ROWS, HIGH, LOGGED, NEVER, UPDATE, Desk

COPY_NS: Final = 4 * SECOND_NS
"""How often the desk is copied; a late plot costs the work of at most LATE_S_MAX and this."""
LATE_NS: Final = LATE_S_MAX * SECOND_NS
LOG_ROWS_MIN: Final = 4_096

_BY_ROW: Final = ("tracks", "banks", "looked_ns")
_WHOLE: Final = ("head", "counts", "refused", "sites", "clutter", "clutter_ns", "normal", "lost")
"""Fields of Desk that the past has left: by row of the tracks, and whole. `free` is by count."""
_TIES: Final = ("callsign", "mode_a", "icao24", "lon_rad", "lat_rad", "baro_m", "height_m", "azimuth_rad", "range_m")


class _Copy(NamedTuple):
    """What the past had left on the desk when all slices up to time_ns had been taken."""

    time_ns: int
    parts: dict[str, Any]


def slice_end(time_ns: I64) -> I64:
    """The end of the slice in which each instant lies."""
    return -(-time_ns // SLICE_NS) * SLICE_NS


def _copy_desk(desk: Desk, time_ns: int) -> _Copy:
    high, free = int(desk.head[HIGH]), int(desk.head[FREE_ROWS])
    parts: dict[str, Any] = {name: getattr(desk, name)[:high].copy() for name in _BY_ROW}
    parts["free"] = desk.free[:free].copy()
    parts.update({name: getattr(desk, name).copy() for name in _WHOLE})
    return _Copy(time_ns, parts)


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
        self._log = log
        self._copies = [_copy_desk(desk, NEVER)]
        self._recent: list[Plots] = []  # all plots of slices since the oldest copy

    @property
    def oldest_ns(self) -> int:
        """A plot whose slice began earlier can no longer be put in its place."""
        return self._copies[0].time_ns

    def take(self, plots: Plots, until_ns: int) -> None:
        """Take plots of whole slices up to until_ns, none that begins before oldest_ns, in any order."""
        ends = slice_end(plots.time_ns)
        if len(ends) > 0 and int(ends.min()) <= self.taken_ns:
            plots = self._set_back(plots, int(ends.min()) - SLICE_NS)
        elif len(ends) > 0:
            self._recent.append(plots)
        self._advance(plots, until_ns)
        self._forget(until_ns)

    def drain(self) -> Any:
        """The rows of the log, which is empty then; what a later rewind does anew will be logged anew."""
        rows = self.desk.log[: self.desk.head[LOGGED]].copy()
        self.desk.head[LOGGED] = 0
        for copy in self._copies:
            copy.parts["head"][LOGGED] = 0
        return rows

    def _set_back(self, plots: Plots, begin_ns: int) -> Plots:
        """Put the desk back to before begin_ns; all plots since then, those given among them."""
        self.rewinds += 1
        while self._copies[-1].time_ns > begin_ns:
            self._copies.pop()
        copy = self._copies[-1]
        for name, part in copy.parts.items():
            getattr(self.desk, name)[: len(part)] = part
        restore(self.desk)
        self.taken_ns = copy.time_ns
        every = concatenate([*self._recent, plots])
        self._recent = [every]
        return take(every, slice_end(every.time_ns) > copy.time_ns)

    def _advance(self, plots: Plots, until_ns: int) -> None:
        """Take plots in order and copy the desk on the way, where a late plot may still want the copy."""
        order = _sort(plots)
        ends = slice_end(plots.time_ns)[order]
        self._make_log(len(order))
        first_ns = max(self.taken_ns + 1, until_ns - LATE_NS - COPY_NS - SLICE_NS)
        done = 0
        for copy_ns in range(-(-first_ns // COPY_NS) * COPY_NS, until_ns + 1, COPY_NS):
            upto = int(np.searchsorted(ends, copy_ns, side="right"))
            track_plots(self.desk, plots, order[done:upto], copy_ns)
            self._copies.append(_copy_desk(self.desk, copy_ns))
            done = upto
        track_plots(self.desk, plots, order[done:], until_ns)
        self.taken_ns = until_ns

    def _forget(self, now_ns: int) -> None:
        """Drop copies that no plot may want any more, and the plots before the oldest copy."""
        while len(self._copies) > 1 and self._copies[1].time_ns <= now_ns - LATE_NS - SLICE_NS:
            del self._copies[0]
        self._drop_plots()
        while len(self._copies) > 1 and sum(len(part.time_ns) for part in self._recent) > LATE_PLOTS_MAX:
            del self._copies[0]
            self._drop_plots()

    def _drop_plots(self) -> None:
        kept = []
        for plots in self._recent:
            ends = slice_end(plots.time_ns)
            if int(ends.min()) > self.oldest_ns:
                kept.append(plots)
            elif int(ends.max()) > self.oldest_ns:
                kept.append(take(plots, ends > self.oldest_ns))
        self._recent = kept

    def _make_log(self, more: int) -> None:
        """Room for so many more rows in the log."""
        needed = int(self.desk.head[LOGGED]) + more
        if self._log and needed > len(self.desk.log):
            log = np.zeros(max(LOG_ROWS_MIN, 2 * needed), UPDATE).view(np.recarray)
            log[: len(self.desk.log)] = self.desk.log
            self.desk = self.desk._replace(log=log)
