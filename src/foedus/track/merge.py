"""Two tracks of one object become one; so a track that had faded gets its number back.

Two tracks are one object if their estimates agree and no sensor has seen both in one look. The elder number
stays.
"""

import math
from typing import Final

from foedus.jit import part
from foedus.model import SECOND_NS, TrackStatus
from foedus.track.gate import find_near
from foedus.track.lifecycle import free_track
from foedus.track.table import (
    COUNT_MERGED,
    HIGH,
    NEVER,
    Desk,
    Track,
)

CONFIRMED: Final = int(TrackStatus.CONFIRMED)

MERGE_NS: Final = 8 * SECOND_NS
YOUNG_NS: Final = 64 * SECOND_NS
"""How often, and how long after its first plot, a track is taken to be perhaps another one's."""
REACH_M: Final = 12_000.0
"""How far from a track its duplicate may be; what has been silent for a minute is not sure by more."""
MERGE_GATE: Final = 16.8
"""Squared distance of two estimates of position and velocity: 99 % of six dimensions (chi-square)."""
WANDER: Final = 20.0
"""Power density, m^2/s^3, by which a silent track may have strayed: with what a hard turn would allow, any
two that cross would agree."""
TOGETHER_PERIODS: Final = 3.0
"""A sensor that has seen both in one look within so many periods keeps them apart."""


@part
def _seen_apart(desk: Desk, k: int, other: int, time_ns: int) -> bool:
    """Whether a sensor has given each of the two a plot in one look, not long ago.

    A radar meets both at nearly one azimuth; reports to a receiver may lie a whole period apart.
    """
    for s in range(desk.sites.shape[0]):
        one_ns, two_ns = desk.looked_ns[k, s], desk.looked_ns[other, s]
        site = desk.sites[s]
        if min(one_ns, two_ns) == NEVER or time_ns - min(one_ns, two_ns) > TOGETHER_PERIODS * site.period_ns:
            continue
        together_ns = site.period_ns // 2 if site.radar == 1 else site.period_ns + site.period_ns // 4
        if abs(one_ns - two_ns) < together_ns:
            return True
    return False


@part
def _same_identity(one: Track, other: Track) -> bool:
    if one.icao24 >= 0 and other.icao24 >= 0 and one.icao24 != other.icao24:
        return False
    return bool(one.mode_a < 0 or other.mode_a < 0 or one.mode_a == other.mode_a)


@part
def _ahead(track: Track, dt_s: float, a: int, b: int) -> float:
    """Element of a track's covariance dt_s later, should it fly on with small turns; a, b < 6."""
    c = track.covariance
    value = c[a, b]
    if a < 3:
        value += dt_s * c[a + 3, b]
    if b < 3:
        value += dt_s * c[a, b + 3]
    if a < 3 and b < 3:
        value += dt_s * dt_s * c[a + 3, b + 3]
    if a % 3 == b % 3:
        walk = dt_s**3 / 3.0 if a < 3 and b < 3 else dt_s if a >= 3 and b >= 3 else dt_s**2 / 2.0
        value += WANDER * walk
    return float(value)


@part
def _gap_2(desk: Desk, one: Track, other: Track) -> float:
    """Squared statistical distance of two tracks at the newer one's time, six dimensions, by Cholesky."""
    factor, gap = desk.work[0].factor, desk.work[0].whitened
    newest_ns = max(one.time_ns, other.time_ns)
    dt, other_dt = (newest_ns - one.time_ns) * 1e-9, (newest_ns - other.time_ns) * 1e-9
    square = 0.0
    for a in range(6):
        rest = one.state[a] - other.state[a]
        if a < 3:
            rest += dt * one.state[a + 3] - other_dt * other.state[a + 3]
        for b in range(a):
            share = _ahead(one, dt, a, b) + _ahead(other, other_dt, a, b)
            for i in range(b):
                share -= factor[a, i] * factor[b, i]
            share /= factor[b, b]
            factor[a, b] = share
            rest -= share * gap[b]
        variance = _ahead(one, dt, a, a) + _ahead(other, other_dt, a, a)
        for i in range(a):
            variance -= factor[a, i] * factor[a, i]
        factor[a, a] = math.sqrt(max(1e-6, variance))
        gap[a] = rest / factor[a, a]
        square += gap[a] * gap[a]
        if square > MERGE_GATE:
            return square
    return square


@part
def _are_one(desk: Desk, k: int, other: int, time_ns: int) -> bool:
    """Whether confirmed track `other` is what the elder confirmed track k is."""
    elder, younger = desk.tracks[k], desk.tracks[other]
    if not _same_identity(elder, younger):
        return False
    if younger.apart_from == elder.number:
        return False
    if _seen_apart(desk, k, other, time_ns):
        younger.apart_from = elder.number
        return False
    return _gap_2(desk, elder, younger) <= MERGE_GATE


@part
def _join(desk: Desk, k: int, other: int) -> None:
    """Track k takes over what track `other` knows, and its estimate where that is newer; other ends."""
    elder, younger = desk.tracks[k], desk.tracks[other]
    if younger.time_ns > elder.time_ns:
        for a in range(6):
            elder.state[a] = younger.state[a]
            for b in range(6):
                elder.covariance[a, b] = younger.covariance[a, b]
        elder.time_ns = younger.time_ns
        desk.banks[k] = desk.banks[other]
        elder.fix_sensor = -1
    elder.score = max(elder.score, younger.score)
    elder.pace_ns = max(elder.pace_ns, younger.pace_ns)
    elder.height_known = max(elder.height_known, younger.height_known)
    if elder.icao24 < 0:
        elder.icao24 = younger.icao24
    if elder.mode_a < 0:
        elder.mode_a = younger.mode_a
    if elder.callsign == 0:
        elder.callsign = younger.callsign
    for s in range(desk.sites.shape[0]):
        desk.looked_ns[k, s] = max(desk.looked_ns[k, s], desk.looked_ns[other, s])
    free_track(desk, other, False)
    desk.counts[COUNT_MERGED] += 1


@part
def merge_tracks(desk: Desk, time_ns: int) -> None:
    """Join every young track with the elder one that it is; the grid must be built."""
    tracks, near = desk.tracks, desk.grid.near
    for k in range(desk.head[HIGH]):
        younger = tracks[k]
        if younger.status != CONFIRMED or time_ns - younger.born_ns > YOUNG_NS:
            continue
        found = find_near(desk.grid, tracks, younger.flat_m, min(REACH_M, younger.radius_m))
        for at in range(found):
            elder = tracks[near[at]]
            older = elder.status == CONFIRMED and elder.number < younger.number
            if older and _are_one(desk, near[at], k, time_ns):
                _join(desk, near[at], k)
                break
