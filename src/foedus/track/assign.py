"""One plot to one track at most, at the least total cost: shortest augmenting paths on the sparse pairs.

Jonker, Volgenant, A Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment Problems,
Computing 38 (1987). A path never leaves the group of plots and tracks whose gates collide, so this is the
global optimum inside each group and costs nothing where gates do not collide. Every plot also has a column
of its own, "no track", at the price MISS.
"""

from typing import Final

from foedus.jit import part
from foedus.limits import ASSIGNMENT_TRACKS_MAX
from foedus.model import I64
from foedus.track.table import COUNT_CLUSTERS_CUT, Rows

MISS: Final = 25.0
"""Cost of leaving a plot alone: above the gate (16) plus a mismatched Mode A (9), so a plot whose only
candidate is free always takes it; a worse fit loses to "no track" only against candidates that fit better."""
NOBODY: Final = -1


@part
def _prepare(plots: Rows, tracks: Rows, listed: I64, count: int) -> None:
    """Costs relative to each plot's sharpest candidate, and a clean slate for every track among them."""
    for at in range(count):
        plot = plots[listed[at]]
        plot.chosen = NOBODY
        sharpest = 0.0
        for j in range(plot.candidates):
            if j == 0 or plot.log[j] < sharpest:
                sharpest = plot.log[j]
        for j in range(plot.candidates):
            plot.cost[j] += plot.log[j] - sharpest
            track = tracks[plot.track[j]]
            track.owner = NOBODY
            track.price = 0.0
            track.settled = 0
            track.distance = -1.0


@part
def _relax(plots: Rows, tracks: Rows, i: int, base: float, touched: I64) -> None:
    """Distances of plot i's tracks through plot i, which itself lies at `base`."""
    plot = plots[i]
    for j in range(plot.candidates):
        track = tracks[plot.track[j]]
        if track.settled == 1:
            continue
        distance = max(0.0, base + plot.cost[j] - plot.toll - track.price)
        if track.distance < 0.0:
            touched[0] += 1
            touched[touched[0]] = plot.track[j]
        elif distance >= track.distance:
            continue
        track.distance = distance
        track.came_from = i


@part
def _nearest(tracks: Rows, touched: I64) -> int:
    """The reached track at the least distance that is not settled; NOBODY if none."""
    best = NOBODY
    for t in range(touched[0]):
        k = touched[t + 1]
        if tracks[k].settled == 0 and (best == NOBODY or tracks[k].distance < tracks[best].distance):
            best = k
    return best


@part
def _reprice(plots: Rows, tracks: Rows, plot: int, length: float, touched: I64) -> None:
    """New prices along the settled tracks, which then count as not reached."""
    for t in range(touched[0]):
        track = tracks[touched[t + 1]]
        if track.settled == 1:
            change = length - track.distance
            track.price -= change
            plots[track.owner].toll += change
        track.settled = 0
        track.distance = -1.0
    plots[plot].toll = length


@part
def _hand_over(plots: Rows, tracks: Rows, plot: int, free_track: int, last_plot: int) -> None:
    """Pass tracks along the path that ends at a free track, or at the plot that gives its own up."""
    k = free_track
    if k == NOBODY:
        if last_plot == plot:
            return
        k = plots[last_plot].chosen
        plots[last_plot].chosen = NOBODY
    while True:
        i = tracks[k].came_from
        given_up = plots[i].chosen
        tracks[k].owner = i
        plots[i].chosen = k
        if i == plot:
            return
        k = given_up


@part
def _assign_one(plots: Rows, tracks: Rows, plot: int, touched: I64, counts: I64) -> None:
    """Bring one more plot into the optimum of those before it."""
    plots[plot].toll = 0.0
    touched[0] = 0
    base = 0.0
    i = plot
    miss = MISS
    miss_plot = plot
    while True:
        _relax(plots, tracks, i, base, touched)
        if base + MISS - plots[i].toll < miss:
            miss = base + MISS - plots[i].toll
            miss_plot = i
        k = _nearest(tracks, touched)
        if touched[0] > ASSIGNMENT_TRACKS_MAX:
            counts[COUNT_CLUSTERS_CUT] += 1
            k = NOBODY
        if k == NOBODY or tracks[k].distance >= miss:
            k = NOBODY
            break
        if tracks[k].owner == NOBODY:
            break
        tracks[k].settled = 1
        base = tracks[k].distance
        i = tracks[k].owner
    length = miss if k == NOBODY else tracks[k].distance
    _reprice(plots, tracks, plot, length, touched)
    _hand_over(plots, tracks, plot, k, miss_plot)


@part
def assign(plots: Rows, tracks: Rows, listed: I64, count: int, touched: I64, counts: I64) -> None:
    """Fill `chosen` of the first `count` plots named in `listed`: a row of tracks or -1."""
    _prepare(plots, tracks, listed, count)
    for at in range(count):
        _assign_one(plots, tracks, listed[at], touched, counts)
