"""Do the members of a coalition see the same? Commonality of several pictures of the same truth.

SIAP asks that what participants hold in common agree. Here a member's picture agrees with another's in a
truth when both have a track on it. Track numbers are not compared: every recipient has its own.
"""

import itertools

import msgspec
import numpy as np

from foedus.geo import geodetic_to_ecef
from foedus.jit import kernel
from foedus.model import F64, I64
from foedus.score.score import Scored
from foedus.score.siap import ratio
from foedus.score.states import NONE


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two pictures."""

    first: str
    second: str
    common: float
    """Truths tracked in both / truths tracked in either, summed over the evaluation times."""
    apart_median_m: float | None
    """Median distance between the two tracks of a truth that both have; None if there is none."""


class Commonality(msgspec.Struct, frozen=True, kw_only=True):
    """Several pictures."""

    common: float
    """Truths tracked in all pictures / truths tracked in any, summed over the evaluation times; 1 is best."""
    of_truth: float
    """Truths tracked in all pictures / truths."""
    pairs: tuple[Pair, ...]


@kernel
def _fill_apart(a: F64, b: F64, out_m: F64) -> None:
    """Horizontal distance of places (n, 3), as the chord at height 0."""
    for i in range(out_m.shape[0]):
        x, y, z = geodetic_to_ecef(a[i, 0], a[i, 1], 0.0)
        u, v, w = geodetic_to_ecef(b[i, 0], b[i, 1], 0.0)
        out_m[i] = np.sqrt((x - u) ** 2 + (y - v) ** 2 + (z - w) ** 2)


def _apart(first: Scored, second: Scored, rows: I64) -> float | None:
    if len(rows) == 0:
        return None
    out_m = np.zeros(len(rows))
    a = first.tracks.place[first.following.follower[rows]]
    b = second.tracks.place[second.following.follower[rows]]
    _fill_apart(a, b, out_m)
    return float(np.median(out_m))


def commonality(names: tuple[str, ...], scored: tuple[Scored, ...]) -> Commonality:
    """Commonality of pictures that were scored against the same truth with the same settings."""
    assert len(names) == len(scored)
    tracked = np.array([one.following.follower != NONE for one in scored])
    pairs = []
    for a, b in itertools.combinations(range(len(names)), 2):
        both, either = tracked[a] & tracked[b], tracked[a] | tracked[b]
        common = ratio(float(both.sum()), float(either.sum()), 1.0)
        apart = _apart(scored[a], scored[b], np.flatnonzero(both))
        pairs.append(Pair(first=names[a], second=names[b], common=common, apart_median_m=apart))
    everyone = float(tracked.all(axis=0).sum())
    return Commonality(
        common=ratio(everyone, float(tracked.any(axis=0).sum()), 1.0),
        of_truth=ratio(everyone, float(tracked.shape[1]), 0.0),
        pairs=tuple(pairs),
    )
