"""GOSPA: how far a set of tracks is from the set of truths, in metres, with what that is made of.

Rahmathullah, Garcia-Fernandez, Svensson, Generalized optimal sub-pattern assignment metric, 20th
International Conference on Information Fusion (2017), definition 1 and proposition 1 with alpha = 2:

    d^p = min over assignments ( sum over assigned pairs of d(x, y)^p + c^p / 2 * (missed + false) )

where only pairs closer than the cutoff c may be assigned, missed truths have no track, and false tracks no
truth. The decomposition is that of the same assignment.
"""

from typing import NamedTuple

import numpy as np

from foedus.model import I64
from foedus.score.pairs import Pairs
from foedus.track.matching import NOBODY, Matching, assign_pairs, make_matching


class Gospa(NamedTuple):
    """GOSPA at one time."""

    distance_m: float
    localisation_m: (
        float  # (sum of d^p over assigned pairs)^(1/p): what is left when nothing is missed or false
    )
    assigned: int
    missed: int
    false: int


def load_pairs(pairs: Pairs, tracks: int, *, cutoff_m: float, power: float) -> Matching:
    """The assignment problem: truths are rows; a truth left alone costs the cutoff.

    A pair in place of a missed and a false one saves c^p and costs d^p.
    """
    truths = len(pairs.starts) - 1
    # Without a cut: the score is judged by the true optimum.
    matching = make_matching(truths, tracks, len(pairs.tracks), reach_max=max(1, tracks))
    matching.starts[:] = pairs.starts
    matching.columns[:] = pairs.tracks
    matching.costs[:] = pairs.distances_m**power
    matching.misses[:] = cutoff_m**power
    return matching


def gospa(pairs: Pairs, tracks: int, *, cutoff_m: float, power: float) -> tuple[Gospa, I64]:
    """(GOSPA of truths against so many tracks, the track of each truth or -1)."""
    matching = load_pairs(pairs, tracks, cutoff_m=cutoff_m, power=power)
    truths = len(pairs.starts) - 1
    cuts = assign_pairs(matching, truths)
    assert cuts == 0
    chosen = matching.chosen
    of_pair = np.repeat(np.arange(truths), np.diff(pairs.starts))
    used = chosen[of_pair] == pairs.tracks
    localisation = float(np.sum(pairs.distances_m[used] ** power))
    assigned = int(np.count_nonzero(chosen != NOBODY))
    missed, false = truths - assigned, tracks - assigned
    total = localisation + 0.5 * cutoff_m**power * (missed + false)
    result = Gospa(total ** (1.0 / power), localisation ** (1.0 / power), assigned, missed, false)
    return result, chosen
