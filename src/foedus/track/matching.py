"""One column to one row at most, at the least total cost, on sparse pairs: shortest augmenting paths.

Jonker, Volgenant, A Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment Problems,
Computing 38 (1987). A path never leaves the group of rows and columns that pairs link, so the result is the
global optimum inside each group. A row whose best column is free takes it at once: that is a path of length
zero. Each row may also stay alone, at a price of its own; a pair that costs at least that price is left out,
because to leave the row alone costs no more and takes nothing from another row.

The tracker assigns plots (rows) to tracks (columns) with this, the scorer truths to tracks.
"""

from typing import Final, NamedTuple

import numpy as np

from foedus.jit import kernel, part
from foedus.limits import ASSIGNMENT_TRACKS_MAX
from foedus.model import F64, I64

NOBODY: Final = -1
UNSEEN: Final = 0
REACHED: Final = 1
SETTLED: Final = 2
"""What a path knows of a column: nothing, a distance, the least distance."""


class Matching(NamedTuple):
    """The pairs of one assignment, its result, and scratch that is all zero between two calls."""

    starts: I64  # (rows + 1,) pairs of row i are starts[i] .. starts[i + 1] - 1
    columns: I64  # (pairs,)
    costs: F64  # (pairs,) of any sign; NaN and +infinity are as good as no pair
    misses: F64  # (rows,) price of leaving the row alone; finite
    chosen: I64  # (rows,) out: the row's column, or -1
    tolls: F64  # (rows,) dual of each row; needs no cleaning
    prices: F64  # (columns,) dual of each column, never positive
    owners: I64  # (columns,) 1 + the row that has the column, 0 free
    states: I64  # (columns,) UNSEEN, REACHED or SETTLED by the path in hand
    distances: F64  # (columns,) along the path in hand; needs no cleaning
    came_from: I64  # (columns,) row from which the path came; needs no cleaning
    touched: I64  # (columns that one path may reach,) those it has reached; needs no cleaning


def make_matching(
    rows_max: int, columns_max: int, pairs_max: int, *, reach_max: int = ASSIGNMENT_TRACKS_MAX
) -> Matching:
    """An empty one; the system hands out memory only as it is used.

    reach_max: columns that the path of one row may reach; where it would reach more, it ends at the best end
    found so far, and that is counted.
    """
    return Matching(
        starts=np.zeros(rows_max + 1, np.int64),
        columns=np.zeros(pairs_max, np.int64),
        costs=np.zeros(pairs_max),
        misses=np.zeros(rows_max),
        chosen=np.zeros(rows_max, np.int64),
        tolls=np.zeros(rows_max),
        prices=np.zeros(columns_max),
        owners=np.zeros(columns_max, np.int64),
        states=np.zeros(columns_max, np.int64),
        distances=np.zeros(columns_max),
        came_from=np.zeros(columns_max, np.int64),
        touched=np.zeros(reach_max, np.int64),
    )


@part
def _relax(matching: Matching, row: int, base: float, reached: int) -> int:
    """Distances of the row's columns through the row, which lies at `base`.

    Gives how many columns are reached; -1 minus that where one more would be too many.
    """
    miss = matching.misses[row]
    offset = base - matching.tolls[row]
    for pair in range(matching.starts[row], matching.starts[row + 1]):
        column = matching.columns[pair]
        if matching.states[column] == SETTLED or not matching.costs[pair] < miss:
            continue
        # Reduced costs are not negative but for rounding.
        distance = max(base, offset + matching.costs[pair] - matching.prices[column])
        if matching.states[column] == UNSEEN:
            if reached == matching.touched.shape[0]:
                return -1 - reached
            matching.touched[reached] = column
            reached += 1
            matching.states[column] = REACHED
        elif distance >= matching.distances[column]:
            continue
        matching.distances[column] = distance
        matching.came_from[column] = row
    return reached


@part
def _nearest(matching: Matching, reached: int, free_only: bool) -> int:
    """The column at the least distance of those reached and not settled; NOBODY if there is none."""
    best = NOBODY
    for at in range(reached):
        column = matching.touched[at]
        if matching.states[column] == SETTLED or (free_only and matching.owners[column] != 0):
            continue
        if best == NOBODY or matching.distances[column] < matching.distances[best]:
            best = column
    return best


@part
def _reprice(matching: Matching, row: int, length: float, reached: int) -> None:
    """New duals behind the settled columns; then no column is reached any more."""
    for at in range(reached):
        column = matching.touched[at]
        if matching.states[column] == SETTLED:
            change = max(0.0, length - matching.distances[column])
            matching.prices[column] -= change
            matching.tolls[matching.owners[column] - 1] += change
        matching.states[column] = UNSEEN
    matching.tolls[row] += length


@part
def _hand_over(matching: Matching, row: int, end: int, end_row: int) -> None:
    """Pass columns along the path that ends at a free column, or at the row that gives its own up."""
    column = end
    if column == NOBODY:
        column = matching.chosen[end_row]
        matching.chosen[end_row] = NOBODY
        if end_row == row:
            return
    while True:
        taker = matching.came_from[column]
        given_up = matching.chosen[taker]
        matching.owners[column] = taker + 1
        matching.chosen[taker] = column
        if taker == row:
            return
        column = given_up


@part
def _augment(matching: Matching, row: int) -> int:
    """Bring one more row into the optimum of those before it: 1 if its path was cut short.

    The row's toll is its least reduced cost, so no distance is negative.
    """
    reached = 0
    base = 0.0
    at_row = row
    miss = matching.misses[row] - matching.tolls[row]
    miss_row = row
    cut = 0
    while True:
        reached = _relax(matching, at_row, base, reached)
        if base + matching.misses[at_row] - matching.tolls[at_row] < miss:
            miss = base + matching.misses[at_row] - matching.tolls[at_row]
            miss_row = at_row
        if reached < 0:
            cut = 1
            reached = -1 - reached
        column = _nearest(matching, reached, cut == 1)
        if column == NOBODY or matching.distances[column] >= miss:
            column = NOBODY
            break
        if matching.owners[column] == 0:
            break
        matching.states[column] = SETTLED
        base = matching.distances[column]
        at_row = matching.owners[column] - 1
    _reprice(matching, row, miss if column == NOBODY else matching.distances[column], reached)
    _hand_over(matching, row, column, miss_row)
    return cut


@part
def assign(matching: Matching, rows: int) -> int:
    """Fill `chosen` of the first rows; gives how many paths were cut short (0: the result is optimal)."""
    starts, columns, costs = matching.starts, matching.columns, matching.costs
    chosen, tolls, prices, owners = matching.chosen, matching.tolls, matching.prices, matching.owners
    cuts = 0
    for row in range(rows):
        toll = matching.misses[row]
        best = NOBODY
        for pair in range(starts[row], starts[row + 1]):
            column = columns[pair]
            if costs[pair] - prices[column] < toll:
                toll = costs[pair] - prices[column]
                best = column
        tolls[row] = toll
        chosen[row] = best
        if best == NOBODY:
            continue
        if owners[best] == 0:
            owners[best] = row + 1
        else:
            chosen[row] = NOBODY
            cuts += _augment(matching, row)
    for row in range(rows):  # only columns that somebody has carry an owner or a price
        column = chosen[row]
        if column != NOBODY:
            owners[column] = 0
            prices[column] = 0.0
    return cuts


@kernel
def assign_pairs(matching: Matching, rows: int) -> int:
    """The same for callers outside kernels."""
    return assign(matching, rows)
