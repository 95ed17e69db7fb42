"""Start, confirm, coast and drop: by the looks that a track's own sensors should have had, not by frames.

A look is one turn of a radar or one report of a receiver: plots of one sensor closer together than half its
period are one look. `pace` is the period of the slowest sensor that still sees the track.
"""

from typing import Final

from foedus.jit import part
from foedus.model import SECOND_NS, PlotKind, TrackStatus
from foedus.track.motion import seat_track
from foedus.track.table import (
    CLOCK,
    COUNT_CONFIRMED,
    COUNT_DROPPED,
    COUNT_STARTED,
    NEVER,
    NUMBER,
    ROWS,
    STAMP,
    Desk,
    Plot,
    Track,
)

TENTATIVE: Final = int(TrackStatus.TENTATIVE)
CONFIRMED: Final = int(TrackStatus.CONFIRMED)
GEODETIC: Final = int(PlotKind.GEODETIC)

LOOKS_TO_CONFIRM: Final = 3
LOOKS_TO_CONFIRM_ADDRESS: Final = 2
"""Looks that confirm a track; a position report with an address is no clutter, two of them show a course."""
TENTATIVE_PERIODS: Final = 5.0
"""A track not confirmed after so many periods is dropped: 3 of 5 looks."""
SILENT_PERIODS: Final = 2.5
"""After so many periods without a plot a tentative track is dropped and a confirmed one coasts: two looks
missed at detection probability 0.9 happen once in a hundred, and half a period allows for jitter."""
DROP_PERIODS: Final = 6.0
DROP_MIN_NS: Final = 15 * SECOND_NS
DROP_MAX_NS: Final = 60 * SECOND_NS
"""A confirmed track is dropped after so many silent periods, within these bounds."""


@part
def is_over(track: Track, time_ns: int) -> bool:
    """Whether a track is to be dropped at time_ns."""
    silence_ns = time_ns - track.time_ns
    if track.status == TENTATIVE:
        silent = silence_ns > SILENT_PERIODS * track.pace_ns
        return bool(silent or time_ns - track.born_ns > TENTATIVE_PERIODS * track.pace_ns)
    return bool(silence_ns > min(DROP_MAX_NS, max(DROP_MIN_NS, DROP_PERIODS * track.pace_ns)))


@part
def drop_tracks(desk: Desk, time_ns: int) -> bool:
    """Take out the tracks that are over at time_ns; whether rows have moved. Time never runs back here."""
    head, tracks = desk.head, desk.tracks
    head[CLOCK] = max(head[CLOCK], time_ns)
    kept = 0
    for k in range(head[ROWS]):
        if is_over(tracks[k], head[CLOCK]):
            if tracks[k].status == CONFIRMED:
                desk.counts[COUNT_DROPPED] += 1
            continue
        if kept < k:
            tracks[kept] = tracks[k]
            for s in range(desk.heard_ns.shape[1]):
                desk.heard_ns[kept, s] = desk.heard_ns[k, s]
                desk.looked_ns[kept, s] = desk.looked_ns[k, s]
        kept += 1
    changed = kept < head[ROWS]
    head[ROWS] = kept
    return bool(changed)


@part
def _set_pace(desk: Desk, k: int) -> None:
    track = desk.tracks[k]
    track.pace_ns = 0
    for s in range(desk.sites.shape[0]):
        period_ns = desk.sites[s].period_ns
        if track.time_ns - desk.heard_ns[k, s] <= SILENT_PERIODS * period_ns:
            track.pace_ns = max(track.pace_ns, period_ns)


@part
def note_plot(desk: Desk, k: int, plot: Plot) -> None:
    """Book a plot for track k: look, pace, identity, confirmation."""
    track = desk.tracks[k]
    track.taken = desk.head[STAMP]
    s = plot.sensor
    if plot.time_ns - desk.looked_ns[k, s] >= desk.sites[s].period_ns // 2:
        track.looks += 1
        desk.looked_ns[k, s] = plot.time_ns
    desk.heard_ns[k, s] = max(desk.heard_ns[k, s], plot.time_ns)
    _set_pace(desk, k)
    if plot.measured == 3:
        track.height_known = 1
    if track.icao24 < 0:
        track.icao24 = plot.icao24
    if plot.mode_a >= 0:
        track.mode_a = plot.mode_a
    if plot.callsign != 0:
        track.callsign = plot.callsign
    if track.status == TENTATIVE:
        told = plot.kind == GEODETIC and plot.icao24 >= 0
        if track.looks >= (LOOKS_TO_CONFIRM_ADDRESS if told else LOOKS_TO_CONFIRM):
            track.status = CONFIRMED
            track.number = desk.head[NUMBER]
            desk.head[NUMBER] += 1
            desk.counts[COUNT_CONFIRMED] += 1


@part
def restart_track(desk: Desk, k: int, plot: Plot) -> None:
    """Row k as a tentative track that begins at the plot; its identity stays."""
    track = desk.tracks[k]
    seat_track(track, plot, desk.sites[plot.sensor])
    track.status = TENTATIVE
    track.born_ns = plot.time_ns
    track.looks = 0
    track.height_known = 0
    for s in range(desk.heard_ns.shape[1]):
        desk.heard_ns[k, s] = NEVER
        desk.looked_ns[k, s] = NEVER


@part
def start_track(desk: Desk, plot: Plot) -> int:
    """The row of a new tentative track at the plot, or -1 when the table is full."""
    k = desk.head[ROWS]
    if k == desk.tracks.shape[0]:
        return -1
    desk.head[ROWS] = k + 1
    desk.counts[COUNT_STARTED] += 1
    restart_track(desk, k, plot)
    track = desk.tracks[k]
    track.icao24 = -1
    track.mode_a = -1
    track.callsign = 0
    track.number = 0
    note_plot(desk, k, plot)
    return int(k)
