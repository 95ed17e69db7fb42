"""Who answered interrogation before and no longer does: the memory behind the reason `fell_silent`.

Two ways to fall silent are seen. A track that a receiver heard goes on by radar alone, within the reach of
that receiver. Or a track that answers fades, and where it should be another one begins that does not answer:
so it looks to a radar whose plots carried a code. Hills, and the far side of a turning aircraft, look alike;
so this is a reason that is told, and changes no probability.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from foedus.geo import MEAN_RADIUS_M, distance_m
from foedus.limits import ANSWERS_MAX
from foedus.model import F64, SECOND_NS, Sensor, SensorKind, Tracks, TrackStatus

HEARD_TICKS: Final = 3
"""Ticks at which a receiver must have heard a track: one reply may be somebody else's."""

SILENT_NS: Final = 30 * SECOND_NS
"""Silence that counts: three reports of a receiver that gives one in ten seconds, all missed."""

REACH_SHARE: Final = 0.8
"""A receiver is expected to hear within this share of its range; beyond, it comes and goes."""

FADED_NS: Final = 60 * SECOND_NS
SAME_M: Final = 2_000.0
SAME_M_S: Final = 30.0
"""A new track is the old one within 2 km + 30 m/s of where that should be, up to a minute after it was seen:
a third of a standard turn at 230 m/s, and the tracker keeps no track unseen for longer than a minute."""


class _Heard(NamedTuple):
    """A track that answers, as it was last seen to."""

    heard_ns: int
    ticks: int  # at which a receiver heard it
    receivers: int  # bit set of those
    time_ns: int  # of the estimate
    lat_rad: float
    lon_rad: float
    east_m_s: float
    north_m_s: float


class Answers:
    """The memory of one node. sensors: those of its own tracks, in the order of their bits in `sources`."""

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self._sensors = tuple(sensors)
        self._receivers = sum(1 << i for i, one in enumerate(sensors) if one.kind is SensorKind.RECEIVER)
        self._heard: dict[int, _Heard] = {}  # by track number, oldest first heard of first
        self._since_ns: dict[int, int] = {}  # of tracks that began where an answering one had faded
        self._known: dict[int, None] = {}  # numbers of the last tick
        self.forgotten = 0  # at ANSWERS_MAX

    def update(self, tracks: Tracks, *, now_ns: int) -> F64:
        """Seconds for which each track has been silent that answered before, NaN for all others.

        To be called at every tick with all tracks of one's own sensors.
        """
        silent_s = np.full(len(tracks.number), math.nan)
        numbers, sources = tracks.number.tolist(), tracks.sources.tolist()
        answers = (tracks.icao24 >= 0) | (tracks.mode_a >= 0)
        for row, (number, answering) in enumerate(zip(numbers, answers.tolist(), strict=True)):
            if answering:
                since_ns = self._follow(tracks, row, number, sources[row] & self._receivers, now_ns)
            else:
                since_ns = self._follow_silent(tracks, row, number, now_ns)
            if since_ns and now_ns - since_ns >= SILENT_NS:
                silent_s[row] = (now_ns - since_ns) / SECOND_NS
        self._known = dict.fromkeys(numbers)
        self._forget(now_ns)
        return silent_s

    def _follow(self, tracks: Tracks, row: int, number: int, heard: int, now_ns: int) -> int:
        """Since when a track with an address or code is silent; 0 if it is not."""
        self._since_ns.pop(number, None)
        before = self._heard.get(number)
        by_radar = int(tracks.sources[row]) & ~self._receivers
        lat_rad, lon_rad = float(tracks.lat_rad[row]), float(tracks.lon_rad[row])
        ticks, receivers, heard_ns = (0, 0, now_ns) if before is None else before[1:3] + before[:1]
        if heard or before is None:
            ticks, receivers, heard_ns = ticks + bool(heard), receivers | heard, now_ns
        self._heard[number] = _Heard(
            heard_ns,
            ticks,
            receivers,
            int(tracks.time_ns[row]),
            lat_rad,
            lon_rad,
            _known(tracks.velocity_east_m_s[row]),
            _known(tracks.velocity_north_m_s[row]),
        )
        silent = not heard and by_radar and ticks >= HEARD_TICKS
        return heard_ns if silent and self._reached(receivers, lat_rad, lon_rad) else 0

    def _reached(self, receivers: int, lat_rad: float, lon_rad: float) -> bool:
        """Whether one of these receivers should hear what is at that place."""
        return any(
            distance_m(math.radians(one.lat_deg), math.radians(one.lon_deg), lat_rad, lon_rad)
            <= REACH_SHARE * one.range_max_m
            for i, one in enumerate(self._sensors)
            if receivers >> i & 1
        )

    def _follow_silent(self, tracks: Tracks, row: int, number: int, now_ns: int) -> int:
        """Since when the aircraft of a track without address and code is silent; 0 if it never answered."""
        if number not in self._known:
            lat_rad, lon_rad = float(tracks.lat_rad[row]), float(tracks.lon_rad[row])
            before = self._faded_at(lat_rad, lon_rad, tracks, now_ns)
            if before is not None:
                self._since_ns[number] = before.time_ns
        return self._since_ns.get(number, 0)

    def _faded_at(self, lat_rad: float, lon_rad: float, tracks: Tracks, now_ns: int) -> _Heard | None:
        """The nearest answering track that should be at that place and is not seen there now."""
        seen = {
            number
            for number, status in zip(tracks.number.tolist(), tracks.status.tolist(), strict=True)
            if status != TrackStatus.COASTING
        }
        best: tuple[float, _Heard] | None = None
        for number, one in self._heard.items():
            age_s = (now_ns - one.time_ns) / SECOND_NS
            if number in seen or now_ns - one.time_ns > FADED_NS:
                continue
            away_m = _away_m(one, lat_rad, lon_rad, age_s)
            if away_m <= SAME_M + SAME_M_S * age_s and (best is None or away_m < best[0]):
                best = (away_m, one)
        return None if best is None else best[1]

    def _forget(self, now_ns: int) -> None:
        """Forget tracks that ended more than FADED_NS ago, and the oldest beyond ANSWERS_MAX."""
        self._since_ns = {number: ns for number, ns in self._since_ns.items() if number in self._known}
        self._heard = {
            number: one
            for number, one in self._heard.items()
            if number in self._known or now_ns - one.time_ns <= FADED_NS
        }
        while len(self._heard) > ANSWERS_MAX:
            del self._heard[next(iter(self._heard))]
            self.forgotten += 1


def _known(value: float) -> float:
    return 0.0 if math.isnan(value) else float(value)


def _away_m(one: _Heard, lat_rad: float, lon_rad: float, age_s: float) -> float:
    """Metres between a place and where a track should be after age_s; flat, good for some tens of km."""
    turn = math.remainder(lon_rad - one.lon_rad, 2.0 * math.pi)
    east_m = turn * math.cos(lat_rad) * MEAN_RADIUS_M - one.east_m_s * age_s
    north_m = (lat_rad - one.lat_rad) * MEAN_RADIUS_M - one.north_m_s * age_s
    return math.hypot(east_m, north_m)
