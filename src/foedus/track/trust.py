"""Reasons to trust a track less. They mark and explain; nothing is dropped or hidden for them."""

import math
from typing import Final

from foedus.jit import kernel, part
from foedus.model import TrackStatus
from foedus.track.motion import up_vector, variance_along
from foedus.track.table import (
    BALLISTIC,
    HIGH,
    NEVER,
    SENSOR_IN_DOUBT,
    SHARED_ADDRESS,
    TOO_QUICK,
    UNCONFIRMED,
    Bank,
    Desk,
    Rows,
    Site,
    Track,
)

FAULTS: Final = ("drifts", "misfits", "sees less than described")
"""Its biases move; its plots lie further from tracks than its errors allow; it misses looks."""

CONFIRMED: Final = int(TrackStatus.CONFIRMED)

UNSEEN_LOOKS: Final = 8.0
"""Looks of radars in coverage without one plot: at a detection probability of only 0.5 four in a thousand."""
SPEED_MAX_M_S: Final = 1_000.0
"""Level speed beyond which a track that does not fall ballistically is doubted: Mach 3 at height."""
MISFIT_MAX: Final = 2.0
MISFIT_PLOTS: Final = 50
"""Mean squared distance per dimension, 1 where errors are as described, of the last plots of a sensor."""
DETECTION_SHARE: Final = 0.5
DUE_MIN: Final = 30.0
"""A sensor that had less than this share of the looks it should have had, of at least so many."""
DUE_FADE: Final = 0.99
"""At each keeping of the tracks (lifecycle.KEEP_NS, 2 s): looks of the last 200 s count."""


@part
def doubt(track: Track, bit: int) -> None:
    """Mark a track."""
    track.doubts |= 1 << bit


@part
def _set(track: Track, bit: int, holds: bool) -> None:
    if holds:
        track.doubts |= 1 << bit
    else:
        track.doubts &= ~(1 << bit)


@part
def misfits(site: Site) -> bool:
    """Whether a sensor's plots lie further from confirmed tracks than its errors allow."""
    return bool(site.taken >= MISFIT_PLOTS and site.misfit > MISFIT_MAX)


@part
def is_blind(site: Site) -> bool:
    """Whether a sensor sees much less of the confirmed tracks in its coverage than it should."""
    return bool(site.due >= DUE_MIN and site.had < DETECTION_SHARE * site.detection * site.due)


@part
def _too_quick(bank: Bank, track: Track) -> bool:
    up = up_vector(track.state)
    x, c = track.state, track.covariance
    climb = x[3] * up[0] + x[4] * up[1] + x[5] * up[2]
    level = math.sqrt(max(0.0, x[3] * x[3] + x[4] * x[4] + x[5] * x[5] - climb * climb))
    spread = c[3, 3] + c[4, 4] + c[5, 5] - variance_along(c, up, 3)
    sure = level - 3.0 * math.sqrt(max(0.0, 0.5 * spread)) > SPEED_MAX_M_S
    return bool(sure and bank.probability[BALLISTIC] < 0.5)


@part
def _judge_sources(desk: Desk, k: int) -> None:
    """Doubts that rest on which sensors have seen the track."""
    track = desk.tracks[k]
    seen_by = bad = 0
    for s in range(desk.sites.shape[0]):
        if desk.looked_ns[k, s] != NEVER:
            seen_by += 1
            site = desk.sites[s]
            bad += 1 if site.drifting == 1 or misfits(site) else 0
    _set(track, UNCONFIRMED, seen_by == 1 and track.unseen >= UNSEEN_LOOKS)
    _set(track, SENSOR_IN_DOUBT, seen_by == bad)


@part
def judge_addresses(desk: Desk, first: int) -> None:
    """Mark the tracks of one address (a chain that begins at row `first`) if two of them are confirmed."""
    confirmed = 0
    k = first
    while k >= 0:
        confirmed += 1 if desk.tracks[k].status == CONFIRMED else 0
        k = desk.tracks[k].next_same
    k = first
    while k >= 0:
        _set(desk.tracks[k], SHARED_ADDRESS, confirmed > 1)
        k = desk.tracks[k].next_same


@part
def judge_trust(desk: Desk) -> None:
    """Set and lift the doubts about every confirmed track that its motion and its sensors give."""
    for s in range(desk.sites.shape[0]):
        desk.sites[s].due *= DUE_FADE
        desk.sites[s].had *= DUE_FADE
    for k in range(desk.head[HIGH]):
        track = desk.tracks[k]
        if track.status == CONFIRMED:
            _set(track, TOO_QUICK, _too_quick(desk.banks[k], track))
            _judge_sources(desk, k)


@kernel
def _judge_site(sites: Rows) -> tuple[bool, bool, bool]:
    site = sites[0]
    return site.drifting == 1, misfits(site), is_blind(site)


def find_faults(sites: Rows) -> tuple[str, ...]:
    """What is wrong with the sensor of a SITE array of one row; of FAULTS."""
    return tuple(fault for fault, holds in zip(FAULTS, _judge_site(sites), strict=True) if holds)
