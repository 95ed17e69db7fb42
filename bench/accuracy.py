"""`python -m bench.accuracy --data DIR [lebl locards swiss]`: the tracker on real recordings, as Markdown.

DIR holds the recordings (docs/accuracy.md says which and where they come from); without it, or where it lacks
the Swiss day, that comes from the package that ships it. Nothing here is timed.
"""

import argparse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from bench import accuracy_lebl as lebl
from bench import accuracy_locards as locards
from bench import accuracy_swiss as swiss
from bench.accuracy_picture import (
    Run,
    TrackRows,
    Truth,
    head_lines,
    score_line,
    score_rows,
    track_as_a_node,
)
from bench.multilateration import REASONS, SOLVED
from bench.report import machine
from foedus.cli.recorded import read_sensors
from foedus.feeds.recording import load_recording
from foedus.model import SECOND_NS, Sensor

LEBL_SENSORS: Final = Path(__file__).with_name("lebl.toml")
STEP_S: Final = 1.0
SEED: Final = 1


def _counts(run: Run) -> str:
    counts = run.tracker.counts
    refused = ", ".join(f"{count} {reason}" for reason, count in counts.refused) or "none refused"
    return (
        f"{counts.plots} plots, {counts.associated} continued a track, "
        f"{counts.confirmed} tracks confirmed, {refused}"
    )


def run_lebl(folder: Path | None) -> Iterator[str]:
    """Barcelona's radar against multilateration, and its own tracker by the same rule."""
    assert folder is not None, "lebl needs --data"
    sensors = read_sensors(str(LEBL_SENSORS))
    site_deg = (sensors[0].lat_deg, sensors[0].lon_deg)
    radar, heard = lebl.load(folder, lebl.RADAR_FILE), lebl.load(folder, lebl.REFERENCE_FILE)
    period_s, range_m, azimuth_deg = lebl.measured_errors(radar)
    yield f"* radar by third differences: period {period_s:.3f} s, {range_m:.2f} m, {azimuth_deg:.3f} degrees"
    plots = lebl.choose(radar, np.isfinite(radar.east_m))
    reference, fixed = lebl.reference_of(heard)
    for address in np.unique(fixed.icao24).tolist():
        own = fixed.icao24 == address
        spread = f"{fixed.east_m[own].std():.1f} m east, {fixed.north_m[own].std():.1f} m north"
        yield f"* fixed transponder {address:06x}: {int(own.sum())} positions, sigma {spread}"
    pairs = lebl.pair_all(plots, reference)
    first_m = lebl.shift_between(lebl.ORIGIN_DEG, site_deg)
    fit = lebl.fit_frames(plots, pairs, first_m)
    yield f"* {_describe(fit, first_m)}"
    seen = lebl.seen_by_radar(plots, reference, pairs, fit, site_deg)
    runs = {factor: _track_lebl(folder, sensors, factor) for factor in (1.0, 3.0, 10.0)}
    for rule, share_min in (("ever", 0.0), ("at least half of the time", 0.5)):
        truth = lebl.covered(seen, share_min=share_min)
        yield ""
        yield (
            f"Where the radar saw {rule}: {len(truth.time_ns)} of {len(reference.time_ns)} positions of "
            f"{len(np.unique(truth.target))} addresses on the ground."
        )
        yield ""
        yield from _score_lebl(truth, radar, runs, site_deg)
    yield ""
    yield f"* {_counts(runs[1.0])}"


def _describe(fit: lebl.Fit, first_m: tuple[float, float]) -> str:
    return (
        f"fit over {fit.pairs} pairs: radar {fit.east_m - first_m[0]:+.1f} m east and "
        f"{fit.north_m - first_m[1]:+.1f} m north of its place, turned "
        f"{np.degrees(fit.turn_rad):.3f} degrees, scale {1.0 + fit.scale:.4f}, late {fit.late_s:.2f} s, "
        f"antennas {fit.ahead_m:.1f} m ahead; "
        f"left: {fit.axis_m[0]:.1f} m along, {fit.axis_m[1]:.1f} m across the beam"
    )


def _track_lebl(folder: Path, sensors: tuple[Sensor, ...], factor: float) -> Run:
    """The recording tracked with the sensor file's sigmas times a factor."""
    told = tuple(
        msgspec.structs.replace(
            sensor,
            range_sigma_m=factor * sensor.range_sigma_m,
            azimuth_sigma_deg=factor * sensor.azimuth_sigma_deg,
        )
        for sensor in sensors
    )
    recording = load_recording(str(folder / lebl.RADAR_FILE), sensors=told, day_ns=lebl.DAY_NS)
    return track_as_a_node(told, recording.plots, step_s=STEP_S)


def _score_lebl(
    truth: Truth, radar: lebl.Records, runs: dict[float, Run], site_deg: tuple[float, float]
) -> Iterator[str]:
    def line(name: str, rows: TrackRows, keep_s: float = 5.0) -> str:
        return score_line(name, score_rows(truth, rows, every_s=1.0, keep_s=keep_s, cutoff_m=50.0))

    yield from head_lines()
    yield line("plots, untracked, for one period", lebl.lone_plots(radar, site_deg), keep_s=1.05)
    yield line("the radar's own tracker", lebl.own_tracks(radar, site_deg))
    for factor, run in runs.items():
        name = "foedus" if factor == 1.0 else f"foedus, told {factor:.0f} times the sigmas"
        yield line(name, run.rows)


def run_locards(folder: Path | None) -> Iterator[str]:
    """Multilateration of single messages, tracked with and without addresses."""
    assert folder is not None, "locards needs --data"
    scores = []
    yield "| set | messages | aircraft | " + " | ".join(REASONS) + " | median m | 95 % m | RMS m |"
    yield "|" + "---|" * (len(REASONS) + 6)
    for number in locards.SETS:
        messages = locards.load(folder, number)
        fixes = locards.fix_all(messages)
        error_m = locards.fix_error_m(messages, fixes)[fixes.code == SOLVED]
        codes = np.bincount(fixes.code, minlength=len(REASONS)).tolist()
        median, high = np.percentile(error_m, [50.0, 95.0])
        cells = (number, len(messages.time_ns), len(np.unique(messages.aircraft)), *codes)
        rms = np.sqrt(np.mean(error_m**2))
        yield "| " + " | ".join(str(cell) for cell in cells) + f" | {median:.0f} | {high:.0f} | {rms:.0f} |"
        truth = locards.truth_of(messages)
        for addressed in (False, True):
            plots = locards.plots_of(messages, fixes, addressed=addressed)
            run = track_as_a_node(locards.sensors_of(messages), plots, step_s=STEP_S)
            name = f"set {number}, {'with' if addressed else 'without'} addresses"
            score = score_rows(truth, run.rows, every_s=1.0, keep_s=locards.PERIOD_S * 2.0, cutoff_m=1_000.0)
            scores.append(score_line(name, score))
    yield ""
    yield from head_lines()
    yield from scores


def run_swiss(folder: Path | None) -> Iterator[str]:
    """The Swiss day as one radar would have seen it, without addresses."""
    vectors = swiss.load(folder)
    first_ns, end_ns = swiss.busiest_hour(vectors)
    began = datetime.fromtimestamp(first_ns / SECOND_NS, UTC)
    yield f"* the hour begins at {began:%H:%M} UTC"
    along, across = swiss.reference_errors(vectors)
    yield (
        f"* the positions themselves, by third differences: along {along.sigma_m:.0f} m (95 % "
        f"{along.p95_m:.0f} m), across {across.sigma_m:.0f} m (95 % {across.p95_m:.0f} m)"
    )
    yield ""
    yield from head_lines()
    notes = []
    whole = (int(vectors.time_ns.min()), int(vectors.time_ns.max()) + 1)
    for span, (begin, end) in (("hour", (first_ns, end_ns)), ("day", whole)):
        for baro in (True, False):
            scene = swiss.thin(vectors, first_ns=begin, end_ns=end, seed=SEED, baro=baro)
            run = track_as_a_node((swiss.RADAR,), scene.plots, step_s=STEP_S)
            name = f"{span}, {'with pressure altitude' if baro else 'range and azimuth only'}"
            yield score_line(
                name, score_rows(scene.truth, run.rows, every_s=10.0, keep_s=30.0, cutoff_m=1_000.0)
            )
            notes.append(f"* {name}: {scene.aircraft} aircraft, {_counts(run)}")
    yield ""
    yield from notes


PARTS: Final[dict[str, Callable[[Path | None], Iterator[str]]]] = {
    "lebl": run_lebl,
    "locards": run_locards,
    "swiss": run_swiss,
}


def main() -> None:
    """Print the parts named, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy")
    parser.add_argument("--data", type=Path, help="folder with the recordings")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {' '.join(PARTS)}")
    arguments = parser.parse_args()
    for name in arguments.parts or PARTS:
        if name not in PARTS:
            parser.error(f"found {name!r}; expected some of {', '.join(PARTS)}")
        if arguments.data is None and name != "swiss":
            parser.error(f"{name} needs --data DIR")
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}", flush=True)
    for name in arguments.parts or PARTS:
        print(f"\n### {name}\n", flush=True)
        for line in PARTS[name](arguments.data):
            print(line, flush=True)


if __name__ == "__main__":
    main()
