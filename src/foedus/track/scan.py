"""The order of work: plots sorted by time are cut into scans, each scan is assigned and taken.

A scan is what one sensor saw in one slice of SLICE_NS of absolute time, too short for the same object to be
seen twice. Within a scan: plots with an address go to the track of that address; plots without are assigned
together at the greatest total odds; first plots of an address may claim what is left; the rest starts tracks.
"""

import math
from typing import Final

from foedus.borrow import borrow
from foedus.jit import kernel, part
from foedus.model import I64, SECOND_NS, Plots
from foedus.track.clutter import judge_surprise, note_unknown
from foedus.track.gate import ADDRESS_GATE, build_grid, distance_2, enter_grid, find_candidates, odds_gained
from foedus.track.lifecycle import (
    CONFIRMED,
    KEEP_NS,
    SILENT_PERIODS,
    TENTATIVE,
    begin_track,
    book_plot,
    judge_tracks,
    log_track,
    sources_of,
    start_track,
)
from foedus.track.matching import Matching, assign
from foedus.track.measure import load_plot, measure
from foedus.track.merge import MERGE_NS, merge_tracks
from foedus.track.register import note_fix, settle_biases
from foedus.track.table import (
    CLOCK,
    COUNT_ASSOCIATED,
    COUNT_CLUSTERS_CUT,
    COUNT_PAIRS,
    COUNT_PLOTS,
    CROWDED,
    DONE,
    FREE,
    FREE_ROWS,
    GRID_BUILT,
    HIGH,
    LEAPT,
    LISTED,
    NEVER,
    REPEATED,
    SLOT_MASK,
    SLOTS_MIN,
    SLOTS_USED,
    STAMP,
    TABLE_FULL,
    Desk,
    Plot,
    Rows,
)
from foedus.track.trust import doubt, judge_addresses, judge_trust
from foedus.track.update import seat_track, update_track

SLICE_NS: Final = SECOND_NS // 2
"""Half a second: a radar turns by 15 to 45 degrees, receivers report at most once. Slices end on whole and
half seconds."""
ADDRESS_SPEED_M_S: Final = 1_200.0
ADDRESS_SLACK_M: Final = 5_000.0
"""A plot with the track's address but outside its gate moves a silent track there if it could have flown
there at this speed; else it starts a second track of the same address."""
ADDRESS_ODDS: Final = math.log(1e3)
"""What the address adds to the odds that a plot gives its track: it has a checksum."""
REPEATS_LOOKED_AT: Final = 64
"""Plots of one instant that a new one is compared with, to find those sent twice."""
MISFIT_SHARE: Final = 0.02
"""Weight of the newest plot in a sensor's misfit: the last fifty count."""


@part
def _slot_of(desk: Desk, icao24: int) -> int:
    """The slot that holds this address or is free for it."""
    mask = desk.head[SLOT_MASK]
    slot = (icao24 * 2_654_435_761) >> 7 & mask
    while desk.slots[slot] >= 0 and desk.tracks[desk.slots[slot]].icao24 != icao24:
        slot = (slot + 1) & mask
    return int(slot)


@part
def _enter_first(desk: Desk, k: int) -> None:
    """Track k becomes the first of its address; the slots grow before they are half full."""
    head = desk.head
    head[SLOTS_USED] += 1
    desk.slots[_slot_of(desk, desk.tracks[k].icao24)] = k
    if 2 * head[SLOTS_USED] <= head[SLOT_MASK]:
        return
    head[SLOT_MASK] = 2 * head[SLOT_MASK] + 1
    for slot in range(head[SLOT_MASK] + 1):
        desk.slots[slot] = -1
    for row in range(head[HIGH]):
        track = desk.tracks[row]
        if track.status != FREE and track.first_same == 1:
            desk.slots[_slot_of(desk, track.icao24)] = row


@part
def _enter_address(desk: Desk, k: int) -> None:
    """Track k joins the tracks of its address, behind the first."""
    track = desk.tracks[k]
    track.next_same = -1
    at = desk.slots[_slot_of(desk, track.icao24)]
    track.first_same = 1 if at < 0 else 0
    if at < 0:
        _enter_first(desk, k)
        return
    while desk.tracks[at].next_same >= 0:
        at = desk.tracks[at].next_same
    desk.tracks[at].next_same = k


@part
def _index_addresses(desk: Desk) -> None:
    """Fill the slots with all addressed tracks, confirmed ones first: others merely say the same."""
    desk.head[SLOT_MASK] = SLOTS_MIN - 1
    desk.head[SLOTS_USED] = 0
    for slot in range(SLOTS_MIN):
        desk.slots[slot] = -1
    for k in range(desk.head[HIGH]):
        desk.tracks[k].first_same = 0
    for wanted in range(2):
        for k in range(desk.head[HIGH]):
            track = desk.tracks[k]
            if track.status != FREE and track.icao24 >= 0 and (track.status == CONFIRMED) == (wanted == 0):
                _enter_address(desk, k)


@part
def _take(desk: Desk, k: int, plot: Plot, square: float, gained: float) -> None:
    """The plot becomes part of track k."""
    track, bank, site, work = desk.tracks[k], desk.banks[k], desk.sites[plot.sensor], desk.work[0]
    if track.status == CONFIRMED:
        site.misfit += MISFIT_SHARE * (square / plot.measured - site.misfit)
        desk.counts[COUNT_PAIRS] += note_fix(desk.sites, desk.normal, track, bank, plot, work)
    else:
        note_unknown(desk.clutter, desk.clutter_ns, site, plot)
    if track.icao24 >= 0:
        site.told += 1.0 if plot.icao24 >= 0 else 0.0
        site.untold += 1.0 if plot.icao24 < 0 else 0.0
    update_track(track, bank, site, plot, work)
    book_plot(desk, k, plot, gained)
    if desk.log.shape[0] > 0 and track.status == CONFIRMED:
        sensors = sources_of(desk.sites, desk.looked_ns[k], track.time_ns)
        log_track(desk.head, desk.log, track, bank, sensors, track.time_ns, CONFIRMED)
    desk.counts[COUNT_ASSOCIATED] += 1
    plot.code = DONE


@part
def _could_fly(desk: Desk, k: int, plot: Plot) -> bool:
    """Whether track k may have flown to the plot since its newest one."""
    track = desk.tracks[k]
    gap_m2 = 0.0
    for a in range(3):
        gap_m2 += (plot.centre_m[a] - track.state[a]) ** 2
    flown_m = ADDRESS_SPEED_M_S * abs(plot.time_ns - track.time_ns) * 1e-9 + ADDRESS_SLACK_M
    return bool(gap_m2 <= flown_m * flown_m)


@part
def _nearest_same(desk: Desk, first: int, plot: Plot) -> int:
    """Of the tracks of the plot's address, the one in whose gate it lies deepest; -1 if in none."""
    site = desk.sites[plot.sensor]
    best, least = -1, ADDRESS_GATE
    k = first
    while k >= 0:
        track = desk.tracks[k]
        if _could_fly(desk, k, plot):
            square, _ = distance_2(track, desk.banks[k], plot, site)
            if square <= least:
                best, least = k, square
        k = track.next_same
    return best


@part
def _looks_again(desk: Desk, k: int, plot: Plot) -> bool:
    """Whether the plot is the next look at track k of the sensor that alone has kept it up to date."""
    half_ns = desk.sites[plot.sensor].period_ns // 2
    looked_ns = desk.looked_ns[k, plot.sensor]
    return bool(desk.tracks[k].time_ns - looked_ns < half_ns <= plot.time_ns - looked_ns)


@part
def _follow_address(desk: Desk, first: int, plot: Plot) -> bool:
    """Give the plot to the track of its address that it fits, or move one there; whether that was done.

    A track that another sensor still sees elsewhere is not moved, nor one whose look this sensor has just
    had: the plot is in error, or another aircraft says the same address.
    """
    k = _nearest_same(desk, first, plot)
    if k >= 0:
        track, site = desk.tracks[k], desk.sites[plot.sensor]
        square, log = distance_2(track, desk.banks[k], plot, site)
        _take(desk, k, plot, square, odds_gained(site, plot, square, log) + ADDRESS_ODDS)
        return True
    k = first
    while k >= 0:
        track = desk.tracks[k]
        silent = plot.time_ns - track.time_ns > SILENT_PERIODS * track.pace_ns
        moved = silent or track.status == TENTATIVE or _looks_again(desk, k, plot)
        if moved and _could_fly(desk, k, plot):
            if track.status == TENTATIVE:
                begin_track(desk, k, plot)
            else:
                site = desk.sites[plot.sensor]
                seat_track(track, desk.banks[k], site, plot, desk.work[0])
                book_plot(desk, k, plot, 0.0)
                doubt(track, LEAPT)
            desk.head[GRID_BUILT] = 0
            desk.counts[COUNT_ASSOCIATED] += 1
            plot.code = DONE
            return True
        k = track.next_same
    return False


@part
def _list_pairs(desk: Desk, matching: Matching, count: int) -> None:
    """Fill the matching with a scan's open plots without address and the tracks that they may belong to."""
    listed = pairs = 0
    for i in range(count):
        plot = desk.plots[i]
        if plot.code != 0 or plot.icao24 >= 0:
            continue
        find_candidates(desk, plot)
        if plot.candidates == 0:
            continue
        matching.starts[listed] = pairs
        matching.misses[listed] = 0.0
        for j in range(plot.candidates):
            track = desk.tracks[plot.track[j]]
            matching.columns[pairs] = plot.track[j]
            matching.costs[pairs] = -plot.gain_log[j] + math.log(1.0 + math.exp(-track.score))
            pairs += 1
        desk.listed[listed] = i
        listed += 1
    matching.starts[listed] = pairs
    desk.head[LISTED] = listed


@part
def _assign_scan(desk: Desk, matching: Matching, count: int) -> None:
    """Assign the scan's open plots to tracks and take them."""
    if desk.head[GRID_BUILT] == 0 or desk.grid.mask[1] > desk.grid.mask[0]:
        build_grid(desk)
    _list_pairs(desk, matching, count)
    desk.counts[COUNT_CLUSTERS_CUT] += assign(matching, desk.head[LISTED])
    for at in range(desk.head[LISTED]):
        plot = desk.plots[desk.listed[at]]
        k = matching.chosen[at]
        if k < 0:
            continue
        for j in range(plot.candidates):
            if plot.track[j] == k:
                _take(desk, k, plot, plot.square[j], plot.gain_log[j])
                break


@part
def _claim(desk: Desk, plot: Plot) -> bool:
    """Give the first plot of an address to a track without, if there is one that no plot of the scan took.

    After all plots without address: so a track that answers nothing never loses its plots to one that does.
    """
    if desk.head[GRID_BUILT] == 0:
        build_grid(desk)
    find_candidates(desk, plot)
    best = -1
    for j in range(plot.candidates):
        if best < 0 or plot.gain_log[j] > plot.gain_log[best]:
            best = j
    if best < 0:
        return False
    k = plot.track[best]
    desk.tracks[k].icao24 = plot.icao24
    _enter_address(desk, k)
    _take(desk, k, plot, plot.square[best], plot.gain_log[best] + ADDRESS_ODDS)
    return True


@part
def _begin(desk: Desk, plot: Plot) -> None:
    """A plot that nothing took claims a track for its address, or starts one."""
    if plot.icao24 >= 0:  # an earlier plot of the scan may have brought the address
        k = desk.slots[_slot_of(desk, plot.icao24)]
        if k >= 0 and _follow_address(desk, k, plot):
            return
        if _claim(desk, plot):
            return
    note_unknown(desk.clutter, desk.clutter_ns, desk.sites[plot.sensor], plot)
    k = start_track(desk, plot)
    if k < 0:
        plot.code = TABLE_FULL
        desk.refused[plot.sensor, TABLE_FULL] += 1
        return
    if desk.head[GRID_BUILT] == 1:
        enter_grid(desk.grid, desk.tracks, desk.banks[k], k, desk.head[CLOCK])
    plot.code = DONE
    if plot.icao24 >= 0:
        _enter_address(desk, k)


@part
def _repeats(plots: Rows, i: int) -> bool:
    """Whether plot i of the scan is one of those of the same instant before it, over again."""
    plot = plots[i]
    at = i - 1
    while at >= 0 and plots[at].time_ns == plot.time_ns:
        other = plots[at]
        same = other.icao24 == plot.icao24 and other.mode_a == plot.mode_a and other.callsign == plot.callsign
        for a in range(3):
            same = same and other.centre_m[a] == plot.centre_m[a]
        if same and other.code != REPEATED:
            return True
        at -= 1
        if i - at > REPEATS_LOOKED_AT:
            return False
    return False


@part
def _lay_scan(desk: Desk, raw: Plots, order: I64, first: int, last: int) -> None:
    """Lay the plots order[first:last] on the desk, measured; refuse and count what cannot be one."""
    plots, site = desk.plots, desk.sites[raw.sensor[order[first]]]
    for at in range(first, last):
        plot = plots[at - first]
        load_plot(raw, order[at], plot)
        plot.code = measure(plot, site)
        if plot.code == 0 and _repeats(plots, at - first):
            plot.code = REPEATED
        if plot.code != 0:
            desk.refused[plot.sensor, plot.code] += 1
    desk.counts[COUNT_PLOTS] += last - first


@part
def _take_scan(desk: Desk, matching: Matching, count: int) -> None:
    """The first `count` plots on the desk: addresses, then the assignment, then what is left."""
    desk.head[STAMP] += 1
    open_plots = 0
    site = desk.sites[desk.plots[0].sensor]
    for i in range(count):
        plot = desk.plots[i]
        if plot.code != 0:
            continue
        if site.first_ns == NEVER:
            site.first_ns = plot.time_ns
        site.newest_ns = max(site.newest_ns, plot.time_ns)
        site.plots += 1
        judge_surprise(desk.clutter, desk.clutter_ns, site, plot)
        if plot.icao24 >= 0:
            k = desk.slots[_slot_of(desk, plot.icao24)]
            if k >= 0 and _follow_address(desk, k, plot):
                continue
        open_plots += 1
    if open_plots > 0:
        _assign_scan(desk, matching, count)
        for i in range(count):
            if desk.plots[i].code == 0:
                _begin(desk, desk.plots[i])


@part
def _keep(desk: Desk, time_ns: int) -> None:
    """Bring the clock to the last whole KEEP_NS not after time_ns: judge, merge, register on the way."""
    head = desk.head
    target_ns = time_ns // KEEP_NS * KEEP_NS
    while head[CLOCK] < target_ns:
        if head[HIGH] == head[FREE_ROWS]:  # nothing to keep
            head[CLOCK] = target_ns
            break
        head[CLOCK] += KEEP_NS
        judge_tracks(desk, head[CLOCK])
        if head[CLOCK] % MERGE_NS == 0:
            build_grid(desk)
            merge_tracks(desk, head[CLOCK])
        settle_biases(desk, head[CLOCK])
        _index_addresses(desk)
        for slot in range(head[SLOT_MASK] + 1):
            if desk.slots[slot] >= 0:
                judge_addresses(desk, desk.slots[slot])
        judge_trust(desk)
        head[GRID_BUILT] = 0


@kernel
def restore(desk: Desk) -> None:
    """Make what is not kept in a copy of the desk: the index of addresses; the grid comes by itself."""
    desk = borrow(desk)
    _index_addresses(desk)
    desk.head[GRID_BUILT] = 0


@kernel
def track_plots(desk: Desk, matching: Matching, raw: Plots, order: I64, until_ns: int) -> None:
    """Take plots, then keep the tracks up to until_ns.

    order: rows of raw by (slice, sensor, time), whole slices, of known sensors, nothing before the clock.
    """
    desk = borrow(desk)
    matching = borrow(matching)
    raw = borrow(raw)
    head = desk.head
    first = 0
    count = order.shape[0]
    while first < count:
        sensor = raw.sensor[order[first]]
        end_ns = -(-raw.time_ns[order[first]] // SLICE_NS) * SLICE_NS
        if head[CLOCK] == NEVER:
            head[CLOCK] = (end_ns - SLICE_NS) // KEEP_NS * KEEP_NS
            restore(desk)
        _keep(desk, end_ns - SLICE_NS)
        last = first
        while last < count and raw.sensor[order[last]] == sensor and raw.time_ns[order[last]] <= end_ns:
            last += 1
        taken = min(last, first + desk.plots.shape[0])
        _lay_scan(desk, raw, order, first, taken)
        _take_scan(desk, matching, taken - first)
        desk.counts[COUNT_PLOTS] += last - taken
        desk.refused[sensor, CROWDED] += last - taken
        first = last
    if head[CLOCK] != NEVER:
        _keep(desk, until_ns)
