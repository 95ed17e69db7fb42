"""The recorded day over Switzerland, 1 August 2018: 842 aircraft, 139,098 state vectors, one every 10 s each.

The data come from the OpenSky Network and ship in the package `traffic`; whoever publishes results with them
cites M. Schaefer, M. Strohmeier, V. Lenders, I. Martinovic, M. Wilhelm: Bringing Up OpenSky: A Large-scale
ADS-B Sensor Network for Research. IPSN 2014. The package is not imported (its own dependencies are not
installed), only looked up; the file inside it is read.
"""

import gzip
import importlib.util
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from foedus.errors import FeedError, SetupError
from foedus.model import F64, FOOT_M, I32, I64, KNOT_M_S, pack_callsign

SWITZERLAND: Final = "switzerland"
_FILE: Final = ("data", "samples", "collections", "switzerland.json.gz")
_MILLISECOND_NS: Final = 1_000_000


class StateVectors(NamedTuple):
    """What aircraft reported of themselves, one row per report, ordered by time and address."""

    time_ns: I64
    icao24: I32
    callsign: I64  # packed, 0 unknown
    lat_rad: F64
    lon_rad: F64
    baro_m: F64  # pressure altitude
    speed_m_s: F64  # over ground; NaN unknown
    course_rad: F64  # over ground, clockwise from true north; NaN unknown
    climb_m_s: F64  # NaN unknown


class _Row(msgspec.Struct):
    """One row of the file, in the units in which it comes."""

    timestamp: int  # ms
    altitude: float  # ft
    callsign: str
    groundspeed: float | None  # kt
    icao24: str
    latitude: float
    longitude: float
    track: float | None  # degrees
    vertical_rate: float | None  # ft/min


def find_recording(source: str) -> Path:
    """The file of a recording by the name that network files use; SetupError if it is not on this machine."""
    if source != SWITZERLAND:
        raise SetupError(f"there is no recording {source!r}; the only one is {SWITZERLAND!r}")
    spec = importlib.util.find_spec("traffic")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder).joinpath(*_FILE)
        if path.is_file():
            return path
    raise SetupError(
        "the recorded Swiss day is missing: "
        "type `python -m pip install --no-deps -r requirements/recording.lock`, or `make demo`"
    )


def parse_state_vectors(data: bytes, *, where: str) -> StateVectors:
    """State vectors from the JSON rows of the file; FeedError if they cannot be read."""
    try:
        rows = msgspec.json.decode(data, type=list[_Row])
        icao24 = np.array([int(row.icao24, 16) for row in rows], np.int32)
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise FeedError(where=where, found=str(error), expected="a JSON array of state vectors") from error
    callsigns = {row.callsign: 0 for row in rows}
    for text in callsigns:
        callsigns[text] = pack_callsign(text)

    def column(values: list[float | None], scale: float) -> F64:
        return np.array([np.nan if value is None else value for value in values], np.float64) * scale

    vectors = StateVectors(
        time_ns=np.array([row.timestamp for row in rows], np.int64) * _MILLISECOND_NS,
        icao24=icao24,
        callsign=np.array([callsigns[row.callsign] for row in rows], np.int64),
        lat_rad=np.radians(column([row.latitude for row in rows], 1.0)),
        lon_rad=np.radians(column([row.longitude for row in rows], 1.0)),
        baro_m=column([row.altitude for row in rows], FOOT_M),
        speed_m_s=column([row.groundspeed for row in rows], KNOT_M_S),
        course_rad=np.radians(column([row.track for row in rows], 1.0)),
        climb_m_s=column([row.vertical_rate for row in rows], FOOT_M / 60.0),
    )
    order = np.lexsort((vectors.icao24, vectors.time_ns))
    return StateVectors._make(values[order] for values in vectors)


def load_state_vectors(source: str = SWITZERLAND) -> StateVectors:
    """The state vectors of a recording; SetupError if it is missing, FeedError if it is damaged."""
    path = find_recording(source)
    try:
        data = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, ValueError) as error:
        raise FeedError(where=path.name, found=str(error), expected="a gzip file") from error
    return parse_state_vectors(data, where=path.name)
