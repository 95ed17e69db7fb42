"""Claims about the ASTERIX decoder: what it believes, what it refuses and by which reason."""

import math

import numpy as np
import pytest
from feed_streams import NOW_NS, polar_plots, run, sensor

from foedus.feeds import open_decoder
from foedus.feeds.asterix import record_spans, source_table, sources_of
from foedus.feeds.asterix_encode import encode_034_north, encode_048
from foedus.feeds.asterix_items import as_json, describe
from foedus.feeds.asterix_tables import CATEGORIES
from foedus.feeds.decoder import Decoded
from foedus.limits import BLOCK_RECORDS_MAX, RECORDS_PER_PASS_MAX
from foedus.model import DAY_NS, SECOND_NS, PlotKind, Plots, Sensor, pack_callsign, unpack_callsign
from foedus.network import FeedFormat

SOURCE = "1481"  # SAC 20, SIC 129
TIME = "000100"  # 2 s after midnight
MIDNIGHT_NS = 17_744 * DAY_NS

FLIGHT_PLAN_TRACK = bytes.fromhex(
    "3e005dbf4faf030246100067ad6000a28e8300401235fd8184060d91fd38fdee09480445011101002003f005ee85ee0000dfe8461044"
    "4c483235363544413331394d554c4c494544444d32d00605f001080d2d001805ee094804020020"
)
"""A real system track with flight plan items, on which another decoder is known to crash."""


def decode(data: bytes, *, now_ns: int = MIDNIGHT_NS, sensors: tuple[Sensor, ...] = ()) -> Decoded:
    return run(open_decoder(FeedFormat.ASTERIX, sensors or (sensor(),)), [data], now_ns)


def block(category: int, body: str) -> bytes:
    octets = bytes.fromhex(body)
    return bytes([category]) + (len(octets) + 3).to_bytes(2, "big") + octets


def target(items: str = "", fspec: str = "f0", descriptor: str = "20") -> bytes:
    """A category 048 record: 010, 140, 020, 040 and whatever `fspec` and `items` add."""
    return block(48, fspec + SOURCE + TIME + descriptor + "01000000" + items)


def test_the_flight_plan_track_that_crashes_another_decoder_is_read() -> None:
    result = decode(FLIGHT_PLAN_TRACK, sensors=(sensor(sac=70, sic=16),))
    assert result.accepted == (("062 system track", 1),)
    assert result.refused == ()
    assert math.degrees(result.plots.lat_rad[0]) == pytest.approx(57.148835, abs=1e-6)
    ((category, items),) = record_spans(FLIGHT_PLAN_TRACK, 10)
    names = [CATEGORIES[category].items[slot].reference for slot, _ in items]
    wanted = "010 015 070 105 100 185 060 040 080 290 200 136 135 220 390 340 SP"
    assert sorted(names) == sorted(wanted.split())
    values = {(v.item, v.field): v.value for v in describe(FLIGHT_PLAN_TRACK, category, items)}
    assert values["390/CSN", "CSN"] == "DLH2565"
    assert values["390/DST", "DST"] == "EDDM"


@pytest.mark.parametrize(
    ("azimuth_rad", "units"),
    [
        (0.0, 0),
        (math.tau - 1e-9, 0),
        (math.tau * 65_535 / 65_536, 65_535),
        (-math.pi / 2, 49_152),
        (math.tau, 0),
    ],
)
def test_azimuths_are_encoded_round_the_whole_circle(azimuth_rad: float, units: int) -> None:
    plots = polar_plots(1)._replace(azimuth_rad=np.array([azimuth_rad]))
    back = decode(encode_048(plots, 20, 129), now_ns=NOW_NS).plots
    assert back.azimuth_rad[0] == pytest.approx(units * math.tau / 65_536, abs=1e-12)


def test_a_record_of_an_unknown_source_is_refused_by_its_sac_and_sic() -> None:
    data = encode_048(polar_plots(3), 20, 129) + encode_048(polar_plots(2), 1, 2)
    result = decode(data)
    assert result.accepted == (("048 target report", 3),)
    assert result.refused == (("no sensor for SAC/SIC 1/2 in the configuration", 2),)


def test_the_sensor_column_points_to_the_sensor_with_the_sac_and_sic() -> None:
    sensors = (sensor("A", sac=1, sic=1), sensor("B"), sensor("C", sac=20, sic=129))
    plots = decode(encode_048(polar_plots(2), 20, 129), sensors=sensors).plots
    assert plots.sensor.tolist() == [1, 1]
    assert source_table(sensors)[20 << 8 | 129] == 1
    assert source_table((sensor(sac=-1, sic=-1),)).max() == -1


def test_the_time_of_day_wraps_at_midnight_both_ways() -> None:
    plots = Plots.empty(2)._replace(
        time_ns=np.array([MIDNIGHT_NS - SECOND_NS, MIDNIGHT_NS + SECOND_NS]),
        range_m=np.array([1e4, 1e4]),
        azimuth_rad=np.zeros(2),
    )
    data = encode_048(plots, 20, 129)
    for now_ns in (MIDNIGHT_NS - 5 * SECOND_NS, MIDNIGHT_NS + 5 * SECOND_NS):
        np.testing.assert_array_equal(decode(data, now_ns=now_ns).plots.time_ns, plots.time_ns)


def test_the_time_within_a_day_is_exact_to_the_eighth_of_a_millisecond() -> None:
    body = "e0" + SOURCE + "a8bfff" + "20"  # the last 1/128 s of a day; without position
    assert decode(block(48, body)).accepted == (("048 target report without position", 1),)
    body = "f0" + SOURCE + "a8bfff" + "20" + "01000000"
    assert decode(block(48, body)).plots.time_ns.tolist() == [MIDNIGHT_NS - 7_812_500]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("f014", "048 record runs past the end of its block"),
        ("70" + TIME + "20" + "01000000", "048 record without data source identifier"),
        ("b0" + SOURCE + "20" + "01000000", "048 record without time of day"),
        ("f0" + SOURCE + "a8c000" + "20" + "01000000", "048 time of day of 24 hours or more"),
        ("f0" + SOURCE + TIME + "20" + "0100", "048 item 040 runs past the end of its block"),
        ("f0" + SOURCE + TIME + "20" + "01000000" + "ff", "048 record runs past the end of its block"),
        ("f10101010180", "048 field specification too long"),
        ("f0" + SOURCE + TIME + "2101010101010101" + "01", "048 item 020 extends further than it may"),
        ("81010104" + SOURCE + "00", "048 item SP of length 0"),
        ("c10104" + SOURCE + TIME + "20", "048 item 120 names a subitem that does not exist"),
        ("", "048 block without records"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(body: str, reason: str) -> None:
    result = decode(block(48, body))
    assert dict(result.refused)[reason] == 1
    assert len(result.plots.time_ns) == 0


def test_an_unused_slot_of_the_field_specification_is_refused() -> None:
    result = decode(block(62, "c0" + "0302"))
    assert result.refused == (("062 field specification names a slot that no item uses", 1),)


def test_an_unknown_message_type_is_refused() -> None:
    result = decode(block(34, "e0" + SOURCE + "09" + TIME))
    assert result.refused == (("034 message type missing or unknown", 1),)


def test_one_record_that_does_not_fit_spoils_its_whole_block_and_no_other() -> None:
    good = encode_048(polar_plots(4), 20, 129)
    spoiled = block(48, good[3:].hex() + "f014")
    result = decode(good + spoiled + good)
    assert result.accepted == (("048 target report", 8),)
    assert dict(result.refused) == {
        "048 record runs past the end of its block": 1,
        "048 record in a block of which another record does not fit": 4,
    }


def test_a_category_without_a_table_is_skipped_and_counted() -> None:
    good = encode_048(polar_plots(2), 20, 129)
    result = decode(good + block(255, "00") + block(63, "80" + SOURCE) + good)
    assert result.accepted == (("048 target report", 4),)
    assert result.refused == (("category 063 has no table", 1), ("category 255 has no table", 1))


def test_a_block_without_a_table_that_nothing_plausible_follows_is_not_believed() -> None:
    good = encode_048(polar_plots(3), 20, 129)
    hidden = block(63, "80" + SOURCE)
    broken = hidden[:2] + bytes([hidden[2] + 1]) + hidden[3:]
    result = decode(broken + good)
    assert result.accepted == (("048 target report", 3),)
    assert result.refused == (("stretch of bytes in which no block was found", 1),)
    last = decode(good + hidden)
    assert last.refused == (("category 063 has no table", 1),)


@pytest.mark.parametrize("length", [0, 1, 2])
def test_after_an_impossible_length_the_next_whole_block_is_found(length: int) -> None:
    good = encode_048(polar_plots(3), 20, 129)
    broken = bytearray(good)
    broken[1:3] = length.to_bytes(2, "big")
    result = decode(bytes(broken) + good)
    assert result.accepted == (("048 target report", 3),)
    assert result.refused == (("stretch of bytes in which no block was found", 1),)


@pytest.mark.parametrize("excess", [1, 7, 40, 200])
def test_a_length_that_is_too_long_hides_no_block_that_follows(excess: int) -> None:
    good = encode_048(polar_plots(3), 20, 129)
    broken = bytearray(good)
    broken[1:3] = (len(good) + excess).to_bytes(2, "big")
    result = decode(bytes(broken) + good * 5)
    assert result.accepted == (("048 target report", 15),)
    assert sum(count for reason, count in result.refused if "another record" not in reason) == 1


def test_blocks_hidden_behind_a_truncated_header_are_found_at_the_end() -> None:
    good = encode_048(polar_plots(3), 20, 129)
    result = decode(b"\x30\xff\xff" + good)
    assert result.accepted == (("048 target report", 3),)
    assert result.refused == (("truncated at end of stream", 1),)


def test_a_block_of_too_many_records_is_refused() -> None:
    record = bytes.fromhex("e0" + SOURCE + "01" + TIME)
    fits = block(34, record.hex() * BLOCK_RECORDS_MAX)
    assert decode(fits).accepted == (("034 north marker", BLOCK_RECORDS_MAX),)
    result = decode(block(34, record.hex() * (BLOCK_RECORDS_MAX + 1)))
    assert dict(result.refused)["034 block with more records than a block may hold"] == 1
    assert result.accepted == ()


def test_more_records_than_one_pass_holds_come_out_in_order() -> None:
    plots = polar_plots(RECORDS_PER_PASS_MAX // 8)
    data = encode_048(plots, 20, 129) * 20
    result = decode(data, now_ns=NOW_NS)
    assert result.accepted == (("048 target report", 20 * len(plots.time_ns)),)
    np.testing.assert_allclose(result.plots.time_ns, np.tile(plots.time_ns, 20), atol=4_000_000)


@pytest.mark.parametrize(
    ("descriptor", "kind"),
    [
        ("00", "048 target report without detection"),
        ("22", "048 target report, test, simulated or fixed target"),
        ("30", "048 target report, test, simulated or fixed target"),
        ("2180", "048 target report, test, simulated or fixed target"),
        ("2140", "048 target report"),
    ],
)
def test_what_is_no_live_detection_is_read_but_no_plot(descriptor: str, kind: str) -> None:
    result = decode(target(descriptor=descriptor))
    assert result.accepted == ((kind, 1),)
    assert len(result.plots.time_ns) == (kind == "048 target report")


@pytest.mark.parametrize(("bits", "known"), [(0, True), (0x8000, False), (0x4000, False), (0x2000, True)])
def test_a_mode_a_code_counts_only_validated_and_not_garbled(bits: int, known: bool) -> None:
    raw = bits | 0o7000
    plots = decode(target(f"{raw:04x}", fspec="f8")).plots
    assert plots.mode_a.tolist() == [0o7000 if known else -1]


def test_an_impossible_flight_level_leaves_the_height_unknown_and_keeps_the_plot() -> None:
    plots = decode(target("2000", fspec="f4")).plots  # FL -2048
    assert np.isnan(plots.baro_m).tolist() == [True]
    plots = decode(target("3ff8", fspec="f4")).plots  # FL -2
    assert plots.baro_m[0] == pytest.approx(-200 * 0.3048)


def test_a_callsign_with_impossible_characters_is_unknown() -> None:
    packed = pack_callsign("SWR14K")
    good = decode(target(f"{packed:012x}", fspec="f140")).plots
    assert unpack_callsign(int(good.callsign[0])) == "SWR14K"
    assert decode(target("ffffffffffff", fspec="f140")).plots.callsign.tolist() == [0]


def test_airport_positions_are_cartesian_geodetic_or_polar() -> None:
    head = SOURCE + "01" + "20" + TIME
    cartesian = decode(block(10, "f2" + head + "0064ff9c")).plots
    assert cartesian.kind.tolist() == [PlotKind.POLAR]
    assert cartesian.range_m[0] == pytest.approx(math.hypot(100, 100))
    assert cartesian.azimuth_rad[0] == pytest.approx(math.radians(135))
    geodetic = decode(block(10, "f8" + head + "2000000010000000")).plots
    assert geodetic.kind.tolist() == [PlotKind.GEODETIC]
    assert math.degrees(geodetic.lat_rad[0]) == pytest.approx(45)
    assert math.degrees(geodetic.lon_rad[0]) == pytest.approx(22.5)
    assert decode(block(10, "f8" + head + "7fffffff10000000")).refused == (("010 position out of range", 1),)
    polar = decode(block(10, "f4" + head + "03e84000")).plots
    assert (polar.range_m[0], polar.azimuth_rad[0]) == (1000.0, pytest.approx(math.pi / 2))


def test_service_messages_are_counted_by_their_kind() -> None:
    data = encode_034_north(MIDNIGHT_NS, 20, 129) + block(65, "e0" + SOURCE + "0214")
    result = decode(data)
    assert result.accepted == (("034 north marker", 1), ("065 end of batch", 1))
    assert len(result.plots.time_ns) == 0


def test_the_sources_of_a_recording_are_found() -> None:
    data = encode_048(polar_plots(2), 20, 129) + encode_034_north(0, 1, 2) + b"\x00"
    assert sources_of(data) == ((1, 2), (20, 129))
    assert sources_of(b"") == ()


def test_items_are_shown_with_raw_and_scaled_values_and_units() -> None:
    ((category, items),) = record_spans(target("0e00", fspec="f8"), 5)
    record = as_json(category, describe(target("0e00", fspec="f8"), category, items))
    assert record["category"] == 48
    assert record["items"]["040"]["fields"][0] == {"name": "RHO", "raw": 256, "value": 1.0, "unit": "NM"}
    assert record["items"]["070"]["fields"][-1] == {"name": "MODE3A", "raw": 0o7000, "value": "7000"}
