"""What the score says of small scenes, each with one thing in it."""

import math
from typing import Any

import numpy as np
import pytest
from score_scenes import enu_to_geodetic, table, track_row, truth_row

from foedus.errors import FeedError
from foedus.score.commonality import commonality
from foedus.score.score import Scored, Settings, score_picture
from foedus.score.tables import truth_from_table, updates_from_table

TIMES = [5.0 * k for k in range(13)]


def at(make: Any, time_s: float, key: Any, east_m: float, north_m: float, **more: Any) -> Any:
    lat, lon, height = enu_to_geodetic(east_m, north_m, 0.0, lat_deg=46.0, lon_deg=180.0)
    return make(time_s, key, float(lat), float(lon), **{"height_m": float(height), **more})


def truth(
    name: str, east_m: float, north_m: float = 0.0, times: list[float] = TIMES, **more: Any
) -> list[Any]:
    return [at(truth_row, t, name, east_m, north_m, **more) for t in times]


def track(
    number: int, east_m: float, north_m: float = 0.0, times: list[float] = TIMES, **more: Any
) -> list[Any]:
    return [at(track_row, t, number, east_m, north_m, **more) for t in times]


def scored(truths: list[Any], tracks: list[Any], **settings: Any) -> Scored:
    rows = table(tracks) if tracks else table([track_row(0.0, 1, 0.0, 0.0)]).slice(0, 0)
    return score_picture(
        truth_from_table(table(truths)), updates_from_table(rows), Settings(**{"keep_s": 4.0, **settings})
    )


def test_a_missed_truth_and_a_false_track_cost_the_cutoff_together() -> None:
    score = scored(truth("A", 0.0), track(1, 5_000.0)).score
    assert score.gospa.mean_m == pytest.approx(1_000.0)
    assert (score.gospa.missed, score.gospa.false, score.gospa.localisation_m) == (1.0, 1.0, 0.0)
    assert (score.siap.completeness, score.siap.spuriousness) == (0.0, 1.0)
    assert score.siap.position_accuracy_m is None


def test_a_picture_without_tracks_misses_everything() -> None:
    score = scored(truth("A", 0.0) + truth("B", 9_000.0), []).score
    assert score.gospa.mean_m == pytest.approx(1_000.0)
    assert (score.siap.completeness, score.siap.ambiguity, score.siap.spuriousness) == (0.0, 1.0, 0.0)
    assert score.worst_missed[0].longest_missed_s == 65.0
    assert score.covariances.full.mean is None


@pytest.mark.parametrize(("power", "cutoff_m"), [(1.0, 500.0), (2.0, 1_000.0), (3.0, 800.0)])
def test_gospa_is_its_definition_for_any_power_and_cutoff(power: float, cutoff_m: float) -> None:
    tracks = track(1, 300.0) + track(2, 20_000.0)
    score = scored(truth("A", 0.0) + truth("B", 9_000.0), tracks, power=power, cutoff_m=cutoff_m).score
    expected = (300.0**power + 2.0 * cutoff_m**power / 2.0) ** (1.0 / power)
    assert score.gospa.mean_m == pytest.approx(expected, rel=1e-5)


def test_height_counts_only_if_asked_for() -> None:
    low = track(1, 300.0, height_m=400.0)
    assert scored(truth("A", 0.0), low).score.gospa.mean_m == pytest.approx(300.0, rel=1e-4)
    score = scored(truth("A", 0.0), low, with_height=True).score
    assert score.gospa.mean_m == pytest.approx(500.0, rel=1e-4)
    assert score.accuracy.height_m.median == pytest.approx(400.0, abs=0.1)
    unknown = track(1, 300.0, height_m=None)
    score = scored(truth("A", 0.0), unknown, with_height=True).score
    assert score.gospa.mean_m == pytest.approx(300.0, rel=1e-4)
    assert score.accuracy.height_m.values == 0
    assert score.siap.height_accuracy_m is None


def test_targets_side_by_side_do_not_swap_numbers_with_the_noise() -> None:
    random = np.random.default_rng(1)
    tracks = []
    for time_s in TIMES:
        noise = random.normal(0.0, 250.0, 4)
        tracks += [
            at(track_row, time_s, 1, noise[0], noise[1]),
            at(track_row, time_s, 2, 300.0 + noise[2], noise[3]),
        ]
    score = scored(truth("A", 0.0) + truth("B", 300.0), tracks).score
    assert score.switches == 0
    assert (score.siap.completeness, score.siap.ambiguity) == (1.0, 1.0)
    assert score.siap.longest_segment == 1.0


def test_two_tracks_that_begin_on_two_close_targets_take_one_each() -> None:
    """Nearest first would give both to A."""
    score = scored(truth("A", 0.0) + truth("B", 600.0), track(1, 0.0) + track(2, 250.0)).score
    assert score.siap.completeness == 1.0
    assert score.siap.ambiguity == 1.0


def test_a_second_track_on_a_target_is_ambiguous_and_no_switch() -> None:
    score = scored(truth("A", 0.0), track(1, 200.0) + track(2, 100.0, times=TIMES[4:])).score
    assert score.siap.ambiguity == pytest.approx((13 + 9) / 13)
    assert score.siap.position_accuracy_m == pytest.approx((13 * 200.0 + 9 * 100.0) / 22, rel=1e-4)
    assert score.switches == 0
    assert score.accuracy.position_m.median == pytest.approx(200.0, rel=1e-4)


def test_a_new_number_is_one_switch_and_the_worst_are_named() -> None:
    tracks = track(1, 0.0, times=TIMES[:4]) + track(2, 0.0, times=TIMES[8:])
    score = scored(truth("A", 9_000.0) + truth("B", 0.0), tracks + track(5, 30_000.0)).score
    assert score.switches == 1
    assert score.switches_per_truth_hour == pytest.approx(1.0 / (26 * 5.0 / 3_600.0))
    assert [one.target for one in score.worst_switched] == ["B"]
    assert [(one.target, one.longest_missed_s) for one in score.worst_missed] == [("A", 65.0), ("B", 20.0)]
    assert score.worst_missed[1].missed_from_ns == 20_000_000_000
    assert [(one.number, one.spurious_s) for one in score.worst_spurious] == [(5, 65.0)]
    assert score.siap.longest_segment == pytest.approx(4 / 24)


def test_along_is_ahead_and_across_is_to_the_right() -> None:
    east = {"velocity_east_m_s": 100.0, "velocity_north_m_s": 0.0}
    still = [at(truth_row, 0.0, "A", 0.0, 0.0, **east)]
    score = scored(still, [at(track_row, 0.0, 1, 30.0, -40.0, **east)]).score
    assert score.accuracy.along_m.rms == pytest.approx(30.0, rel=1e-4)
    assert score.accuracy.across_m.rms == pytest.approx(40.0, rel=1e-4)
    assert score.accuracy.position_m.rms == pytest.approx(50.0, rel=1e-4)


def test_percentiles_are_those_of_the_sizes() -> None:
    tracks = [at(track_row, time_s, 1, 10.0 * k, 0.0) for k, time_s in enumerate(TIMES)]
    found = scored(truth("A", 0.0), tracks).score.accuracy.position_m
    assert found.median == pytest.approx(60.0, rel=1e-4)
    assert found.p95 == pytest.approx(114.0, rel=1e-4)
    assert found.rms == pytest.approx(math.sqrt(sum((10.0 * k) ** 2 for k in range(13)) / 13), rel=1e-4)


def test_what_is_left_out_at_the_start_moves_no_evaluation_time() -> None:
    truths = truth("A", 0.0)
    whole, later = scored(truths, track(1, 50.0)), scored(truths, track(1, 50.0), from_s=12.0)
    assert later.per_time.time_ns.tolist() == whole.per_time.time_ns.tolist()[3:]
    assert later.score.truth_hours == pytest.approx(10 * 5.0 / 3_600.0)
    with pytest.raises(FeedError, match="expected more than the 61 s"):
        scored(truths, track(1, 50.0), from_s=61.0)


def test_a_coasting_track_counts_until_it_is_too_old() -> None:
    for keep_s, tracked in ((4.0, 1), (11.0, 3), (1_000.0, 13)):
        found = scored(truth("A", 0.0), track(1, 0.0, times=[0.0]), keep_s=keep_s)
        assert int(found.per_time.truths_tracked.sum()) == tracked


def test_members_that_see_the_same_have_it_in_common() -> None:
    truths = truth("A", 0.0) + truth("B", 9_000.0)
    both = scored(truths, track(1, 0.0) + track(2, 9_000.0))
    one = scored(truths, track(77, 100.0))
    half = scored(truths, track(5, 0.0, times=TIMES[:6]))
    alike = commonality(("x", "y"), (both, both))
    assert (alike.common, alike.of_truth, alike.pairs[0].apart_median_m) == (1.0, 1.0, 0.0)
    found = commonality(("both", "one", "half"), (both, one, half))
    assert found.common == pytest.approx(6 / 26)
    assert found.of_truth == pytest.approx(6 / 26)
    by_pair = {(pair.first, pair.second): pair for pair in found.pairs}
    assert by_pair["both", "one"].common == pytest.approx(13 / 26)
    assert by_pair["one", "half"].common == pytest.approx(6 / 13)
    assert by_pair["both", "one"].apart_median_m == pytest.approx(100.0, rel=1e-4)
