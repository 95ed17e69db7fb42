"""The order of work: plots sorted by time are cut into scans, each scan is assigned and taken.

A scan is what one sensor saw in one slice of SLICE_NS of absolute time, too short for the same object to be
seen twice. Within a scan: plots with an address go to the track of that address; plots without go to tracks
without, then to tracks with an address; what is left starts tracks. So a track without address is never
robbed of a plot by one that has an address.
"""

from typing import Final

from foedus.jit import kernel, part
from foedus.limits import LATE_S_MAX
from foedus.model import I64, SECOND_NS, Plots
from foedus.track.assign import assign
from foedus.track.gate import ADDRESSED, GATE, UNADDRESSED, build_grid, distance_2, find_candidates, locate
from foedus.track.lifecycle import TENTATIVE, drop_tracks, note_plot, restart_track, start_track
from foedus.track.measure import measure
from foedus.track.motion import seat_track, update_track
from foedus.track.table import (
    BEYOND_NOW,
    CLOCK,
    COUNT_ASSOCIATED,
    COUNT_PLOTS,
    COUNT_REFUSED,
    DONE,
    GRID_ROWS,
    IMPLAUSIBLE,
    LISTED,
    NEVER,
    NO_SENSOR,
    ROWS,
    SCAN_ROWS,
    SLOT_MASK,
    STAMP,
    TABLE_FULL,
    TOO_OLD,
    Desk,
    Plot,
)

SLICE_NS: Final = SECOND_NS // 2
"""Half a second: a radar turns by 15 to 45 degrees, receivers report at most once. Slices end on whole and
half seconds, so steps that end there cut no scan, and splitting a step there changes nothing."""
NOW_SLACK_NS: Final = SECOND_NS
"""How far a plot may lie beyond now: clocks of receivers run 5-10 ms apart, some feeds round to a second."""
CLAIM_GATE: Final = 9.0
"""Squared distance within which a first plot with an address takes over a track without: 97 % of two or
three dimensions. Tight, for to claim wrongly hides something that answers nothing."""
ADDRESS_SPEED_M_S: Final = 1_200.0
ADDRESS_SLACK_M: Final = 5_000.0
"""A plot with the track's address but outside its gate restarts the track there if it could have flown
there at this speed; else it is refused."""
NEWBORN_MAX: Final = 128
"""Tracks that a slice may start before the grid is built anew."""


@part
def _slot_of(desk: Desk, icao24: int) -> int:
    """The slot that holds this address or is free for it."""
    mask = desk.head[SLOT_MASK]
    slot = (icao24 * 2_654_435_761) >> 7 & mask
    while desk.slots[slot] >= 0 and desk.tracks[desk.slots[slot]].icao24 != icao24:
        slot = (slot + 1) & mask
    return int(slot)


@part
def _index_addresses(desk: Desk, room: int) -> None:
    """Fill the slots with all addressed rows. room: rows that may be added."""
    mask = 15
    while mask + 1 < 2 * min(desk.head[ROWS] + room, desk.tracks.shape[0]):
        mask = 2 * mask + 1
    desk.head[SLOT_MASK] = mask
    for slot in range(mask + 1):
        desk.slots[slot] = -1
    for k in range(desk.head[ROWS]):
        if desk.tracks[k].icao24 >= 0:
            desk.slots[_slot_of(desk, desk.tracks[k].icao24)] = k


@part
def _take(desk: Desk, k: int, plot: Plot) -> None:
    """The plot becomes part of track k."""
    update_track(desk.tracks[k], plot, desk.sites[plot.sensor])
    note_plot(desk, k, plot)
    desk.counts[COUNT_ASSOCIATED] += 1
    plot.code = DONE


@part
def _follow_address(desk: Desk, k: int, plot: Plot) -> None:
    """Give the plot to the track of its address, or seat the track anew where the plot lies far off."""
    track, site = desk.tracks[k], desk.sites[plot.sensor]
    dt_s = (plot.time_ns - track.time_ns) * 1e-9
    square, _ = distance_2(track, dt_s, plot, site)
    if square <= GATE:
        _take(desk, k, plot)
        return
    gap_m2 = 0.0
    for a in range(3):
        gap_m2 += (plot.centre_m[a] - track.state[a]) ** 2
    flown_m = ADDRESS_SPEED_M_S * dt_s + ADDRESS_SLACK_M
    if track.status == TENTATIVE:
        restart_track(desk, k, plot)
    elif dt_s >= 0.0 and gap_m2 <= flown_m * flown_m:
        seat_track(track, plot, site)
    else:
        plot.code = IMPLAUSIBLE
        desk.counts[COUNT_REFUSED + IMPLAUSIBLE] += 1
        return
    note_plot(desk, k, plot)
    desk.counts[COUNT_ASSOCIATED] += 1
    plot.code = DONE


@part
def _assign_tier(desk: Desk, first: int, last: int, tier: int) -> None:
    """Assign the scan's open plots without address to the tracks of one tier and take them."""
    head, plots = desk.head, desk.plots
    head[LISTED] = 0
    for i in range(first, last):
        plot = plots[i]
        if plot.code == 0 and plot.icao24 < 0:
            plot.tier = tier
            find_candidates(desk, plot)
            if plot.candidates > 0:
                desk.listed[head[LISTED]] = i
                head[LISTED] += 1
    assign(plots, desk.tracks, desk.listed, head[LISTED], desk.touched, desk.counts)
    for at in range(head[LISTED]):
        plot = plots[desk.listed[at]]
        if plot.chosen >= 0:
            _take(desk, plot.chosen, plot)


@part
def _claimed(desk: Desk, plot: Plot) -> int:
    """The track without address that the first plot of an address may take over, or -1.

    Not one to which the same sensor has given a plot without address in the same look: those are two.
    """
    plot.tier = UNADDRESSED
    find_candidates(desk, plot)
    half_ns = desk.sites[plot.sensor].period_ns // 2
    best = -1
    for j in range(plot.candidates):
        if plot.time_ns - desk.heard_ns[plot.track[j], plot.sensor] < half_ns:
            continue
        if plot.cost[j] <= CLAIM_GATE and (best < 0 or plot.cost[j] < plot.cost[best]):
            best = j
    return plot.track[best] if best >= 0 else -1


@part
def _settle(desk: Desk, plot: Plot, end_ns: int) -> None:
    """A plot that no track took: its address follows or claims, or it starts a track."""
    slot = -1
    if plot.icao24 >= 0:
        slot = _slot_of(desk, plot.icao24)
        k = desk.slots[slot]
        if k < 0:
            k = _claimed(desk, plot)
        if k >= 0:
            desk.slots[slot] = k
            _follow_address(desk, k, plot)
            return
    k = start_track(desk, plot)
    if k < 0:
        plot.code = TABLE_FULL
        desk.counts[COUNT_REFUSED + TABLE_FULL] += 1
        return
    locate(desk.tracks[k], end_ns)
    plot.code = DONE
    if slot >= 0:
        desk.slots[slot] = k


@part
def _take_scan(desk: Desk, first: int, last: int, end_ns: int) -> None:
    """One scan: addresses, then the two tiers, then what is left."""
    desk.head[STAMP] += 1
    desk.head[SCAN_ROWS] = desk.head[ROWS]
    unaddressed = 0
    for i in range(first, last):
        plot = desk.plots[i]
        if plot.code == 0 and plot.icao24 >= 0:
            k = desk.slots[_slot_of(desk, plot.icao24)]
            if k >= 0:
                _follow_address(desk, k, plot)
        elif plot.code == 0:
            unaddressed += 1
    if unaddressed > 0:
        for tier in range(UNADDRESSED, ADDRESSED + 1):
            _assign_tier(desk, first, last, tier)
    for i in range(first, last):
        if desk.plots[i].code == 0:
            _settle(desk, desk.plots[i], end_ns)


@kernel
def admit(desk: Desk, raw: Plots, order: I64, now_ns: int) -> None:
    """Lay the plots of a chunk on the desk in order, measured; refuse and count what cannot be one.

    order: rows of raw by (slice, sensor, time, row), at most PLOTS_PER_BATCH_MAX.
    """
    oldest_ns = desk.head[CLOCK] - LATE_S_MAX * SECOND_NS
    for i in range(order.shape[0]):
        p = order[i]
        plot = desk.plots[i]
        plot.time_ns = raw.time_ns[p]
        plot.sensor = raw.sensor[p]
        plot.kind = raw.kind[p]
        plot.icao24 = raw.icao24[p]
        plot.mode_a = raw.mode_a[p]
        plot.callsign = raw.callsign[p]
        if plot.sensor < 0 or plot.sensor >= desk.sites.shape[0]:
            plot.code = NO_SENSOR
        elif plot.time_ns > now_ns + NOW_SLACK_NS:
            plot.code = BEYOND_NOW
        elif plot.time_ns < oldest_ns:
            plot.code = TOO_OLD
        else:
            plot.code = measure(raw, p, desk.sites[plot.sensor], plot)
        if plot.code != 0:
            desk.counts[COUNT_REFUSED + plot.code] += 1
    desk.counts[COUNT_PLOTS] += order.shape[0]


@kernel
def track_plots(desk: Desk, count: int, until_ns: int) -> None:
    """Take the first `count` plots on the desk; then age the tracks to until_ns (NEVER: more follow)."""
    plots, head = desk.plots, desk.head
    if count > 0:
        _index_addresses(desk, count)
    slice_end_ns = NEVER
    taken = 0
    for first in range(count):
        plot = plots[first]
        if first < taken or plot.code != 0:  # refused: its time, too, may be nonsense
            continue
        end_ns = -(-plot.time_ns // SLICE_NS) * SLICE_NS
        if end_ns != slice_end_ns:
            slice_end_ns = end_ns
            if drop_tracks(desk, end_ns - SLICE_NS):
                _index_addresses(desk, count - first)
            build_grid(desk, end_ns)
        elif head[ROWS] - head[GRID_ROWS] > NEWBORN_MAX:
            build_grid(desk, end_ns)
        last = first
        while last < count and plots[last].sensor == plot.sensor and plots[last].time_ns <= end_ns:
            last += 1
        _take_scan(desk, first, last, end_ns)
        taken = last
    drop_tracks(desk, until_ns)
