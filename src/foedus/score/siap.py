"""SIAP attributes: is the air picture complete, clear, accurate, continuous?

Single Integrated Air Picture (SIAP) metrics: SIAP System Engineering Task Force, Technical Report 2001-003
(2001), and Votruba et al., SIAP Metrics Implementation (2001). The names and sums are theirs as Stone Soup's
documentation gives them (the reports themselves were not at hand); docs/scoring.md says where this differs.

At evaluation time t: J(t) truths, JT(t) of them with at least one track, N(t) tracks, NA(t) of them that
belong to a truth. A sum over t runs over all evaluation times; `every_s` is the time between two.
"""

from typing import NamedTuple

import numpy as np

from foedus.jit import kernel
from foedus.model import F64, I64, Bool
from foedus.score.follow import Following
from foedus.score.states import NONE, States


class Counts(NamedTuple):
    """J, JT, N, NA at each evaluation time; shape (times,)."""

    truths: I64
    truths_tracked: I64
    tracks: I64
    tracks_assigned: I64


class Targets(NamedTuple):
    """What became of each target; shape (targets,)."""

    counted: I64  # evaluation times at which it counts
    tracked: I64  # of these, with a track
    missed_longest: I64  # most evaluation times in a row without a track
    missed_from: I64  # the first of these, NONE if never missed
    switches: I64  # how often another number followed it than the last time it was followed
    changes: I64  # fewest changes of number with which its tracks cover all times at which it is tracked
    held_steps: I64  # steps from one evaluation time to the next over which one track stayed with it
    longest_steps: I64  # most such steps in a row by one track
    lived_steps: I64  # steps over which it counts


def ratio(numerator: float, denominator: float, otherwise: float) -> float:
    """The quotient; where the denominator is 0, the other value."""
    return numerator / denominator if denominator else otherwise


def count(truths: States, tracks: States, following: Following) -> Counts:
    """J, JT, N, NA at each evaluation time."""
    tracked = following.follower != NONE
    assigned = following.truth != NONE
    return Counts(
        truths=np.diff(truths.starts),
        truths_tracked=_per_step(tracked, truths.starts),
        tracks=np.diff(tracks.starts),
        tracks_assigned=_per_step(assigned, tracks.starts),
    )


def _per_step(which: Bool, starts: I64) -> I64:
    total = np.concatenate([[0], np.cumsum(which)])
    return np.asarray(total[starts[1:]] - total[starts[:-1]], np.int64)


def completeness(counts: Counts) -> float:
    """Share of truths that are tracked: sum JT(t) / sum J(t). 1 is best."""
    return ratio(float(counts.truths_tracked.sum()), float(counts.truths.sum()), 0.0)


def ambiguity(counts: Counts) -> float:
    """Tracks to each truth that is tracked: sum NA(t) / sum JT(t). 1 is best."""
    return ratio(float(counts.tracks_assigned.sum()), float(counts.truths_tracked.sum()), 1.0)


def spuriousness(counts: Counts) -> float:
    """Share of tracks that belong to no truth: sum (N(t) - NA(t)) / sum N(t). 0 is best."""
    tracks = float(counts.tracks.sum())
    return ratio(tracks - float(counts.tracks_assigned.sum()), tracks, 0.0)


def accuracy(errors: F64) -> float | None:
    """Mean error of the assigned tracks: sum over assigned tracks of the error / sum NA(t). 0 is best.

    errors: one per track and evaluation time, for position, height or velocity; NaN where it cannot be told,
    and left out of both sums. None if there is none.
    """
    known = errors[~np.isnan(errors)]
    return float(known.mean()) if len(known) else None


def number_changes_per_hour(targets: Targets, every_s: float) -> float:
    """Rate of track number changes: sum over truths of (NU - 1) / sum of the time tracked TT; 0 is best.

    NU: the fewest blocks of one track number that together cover all times at which the truth is tracked.
    TT: time over which one track stayed with the truth. Per hour of TT.
    """
    hours = float(targets.held_steps.sum()) * every_s / 3_600.0
    return ratio(float(targets.changes.sum()), hours, 0.0)


def longest_segment(targets: Targets) -> float:
    """Share of a truth's life covered by its longest track: sum of TL / sum of T over truths; 1 is best.

    TL: longest time over which one track stayed with the truth without a break. T: time the truth counts.
    """
    return ratio(float(targets.longest_steps.sum()), float(targets.lived_steps.sum()), 0.0)


def switches_per_hour(targets: Targets, every_s: float) -> float:
    """Changes of the number that follows a truth, per hour of truth: sum of switches / (sum J(t) every_s)."""
    return ratio(float(targets.switches.sum()), float(targets.counted.sum()) * every_s / 3_600.0, 0.0)


def describe_targets(targets: int, truths: States, tracks: States, following: Following) -> Targets:
    """What became of each target over all evaluation times."""
    order = np.lexsort((truths.step, truths.item))
    item, step = truths.item[order], truths.step[order]
    tracked = following.follower[order] != NONE
    number = np.where(tracked, tracks.item[following.follower[order]] if len(tracks.item) else NONE, NONE)
    lived = _linked(item, step)
    missed_longest, missed_from = _longest_missed(targets, item, step, tracked, lived)
    changes, held, longest = _continuity(targets, order, truths, tracks, following)
    return Targets(
        counted=_sum(targets, item, np.ones(len(item), np.bool_)),
        tracked=_sum(targets, item, tracked),
        missed_longest=missed_longest,
        missed_from=missed_from,
        switches=_switches(targets, item[tracked], number[tracked]),
        changes=changes,
        held_steps=held,
        longest_steps=longest,
        lived_steps=_sum(targets, item, lived),
    )


def _sum(targets: int, item: I64, which: Bool) -> I64:
    return np.bincount(item[which], minlength=targets).astype(np.int64)


def _linked(item: I64, step: I64) -> Bool:
    """Rows, ordered by item and time, that continue the row before: same item, next evaluation time."""
    linked = np.zeros(len(item), np.bool_)
    linked[1:] = (np.diff(item) == 0) & (np.diff(step) == 1)
    return linked


def _runs(linked: Bool) -> tuple[I64, I64]:
    """(first row of each run, first row of the run of each row)."""
    first = np.flatnonzero(~linked)
    return first, first[np.cumsum(~linked) - 1] if len(first) else first


def _longest_missed(targets: int, item: I64, step: I64, tracked: Bool, lived: Bool) -> tuple[I64, I64]:
    missed = np.flatnonzero(~tracked)
    linked = np.zeros(len(missed), np.bool_)
    linked[1:] = (np.diff(missed) == 1) & lived[missed[1:]]
    first, _ = _runs(linked)
    lengths = np.diff(np.append(first, len(missed)))
    longest, begun = np.zeros(targets, np.int64), np.full(targets, NONE, np.int64)
    of = item[missed[first]]
    order = np.lexsort((-first, lengths, of))  # the longest last, of equals the earliest
    longest[of[order]] = lengths[order]
    begun[of[order]] = step[missed[first]][order]
    return longest, begun


def _switches(targets: int, item: I64, number: I64) -> I64:
    changed = (np.diff(item) == 0) & (np.diff(number) != 0)
    return _sum(targets, item[1:], changed)


def _continuity(
    targets: int, order: I64, truths: States, tracks: States, following: Following
) -> tuple[I64, I64, I64]:
    """(changes, held_steps, longest_steps) of each target, from every track that belongs to it."""
    rows = np.flatnonzero(following.truth != NONE)
    truth_row = following.truth[rows]
    item, number, step = truths.item[truth_row], tracks.item[rows], truths.step[truth_row]
    by_number = np.lexsort((step, number, item))
    item, number, step, truth_row = item[by_number], number[by_number], step[by_number], truth_row[by_number]
    same = np.zeros(len(item), np.bool_)
    same[1:] = (np.diff(item) == 0) & (np.diff(number) == 0)
    stays = same.copy()
    stays[1:] &= np.diff(step) == 1
    held = _held_steps(targets, item, truth_row, stays)
    first, _ = _runs(stays)
    lengths = np.diff(np.append(first, len(item))) - 1
    longest = np.zeros(targets, np.int64)
    np.maximum.at(longest, item[first], lengths)
    return _changes(targets, order, truths, item, truth_row, same), held, longest


def _held_steps(targets: int, item: I64, truth_row: I64, stays: Bool) -> I64:
    """Steps that end with a track that was there already; several tracks make one step."""
    ends, which = np.unique(truth_row[stays], return_index=True)
    assert len(ends) == len(which)
    return np.bincount(item[stays][which], minlength=targets).astype(np.int64)


def _changes(targets: int, order: I64, truths: States, item: I64, truth_row: I64, same: Bool) -> I64:
    """Fewest changes of number: blocks of one number over the times tracked, the farthest reaching first."""
    tracked = np.zeros(len(truths.item), np.bool_)
    tracked[truth_row] = True
    listed = order[tracked[order]]  # truth states that are tracked, by target and time
    place = np.full(len(truths.item), NONE, np.int64)
    place[listed] = np.arange(len(listed))
    at = place[truth_row]
    linked = same.copy()
    linked[1:] &= np.diff(at) == 1
    first, first_of = _runs(linked)
    last = np.append(first[1:], len(at)) - 1
    reach = np.zeros(len(listed), np.int64)
    if len(at):
        run = np.searchsorted(first, first_of)
        np.maximum.at(reach, at, at[last][run])
    starts = np.searchsorted(truths.item[listed], np.arange(targets + 1)).astype(np.int64)
    changes = np.zeros(targets, np.int64)
    _count_changes(starts, reach, changes)
    return changes


@kernel
def _count_changes(starts: I64, reach: I64, out: I64) -> None:
    """Blocks less one, taking at each time not yet covered the block that reaches farthest."""
    for i in range(out.shape[0]):
        blocks = 0
        at = starts[i]
        while at < starts[i + 1]:
            at = reach[at] + 1
            blocks += 1
        out[i] = max(0, blocks - 1)


def spurious_runs(tracks: States, following: Following) -> tuple[I64, I64, I64]:
    """(track, evaluation times as spurious, state of the first), the longest first."""
    rows = np.flatnonzero(following.truth == NONE)
    item = tracks.item[rows]
    found, first, times = np.unique(item, return_index=True, return_counts=True)
    order = np.lexsort((found, -times))
    return found[order], times[order].astype(np.int64), rows[first][order].astype(np.int64)
