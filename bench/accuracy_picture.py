"""What the accuracy runs share: reference rows, track rows, the tracker run as a node would, the score."""

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from foedus.model import F64, I64, SECOND_NS, Plots, Sensor, Tracks, concatenate, take
from foedus.score.score import Score, Settings, score_picture
from foedus.score.tables import truth_from_table, updates_from_table
from foedus.track import Tracker

FLIGHT_GAP_S: Final = 60.0
"""A target that was away for longer comes back as another one: no tracker could hold its number, and none is
charged with a new one."""


class Truth(NamedTuple):
    """Reference positions, ordered by target and time; every column has shape (n,)."""

    time_ns: I64
    target: I64  # index into the names
    lat_rad: F64
    lon_rad: F64
    height_m: F64  # NaN unknown
    velocity_east_m_s: F64  # NaN unknown
    velocity_north_m_s: F64


class TrackRows(NamedTuple):
    """Estimates of tracks as they were made, in any order; every column has shape (n,)."""

    time_ns: I64
    number: I64
    lat_rad: F64
    lon_rad: F64
    velocity_east_m_s: F64
    velocity_north_m_s: F64


class Run(NamedTuple):
    """What the tracker made of plots."""

    rows: TrackRows
    tracker: Tracker


def track_as_a_node(sensors: tuple[Sensor, ...], plots: Plots, *, step_s: float) -> Run:
    """Step through the plots by the tick of a node; one row per confirmed track and step that updated it."""
    tracker = Tracker(sensors)
    plots = take(plots, np.argsort(plots.time_ns, kind="stable"))
    step_ns = round(step_s * SECOND_NS)
    step_of = -(-plots.time_ns // step_ns)
    parts = [Tracks.empty()]
    before_ns = -1
    for rows in np.split(np.arange(len(step_of)), np.flatnonzero(np.diff(step_of)) + 1):
        now_ns = int(step_of[rows[0]]) * step_ns
        tracker.step(take(plots, rows), now_ns=now_ns)
        tracks = tracker.tracks()
        parts.append(take(tracks, tracks.time_ns > before_ns))
        before_ns = now_ns
    all_rows = concatenate(parts)
    picked = (getattr(all_rows, name) for name in TrackRows._fields)
    return Run(TrackRows._make(np.asarray(column) for column in picked), tracker)


def name_flights(truth: Truth) -> list[str]:
    """A name per row: the target in hexadecimal and how often it has come back."""
    fresh = np.diff(truth.target, prepend=-1) != 0
    back = ~fresh & (np.diff(truth.time_ns, prepend=0) > FLIGHT_GAP_S * SECOND_NS)
    times_back = np.cumsum(back)
    times_back -= np.maximum.accumulate(np.where(fresh, times_back, 0))
    return [
        f"{target:06x}.{number}"
        for target, number in zip(truth.target.tolist(), times_back.tolist(), strict=True)
    ]


def score_rows(truth: Truth, rows: TrackRows, *, every_s: float, keep_s: float, cutoff_m: float) -> Score:
    """The score of track rows by the scorer of `foedus score`."""

    def known(column: F64) -> pa.Array:
        return pa.array(column, from_pandas=True)

    truth_table = pa.table(
        {
            "time_ns": truth.time_ns,
            "target": name_flights(truth),
            "lat_deg": np.degrees(truth.lat_rad),
            "lon_deg": np.degrees(truth.lon_rad),
            "height_m": known(truth.height_m),
            "velocity_east_m_s": known(truth.velocity_east_m_s),
            "velocity_north_m_s": known(truth.velocity_north_m_s),
            "velocity_up_m_s": known(truth.velocity_east_m_s * 0.0),
        }
    )
    track_table = pa.table(
        {
            "time_ns": rows.time_ns,
            "number": rows.number,
            "lat_deg": np.degrees(rows.lat_rad),
            "lon_deg": np.degrees(rows.lon_rad),
            "velocity_east_m_s": rows.velocity_east_m_s,
            "velocity_north_m_s": rows.velocity_north_m_s,
        }
    )
    settings = Settings(every_s=every_s, keep_s=keep_s, cutoff_m=cutoff_m)
    return score_picture(truth_from_table(truth_table), updates_from_table(track_table), settings).score


HEAD: Final = (
    "what",
    "numbers",
    "complete",
    "redundant",
    "of no target",
    "median m",
    "95 % m",
    "RMS m",
    "switches",
    "a truth-hour",
    "longest",
    "GOSPA m",
)


def score_line(name: str, score: Score) -> str:
    """One row of a Markdown table under HEAD."""
    error = score.accuracy.position_m

    def metres(value: float | None) -> str:
        return "-" if value is None else f"{value:.1f}"

    cells = (
        name,
        f"{score.track_numbers}",
        f"{100.0 * score.siap.completeness:.1f} %",
        f"{score.siap.ambiguity:.4f}",
        f"{100.0 * score.siap.spuriousness:.1f} %",
        metres(error.median),
        metres(error.p95),
        metres(error.rms),
        f"{score.switches}",
        f"{score.switches_per_truth_hour:.2f}",
        f"{100.0 * score.siap.longest_segment:.1f} %",
        f"{score.gospa.mean_m:.0f}",
    )
    return "| " + " | ".join(cells) + " |"


def head_lines() -> list[str]:
    """Title and rule of a Markdown table of scores."""
    return ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
