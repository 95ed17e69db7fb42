"""The nouns of foedus: columns for what comes by the thousand, structs for what is decided one at a time.

SI units, radians, int64 nanoseconds UTC (since 1970-01-01T00:00:00Z, leap seconds not counted) everywhere.
The spelling of "unknown" stands at each column: NaN for a float, -1 or 0 for an integer.
"""

from enum import Enum, IntEnum
from typing import Annotated, NamedTuple, Self, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I16 = npt.NDArray[np.int16]
I8 = npt.NDArray[np.int8]
Bool = npt.NDArray[np.bool_]

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
FOOT_M = 0.3048
KNOT_M_S = 1852.0 / 3600.0


class PlotKind(IntEnum):
    """How a plot gives its position."""

    POLAR = 0  # slant range and azimuth from the sensor, elevation where it has one
    GEODETIC = 1  # latitude and longitude on WGS-84


class TrackStatus(IntEnum):
    """Life of a track."""

    TENTATIVE = 0
    CONFIRMED = 1
    COASTING = 2
    DROPPED = 3


class TrackClass(IntEnum):
    """What a track is known to be, as far as the pact may select by it; each track is one of these."""

    UNIDENTIFIED = 0  # answers no interrogation: neither address nor Mode A code in its plots
    COOPERATIVE = 1  # answers: address or Mode A code known
    # What an authority has found it to be. The tracker itself says the two above, and of what answers nobody
    # and surely moves as only a body in free fall does, that it is ballistic.
    AIRCRAFT = 2  # crewed, answering nobody
    BALLISTIC = 3
    CRUISE = 4
    UAS = 5  # uncrewed aircraft


class Identity(IntEnum):
    """What an authority of a member has declared a track to be (identity amplification of STANAG 1241).

    The program declares nothing: a track of which nobody said anything is PENDING.
    """

    PENDING = 0
    UNKNOWN = 1
    ASSUMED_FRIEND = 2
    FRIEND = 3
    NEUTRAL = 4
    SUSPECT = 5
    HOSTILE = 6


class Form(IntEnum):
    """The lattice in which a track may be released; the onward form along a path is the minimum."""

    NONE = 0
    ALERT = 1  # area cell, time, class: a tearline
    REGION = 2  # position on a 1 degree grid; no height, velocity or identity
    COARSE = 3  # position on a 0.1 degree grid, height to 500 m, velocity to 25 m/s; no identity
    TRACK = 4  # the estimate with its accuracy and identity, without the sensors behind it
    SOURCE = 5  # plots with their sensor


class SensorKind(Enum):
    """What a sensor measures."""

    RADAR = "radar"  # polar plots
    RECEIVER = "receiver"  # positions that aircraft report or that multilateration finds: geodetic plots


Sigma = Annotated[float, msgspec.Meta(ge=0, le=1e6)]


class Sensor(msgspec.Struct, frozen=True, kw_only=True):
    """One sensor and its errors; angles in degrees as in the network file, converted where they are used."""

    id: str
    kind: SensorKind
    lat_deg: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon_deg: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    height_m: Annotated[float, msgspec.Meta(ge=-500, le=100_000)]
    period_s: Annotated[float, msgspec.Meta(gt=0, le=3_600)]
    """Time between two looks at the same object: rotation of a radar, report interval of a receiver."""
    range_max_m: Annotated[float, msgspec.Meta(gt=0, le=1e7)]
    range_min_m: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 0.0
    elevation_min_deg: Annotated[float, msgspec.Meta(ge=-90, le=90)] = 0.0
    elevation_max_deg: Annotated[float, msgspec.Meta(ge=-90, le=90)] = 90.0
    azimuth_from_deg: Annotated[float, msgspec.Meta(ge=0, le=360)] = 0.0
    azimuth_to_deg: Annotated[float, msgspec.Meta(ge=0, le=360)] = 360.0
    """Coverage, clockwise from `from` to `to`, also across north; all round where they are equal or a circle
    apart. It says where a silent sensor is evidence; a plot from outside it is taken all the same."""
    range_sigma_m: Sigma = 60.0
    azimuth_sigma_deg: Sigma = 0.1
    elevation_sigma_deg: Sigma = 0.3
    range_rate_sigma_m_s: Sigma = 2.0
    position_sigma_m: Sigma = 60.0
    height_sigma_m: Sigma = 50.0
    detection_probability: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.9
    clutter_per_scan: Annotated[float, msgspec.Meta(ge=0, le=10_000)] = 0.0
    sac: Annotated[int, msgspec.Meta(ge=-1, le=255)] = -1
    """ASTERIX system area code, -1 where the sensor does not speak ASTERIX."""
    sic: Annotated[int, msgspec.Meta(ge=-1, le=255)] = -1


class Plots(NamedTuple):
    """Detections, one per row; every column has shape (n,)."""

    time_ns: I64
    sensor: I32  # index into the node's list of sensors
    kind: I8  # PlotKind
    range_m: F64  # slant range; NaN unknown
    azimuth_rad: F64  # clockwise from true north at the sensor; NaN unknown
    elevation_rad: F64  # NaN unknown
    range_rate_m_s: F64  # positive away from the sensor; NaN unknown
    lat_rad: F64  # NaN unknown
    lon_rad: F64  # NaN unknown
    height_m: F64  # above the WGS-84 ellipsoid; NaN unknown
    baro_m: F64  # pressure altitude; NaN unknown
    icao24: I32  # 24-bit aircraft address; -1 unknown
    mode_a: I16  # Mode 3/A code as a 12-bit number; -1 unknown
    callsign: I64  # eight 6-bit ICAO characters, see pack_callsign; 0 unknown

    @classmethod
    def empty(cls, n: int = 0) -> Self:
        """N rows in which every value is unknown, time and sensor 0."""
        nan = [np.full(n, np.nan) for _ in range(8)]
        return cls._make(
            [
                np.zeros(n, np.int64),
                np.zeros(n, np.int32),
                np.zeros(n, np.int8),
                *nan,
                np.full(n, -1, np.int32),
                np.full(n, -1, np.int16),
                np.zeros(n, np.int64),
            ]
        )


class Tracks(NamedTuple):
    """Estimates, one per row; every column has shape (n,). Own tracks and the fused picture alike."""

    number: I32  # positive, kept for the life of the track
    time_ns: I64  # time of the estimate: that of its newest plot or report
    status: I8  # TrackStatus
    lat_rad: F64
    lon_rad: F64
    height_m: F64  # NaN unknown
    velocity_east_m_s: F64
    velocity_north_m_s: F64
    velocity_up_m_s: F64
    position_sigma_m: F64  # one sigma per horizontal axis
    height_sigma_m: F64
    velocity_sigma_m_s: F64  # one sigma per horizontal axis
    track_class: I8  # TrackClass
    icao24: I32  # -1 unknown
    mode_a: I16  # -1 unknown
    callsign: I64  # 0 unknown
    sources: I64  # bit set: sensors behind one's own track, parties behind a fused one

    @classmethod
    def empty(cls, n: int = 0) -> Self:
        """N rows of zeros with unknown identity."""
        return cls._make(
            [
                np.zeros(n, np.int32),
                np.zeros(n, np.int64),
                np.zeros(n, np.int8),
                *[np.zeros(n) for _ in range(9)],
                np.zeros(n, np.int8),
                np.full(n, -1, np.int32),
                np.full(n, -1, np.int16),
                np.zeros(n, np.int64),
                np.zeros(n, np.int64),
            ]
        )


class Reports(NamedTuple):
    """What one partner is given, one row per track; every column has shape (n,) but `onward`."""

    number: I32  # the recipient's number for this track, not the sender's
    time_ns: I64
    form: I8  # Form
    clause: I16  # index into the clause names of the message
    lat_rad: F64
    lon_rad: F64
    height_m: F64  # NaN where the form does not carry it
    velocity_east_m_s: F64  # NaN where the form does not carry it
    velocity_north_m_s: F64
    velocity_up_m_s: F64
    position_sigma_m: F64
    height_sigma_m: F64
    velocity_sigma_m_s: F64
    track_class: I8  # TrackClass
    icao24: I32  # -1 unknown or not released
    callsign: I64  # 0 unknown or not released
    onward: I8  # shape (n, parties): the highest Form in which the recipient may pass the row to each party

    @classmethod
    def empty(cls, n: int = 0, parties: int = 0) -> Self:
        """N rows of zeros, nothing onward."""
        return cls._make(
            [
                np.zeros(n, np.int32),
                np.zeros(n, np.int64),
                np.zeros(n, np.int8),
                np.zeros(n, np.int16),
                *[np.zeros(n) for _ in range(9)],
                np.zeros(n, np.int8),
                np.full(n, -1, np.int32),
                np.zeros(n, np.int64),
                np.zeros((n, parties), np.int8),
            ]
        )


Columns = TypeVar("Columns", Plots, Tracks, Reports)


def take(columns: Columns, rows: I64 | Bool) -> Columns:
    """The given rows of a set of columns, in the given order."""
    return type(columns)._make(column[rows] for column in columns)


def concatenate(parts: list[Columns]) -> Columns:
    """All rows of all parts, in order; at least one part."""
    assert parts
    return type(parts[0])._make(np.concatenate(columns) for columns in zip(*parts, strict=True))


def pack_callsign(text: str) -> int:
    """Eight 6-bit characters as 48 bits, first character highest; 0 for an empty or impossible text.

    Code: ICAO Annex 10 volume IV, 3.1.2.9.1.2 (letters 1-26, digits 48-57, blank 32).
    """
    text = text.strip().upper()
    if len(text) > 8 or not all(c.isascii() and c.isalnum() for c in text):
        return 0
    value = 0
    for c in text.ljust(8):
        value = value << 6 | (ord(c) - 64 if c.isalpha() else ord(c) if c != " " else 32)
    return value if text else 0


def unpack_callsign(value: int) -> str:
    """The text of a packed callsign, empty for 0."""
    letters = []
    for shift in range(42, -6, -6):
        code = value >> shift & 0x3F
        letters.append(chr(code + 64) if 1 <= code <= 26 else chr(code) if 48 <= code <= 57 else " ")
    return "".join(letters).strip()
