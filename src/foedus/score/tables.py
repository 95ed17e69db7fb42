"""What is scored, as columns, and how it is read: truth and track updates from CSV and Parquet.

The two schemas are in docs/scoring.md. Rows that cannot be used are counted by reason; a file that lacks a
column, or has no usable row of truth, is an error.
"""

import io
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from foedus.errors import FeedError, LimitError
from foedus.feeds.decoder import Counts, sorted_counts
from foedus.limits import SCORE_TARGETS_MAX
from foedus.model import F64, I64, Bool

COVARIANCE_TERMS: Final = 21
"""Upper triangle, row by row, of the covariance of east, north, up position and velocity."""

VELOCITIES: Final = ("velocity_east_m_s", "velocity_north_m_s", "velocity_up_m_s")
TRUTH_NEEDED: Final = ("time_ns", "target", "lat_deg", "lon_deg")
TRACKS_NEEDED: Final = ("time_ns", "number", "lat_deg", "lon_deg", *VELOCITIES[:2])
COUNTED: Final = ("CONFIRMED", "COASTING")
"""States of a track in which it counts. A row that says TENTATIVE is left out."""
ENDED: Final = "DROPPED"
"""A row with this status ends its track: from then on it does not count."""

HEIGHT_MIN_M: Final = -1_000.0
HEIGHT_MAX_M: Final = 2_000_000.0
SPEED_MAX_M_S: Final = 20_000.0
"""Beyond is no height and no speed of anything in the air: a wrong unit, or damage."""


class Truth(NamedTuple):
    """Where targets were, ordered by target and time; a gap of more than `gap_ns` is time not counted."""

    names: tuple[str, ...]  # of the targets
    starts: I64  # (targets + 1,) rows of target i are starts[i] .. starts[i + 1] - 1
    gap_ns: I64  # (targets,) longest time between two rows that is interpolated
    time_ns: I64  # (rows,)
    place: F64  # (rows, 3) latitude, longitude in radians, height in metres; height NaN unknown
    velocity_m_s: F64  # (rows, 3) east, north, up; NaN unknown
    straight: Bool  # (rows,)
    straight_known: bool  # whether the file says when targets fly straight
    refused: Counts


class Updates(NamedTuple):
    """Estimates of tracks, ordered by number and time."""

    numbers: I64  # (tracks,)
    starts: I64  # (tracks + 1,) rows of track i are starts[i] .. starts[i + 1] - 1
    time_ns: I64  # (rows,)
    place: F64  # (rows, 3) as in Truth
    velocity_m_s: F64  # (rows, 3) east, north, up; up is NaN where unknown
    ended: Bool  # (rows,) the track ends with this row
    covariance: F64  # (rows, 21), or (0, 21) if the file has none; NaN unknown
    refused: Counts


class _Reader:
    """One table and what is wrong with its rows."""

    def __init__(self, table: pa.Table, where: str) -> None:
        self.table = table
        self.where = where
        self.good = np.ones(table.num_rows, np.bool_)
        self.refused: dict[str, int] = {}

    def need(self, needed: tuple[str, ...]) -> None:
        names = list(self.table.column_names)
        missing = [name for name in needed if name not in names]
        if missing or len({*names}) != len(names):
            raise FeedError(
                where=self.where,
                found="columns " + (", ".join(names) or "none"),
                expected="columns " + ", ".join(needed) + ", each once",
            )

    def refuse(self, reason: str, rows: Bool) -> None:
        """Leave out the rows; those that were left out before do not count again."""
        count = int(np.count_nonzero(self.good & rows))
        if count:
            first = int(np.argmax(self.good & rows)) + 1
            self.refused[f"{reason} (first in row {first})"] = count
            self.good &= ~rows

    def cast(self, name: str, kind: Any) -> Any:
        try:
            return self.table.column(name).cast(kind).combine_chunks()
        except pa.ArrowException as error:
            raise FeedError(
                where=f"{self.where}: column {name}", found=str(error).splitlines()[0], expected=str(kind)
            ) from error

    def integers(self, name: str) -> I64:
        column = self.cast(name, pa.int64())
        self.refuse(f"{name} unknown", np.asarray(column.is_null().to_numpy(zero_copy_only=False), np.bool_))
        return np.asarray(column.fill_null(0).to_numpy(zero_copy_only=False), np.int64).copy()

    def numbers(self, name: str, low: float, high: float, *, needed: bool = False) -> F64:
        """The values, NaN where unknown; leaves out rows beyond the bounds, and unknown ones if needed."""
        if name not in self.table.column_names:
            return np.full(self.table.num_rows, np.nan)
        column = self.cast(name, pa.float64())
        values = np.asarray(column.fill_null(np.nan).to_numpy(zero_copy_only=False), np.float64).copy()
        unknown = np.isnan(values)
        if needed:
            self.refuse(f"{name} unknown", unknown)
        self.refuse(
            f"{name} outside {low:,.0f} to {high:,.0f}", ~unknown & ~((values >= low) & (values <= high))
        )
        return values

    def place(self) -> F64:
        lat = np.radians(self.numbers("lat_deg", -90.0, 90.0, needed=True))
        lon = np.radians(self.numbers("lon_deg", -180.0, 180.0, needed=True))
        return np.column_stack([lat, lon, self.numbers("height_m", HEIGHT_MIN_M, HEIGHT_MAX_M)])

    def velocity(self, *, needed: bool) -> F64:
        limits = (-SPEED_MAX_M_S, SPEED_MAX_M_S)
        east = self.numbers(VELOCITIES[0], *limits, needed=needed)
        north = self.numbers(VELOCITIES[1], *limits, needed=needed)
        return np.column_stack([east, north, self.numbers(VELOCITIES[2], *limits)])

    def order(self, item: I64, time_ns: I64) -> I64:
        """Rows that are left, by item and time; of rows at the same time the last in the file stays."""
        rows = np.flatnonzero(self.good)
        rows = rows[np.lexsort((rows, time_ns[rows], item[rows]))]
        again = np.zeros(len(self.good), np.bool_)
        again[rows[:-1]] = (np.diff(item[rows]) == 0) & (np.diff(time_ns[rows]) == 0)
        self.refuse("second row for the same time", again)
        return rows[~again[rows]]


def read_table(data: bytes, where: str) -> pa.Table:
    """The table in the bytes of a Parquet or CSV file; FeedError when there is none."""
    try:
        if data[:4] == b"PAR1":
            return pa.parquet.read_table(pa.BufferReader(data))
        options = pa.csv.ConvertOptions(column_types={"target": pa.string(), "status": pa.string()})
        return pa.csv.read_csv(io.BytesIO(data), convert_options=options)
    except (pa.ArrowException, OSError) as error:
        raise FeedError(
            where=where, found=str(error).splitlines()[0], expected="a Parquet or CSV file"
        ) from error


def load_table(path: str) -> pa.Table:
    """The table in the file; FeedError names the file when there is none."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise FeedError(where=path, found=str(error.strerror), expected="a readable file") from error
    return read_table(data, path)


def _starts(item: I64, count: int) -> I64:
    return np.searchsorted(item, np.arange(count + 1)).astype(np.int64)


def _check_count(count: int) -> None:
    if count > SCORE_TARGETS_MAX:
        raise LimitError(name="SCORE_TARGETS_MAX", limit=SCORE_TARGETS_MAX, asked=count)


def truth_from_table(table: pa.Table, where: str = "truth") -> Truth:
    """The truth in a table; FeedError for wrong columns, or when no row is usable."""
    reader = _Reader(table, where)
    reader.need(TRUTH_NEEDED)
    time_ns = reader.integers("time_ns")
    names = reader.cast("target", pa.string())
    reader.refuse("target unknown", np.asarray(names.is_null().to_numpy(zero_copy_only=False), np.bool_))
    coded = names.fill_null("").dictionary_encode()
    place, velocity = reader.place(), reader.velocity(needed=False)
    straight = np.zeros(table.num_rows, np.bool_)
    straight_known = "straight" in table.column_names
    if straight_known:
        said = reader.cast("straight", pa.bool_()).fill_null(False)
        straight = np.asarray(said.to_numpy(zero_copy_only=False), np.bool_)
    # Targets in the order of their names, so that the order of the rows does not matter.
    known = coded.dictionary.to_pylist()
    by_name = sorted(range(len(known)), key=lambda code: str(known[code]))
    rank = np.zeros(len(known), np.int64)
    rank[by_name] = np.arange(len(known))
    target = rank[np.asarray(coded.indices.to_numpy(zero_copy_only=False), np.int64)]
    rows = reader.order(target, time_ns)
    if len(rows) == 0:
        reasons = ", ".join(f"{count} rows: {reason}" for reason, count in sorted_counts(reader.refused))
        raise FeedError(where=where, found=reasons or "no rows", expected="truth with at least one row")
    used, target = np.unique(target[rows], return_inverse=True)
    _check_count(len(used))
    return Truth(
        names=tuple(str(known[by_name[rank_]]) for rank_ in used.tolist()),
        starts=_starts(target, len(used)),
        gap_ns=_gaps(time_ns[rows], target, len(used)),
        time_ns=time_ns[rows],
        place=place[rows],
        velocity_m_s=velocity[rows],
        straight=straight[rows],
        straight_known=straight_known,
        refused=sorted_counts(reader.refused),
    )


def _gaps(time_ns: I64, target: I64, count: int) -> I64:
    """Twice the median time between two rows of each target; 0 where it has one row only."""
    spacing, of = np.diff(time_ns), target[1:]
    same = of == target[:-1]
    spacing, of = spacing[same], of[same]
    spacing = spacing[np.lexsort((spacing, of))]
    starts = _starts(of, count)
    gaps = np.zeros(count, np.int64)
    some = np.diff(starts) > 0
    gaps[some] = 2 * spacing[(starts[:-1] + starts[1:] - 1)[some] // 2]
    return gaps


def updates_from_table(table: pa.Table, where: str = "tracks") -> Updates:
    """The track updates in a table; FeedError for wrong columns. No row at all is an empty picture."""
    reader = _Reader(table, where)
    reader.need(TRACKS_NEEDED)
    time_ns, number = reader.integers("time_ns"), reader.integers("number")
    ended = np.zeros(table.num_rows, np.bool_)
    if "status" in table.column_names:
        status = reader.cast("status", pa.string()).fill_null("")
        ended = np.asarray(pc.equal(status, ENDED).to_numpy(zero_copy_only=False), np.bool_)
        counted = pc.is_in(status, pa.array(COUNTED)).to_numpy(zero_copy_only=False)
        reader.refuse("status neither CONFIRMED nor COASTING", ~np.asarray(counted, np.bool_) & ~ended)
    place, velocity = reader.place(), reader.velocity(needed=True)
    covariance = _covariance(reader)
    rows = reader.order(number, time_ns)
    numbers, track = np.unique(number[rows], return_inverse=True)
    _check_count(len(numbers))
    return Updates(
        numbers=numbers.astype(np.int64),
        starts=_starts(track, len(numbers)),
        time_ns=time_ns[rows],
        place=place[rows],
        velocity_m_s=velocity[rows],
        ended=ended[rows],
        covariance=covariance[rows] if len(covariance) else covariance,
        refused=sorted_counts(reader.refused),
    )


def _covariance(reader: _Reader) -> F64:
    """(rows, 21), NaN where unknown; (0, 21) without such a column. In CSV: 21 numbers, blanks between."""
    if "covariance" not in reader.table.column_names:
        return np.zeros((0, COVARIANCE_TERMS))
    where = f"{reader.where}: column covariance"
    column = reader.table.column("covariance").combine_chunks()
    try:
        if pa.types.is_string(column.type):
            column = pc.split_pattern_regex(column, r"\s+")
        lengths = np.asarray(
            pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False), np.int64
        )
        flat = np.asarray(pc.list_flatten(column).cast(pa.float64()).fill_null(np.nan), np.float64)
    except (pa.ArrowException, pa.ArrowNotImplementedError) as error:
        expected = f"lists of {COVARIANCE_TERMS} numbers"
        raise FeedError(where=where, found=str(error).splitlines()[0], expected=expected) from error
    wrong = (lengths != COVARIANCE_TERMS) & (lengths != 0)
    if wrong.any():
        found = f"{int(lengths[wrong][0])} numbers in row {int(np.argmax(wrong)) + 1}"
        raise FeedError(where=where, found=found, expected=f"{COVARIANCE_TERMS} numbers or none")
    covariance = np.full((len(lengths), COVARIANCE_TERMS), np.nan)
    covariance[lengths != 0] = flat.reshape(-1, COVARIANCE_TERMS)
    return covariance
