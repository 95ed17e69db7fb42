"""Category 062 and 065 as we send them, read by libasterix, an independent implementation, and by our own."""

import asterix.base as oracle
import numpy as np
import pytest
from asterix import generated
from asterix.base import Bits

from foedus.feeds import open_decoder
from foedus.formats.asterix import END_OF_BATCH, SDPS_STATUS, Station, encode_062, encode_065
from foedus.formats.system_tracks import SystemTrackBook
from foedus.limits import ASTERIX_TRACKS_MAX
from foedus.model import DAY_NS, FOOT_M, SECOND_NS, Sensor, SensorKind, Tracks, take, unpack_callsign
from foedus.network import FeedFormat
from pictures import NOON_NS, outgoing_of, tracks_of

STATION = Station(sac=25, sic=7, service=1)
SENSOR = Sensor(
    id="S", kind=SensorKind.RECEIVER, lat_deg=46, lon_deg=7, height_m=0, period_s=5, range_max_m=1e7,
    sac=STATION.sac, sic=STATION.sic,
)  # fmt: skip
RECORD = {62: generated.Cat_062_1_20.cv_record, 65: generated.Cat_065_1_5.cv_record}


def blocks_of(tracks, mode="LIVE", book=None, now_ns=NOON_NS, **options):
    system = (book or SystemTrackBook()).update(tracks, now_ns=now_ns)
    return encode_062(system, outgoing_of(tracks, mode), STATION, **options)


def quantity(item, *path):
    """The value of a field as libasterix has it: a quantity where there is one, the raw bits elsewhere."""
    for name in path:
        item = None if item is None else item.variation.get_item(name)
    if item is None:
        return None
    variation = item.variation
    content = variation._get_rule()._get_content()
    return content._as_quantity() if isinstance(content, oracle.ContentQuantity) else variation.as_uint()


def records(block, number=62):
    assert block[0] == number
    assert int.from_bytes(block[1:3], "big") == len(block)
    rest, found = Bits.from_bytes(block[3:]), []
    while len(rest):
        record, rest = RECORD[number]._parse(oracle.ParsingMode.StrictParsing, rest)
        found.append(record)
    return found


def close(found, expected, lsb):
    """Whether a value came back within half a least significant bit, or is as unknown as it was."""
    if expected is None or not np.isfinite(expected):
        return found is None
    return found is not None and abs(found - expected) <= lsb / 2 + 1e-9


def test_libasterix_reads_every_value_to_within_half_of_its_last_bit():
    tracks = tracks_of(200)
    found = [record for block in blocks_of(tracks) for record in records(block)]
    assert len(found) == 200
    feet = {"height": 6.25 * FOOT_M, "climb": 6.25 * FOOT_M / 60}
    degree = 180 / (1 << 25)
    for row, record in enumerate(found):

        def value(name, *path, record=record):
            return quantity(record.get_item(name), *path)

        def metres(number, factor):
            return None if number is None else number * factor

        second = tracks.time_ns[row] % DAY_NS / SECOND_NS
        assert close(value("070"), second, 1 / 128)
        assert close(value("105", "LAT"), np.degrees(tracks.lat_rad[row]), degree)
        assert close(value("105", "LON"), np.degrees(tracks.lon_rad[row]), degree)
        assert close(value("185", "VX"), tracks.velocity_east_m_s[row], 0.25)
        assert close(value("185", "VY"), tracks.velocity_north_m_s[row], 0.25)
        assert close(metres(value("130"), FOOT_M), tracks.height_m[row], feet["height"])
        assert close(metres(value("220"), FOOT_M / 60), tracks.velocity_up_m_s[row], feet["climb"])
        assert value("010", "SAC") == 25
        assert value("010", "SIC") == 7
        assert value("040") == tracks.number[row]
        mode_a = value("060", "MODE3A")
        assert (-1 if mode_a is None else mode_a) == tracks.mode_a[row]
        derived = record.get_item("380")
        address = None if derived is None else quantity(derived, "ADR")
        assert (-1 if address is None else address) == tracks.icao24[row]
        callsign = None if derived is None else quantity(derived, "ID")
        assert (callsign or 0) == tracks.callsign[row]
        accuracy = record.get_item("500")
        sigma_deg = tracks.position_sigma_m[row] / 111_195
        assert close(quantity(accuracy, "APW", "LAT"), max(sigma_deg, degree), degree)
        assert close(metres(quantity(accuracy, "AGA"), FOOT_M), tracks.height_sigma_m[row], feet["height"])
        assert close(quantity(accuracy, "ATV", "X"), tracks.velocity_sigma_m_s[row], 0.25)


def test_our_own_decoder_reads_back_what_it_can_hold():
    tracks = tracks_of(300)
    decoder = open_decoder(FeedFormat.ASTERIX, (SENSOR,))
    plots = decoder.feed(b"".join(blocks_of(tracks)), NOON_NS).plots
    live = take(tracks, tracks.status != 2)  # what another tracker only extrapolates is no plot
    assert len(plots.time_ns) == len(live.number) == 240
    assert np.abs(plots.time_ns - live.time_ns).max() <= SECOND_NS / 256
    assert np.abs(plots.lat_rad - live.lat_rad).max() < np.radians(180 / 2**26) * 1.001
    assert np.abs(plots.lon_rad - live.lon_rad).max() < np.radians(180 / 2**26) * 1.001
    known = np.isfinite(live.height_m)
    assert np.abs(plots.height_m - live.height_m)[known].max() <= 6.25 * FOOT_M / 2 + 1e-9
    assert np.isnan(plots.height_m[~known]).all()
    assert np.array_equal(plots.icao24, live.icao24)
    assert np.array_equal(plots.mode_a, live.mode_a)
    assert [unpack_callsign(one) for one in plots.callsign] == [unpack_callsign(one) for one in live.callsign]


@pytest.mark.parametrize("mode", ["EXERCISE", "RECORDING"])
def test_what_is_not_live_is_marked_simulated_and_no_decoder_of_ours_takes_it_for_traffic(mode):
    tracks = tracks_of(20)
    for block in blocks_of(tracks, mode):
        assert all(quantity_080(record, "SIM") == 1 for record in records(block))
    decoder = open_decoder(FeedFormat.ASTERIX, (SENSOR,))
    decoded = decoder.feed(b"".join(blocks_of(tracks, mode)), NOON_NS)
    assert len(decoded.plots.time_ns) == 0
    assert dict(decoded.accepted) == {"062 system track, test, simulated or fixed target": 20}
    assert quantity_080(records(blocks_of(tracks)[0])[0], "SIM") == 0


def quantity_080(record, name):
    return record.get_item("080").variation.get_item(name).variation.as_uint()


def one_track(**changes):
    return take(tracks_of(12), np.arange(1))._replace(
        **{name: np.array([value]) for name, value in changes.items()}
    )


def only(tracks, **options):
    (record,) = records(blocks_of(tracks, **options)[0])
    return record


@pytest.mark.parametrize(
    ("before_midnight_ns", "ticks"),
    [(SECOND_NS, 86_399 * 128), (1, 0), (3_900_000, 0), (3_910_000, 11_059_199)],
)
def test_the_time_of_day_wraps_at_midnight(before_midnight_ns, ticks):
    time_ns = 20_001 * DAY_NS - before_midnight_ns
    record = only(one_track(time_ns=time_ns))
    assert record.get_item("070").variation.as_uint() == ticks


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"), [(90, 180), (-90, -180), (0, 180.0001), (0, -0.000001), (89.9999, 179.9999999)]
)
def test_corners_of_the_world_are_inside_what_the_item_may_hold(lat_deg, lon_deg):
    record = only(one_track(lat_rad=np.radians(lat_deg), lon_rad=np.radians(lon_deg)))
    assert -90 <= quantity(record.get_item("105"), "LAT") <= 90
    assert -180 <= quantity(record.get_item("105"), "LON") <= 180
    turn = abs(quantity(record.get_item("105"), "LON") - lon_deg) % 360
    assert min(turn, 360 - turn) < 1e-5


def test_a_value_that_its_bits_cannot_hold_is_left_out_and_an_accuracy_says_its_largest():
    record = only(
        one_track(
            velocity_east_m_s=9_000.0, height_m=100_000.0, velocity_up_m_s=-3_000.0,
            position_sigma_m=1e6, height_sigma_m=1e5, velocity_sigma_m_s=500.0,
        )
    )  # fmt: skip
    assert [record.get_item(name) for name in ("185", "130", "220")] == [None, None, None]
    accuracy = record.get_item("500")
    assert accuracy.variation.get_item("APW").variation.get_item("LAT").variation.as_uint() == 0xFFFF
    assert accuracy.variation.get_item("ATV").variation.get_item("X").variation.as_uint() == 255


def test_the_extremes_that_fit_come_back():
    record = only(
        one_track(velocity_east_m_s=-8_192.0, velocity_north_m_s=8_191.75, velocity_up_m_s=-1_040.0)
    )
    assert quantity(record.get_item("185"), "VX") == -8_192
    assert quantity(record.get_item("185"), "VY") == 8_191.75
    assert quantity(record.get_item("220")) * FOOT_M / 60 == pytest.approx(-1_040, abs=0.02)


def test_status_says_confirmed_coasting_single_sensor_first_and_last():
    book = SystemTrackBook()
    tracks = tracks_of(6)
    found = records(blocks_of(tracks, book=book)[0])
    assert [quantity_080(one, "CST") for one in found] == [0, 0, 0, 0, 1, 0]
    assert [quantity_080(one, "MON") for one in found] == [1, 0, 1, 0, 1, 0]
    assert [quantity_080(one, "TSB") for one in found] == [1] * 6
    left = take(tracks, np.array([0, 2, 3]))
    later = records(blocks_of(left, book=book, now_ns=NOON_NS + 3 * SECOND_NS)[0])
    assert [quantity_080(one, "TSE") for one in later] == [0, 0, 0, 1, 1, 1]
    assert [one.get_item("040").variation.as_uint() for one in later] == [1, 3, 4, 2, 5, 6]
    assert [quantity(one.get_item("290"), "TRK") for one in later] == [3.0] * 6
    assert [quantity_080(one, "TSB") for one in later] == [0] * 6
    again = records(blocks_of(left, book=book, now_ns=NOON_NS + 300 * SECOND_NS)[0])
    assert len(again) == 3
    assert [quantity(one.get_item("290"), "TRK") for one in again] == [63.75] * 3


def test_numbers_beyond_sixteen_bits_are_mapped_and_kept_and_rested_before_they_are_given_again():
    book = SystemTrackBook()
    tracks = one_track(number=np.int32(1_000_000))
    assert only(tracks, book=book).get_item("040").variation.as_uint() == 1
    assert book.update(tracks, now_ns=NOON_NS).number.tolist() == [1]
    other = one_track(number=np.int32(2_000_000))
    assert book.update(other, now_ns=NOON_NS).number.tolist() == [2, 1]
    assert book.update(tracks, now_ns=NOON_NS).number.tolist() == [
        3,
        2,
    ]  # 1 rests


def test_more_tracks_than_numbers_are_left_out_and_counted():
    n = ASTERIX_TRACKS_MAX + 3
    tracks = Tracks.empty(n)._replace(number=np.arange(1, n + 1, dtype=np.int32))
    book = SystemTrackBook()
    assert len(book.update(tracks, now_ns=NOON_NS).number) == ASTERIX_TRACKS_MAX
    assert book.left_out == 3


def test_blocks_are_no_longer_than_asked_and_hold_whole_records_in_order():
    tracks = tracks_of(500)
    for most in (200, 1_400, 65_535):
        blocks = blocks_of(tracks, payload_octets_max=most)
        assert max(map(len, blocks)) <= most
        assert len(blocks) > 1 or most == 65_535
        numbers = [one.get_item("040").variation.as_uint() for block in blocks for one in records(block)]
        assert numbers == tracks.number.tolist()


def test_an_empty_picture_is_no_block():
    assert blocks_of(Tracks.empty()) == []


def test_service_messages_are_read_by_libasterix():
    (status,) = records(encode_065(STATION, message=SDPS_STATUS, time_ns=NOON_NS), 65)
    assert status.get_item("000").variation.as_uint() == 1
    assert status.get_item("040").variation.get_item("NOGO").variation.as_uint() == 0
    assert status.get_item("020") is None
    (batch,) = records(encode_065(STATION, message=END_OF_BATCH, time_ns=NOON_NS, batch=258), 65)
    assert quantity(batch.get_item("030")) == 43_200
    assert batch.get_item("020").variation.as_uint() == 2
    assert batch.get_item("015").variation.as_uint() == 1
    decoder = open_decoder(FeedFormat.ASTERIX, (SENSOR,))
    data = encode_065(STATION, message=END_OF_BATCH, time_ns=NOON_NS, batch=2)
    assert dict(decoder.feed(data, NOON_NS).accepted) == {"065 end of batch": 1}
