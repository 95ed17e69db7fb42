"""How long a plot took from its node's intake to a partner's picture, measured on the wall clock."""

import bisect
import time
from array import array
from typing import Final

import numpy as np

from foedus.model import I64

SAMPLES_MAX: Final = 4_000_000
"""Samples kept, 4 bytes each; a whole recorded day gives a tenth as many at each member."""


class Intakes:
    """When each stretch of recording time entered one member's intake."""

    def __init__(self) -> None:
        self._until_ns = array("q")
        self._wall_s = array("d")

    def entered(self, until_ns: int) -> None:
        """Plots up to this recording time have just been put into the intake."""
        if self._until_ns and until_ns <= self._until_ns[-1]:
            return
        self._until_ns.append(until_ns)
        self._wall_s.append(time.perf_counter())

    def wall_s(self, time_ns: int) -> float | None:
        """The wall clock when plots of that time entered; None before the first."""
        index = bisect.bisect_left(self._until_ns, time_ns)
        return self._wall_s[index] if index < len(self._wall_s) else None


class Latencies:
    """Samples in seconds."""

    def __init__(self) -> None:
        self._seconds = array("f")

    def arrived(self, intakes: Intakes, time_ns: I64) -> None:
        """Rows with these times, from the member with these intakes, are on the picture now."""
        if len(self._seconds) + len(time_ns) > SAMPLES_MAX:
            return
        now_s = time.perf_counter()
        entered = (intakes.wall_s(value) for value in time_ns.tolist())
        self._seconds.extend(now_s - wall_s for wall_s in entered if wall_s is not None)

    def percentiles_s(self) -> tuple[float, float] | None:
        """(median, 99th percentile), None without samples."""
        if not self._seconds:
            return None
        low, high = np.percentile(np.array(self._seconds), [50, 99])
        return float(low), float(high)
