"""Kernels that turn the records found by asterix_walk into plots.

Items are taken as the specifications of asterix_tables define them. What a target report says of itself
decides whether it is a plot: test, simulated and fixed targets are none, nor is a position only extrapolated.
"""

# ruff: noqa: PLR0911 - kernels return status codes, and branch where the format does

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from foedus.feeds import rows
from foedus.feeds.asterix_tables import CATEGORIES, CATEGORY_010, CATEGORY_048, CATEGORY_062
from foedus.feeds.asterix_walk import octet
from foedus.feeds.callsign import callsign
from foedus.jit import kernel
from foedus.model import DAY_NS, F64, FOOT_M, I64, PlotKind

U8 = npt.NDArray[np.uint8]

TICK_NS: Final = 7_812_500  # 1/128 s
DAY_TICKS: Final = 86_400 * 128
HALF_DAY_NS: Final = DAY_NS // 2
NAUTICAL_MILE_M: Final = 1852.0
TURN_16 = math.tau / 65_536

# Outcomes of one record; the names are in asterix.py.
TARGET: Final = 0
TARGET_NOT_LIVE: Final = 1
TARGET_WITHOUT_POSITION: Final = 2
TARGET_NOT_DETECTED: Final = 3
MESSAGE: Final = 4  # plus the message type, 1 to 7
NO_SOURCE: Final = 12
NO_TIME: Final = 13
TIME_TOO_LATE: Final = 14
MESSAGE_UNKNOWN: Final = 15
POSITION_IMPOSSIBLE: Final = 16
UNKNOWN_SOURCE: Final = 17
OUTCOMES: Final = 18


@kernel
def _u16(data: U8, p: int) -> int:
    return octet(data, p) << 8 | octet(data, p + 1)


@kernel
def _s16(data: U8, p: int) -> int:
    value = octet(data, p) << 8 | octet(data, p + 1)
    return value - 0x10000 if value & 0x8000 else value


@kernel
def _u24(data: U8, p: int) -> int:
    return octet(data, p) << 16 | octet(data, p + 1) << 8 | octet(data, p + 2)


@kernel
def _s32(data: U8, p: int) -> int:
    value = _u24(data, p) << 8 | octet(data, p + 3)
    return value - (1 << 32) if value & 0x80000000 else value


@kernel
def _u48(data: U8, p: int) -> int:
    return _u24(data, p) << 24 | _u24(data, p + 3)


@kernel
def _resolve(ticks: int, now_ns: int) -> int:
    """The instant nearest to now_ns with this time of day; see decoder.resolve_time_of_day."""
    offset_ns = (ticks * TICK_NS - now_ns) % DAY_NS
    if offset_ns >= HALF_DAY_NS:
        offset_ns -= DAY_NS
    return now_ns + offset_ns


@kernel
def _height_m(feet: float) -> float:
    """Metres; NaN below HEIGHT_M_MIN, where a transponder or a bit is wrong but the position may be right."""
    height_m = feet * FOOT_M
    return height_m if height_m >= rows.HEIGHT_M_MIN else math.nan


@kernel
def _flight_level_m(raw: int) -> float:
    """I048/090, I010/090: metres; NaN when not validated or garbled."""
    if raw & 0xC000:
        return math.nan
    return _height_m((raw - 0x4000 if raw & 0x2000 else raw) * 25.0)


@kernel
def _mode_a(raw: int) -> int:
    """Mode 3/A code, -1 when not validated or garbled."""
    return -1 if raw & 0xC000 else raw & 0x0FFF


_T010_TYPE = CATEGORY_010.slot("000")
_T010_DESCRIPTOR = CATEGORY_010.slot("020")
_T010_TIME = CATEGORY_010.slot("140")
_T010_WGS84 = CATEGORY_010.slot("041")
_T010_POLAR = CATEGORY_010.slot("040")
_T010_CARTESIAN = CATEGORY_010.slot("042")
_T010_MODE_A = CATEGORY_010.slot("060")
_T010_ADDRESS = CATEGORY_010.slot("220")
_T010_CALLSIGN = CATEGORY_010.slot("245")
_T010_LEVEL = CATEGORY_010.slot("090")
_LSB_041 = math.pi / (1 << 31)

_MESSAGE_TYPE = 1  # slot of item 000 in categories 010, 034, 065
assert all(CATEGORIES[i].slot("000") == _MESSAGE_TYPE for i in (0, 1, 4))


@kernel
def _position_is_possible(lat_rad: float, lon_rad: float) -> bool:
    return abs(lat_rad) <= 0.5 * math.pi and abs(lon_rad) <= math.pi


@kernel
def _take_010(data: U8, at: I64, whole: I64, real: F64, row: int, now_ns: int) -> int:
    """Outcome of a category 010 target report; on TARGET the row is filled."""
    if at[_T010_TIME] < 0:
        return NO_TIME
    ticks = _u24(data, at[_T010_TIME])
    if ticks >= DAY_TICKS:
        return TIME_TOO_LATE
    p = at[_T010_DESCRIPTOR]
    if p >= 0 and data[p] & 1 and data[p + 1] & 0xE0:  # SIM, TST, RAB
        return TARGET_NOT_LIVE
    if at[_T010_WGS84] >= 0:
        lat_rad = _s32(data, at[_T010_WGS84]) * _LSB_041
        lon_rad = _s32(data, at[_T010_WGS84] + 4) * _LSB_041
        if not _position_is_possible(lat_rad, lon_rad):
            return POSITION_IMPOSSIBLE
        whole[rows.KIND, row] = PlotKind.GEODETIC
        real[rows.LAT_RAD, row] = lat_rad
        real[rows.LON_RAD, row] = lon_rad
    elif at[_T010_CARTESIAN] >= 0:
        x_m = _s16(data, at[_T010_CARTESIAN])
        y_m = _s16(data, at[_T010_CARTESIAN] + 2)
        real[rows.RANGE_M, row] = math.hypot(x_m, y_m)
        real[rows.AZIMUTH_RAD, row] = math.atan2(x_m, y_m) % math.tau
    elif at[_T010_POLAR] >= 0:
        real[rows.RANGE_M, row] = _u16(data, at[_T010_POLAR])
        real[rows.AZIMUTH_RAD, row] = _u16(data, at[_T010_POLAR] + 2) * TURN_16
    else:
        return TARGET_WITHOUT_POSITION
    whole[rows.TIME_NS, row] = _resolve(ticks, now_ns)
    if at[_T010_MODE_A] >= 0:
        whole[rows.MODE_A, row] = _mode_a(_u16(data, at[_T010_MODE_A]))
    if at[_T010_ADDRESS] >= 0:
        whole[rows.ICAO24, row] = _u24(data, at[_T010_ADDRESS])
    if at[_T010_CALLSIGN] >= 0:
        whole[rows.CALLSIGN, row] = callsign(_u48(data, at[_T010_CALLSIGN] + 1))
    if at[_T010_LEVEL] >= 0:
        real[rows.BARO_M, row] = _flight_level_m(_u16(data, at[_T010_LEVEL]))
    return TARGET


_T048_TIME = CATEGORY_048.slot("140")
_T048_DESCRIPTOR = CATEGORY_048.slot("020")
_T048_POLAR = CATEGORY_048.slot("040")
_T048_MODE_A = CATEGORY_048.slot("070")
_T048_LEVEL = CATEGORY_048.slot("090")
_T048_ADDRESS = CATEGORY_048.slot("220")
_T048_CALLSIGN = CATEGORY_048.slot("240")
_T048_DOPPLER = CATEGORY_048.slot("120")


@kernel
def _take_048(data: U8, at: I64, whole: I64, real: F64, row: int, now_ns: int) -> int:
    """Outcome of a category 048 target report; on TARGET the row is filled."""
    if at[_T048_TIME] < 0:
        return NO_TIME
    ticks = _u24(data, at[_T048_TIME])
    if ticks >= DAY_TICKS:
        return TIME_TOO_LATE
    p = at[_T048_DESCRIPTOR]
    if p >= 0:
        if data[p] & 0x12 or (data[p] & 1 and data[p + 1] & 0x80):  # SIM, RAB; TST
            return TARGET_NOT_LIVE
        if not data[p] & 0xE0:  # TYP 0: no detection
            return TARGET_NOT_DETECTED
    if at[_T048_POLAR] < 0:
        return TARGET_WITHOUT_POSITION
    whole[rows.TIME_NS, row] = _resolve(ticks, now_ns)
    real[rows.RANGE_M, row] = _u16(data, at[_T048_POLAR]) * (NAUTICAL_MILE_M / 256)
    real[rows.AZIMUTH_RAD, row] = _u16(data, at[_T048_POLAR] + 2) * TURN_16
    if at[_T048_MODE_A] >= 0:
        whole[rows.MODE_A, row] = _mode_a(_u16(data, at[_T048_MODE_A]))
    if at[_T048_LEVEL] >= 0:
        real[rows.BARO_M, row] = _flight_level_m(_u16(data, at[_T048_LEVEL]))
    if at[_T048_ADDRESS] >= 0:
        whole[rows.ICAO24, row] = _u24(data, at[_T048_ADDRESS])
    if at[_T048_CALLSIGN] >= 0:
        whole[rows.CALLSIGN, row] = callsign(_u48(data, at[_T048_CALLSIGN]))
    p = at[_T048_DOPPLER]
    if p >= 0 and data[p] & 0x80 and not data[p + 1] & 0x80:  # CAL, not doubtful
        speed = _u16(data, p + 1) & 0x3FF
        real[rows.RANGE_RATE_M_S, row] = speed - 0x400 if speed & 0x200 else speed
    return TARGET


_T062_TIME = CATEGORY_062.slot("070")
_T062_WGS84 = CATEGORY_062.slot("105")
_T062_STATUS = CATEGORY_062.slot("080")
_T062_MODE_A = CATEGORY_062.slot("060")
_T062_CALLSIGN = CATEGORY_062.slot("245")
_T062_DERIVED = CATEGORY_062.slot("380")
_T062_HEIGHT = CATEGORY_062.slot("130")
_T062_MEASURED_LEVEL = CATEGORY_062.slot("136")
_T062_LEVEL = CATEGORY_062.slot("135")
_LSB_105 = math.pi / (1 << 25)


@kernel
def _extension(data: U8, position: int, part: int) -> int:
    """Octet `part` of an extended item, 0 when it ends before."""
    p = position
    for _ in range(part):
        if not data[p] & 1:
            return 0
        p += 1
    return octet(data, p)


@kernel
def _take_062_identity(data: U8, at: I64, whole: I64, real: F64, row: int) -> None:
    if at[_T062_MODE_A] >= 0:
        whole[rows.MODE_A, row] = _mode_a(_u16(data, at[_T062_MODE_A]))
    if at[_T062_CALLSIGN] >= 0:
        whole[rows.CALLSIGN, row] = callsign(_u48(data, at[_T062_CALLSIGN] + 1))
    p = at[_T062_DERIVED]
    if p < 0:
        return
    bits = octet(data, p)
    while data[p] & 1:
        p += 1
    p += 1
    if bits & 0x80:  # ADR, the first subitem
        whole[rows.ICAO24, row] = _u24(data, p)
        p += 3
    if bits & 0x40 and whole[rows.CALLSIGN, row] == 0:  # ID, the second
        whole[rows.CALLSIGN, row] = callsign(_u48(data, p))


@kernel
def _take_062(data: U8, at: I64, whole: I64, real: F64, row: int, now_ns: int) -> int:
    """Outcome of a category 062 system track; on TARGET the row is filled."""
    if at[_T062_TIME] < 0:
        return NO_TIME
    ticks = _u24(data, at[_T062_TIME])
    if ticks >= DAY_TICKS:
        return TIME_TOO_LATE
    if at[_T062_STATUS] >= 0:
        if _extension(data, at[_T062_STATUS], 1) & 0x80:  # SIM
            return TARGET_NOT_LIVE
        if _extension(data, at[_T062_STATUS], 3) & 0x80:  # CST: the other tracker only extrapolates
            return TARGET_NOT_DETECTED
    if at[_T062_WGS84] < 0:
        return TARGET_WITHOUT_POSITION
    lat_rad = _s32(data, at[_T062_WGS84]) * _LSB_105
    lon_rad = _s32(data, at[_T062_WGS84] + 4) * _LSB_105
    if not _position_is_possible(lat_rad, lon_rad):
        return POSITION_IMPOSSIBLE
    whole[rows.TIME_NS, row] = _resolve(ticks, now_ns)
    whole[rows.KIND, row] = PlotKind.GEODETIC
    real[rows.LAT_RAD, row] = lat_rad
    real[rows.LON_RAD, row] = lon_rad
    if at[_T062_HEIGHT] >= 0:
        real[rows.HEIGHT_M, row] = _height_m(_s16(data, at[_T062_HEIGHT]) * 6.25)
    if at[_T062_MEASURED_LEVEL] >= 0:
        real[rows.BARO_M, row] = _height_m(_s16(data, at[_T062_MEASURED_LEVEL]) * 25.0)
    elif at[_T062_LEVEL] >= 0 and not data[at[_T062_LEVEL]] & 0x80:  # no QNH correction applied
        quarters = _u16(data, at[_T062_LEVEL])
        real[rows.BARO_M, row] = _height_m((quarters - 0x8000 if quarters & 0x4000 else quarters) * 25.0)
    _take_062_identity(data, at, whole, real, row)
    return TARGET


@kernel
def _clear(whole: I64, real: F64, row: int, sensor: int) -> None:
    real[:, row] = math.nan
    whole[rows.SENSOR, row] = sensor
    whole[rows.KIND, row] = PlotKind.POLAR
    whole[rows.ICAO24, row] = -1
    whole[rows.MODE_A, row] = -1
    whole[rows.CALLSIGN, row] = 0


_MESSAGE_TYPES = np.array([4, 7, 0, 0, 3])  # highest message type of each category in CATEGORIES


@kernel
def take_plots(
    data: U8,
    records: int,
    offsets: I64,
    categories: I64,
    sources: I64,
    now_ns: int,
    whole: I64,
    real: F64,
    tally: I64,
    unknown: I64,
) -> int:
    """Number of plots taken from the records into the first rows of `whole` and `real`.

    Added to: tally, shape (categories, OUTCOMES), one per record; unknown, shape (n,), one per record and
    SAC/SIC that no sensor has, at index sac << 8 | sic.
    """
    row = int(np.int64(0))  # a literal 0 would have every callee compiled twice
    for i in range(records):
        at = offsets[i]
        category = categories[i]
        if at[0] < 0:
            tally[category, NO_SOURCE] += 1
            continue
        source = _u16(data, at[0])
        if sources[source] < 0:
            unknown[source] += 1
            tally[category, UNKNOWN_SOURCE] += 1
            continue
        message = 1
        if _MESSAGE_TYPES[category] > 0:
            message = octet(data, at[_MESSAGE_TYPE]) if at[_MESSAGE_TYPE] >= 0 else 0
            if not 1 <= message <= _MESSAGE_TYPES[category]:
                tally[category, MESSAGE_UNKNOWN] += 1
                continue
        if category in (1, 4) or message != 1:
            tally[category, MESSAGE + message] += 1
            continue
        _clear(whole, real, row, sources[source])
        if category == 0:
            outcome = _take_010(data, at, whole, real, row, now_ns)
        elif category == 2:
            outcome = _take_048(data, at, whole, real, row, now_ns)
        else:
            outcome = _take_062(data, at, whole, real, row, now_ns)
        tally[category, outcome] += 1
        row += outcome == TARGET
    return row
