"""Claims about Mode S frames against published examples and slow twins.

Examples: J. Sun, The 1090 Megahertz Riddle, second edition (2021), chapters 1, 4 and 5.
"""

import math

import numpy as np
import pytest
from feed_streams import IDENTIFICATION, PAIR, beast, run, sensor, squitter

from foedus.feeds import mode_s, open_decoder
from foedus.feeds.decoder import Decoded
from foedus.model import FOOT_M, SECOND_NS, PlotKind, unpack_callsign
from foedus.network import FeedFormat

TABLE = mode_s.parity_table()
SECOND = mode_s.TICKS_PER_SECOND


def decode(frames: list[tuple[bytes, int]], now_ns: int = 0) -> Decoded:
    decoder = open_decoder(FeedFormat.BEAST, (sensor(),))
    return run(decoder, [b"".join(beast(frame, counter) for frame, counter in frames)], now_ns)


def frame_array(frame: bytes) -> mode_s.U8:
    return np.frombuffer(bytearray(frame), np.uint8)


def slow_parity(frame: bytes) -> int:
    """Long division by the generator polynomial, bit by bit."""
    bits = int.from_bytes(frame, "big")
    length = len(frame) * 8
    for i in range(length - 24):
        if bits >> (length - 1 - i) & 1:
            bits ^= 0x1FFF409 << (length - 25 - i)
    return bits


@pytest.mark.parametrize(
    "text", ["8D406B902015A678D4D220AA4BDA", "8D4CA251204994B1C36E60A5343D", "5D484FDEA248F5"]
)
def test_the_parity_of_received_frames_holds(text: str) -> None:
    frame = bytes.fromhex(text)
    remainder = mode_s.parity(frame_array(frame), len(frame), TABLE)
    assert remainder == slow_parity(frame)
    assert remainder <= mode_s.INTERROGATOR_MAX


def test_parity_equals_long_division_for_random_frames() -> None:
    rng = np.random.default_rng(3)
    for octets in (7, 14):
        for _ in range(50):
            frame = rng.bytes(octets)
            assert mode_s.parity(frame_array(frame), octets, TABLE) == slow_parity(frame)


def test_every_single_flipped_bit_breaks_the_parity() -> None:
    for bit in range(5, 112):  # the first five say the format, and most formats have no parity to check
        broken = bytearray(PAIR[0])
        broken[bit // 8] ^= 0x80 >> bit % 8
        result = decode([(bytes(broken), 0)])
        assert result.accepted == ()
        assert sum(count for _, count in result.refused) == 1


def test_the_published_pair_gives_the_published_position() -> None:
    plots = decode([(PAIR[1], 0), (PAIR[0], 2 * SECOND)]).plots  # even last, as in the example
    assert math.degrees(plots.lat_rad[0]) == pytest.approx(52.2572021484375, abs=1e-9)
    assert math.degrees(plots.lon_rad[0]) == pytest.approx(3.91937255859375, abs=1e-9)
    assert plots.baro_m[0] == pytest.approx(38_000 * FOOT_M)
    assert plots.icao24.tolist() == [0x40621D]
    assert plots.kind.tolist() == [PlotKind.GEODETIC]
    assert plots.time_ns.tolist() == [2 * SECOND_NS]


def test_the_same_pair_with_the_odd_frame_last_gives_the_odd_position() -> None:
    plots = decode([(PAIR[0], 0), (PAIR[1], SECOND)]).plots
    assert math.degrees(plots.lat_rad[0]) == pytest.approx(52.26578017412606, abs=1e-9)
    assert math.degrees(plots.lon_rad[0]) == pytest.approx(3.938912527901786, abs=1e-9)


def test_a_single_frame_near_a_known_position_is_resolved() -> None:
    lat_deg, lon_deg = mode_s.resolve_near(93000, 51372, 0, 52.258, 3.918)
    assert lat_deg == pytest.approx(52.2572, abs=1e-4)
    assert lon_deg == pytest.approx(3.91937, abs=1e-4)


def encode_cpr(lat_deg: float, lon_deg: float, odd: int) -> tuple[int, int]:
    """Doc 9871, C.2.6.3: the encoder, as a twin of the decoder."""
    lat_width = 360 / (60 - odd)
    lat = math.floor(131_072 * (lat_deg % lat_width) / lat_width + 0.5)
    decoded = lat_width * (lat / 131_072 + math.floor(lat_deg / lat_width))
    lon_width = 360 / max(mode_s.zones(decoded) - odd, 1)
    lon = math.floor(131_072 * (lon_deg % lon_width) / lon_width + 0.5)
    return lat % 131_072, lon % 131_072


def position_frame(address: int, lat_deg: float, lon_deg: float, odd: int, altitude: int = 0xC38) -> bytes:
    lat, lon = encode_cpr(lat_deg, lon_deg, odd)
    return squitter(address, 11 << 51 | altitude << 36 | odd << 34 | lat << 17 | lon)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"),
    [
        (0.01, 0.01),
        (-0.01, 179.99),
        (45.0, -179.99),
        (-33.9, 151.2),
        (86.5, 10.0),
        (60.0, 30.0),
        (-89.0, -45.0),
    ],
)
def test_positions_all_over_the_earth_come_back(lat_deg: float, lon_deg: float) -> None:
    frames = [(position_frame(0xABCDEF, lat_deg, lon_deg, odd), odd * SECOND) for odd in (0, 1)]
    plots = decode(frames).plots
    assert len(plots.time_ns) == 1
    assert math.degrees(plots.lat_rad[0]) == pytest.approx(lat_deg, abs=1e-4)
    east_deg = (math.degrees(plots.lon_rad[0]) - lon_deg + 180) % 360 - 180
    assert abs(east_deg) * math.cos(plots.lat_rad[0]) < 1e-3


@pytest.mark.parametrize(
    ("lat_deg", "count"),
    [
        (0, 59),
        (10.4, 59),
        (10.5, 58),
        (14.8, 58),
        (59.9, 30),
        (86.9, 2),
        (87, 2),
        (-87.1, 1),
        (89, 1),
        (-45, 42),
    ],
)
def test_longitude_zones_follow_the_table_of_the_standard(lat_deg: float, count: int) -> None:
    assert mode_s.zones(lat_deg) == count


def test_halves_more_than_ten_seconds_apart_are_no_pair() -> None:
    assert len(decode([(PAIR[0], 0), (PAIR[1], 10 * SECOND)]).plots.time_ns) == 1
    result = decode([(PAIR[0], 0), (PAIR[1], 10 * SECOND + 1_000)])
    assert result.accepted == (("ADS-B airborne position without its other half", 2),)


def test_after_a_position_single_frames_go_on_from_it_for_three_minutes() -> None:
    start = [(PAIR[0], 0), (PAIR[1], SECOND)]
    step = 50 * SECOND  # steps of less than a minute, as counters that leap further need confirmation
    quiet = [(IDENTIFICATION, SECOND + i * step) for i in range(1, 4)]
    assert len(decode([*start, *quiet, (PAIR[0], 170 * SECOND)]).plots.time_ns) == 2
    assert len(decode([*start, *quiet, (PAIR[0], 190 * SECOND)]).plots.time_ns) == 1


def test_a_position_further_than_an_aircraft_flies_is_refused_and_forgets_the_past() -> None:
    near = [(position_frame(1, 46.0, 7.0, odd), odd * SECOND) for odd in (0, 1)]
    far = [(position_frame(1, 48.0, 7.0, odd), (2 + odd) * SECOND) for odd in (0, 1)]
    result = decode(near + far)
    assert dict(result.refused) == {"ADS-B position further from the last one than an aircraft flies": 1}
    np.testing.assert_allclose(np.degrees(result.plots.lat_rad), [46.0, 48.0], atol=1e-4)


def test_a_callsign_is_given_to_the_positions_of_the_same_address_only() -> None:
    name = IDENTIFICATION
    frames = [(name, 0)] + [
        (position_frame(a, 46, 7, odd), odd) for a in (0x4840D6, 0x111111) for odd in (0, 1)
    ]
    plots = decode(frames).plots
    found = dict(zip(plots.icao24.tolist(), map(unpack_callsign, plots.callsign.tolist()), strict=True))
    assert found == {0x4840D6: "KLM1023", 0x111111: ""}


def gillham(feet: int) -> int:
    """The 12-bit code of an altitude in hundreds of feet: the encoder, as a twin of the decoder."""
    steps = (feet + 1_200) // 100
    five_hundreds, position = divmod(steps, 5)
    hundreds = (1, 2, 3, 4, 5)[position if five_hundreds % 2 == 0 else 4 - position]
    gray = five_hundreds ^ five_hundreds >> 1
    cycle = {1: 0b001, 2: 0b011, 3: 0b010, 4: 0b110, 5: 0b100}[hundreds]
    d2, d4, a1, a2, a4, b1, b2, b4 = (gray >> shift & 1 for shift in range(7, -1, -1))
    c1, c2, c4 = cycle >> 2, cycle >> 1 & 1, cycle & 1
    bits = (c1, a1, c2, a2, c4, a4, b1, 0, b2, d2, b4, d4)
    return int("".join(map(str, bits)), 2)


def test_gillham_altitudes_come_back_over_their_whole_range() -> None:
    for feet in range(-1_200, 126_800, 100):
        assert mode_s.altitude_ft(gillham(feet)) == (1, feet)


def test_neighbouring_gillham_codes_differ_in_one_bit() -> None:
    codes = {
        mode_s.altitude_ft(code)[1]: code
        for code in range(1, 4096)
        if not code & 0x10 and mode_s.altitude_ft(code)[0]
    }
    assert len(codes) == 1_280
    assert gillham(-1_000) == 0b001000000000  # C2 alone: ICAO Annex 10 volume IV, appendix to chapter 3
    for feet in range(-1_200, 126_700, 100):
        assert (codes[feet] ^ codes[feet + 100]).bit_count() == 1


def test_altitudes_in_25_feet_and_unknown_ones() -> None:
    assert mode_s.altitude_ft(0xC38) == (1, 38_000)
    assert mode_s.altitude_ft(0x010) == (1, -1_000)
    assert mode_s.altitude_ft(0) == (0, 0)
    assert mode_s.altitude_ft(0b100010000000) == (0, 0)  # C1 and C4 together are no code


def test_geometric_heights_go_to_the_height_and_not_to_the_pressure_altitude() -> None:
    frames = []
    for odd in (0, 1):
        lat, lon = encode_cpr(46, 7, odd)
        frames.append((squitter(5, 20 << 51 | 0xC38 << 36 | odd << 34 | lat << 17 | lon), odd))
    plots = decode(frames).plots
    assert plots.height_m[0] == pytest.approx(38_000 * FOOT_M)
    assert np.isnan(plots.baro_m[0])


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (bytes.fromhex("5D484FDEA248F5"), "DF 11 all-call reply"),
        (bytes.fromhex("02E194AB102694"), "DF 0 short air-air surveillance"),
        (bytes.fromhex("2000171806A983"), "DF 4 altitude reply"),
        (bytes.fromhex("2A00516D492B80"), "DF 5 identity reply"),
        (bytes.fromhex("A000083E202CC371C31DE0AA1CCF"), "DF 20 Comm-B altitude reply"),
        (bytes.fromhex("A800292DFFBBA9383FFCEB903D01"), "DF 21 Comm-B identity reply"),
        (bytes.fromhex("8D485020994409940838175B284F"), "ADS-B velocity"),
        (IDENTIFICATION, "ADS-B identification"),
        (b"\x12\x34", "Mode A/C reply"),
    ],
)
def test_every_kind_of_reply_is_counted_and_only_positions_are_plots(frame: bytes, kind: str) -> None:
    result = decode([(frame, 0)])
    assert result.accepted == ((kind, 1),)
    assert len(result.plots.time_ns) == 0


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (
            bytes.fromhex("8C4841753A9A153237AEF0F275BE"),
            "ADS-B surface position: not decoded by this version",
        ),
        (bytes.fromhex("8D4840D6202CC3"), "length that does not fit the downlink format"),
        (bytes.fromhex("5D484FDEA248F5") + bytes(7), "length that does not fit the downlink format"),
        (bytes.fromhex("0A484FDEA248F5"), "downlink format unknown"),
        (bytes.fromhex("5D484FDEA24FF5"), "parity error"),
    ],
)
def test_what_is_refused_says_why(frame: bytes, reason: str) -> None:
    assert decode([(frame, 0)]).refused == ((reason, 1),)


def test_relayed_squitters_are_counted_but_give_no_plot() -> None:
    body = bytes([18 << 3 | 2]) + PAIR[0][1:11] + bytes(3)
    rest = mode_s.parity(frame_array(body), 14, TABLE)
    frame = body[:11] + rest.to_bytes(3, "big")
    assert decode([(frame, 0)]).accepted == (("DF 18 relayed or ground-based squitter", 1),)


# ------------------------------------------------------------------------------------------------- clock


def stamps(counters: list[int], now_ns: int = 0) -> list[int]:
    clock = np.zeros(mode_s.CLOCK, np.int64)
    return [mode_s.stamp_ns(counter, now_ns, clock) for counter in counters]


def test_the_counter_wraps_without_a_jump() -> None:
    top = mode_s.COUNTER_MASK
    assert stamps([top - SECOND + 1, 0, SECOND]) == [0, SECOND_NS, 2 * SECOND_NS]


def test_the_counter_keeps_its_exact_ratio_for_days() -> None:
    minute = 60 * SECOND
    found = stamps([minute * i + 1 for i in range(3 * 1_440)])
    assert found[-1] == 60 * SECOND_NS * (3 * 1_440 - 1)


def test_one_leaping_counter_is_refused_and_changes_nothing() -> None:
    assert stamps([0, SECOND, 1 << 40, 2 * SECOND]) == [0, SECOND_NS, mode_s.NO_STAMP, 2 * SECOND_NS]


def test_a_silence_is_confirmed_by_the_next_frame() -> None:
    later = 600 * SECOND
    assert stamps([0, later, later + SECOND]) == [0, mode_s.NO_STAMP, 601 * SECOND_NS]


def test_a_receiver_that_starts_anew_is_anchored_anew() -> None:
    start = 1 << 44
    assert stamps([start, 5, 6 + SECOND], now_ns=1_000) == [1_000, mode_s.NO_STAMP, 1_000]


def test_frames_from_multilateration_take_the_time_of_their_coming() -> None:
    assert stamps([7, mode_s.MLAT_STAMP, 7], now_ns=50) == [50, 50, 50]


def test_a_full_table_of_addresses_refuses_and_never_overwrites_fresh_ones() -> None:
    aircraft = mode_s.no_aircraft()
    aircraft.address[:] = np.arange(1 << 23, (1 << 23) + mode_s.AIRCRAFT_MAX)  # fresh, and never asked for
    frames = np.zeros((1, 14), np.uint8)
    frames[0] = frame_array(PAIR[0])
    whole, real = np.zeros((6, 1), np.int64), np.zeros((8, 1))
    tally = np.zeros(mode_s.OUTCOMES, np.int64)
    args = (frames, np.array([14], np.int32), np.array([-1]), 1, 0, np.zeros(mode_s.CLOCK, np.int64), TABLE)
    mode_s.take_squitters(*args, aircraft, whole, real, tally)
    assert tally[mode_s.TABLE_FULL] == 1
    assert aircraft.address.min() >= 1 << 23
    aircraft.heard_ns[:] = -mode_s.REFERENCE_NS_MAX - 1  # now all of them are forgotten
    mode_s.take_squitters(*args, aircraft, whole, real, tally)
    assert tally[mode_s.POSITION_ALONE] == 1
