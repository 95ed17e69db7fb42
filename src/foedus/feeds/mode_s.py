"""Kernels that turn Mode S replies and extended squitters into plots.

RTCA DO-260B (2.2.3.2 and appendix A) and ICAO Annex 10 volume IV, chapter 3; ICAO Doc 9871 for the compact
position reports (CPR). Parity is checked and never repaired: a corrected frame would be an invented one.
Only what an aircraft says of itself (DF 17, DF 18 with CF 0) becomes a plot.
"""

# ruff: noqa: PLR0911 - kernels return status codes, and branch where the format does

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from foedus.feeds import rows
from foedus.feeds.callsign import callsign
from foedus.jit import kernel
from foedus.limits import AIRCRAFT_MAX
from foedus.model import F64, FOOT_M, I32, I64, PlotKind

U8 = npt.NDArray[np.uint8]

FRAME_OCTETS_MAX: Final = 14
GENERATOR: Final = 0xFFF409
"""Annex 10 volume IV, 3.1.2.3.3.1.2: the 24 bits below the leading one of the parity generator."""

PAIR_NS_MAX: Final = 10_000_000_000
"""Even and odd frames may be 10 s apart: DO-260B, A.1.7.7."""

REFERENCE_NS_MAX: Final = 180_000_000_000
"""Age of a last position that still resolves a single frame: at 1 km/s about half of 180 NM."""

SPEED_M_S_MAX: Final = 1_000.0
LEAP_M: Final = 2_000.0
"""A position further than this and SPEED_M_S_MAX allow from the last one is not believed."""

TICKS_PER_SECOND: Final = 12_000_000
COUNTER_MASK: Final = (1 << 48) - 1
LEAP_TICKS: Final = 60 * TICKS_PER_SECOND
"""A counter that moves further between two frames must be confirmed by the next frame."""

MLAT_STAMP: Final = 0xFF004D4C4154
"""Counter value that dump1090 and readsb give to frames made from multilateration."""

NO_STAMP: Final = -1
PROBES: Final = 64
INTERROGATOR_MAX: Final = 79  # code label and interrogator code under the parity of DF 11: 3.1.2.5.2.1.3

# Outcomes of one frame; the names are in beast.py. 0 to 31: downlink formats that carry no plot.
MODE_A_C: Final = 32
POSITION: Final = 33
POSITION_ALONE: Final = 34
IDENTIFICATION: Final = 35
VELOCITY: Final = 36
SQUITTER_OTHER: Final = 37
RELAYED: Final = 38
PARITY: Final = 39
LENGTH: Final = 40
FORMAT_UNKNOWN: Final = 41
SURFACE: Final = 42
LEAP: Final = 43
STAMP: Final = 44
TABLE_FULL: Final = 45
STATUS: Final = 46
OUTCOMES: Final = 47

# Fields of the clock.
ANCHOR_NS: Final = 0
ANCHOR_TICKS: Final = 1
LAST_TICKS: Final = 2
CANDIDATE_TICKS: Final = 3
RUNS: Final = 4
HAS_CANDIDATE: Final = 5
CLOCK: Final = 6


class Aircraft(NamedTuple):
    """What is remembered of each address, an open hash table; every column has AIRCRAFT_MAX rows."""

    address: I32  # -1 free
    heard_ns: I64
    cpr: I32  # shape (n, 2, 2): parity, (latitude, longitude)
    cpr_ns: I64  # shape (n, 2); far in the past: none
    lat_deg: F64
    lon_deg: F64
    position_ns: I64  # far in the past: none
    callsign: I64


LONG_AGO: Final = -(1 << 62)


def no_aircraft() -> Aircraft:
    """An empty table."""
    n = AIRCRAFT_MAX
    return Aircraft(
        np.full(n, -1, np.int32),
        np.zeros(n, np.int64),
        np.zeros((n, 2, 2), np.int32),
        np.full((n, 2), LONG_AGO, np.int64),
        np.zeros(n),
        np.zeros(n),
        np.full(n, LONG_AGO, np.int64),
        np.zeros(n, np.int64),
    )


def parity_table() -> I32:
    """Remainder of each octet followed by 24 zero bits, shape (256,)."""
    table = np.zeros(256, np.int32)
    for octet in range(256):
        remainder = octet << 16
        for _ in range(8):
            remainder = (remainder << 1 ^ (GENERATOR if remainder & 0x800000 else 0)) & 0xFFFFFF
        table[octet] = remainder
    return table


@kernel
def octet(data: U8, p: int) -> int:
    """One octet as a signed number: numba's int(uint8) is unsigned, and unsigned with signed makes floats."""
    return int(np.int64(data[p]))


@kernel
def parity(frame: U8, octets: int, table: I32) -> int:
    """Remainder of a frame; 0 for a squitter that came whole, else what is overlaid on its parity."""
    remainder = 0
    for i in range(octets - 3):
        remainder = (remainder << 8 & 0xFFFFFF) ^ int(table[octet(frame, i) ^ remainder >> 16])
    return remainder ^ (
        octet(frame, octets - 3) << 16 | octet(frame, octets - 2) << 8 | octet(frame, octets - 1)
    )


@kernel
def zones(lat_deg: float) -> int:
    """NL, the number of longitude zones at a latitude: Doc 9871, C.2.6.2 d."""
    if abs(lat_deg) < 1e-9:
        return 59
    if abs(lat_deg) >= 87.0:
        return 2 if abs(lat_deg) == 87.0 else 1
    ratio = (1.0 - math.cos(math.pi / 30.0)) / math.cos(math.radians(lat_deg)) ** 2
    return math.floor(2.0 * math.pi / math.acos(1.0 - ratio))


@kernel
def resolve_pair(
    even_lat: int, even_lon: int, odd_lat: int, odd_lon: int, newest_odd: int
) -> tuple[int, float, float]:
    """(1, latitude, longitude) in degrees of the newer of an even and an odd frame; (0, 0, 0) if none.

    Globally unambiguous decoding: Doc 9871, C.2.6.7.
    """
    scale = 1.0 / 131_072.0
    j = math.floor((59 * even_lat - 60 * odd_lat) * scale + 0.5)
    lat_even = 6.0 * (j % 60 + even_lat * scale)
    lat_odd = 360.0 / 59.0 * (j % 59 + odd_lat * scale)
    if lat_even >= 270.0:
        lat_even -= 360.0
    if lat_odd >= 270.0:
        lat_odd -= 360.0
    if abs(lat_even) > 90.0 or abs(lat_odd) > 90.0 or zones(lat_even) != zones(lat_odd):
        return 0, 0.0, 0.0
    lat_deg = lat_odd if newest_odd else lat_even
    count = zones(lat_deg)
    width = max(count - newest_odd, 1)
    m = math.floor((even_lon * (count - 1) - odd_lon * count) * scale + 0.5)
    lon_deg = 360.0 / width * (m % width + (odd_lon if newest_odd else even_lon) * scale)
    if lon_deg >= 180.0:
        lon_deg -= 360.0
    return 1, lat_deg, lon_deg


@kernel
def resolve_near(
    lat_cpr: int, lon_cpr: int, odd: int, near_lat_deg: float, near_lon_deg: float
) -> tuple[float, float]:
    """(latitude, longitude) in degrees of one airborne frame within 180 NM of a known position.

    Locally unambiguous decoding: Doc 9871, C.2.6.5.
    """
    lat_part = lat_cpr / 131_072.0
    lon_part = lon_cpr / 131_072.0
    lat_width = 360.0 / (60 - odd)
    j = math.floor(near_lat_deg / lat_width) + math.floor(
        0.5 + near_lat_deg % lat_width / lat_width - lat_part
    )
    lat_deg = lat_width * (j + lat_part)
    lon_width = 360.0 / max(zones(lat_deg) - odd, 1)
    m = math.floor(near_lon_deg / lon_width) + math.floor(
        0.5 + near_lon_deg % lon_width / lon_width - lon_part
    )
    lon_deg = lon_width * (m + lon_part)
    return lat_deg, (lon_deg + 180.0) % 360.0 - 180.0


@kernel
def _from_gray(code: int) -> int:
    value = code
    shift = code >> 1
    while shift:
        value ^= shift
        shift >>= 1
    return value


@kernel
def altitude_ft(code: int) -> tuple[int, int]:
    """(1, altitude in feet) of the 12-bit altitude code of a squitter, (0, 0) when it has none.

    With the Q bit steps of 25 ft; without it the Gillham code of Annex 10 volume IV, 3.1.1.7.12.2.3, whose
    bits stand as C1 A1 C2 A2 C4 A4 B1 Q B2 D2 B4 D4.
    """
    if code == 0:
        return 0, 0
    if code & 0x10:
        return 1, ((code & 0xFE0) >> 1 | (code & 0xF)) * 25 - 1000
    c1, a1, c2, a2 = code >> 11 & 1, code >> 10 & 1, code >> 9 & 1, code >> 8 & 1
    c4, a4, b1 = code >> 7 & 1, code >> 6 & 1, code >> 5 & 1
    b2, d2, b4, d4 = code >> 3 & 1, code >> 2 & 1, code >> 1 & 1, code & 1
    five_hundreds = _from_gray(d2 << 7 | d4 << 6 | a1 << 5 | a2 << 4 | a4 << 3 | b1 << 2 | b2 << 1 | b4)
    hundreds = _from_gray(c1 << 2 | c2 << 1 | c4)
    if hundreds == 7:
        hundreds = 5
    elif hundreds in (0, 5, 6):
        return 0, 0
    if five_hundreds & 1:
        hundreds = 6 - hundreds
    return 1, five_hundreds * 500 + hundreds * 100 - 1300


@kernel
def _ticks_between(newer: int, older: int) -> int:
    """Signed difference of two 48-bit counters."""
    difference = (newer - older) & COUNTER_MASK
    return difference - (COUNTER_MASK + 1) if difference > COUNTER_MASK >> 1 else difference


@kernel
def stamp_ns(counter: int, now_ns: int, clock: I64) -> int:
    """Time of a frame from its 12 MHz counter, NO_STAMP when the counter leapt and nothing confirms it yet.

    The first frame is anchored on now_ns. A confirmed leap forward was silence; a confirmed leap back means
    that the receiver started anew, so the clock is anchored again. The counter wraps after 271 days.
    """
    if counter == MLAT_STAMP or counter < 0:
        return now_ns
    if not clock[RUNS]:
        clock[RUNS] = 1
        clock[ANCHOR_NS] = now_ns
        clock[ANCHOR_TICKS] = counter
        clock[LAST_TICKS] = counter
    leap = _ticks_between(counter, clock[LAST_TICKS])
    if abs(leap) > LEAP_TICKS:
        confirmed = (
            clock[HAS_CANDIDATE] and abs(_ticks_between(counter, clock[CANDIDATE_TICKS])) <= LEAP_TICKS
        )
        clock[HAS_CANDIDATE] = 0 if confirmed else 1
        clock[CANDIDATE_TICKS] = counter
        if not confirmed:
            return NO_STAMP
        if leap < 0:
            clock[ANCHOR_NS] = now_ns
            clock[ANCHOR_TICKS] = counter
    else:
        clock[HAS_CANDIDATE] = 0
    clock[LAST_TICKS] = counter
    since = _ticks_between(counter, clock[ANCHOR_TICKS])
    seconds = since // TICKS_PER_SECOND
    clock[ANCHOR_NS] += seconds * 1_000_000_000
    clock[ANCHOR_TICKS] = (clock[ANCHOR_TICKS] + seconds * TICKS_PER_SECOND) & COUNTER_MASK
    return int(clock[ANCHOR_NS]) + (since - seconds * TICKS_PER_SECOND) * 250 // 3


@kernel
def _find(aircraft: Aircraft, address: int, time_ns: int) -> int:
    """Row of the address, taking a free or forgotten one; -1 when all rows that it may use are busy."""
    mask = AIRCRAFT_MAX - 1
    start = address * 40_503 >> 3
    place = -1
    for probe in range(PROBES):
        row = (start + probe) & mask
        if aircraft.address[row] == address:
            aircraft.heard_ns[row] = time_ns
            return row
        if place < 0 and (aircraft.address[row] < 0 or time_ns - aircraft.heard_ns[row] > REFERENCE_NS_MAX):
            place = row
        if aircraft.address[row] < 0:
            break
    if place >= 0:
        aircraft.address[place] = address
        aircraft.heard_ns[place] = time_ns
        aircraft.cpr_ns[place, 0] = LONG_AGO
        aircraft.cpr_ns[place, 1] = LONG_AGO
        aircraft.position_ns[place] = LONG_AGO
        aircraft.callsign[place] = 0
    return place


@kernel
def _leaps(aircraft: Aircraft, row: int, time_ns: int, lat_deg: float, lon_deg: float) -> bool:
    """Whether a position is further from the last fresh one than an aircraft flies."""
    if time_ns - aircraft.position_ns[row] > REFERENCE_NS_MAX:
        return False
    seconds = 1e-9 * abs(time_ns - aircraft.position_ns[row])
    north = lat_deg - aircraft.lat_deg[row]
    east = (lon_deg - aircraft.lon_deg[row] + 180.0) % 360.0 - 180.0
    east *= math.cos(math.radians(lat_deg))
    return bool(math.hypot(north, east) * 111_195.0 > LEAP_M + SPEED_M_S_MAX * seconds)


@kernel
def _place(aircraft: Aircraft, row: int, squitter: int, time_ns: int) -> int:
    """Outcome of an airborne position; on POSITION the row of the aircraft holds the new position."""
    odd = squitter >> 34 & 1
    aircraft.cpr[row, odd, 0] = squitter >> 17 & 0x1FFFF
    aircraft.cpr[row, odd, 1] = squitter & 0x1FFFF
    aircraft.cpr_ns[row, odd] = time_ns
    found, lat_deg, lon_deg = 0, 0.0, 0.0
    # Not the absolute difference: LONG_AGO would overflow it.
    if aircraft.cpr_ns[row, 1 - odd] >= time_ns - PAIR_NS_MAX:
        cpr = aircraft.cpr[row]
        found, lat_deg, lon_deg = resolve_pair(
            int(cpr[0, 0]), int(cpr[0, 1]), int(cpr[1, 0]), int(cpr[1, 1]), odd
        )
    if not found:
        if aircraft.position_ns[row] < time_ns - REFERENCE_NS_MAX:
            return POSITION_ALONE
        lat_deg, lon_deg = resolve_near(
            squitter >> 17 & 0x1FFFF, squitter & 0x1FFFF, odd, aircraft.lat_deg[row], aircraft.lon_deg[row]
        )
    if abs(lat_deg) > 90.0 or _leaps(aircraft, row, time_ns, lat_deg, lon_deg):
        aircraft.position_ns[row] = LONG_AGO
        aircraft.cpr_ns[row, 1 - odd] = LONG_AGO
        return LEAP
    aircraft.lat_deg[row] = lat_deg
    aircraft.lon_deg[row] = lon_deg
    aircraft.position_ns[row] = time_ns
    return POSITION


@kernel
def _squitter(frame: U8, time_ns: int, aircraft: Aircraft, whole: I64, real: F64, plot: int) -> int:
    """Outcome of an extended squitter whose parity holds; on POSITION the plot's row is filled."""
    squitter = 0
    for i in range(4, 11):
        squitter = squitter << 8 | octet(frame, i)
    kind = squitter >> 51
    if 5 <= kind <= 8:
        return SURFACE
    if kind == 19:
        return VELOCITY
    if kind == 0 or kind > 22:
        return SQUITTER_OTHER
    address = octet(frame, 1) << 16 | octet(frame, 2) << 8 | octet(frame, 3)
    row = _find(aircraft, address, time_ns)
    if row < 0:
        return TABLE_FULL
    if kind <= 4:
        aircraft.callsign[row] = callsign(squitter & 0xFFFFFFFFFFFF)
        return IDENTIFICATION
    outcome = _place(aircraft, row, squitter, time_ns)
    if outcome != POSITION:
        return outcome
    known, feet = altitude_ft(squitter >> 36 & 0xFFF)
    height_m = feet * FOOT_M if known else math.nan
    whole[rows.TIME_NS, plot] = time_ns
    whole[rows.SENSOR, plot] = 0
    whole[rows.KIND, plot] = PlotKind.GEODETIC
    real[rows.LAT_RAD, plot] = math.radians(aircraft.lat_deg[row])
    real[rows.LON_RAD, plot] = math.radians(aircraft.lon_deg[row])
    real[rows.BARO_M, plot] = height_m if kind <= 18 else math.nan
    real[rows.HEIGHT_M, plot] = height_m if kind >= 20 else math.nan  # GNSS height above the ellipsoid
    whole[rows.ICAO24, plot] = address
    whole[rows.CALLSIGN, plot] = aircraft.callsign[row]
    return POSITION


@kernel
def _judge(frame: U8, octets: int, table: I32) -> int:
    """Outcome of a frame as far as its format and parity tell; POSITION means: look into the squitter."""
    if octets == 2:
        return MODE_A_C
    format_ = min(octet(frame, 0) >> 3, 24)
    if format_ in (0, 4, 5, 11):
        expected = 7
    elif 16 <= format_ <= 21 or format_ == 24:
        expected = 14
    else:
        return FORMAT_UNKNOWN
    if octets != expected:
        return LENGTH
    if format_ == 11:
        return format_ if parity(frame, octets, table) <= INTERROGATOR_MAX else PARITY
    if format_ not in (17, 18):
        return format_
    if parity(frame, octets, table) != 0:
        return PARITY
    return RELAYED if format_ == 18 and frame[0] & 7 else POSITION


@kernel
def take_squitters(
    frames: U8,
    octets: I32,
    counters: I64,
    count: int,
    now_ns: int,
    clock: I64,
    table: I32,
    aircraft: Aircraft,
    whole: I64,
    real: F64,
    tally: I64,
) -> int:
    """Number of plots taken from `count` frames into the first rows of `whole` and `real`.

    frames has shape (n, 14), octets (2, 7 or 14; 0 a receiver's own status) and counters shape (n,). Only the
    rows of whole and real that a squitter can fill are written. tally, shape (OUTCOMES,), gets one per frame.
    """
    plots = int(np.int64(0))  # a literal 0 would have every callee compiled twice
    for i in range(count):
        if octets[i] == 0:
            tally[STATUS] += 1
            continue
        outcome = _judge(frames[i], octets[i], table)
        time_ns = stamp_ns(counters[i], now_ns, clock)
        if outcome == POSITION:
            if time_ns == NO_STAMP:
                outcome = STAMP
            else:
                outcome = _squitter(frames[i], time_ns, aircraft, whole, real, plots)
                plots += outcome == POSITION
        tally[outcome] += 1
    return plots
