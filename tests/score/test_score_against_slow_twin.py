"""The whole score against a slow twin: dictionaries, loops, PROJ for places and scipy for assignments."""

import itertools
import math
from typing import Any

import numpy as np
import pyproj
import pytest
from scipy.optimize import linear_sum_assignment
from score_scenes import SECOND_NS, VELOCITY, random_scene, table

from foedus.score.score import Scored, Settings, score_picture
from foedus.score.tables import truth_from_table, updates_from_table

CUTOFF_M = 1_000.0
KEEP_S = 12.0
EVERY_S = 5.0
TO_ECEF = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
FROM_ECEF = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)


def axes(lat_deg: float, lon_deg: float) -> Any:
    """East, north, up as rows."""
    lat, lon = math.radians(lat_deg), math.radians(lon_deg)
    return np.array(
        [
            [-math.sin(lon), math.cos(lon), 0.0],
            [-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat)],
            [math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)],
        ]
    )


def ecef(one: dict[str, Any], height_m: float) -> Any:
    return np.array(TO_ECEF.transform(one["lon_deg"], one["lat_deg"], height_m))


def velocity(one: dict[str, Any]) -> Any:
    return axes(one["lat_deg"], one["lon_deg"]).T @ np.array([one[name] for name in VELOCITY])


def forward(one: dict[str, Any], dt_s: float) -> dict[str, Any]:
    """A track row, straight on."""
    at = ecef(one, one["height_m"]) + dt_s * velocity(one)
    lon, lat, height = FROM_ECEF.transform(*at)
    east, north, up = axes(lat, lon) @ velocity(one)
    moved = {"lat_deg": lat, "lon_deg": lon, "height_m": height}
    return {**one, **moved, **dict(zip(VELOCITY, (east, north, up), strict=True))}


def gap(truth: dict[str, Any], track: dict[str, Any]) -> Any:
    """East and north from truth to track, at the height of the truth."""
    apart = ecef(track, truth["height_m"]) - ecef(truth, truth["height_m"])
    return (axes(truth["lat_deg"], truth["lon_deg"]) @ apart)[:2]


def velocity_error(truth: dict[str, Any], track: dict[str, Any]) -> float:
    level = {**track, VELOCITY[2]: 0.0}
    seen = axes(truth["lat_deg"], truth["lon_deg"]) @ velocity(level)
    return float(np.hypot(seen[0] - truth[VELOCITY[0]], seen[1] - truth[VELOCITY[1]]))


def scene_at(rows: list[Any], time_s: float) -> dict[int, Any]:
    """Tracks that count, by number."""
    newest: dict[int, Any] = {}
    for one in sorted(rows, key=lambda one: one["time_ns"]):
        if one["time_ns"] <= time_s * SECOND_NS:
            newest[one["number"]] = one
    ages = {number: time_s - one["time_ns"] / SECOND_NS for number, one in newest.items()}
    return {n: forward(one, ages[n]) for n, one in sorted(newest.items()) if ages[n] < KEEP_S}


def one_to_one(distances: dict[tuple[str, int], float], power: float) -> dict[str, int]:
    """Least total of d^p over pairs and c^p over truths without one; scipy's dense assignment."""
    names, numbers = sorted({a for a, _ in distances}), sorted({b for _, b in distances})
    cost = np.full((len(names), len(numbers) + len(names)), CUTOFF_M**power)
    for (a, b), distance in distances.items():
        cost[names.index(a), numbers.index(b)] = min(distance, CUTOFF_M) ** power
    at_row, at_column = linear_sum_assignment(cost)
    return {
        names[i]: numbers[j]
        for i, j in zip(at_row, at_column, strict=True)
        if j < len(numbers) and distances.get((names[i], numbers[j]), math.inf) < CUTOFF_M
    }


def gospa_by_hand(truths: int, tracks: int, distances: dict[tuple[str, int], float]) -> float:
    pairs = one_to_one(distances, 2.0)
    alone = truths + tracks - 2 * len(pairs)
    return math.sqrt(sum(distances[pair] ** 2 for pair in pairs.items()) + CUTOFF_M**2 / 2.0 * alone)


def fewest_changes(held: list[list[int]]) -> int:
    """By trying every way to name one track at each time."""
    best: dict[int, int] = {}
    for options in held:
        before = best
        best = {b: min([before[a] + (a != b) for a in before] or [0]) for b in options}
    return min(best.values(), default=0)


class Twin:
    """The score by hand."""

    def __init__(self, truth: list[Any], tracks: list[Any]) -> None:
        first = min(one["time_ns"] for one in truth) // SECOND_NS
        last = max(one["time_ns"] for one in truth) // SECOND_NS
        self.gospa: list[float] = []
        self.sums = dict.fromkeys(["J", "JT", "N", "NA"], 0)
        self.position: list[float] = []
        self.velocity: list[float] = []
        self.held: dict[str, dict[float, list[int]]] = {one["target"]: {} for one in truth}
        self.primary: dict[str, list[int]] = {one["target"]: [] for one in truth}
        before: dict[str, int] = {}
        for time_s in np.arange(first, last + 1, EVERY_S):
            now = {one["target"]: one for one in truth if one["time_ns"] == time_s * SECOND_NS}
            seen = scene_at(tracks, time_s)
            before = self.step(float(time_s), now, seen, before)

    def step(
        self, time_s: float, now: dict[str, Any], seen: dict[int, Any], before: dict[str, int]
    ) -> dict[str, int]:
        distances = {(a, b): float(np.hypot(*gap(now[a], seen[b]))) for a in now for b in seen}
        self.gospa.append(gospa_by_hand(len(now), len(seen), distances))
        near = {pair: distance for pair, distance in distances.items() if distance < CUTOFF_M}
        follows = {a: b for a, b in before.items() if (a, b) in near}
        rest = {
            (a, b): distance
            for (a, b), distance in near.items()
            if a not in follows and b not in follows.values()
        }
        follows |= one_to_one(rest, 2.0)
        belongs = {b: a for a, b in follows.items()}
        for b in seen:
            nearest = min(((near[a, b], a) for a in now if (a, b) in near), default=None)
            if nearest is not None:
                belongs.setdefault(b, nearest[1])
        for key, size in {"J": now, "JT": set(belongs.values()), "N": seen, "NA": belongs}.items():
            self.sums[key] += len(size)
        self.position += [near[a, b] for b, a in belongs.items()]
        self.velocity += [velocity_error(now[a], seen[b]) for b, a in belongs.items()]
        for a in now:
            self.held[a][time_s] = [b for b in belongs if belongs[b] == a]
        for a, b in follows.items():
            self.primary[a].append(b)
        return follows

    def switches(self) -> int:
        return sum(a != b for path in self.primary.values() for a, b in itertools.pairwise(path))

    def changes(self) -> int:
        return sum(fewest_changes([one for one in held.values() if one]) for held in self.held.values())

    def steps(self) -> tuple[int, int, int]:
        """(held, longest, lived) steps over all targets."""
        held = longest = lived = 0
        for path in self.held.values():
            runs: dict[int, int] = {}
            most = 0
            for time_s, tracks in path.items():
                previous = path.get(time_s - EVERY_S)
                lived += previous is not None
                stay = [b for b in tracks if previous is not None and b in previous]
                held += bool(stay)
                runs = {b: runs.get(b, 0) + 1 for b in stay}
                most = max([most, *runs.values()])
            longest += most
        return held, longest, lived


def scored(truth: list[Any], tracks: list[Any]) -> Scored:
    settings = Settings(every_s=EVERY_S, keep_s=KEEP_S, cutoff_m=CUTOFF_M)
    return score_picture(truth_from_table(table(truth)), updates_from_table(table(tracks)), settings)


def without_doubles(tracks: list[Any]) -> list[Any]:
    """One row for each number and time, the last."""
    return list({(one["number"], one["time_ns"]): one for one in tracks}.values())


PLACES = [(46.0, 8.0), (-17.0, 180.0), (89.95, 30.0), (0.0, -179.99)]


@pytest.mark.parametrize("seed", range(24))
def test_every_number_is_that_of_the_twin(seed: int) -> None:
    lat_deg, lon_deg = PLACES[seed % len(PLACES)]
    truth, tracks = random_scene(seed, lat_deg=lat_deg, lon_deg=lon_deg)
    tracks = without_doubles(tracks)
    found, twin = scored(truth, tracks), Twin(truth, tracks)
    score = found.score
    np.testing.assert_allclose(found.per_time.gospa_m, twin.gospa, rtol=1e-6, atol=1e-3)
    assert score.gospa.mean_m == pytest.approx(np.mean(twin.gospa), rel=1e-6)
    sums = twin.sums
    assert found.per_time.truths.sum() == sums["J"]
    assert score.siap.completeness == sums["JT"] / sums["J"]
    assert score.siap.ambiguity == (sums["NA"] / sums["JT"] if sums["JT"] else 1.0)
    assert score.siap.spuriousness == ((sums["N"] - sums["NA"]) / sums["N"] if sums["N"] else 0.0)
    assert score.switches == twin.switches()
    held, longest, lived = twin.steps()
    rate = twin.changes() / (held * EVERY_S) * 3_600.0 if held else 0.0
    assert score.siap.number_changes_per_hour == pytest.approx(rate)
    assert score.siap.longest_segment == pytest.approx(longest / lived if lived else 0.0)
    if twin.position:
        assert score.siap.position_accuracy_m == pytest.approx(np.mean(twin.position), rel=1e-6)
        assert score.siap.velocity_accuracy_m_s == pytest.approx(np.mean(twin.velocity), rel=1e-6, abs=1e-6)


def test_the_scenes_are_worth_it() -> None:
    """Together they have doubles, false tracks, misses, switches, and fewer changes than switches."""
    scores = [scored(*random_scene(seed)).score for seed in range(24)]
    assert sum(score.switches for score in scores) > 20
    assert sum(score.siap.number_changes_per_hour > 0.0 for score in scores) > 4
    assert max(score.siap.ambiguity for score in scores) > 1.2
    assert max(score.siap.spuriousness for score in scores) > 0.2
    assert min(score.siap.completeness for score in scores) < 0.6
