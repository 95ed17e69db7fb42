"""Which track belongs to which truth at each evaluation time, when a truth may have many tracks.

At each time, in this order:

1. A truth keeps the track that followed it at the time before, if that is still within the cutoff (Bernardin,
   Stiefelhagen, Evaluating Multiple Object Tracking Performance: The CLEAR MOT Metrics, EURASIP Journal on
   Image and Video Processing 2008, 2.2). So two targets that fly side by side do not seem to swap numbers
   with every noise, and tracks that did swap are found out as soon as their targets part.
2. The other truths and tracks are assigned one to one at least total cost, as in GOSPA.
3. A track that is left belongs to the nearest truth within the cutoff, beside the track that follows it
   (redundant); if there is none it is spurious.
"""

from typing import NamedTuple

import numpy as np

from foedus.jit import kernel
from foedus.model import F64, I64
from foedus.score.pairs import Pairs
from foedus.score.states import NONE, States
from foedus.track.matching import Matching, assign, make_matching


class Following(NamedTuple):
    """Who belongs to whom, as rows of the states of truths and of tracks."""

    follower: I64  # (truth states,) state of the track that follows, NONE if missed
    truth: I64  # (track states,) state of the truth to which the track belongs, NONE if spurious
    apart_m: F64  # (track states,) distance from that truth; NaN if spurious


@kernel
def _keep(
    starts: I64,
    pair_tracks: I64,
    target: I64,
    number: I64,
    before: I64,
    follower: I64,
    owner: I64,
) -> None:
    """Pairs of the time before; `before` is the track that followed each target then, NONE if none did."""
    for i in range(target.shape[0]):
        for pair in range(starts[i], starts[i + 1]):
            j = pair_tracks[pair]
            if number[j] == before[target[i]]:
                follower[i] = j
                owner[j] = i


@kernel
def _assign_rest(
    starts: I64,
    pair_tracks: I64,
    distances_m: F64,
    cutoff_m: float,
    matching: Matching,
    follower: I64,
    owner: I64,
) -> int:
    """Truths without track and tracks without truth, one to one."""
    count = 0
    truths = follower.shape[0]
    for i in range(truths):
        matching.starts[i] = count
        matching.misses[i] = cutoff_m * cutoff_m
        if follower[i] != NONE:
            continue
        for pair in range(starts[i], starts[i + 1]):
            if owner[pair_tracks[pair]] == NONE:
                matching.columns[count] = pair_tracks[pair]
                matching.costs[count] = distances_m[pair] * distances_m[pair]
                count += 1
    matching.starts[truths] = count
    cuts = assign(matching, truths)
    for i in range(truths):
        j = matching.chosen[i]
        if j != NONE:
            follower[i] = j
            owner[j] = i
    return cuts


@kernel
def _add_redundant(starts: I64, pair_tracks: I64, distances_m: F64, owner: I64, apart_m: F64) -> None:
    """Tracks that are left to their nearest truth, and how far each track is from its truth."""
    truths = starts.shape[0] - 1
    free = owner == NONE
    for i in range(truths):
        for pair in range(starts[i], starts[i + 1]):
            j = pair_tracks[pair]
            if free[j] and (owner[j] == NONE or distances_m[pair] < apart_m[j]):
                owner[j] = i
                apart_m[j] = distances_m[pair]
            elif owner[j] == i:
                apart_m[j] = distances_m[pair]


class Follower:
    """Goes through the evaluation times in order and remembers who followed whom."""

    def __init__(self, targets: int, truths: States, tracks: States, *, cutoff_m: float) -> None:
        self._truths, self._tracks, self._cutoff_m = truths, tracks, cutoff_m
        self._before = np.full(targets, NONE, np.int64)
        self._follower = np.full(len(truths.item), NONE, np.int64)
        self._truth = np.full(len(tracks.item), NONE, np.int64)
        self._apart_m = np.full(len(tracks.item), np.nan)

    def step(self, k: int, pairs: Pairs) -> None:
        """Evaluation time k, the next one; pairs count from the first truth and track of that time."""
        truth_at, track_at = int(self._truths.starts[k]), int(self._tracks.starts[k])
        truth_rows = slice(truth_at, int(self._truths.starts[k + 1]))
        track_rows = slice(track_at, int(self._tracks.starts[k + 1]))
        target, number = self._truths.item[truth_rows], self._tracks.item[track_rows]
        follower = np.full(len(target), NONE, np.int64)
        owner = np.full(len(number), NONE, np.int64)
        apart_m = np.full(len(number), np.nan)
        _keep(pairs.starts, pairs.tracks, target, number, self._before, follower, owner)
        matching = make_matching(len(target), len(number), len(pairs.tracks), reach_max=max(1, len(number)))
        _assign_rest(
            pairs.starts, pairs.tracks, pairs.distances_m, self._cutoff_m, matching, follower, owner
        )  # fmt: skip
        _add_redundant(pairs.starts, pairs.tracks, pairs.distances_m, owner, apart_m)
        self._before[:] = NONE
        followed = follower != NONE
        self._before[target[followed]] = number[follower[followed]]
        self._follower[truth_rows] = np.where(followed, follower + track_at, NONE)
        self._truth[track_rows] = np.where(owner != NONE, owner + truth_at, NONE)
        self._apart_m[track_rows] = apart_m

    def following(self) -> Following:
        """What was found."""
        return Following(self._follower, self._truth, self._apart_m)
