"""Writes tests/score/scenes/: small scenes, and what Stone Soup 1.9.1 makes of them.

Needs an environment of its own, with stonesoup==1.9.1 (which brings numpy and pymap3d):
`python scripts/score_reference.py`. Stone Soup is no dependency of foedus; the tests read the files. The
scenes are made in a plane that touches the earth in their middle; pymap3d puts them on WGS-84.
"""

import csv
import datetime
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pymap3d
from stonesoup.dataassociator.tracktotrack import TrackToTruth
from stonesoup.measures import Euclidean
from stonesoup.metricgenerator.manager import MultiManager
from stonesoup.metricgenerator.ospametric import GOSPAMetric
from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
from stonesoup.types.state import State
from stonesoup.types.track import Track

FOLDER = Path(__file__).parents[1] / "tests" / "score" / "scenes"
EVERY_S = 5
START = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
HEIGHT_M = 0.0
CUTOFF_M = 1_000.0

VELOCITY = ("velocity_east_m_s", "velocity_north_m_s", "velocity_up_m_s")


def line(first, last, east, north, velocity_east, velocity_north, noise_m=0.0, random=None):
    """Evaluation time -> east, north in metres, velocity in m/s: straight on from where it is at time 0.

    noise_m: sigma per axis of the positions; of the velocities it is a tenth of it a second.
    """
    path = {}
    for k in range(first, last + 1):
        off = random.normal(0.0, noise_m, 2) if random is not None else np.zeros(2)
        push = random.normal(0.0, 0.1 * noise_m, 2) if random is not None else np.zeros(2)
        t = k * EVERY_S
        path[k] = (
            float(east + velocity_east * t + off[0]),
            float(north + velocity_north * t + off[1]),
            float(velocity_east + push[0]),
            float(velocity_north + push[1]),
        )
    return path


def plain():
    """Late starts, early ends, a false track, a second track for a while, a handover with overlap."""
    r = np.random.default_rng(7)
    lines = [
        (-9_000, -4_000, 120, 30),
        (0, 5_000, -60, -90),
        (8_000, -3_000, -150, 80),
        (3_000, 9_000, 20, -40),
    ]
    truth = {f"T{i}": line(0, 24, *one) for i, one in enumerate(lines)}
    truth["T3"] = line(6, 18, *lines[3])
    tracks = {
        1: line(2, 24, *lines[0], 90, r),
        2: line(0, 13, *lines[1], 120, r),
        3: line(11, 24, *lines[1], 120, r),
        4: line(3, 20, *lines[2], 200, r),
        5: line(8, 15, *lines[2], 260, r),
        6: line(8, 21, *lines[3], 80, r),
        7: line(5, 9, -2_000, 14_000, 10, 0, 50, r),
    }
    return truth, tracks


def breaks():
    """One truth whose track is lost and found again under the same number; one under another number."""
    r = np.random.default_rng(8)
    lines = [(-9_000, -4_000, 120, 30), (4_000, 5_000, -60, -90)]
    truth = {f"T{i}": line(0, 30, *one) for i, one in enumerate(lines)}
    first = line(0, 10, *lines[0], 60, r) | line(16, 30, *lines[0], 60, r)
    tracks = {1: first, 2: line(0, 12, *lines[1], 60, r), 3: line(17, 30, *lines[1], 60, r)}
    return truth, tracks


def crossing():
    """Two targets cross, and their tracks swap: 1 goes on with the other target."""
    lines = [(-3_000, 50, 60, 0), (0, -2_950, 0, 60)]
    truth = {f"T{i}": line(0, 24, *one) for i, one in enumerate(lines)}
    tracks = {
        1: line(0, 10, *lines[0]) | line(11, 24, *lines[1]),
        2: line(0, 10, *lines[1]) | line(11, 24, *lines[0]),
    }
    return truth, tracks


def crowd():
    """Twelve targets and fourteen tracks in four by four kilometres: assignments that collide."""
    r = np.random.default_rng(9)
    truth = {}
    tracks = {}
    for i in range(12):
        one = (*r.uniform(-2_000, 2_000, 2), *r.uniform(-20, 20, 2))
        truth[f"T{i:02d}"] = line(0, 12, *one)
        tracks[i + 1] = line(int(r.integers(0, 3)), int(r.integers(9, 13)), *one, 300, r)
    for i in range(2):
        tracks[20 + i] = line(0, 12, *r.uniform(-2_000, 2_000, 2), 0, 0, 300, r)
    return truth, tracks


SCENES = {"plain": plain, "breaks": breaks, "crossing": crossing, "crowd": crowd}
ONLY_GOSPA = ("crowd",)
"""Here the nearest truth of a track changes from time to time, and Stone Soup's TrackToTruth ends in a
ValueError where it stays for one time only ("Must have left < right")."""
CENTRES = {"plain": (46.5, 8.0), "breaks": (-33.0, 179.99), "crossing": (64.0, -21.0), "crowd": (0.0, 0.0)}


def write(name, kind, key, paths):
    """One CSV file in the schema of docs/scoring.md."""
    lat0, lon0 = CENTRES[name]
    with (FOLDER / f"{name}_{kind}.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["time_ns", key, "lat_deg", "lon_deg", "height_m", *VELOCITY])
        for label, path in paths.items():
            for k, (east, north, velocity_east, velocity_north) in path.items():
                # The plane touches the earth; the place below counts, so the height is that of the ellipsoid.
                lat, lon, _ = pymap3d.enu2geodetic(east, north, 0.0, lat0, lon0, 0.0)
                time_ns = int((START.timestamp() + k * EVERY_S) * 1_000_000_000)
                place = [f"{lat:.9f}", f"{(lon + 180.0) % 360.0 - 180.0:.9f}", HEIGHT_M]
                out.writerow([time_ns, label, *place, f"{velocity_east:.6f}", f"{velocity_north:.6f}", 0.0])


def instant(k):
    return START + datetime.timedelta(seconds=k * EVERY_S)


def states(kind, path):
    return [kind(np.array([[e], [u], [n], [v]]), timestamp=instant(k)) for k, (e, n, u, v) in path.items()]


def unbroken(path):
    """The path cut where a time is missing: Stone Soup's SIAPMetrics ends in an IndexError there."""
    edges = [k for k in path if k - 1 not in path]
    return [{k: path[k] for k in path if a <= k < b} for a, b in zip(edges, [*edges[1:], 10**9], strict=True)]


def reference(truth, tracks, *, with_siap):
    """GOSPA at each time and the SIAP metrics over all."""
    position = Euclidean(mapping=[0, 2])
    siap = SIAPMetrics(
        position_measure=position, velocity_measure=Euclidean(mapping=[1, 3]), generator_name="siap",
        tracks_key="tracks", truths_key="truth",
    )  # fmt: skip
    gospa = GOSPAMetric(
        p=2, c=CUTOFF_M, measure=position, generator_name="gospa", tracks_key="tracks", truths_key="truth"
    )
    nearest = TrackToTruth(
        association_threshold=CUTOFF_M, consec_pairs_confirm=1, consec_misses_end=1, measure=position
    )
    manager = MultiManager([siap, gospa] if with_siap else [gospa], associator=nearest if with_siap else None)
    manager.add_data(
        {
            "truth": [GroundTruthPath(states(GroundTruthState, path)) for path in truth.values()],
            "tracks": [Track(states(State, part)) for path in tracks.values() for part in unbroken(path)],
        },
        overwrite=False,
    )
    metrics = manager.generate_metrics()
    summary = {
        metric.title: metric.value
        for metric in metrics.get("siap", {}).values()
        if not isinstance(metric.value, list)
    }
    (over_time,) = metrics["gospa"].values()
    return {
        "siap": {title.removeprefix("SIAP "): float(value) for title, value in summary.items()},
        "gospa": [
            {name: float(one.value[name]) for name in ("distance", "localisation", "missed", "false")}
            for one in over_time.value
        ],
    }


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = {"stonesoup": version("stonesoup"), "scenes": {}}
    for name, make in SCENES.items():
        truth, tracks = make()
        write(name, "truth", "target", truth)
        write(name, "tracks", "number", tracks)
        found["scenes"][name] = reference(truth, tracks, with_siap=name not in ONLY_GOSPA)
    (FOLDER / "stonesoup.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
