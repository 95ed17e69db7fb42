"""How long a plot took from its node's intake to a partner's picture, measured on the wall clock."""

import bisect
import time
from typing import Final

import numpy as np

from foedus.model import F64, I64

SAMPLES_MAX: Final = 4_000_000
"""Samples kept, 8 bytes each; a whole recorded day gives about half as many."""


class Intakes:
    """When each stretch of recording time entered one member's intake."""

    def __init__(self) -> None:
        self._until_ns: list[int] = []
        self._wall_s: list[float] = []

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
        self._parts: list[F64] = []
        self._count = 0

    def arrived(self, intakes: Intakes, time_ns: I64) -> None:
        """Rows with these times, from the member with these intakes, are on the picture now."""
        if self._count + len(time_ns) > SAMPLES_MAX:
            return
        now_s = time.perf_counter()
        entered = (intakes.wall_s(value) for value in time_ns.tolist())
        part = np.array([now_s - wall_s for wall_s in entered if wall_s is not None])
        self._parts.append(part)
        self._count += len(part)

    def percentiles_s(self) -> tuple[float, float] | None:
        """(median, 99th percentile), None without samples."""
        if not self._count:
            return None
        low, high = np.percentile(np.concatenate(self._parts), [50, 99])
        return float(low), float(high)
