"""`foedus track`: the tracks in a recorded file."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import numpy as np

from foedus.cli.recorded import read_sensors, start_ns
from foedus.feeds.recording import FORMATS
from foedus.model import SECOND_NS, Tracks, TrackStatus, concatenate, take, unpack_callsign

if TYPE_CHECKING:
    from foedus.feeds.recording import Recording
    from foedus.track import Tracker

ROWS_PER_GROUP = 65_536
"""Rows that are gathered before they are written to the file."""


class Summary(NamedTuple):
    """What came of a recording; times are those of plots that were tracked."""

    updates: int
    numbers: int
    longest_number: int
    longest_s: float
    first_ns: int
    last_ns: int


@click.command()
@click.argument("file", type=click.Path())
@click.option("--format", "format_", type=click.Choice(FORMATS), default="auto", help="By content if auto.")
@click.option("--sensors", type=click.Path(), help="TOML file with [[sensor]] tables.")
@click.option("--start", callback=start_ns, default="", help="UTC day or instant of the first record.")
@click.option("--step", "step_s", default=1.0, type=click.FloatRange(0.5, 60.0), help="Seconds per step.")
@click.option("-o", "--output", type=click.Path(), help="Write the tracks to a .parquet file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def track(
    file: str,
    format_: str,
    sensors: str | None,
    start: int,
    step_s: float,
    output: str | None,
    as_json: bool,
) -> None:
    """Track a recorded FILE as a node would, and say what became of its plots.

    Reads every format that `foedus decode` reads. The output has one row per confirmed track and step in
    which it was updated (docs/tracking.md). Exit code 0: tracked, even if plots were refused; 1: unreadable.

    Example: foedus track recording.ast --sensors sensors.toml -o tracks.parquet
    """
    from foedus.feeds.recording import load_recording
    from foedus.track import Tracker

    if output and not output.endswith(".parquet"):
        raise click.UsageError(f"--output {output}: the name must end in .parquet")
    known = read_sensors(sensors) if sensors else ()
    recording = load_recording(file, format=format_, sensors=known, day_ns=start)
    tracker = Tracker(recording.sensors)
    summary = _run(recording, tracker, round(step_s * SECOND_NS), output)
    if as_json:
        click.echo(json.dumps(_as_json(file, recording, tracker, summary)))
    else:
        _show(file, recording, tracker, summary)


def _steps(recording: "Recording", tracker: "Tracker", step_ns: int) -> Iterator[Tracks]:
    """The tracks that each step has updated; steps without plots are skipped."""
    plots = recording.plots
    plots = take(plots, np.argsort(plots.time_ns, kind="stable"))
    step_of = -(-plots.time_ns // step_ns)
    edges = np.flatnonzero(np.diff(step_of)) + 1
    before_ns = -1
    for rows in np.split(np.arange(len(step_of)), edges):
        if len(rows) == 0:
            continue
        now_ns = max(0, int(step_of[rows[0]]) * step_ns)
        tracker.step(take(plots, rows), now_ns=now_ns)
        tracks = tracker.tracks()
        yield take(tracks, tracks.time_ns > before_ns)
        before_ns = now_ns


def _run(recording: "Recording", tracker: "Tracker", step_ns: int, output: str | None) -> Summary:
    """Track everything, write the rows, and sum up."""
    numbers, times = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    waiting: list[Tracks] = []
    writer = _open_writer(output) if output else None
    try:
        for tracks in _steps(recording, tracker, step_ns):
            numbers.append(tracks.number)
            times.append(tracks.time_ns)
            if writer is not None:
                waiting.append(tracks)
                if sum(len(part.number) for part in waiting) >= ROWS_PER_GROUP:
                    writer.write_table(_as_table(concatenate(waiting)))
                    waiting = []
        if writer is not None and waiting:
            writer.write_table(_as_table(concatenate(waiting)))
    finally:
        if writer is not None:
            writer.close()
    return _sum_up(np.concatenate(numbers), np.concatenate(times))


def _sum_up(number: "np.ndarray[Any, Any]", time_ns: "np.ndarray[Any, Any]") -> Summary:
    if len(number) == 0:
        return Summary(0, 0, 0, 0.0, 0, 0)
    order = np.lexsort((time_ns, number))
    number, time_ns = number[order], time_ns[order]
    first = np.flatnonzero(np.diff(number, prepend=-1))
    last = np.append(first[1:], len(number)) - 1
    spans = time_ns[last] - time_ns[first]
    longest = int(np.argmax(spans))
    return Summary(
        updates=len(number),
        numbers=len(first),
        longest_number=int(number[first[longest]]),
        longest_s=float(spans[longest]) / SECOND_NS,
        first_ns=int(time_ns.min()),
        last_ns=int(time_ns.max()),
    )


def _as_table(tracks: Tracks) -> Any:
    """The rows as an Arrow table: degrees, hex address, octal code; null where unknown."""
    import pyarrow as pa

    def known(values: list[str], unknown: "np.ndarray[Any, Any]") -> Any:
        return pa.array(values, pa.string(), mask=unknown)

    columns: dict[str, Any] = {
        "time_ns": pa.array(tracks.time_ns),
        "number": pa.array(tracks.number),
        "status": pa.array([TrackStatus(value).name for value in tracks.status.tolist()], pa.string()),
        "lat_deg": pa.array(np.degrees(tracks.lat_rad)),
        "lon_deg": pa.array(np.degrees(tracks.lon_rad)),
    }
    for name in (
        "height_m",
        "velocity_east_m_s",
        "velocity_north_m_s",
        "velocity_up_m_s",
        "position_sigma_m",
        "height_sigma_m",
        "velocity_sigma_m_s",
    ):
        columns[name] = pa.array(getattr(tracks, name), from_pandas=True)
    columns["icao24"] = known([f"{value:06x}" for value in tracks.icao24.tolist()], tracks.icao24 < 0)
    columns["mode_a"] = known([f"{value & 0xFFF:04o}" for value in tracks.mode_a.tolist()], tracks.mode_a < 0)
    callsigns = [unpack_callsign(value) for value in tracks.callsign.tolist()]
    columns["callsign"] = known(callsigns, tracks.callsign == 0)
    columns["sensors"] = pa.array(tracks.sources)
    return pa.table(columns)


def _open_writer(output: str) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetWriter(output, _as_table(Tracks.empty()).schema)


def _as_json(file: str, recording: "Recording", tracker: "Tracker", summary: Summary) -> dict[str, object]:
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
        "track_updates": summary.updates,
        "longest_track": summary.longest_number or None,
        "longest_s": summary.longest_s,
        "first_ns": summary.first_ns or None,
        "last_ns": summary.last_ns or None,
        "sensors": [sensor.id for sensor in recording.sensors],
        "sensors_made_up": recording.provisional,
    }


def _instant(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / SECOND_NS, UTC).isoformat(timespec="milliseconds")


def _show(file: str, recording: "Recording", tracker: "Tracker", summary: Summary) -> None:
    from rich.console import Console
    from rich.table import Table

    counts = tracker.counts
    console = Console()
    console.print(f"{file}: {recording.format}", highlight=False, soft_wrap=True)
    table = Table()
    table.add_column("plots and tracks")
    table.add_column("count", justify="right")
    table.add_row("plots", f"{counts.plots:,}")
    table.add_row("plots that continued a track", f"{counts.associated:,}")
    table.add_row("plots that started a track", f"{counts.started:,}")
    for reason, count in (*recording.refused, *counts.refused):
        table.add_row(f"refused: {reason}", f"{count:,}", style="red")
    table.add_row("tracks confirmed", f"{counts.confirmed:,}")
    table.add_row("updates of confirmed tracks", f"{summary.updates:,}")
    console.print(table)
    if summary.numbers:
        span = f"{_instant(summary.first_ns)} to {_instant(summary.last_ns)}"
        longest = f"longest track: number {summary.longest_number}, {summary.longest_s:,.0f} s"
        console.print(f"{longest}; {span}", highlight=False)
    if recording.provisional:
        names = ", ".join(sensor.id for sensor in recording.sensors)
        note = f"No --sensors given: {names} made up at 0 N 0 E, so polar plots have no place yet."
        console.print(note, highlight=False)
