"""One picture against the truth: everything that `foedus score` says of it.

`score_picture` goes through the evaluation times once; the rest is arithmetic on what it found.
"""

from typing import Final, NamedTuple

import msgspec
import numpy as np

from foedus.errors import FeedError, LimitError
from foedus.limits import SCORE_STATES_MAX
from foedus.model import F64, I64, SECOND_NS
from foedus.score import siap
from foedus.score.accuracy import Components, Errors, measure, spread
from foedus.score.consistency import FULL, HORIZONTAL, Consistency, count_not_positive, nees, summarise
from foedus.score.follow import Follower, Following
from foedus.score.gospa import gospa
from foedus.score.pairs import find_pairs
from foedus.score.states import NONE, States, track_states, truth_at, truth_states
from foedus.score.tables import Truth, Updates

WORST_MAX: Final = 10
"""Targets and tracks that a score names."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a picture is scored."""

    every_s: float = 5.0
    """Time between two evaluation times, from the first row of truth on."""
    from_s: float = 0.0
    """Evaluation times before this, from the first row of truth, are left out."""
    keep_s: float = 30.0
    """A track counts while its newest row is younger than this."""
    cutoff_m: float = 1_000.0
    """GOSPA's c; and a track belongs to a truth only within this distance."""
    power: float = 2.0
    """GOSPA's p."""
    with_height: bool = False
    """Distance in three dimensions where both heights are known, instead of horizontally."""


class Gospa(msgspec.Struct, frozen=True, kw_only=True):
    """Means over the evaluation times."""

    mean_m: float
    localisation_m: float
    missed: float
    false: float
    assigned: float


class Siap(msgspec.Struct, frozen=True, kw_only=True):
    """SIAP attributes over all evaluation times; None where nothing could be judged."""

    completeness: float
    ambiguity: float
    spuriousness: float
    position_accuracy_m: float | None
    velocity_accuracy_m_s: float | None
    height_accuracy_m: float | None
    number_changes_per_hour: float
    longest_segment: float


class Accuracy(msgspec.Struct, frozen=True, kw_only=True):
    """Errors of the tracks that follow truths."""

    position_m: Errors
    along_m: Errors
    across_m: Errors
    height_m: Errors
    velocity_m_s: Errors


class Covariances(msgspec.Struct, frozen=True, kw_only=True):
    """NEES of estimates at the times of their rows, and the state of all covariances of the file."""

    straight_only: bool
    """Whether only straight flight was judged; the truth may not say when that is."""
    full: Consistency
    """Position and velocity, three dimensions."""
    horizontal: Consistency
    """Position and velocity, horizontally."""
    rows: int
    unknown: int
    not_positive: int
    """Rows whose covariance is not positive definite."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One target that was tracked badly."""

    target: str
    counted_s: float
    missed_s: float
    longest_missed_s: float
    missed_from_ns: int | None
    switches: int


class Spurious(msgspec.Struct, frozen=True, kw_only=True):
    """One track that belonged to no truth for long."""

    number: int
    spurious_s: float
    from_ns: int
    lat_deg: float
    lon_deg: float


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A picture against the truth."""

    settings: Settings
    first_ns: int
    last_ns: int
    times: int
    targets: int
    truth_hours: float
    track_numbers: int
    gospa: Gospa
    siap: Siap
    switches_per_truth_hour: float
    switches: int
    accuracy: Accuracy
    covariances: Covariances
    worst_missed: tuple[Target, ...]
    worst_switched: tuple[Target, ...]
    worst_spurious: tuple[Spurious, ...]
    refused_truth: dict[str, int]
    refused_tracks: dict[str, int]


class PerTime(NamedTuple):
    """One row per evaluation time."""

    time_ns: I64
    truths: I64
    truths_tracked: I64
    tracks: I64
    tracks_assigned: I64
    gospa_m: F64
    localisation_m: F64
    missed: I64
    false: I64
    position_error_median_m: F64  # NaN without tracked truth


class Scored(NamedTuple):
    """A score, and what it was made from."""

    score: Score
    per_time: PerTime
    truths: States
    tracks: States
    following: Following


def evaluation_times(truth: Truth, settings: Settings) -> I64:
    """Times every `every_s` from the first row of truth to the last, those before `from_s` left out."""
    first, last = int(truth.time_ns.min()), int(truth.time_ns.max())
    every = round(settings.every_s * SECOND_NS)
    assert every > 0
    begin = -(-round(settings.from_s * SECOND_NS) // every)
    count = (last - first) // every + 1 - begin
    if count < 1:
        raise FeedError(
            where="truth",
            found=f"{(last - first) / SECOND_NS:.0f} s of truth",
            expected=f"more than the {settings.from_s:.0f} s to be left out",
        )
    if count > SCORE_STATES_MAX:
        raise LimitError(name="SCORE_STATES_MAX", limit=SCORE_STATES_MAX, asked=count)
    return first + every * np.arange(begin, begin + count, dtype=np.int64)


def score_picture(truth: Truth, updates: Updates, settings: Settings) -> Scored:
    """The score of one picture."""
    times_ns = evaluation_times(truth, settings)
    truths = truth_states(truth, times_ns)
    tracks = track_states(updates, times_ns, keep_ns=round(settings.keep_s * SECOND_NS))
    follower = Follower(len(truth.names), truths, tracks, cutoff_m=settings.cutoff_m)
    results = []
    for k in range(len(times_ns)):
        truth_rows = slice(truths.starts[k], truths.starts[k + 1])
        track_rows = slice(tracks.starts[k], tracks.starts[k + 1])
        pairs = find_pairs(
            truths.place[truth_rows], tracks.place[track_rows],
            cutoff_m=settings.cutoff_m, with_height=settings.with_height,
        )  # fmt: skip
        count = int(tracks.starts[k + 1] - tracks.starts[k])
        results.append(gospa(pairs, count, cutoff_m=settings.cutoff_m, power=settings.power)[0])
        follower.step(k, pairs)
    following = follower.following()
    counts = siap.count(truths, tracks, following)
    followed = np.flatnonzero(following.follower != NONE)
    components = measure(truths, followed, tracks, following.follower[followed])
    columns = np.array(results)
    per_time = PerTime(
        times_ns, *counts, columns[:, 0], columns[:, 1],
        columns[:, 3].astype(np.int64), columns[:, 4].astype(np.int64),
        _medians(components.position_m, truths.step[followed], len(times_ns)),
    )  # fmt: skip
    score = _sum_up(truth, updates, settings, per_time, truths, tracks, following, components)
    return Scored(score, per_time, truths, tracks, following)


def _medians(errors: F64, step: I64, steps: int) -> F64:
    """Median error at each time; `step` ascends."""
    medians = np.full(steps, np.nan)
    edges = np.searchsorted(step, np.arange(steps + 1))
    for k in range(steps):
        if edges[k + 1] > edges[k]:
            medians[k] = np.median(errors[edges[k] : edges[k + 1]])
    return medians


def _sum_up(
    truth: Truth,
    updates: Updates,
    settings: Settings,
    per_time: PerTime,
    truths: States,
    tracks: States,
    following: Following,
    components: Components,
) -> Score:
    targets = siap.describe_targets(len(truth.names), truths, tracks, following)
    longest = np.lexsort((np.arange(len(truth.names)), -targets.missed_longest))
    most = np.lexsort((np.arange(len(truth.names)), -targets.switches))
    return Score(
        settings=settings,
        first_ns=int(per_time.time_ns[0]),
        last_ns=int(per_time.time_ns[-1]),
        times=len(per_time.time_ns),
        targets=int(np.count_nonzero(targets.counted)),
        truth_hours=float(targets.counted.sum()) * settings.every_s / 3_600.0,
        track_numbers=len(np.unique(tracks.item)),
        gospa=Gospa(
            mean_m=float(per_time.gospa_m.mean()),
            localisation_m=float(per_time.localisation_m.mean()),
            missed=float(per_time.missed.mean()),
            false=float(per_time.false.mean()),
            assigned=float((per_time.truths - per_time.missed).mean()),
        ),
        siap=_siap(truths, tracks, following, targets, settings),
        switches_per_truth_hour=siap.switches_per_hour(targets, settings.every_s),
        switches=int(targets.switches.sum()),
        accuracy=Accuracy(
            position_m=spread(components.position_m),
            along_m=spread(components.along_m),
            across_m=spread(components.across_m),
            height_m=spread(components.height_m),
            velocity_m_s=spread(components.velocity_m_s),
        ),
        covariances=_covariances(truth, updates, truths, tracks, following),
        worst_missed=_worst(longest[targets.missed_longest[longest] > 0], truth, targets, settings, per_time),
        worst_switched=_worst(most[targets.switches[most] > 0], truth, targets, settings, per_time),
        worst_spurious=_spurious(updates, tracks, following, settings, per_time),
        refused_truth=dict(truth.refused),
        refused_tracks=dict(updates.refused),
    )


def _siap(
    truths: States, tracks: States, following: Following, targets: siap.Targets, settings: Settings
) -> Siap:
    counts = siap.count(truths, tracks, following)
    assigned = np.flatnonzero(following.truth != NONE)
    errors = measure(truths, following.truth[assigned], tracks, assigned)
    return Siap(
        completeness=siap.completeness(counts),
        ambiguity=siap.ambiguity(counts),
        spuriousness=siap.spuriousness(counts),
        position_accuracy_m=siap.accuracy(errors.position_m),
        velocity_accuracy_m_s=siap.accuracy(errors.velocity_m_s),
        height_accuracy_m=siap.accuracy(np.abs(errors.height_m)),
        number_changes_per_hour=siap.number_changes_per_hour(targets, settings.every_s),
        longest_segment=siap.longest_segment(targets),
    )


def _covariances(
    truth: Truth, updates: Updates, truths: States, tracks: States, following: Following
) -> Covariances:
    """NEES of the rows behind the tracks that follow, each row once, at the row's own time."""
    followed = np.flatnonzero(following.follower != NONE)
    row, first = np.unique(tracks.row[following.follower[followed]], return_index=True)
    target, step = truths.item[followed[first]], truths.step[followed[first]]
    empty = np.zeros(0)
    full, horizontal = empty, empty
    if len(updates.covariance):
        truth_row, place, velocity = truth_at(truth, target, updates.time_ns[row])
        judged = truth_row != NONE
        if truth.straight_known:
            after = np.minimum(truth_row + 1, truth.starts[target + 1] - 1)
            judged &= truth.straight[truth_row] & truth.straight[after]
        row, step, place, velocity = row[judged], step[judged], place[judged], velocity[judged]
        estimate = (updates.place[row], updates.velocity_m_s[row], updates.covariance[row])
        full = nees(place, velocity, *estimate, degrees=FULL)
        horizontal = nees(place, velocity, *estimate, degrees=HORIZONTAL)
    else:
        step = np.zeros(0, np.int64)
    unknown, not_positive = count_not_positive(updates.covariance)
    rows = len(updates.time_ns)
    return Covariances(
        straight_only=truth.straight_known,
        full=summarise(full, FULL, step),
        horizontal=summarise(horizontal, HORIZONTAL, step),
        rows=rows,
        unknown=unknown if len(updates.covariance) else rows,
        not_positive=not_positive,
    )


def _worst(
    rows: I64, truth: Truth, targets: siap.Targets, settings: Settings, per_time: PerTime
) -> tuple[Target, ...]:
    return tuple(
        Target(
            target=truth.names[i],
            counted_s=float(targets.counted[i]) * settings.every_s,
            missed_s=float(targets.counted[i] - targets.tracked[i]) * settings.every_s,
            longest_missed_s=float(targets.missed_longest[i]) * settings.every_s,
            missed_from_ns=(
                int(per_time.time_ns[targets.missed_from[i]]) if targets.missed_from[i] != NONE else None
            ),
            switches=int(targets.switches[i]),
        )
        for i in rows[:WORST_MAX].tolist()
    )


def _spurious(
    updates: Updates, tracks: States, following: Following, settings: Settings, per_time: PerTime
) -> tuple[Spurious, ...]:
    track, times, first = siap.spurious_runs(tracks, following)
    return tuple(
        Spurious(
            number=int(updates.numbers[track[n]]),
            spurious_s=float(times[n]) * settings.every_s,
            from_ns=int(per_time.time_ns[tracks.step[first[n]]]),
            lat_deg=float(np.degrees(tracks.place[first[n], 0])),
            lon_deg=float(np.degrees(tracks.place[first[n], 1])),
        )
        for n in range(min(WORST_MAX, len(track)))
    )
