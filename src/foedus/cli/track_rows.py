"""Track updates as rows of a table: the TRACKS schema of docs/tracking.md, and a file of it."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from foedus.errors import SetupError
from foedus.model import F64, I64, Sensor, TrackStatus, unpack_callsign
from foedus.track.table import DOUBTS, MODELS

if TYPE_CHECKING:
    from foedus.track.tracker import Updates

ROWS_PER_GROUP: Final = 65_536
"""Rows that are gathered before they are written, so that memory does not grow with the recording: 20 MB."""
COVARIANCE_TERMS: Final = 21
EAST, NORTH, UP, SPEED_EAST, SPEED_NORTH = 0, 6, 11, 15, 18
"""Places of the variances in the upper triangle of a 6 x 6 covariance."""

SCHEMA: Final = pa.schema(
    [
        ("time_ns", pa.int64()),
        ("number", pa.int32()),
        ("status", pa.string()),
        ("lat_deg", pa.float64()),
        ("lon_deg", pa.float64()),
        ("height_m", pa.float64()),
        ("velocity_east_m_s", pa.float64()),
        ("velocity_north_m_s", pa.float64()),
        ("velocity_up_m_s", pa.float64()),
        ("position_sigma_m", pa.float64()),
        ("height_sigma_m", pa.float64()),
        ("velocity_sigma_m_s", pa.float64()),
        ("covariance", pa.list_(pa.float64())),
        ("model_probability", pa.list_(pa.float64())),
        ("quality", pa.float64()),
        ("sensors", pa.list_(pa.string())),
        ("icao24", pa.string()),
        ("mode_a", pa.string()),
        ("callsign", pa.string()),
        ("doubts", pa.list_(pa.string())),
    ]
)


def _texts(values: list[str], unknown: "np.ndarray[Any, Any]") -> Any:
    return pa.array(values, pa.string(), mask=unknown)


def _lists(values: F64) -> Any:
    """(n, m) numbers as n lists of m."""
    starts = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(pa.array(starts), pa.array(np.ascontiguousarray(values).reshape(-1)))


def _named_bits(sets: I64, names: tuple[str, ...]) -> Any:
    """Bit sets as lists of the names of their bits."""
    held = (sets[:, None] >> np.arange(len(names)) & 1).astype(np.bool_)
    starts = np.append(0, np.cumsum(held.sum(axis=1))).astype(np.int32)
    bits = np.nonzero(held)[1]
    return pa.ListArray.from_arrays(pa.array(starts), pa.array(names, pa.string()).take(pa.array(bits)))


def table_of(updates: "Updates", sensors: tuple[Sensor, ...]) -> pa.Table:
    """The updates as a table of SCHEMA: degrees, hexadecimal address, octal code; null where unknown."""
    spread, height = updates.covariance, updates.height_m
    names = {int(status): status.name for status in TrackStatus}
    columns: dict[str, Any] = {
        "time_ns": updates.time_ns,
        "number": updates.number.astype(np.int32),
        "status": pa.array([names[value] for value in updates.status.tolist()], pa.string()),
        "lat_deg": np.degrees(updates.lat_rad),
        "lon_deg": np.degrees(updates.lon_rad),
        "height_m": pa.array(height, from_pandas=True),
        "velocity_east_m_s": updates.velocity_m_s[:, 0],
        "velocity_north_m_s": updates.velocity_m_s[:, 1],
        "velocity_up_m_s": pa.array(updates.velocity_m_s[:, 2], mask=np.isnan(height)),
        "position_sigma_m": np.sqrt(0.5 * (spread[:, EAST] + spread[:, NORTH])),
        "height_sigma_m": np.sqrt(spread[:, UP]),
        "velocity_sigma_m_s": np.sqrt(0.5 * (spread[:, SPEED_EAST] + spread[:, SPEED_NORTH])),
        "covariance": _lists(spread),
        "model_probability": _lists(updates.model_probability),
        "quality": updates.quality,
        "sensors": _named_bits(updates.sensors, tuple(sensor.id for sensor in sensors)),
        "icao24": _texts([f"{value:06x}" for value in updates.icao24.tolist()], updates.icao24 < 0),
        "mode_a": _texts([f"{value & 0xFFF:04o}" for value in updates.mode_a.tolist()], updates.mode_a < 0),
        "callsign": _texts(
            [unpack_callsign(value) for value in updates.callsign.tolist()], updates.callsign == 0
        ),
        "doubts": _named_bits(updates.doubts, DOUBTS),
    }
    assert updates.covariance.shape[1] == COVARIANCE_TERMS
    assert updates.model_probability.shape[1] == MODELS
    return pa.table(columns, schema=SCHEMA)


class RowWriter:
    """A Parquet file of track updates, written in groups of rows; SetupError where that cannot be done."""

    def __init__(self, path: str, sensors: tuple[Sensor, ...]) -> None:
        self._path = path
        self._sensors = sensors
        self._waiting: list[Updates] = []
        self._rows = 0
        try:
            self._writer = pq.ParquetWriter(path, SCHEMA)
        except OSError as error:
            raise self._fault(error) from error

    def write(self, updates: "Updates") -> None:
        """Take rows; they reach the file once there are enough of them, or at the end."""
        if len(updates.number) == 0:
            return
        self._waiting.append(updates)
        self._rows += len(updates.number)
        if self._rows >= ROWS_PER_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows == 0:
            return
        columns = zip(*self._waiting, strict=True)
        rows = type(self._waiting[0])._make(np.concatenate(parts) for parts in columns)
        self._waiting, self._rows = [], 0
        try:
            self._writer.write_table(table_of(rows, self._sensors))
        except OSError as error:
            raise self._fault(error) from error

    def _fault(self, error: OSError) -> SetupError:
        return SetupError(f"{self._path} cannot be written: {error.strerror or error}")

    def __enter__(self) -> Self:
        """The open writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what waits and close the file."""
        try:
            if kind is None:
                self._flush()
        finally:
            self._writer.close()
