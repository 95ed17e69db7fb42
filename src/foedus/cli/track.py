"""`foedus track`: the tracks in a recorded file."""

import json
import math
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import numpy as np

from foedus.cli.recorded import read_sensors, start_ns
from foedus.feeds.recording import FORMATS
from foedus.model import SECOND_NS, Plots, SensorKind, TrackStatus, take

if TYPE_CHECKING:
    from foedus.feeds.recording import Recording
    from foedus.track import Tracker
    from foedus.track.tracker import SensorHealth, Updates

NUMBERS_AT_FIRST = 1_024
CAPTION = """\
bias    measured minus true, taken off every plot; (±sigma): not known well enough to be taken off
misfit  mean squared distance of plots from their tracks; up to 1 where errors are as described
seen    share of the looks at confirmed tracks in coverage that gave a plot"""


class Summary(NamedTuple):
    """What came of a recording; times are those of updates of confirmed tracks."""

    updates: int
    numbers: int
    longest_number: int
    longest_s: float
    first_ns: int
    last_ns: int
    doubts: dict[str, int]  # tracks that were marked at some time


@click.command()
@click.argument("file", type=click.Path())
@click.option("--format", "format_", type=click.Choice(FORMATS), default="auto", help="By content if auto.")
@click.option("--sensors", type=click.Path(), help="TOML file with [[sensor]] tables.")
@click.option("--start", callback=start_ns, default="", help="UTC day or instant of the first record.")
@click.option("--step", "step_s", default=1.0, type=click.FloatRange(0.5, 60.0), help="Seconds per step.")
@click.option("-o", "--output", type=click.Path(), help="Write the track updates to a .parquet file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def track(
    file: str,
    format_: str,
    sensors: str | None,
    start: int,
    step_s: float,
    output: str | None,
    as_json: bool,
) -> None:
    """Track a recorded FILE as a node would; say what became of its plots, and how its sensors are.

    Reads every format that `foedus decode` reads. The output has one row per update of a confirmed track
    (docs/tracking.md) and can be given to `foedus score`. Exit code 0: tracked, even if plots were refused;
    1: unreadable.

    Example: foedus track recording.ast --sensors sensors.toml -o tracks.parquet
    """
    from foedus.feeds.recording import load_recording

    _check_output(file, output)
    known = read_sensors(sensors) if sensors else ()
    recording = load_recording(file, format=format_, sensors=known, day_ns=start)
    _announce()
    from foedus.track import Tracker

    tracker = Tracker(recording.sensors, log=True)
    summary = _run(recording, tracker, round(step_s * SECOND_NS), output)
    if as_json:
        click.echo(json.dumps(_as_json(file, recording, tracker, summary)))
    else:
        _show(file, recording, tracker, summary)


def _check_output(file: str, output: str | None) -> None:
    if output is None:
        return
    if not output.endswith(".parquet"):
        raise click.UsageError(f"--output {output}: the name must end in .parquet")
    if Path(output).resolve() == Path(file).resolve():
        raise click.UsageError(f"--output {output}: that is the file to be read")


def _announce() -> None:
    """Say that the first start takes long, on standard error."""
    from foedus.jit import compiled_before

    if not compiled_before("track_plots"):
        click.echo("compiling kernels (first run only) ...", err=True)


def _steps(plots: Plots, tracker: "Tracker", step_ns: int) -> "Iterator[Updates]":
    """The updates of each step; steps without plots are skipped. The last half second is taken at the end."""
    plots = take(plots, np.argsort(plots.time_ns, kind="stable"))
    step_of = -(-plots.time_ns // step_ns)
    edges = np.flatnonzero(np.diff(step_of)) + 1
    now_ns = 0
    for rows in np.split(np.arange(len(step_of)), edges):
        if len(rows) > 0:
            now_ns = max(0, int(step_of[rows[0]]) * step_ns)
            tracker.step(take(plots, rows), now_ns=now_ns)
            yield tracker.drain_updates()
    tracker.step(Plots.empty(), now_ns=now_ns + SECOND_NS)
    yield tracker.drain_updates()


def _run(recording: "Recording", tracker: "Tracker", step_ns: int, output: str | None) -> Summary:
    """Track everything, write the rows, and sum up."""
    from foedus.cli.track_rows import RowWriter

    tally = _Tally()
    with RowWriter(output, recording.sensors) if output else nullcontext() as writer:
        for updates in _steps(recording.plots, tracker, step_ns):
            tally.add(updates)
            if writer is not None:
                writer.write(updates)
    return tally.sum_up()


class _Tally:
    """First and last update, and doubts, by track number; numbers are handed out in order, from 1."""

    def __init__(self) -> None:
        self._updates = 0
        self._first_ns = np.full(NUMBERS_AT_FIRST, np.iinfo(np.int64).max)
        self._last_ns = np.full(NUMBERS_AT_FIRST, -1, np.int64)
        self._doubts = np.zeros(NUMBERS_AT_FIRST, np.int64)

    def add(self, updates: "Updates") -> None:
        """Take updates in; the row that ends a track is none."""
        live = updates.status != TrackStatus.DROPPED
        number, time_ns = updates.number[live], updates.time_ns[live]
        if len(number) == 0:
            return
        self._grow(int(number.max()) + 1)
        self._updates += len(number)
        np.minimum.at(self._first_ns, number, time_ns)
        np.maximum.at(self._last_ns, number, time_ns)
        np.bitwise_or.at(self._doubts, number, updates.doubts[live])

    def _grow(self, size: int) -> None:
        if size <= len(self._doubts):
            return
        room = (0, 2 * size - len(self._doubts))
        self._first_ns = np.pad(self._first_ns, room, constant_values=np.iinfo(np.int64).max)
        self._last_ns = np.pad(self._last_ns, room, constant_values=-1)
        self._doubts = np.pad(self._doubts, room)

    def sum_up(self) -> Summary:
        """The sums."""
        from foedus.track.table import DOUBTS

        seen = np.flatnonzero(self._last_ns >= 0)
        if len(seen) == 0:
            return Summary(0, 0, 0, 0.0, 0, 0, {})
        spans = self._last_ns[seen] - self._first_ns[seen]
        longest = int(np.argmax(spans))
        marked = {name: int(np.count_nonzero(self._doubts >> bit & 1)) for bit, name in enumerate(DOUBTS)}
        return Summary(
            updates=self._updates,
            numbers=len(seen),
            longest_number=int(seen[longest]),
            longest_s=float(spans[longest]) / SECOND_NS,
            first_ns=int(self._first_ns[seen].min()),
            last_ns=int(self._last_ns[seen].max()),
            doubts={name: count for name, count in marked.items() if count},
        )


# ---------------------------------------------------------------- what is said


def _known(value: float, digits: int) -> float | None:
    return None if math.isnan(value) else round(value, digits)


def _sensor_json(health: "SensorHealth", radar: bool) -> dict[str, object]:
    """One sensor; a bias is null until it is known well enough to be applied, or where it cannot be."""
    biases = {
        "range_bias_m": (health.range_bias_m, health.range_bias_sigma_m, 1.0, 1, radar),
        "azimuth_bias_deg": (
            health.azimuth_bias_rad, health.azimuth_bias_sigma_rad, math.degrees(1.0), 4, radar,
        ),
        "time_bias_s": (health.time_bias_s, health.time_bias_sigma_s, 1.0, 4, True),
    }  # fmt: skip
    said: dict[str, object] = {"id": health.id, "plots": health.plots, "refused": dict(health.refused)}
    for name, (bias, sigma, scale, digits, possible) in biases.items():
        applied = possible and bias != 0.0
        said[name] = round(scale * bias, digits) if applied else None
        stem, _, unit = name.rpartition("_bias_")
        said[f"{stem}_bias_sigma_{unit}"] = _known(scale * sigma, digits) if possible else None
    said["misfit"] = round(health.misfit, 3)
    said["detection"] = _known(health.detection, 3)
    said["faults"] = list(health.faults)
    return said


def _as_json(file: str, recording: "Recording", tracker: "Tracker", summary: Summary) -> dict[str, Any]:
    counts = tracker.counts
    return {
        "file": file,
        "format": recording.format,
        "records_accepted": dict(recording.accepted),
        "records_refused": dict(recording.refused),
        "plots": counts.plots,
        "associated": counts.associated,
        "refused": dict(counts.refused),
        "tracks_started": counts.started,
        "tracks_confirmed": counts.confirmed,
        "tracks_dropped": counts.dropped,
        "tracks_merged": counts.merged,
        "track_numbers": summary.numbers,
        "track_updates": summary.updates,
        "longest_track": summary.longest_number or None,
        "longest_s": summary.longest_s,
        "first_ns": summary.first_ns or None,
        "last_ns": summary.last_ns or None,
        "doubts": summary.doubts,
        "rewinds": counts.rewinds,
        "candidates_cut": counts.candidates_cut,
        "clusters_cut": counts.clusters_cut,
        "sensors": [
            _sensor_json(health, sensor.kind is SensorKind.RADAR)
            for health, sensor in zip(tracker.sensor_health(), recording.sensors, strict=True)
        ],
        "sensors_made_up": recording.provisional,
    }


def _instant(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / SECOND_NS, UTC).isoformat(timespec="milliseconds")


def _show(file: str, recording: "Recording", tracker: "Tracker", summary: Summary) -> None:
    from rich.console import Console

    console = Console()
    said = _as_json(file, recording, tracker, summary)
    console.print(f"{file}: {recording.format}", highlight=False, soft_wrap=True)
    console.print(_plots_table(said))
    console.print(_sensors_table(said["sensors"]))
    console.print(CAPTION, highlight=False)
    for sensor in said["sensors"]:
        for reason, count in sensor["refused"].items():
            console.print(
                f"{sensor['id']}: {count:,} plots refused: {reason}", highlight=False, soft_wrap=True
            )
    if summary.numbers:
        span = f"{_instant(summary.first_ns)} to {_instant(summary.last_ns)}"
        longest = f"longest track: number {summary.longest_number}, {summary.longest_s:,.0f} s"
        console.print(f"{longest}; {span}", highlight=False)
    if recording.provisional:
        names = ", ".join(sensor.id for sensor in recording.sensors)
        note = f"No --sensors given: {names} made up at 0 N 0 E, so polar plots have no place yet."
        console.print(note, highlight=False)


def _plots_table(said: dict[str, Any]) -> Any:
    from rich.table import Table

    table = Table()
    table.add_column("plots and tracks")
    table.add_column("count", justify="right")
    table.add_row("plots", f"{said['plots']:,}")
    table.add_row("plots that continued a track", f"{said['associated']:,}")
    table.add_row("plots that started a track", f"{said['tracks_started']:,}")
    for reason, count in (*said["records_refused"].items(), *said["refused"].items()):
        table.add_row(f"refused: {reason}", f"{count:,}", style="red")
    table.add_row("tracks confirmed", f"{said['tracks_confirmed']:,}")
    table.add_row("  numbers given", f"{said['track_numbers']:,}")
    table.add_row("  merged: proved to be another one", f"{said['tracks_merged']:,}")
    table.add_row("  dropped", f"{said['tracks_dropped']:,}")
    for doubt, count in said["doubts"].items():
        table.add_row(f"  in doubt: {doubt}", f"{count:,}", style="yellow")
    table.add_row("updates of confirmed tracks", f"{said['track_updates']:,}")
    limits = (
        ("steps back for late plots", "rewinds"),
        ("plots in crowds, some tracks left out", "candidates_cut"),
        ("assignments cut short", "clusters_cut"),
    )
    for line, name in limits:
        if said[name]:
            table.add_row(line, f"{said[name]:,}")
    return table


def _sensors_table(sensors: list[dict[str, Any]]) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("sensor", overflow="fold")
    for name in ("plots", "range bias, m", "azimuth bias, deg", "time bias, s", "misfit", "seen"):
        table.add_column(name, justify="right")
    table.add_column("faults")
    for one in sensors:
        table.add_row(
            one["id"],
            f"{one['plots']:,}",
            _bias(one["range_bias_m"], one["range_bias_sigma_m"], 0),
            _bias(one["azimuth_bias_deg"], one["azimuth_bias_sigma_deg"], 3),
            _bias(one["time_bias_s"], one["time_bias_sigma_s"], 3),
            f"{one['misfit']:.2f}",
            "-" if one["detection"] is None else f"{one['detection']:.2f}",
            ", ".join(one["faults"]) or "-",
            style="red" if one["faults"] else None,
        )
    return table


def _bias(bias: float | None, sigma: float | None, digits: int) -> str:
    if sigma is None:
        return "-"
    return f"(±{sigma:.{digits}f})" if bias is None else f"{bias:+.{digits}f} ±{sigma:.{digits}f}"
