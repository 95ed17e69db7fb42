"""The binary picture frame that a console draws: one header, then one array per column.

Little-endian. Every array starts at a multiple of eight bytes, so that the browser takes typed-array views
of the buffer and copies nothing. `console/src/frame.ts` is the other end; VERSION stands in both.
"""

import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from foedus.model import F64, I8, SECOND_NS, Identity, Tracks

MAGIC: Final = 0x53554446  # the bytes "FDUS"
VERSION: Final = 2
HEADER: Final = struct.Struct("<IHHIIqII")
"""Magic, version, bytes of this header, rows, sequence, time (ns), rows left out, 0: 32 bytes."""

COLUMNS: Final = (
    ("callsign", "<i8"),  # model.pack_callsign; 0 unknown
    ("sources", "<i8"),  # bit set over the parties
    ("number", "<i4"),
    ("lat", "<i4"),  # 1e-7 degree
    ("lon", "<i4"),  # 1e-7 degree
    ("icao24", "<i4"),  # -1 unknown
    ("height_m", "<f4"),  # NaN unknown
    ("heading_deg", "<f4"),  # clockwise from true north, NaN unknown
    ("speed_m_s", "<f4"),  # over ground, NaN unknown
    ("climb_m_s", "<f4"),  # NaN unknown
    ("age_s", "<f4"),  # of the estimate, at the time of the frame
    ("sigma_m", "<f4"),  # one sigma per horizontal axis
    ("mode_a", "<i2"),  # -1 unknown
    ("track_class", "<u1"),
    ("status", "<u1"),
    ("identity", "<u1"),  # Identity, as an authority of this member declared it
)
"""Name and type of each column, in the order in which they travel."""

UNITS_PER_DEGREE: Final = 1e7


def encode_frame(picture: Tracks, *, time_ns: int, sequence: int, identity: I8 | None = None) -> bytes:
    """The frame of one picture; rows without a finite position are left out and counted in the header.

    identity: (n,) Identity of each row; None: nobody declared anything.
    """
    if identity is None:
        identity = np.full(picture.number.shape, Identity.PENDING, np.int8)
    drawable = np.isfinite(picture.lat_rad) & np.isfinite(picture.lon_rad)
    left_out = int(drawable.size - np.count_nonzero(drawable))
    if left_out:
        picture = Tracks._make(column[drawable] for column in picture)
        identity = identity[drawable]
    rows = int(picture.number.shape[0])
    header = HEADER.pack(MAGIC, VERSION, HEADER.size, rows, sequence & 0xFFFFFFFF, time_ns, left_out, 0)
    parts = [header]
    values = _values(picture, time_ns) | {"identity": identity}
    for name, dtype in COLUMNS:
        data = values[name].astype(dtype).tobytes()
        parts.append(data)
        parts.append(bytes(-len(data) % 8))
    return b"".join(parts)


def _values(picture: Tracks, time_ns: int) -> dict[str, npt.NDArray[np.generic]]:
    """The columns of a frame by name, in the units of the wire."""
    east, north = picture.velocity_east_m_s, picture.velocity_north_m_s
    speed = np.hypot(east, north)
    heading = np.degrees(np.arctan2(east, north)) % 360.0
    return {
        "callsign": picture.callsign,
        "sources": picture.sources,
        "number": picture.number,
        "lat": _fixed(picture.lat_rad),
        "lon": _fixed(picture.lon_rad),
        "icao24": picture.icao24,
        "height_m": picture.height_m,
        "heading_deg": np.where(speed > 0.0, heading, np.nan),  # a body at rest points nowhere
        "speed_m_s": speed,
        "climb_m_s": picture.velocity_up_m_s,
        "age_s": (time_ns - picture.time_ns) / SECOND_NS,
        "sigma_m": picture.position_sigma_m,
        "mode_a": picture.mode_a,
        "track_class": picture.track_class,
        "status": picture.status,
    }


def _fixed(angle_rad: F64) -> npt.NDArray[np.generic]:
    """Angles as whole 1e-7 degrees; longitudes beyond the date line are brought back into +-180."""
    degrees = np.degrees(angle_rad)
    return np.rint((((degrees + 180.0) % 360.0) - 180.0) * UNITS_PER_DEGREE)
