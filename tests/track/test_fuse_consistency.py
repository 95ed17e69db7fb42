"""No observation counts twice, whatever the path: Monte Carlo runs of fused estimates against the truth.

NEES here is the mean of |error|^2 / (2 sigma^2) over all aircraft, 1 for an honest sigma. The errors of
different aircraft are independent, so for TARGETS of them 99.9 % of honest means lie below NEES_MAX.
"""

import itertools
import math

import numpy as np
import pytest
from fuse_scenes import Tracker, errors_m, fly, places_rad

from foedus.limits import MEMBERS_MAX
from foedus.model import F64, SECOND_NS, TrackClass, Tracks, TrackStatus, take
from foedus.track import Fuser
from foedus.track.convert import COARSE_SIGMA_M

TARGETS = 600
NEES_MAX = 1.0 + 3.1 * math.sqrt(1.0 / TARGETS)
SECONDS = (40, 47, 53, 59)
CALM, AIRLINER, LIVELY = 5.0, 60.0, 600.0
OWN, A, B, HUB = range(4)


def nees(fuser: Fuser, picture: Tracks, truth: F64) -> float:
    """Over the rows behind which all parties stand that stand behind any."""
    everyone = int(np.bitwise_or.reduce(picture.sources))
    full = take(picture, picture.sources == everyone)
    assert len(full.number) > 0.95 * TARGETS, "pairing lost too many rows to judge"
    first = (everyone & -everyone).bit_length() - 1
    theirs = {number: row for bit, row, number in fuser.pairs() if bit == first}
    who = np.array([theirs[number] for number in full.number.tolist()], np.int32)
    errors = errors_m(full, who, truth)
    return float(((errors**2).sum(axis=1) / full.position_sigma_m**2).mean() / 2.0)


# ---------------------------------------------------------------- nothing in common but the aircraft


@pytest.mark.parametrize("noise", [CALM, AIRLINER, LIVELY])
@pytest.mark.parametrize(
    "trackers",
    [
        [Tracker(60, 4), Tracker(60, 4)],
        [Tracker(60, 4), Tracker(60, 4, 3)],
        [Tracker(60, 4), Tracker(100, 10, 3)],
        [Tracker(300, 10), Tracker(300, 10, 5)],
        [Tracker(200, 10, phase) for phase in (0, 2, 4, 6, 8)],
    ],
    ids=["in step", "out of step", "unequal", "slow", "five"],
)
def test_independent_parties_fuse_to_an_honest_sigma(trackers: list[Tracker], noise: float) -> None:
    scene = fly(trackers, targets=TARGETS, noise=noise, seed=11)
    for second in SECONDS:
        fuser = Fuser()
        sources = [(bit, sent[second]) for bit, sent in enumerate(scene.sent)]
        picture = fuser.update(sources, now_ns=second * SECOND_NS)
        assert 0.6 < nees(fuser, picture, scene.truth) < NEES_MAX


def test_five_independent_parties_see_better_than_the_best_of_them() -> None:
    scene = fly([Tracker(60, 4)] * 5, targets=TARGETS, noise=AIRLINER, seed=12)
    best = scene.sent[0][40]
    picture = Fuser().update([(bit, sent[40]) for bit, sent in enumerate(scene.sent)], now_ns=40 * SECOND_NS)
    assert picture.position_sigma_m.max() < 0.75 * best.position_sigma_m.min()


def old_rows(senders: int, age_s: int, noise: float) -> float:
    """Worst NEES of rows that are age_s old beside a new one that knows nearly nothing."""
    trackers = [Tracker(300, 4)] * senders + [Tracker(3_000, 1)]
    scene = fly(trackers, targets=TARGETS, noise=noise, seed=17)
    results = []
    for second in SECONDS:
        fuser = Fuser()
        sources = [(bit, sent[second - age_s]) for bit, sent in enumerate(scene.sent[:-1])]
        sources.append((senders, scene.sent[-1][second]))
        picture = fuser.update(sources, now_ns=second * SECOND_NS)
        results.append(nees(fuser, picture, scene.truth))
    return max(results)


@pytest.mark.parametrize("noise", [CALM, AIRLINER, LIVELY])
@pytest.mark.parametrize(("senders", "age_s"), [(1, 5), (1, 12), (2, 12), (4, 20)])
def test_rows_of_the_same_age_do_not_know_together_what_neither_saw(
    senders: int, age_s: int, noise: float
) -> None:
    assert old_rows(senders, age_s, noise) < NEES_MAX


# ---------------------------------------------------------------- one observation by two paths


def by_two_paths(via_hub: int, parts: tuple[int, ...], noise: float) -> float:
    """Mean NEES where A and B report to a hub that fuses them, and `parts` reach the one who looks."""
    scene = fly([Tracker(60, 4)] * 3, targets=TARGETS, noise=noise, seed=13)
    hub, results = Fuser(), []
    for second in SECONDS:
        sent = [party[second] for party in scene.sent]
        sent.append(hub.update([(A, sent[A]), (B, sent[B])], now_ns=second * SECOND_NS))
        fuser = Fuser([1 << OWN, 1 << A, 1 << B, via_hub])
        picture = fuser.update([(part, sent[part]) for part in parts], now_ns=second * SECOND_NS)
        results.append(nees(fuser, picture, scene.truth))
    return float(np.mean(results))


@pytest.mark.parametrize("noise", [CALM, AIRLINER, LIVELY])
@pytest.mark.parametrize("parts", [(A, HUB), (A, B, HUB), (OWN, A, HUB), (OWN, A, B, HUB)])
def test_what_comes_directly_and_through_the_hub_counts_once(parts: tuple[int, ...], noise: float) -> None:
    assert by_two_paths(1 << A | 1 << B, parts, noise) < NEES_MAX


@pytest.mark.parametrize("noise", [CALM, AIRLINER])
def test_taking_the_hub_for_a_party_of_its_own_would_be_noticed(noise: float) -> None:
    """The same comparison with a planted bug: a via set that names the sender only."""
    assert by_two_paths(1 << HUB, (A, B, HUB), noise) > NEES_MAX


# ---------------------------------------------------------------- any path at all


def woven(seed: int, *, honest: bool) -> float:
    """NEES of five senders' rows, each a mean of random observations of six parties, more named than used."""
    random = np.random.default_rng(seed)
    observed = random.normal(0.0, 100.0, (6, TARGETS, 2))
    via, sources = [], []
    for sender in range(5):
        named = np.flatnonzero(random.random(6) < 0.5)
        named = named if len(named) else random.integers(0, 6, 1)
        used = random.choice(named, random.integers(1, len(named) + 1), replace=False)
        sources.append((sender, still(observed[used].mean(axis=0), 100.0 / math.sqrt(len(used)))))
        via.append(sum(1 << int(party) for party in named) if honest else 1 << sender)
    fuser = Fuser(via)
    return nees(fuser, fuser.update(sources, now_ns=0), np.zeros((1, TARGETS, 2, 2)))


def still(offset_m: F64, sigma_m: float) -> Tracks:
    """Aircraft that hover at their places, seen at those offsets."""
    count = len(offset_m)
    lat_rad, lon_rad = places_rad(offset_m)
    return Tracks.empty(count)._replace(
        number=np.arange(1, count + 1, dtype=np.int32),
        status=np.full(count, TrackStatus.CONFIRMED, np.int8),
        lat_rad=lat_rad,
        lon_rad=lon_rad,
        height_m=np.full(count, math.nan),
        position_sigma_m=np.full(count, sigma_m),
        velocity_sigma_m_s=np.full(count, 10.0),
    )


def test_rows_woven_from_each_others_observations_stay_honest() -> None:
    assert max(woven(seed, honest=True) for seed in range(40)) < NEES_MAX


def test_rows_woven_in_secret_would_be_noticed() -> None:
    """The same with via sets that name the sender only: the comparison can fail."""
    assert sum(woven(seed, honest=False) > NEES_MAX for seed in range(40)) > 20


# ---------------------------------------------------------------- the aircraft's own words, and cells


def one(sigma_m: float, *, north_m: float = 0.0, track_class: int = TrackClass.UNIDENTIFIED) -> Tracks:
    return still(np.array([[0.0, north_m]]), sigma_m)._replace(track_class=np.array([track_class], np.int8))


def sigma_of(*sources: Tracks, via: tuple[int, ...] = ()) -> float:
    picture = Fuser(via).update(list(enumerate(sources)), now_ns=0)
    assert len(picture.number) == 1
    return float(picture.position_sigma_m[0])


def test_what_an_aircraft_says_of_itself_counts_once_however_many_hear_it() -> None:
    said = np.random.default_rng(14).normal(0.0, 100.0, (TARGETS, 2))
    for track_class, honest in ((TrackClass.COOPERATIVE, True), (TrackClass.UNIDENTIFIED, False)):
        heard = still(said, 100.0)._replace(track_class=np.full(TARGETS, track_class, np.int8))
        fuser = Fuser()
        picture = fuser.update([(bit, heard) for bit in range(5)], now_ns=0)
        assert (nees(fuser, picture, np.zeros((1, TARGETS, 2, 2))) < NEES_MAX) == honest


def test_a_radar_that_hears_no_answer_is_independent_of_what_the_aircraft_says() -> None:
    answering = one(100.0, track_class=TrackClass.COOPERATIVE)
    assert sigma_of(answering, answering) == pytest.approx(100.0)
    assert sigma_of(answering, one(100.0)) < 85.0


def test_two_middles_of_one_cell_are_no_better_than_one() -> None:
    assert sigma_of(one(COARSE_SIGMA_M), one(COARSE_SIGMA_M)) == pytest.approx(COARSE_SIGMA_M)
    assert sigma_of(one(COARSE_SIGMA_M / 2), one(COARSE_SIGMA_M / 2)) < 0.45 * COARSE_SIGMA_M


# ---------------------------------------------------------------- as good as once, to the bit


def estimate(picture: Tracks) -> list[bytes]:
    return [picture.lat_rad.tobytes(), picture.lon_rad.tobytes(), *(c.tobytes() for c in picture[5:12])]


@pytest.mark.parametrize("copies", [1, 3])
def test_the_same_row_by_more_paths_is_as_good_as_once_to_the_bit(copies: int) -> None:
    own, theirs = one(80.0, north_m=30.0), one(70.0, north_m=-20.0)
    via = [0b1, 0b10, *[0b10] * copies]
    twice = Fuser(via).update([(0, own), (1, theirs), *((2 + n, theirs) for n in range(copies))], now_ns=0)
    once = Fuser(via).update([(0, own), (1, theirs)], now_ns=0)
    assert estimate(twice) == estimate(once)
    assert twice.sources.tolist() == [(1 << 2 + copies) - 1]


@pytest.mark.parametrize("sigma_m", [70.0, 71.0, 200.0, COARSE_SIGMA_M, 9_000.0])
def test_a_row_inside_a_better_one_confirms_and_names_and_does_not_move_it(sigma_m: float) -> None:
    own, better = one(90.0), one(70.0, north_m=25.0)
    worse = one(sigma_m, north_m=140.0)._replace(callsign=np.array([77]))
    via = (0b1, 0b110, 0b10)
    with_it = Fuser(via).update([(0, own), (1, better), (2, worse)], now_ns=0)
    without = Fuser(via).update([(0, own), (1, better)], now_ns=0)
    assert estimate(with_it) == estimate(without)
    assert with_it.callsign.tolist() == [77]
    assert with_it.sources.tolist() == [0b111]


def test_the_order_of_parties_does_not_change_a_bit_of_the_estimate() -> None:
    random = np.random.default_rng(15)
    for _ in range(20):
        via = [int(bits) for bits in random.integers(1, 64, 4)]
        sources = [
            (bit, one(float(random.choice([60.0, 60.0, 90.0])), north_m=float(random.normal(0, 40))))
            for bit in range(4)
        ]
        results = [
            estimate(Fuser(via).update(list(order), now_ns=0)) for order in itertools.permutations(sources)
        ]
        assert all(result == results[0] for result in results)


# ---------------------------------------------------------------- sigmas by hand


def test_two_independent_rows_fuse_as_rows_of_correlation_0_3_do() -> None:
    # Bar-Shalom, Campo (1986): (a^2 b^2 - c^2) / (a^2 + b^2 - 2 c), c = 0.3 a b.
    a, b, c = 100.0, 200.0, 0.3 * 100.0 * 200.0
    expected = math.sqrt((a * a * b * b - c * c) / (a * a + b * b - 2.0 * c))
    assert sigma_of(one(a), one(b)) == pytest.approx(expected)


def test_a_row_much_worse_than_the_best_counts_for_nothing() -> None:
    assert sigma_of(one(100.0), one(334.0)) == 100.0
    assert sigma_of(one(100.0), one(201.0), via=(0b01, 0b11)) == 100.0


def test_overlapping_rows_share_the_weight_and_the_sigma_allows_for_the_worst() -> None:
    # Weights of correlation 0.5, sigma w_a a + w_b b of correlation 1; covariance intersection says more.
    a, b = 100.0, 120.0
    weight = (a * a - 0.5 * a * b) / (a * a + b * b - a * b)
    sigma = sigma_of(one(a), one(b), via=(0b011, 0b110))
    assert sigma == pytest.approx((1.0 - weight) * a + weight * b)
    assert a < sigma < math.sqrt((a**-2 + b**-2) / (a**-4 + b**-4))


def test_no_sigma_is_above_the_best_row_unless_rows_overlap() -> None:
    random = np.random.default_rng(16)
    for _ in range(50):
        sigmas = random.uniform(20.0, 3_000.0, 5)
        fused = sigma_of(*(one(float(sigma)) for sigma in sigmas))
        assert fused <= sigmas.min() * (1.0 + 1e-12)


def test_as_many_parties_as_there_may_be_fuse() -> None:
    assert sigma_of(*(one(100.0) for _ in range(MEMBERS_MAX))) == pytest.approx(
        100.0 * math.sqrt(0.3 + 0.7 / MEMBERS_MAX)
    )
