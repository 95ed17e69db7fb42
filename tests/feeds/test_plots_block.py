"""Claims about blocks of plots."""

import math
import struct

import numpy as np
import pytest
from feed_streams import NOW_NS, decode, geodetic_plots, polar_plots

from foedus.feeds.plots_block import BLOCK_ROWS, encode_plots, row_faults
from foedus.limits import FEED_BUFFER_BYTES_MAX
from foedus.model import Plots, concatenate
from foedus.network import FeedFormat

PLOTS = FeedFormat.PLOTS


def test_plots_of_both_kinds_survive_the_round_trip_over_several_blocks() -> None:
    sent = concatenate([polar_plots(BLOCK_ROWS), geodetic_plots(BLOCK_ROWS + 5)])
    sent = sent._replace(callsign=np.arange(len(sent.time_ns)), height_m=np.full(len(sent.time_ns), 100.0))
    back = decode(PLOTS, [encode_plots(sent)])
    for one, other in zip(sent, back.plots, strict=True):
        np.testing.assert_array_equal(one, other)
    assert back.accepted == (("plot", len(sent.time_ns)),)


def test_no_plots_are_no_bytes() -> None:
    assert encode_plots(Plots.empty()) == b""


BREAKS = [
    ("time_ns", -1, "time before 1970 or after 2070"),
    ("time_ns", 1 << 62, "time before 1970 or after 2070"),
    ("sensor", 1, "sensor index out of range"),
    ("sensor", -1, "sensor index out of range"),
    ("kind", 2, "kind of plot unknown"),
    ("range_m", math.nan, "polar plot without range or azimuth"),
    ("azimuth_rad", math.nan, "polar plot without range or azimuth"),
    ("range_m", -1.0, "range out of range"),
    ("range_m", math.inf, "infinite value"),
    ("baro_m", -math.inf, "infinite value"),
    ("azimuth_rad", 7.0, "azimuth out of range"),
    ("elevation_rad", 2.0, "elevation out of range"),
    ("range_rate_m_s", 1e6, "range rate out of range"),
    ("lat_rad", 2.0, "latitude out of range"),
    ("lon_rad", -4.0, "longitude out of range"),
    ("height_m", 1e7, "height out of range"),
    ("baro_m", -5_000.0, "pressure altitude out of range"),
    ("icao24", 1 << 24, "address out of range"),
    ("mode_a", 0o10000, "Mode A code out of range"),
    ("callsign", 1 << 48, "callsign out of range"),
]


@pytest.mark.parametrize(("column", "value", "reason"), BREAKS)
def test_an_impossible_value_refuses_its_row_alone(column: str, value: float, reason: str) -> None:
    plots = polar_plots(3)
    getattr(plots, column)[1] = value
    result = decode(PLOTS, [encode_plots(plots)])
    assert result.refused == ((reason, 1),)
    assert result.plots.time_ns.tolist() == [NOW_NS, NOW_NS + 20_000_000]


@pytest.mark.parametrize("column", ["lat_rad", "lon_rad"])
def test_a_geodetic_plot_needs_its_position(column: str) -> None:
    plots = geodetic_plots(2)
    getattr(plots, column)[0] = math.nan
    result = decode(PLOTS, [encode_plots(plots)])
    assert result.refused == (("geodetic plot without latitude or longitude", 1),)


def test_every_reason_is_reached_by_a_test() -> None:
    reached = {reason for _, _, reason in BREAKS} | {"geodetic plot without latitude or longitude"}
    assert {reason for reason, _ in row_faults(Plots.empty(), 1)} == reached


def test_a_block_that_does_not_unpack_is_refused_and_the_next_one_read() -> None:
    good = encode_plots(geodetic_plots(2))
    for body in (b"", b"\xc1", b"\x92\x01\x90", b"\x92\xff\x90"):
        result = decode(PLOTS, [struct.pack("<I", len(body)) + body + good])
        assert result.refused == (("block that does not unpack to columns of plots", 1),)
        assert result.accepted == (("plot", 2),)


def test_a_block_longer_than_the_buffer_is_skipped_whole() -> None:
    length = FEED_BUFFER_BYTES_MAX
    good = encode_plots(geodetic_plots(2))
    result = decode(PLOTS, [struct.pack("<I", length) + bytes(length)[:-10], bytes(10) + good])
    assert result.refused == (("block longer than a block may be", 1),)
    assert result.accepted == (("plot", 2),)


def test_the_longest_block_that_the_encoder_makes_fits_the_buffer() -> None:
    (length,) = struct.unpack_from("<I", encode_plots(geodetic_plots(BLOCK_ROWS)))
    assert length <= FEED_BUFFER_BYTES_MAX - 4
