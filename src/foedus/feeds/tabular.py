"""Plots in CSV and Parquet: the documented schema, read and written.

Columns (docs/feeds.md): time_ns, sensor, kind, range_m, azimuth_rad, elevation_rad, range_rate_m_s, lat_rad,
lon_rad, height_m, baro_m, icao24 (six hexadecimal digits), mode_a (four octal digits), callsign. The first
three are needed; the others may be missing as a column, null or empty. `sensor` is an id of the sensor file.
"""

import contextlib
import io
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from foedus.errors import FeedError
from foedus.feeds.decoder import Counts, sorted_counts
from foedus.feeds.plots_block import row_faults
from foedus.limits import SENSORS_MAX
from foedus.model import F64, Bool, PlotKind, Plots, Sensor, SensorKind, pack_callsign, take, unpack_callsign

NEEDED: Final = ("time_ns", "sensor", "kind")
NUMBERS: Final = (
    "range_m",
    "azimuth_rad",
    "elevation_rad",
    "range_rate_m_s",
    "lat_rad",
    "lon_rad",
    "height_m",
    "baro_m",
)
TEXTS: Final = ("icao24", "mode_a", "callsign")
COLUMNS: Final = (*NEEDED, *NUMBERS, *TEXTS)

SCHEMA: Final = pa.schema(
    [
        ("time_ns", pa.int64()),
        ("sensor", pa.string()),
        ("kind", pa.string()),
        *[(name, pa.float64()) for name in NUMBERS],
        *[(name, pa.string()) for name in TEXTS],
    ]
)

_KINDS: Final = {kind.name: int(kind) for kind in PlotKind}


class Table(NamedTuple):
    """The rows of a table that can be plots."""

    plots: Plots
    sensors: tuple[Sensor, ...]  # as given, or made up from the ids in the table
    accepted: Counts
    refused: Counts  # each reason names the first row that it met, from 1


def read_plots(data: bytes, format: str, sensors: tuple[Sensor, ...] = ()) -> Table:  # noqa: A002
    """The plots of a `csv` or `parquet` file; FeedError when it cannot be read or has the wrong columns."""
    ragged: list[int] = []
    try:
        table = _read_csv(data, ragged) if format == "csv" else pa.parquet.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        raise FeedError(
            where="recording", found=str(error).splitlines()[0], expected=f"a {format} file"
        ) from error
    return plots_from_table(table, sensors, ragged)


def _read_csv(data: bytes, ragged: list[int]) -> pa.Table:
    """Every column as text, so that one bad value refuses its row and not the file.

    The numbers of rows with too few or too many values are added to `ragged`.
    """

    def skip(row: Any) -> str:
        ragged.append(row.number - 1)  # the header is row 1
        return "skip"

    header = data[: data.find(b"\n") if b"\n" in data else len(data)].decode("utf-8", "replace")
    names = [name.strip().strip('"') for name in header.split(",")]
    options = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    return pa.csv.read_csv(
        io.BytesIO(data),
        read_options=pa.csv.ReadOptions(use_threads=False),  # rows have no number otherwise
        parse_options=pa.csv.ParseOptions(invalid_row_handler=skip),
        convert_options=options,
    )


def plots_from_table(table: pa.Table, sensors: tuple[Sensor, ...] = (), ragged: Sequence[int] = ()) -> Table:
    """The plots of a table; FeedError for wrong columns. Without sensors they are made up from the ids.

    ragged: numbers of rows that are missing from the table because they had the wrong number of values.
    """
    _check_columns(table)
    ids = _column_text(table, "sensor")
    known = sensors or _make_up_sensors(ids)
    faults: list[tuple[str, Bool]] = []
    index = {sensor.id: i for i, sensor in reversed(list(enumerate(known)))}
    sensor = np.array([index.get(name, -1) for name in ids], np.int32)
    faults.append(("sensor that nobody described", sensor < 0))
    kind = np.array([_KINDS.get(name, -1) for name in _column_text(table, "kind")], np.int8)
    faults.append(("kind that is neither POLAR nor GEODETIC", kind < 0))
    time_ns, wrong = _column_integers(table, "time_ns")
    faults.append(("time_ns that is no whole number", wrong))
    numbers: list[F64] = []
    for name in NUMBERS:
        values, wrong = _column_numbers(table, name)
        numbers.append(values)
        faults.append((f"{name} that is no number", wrong))
    icao24, wrong = _column_codes(_column_text(table, "icao24"), base=16, digits=6)
    faults.append(("icao24 that is not six hexadecimal digits", wrong))
    mode_a, wrong = _column_codes(_column_text(table, "mode_a"), base=8, digits=4)
    faults.append(("mode_a that is not four octal digits", wrong))
    callsigns = _column_text(table, "callsign")
    callsign = np.array([pack_callsign(text) for text in callsigns], np.int64)
    blank = np.array([not text.strip() for text in callsigns], np.bool_)
    faults.append(("callsign that is not one to eight letters and digits", (callsign == 0) & ~blank))
    identity = (icao24.astype(np.int32), mode_a.astype(np.int16), callsign)
    plots = Plots._make([time_ns, sensor, kind, *numbers, *identity])
    faults.extend(row_faults(plots, len(known)))
    return _refuse(plots, known, faults, ragged)


def _refuse(
    plots: Plots, sensors: tuple[Sensor, ...], faults: list[tuple[str, Bool]], ragged: Sequence[int]
) -> Table:
    good = np.ones(len(plots.time_ns), np.bool_)
    numbers = np.setdiff1d(np.arange(1, len(good) + len(ragged) + 1), ragged)
    refused: dict[str, int] = {}
    if ragged:
        refused[f"row with the wrong number of values (first in row {ragged[0]})"] = len(ragged)
    for reason, rows in faults:
        found = good & rows
        count = int(np.count_nonzero(found))
        if count:
            refused[f"{reason} (first in row {numbers[np.argmax(found)]})"] = count
            good &= ~found
    kept = plots if good.all() else take(plots, good)
    return Table(kept, sensors, sorted_counts({"plot": len(kept.time_ns)}), sorted_counts(refused))


def _check_columns(table: pa.Table) -> None:
    found = list(table.column_names)
    if len(set(found)) != len(found) or set(NEEDED) - set(found) or set(found) - set(COLUMNS):
        raise FeedError(
            where="recording",
            found="columns " + (", ".join(found) or "none"),
            expected=f"columns {', '.join(NEEDED)} and any of {', '.join(COLUMNS[len(NEEDED) :])}",
        )


def _make_up_sensors(ids: list[str]) -> tuple[Sensor, ...]:
    from foedus.feeds.recording import provisional_sensor  # noqa: PLC0415 - recording imports this file too

    names = sorted({name for name in ids if name})[:SENSORS_MAX]
    return tuple(provisional_sensor(name=name, kind=SensorKind.RECEIVER) for name in names)


def _column_text(table: pa.Table, name: str) -> list[str]:
    """The column as text, empty where missing."""
    if name not in table.column_names:
        return [""] * table.num_rows
    return ["" if value is None else str(value) for value in table.column(name).to_pylist()]


def _column_numbers(table: pa.Table, name: str) -> tuple[F64, Bool]:
    """(values with NaN where missing, rows whose value is no number)."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan), np.zeros(table.num_rows, np.bool_)
    values, wrong = _cast(table.column(name), pa.float64())
    return np.asarray(values.fill_null(np.nan).to_numpy(), np.float64).copy(), wrong


def _column_integers(table: pa.Table, name: str) -> tuple[npt.NDArray[np.int64], Bool]:
    """(values with 0 where missing, rows whose value is no whole number or missing)."""
    column = table.column(name)
    values, wrong = _cast(column, pa.int64())
    missing = np.asarray(column.is_null().to_numpy(), np.bool_)
    return np.asarray(values.fill_null(0).to_numpy(), np.int64).copy(), wrong | missing


def _cast(column: Any, kind: Any) -> tuple[Any, Bool]:
    """(column of the kind, rows that could not be cast): all at once, and one by one where that fails."""
    try:
        return column.cast(kind), np.zeros(len(column), np.bool_)
    except pa.ArrowException:
        pass
    values = []
    wrong = np.zeros(len(column), np.bool_)
    for i, value in enumerate(column):
        try:
            values.append(pc.cast(value, kind).as_py())
        except pa.ArrowException:
            values.append(None)
            wrong[i] = True
    return pa.chunked_array([pa.array(values, kind)]), wrong


def _column_codes(texts: list[str], *, base: int, digits: int) -> tuple[npt.NDArray[np.int64], Bool]:
    """(codes with -1 where missing, rows whose text is no such code)."""
    codes = np.full(len(texts), -1, np.int64)
    wrong = np.zeros(len(texts), np.bool_)
    for i, text in enumerate(texts):
        if not text:
            continue
        with contextlib.suppress(ValueError):
            codes[i] = int(text, base) if len(text) == digits and text.isalnum() else -1
        wrong[i] = codes[i] < 0
    return codes, wrong


def table_from_plots(plots: Plots, sensors: tuple[Sensor, ...]) -> pa.Table:
    """The plots as a table of SCHEMA; unknown values are null."""
    columns: list[Any] = [
        pa.array(plots.time_ns, pa.int64()),
        pa.array([sensors[i].id for i in plots.sensor.tolist()], pa.string()),
        pa.array([PlotKind(kind).name for kind in plots.kind.tolist()], pa.string()),
    ]
    columns.extend(pa.array(getattr(plots, name), pa.float64(), from_pandas=True) for name in NUMBERS)
    columns.append(pa.array([f"{a:06x}" if a >= 0 else None for a in plots.icao24.tolist()], pa.string()))
    columns.append(pa.array([f"{a:04o}" if a >= 0 else None for a in plots.mode_a.tolist()], pa.string()))
    columns.append(pa.array([unpack_callsign(c) or None for c in plots.callsign.tolist()], pa.string()))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def encode_table(plots: Plots, sensors: tuple[Sensor, ...], format: str) -> bytes:  # noqa: A002
    """The plots as the bytes of a `csv` or `parquet` file."""
    table = table_from_plots(plots, sensors)
    sink = io.BytesIO()
    if format == "csv":
        pa.csv.write_csv(table, sink)
    else:
        pa.parquet.write_table(table, sink)
    return sink.getvalue()
