"""Runs Stone Soup on prepared plots; needs numpy and Stone Soup only, and runs in their own environment.

`python -m bench.stonesoup_worker PLOTS.npz TRACKS.npz --variant gnn2d --q 600 --sector 1 --limit 300`;
peer_stonesoup.py writes the one file and reads the other. Extended Kalman filter, constant velocity, gate at
4 sigma of Mahalanobis distance, global nearest neighbour by 2-D assignment (gnn2d) or the same behind a KD-tree
that narrows the plots by Euclidean distance (kdtree); tracks from 3 associated points; held tracks end after
20 s without plot, others after 30 s.

A step is what one sensor saw in one sector of time, moved to the middle of it. That is how Stone Soup does best
here: the KD-tree demands one sensor and one time per step; and with plots of several sensors in one step, of two
plots of one target the second starts another track (S, q = 600, whole seconds: GOSPA 2,389 m against 1,646 m).
"""

import argparse
import math
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.dataassociator.tree import DetectionKDTreeGNN2D
from stonesoup.deleter.time import UpdateTimeDeleter
from stonesoup.functions import build_rotation_matrix
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.nonlinear import CartesianToElevationBearingRange
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.angle import Bearing, Elevation
from stonesoup.types.array import StateVector
from stonesoup.types.detection import Detection
from stonesoup.types.state import GaussianState
from stonesoup.types.update import Update
from stonesoup.updater.kalman import ExtendedKalmanUpdater

START = datetime(2026, 1, 1)  # naive, as Stone Soup's examples
GATE = 4.0
POINTS_MIN = 3
HELD_S, CONFIRMED_S = 20.0, 30.0
SPEED_SIGMA_M_S, CLIMB_SIGMA_M_S = 200.0, 30.0
"""Of a new track: an airliner within 1.3 sigma, the fastest target within 3."""
TREE_REACH = 15_000.0
"""Farther than the fastest fly between two looks. Angles count as metres in the tree: it prunes by range."""
POSITION = (0, 2, 4)
ORDER = [0, 2, 4, 1, 3, 5]  # from (x, vx, y, vy, z, vz) to positions, velocities


def rotation_angles(rotation: np.ndarray) -> StateVector:
    """The three angles from which Stone Soup builds this rotation."""
    x = math.atan2(-rotation[1, 2], rotation[2, 2])
    y = math.asin(rotation[0, 2])
    z = math.atan2(-rotation[0, 1], rotation[0, 0])
    angles = StateVector([[-x], [y], [-z]])
    assert np.allclose(build_rotation_matrix(angles), rotation, atol=1e-12)
    return angles


def make_models(given: Any) -> list[CartesianToElevationBearingRange]:
    """One measurement model per sensor: its place, its rotation from the common frame, its errors."""
    return [
        CartesianToElevationBearingRange(
            ndim_state=6,
            mapping=POSITION,
            noise_covar=np.diag(given["sigmas"][i] ** 2),
            translation_offset=StateVector(given["sites_m"][i]),
            rotation_offset=rotation_angles(given["rotations"][i]),
        )
        for i in range(len(given["sites_m"]))
    ]


def make_associator(variant: str, predictor: Any, updater: Any) -> Any:
    """One for the tracks, another of the same kind for those that the initiator holds."""
    hypothesiser = DistanceHypothesiser(predictor, updater, measure=Mahalanobis(), missed_distance=GATE)
    if variant == "kdtree":
        return DetectionKDTreeGNN2D(hypothesiser, predictor, updater, max_distance=TREE_REACH)
    return GNNWith2DAssignment(hypothesiser)


def make_tracker(variant: str, q: float, steps: Iterator[Any]) -> MultiTargetTracker:
    """The tracker on a stream of (time, detections)."""
    predictor = KalmanPredictor(CombinedLinearGaussianTransitionModel([ConstantVelocity(q)] * 3))
    updater = ExtendedKalmanUpdater(None)
    variances = [0.0, SPEED_SIGMA_M_S**2, 0.0, SPEED_SIGMA_M_S**2, 0.0, CLIMB_SIGMA_M_S**2]
    initiator = MultiMeasurementInitiator(
        prior_state=GaussianState(StateVector(np.zeros(6)), np.diag(variances), timestamp=START),
        deleter=UpdateTimeDeleter(timedelta(seconds=HELD_S)),
        data_associator=make_associator(variant, predictor, updater),
        updater=updater,
        min_points=POINTS_MIN,
    )
    return MultiTargetTracker(
        initiator=initiator,
        deleter=UpdateTimeDeleter(timedelta(seconds=CONFIRMED_S)),
        detector=steps,
        data_associator=make_associator(variant, predictor, updater),
        updater=updater,
    )


def make_steps(given: Any, sector_s: float) -> list[tuple[float, Any, int]]:
    """(end of the sector, (time, detections), plots) of every step."""
    models = make_models(given)
    slot = np.floor(given["time_s"] / sector_s).astype(np.int64)
    steps = []
    for sector in np.unique(slot).tolist():
        moment = START + timedelta(seconds=(sector + 0.5) * sector_s)
        for sensor in np.unique(given["sensor"][slot == sector]).tolist():
            rows = np.flatnonzero((slot == sector) & (given["sensor"] == sensor)).tolist()
            detections = {
                Detection(
                    StateVector(
                        [
                            Elevation(given["elevation_rad"][i]),
                            Bearing(0.5 * math.pi - given["azimuth_rad"][i]),
                            given["range_m"][i],
                        ]
                    ),
                    timestamp=moment,
                    measurement_model=models[sensor],
                )
                for i in rows
            }
            steps.append(((sector + 1) * sector_s, (moment, detections), len(rows)))
    return steps


class Sink:
    """Rows of confirmed tracks, one per update."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.rows: list[tuple[float, int, np.ndarray, np.ndarray]] = []

    def take(self, tracks: Any) -> None:
        for track in tracks:
            state = track.state
            if isinstance(state, Update):
                number = self.numbers.setdefault(track.id, len(self.numbers) + 1)
                time_s = (state.timestamp - START).total_seconds()
                self.rows.append((time_s, number, state.state_vector, state.covar))


def run(given: Any, variant: str, q: float, sector_s: float, limit_s: float) -> dict[str, Any]:
    """Everything that was tracked within the limit."""
    steps = make_steps(given, sector_s)
    tracker = make_tracker(variant, q, (content for _, content, _ in steps))
    sink = Sink()
    plots, reached_s = 0, 0.0
    stream = iter(tracker)
    wall, cpu = time.perf_counter(), time.process_time()
    for i, (end_s, _, count) in enumerate(steps):
        _, tracks = next(stream)
        sink.take(tracks)
        plots += count
        if i + 1 == len(steps) or steps[i + 1][0] > end_s:
            reached_s = end_s
            if time.perf_counter() - wall > limit_s:
                break
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    state = np.array([np.asarray(row[2], float).ravel()[ORDER] for row in sink.rows]).reshape(-1, 6)
    covariance = np.array([np.asarray(row[3], float)[np.ix_(ORDER, ORDER)] for row in sink.rows])
    return {
        "time_s": np.array([row[0] for row in sink.rows]),
        "number": np.array([row[1] for row in sink.rows], np.int64),
        "state": state,
        "covariance": covariance.reshape(-1, 6, 6),
        "reached_s": reached_s,
        "plots": plots,
        "wall_s": wall,
        "cpu_s": cpu,
    }


def main() -> None:
    """Read plots, track, write tracks."""
    parser = argparse.ArgumentParser(prog="python -m bench.stonesoup_worker", description=__doc__)
    parser.add_argument("plots")
    parser.add_argument("tracks")
    parser.add_argument("--variant", choices=("gnn2d", "kdtree"), default="gnn2d")
    parser.add_argument("--q", type=float, default=600.0)
    parser.add_argument("--sector", type=float, default=1.0)
    parser.add_argument("--limit", type=float, default=300.0)
    asked = parser.parse_args()
    with np.load(asked.plots) as given:
        found = run(dict(given), asked.variant, asked.q, asked.sector, asked.limit)
    np.savez(asked.tracks, **found)


if __name__ == "__main__":
    main()
