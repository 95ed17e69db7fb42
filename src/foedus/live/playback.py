"""The clock of a running network: recording time, paced by the wall clock or by the work."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from foedus.model import SECOND_NS


class Playback:
    """Recording time. `speed` is recording seconds per second; None plays as fast as the nodes can.

    idle: waits until every node has done what it was given; without a speed this is what lets time move.
    """

    def __init__(self, start_ns: int, *, speed: float | None, idle: Callable[[], Awaitable[None]]) -> None:
        self._start_ns = start_ns
        self._speed = speed
        self._idle = idle
        self._began_s = time.perf_counter()
        self._reached_ns = start_ns

    def now_ns(self) -> int:
        """Recording time now; never runs back, and never past the next event by more than the pace allows."""
        if self._speed is None:
            return self._reached_ns
        elapsed_s = time.perf_counter() - self._began_s
        return max(self._reached_ns, self._start_ns + int(elapsed_s * self._speed * SECOND_NS))

    def wait_s(self, time_ns: int) -> float | None:
        """Wall seconds until recording time comes to `time_ns`; None where time moves with the work only."""
        if self._speed is None:
            return None
        return max(0.0, (time_ns - self.now_ns()) / SECOND_NS / self._speed)

    async def pace(self, time_ns: int) -> None:
        """Return when by the wall clock recording time has come to `time_ns`; at once without a speed."""
        ahead_s = self.wait_s(time_ns)
        if ahead_s is not None:
            await asyncio.sleep(ahead_s)

    async def reach(self, time_ns: int) -> None:
        """Set recording time to `time_ns` when it has come; without a speed, once all work is done."""
        await self.pace(time_ns)
        if self._speed is None:
            await self._idle()
        self._reached_ns = max(self._reached_ns, time_ns)
